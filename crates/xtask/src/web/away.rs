//! A browser on another machine: two namespaces with a cable between them.
//!
//! ```text
//!  host 10.78.0.1 ─── 10.78.0.2 away
//! ```

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use pty_driver::{Output, Program};
use rustix::process::Signal;

use super::{
    browser::{Browser, DESK, Driver, PHONE, Place, has},
    programs::{PATIENCE, start_in, wait_for},
};
use crate::{
    netns::{self, Namespace, ip},
    pictures::is_whole,
    shell,
};

/// Plays there.
pub(super) fn run(axe: String) -> anyhow::Result<()> {
    let network = Network::new()?;
    let namespace = Some(network.away.name().to_owned());
    // The name of an attacker, who has given it the host's address.
    let flags = vec!["--host-resolver-rules=MAP evil.example 10.78.0.1"];
    let driver = Driver::start(Place { namespace, flags }, axe)?;
    network.scans(&driver)?;
    let server =
        network.start("oxo-server", &["--no-discovery", "--no-store", "--admin", "127.0.0.1:9952"])?;
    wait_for(&server, "metrics http://")?;
    let match_on = Match::begin(&network, &driver)?;
    network.meets_a_foreign_page(&driver, &match_on)?;
    network.loses_its_cable(&server, match_on)
}

/// The two machines; all of it is removed when this is dropped.
#[derive(Debug)]
struct Network {
    host: Namespace,
    away: Namespace,
}

/// A match between a browser away and a program at the host, who is to answer the browser's first move.
struct Match<'a> {
    phone: Browser<'a>,
    guest: Program,
}

impl Network {
    fn new() -> anyhow::Result<Self> {
        let prefix = netns::prefix("web");
        let [host, away] = ["host", "away"].map(|name| Namespace::add(format!("{prefix}-{name}")));
        let network = Self { host: host?, away: away? };
        let (host, away) = (network.host.name(), network.away.name());
        ip(&format!("-n {host} link add eth0 type veth peer name eth0 netns {away}"))?;
        for (namespace, number) in [(host, 1), (away, 2)] {
            ip(&format!("-n {namespace} addr add 10.78.0.{number}/24 dev eth0"))?;
            ip(&format!("-n {namespace} link set eth0 up"))?;
        }
        Ok(network)
    }

    /// Starts a program at the host.
    fn start(&self, program: &str, args: &[&str]) -> anyhow::Result<Program> {
        start_in(self.host.name(), program, args)
    }

    /// Reads the QR code from the picture of the host's terminal, opens what it says, and plays.
    fn scans(&self, driver: &Driver) -> anyhow::Result<()> {
        let mut host = self.start("oxo", &["host", "--name", "ana"])?;
        let is_there = |output: &Output| output.says("Scan it") && is_whole(output.raw());
        host.wait(PATIENCE, is_there).context("no code is shown")?;
        fs::write(PICTURE, host.look(|output| picture(output.screen())))?;
        let url = shell::output(Command::new("zbarimg").args(["--quiet", "--raw", PICTURE]))?;
        println!("the QR code says {}", url.trim());
        ensure!(url.starts_with("HTTP://10.78.0.1:1952/"), "it leads elsewhere");
        let phone = Browser::open(driver, PHONE)?;
        phone.go(url.trim())?;
        phone.wait(&has("#line", "Waiting for ana to play X"))?;
        wait_for(&host, "Your turn")?;
        host.keys("7")?;
        phone.wait(&has("title", "Your turn"))?;
        phone.click("#board button[aria-label^='the center']")?;
        wait_for(&host, "played the center (5)")?;
        println!("the browser away plays by that URL");
        // The next program here needs the port.
        host.signal(Signal::KILL)?;
        host.wait_for_end(PATIENCE).map(drop)
    }

    /// A page from elsewhere tries what a page can to get at the match, also by a name with the host's address.
    fn meets_a_foreign_page(&self, driver: &Driver, match_on: &Match<'_>) -> anyhow::Result<()> {
        let _site = Site::open(self.away.name())?;
        let state = || {
            let told = "return JSON.stringify([snap.record, snap.score, snap.phase, snap.watchers, talk])";
            let counts = ["commands_total", "moves_total", "matches_total", "sessions"];
            anyhow::Ok((match_on.phone.run(told)?, self.figures(&counts)?))
        };
        let before = state()?;
        let foreign = Browser::open(driver, DESK)?;
        foreign.go(FOREIGN)?;
        ATTEMPTS.iter().try_for_each(|attempt| self.attempt(&foreign, FOREIGN, attempt))?;
        let framed = foreign.text_of_frame(1)?;
        ensure!(framed.contains("refused to connect"), "the frame shows {framed:?}");
        foreign.go(REBOUND)?;
        let shown = foreign.text()?;
        println!("{REBOUND}: {shown}");
        ensure!(shown == "This server has another name; open it by its address", "it shows {shown:?}");
        REBOUND_ATTEMPTS.iter().try_for_each(|attempt| self.attempt(&foreign, REBOUND, attempt))?;
        let after = state()?;
        ensure!(before == after, "the match has changed: {before:?}, then {after:?}");
        println!("commands, moves, matches and sessions are as before: {:?}", after.1);
        Ok(())
    }

