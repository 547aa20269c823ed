//! A page in a tab: what it says, what is seen of it, and the keys pressed on it.

use crate::browser::{Browser, PATIENCE};
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Keeps what a page complains of, from before its first line.
const LISTEN: &str = "window.faults = []; addEventListener('error', (event) => faults.push(String(event.message)));\
    addEventListener('unhandledrejection', (event) => faults.push(String(event.reason)));\
    for (const word of ['error', 'warn']) console[word] = (...words) => faults.push(words.join(' '));";

pub struct Opened<'b> {
    browser: &'b Browser,
    target: String,
    session: String,
}

impl<'b> Opened<'b> {
    /// On the screen of a desk.
    pub fn new(browser: &'b Browser, url: &str) -> Self {
        Self::sized(browser, url, 1280, 800)
    }

    pub fn sized(browser: &'b Browser, url: &str, width: u32, height: u32) -> Self {
        let ask = |method: &str, parameters: Value, answer: &str| {
            let found = browser.ask(None, method, &parameters).unwrap();
            found[answer].as_str().unwrap().to_string()
        };
        let target = ask("Target.createTarget", json!({ "url": "about:blank" }), "targetId");
        let attach = json!({ "targetId": target, "flatten": true });
        let session = ask("Target.attachToTarget", attach, "sessionId");
        let opened = Self { browser, target, session };
        // To be told of a crash, and of the end of loading.
        opened.ask("Inspector.enable", json!({}));
        opened.ask("Page.enable", json!({}));
        opened.ask("Page.setLifecycleEventsEnabled", json!({ "enabled": true }));
        opened.ask(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
        opened.ask("Page.addScriptToEvaluateOnNewDocument", json!({ "source": LISTEN }));
        let went = opened.ask("Page.navigate", json!({ "url": url }));
        assert_eq!(went["errorText"], Value::Null, "{url}");
        browser.wait_until_loaded(went["loaderId"].as_str().unwrap(), url);
        opened
    }

    fn ask(&self, method: &str, parameters: Value) -> Value {
        self.browser.ask(Some(&self.session), method, &parameters).unwrap_or_else(|fault| panic!("{fault}"))
    }

    fn evaluate(&self, expression: &str) -> Result<Value, String> {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut done = self.browser.ask(Some(&self.session), "Runtime.evaluate", &parameters)?;
        match done.get("exceptionDetails") {
            Some(thrown) => Err(thrown.to_string()),
            None => Ok(done["result"]["value"].take()),
        }
    }

    /// The value of an expression on the page, or of what it promises.
    pub fn get(&self, expression: &str) -> Value {
        let written = format!("(async () => JSON.stringify(await ({expression})) ?? 'null')()");
        let found = self.evaluate(&written).unwrap_or_else(|fault| panic!("{expression}: {fault}"));
        serde_json::from_str(found.as_str().unwrap()).unwrap()
    }

    /// Waits until an expression is true on the page, which may reload meanwhile.
    pub fn until(&self, expression: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.evaluate(expression);
            if found == Ok(Value::Bool(true)) {
                return;
            }
            assert!(
                Instant::now() < end,
                "{PATIENCE:?} passed without {expression}: {found:?}; {}",
                self.text("body")
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn text(&self, selector: &str) -> String {
        // An svg's text has no innerText.
        let expression =
            format!("((it) => it?.innerText ?? it?.textContent ?? '')(document.querySelector({selector:?}))");
        self.get(&expression).as_str().unwrap().to_string()
    }

    /// Presses a key, by the name that its event gives it.
    pub fn key(&self, key: &str) {
        let (code, number, text) = on_the_keyboard(key);
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for (kind, text) in [(down, text), ("keyUp", "")] {
            self.ask(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "text": text }),
            );
        }
    }

    /// Types letters and digits, key by key.
    pub fn type_in(&self, text: &str) {
        for at in 0..text.len() {
            self.key(&text[at..=at]);
        }
    }

    pub fn run(&self, statement: &str) {
        self.evaluate(&format!("{{ {statement} }}")).unwrap_or_else(|fault| panic!("{statement}: {fault}"));
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

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        // Not waited for, as the browser may be what failed.
        let _ = self.browser.send(None, "Target.closeTarget", &json!({ "targetId": self.target }));
    }
}

/// The code of a key, its number on a keyboard of the United States, and what it types.
fn on_the_keyboard(key: &str) -> (String, u8, &str) {
    let (code, number, text) = match key {
        "Enter" => ("Enter", 13, "\r"),
        "Escape" => ("Escape", 27, ""),
        " " => ("Space", 32, " "),
        "End" => ("End", 35, ""),
        "Home" => ("Home", 36, ""),
        "ArrowLeft" => ("ArrowLeft", 37, ""),
        "ArrowUp" => ("ArrowUp", 38, ""),
        "ArrowRight" => ("ArrowRight", 39, ""),
        "ArrowDown" => ("ArrowDown", 40, ""),
        "/" => ("Slash", 191, "/"),
        _ => match key.as_bytes() {
            [digit @ b'0'..=b'9'] => return (format!("Digit{key}"), *digit, key),
            [letter @ b'a'..=b'z'] => {
                return (format!("Key{}", key.to_uppercase()), letter.to_ascii_uppercase(), key);
            }
            _ => panic!("where is {key:?} on the keyboard?"),
        },
    };
    (code.to_string(), number, text)
}
