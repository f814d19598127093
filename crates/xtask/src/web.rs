//! `cargo xtask web`: people play in browsers, against each other and against the program.
//!
//! The real server sends the real page to Chromium, in windows of a phone and of a desk. axe-core looks for what would
//! shut people out, in every state on the way, and some states become pictures. Then the browser is on another machine:
//! it opens what the host's QR code says, loses its network, and meets a page that means harm.

mod away;
mod browser;

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::ensure;
use pty_driver::Program;
use rustix::process::Signal;
use serde_json::{Value, json};

use self::browser::{Browser, DESK, Driver, ESCAPE, PHONE, has};
use crate::{
    netns, shell,
    terminal::{launch, wait_for, word_after},
};

/// The version of axe-core, pinned so that a new rule does not fail an old commit.
const AXE: &str = "axe-core@4.14.1";

/// An offer that has been there for a second, so that it can be accepted.
const OPEN: &str = "snap.offer && left(snap.offer.opens_in_millis) === 0";

/// Rounds in which the page is timed, of which the median counts.
const ROUNDS: u32 = 7;

/// Plays.
pub(crate) fn run() -> anyhow::Result<()> {
    netns::prepare()?;
    shell::ensure(&[
        ("chromium", "chromium"),
        ("chromedriver", "chromium-driver"),
        ("npm", "npm"),
        ("curl", "curl"),
        ("python3", "python3"),
        ("zbarimg", "zbar-tools"),
    ])?;
    shell::run(
        Command::new("npm").args("install --silent --no-save --prefix target/web".split(' ')).arg(AXE),
    )?;
    shell::run(&mut shell::cargo(&["build", "--package", "tui-client", "--package", "server"]))?;
    let axe = fs::read_to_string("target/web/node_modules/axe-core/axe.min.js")?;
    let driver = Driver::start(None, axe.clone())?;
    for host in ["127.0.0.1", "[::1]"] {
        play(&driver, host)?;
    }
    drop(driver);
    away::run(axe)
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
    let driver = Driver::start(None, String::new())?;
    let (_server, address) = serve("127.0.0.1:0")?;
    let url = format!("http://{address}");
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let host = Browser::open(&driver, PHONE)?;
        host.go(&url)?;
        host.wait("document.querySelector('#hosting summary')")?;
        host.click("#hosting summary")?;
        let code = host.hosts()?;

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

/// A best of three between two browsers, with a watcher; and what comes after it.
fn play(driver: &Driver, host: &str) -> anyhow::Result<()> {
    let (server, address) = serve(&format!("{host}:0"))?;
    let url = format!("http://{address}");
    let open = |window| Browser::open(driver, window);
    let (phone, desk, watcher) = (open(PHONE)?, open(DESK)?, open(PHONE)?);
    for (browser, name) in [(&phone, "ana"), (&desk, "ben")] {
        browser.go(&url)?;
        browser.wait(&has("#count", "No games"))?;
        browser.click("#name")?;
        browser.keys(name)?;
    }
    phone.check("an empty list")?;
    phone.click("#hosting summary")?;
    phone.check("hosting")?;
    behind_a_passcode(&phone, &desk)?;
    phone.run("document.querySelector('#best-of').value = '3'")?;
    let code = phone.hosts()?;
    phone.check("waiting")?;
    // By its terms, since the room from before may still be listed.
    desk.wait(&has("#rooms button", "best of 3"))?;
    desk.check("a list")?;
    desk.click("#rooms button")?;
    // Before anybody else comes: the seat goes to the first.
    desk.wait(&has("#line", "Waiting for ana"))?;
    watcher.go(&format!("{url}/{}", code.replace('-', "")))?;
    watcher.wait(&has("#line", "You watch"))?;

    // The first game: a takeback and talk; ana wins.
    moves(&phone, &desk, "786")?;
    desk.keys("tgl hf\n")?;
    phone.wait(&has("#said", "gl hf"))?;
    phone.keep("web-match")?;
    desk.keep("web-match-desk")?;
    watcher.keys("t<b>hm</b>\n")?;
    watcher.wait(&has("#said", "<b>hm</b>"))?;
    watcher.check("watching")?;
    phone.keys("u")?;
    desk.wait(OPEN)?;
    desk.check("an offer")?;
    desk.keys("Y")?;
    phone.wait(&has("#line", "You took your last move back"))?;
    moves(&phone, &desk, "543")?;
    phone.wait(&has("title", "You won"))?;
    phone.keep("web-won")?;
    desk.check("a defeat")?;

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
    phone.check("no connection")?;
    server.signal(Signal::CONT)?;
    phone.wait(&has("title", "Your turn"))?;
    moves(&phone, &desk, "543")?;
    phone.wait(&has("#line", "You won the series 2 to 0"))?;
    watcher.wait(&has("title", "ana won"))?;

    // The server is gone for good, and another takes its place.
    drop(server);
    desk.wait(&has("title", "Reconnecting"))?;
    let (_server, again) = serve(&address)?;
    ensure!(address == again, "the second server listens at {again}");
    phone.wait(&has("#ask-acts button", "host again"))?;
    phone.keys("r")?;
    phone.wait(&has("#line", "Waiting for a friend"))?;
    watcher.wait(&has("#home", "ana"))?;
    against_program(&phone, &address)
}

/// Starts a server, and returns the address that it listens at.
fn serve(address: &str) -> anyhow::Result<(Program, String)> {
    let server = ["oxo-server", "--listen", address, "--no-discovery", "--no-store"];
    let server = launch(None, &server)?.start()?;
    let address = word_after(&server, "listening tcp ")?;
    Ok((server, address))
}

/// A game behind a passcode, in which a line loses; and what hangs on keys alone. Both leave it again.
fn behind_a_passcode(host: &Browser<'_>, guest: &Browser<'_>) -> anyhow::Result<()> {
    host.run("[$('rules').value, $('passcode').value] = ['3x3 misere', 'sesame']")?;
    host.click("#host-form button")?;
    host.run("$('host-form').reset()")?;
    host.wait(&has("#who", "people with the passcode"))?;
    guest.wait(&has("#rooms button", "a line loses"))?;
    guest.click("#rooms button")?;
    guest.wait(&has("#dialog[open]", "needs a passcode"))?;
    guest.check("a passcode is asked for")?;
    guest.keys("wrong\n")?;
    guest.wait(&has("#count", "Not let in: wrong passcode"))?;
    guest.wait(&has("#dialog[open]", "needs a passcode"))?;
    guest.keys("sesame\n")?;
    host.wait(&has("title", "Your turn"))?;
    // From the center, where the cursor appears.
    host.keys("hhk\n")?;
    guest.wait(&has("title", "Your turn"))?;
    guest.wait("board.last === 'a3'")?;
    guest.keys("?")?;
    guest.wait("document.activeElement.id === 'keys'")?;
    guest.check("the keys")?;
    guest.keys("b")?;
    guest.wait(&has("#line", "Blocked from your rooms"))?;
    guest.keys("b")?;
    guest.wait(&has("#line", "No longer blocked"))?;
    host.keys("s")?;
    host.wait("snap.watchers_may_chat")?;
    guest.keys(ESCAPE)?;
    host.wait(&has("#line", "Waiting for a friend"))?;
    host.keys(ESCAPE)?;
    host.keys("y")?;
    host.wait(&has("#count", "No games"))
}

/// A match between the host in the browser and the program.
fn against_program(host: &Browser<'_>, address: &str) -> anyhow::Result<()> {
    let place = format!("{}@{address}", host.code()?);
    let mut guest = launch(None, &["oxo", "join", &place, "--name", "cyd"])?.start()?;
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

#[cfg(test)]
mod tests {
    use std::path::Path;

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