    /// Checks what an attempt leads to, in the page and at the server.
    fn attempt(
        &self,
        foreign: &Browser<'_>,
        page: &str,
        (what, script, expected, status): &Attempt,
    ) -> anyhow::Result<()> {
        let answers = format!("http_answers_total{{status=\"{status}\"}}");
        let before = self.figures(&[&answers])?;
        let outcome = foreign.run(&format!("const host = 'http://10.78.0.1:1952';{script}"))?;
        ensure!(outcome == *expected, "{page} {what}: {outcome}");
        let after = self.figures(&[&answers])?;
        ensure!(after > before, "{page} {what}: the server has not answered {status}");
        println!("{page} {what}: {outcome}; the server answered {status}");
        Ok(())
    }

    /// The cable is out until the browser has given up, and a move is made meanwhile.
    fn loses_its_cable(&self, server: &Program, match_on: Match<'_>) -> anyhow::Result<()> {
        let Match { phone, mut guest } = match_on;
        guest.keys("4")?;
        phone.wait(&has("title", "Your turn"))?;
        let away = self.away.name();
        self.set_cable(false)?;
        let start = Instant::now();
        phone.keys("8")?;
        phone.wait(&has("#line", "confirm top middle"))?;
        for words in ["no answer for", "RECONNECTING"] {
            phone.wait(&format!("{} || {}", has("#line", words), has("#line", "RECONNECTING")))?;
            let line = phone.run("return document.querySelector('#line').textContent")?;
            println!("{away}: after {:.1} s: {line}", start.elapsed().as_secs_f64());
        }
        wait_for(&guest, "ana lost the connection")?;
        phone.check("no network")?;
        // An outage of this length is tried, so real time has to pass; nothing is waited for.
        std::thread::sleep(OUTAGE.saturating_sub(start.elapsed()));
        phone.wait(&has("title", "Reconnecting"))?;
        self.set_cable(true)?;
        let start = Instant::now();
        phone.wait(&format!("me === 'host' && plies() === 3 && {}", has("#line", "Waiting for cyd")))?;
        println!("{away}: back in the seat after {:.1} s", start.elapsed().as_secs_f64());
        let returned = server.look(|output| String::from_utf8_lossy(output.raw()).contains("is_return=true"));
        ensure!(returned, "the server knows of no return");
        wait_for(&guest, "Your turn")?;
        guest.keys("5")?;
        phone.wait(&has("title", "Your turn"))?;
        phone.keys("9")?;
        phone.wait(&has("title", "You won"))?;
        wait_for(&guest, "You lost")
    }

    fn set_cable(&self, is_in: bool) -> anyhow::Result<()> {
        let state = if is_in { "up" } else { "down" };
        println!("$ ip -n {} link set eth0 {state}", self.host.name());
        ip(&format!("-n {} link set eth0 {state}", self.host.name())).map(drop)
    }

    /// Figures of the server; 0 for one that it does not have yet.
    fn figures(&self, names: &[&str]) -> anyhow::Result<Vec<u64>> {
        let mut curl = Command::new("ip");
        curl.args(["netns", "exec", self.host.name(), "curl", "--silent", "http://127.0.0.1:9952/metrics"]);
        let text = shell::output(&mut curl)?;
        let figure = |name: &&str| {
            let line = text.lines().find_map(|line| line.strip_prefix("oxo_")?.strip_prefix(name));
            Ok(line.map_or(Ok(0), |value| value.trim().parse())?)
        };
        names.iter().map(figure).collect()
    }
}

impl<'a> Match<'a> {
    fn begin(network: &Network, driver: &'a Driver) -> anyhow::Result<Self> {
        let phone = Browser::open(driver, PHONE)?;
        phone.go("http://10.78.0.1:1952")?;
        phone.wait(&has("#count", "No games"))?;
        phone.click("#name")?;
        phone.keys("ana")?;
        phone.click("#hosting summary")?;
        phone.click("#host-form button")?;
        phone.wait(&has("#line", "Waiting for a friend"))?;
        let code = phone.run("return code")?;
        let place = format!("{}@10.78.0.1", code.as_str().context("a room has a code")?);
        let guest = network.start("oxo", &["join", &place, "--name", "cyd"])?;
        phone.wait(&has("title", "Your turn"))?;
        phone.keys("7")?;
        wait_for(&guest, "Your turn")?;
        Ok(Self { phone, guest })
    }
}

/// The web site of somebody else, until it is dropped.
struct Site {
    server: Child,
    _files: tempfile::TempDir,
}

