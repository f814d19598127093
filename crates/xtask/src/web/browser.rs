//! Chromium and its driver: a few requests of `WebDriver`, in JSON over HTTP; and what everybody may expect of a page.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::{
    netns,
    running::{PATIENCE, Running},
};

/// A running driver. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    _process: Running,
    port: u16,
    /// The network namespace of the browsers, if it is not that of this machine.
    namespace: Option<String>,
    /// The script of axe-core.
    axe: String,
}

/// A window of a browser that keeps nothing. It is closed when this is dropped.
#[derive(Debug)]
pub(super) struct Browser<'a> {
    driver: &'a Driver,
    session: String,
}

/// A phone held upright, in the dark, and a large screen by day.
pub(super) const PHONE: Window = (390, 844, true, "dark");
pub(super) const DESK: Window = (1280, 800, false, "light");

/// The key Esc (W3C `WebDriver`, section Keyboard actions).
pub(super) const ESCAPE: &str = "\u{e00c}";

/// The directory of the pictures, from the workspace's root.
const PICTURES: &str = "assets/screens";

/// The options of the browser. The name is that of an attacker, who has given it the host's address.
const FLAGS: [&str; 4] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP evil.example 10.78.0.1",
];

/// The words of the driver before its port.
const ON_PORT: &str = "successfully on port ";

/// Notes the last messages and keys of a page, for the report of a failure.
const TRACE: &str = "
    if (!window.transmit) return;
    window.trace = [];
    const note = (what, it) => {
        trace.push(`${Math.round(now())} ${what} ${it}`);
        if (trace.length > 30) trace.shift();
    };
    for (const name of ['transmit', 'receive']) {
        const original = window[name];
        window[name] = message => {
            if (!/^(ping|pong)$/.test(message.type)) note(name, JSON.stringify(message));
            original(message);
        };
    }
    document.addEventListener('keydown', ({ key, target }) => note('key', `${key} at ${target.tagName}`), true);
";

