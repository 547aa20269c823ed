//! The server of `show --to html --watch`: one page, for this machine alone, and word
//! of a newer one for those who wait.
//!
//! What comes in is a stranger's: a head of so many bytes within so much time, no body, so many
//! connections, and one answer each. Whatever else comes is answered or dropped, and ends nothing.

use crate::escape;
use anyhow::{Context, Result};
use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a page waits for news before it asks again.
const PATIENCE: Duration = Duration::from_secs(25);

/// How long a request may take to come in, and an answer to go out.
const SLOWEST: Duration = Duration::from_secs(5);

/// Connections that are served at a time.
const MOST: usize = 64;

/// Bytes and headers of a request's head.
const LONGEST: usize = 16 << 10;
const HEADERS: usize = 100;

#[derive(Default)]
struct Shown {
    page: Mutex<(u64, Arc<[u8]>)>,
    newer: Condvar,
    /// Connections that are being served.
    open: AtomicUsize,
}

impl Shown {
    fn page(&self) -> MutexGuard<'_, (u64, Arc<[u8]>)> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page on a port of the loopback address.
pub struct Serving {
    place: Arc<Place>,
    shown: Arc<Shown>,
}

/// Where the page lies.
struct Place {
    port: u16,
    /// A word that only those know who were shown the address.
    token: String,
}

impl Serving {
    /// Opens a port, any free one for 0.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn open(port: u16) -> Result<Self> {
        let cannot = || format!("cannot serve on port {port}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(cannot)?;
        let port = listener.local_addr().with_context(cannot)?.port();
        let place = Arc::new(Place { port, token: token()? });
        let shown = Arc::new(Shown::default());
        let (for_all, known) = (shown.clone(), place.clone());
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                match connection {
                    Ok(connection) => take(connection, &for_all, &known),
                    // No more handles, for a while.
                    Err(_) => std::thread::sleep(Duration::from_millis(50)),
                }
            }
        });
        Ok(Self { place, shown })
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/{}/", self.place.port, self.place.token)
    }

    /// The version that the next page has.
    pub fn next(&self) -> u64 {
        self.shown.page().0 + 1
    }

    /// Shows a page from now on, and tells those who wait.
    pub fn show(&self, version: u64, page: Vec<u8>) {
        *self.shown.page() = (version, page.into());
        self.shown.newer.notify_all();
    }
}

/// 128 random bits.
fn token() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|fault| anyhow::anyhow!("no random numbers: {fault}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Serves a connection on a thread of its own, if there are not too many.
fn take(mut connection: TcpStream, shown: &Arc<Shown>, place: &Arc<Place>) {
    if shown.open.fetch_add(1, Ordering::SeqCst) >= MOST {
        shown.open.fetch_sub(1, Ordering::SeqCst);
        let _ = connection.set_write_timeout(Some(Duration::from_millis(100)));
        let _ = connection.write_all(&plain(503, "too many at a time").bytes());
        return;
    }
    let (own, place) = (shown.clone(), place.clone());
    let serving = move || {
        // Who has gone away needs no answer.
        let _ = serve(&mut connection, &own, &place);
        own.open.fetch_sub(1, Ordering::SeqCst);
    };
    if std::thread::Builder::new().spawn(serving).is_err() {
        shown.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn serve(connection: &mut TcpStream, shown: &Shown, place: &Place) -> io::Result<()> {
    connection.set_write_timeout(Some(SLOWEST))?;
    let answer = match head(connection)? {
        Head::Whole(bytes) => answer(&bytes, shown, place),
        Head::TooLong => plain(431, "the head of this request is too long"),
        Head::TooSlow => plain(408, "this request takes too long"),
    };
    connection.write_all(&answer.bytes())?;
    connection.shutdown(Shutdown::Write)?;
    // Closing with something unread would take the answer back.
    connection.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut left = [0; 4096];
    for _ in 0..LONGEST / left.len() {
        if connection.read(&mut left)? == 0 {
            break;
        }
    }
    Ok(())
}

enum Head {
    Whole(Vec<u8>),
    TooLong,
    TooSlow,
}

/// Reads up to the empty line; what comes behind it is left.
fn head(connection: &mut TcpStream) -> io::Result<Head> {
    let until = Instant::now() + SLOWEST;
    let mut bytes = Vec::new();
    let mut part = [0; 2048];
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        if bytes.len() > LONGEST {
            return Ok(Head::TooLong);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Head::TooSlow);
        }
        connection.set_read_timeout(Some(left))?;
        match connection.read(&mut part) {
            Ok(0) => return Ok(Head::Whole(bytes)),
            Ok(count) => bytes.extend_from_slice(&part[..count]),
            Err(fault) if matches!(fault.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Ok(Head::TooSlow);
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(Head::Whole(bytes))
}

struct Answer {
    status: u16,
    kind: &'static str,
    body: Arc<[u8]>,
}

impl Answer {
    fn bytes(&self) -> Vec<u8> {
        let length = match self.status {
            204 => String::new(),
            _ => format!("Content-Length: {}\r\n", self.body.len()),
        };
        let mut bytes = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\n{length}Connection: close\r\n\
             Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
             Cross-Origin-Resource-Policy: same-origin\r\nX-Frame-Options: DENY\r\n\r\n",
            self.status,
            reason(self.status),
            self.kind,
        )
        .into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Bad Request",
    }
}

fn plain(status: u16, words: &str) -> Answer {
    Answer { status, kind: "text/plain; charset=utf-8", body: words.as_bytes().into() }
}

fn answer(bytes: &[u8], shown: &Shown, place: &Place) -> Answer {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return plain(431, "this request has too many headers"),
        Ok(httparse::Status::Partial) | Err(_) => return plain(400, "this is no request"),
    }
    let all = |name: &str| -> Vec<&[u8]> {
        let named = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        named.map(|header| header.value).collect()
    };
    // So that no page from elsewhere reads this one under a name of its own.
    let hosts = [format!("127.0.0.1:{}", place.port), format!("localhost:{}", place.port)];
    let is_here = |host: &[u8]| hosts.iter().any(|here| here.as_bytes() == host);
    let is_own = |origin: &[u8]| origin.strip_prefix(b"http://").is_some_and(is_here);
    if !matches!(all("Host")[..], [host] if is_here(host)) || !all("Origin").into_iter().all(is_own) {
        return plain(403, "this page is for this machine alone");
    }
    if request.method != Some("GET") {
        return plain(405, "this page is only read");
    }
    if !all("Transfer-Encoding").is_empty() || all("Content-Length").iter().any(|length| *length != b"0") {
        return plain(413, "a request for this page has no body");
    }
    let target = request.path.unwrap_or("");
    let Some(target) = target.strip_prefix('/').and_then(|rest| rest.strip_prefix(&place.token)) else {
        return plain(404, "the page lies at the address that was printed");
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    match path {
        "/" => Answer { status: 200, kind: "text/html; charset=utf-8", body: shown.page().1.clone() },
        "/news" => {
            let after = query.strip_prefix("after=").and_then(|text| text.parse().ok()).unwrap_or(0);
            let waited =
                shown.newer.wait_timeout_while(shown.page(), PATIENCE, |(version, _)| *version <= after);
            let is_newer = waited.unwrap_or_else(PoisonError::into_inner).0.0 > after;
            if is_newer { plain(200, "newer") } else { plain(204, "") }
        }
        _ => plain(404, "there is one page here"),
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
