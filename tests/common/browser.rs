//! A page in a real browser, for those tests that look at one.

use headless_chrome::{Browser, LaunchOptions, Tab, protocol::cdp::Page};
use serde_json::Value;
use std::{ffi::OsStr, path::Path, sync::Arc, time::Duration};

/// Of Debian, of others, and of a Mac.
const CHROMIUM: [&str; 5] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Without a sandbox, as root has none, and without calls home.
const FLAGS: [&str; 7] = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// Keeps what a page complains of, from before its first line.
const LISTEN: &str = "window.faults = []; addEventListener('error', (event) => faults.push(String(event.message)));\
    addEventListener('unhandledrejection', (event) => faults.push(String(event.reason)));\
    for (const word of ['error', 'warn']) console[word] = (...words) => faults.push(words.join(' '));";

pub fn browser() -> Option<Browser> {
    let Some(path) = CHROMIUM.iter().map(Path::new).find(|path| path.exists()) else {
        assert!(std::env::var_os("CI").is_none(), "there is no Chromium here, and CI must have one");
        eprintln!("skipped: there is no Chromium on this machine");
        return None;
    };
    let options = LaunchOptions::default_builder()
        .path(Some(path.into()))
        .sandbox(false)
        .window_size(Some((1280, 800)))
        .idle_browser_timeout(Duration::from_secs(300))
        .args(FLAGS.iter().map(OsStr::new).collect())
        .build()
        .unwrap();
    Some(Browser::new(options).unwrap())
}

pub struct Opened {
    pub tab: Arc<Tab>,
}

impl Opened {
    pub fn new(browser: &Browser, url: &str) -> Self {
        let tab = browser.new_tab().unwrap();
        tab.set_default_timeout(Duration::from_secs(60));
        tab.call_method(Page::AddScriptToEvaluateOnNewDocument {
            source: LISTEN.to_string(),
            world_name: None,
            include_command_line_api: None,
            run_immediately: None,
        })
        .unwrap();
        tab.navigate_to(url).unwrap().wait_until_navigated().unwrap();
        Self { tab }
    }

    /// The value of an expression on the page.
    pub fn get(&self, expression: &str) -> Value {
        let expression = format!("JSON.stringify({expression}) ?? 'null'");
        let found =
            self.tab.evaluate(&expression, true).unwrap_or_else(|fault| panic!("{expression}: {fault}"));
        serde_json::from_str(found.value.unwrap().as_str().unwrap()).unwrap()
    }

    pub fn text(&self, selector: &str) -> String {
        // An svg's text has no innerText.
        let expression =
            format!("((it) => it?.innerText ?? it?.textContent ?? '')(document.querySelector({selector:?}))");
        self.get(&expression).as_str().unwrap().to_string()
    }

    pub fn key(&self, key: &str) {
        self.tab.press_key(key).unwrap();
    }

    pub fn run(&self, statement: &str) {
        self.tab.evaluate(&format!("{{ {statement} }}"), false).unwrap();
    }

    pub fn hash(&self) -> String {
        self.get("location.hash").as_str().unwrap().to_string()
    }

    /// How many of the elements can be seen.
    pub fn seen(&self, selector: &str) -> u64 {
        let expression = format!(
            "[...document.querySelectorAll({selector:?})].filter((it) => it.getClientRects().length).length"
        );
        self.get(&expression).as_u64().unwrap()
    }

    pub fn has_no_faults(&self, what: &str) {
        assert_eq!(self.get("window.faults"), Value::Array(Vec::new()), "{what}");
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = self.tab.close(false);
    }
}
