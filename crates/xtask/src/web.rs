//! `cargo xtask web`: people play in browsers, against each other and against the program.
//!
//! The real server sends the real page to Chromium, in windows of a phone and of a desk. axe-core looks for what would
//! shut people out, in every state on the way, and some states become pictures.

mod browser;

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use pty_driver::{Launch, Program};
use rustix::process::Signal;
use serde_json::{Value, json};

use self::browser::{Browser, Driver, Window};
use crate::shell;

/// The directory of the pictures, from the workspace's root.
const PICTURES: &str = "assets/screens";

/// The version of axe-core, pinned so that a new rule does not fail an old commit.
const AXE: &str = "axe-core@4.14.1";

/// A phone held upright, in the dark, and a large screen by day.
const PHONE: Window = (390, 844, true, "dark");
const DESK: Window = (1280, 800, false, "light");

/// An offer that has been there for a second, so that it can be accepted.
const OPEN: &str = "snap.offer && left(snap.offer.opens_in_millis) === 0";

/// The limit for a text of a program to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// Rounds, of which the median counts.
const ROUNDS: u32 = 7;

/// Plays.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::ensure(&[
        ("chromium", "chromium"),
        ("chromedriver", "chromium-driver"),
        ("npm", "npm"),
        ("curl", "curl"),
    ])?;
    shell::run(
        Command::new("npm").args("install --silent --no-save --prefix target/web".split(' ')).arg(AXE),
    )?;
    shell::run(&mut shell::cargo(&["build", "--package", "tui-client", "--package", "server"]))?;
    let axe = fs::read_to_string("target/web/node_modules/axe-core/axe.min.js")?;
    let driver = Driver::start()?;
    for host in ["127.0.0.1", "[::1]"] {
        Step { driver: &driver, axe: &axe, host }.play()?;
    }
    Ok(())
}

/// Opens the page of a room again and again, each time in a new browser, and times until its seat is taken and until the first
/// move is confirmed.
///
/// # Errors
///
/// Fails without Chromium, or when the page does not become what it should.
pub(crate) fn first_move() -> anyhow::Result<Value> {
    shell::ensure(&[("chromium", "chromium"), ("chromedriver", "chromium-driver"), ("curl", "curl")])?;
    shell::run(&mut shell::cargo(&["build", "--locked", "--package", "server"]))?;
    let driver = Driver::start()?;
    let (_server, address) = Step { driver: &driver, axe: "", host: "127.0.0.1" }.serve("0")?;
    let url = format!("http://{address}");
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let host = Browser::open(&driver, PHONE)?;
        host.go(&url)?;
        host.wait("document.querySelector('#hosting summary')")?;
        host.click("#hosting summary")?;
        host.click("#host-form button")?;
        host.wait(&has("#line", "Waiting for a friend"))?;
        let code = host.run("return document.querySelector('#code').textContent")?;
        let code = code.as_str().context("a room has a code")?.to_lowercase();

        let guest = Browser::open(&driver, PHONE)?;
        let start = Instant::now();
        guest.go(&format!("{url}/{code}"))?;
        guest.wait(&has("#line", "Waiting for"))?;
        times[0].push(start.elapsed());
        host.wait(&has("title", "Your turn"))?;
        host.keys("5")?;
        guest.wait(&has("title", "Your turn"))?;
        let start = Instant::now();
        guest.keys("7")?;
        guest.wait("document.querySelector('#board button.last[aria-label*=\"(7)\"]')")?;
        times[1].push(start.elapsed());
    }
    let [seated, confirmed] = times.map(|mut times| {
        times.sort_unstable();
        times.get(times.len() / 2).map_or(f64::NAN, |median: &Duration| median.as_secs_f64() * 1e3)
    });
    Ok(json!({ "rounds": ROUNDS, "seated_ms": seated, "confirmed_ms": confirmed }))
}

/// One run, over the address family of the host.
#[derive(Debug, Clone, Copy)]
struct Step<'a> {
    driver: &'a Driver,
    axe: &'a str,
    host: &'a str,
}

