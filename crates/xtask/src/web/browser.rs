//! Chromium and its driver: a few requests of `WebDriver`, in JSON over HTTP.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

/// A running driver. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    process: Child,
    port: u16,
}

/// A window of a browser that keeps nothing. It is closed when this is dropped.
#[derive(Debug)]
pub(super) struct Browser<'a> {
    driver: &'a Driver,
    session: String,
}

/// A kind of window.
#[derive(Debug, Clone, Copy)]
pub(super) enum Window {
    /// A phone held upright, whose owner likes it dark.
    Phone,
    /// A large screen, light.
    Desk,
}

impl Driver {
    /// Starts the driver on a port that it chooses.
    pub(super) fn start() -> anyhow::Result<Self> {
        let mut process = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(process.stdout.take().context("the driver has an output")?).lines();
        for line in lines.map_while(Result::ok) {
            let Some((_, port)) = line.split_once("successfully on port ") else { continue };
            return Ok(Self { process, port: port.trim_end_matches('.').parse()? });
        }
        bail!("the driver does not start")
    }

    /// Sends a request and returns the value of its answer.
    fn ask(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let (port, length) = (self.port, body.len());
        let head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}");
        write!(stream, "{head}\r\n\r\n{body}")?;
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? <= 2 {
                break;
            }
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = text.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer)?;
        let value = serde_json::from_slice::<Value>(&answer)?["value"].take();
        match value["error"].as_str() {
            Some(error) => bail!("{method} {path}: {error}: {}", value["message"]),
            None => Ok(value),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _has_ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

impl<'a> Browser<'a> {
    /// Opens a window.
    pub(super) fn open(driver: &'a Driver, window: Window) -> anyhow::Result<Self> {
        let options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"] });
        let timeouts = json!({ "script": 30_000 });
        let wanted = json!({ "goog:chromeOptions": options, "timeouts": timeouts });
        let session =
            driver.ask("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } }))?;
        let id = session["sessionId"].as_str().context("a session has a number")?;
        let browser = Self { driver, session: format!("/session/{id}") };
        let (width, height, is_phone, scheme) = match window {
            Window::Phone => (390, 844, true, "dark"),
            Window::Desk => (1280, 800, false, "light"),
        };
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme });
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        for (command, params) in [
            (
                "setDeviceMetricsOverride",
                json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone }),
            ),
            ("setTouchEmulationEnabled", json!({ "enabled": is_phone })),
            ("setEmulatedMedia", json!({ "features": [scheme, still] })),
        ] {
            let command = format!("Emulation.{command}");
            browser.post("goog/cdp/execute", &json!({ "cmd": command, "params": params }))?;
        }
        Ok(browser)
    }

    /// Opens a page.
    pub(super) fn go(&self, url: &str) -> anyhow::Result<()> {
        self.post("url", &json!({ "url": url })).map(drop)
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
            let shown = self.run("return document.title + '\\n' + document.body.innerText");
            format!("not so: {holds}\n{}", shown.unwrap_or_default().as_str().unwrap_or_default())
        })
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

    /// Writes a picture of the window.
    pub(super) fn keep(&self, path: &Path) -> anyhow::Result<()> {
        let picture = self.driver.ask("GET", &format!("{}/screenshot", self.session), &json!({}))?;
        fs::write(path, from_base64(picture.as_str().context("a picture is a text")?))?;
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

/// Decodes base64 (RFC 4648), as far as it goes.
fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0, 0_u32);
    for digit in text.bytes().map_while(|it| DIGITS.iter().position(|digit| *digit == it)) {
        held = (held << 6 | u32::try_from(digit).unwrap_or_default()) & 0xfff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or_default());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        for (text, bytes) in
            [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("//79", b"\xff\xfe\xfd")]
        {
            assert_eq!(from_base64(text), bytes);
        }
    }
}
