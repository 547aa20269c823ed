//! A headless Chromium, and the DevTools protocol over a pipe to it.
//!
//! A pipe needs no port and no WebSocket, and a browser whose pipe is closed ends by
//! itself: none is left behind by tests that were killed.

use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    env,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// As the packages of Debian, of others, and of Google name it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where it is though `PATH` may not say so: on Debian, on others, and on a Mac.
const PLACES: [&str; 5] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Without a sandbox, as root has none, without the memory that containers have little
/// of, and without calls home.
const FLAGS: [&str; 10] = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// The browser reads requests from 3 and writes answers to 4, where only a shell can put
/// them without unsafe code.
const BY_SHELL: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null";

/// How long anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no browser, and whether the tests fail for that.
#[derive(Clone)]
pub struct Missing {
    pub reason: String,
    pub fails: bool,
}

/// The browser that the environment names, or else one that is installed.
pub fn find() -> Result<PathBuf, Missing> {
    if let Some(named) = env::var_os("GRAPHRUN_BROWSER").map(PathBuf::from) {
        let reason = format!("GRAPHRUN_BROWSER is {}, where there is no file", named.display());
        return if named.is_file() { Ok(named) } else { Err(Missing { reason, fails: true }) };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    on_path.chain(PLACES.map(PathBuf::from)).find(|program| program.is_file()).ok_or_else(|| {
        let fails = env::var_os("CI").is_some();
        let but = if fails { " (CI is set, where one must be)" } else { "" };
        Missing { reason: format!("there is no Chromium{but}: apt-get install chromium"), fails }
    })
}

/// A browser of its own for one test, with nothing kept from any other.
pub struct Browser {
    child: RefCell<Child>,
    requests: ChildStdin,
    messages: Receiver<Value>,
    /// The number of the last request.
    last: Cell<u64>,
    /// The documents that are done loading.
    loaded: RefCell<HashSet<String>>,
    folder: TempDir,
}

impl Browser {
    pub fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", BY_SHELL])
            .arg(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("errors")).unwrap())
            .spawn()
            .unwrap();
        let requests = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let (send, messages) = mpsc::channel();
        thread::spawn(move || {
            let read = answers.split(0).map_while(Result::ok);
            for message in read.map_while(|message| serde_json::from_slice(&message).ok()) {
                if send.send(message).is_err() {
                    break;
                }
            }
        });
        let (child, last, loaded) = (RefCell::new(child), Cell::default(), RefCell::default());
        Self { child, requests, messages, last, loaded, folder }
    }

    /// Asks the browser, or a page by its session, and does not wait for the answer.
    pub fn send(&self, session: Option<&str>, method: &str, parameters: &Value) -> io::Result<u64> {
        let id = self.last.get() + 1;
        self.last.set(id);
        let mut request = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            request["sessionId"] = session.into();
        }
        (&self.requests).write_all(format!("{request}\0").as_bytes())?;
        Ok(id)
    }

    /// What is answered; an error is one that the browser or the page tells.
    pub fn ask(&self, session: Option<&str>, method: &str, parameters: &Value) -> Result<Value, String> {
        let asked = format!("the answer to {method} {parameters}");
        let id = self.send(session, method, parameters).unwrap_or_else(|_| self.has_died(&asked));
        let until = Instant::now() + PATIENCE;
        loop {
            let mut message = self.next(until, &asked);
            if message["id"] == id {
                let error = message.get("error").map(|error| format!("{method}: {error}"));
                return error.map_or_else(|| Ok(message["result"].take()), Err);
            }
        }
    }

    pub fn wait_until_loaded(&self, document: &str, url: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.loaded.borrow().contains(document) {
            self.next(until, &format!("the end of loading {url}"));
        }
    }

    fn next(&self, until: Instant, awaited: &str) -> Value {
        match self.messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(message) => {
                assert!(message["method"] != "Inspector.targetCrashed", "the page crashed before {awaited}");
                if message["method"] == "Page.lifecycleEvent" && message["params"]["name"] == "load" {
                    let document = message["params"]["loaderId"].as_str().unwrap();
                    self.loaded.borrow_mut().insert(document.to_string());
                }
                message
            }
            Err(RecvTimeoutError::Timeout) => panic!("{PATIENCE:?} passed without {awaited}"),
            Err(RecvTimeoutError::Disconnected) => self.has_died(awaited),
        }
    }

    fn has_died(&self, awaited: &str) -> ! {
        // Its pipe is closed a moment before it has ended.
        thread::sleep(Duration::from_millis(200));
        let end = match self.child.borrow_mut().try_wait() {
            Ok(Some(status)) => format!("ended ({status})"),
            _ => "closed its pipe".to_string(),
        };
        let errors = fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default();
        let lines: Vec<&str> = errors.lines().collect();
        let last = lines[lines.len().saturating_sub(10)..].join("\n");
        panic!("the browser {end} before {awaited}; the last of its errors:\n{last}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // One that is killed leaves files behind; one that hangs is killed all the same.
        let _ = self.send(None, "Browser.close", &json!({}));
        let until = Instant::now() + Duration::from_secs(5);
        let child = self.child.get_mut();
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}