impl Step<'_> {
    /// A best of three between two browsers, with a watcher; and what comes after it.
    fn play(self) -> anyhow::Result<()> {
        let (server, address) = self.serve("0")?;
        let url = format!("http://{address}");
        let open = |window| Browser::open(self.driver, window);
        let (phone, desk, watcher) = (open(PHONE)?, open(DESK)?, open(PHONE)?);
        for (browser, name) in [(&phone, "ana"), (&desk, "ben")] {
            browser.go(&url)?;
            browser.wait(&has("#count", "No games"))?;
            browser.click("#name")?;
            browser.keys(name)?;
        }
        self.check(&phone, "an empty list")?;
        phone.click("#hosting summary")?;
        phone.run("document.querySelector('#best-of').value = '3'")?;
        phone.click("#host-form button")?;
        phone.wait(&has("#line", "Waiting for a friend"))?;
        self.check(&phone, "waiting")?;
        desk.wait(&has("#rooms button", "ana"))?;
        self.check(&desk, "a list")?;
        desk.click("#rooms button")?;
        let code = phone.run("return document.querySelector('#code').textContent")?;
        let code = code.as_str().context("a room has a code")?.replace('-', "").to_lowercase();
        watcher.go(&format!("{url}/{code}"))?;
        watcher.wait(&has("#line", "You watch"))?;

        // The first game: a takeback and talk; ana wins.
        moves(&phone, &desk, "786")?;
        desk.keys("tgl hf\n")?;
        phone.wait(&has("#said", "gl hf"))?;
        self.keep(&phone, "web-match")?;
        self.keep(&desk, "web-match-desk")?;
        watcher.keys("t<b>hm</b>\n")?;
        watcher.wait(&has("#said", "<b>hm</b>"))?;
        self.check(&watcher, "watching")?;
        phone.keys("u")?;
        desk.wait(OPEN)?;
        self.check(&desk, "an offer")?;
        desk.keys("Y")?;
        phone.wait(&has("#line", "You took your last move back"))?;
        moves(&phone, &desk, "543")?;
        phone.wait(&has("title", "You won"))?;
        self.keep(&phone, "web-won")?;
        self.check(&desk, "a defeat")?;

        // The second game: a draw by agreement.
        next(&phone, &desk)?;
        moves(&desk, &phone, "5")?;
        desk.keys("d")?;
        phone.wait(OPEN)?;
        phone.keys("Y")?;
        desk.wait(&has("title", "Draw"))?;

        // The third: a reload, and a server that sleeps until nobody believes in it any more.
        next(&desk, &phone)?;
        moves(&phone, &desk, "78")?;
        phone.go(&format!("{url}/{code}"))?;
        phone.wait(&has("title", "Your turn"))?;
        server.signal(Signal::STOP)?;
        phone.wait(&has("#line", "RECONNECTING"))?;
        self.check(&phone, "no connection")?;
        server.signal(Signal::CONT)?;
        phone.wait(&has("title", "Your turn"))?;
        moves(&phone, &desk, "543")?;
        phone.wait(&has("#line", "You won the series 2 to 0"))?;
        watcher.wait(&has("title", "ana won"))?;

        // The server is gone for good, and another takes its place.
        drop(server);
        desk.wait(&has("title", "Reconnecting"))?;
        let (_server, again) = self.serve(address.rsplit(':').next().unwrap_or_default())?;
        ensure!(address == again, "the second server listens at {again}");
        phone.wait(&has("#ask-acts button", "host again"))?;
        phone.keys("r")?;
        phone.wait(&has("#line", "Waiting for a friend"))?;
        watcher.wait(&has("#home", "ana"))?;
        against_program(&phone, &address)
    }

    /// Starts a server on a port, and returns its address.
    fn serve(self, port: &str) -> anyhow::Result<(Program, String)> {
        let server = start("oxo-server", &["--listen", &format!("{}:{port}", self.host), "--no-discovery"])?;
        wait_for(&server, "listening tcp ")?;
        let screen = server.look(|output| output.screen().contents());
        let address = screen.split("listening tcp ").nth(1).and_then(|rest| rest.split_whitespace().next());
        let address = address.context("the server tells no address")?.to_owned();
        Ok((server, address))
    }

    /// Fails if anything in the window shuts people out, or sticks out of it.
    fn check(self, browser: &Browser<'_>, state: &str) -> anyhow::Result<()> {
        let told = "r.violations.map(it => `${it.id}: ${it.nodes.map(node => node.html)}`)";
        let found = browser.run(&format!("{}; return axe.run().then(r => {told});", self.axe))?;
        ensure!(found.as_array().is_some_and(Vec::is_empty), "{state}: {found:#}");
        let wide = browser.run("return document.documentElement.scrollWidth - innerWidth")?;
        ensure!(wide.as_i64().is_some_and(|wide| wide <= 0), "{state} is too wide by {wide} pixels");
        println!("no violation: {state}");
        Ok(())
    }

    /// Checks a state and writes its picture.
    fn keep(self, browser: &Browser<'_>, name: &str) -> anyhow::Result<()> {
        self.check(browser, name)?;
        browser.keep(&Path::new(PICTURES).join(name).with_extension("png"))
    }
}

