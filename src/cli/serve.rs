//! The server of `show --to html --watch`: one page, for this machine alone, and word
//! of a newer one for those who wait.

use crate::escape;
use anyhow::{Context, Result};
use std::{
    io::Cursor,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tiny_http::{Header, Method, Request, Response, Server};

/// How long a page waits for news before it asks again.
const PATIENCE: Duration = Duration::from_secs(25);

/// Requests that are answered at a time.
const MOST: usize = 64;

#[derive(Default)]
struct Shown {
    page: Mutex<(u64, Vec<u8>)>,
    newer: Condvar,
    /// Requests that are being answered.
    open: AtomicUsize,
}

impl Shown {
    fn page(&self) -> MutexGuard<'_, (u64, Vec<u8>)> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page on a port of the loopback address.
pub struct Serving {
    port: u16,
    shown: Arc<Shown>,
}

impl Serving {
    /// Opens a port, any free one for 0.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn open(port: u16) -> Result<Self> {
        let server = Server::http(("127.0.0.1", port))
            .map_err(|fault| anyhow::anyhow!("{fault}"))
            .with_context(|| format!("cannot serve on port {port}"))?;
        let port = server.server_addr().to_ip().map_or(port, |address| address.port());
        let shown = Arc::new(Shown::default());
        let for_all = Arc::clone(&shown);
        std::thread::spawn(move || {
            for request in server.incoming_requests() {
                let shown = Arc::clone(&for_all);
                if shown.open.fetch_add(1, Ordering::SeqCst) >= MOST {
                    shown.open.fetch_sub(1, Ordering::SeqCst);
                    let _ = request.respond(Response::empty(503));
                    continue;
                }
                std::thread::spawn(move || {
                    let response = answer(&request, &shown, port);
                    // Who has gone away needs no answer.
                    let _ = request.respond(response);
                    shown.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Ok(Self { port, shown })
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The version that the next page has.
    pub fn next(&self) -> u64 {
        self.shown.page().0 + 1
    }

    /// Shows a page from now on, and tells those who wait.
    pub fn show(&self, version: u64, page: Vec<u8>) {
        *self.shown.page() = (version, page);
        self.shown.newer.notify_all();
    }
}

fn answer(request: &Request, shown: &Shown, port: u16) -> Response<Cursor<Vec<u8>>> {
    let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
    match path {
        _ if !is_from_here(request, port) => plain(403, "this page is for this machine alone"),
        _ if *request.method() != Method::Get => plain(405, "this page is only read"),
        "/" => {
            let page = shown.page().1.clone();
            with(Response::from_data(page), "Content-Type", "text/html; charset=utf-8")
        }
        "/news" => {
            let after = query.strip_prefix("after=").and_then(|text| text.parse().ok()).unwrap_or(0);
            let waited =
                shown.newer.wait_timeout_while(shown.page(), PATIENCE, |(version, _)| *version <= after);
            let is_newer = waited.unwrap_or_else(PoisonError::into_inner).0.0 > after;
            if is_newer { plain(200, "newer") } else { plain(204, "") }
        }
        _ => plain(404, "there is one page here: /"),
    }
}

/// The request names this machine, so that no page from elsewhere can read this one
/// under a name of its own.
fn is_from_here(request: &Request, port: u16) -> bool {
    let host = request.headers().iter().find(|header| header.field.equiv("Host"));
    host.is_some_and(|host| {
        let host = host.value.as_str();
        host == format!("127.0.0.1:{port}") || host == format!("localhost:{port}")
    })
}

fn plain(status: u16, words: &str) -> Response<Cursor<Vec<u8>>> {
    let response = Response::from_string(words).with_status_code(status);
    with(response, "Cache-Control", "no-store")
}

fn with(response: Response<Cursor<Vec<u8>>>, name: &str, value: &str) -> Response<Cursor<Vec<u8>>> {
    match Header::from_bytes(name, value) {
        Ok(header) => response.with_header(header),
        Err(()) => response,
    }
}

/// The page of a file that is refused, until it is saved again.
pub fn refused(file: &str, words: &str, version: u64) -> Vec<u8> {
    let (file, words) = (escape::xml(&escape::line(file)), escape::xml(words));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{file}: refused</title>\
         <link rel=\"icon\" href=\"data:,\">\
         <style>:root {{ color-scheme: light dark }} body {{ font: 15px system-ui, sans-serif; margin: 2rem }} \
         pre {{ font-size: 14px; white-space: pre-wrap }}</style></head>\n\
         <body><main><h1>{file} is refused</h1><pre role=\"alert\">{words}</pre><p>Save it again, and the page is here.</p></main>\n\
         <script>const wait = async () => {{ try {{ const answer = await fetch('news?after={version}', {{ cache: 'no-store' }}); \
         if (answer.status === 200) return location.reload(); }} catch {{ await new Promise((go) => setTimeout(go, 2000)); }} \
         wait(); }}; wait();</script></body></html>\n"
    )
    .into_bytes()
}