impl Site {
    fn open(namespace: &str) -> anyhow::Result<Self> {
        let files = tempfile::tempdir()?;
        fs::write(files.path().join("index.html"), "<!doctype html><title>foreign</title>")?;
        let server = Command::new("ip")
            .args(["netns", "exec", namespace, "python3", "-m", "http.server", "8000"])
            .args(["--bind", "10.78.0.2", "--directory"])
            .arg(files.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let site = Self { server, _files: files };
        let retry = ["--silent", "--retry", "20", "--retry-delay", "1", "--retry-connrefused"];
        shell::output(
            Command::new("ip").args(["netns", "exec", namespace, "curl"]).args(retry).arg(FOREIGN),
        )?;
        Ok(site)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _has_ended = self.server.kill().and_then(|()| self.server.wait());
    }
}

/// Draws a screen with two squares for each character, which is enough for a QR code of half blocks, as a PGM.
fn picture(screen: &vt100::Screen) -> Vec<u8> {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let mut pixels = format!("P5 {} {} 255\n", columns * SQUARE, 2 * rows * SQUARE).into_bytes();
    for y in 0..2 * rows * SQUARE {
        for x in 0..columns * SQUARE {
            let cell = screen.cell(y / SQUARE / 2, x / SQUARE);
            let is_inked = (y / SQUARE).is_multiple_of(2) && cell.is_some_and(|cell| cell.contents() == "▀");
            let color = cell.map(|cell| if is_inked { cell.fgcolor() } else { cell.bgcolor() });
            let is_light = matches!(color, Some(vt100::Color::Rgb(red, ..)) if red > 127);
            pixels.push(if is_light { 255 } else { 0 });
        }
    }
    pixels
}

/// The place of the picture of the host's terminal.
const PICTURE: &str = "target/web/terminal.pgm";

/// Pixels of a square's side in the picture, so that a reader can see it.
const SQUARE: u16 = 4;

/// The outage, as long as that of a phone that changes between networks.
const OUTAGE: Duration = Duration::from_secs(10);

/// The address of the foreign page, and that of the host's page under a name of the attacker.
const FOREIGN: &str = "http://10.78.0.2:8000/";
const REBOUND: &str = "http://evil.example:1952/";

/// An attempt in words, its script, its outcome in the page, and the status of the server's answer.
type Attempt = (&'static str, &'static str, &'static str, u16);

/// A foreign page sends what browsers let it send. It reads no answer, and the server plays by none.
const ATTEMPTS: [Attempt; 7] = [
    (
        "reads the list",
        "return fetch(`${host}/games.json`).then(() => 'read', error => error.name)",
        "TypeError",
        200,
    ),
    (
        "reads nothing, and asks anyway",
        "return fetch(`${host}/games.json`, { mode: 'no-cors' }).then(() => 'read', error => error.name)",
        "TypeError",
        200,
    ),
    (
        "posts",
        "return fetch(`${host}/`, { method: 'POST', body: 'b2' }).then(() => 'read', error => error.name)",
        "TypeError",
        405,
    ),
    (
        "posts a form",
        "return new Promise(done => {
            const [form, frame] = ['form', 'iframe'].map(tag => document.createElement(tag));
            [form.method, form.action, form.target, frame.name] = ['post', `${host}/ws`, 'hole', 'hole'];
            document.body.append(form, frame);
            frame.onload = () => done('sent');
            form.submit();
        })",
        "sent",
        405,
    ),
    (
        "opens a WebSocket",
        "return new Promise(done => {
            const socket = new WebSocket(`${host.replace('http', 'ws')}/ws`, 'oxo.3');
            socket.onopen = () => done('open');
            socket.onclose = ({ code }) => done(`closed, ${code}`);
        })",
        "closed, 1006",
        403,
    ),
    (
        "runs the script of the page",
        "return new Promise(done => {
            const script = document.createElement('script');
            [script.onload, script.onerror] = [() => done('run'), () => done('not run')];
            script.src = `${host}/page.js`;
            document.body.append(script);
        })",
        "not run",
        200,
    ),
    (
        "shows the page in a frame",
        "return new Promise(done => {
            const frame = document.createElement('iframe');
            frame.onload = () => done('loaded');
            frame.src = `${host}/`;
            document.body.append(frame);
        })",
        "loaded",
        200,
    ),
];

/// The same page under a name of the attacker, whose own requests are then of its own origin.
const REBOUND_ATTEMPTS: [Attempt; 3] = [
    (
        "reads the list",
        "return fetch('/games.json').then(answer => `status ${answer.status}`)",
        "status 421",
        421,
    ),
    (
        "posts",
        "return fetch('/', { method: 'POST', body: 'b2' }).then(answer => `status ${answer.status}`)",
        "status 421",
        421,
    ),
    (
        "opens a WebSocket",
        "return new Promise(done => {
            const socket = new WebSocket('/ws', 'oxo.3');
            socket.onopen = () => done('open');
            socket.onclose = ({ code }) => done(`closed, ${code}`);
        })",
        "closed, 1006",
        421,
    ),
];