/// A match between the host in the browser and the program.
fn against_program(host: &Browser<'_>, address: &str) -> anyhow::Result<()> {
    let code = host.run("return document.querySelector('#code').textContent")?;
    let place = format!("{}@{address}", code.as_str().context("a room has a code")?);
    let mut guest = start("oxo", &["join", &place, "--name", "cyd"])?;
    for (digit, answer) in ["7", "8", "9"].into_iter().zip(["4", "5", "6"]) {
        host.wait(&has("title", "Your turn"))?;
        host.keys(digit)?;
        if digit != "9" {
            wait_for(&guest, "Your turn")?;
            guest.keys(answer)?;
        }
    }
    host.wait(&has("title", "You won"))?;
    wait_for(&guest, "You lost")
}

/// Plays cells by their digits, one after the other, by touch and by keys.
fn moves(first: &Browser<'_>, second: &Browser<'_>, digits: &str) -> anyhow::Result<()> {
    for (index, digit) in digits.chars().enumerate() {
        let (mover, other) = if index.is_multiple_of(2) { (first, second) } else { (second, first) };
        mover.wait(&has("title", "Your turn"))?;
        if digit == '5' {
            mover.click("#board button[aria-label^='the center']")?;
        } else {
            mover.keys(&digit.to_string())?;
        }
        other.wait(&format!("document.querySelector('#board button.last[aria-label*=\"({digit})\"]')"))?;
    }
    Ok(())
}

/// Both want the next game, which the second begins.
fn next(first: &Browser<'_>, second: &Browser<'_>) -> anyhow::Result<()> {
    first.keys("r")?;
    second.wait(&has("#line", "is ready for"))?;
    second.keys("r")?;
    second.wait(&has("title", "Your turn"))
}

/// Tells whether an element that is shown holds these words.
fn has(selector: &str, words: &str) -> String {
    format!("document.querySelector('{selector}:not([hidden])')?.textContent.includes('{words}')")
}

fn start(program: &str, args: &[&str]) -> anyhow::Result<Program> {
    Launch::new(std::env::current_dir()?.join("target/debug").join(program), args).size(120, 40).start()
}

fn wait_for(program: &Program, text: &str) -> anyhow::Result<()> {
    program.wait(PATIENCE, |output| output.says(text)).with_context(|| format!("no {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: [&str; 3] = ["index.html", "style.css", "page.js"];

    fn file(name: &str) -> String {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/web");
        fs::read_to_string(assets.join(name)).unwrap()
    }

    #[test]
    fn the_page_stays_small() {
        let bytes: usize = PAGE.into_iter().map(|name| file(name).len()).sum();
        assert!(bytes <= 48 * 1024, "{bytes} bytes");
    }

    #[test]
    fn what_others_say_enters_the_page_as_text_alone() {
        let ways = ["HTML", "document.write", "eval(", "Function(", "DOMParser", "srcdoc"];
        let script = file("page.js");
        assert_eq!(ways.iter().find(|way| script.contains(**way)), None);
        let ways = ["style=", "onclick", "onload", "javascript:"];
        let text = file("index.html");
        assert_eq!(ways.iter().find(|way| text.contains(**way)), None);
    }

    #[test]
    fn the_page_asks_nobody_else() {
        for name in PAGE {
            // A name space is not fetched.
            assert!(!file(name).replace("http://www.w3.org/2000/svg", "").contains("://"), "{name}");
        }
    }
}