/// A window: its width and height, whether it is that of a phone, and the colours that its owner likes.
pub(super) type Window = (u16, u16, bool, &'static str);

impl Driver {
    /// Starts the driver on a port that it chooses.
    pub(super) fn start(namespace: Option<String>, axe: String) -> anyhow::Result<Self> {
        let mut command = command(namespace.as_deref(), "chromedriver");
        let process = Running::start("chromedriver", command.arg("--port=0"))?;
        let line = process.printed.such("a port", PATIENCE, |line| line.contains(ON_PORT))?;
        let port = line.rsplit(ON_PORT).next().unwrap_or_default().trim_end_matches('.').parse()?;
        Ok(Self { _process: process, port, namespace, axe })
    }

    /// Sends a request and returns the value of its answer.
    fn ask(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let mut curl = command(self.namespace.as_deref(), "curl")
            .args(["--silent", "--request", method, "--data-binary", "@-", &url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        curl.stdin.take().context("curl has an input")?.write_all(body.to_string().as_bytes())?;
        let answer = curl.wait_with_output()?.stdout;
        let value = serde_json::from_slice::<Value>(&answer)?["value"].take();
        match value["error"].as_str() {
            Some(error) => bail!("{method} {path}: {error}: {}", value["message"]),
            None => Ok(value),
        }
    }
}

/// A command on the machine of the browsers.
fn command(namespace: Option<&str>, program: &str) -> Command {
    namespace.map_or_else(|| Command::new(program), |namespace| netns::command(namespace, program))
}

impl<'a> Browser<'a> {
    /// Opens a window.
    pub(super) fn open(
        driver: &'a Driver,
        (width, height, is_phone, colours): Window,
    ) -> anyhow::Result<Self> {
        let wanted = json!({ "goog:chromeOptions": { "args": FLAGS }, "timeouts": { "script": 30_000 } });
        let session =
            driver.ask("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } }))?;
        let id = session["sessionId"].as_str().context("a session has a number")?;
        let browser = Self { driver, session: format!("/session/{id}") };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone });
        let colours = json!({ "name": "prefers-color-scheme", "value": colours });
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        for (command, params) in [
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setTouchEmulationEnabled", json!({ "enabled": is_phone })),
            ("Emulation.setEmulatedMedia", json!({ "features": [colours, still] })),
        ] {
            browser.post("goog/cdp/execute", &json!({ "cmd": command, "params": params }))?;
        }
        Ok(browser)
    }

    /// Opens a page.
    pub(super) fn go(&self, url: &str) -> anyhow::Result<()> {
        self.post("url", &json!({ "url": url }))?;
        self.run(TRACE).map(drop)
    }

    /// Runs a script, and waits for what it promises.
    pub(super) fn run(&self, script: &str) -> anyhow::Result<Value> {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression is true.
    pub(super) fn wait(&self, holds: &str) -> anyhow::Result<()> {
        let look = format!("if ({holds}) {{ clearInterval(timer); done(true); }}");
        let poll = format!("new Promise(done => {{ const timer = setInterval(() => {{ {look} }}, 20); }})");
        self.run(&format!("return {poll};")).map(drop).with_context(|| {
            let shown = self
                .run("return [document.title, document.body.innerText, ...window.trace ?? []].join('\\n')");
            format!("not so: {holds}\n{}", shown.unwrap_or_default().as_str().unwrap_or_default())
        })
    }

    /// Hosts a game by the form that is open, and returns its code.
    pub(super) fn hosts(&self) -> anyhow::Result<String> {
        self.click("#host-form button")?;
        self.wait(&has("#line", "Waiting for a friend"))?;
        self.code()
    }

    /// The code of the room in the window, in lower case.
    pub(super) fn code(&self) -> anyhow::Result<String> {
        let code = self.run("return document.querySelector('#code').textContent")?;
        Ok(code.as_str().context("a room has a code")?.to_lowercase())
    }

    /// The text of the window.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        let text = self.run("return document.body.innerText")?;
        Ok(text.as_str().unwrap_or_default().trim().to_owned())
    }

    /// The text of a frame in the window, whatever its origin.
    pub(super) fn text_of_frame(&self, index: usize) -> anyhow::Result<String> {
        self.post("frame", &json!({ "id": index }))?;
        let text = self.text();
        self.post("frame/parent", &json!({}))?;
        text
    }

    /// Clicks on an element, as a person does: one that is covered or hidden is an error.
    pub(super) fn click(&self, selector: &str) -> anyhow::Result<()> {
        let element = self.post("element", &json!({ "using": "css selector", "value": selector }))?;
        let element = element.as_object().and_then(|it| it.values().next()?.as_str()).unwrap_or_default();
        self.post(&format!("element/{element}/click"), &json!({})).map(drop)
    }

    /// Types; `\n` is Enter.
    pub(super) fn keys(&self, keys: &str) -> anyhow::Result<()> {
        let strokes = keys.chars().map(|key| if key == '\n' { '\u{e007}' } else { key }).flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<_>>() });
        self.post("actions", &json!({ "actions": [keyboard] })).map(drop)
    }

    /// Fails if anything in the window shuts people out, or sticks out of it.
    pub(super) fn check(&self, state: &str) -> anyhow::Result<()> {
        let told = "r.violations.map(it => `${it.id}: ${it.nodes.map(node => node.html)}`)";
        let found = self.run(&format!("{}; return axe.run().then(r => {told});", self.driver.axe))?;
        ensure!(found.as_array().is_some_and(Vec::is_empty), "{state}: {found:#}");
        let wide = self.run("return document.documentElement.scrollWidth - innerWidth")?;
        ensure!(wide.as_i64().is_some_and(|wide| wide <= 0), "{state} is too wide by {wide} pixels");
        println!("no violation: {state}");
        Ok(())
    }

    /// Checks a state and writes its picture.
    pub(super) fn keep(&self, name: &str) -> anyhow::Result<()> {
        self.check(name)?;
        let path = Path::new(PICTURES).join(name).with_extension("png");
        let picture = self.driver.ask("GET", &format!("{}/screenshot", self.session), &json!({}))?;
        fs::write(&path, BASE64_STANDARD.decode(picture.as_str().context("a picture is a text")?)?)?;
        println!("wrote {}", path.display());
        Ok(())
    }

    fn post(&self, command: &str, body: &Value) -> anyhow::Result<Value> {
        self.driver.ask("POST", &format!("{}/{command}", self.session), body)
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        let _is_closed = self.driver.ask("DELETE", &self.session, &json!({}));
    }
}

/// Tells whether an element that is shown holds these words.
pub(super) fn has(selector: &str, words: &str) -> String {
    format!("document.querySelector('{selector}:not([hidden])')?.textContent.includes('{words}')")
}
