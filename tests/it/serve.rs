//! The server of a watched page: whatever is sent to it, it goes on serving its page to those who know the
//! address, and to nobody else.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

struct Server {
    child: Child,
    port: u16,
    token: String,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.graph"), "input x = 2\ny = x * 3\n").unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_graphrun"))
            .args(["show", "a.graph", "--to", "html", "--watch"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.strip_prefix("http://127.0.0.1:")?.to_string()));
        std::thread::spawn(move || lines.count());
        let address = address.expect("an address");
        let (port, token) = address.trim_end_matches('/').split_once('/').expect("a token");
        Self { child, port: port.parse().unwrap(), token: token.to_string(), _folder: folder }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// The first line of the answer; empty where the connection is closed without one.
    fn said(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).lines().next().unwrap_or("").to_string()
    }

    fn get(&self, path: &str, headers: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{headers}\r\n", self.port);
        self.said(request.as_bytes())
    }

    fn page(&self) -> String {
        self.get(&format!("/{}/", self.token), "")
    }
}

#[test]
fn the_page_is_for_those_who_know_its_address() {
    let server = Server::start();
    assert_eq!(server.token.len(), 32);
    let (page, port) = (format!("/{}/", server.token), server.port);
    assert!(server.page().contains("200"));
    assert!(server.get(&page, &format!("Origin: http://127.0.0.1:{port}\r\n")).contains("200"));
    for (path, headers, status) in [
        ("/", "", "404"),
        ("/news?after=0", "", "404"),
        (&*format!("{page}other"), "", "404"),
        (&page, "Origin: null\r\n", "403"),
        (&page, "Host: evil.example\r\n", "403"),
    ] {
        let said = server.get(path, headers);
        assert!(said.contains(status), "{path} {headers}: {said}");
    }
    let said = server.said(format!("GET {page} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n").as_bytes());
    assert!(said.contains("403"), "{said}");
    let said = server.said(format!("GET {page} HTTP/1.1\r\n\r\n").as_bytes());
    assert!(said.contains("403"), "{said}");
}

#[test]
fn an_odd_request_is_answered_or_dropped_and_ends_nothing() {
    let server = Server::start();
    let (page, host) = (format!("/{}/", server.token), format!("Host: 127.0.0.1:{}\r\n", server.port));
    let endless = "X-A: ".to_string() + &"a".repeat(1 << 20);
    let many: String = (0..2000).map(|at| format!("X-{at}: 1\r\n")).collect();
    for (request, status) in [
        (
            format!("POST / HTTP/1.1\r\n{host}Content-Length: 99999999999999\r\nConnection: close\r\n\r\n"),
            "405",
        ),
        (format!("GET {page} HTTP/1.1\r\n{host}Content-Length: 99999999999999\r\n\r\n"), "413"),
        (format!("GET {page} HTTP/1.1\r\n{host}Content-Length: -1\r\n\r\n"), "413"),
        (
            format!("GET {page} HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            "413",
        ),
        (format!("GET {page} HTTP/1.1\r\n{host}{endless}\r\n\r\n"), ""),
        (format!("GET {page} HTTP/1.1\r\n{host}{many}\r\n"), ""),
        (format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(100_000)), ""),
        (format!("DELETE {page} HTTP/1.1\r\n{host}\r\n"), "405"),
        (format!("GET {page}news?after=99999999999999999999 HTTP/1.1\r\n{host}\r\n"), "200"),
        ("\r\n\r\n".to_string(), "400"),
        ("\0\0\0\0\r\n\r\n".to_string(), "400"),
        ("GET / HTTP/9.9\r\n\r\n".to_string(), "400"),
        ("\u{16}\u{3}\u{1}\0\u{1}\r\n\r\n".to_string(), "400"),
    ] {
        let said = server.said(request.as_bytes());
        let start: String = request.chars().take(80).collect();
        assert!(said.contains(status) && !(status.is_empty() && said.contains("200")), "{start:?}: {said}");
        assert!(server.page().contains("200"), "after {start:?}");
    }
}

#[test]
fn those_who_wait_and_say_nothing_lock_nobody_out_for_long() {
    let server = Server::start();
    let silent: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = server.connect();
            let _ = stream.write_all(b"GET / HT");
            stream
        })
        .collect();
    let served = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        server.page().contains("200")
    });
    assert!(served);
    drop(silent);
    assert!(server.page().contains("200"));
}
