//! A browser on another machine: two namespaces with a cable between them.
//!
//! ```text
//!  host 10.78.0.1 ─── 10.78.0.2 away
//! ```

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use pty_driver::{Output, Program};
use rustix::process::Signal;

use super::browser::{Browser, DESK, Driver, PHONE, has};
use crate::{
    netns::{self, Namespace, ip},
    pictures::is_whole,
    running::Running,
    shell,
    terminal::{PATIENCE, launch, wait_for},
};

/// Plays there.
pub(super) fn run(axe: String) -> anyhow::Result<()> {
    let network = Network::new()?;
    let driver = Driver::start(Some(network.away.name().to_owned()), axe)?;
    network.scans(&driver)?;
    let server =
        network.start(&["oxo-server", "--no-discovery", "--no-store", "--admin", "127.0.0.1:9952"])?;
    wait_for(&server, "metrics http://")?;
    let (phone, guest) = network.begin_match(&driver)?;
    network.meets_a_foreign_page(&driver, &phone)?;
    network.loses_its_cable(&server, &phone, guest)
}

/// The two machines; all of it is removed when this is dropped.
#[derive(Debug)]
struct Network {
    host: Namespace,
    away: Namespace,
}

impl Network {
    fn new() -> anyhow::Result<Self> {
        let prefix = netns::prefix("web");
        let [host, away] = ["host", "away"].map(|name| Namespace::add(format!("{prefix}-{name}")));
        let (host, away) = (host?, away?);
        netns::cable((host.name(), "eth0"), (away.name(), "eth0"))?;
        netns::add_address(host.name(), "eth0", "10.78.0.1/24")?;
        netns::add_address(away.name(), "eth0", "10.78.0.2/24")?;
        Ok(Self { host, away })
    }

    /// Starts a program at the host.
    fn start(&self, words: &[&str]) -> anyhow::Result<Program> {
        launch(Some(self.host.name()), words)?.start()
    }

    /// Reads the QR code from the picture of the host's terminal, opens what it says, and plays.
    fn scans(&self, driver: &Driver) -> anyhow::Result<()> {
        let mut host = self.start(&["oxo", "host", "--name", "ana"])?;
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
    fn meets_a_foreign_page(&self, driver: &Driver, phone: &Browser<'_>) -> anyhow::Result<()> {
        let _site = self.open_site()?;
        let state = || {
            let told = "return JSON.stringify([snap.record, snap.score, snap.phase, snap.watchers, talk])";
            let counts = ["commands_total", "moves_total", "matches_total", "sessions"];
            anyhow::Ok((phone.run(told)?, self.figures(&counts)?))
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
        let outcome = foreign.run(&format!("{SHARED}{script}"))?;
        ensure!(outcome == *expected, "{page} {what}: {outcome}");
        let after = self.figures(&[&answers])?;
        ensure!(after > before, "{page} {what}: the server has not answered {status}");
        println!("{page} {what}: {outcome}; the server answered {status}");
        Ok(())
    }

    /// The cable is out until the browser has given up, and a move is made meanwhile.
    fn loses_its_cable(
        &self,
        server: &Program,
        phone: &Browser<'_>,
        mut guest: Program,
    ) -> anyhow::Result<()> {
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

    /// Opens the web site of somebody else, until the returned value is dropped.
    fn open_site(&self) -> anyhow::Result<Running> {
        let mut serve = netns::command(self.away.name(), "python3");
        serve.args(["-m", "http.server", "8000", "--bind", "10.78.0.2"]);
        let site = Running::start("site", &mut serve)?;
        fs::write(site.directory.path().join("index.html"), "<!doctype html><title>foreign</title>")?;
        let mut curl = netns::command(self.away.name(), "curl");
        curl.args(["--silent", "--retry", "20", "--retry-delay", "1", "--retry-connrefused"]);
        shell::output(curl.arg(FOREIGN))?;
        Ok(site)
    }

    fn set_cable(&self, is_in: bool) -> anyhow::Result<()> {
        let state = if is_in { "up" } else { "down" };
        println!("$ ip -n {} link set eth0 {state}", self.host.name());
        ip(&format!("-n {} link set eth0 {state}", self.host.name())).map(drop)
    }

    /// Figures of the server; 0 for one that it does not have yet.
    fn figures(&self, names: &[&str]) -> anyhow::Result<Vec<u64>> {
        let mut curl = netns::command(self.host.name(), "curl");
        let text = shell::output(curl.args(["--silent", "http://127.0.0.1:9952/metrics"]))?;
        let figure = |name: &&str| {
            let line = text.lines().find_map(|line| line.strip_prefix("oxo_")?.strip_prefix(name));
            Ok(line.map_or(Ok(0), |value| value.trim().parse())?)
        };
        names.iter().map(figure).collect()
    }

    /// Begins a match between a browser away and a program at the host, who is to answer the browser's first move.
    fn begin_match<'a>(&self, driver: &'a Driver) -> anyhow::Result<(Browser<'a>, Program)> {
        let phone = Browser::open(driver, PHONE)?;
        phone.go("http://10.78.0.1:1952")?;
        phone.wait(&has("#count", "No games"))?;
        phone.click("#name")?;
        phone.keys("ana")?;
        phone.click("#hosting summary")?;
        let place = format!("{}@10.78.0.1", phone.hosts()?);
        let guest = self.start(&["oxo", "join", &place, "--name", "cyd"])?;
        phone.wait(&has("title", "Your turn"))?;
        phone.keys("7")?;
        wait_for(&guest, "Your turn")?;
        Ok((phone, guest))
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

/// The host, and the outcome of a request and of a `WebSocket`, for all scripts.
const SHARED: &str = "
    const host = 'http://10.78.0.1:1952';
    const asks = (path, options) => fetch(path, options).then(it => `status ${it.status}`, error => error.name);
    const posts = path => asks(path, { method: 'POST', body: 'b2' });
    const opens = url => new Promise(done => {
        const socket = new WebSocket(url, 'oxo.3');
        socket.onopen = () => done('open');
        socket.onclose = ({ code }) => done(`closed, ${code}`);
    });
    const loads = (name, path) => new Promise(done => {
        const element = document.createElement(name);
        [element.onload, element.onerror] = [() => done('loaded'), () => done('not loaded')];
        element.src = host + path;
        document.body.append(element);
    });
";

/// A foreign page sends what browsers let it send. It reads no answer, and the server plays by none.
const ATTEMPTS: [Attempt; 7] = [
    ("reads the list", "return asks(`${host}/games.json`)", "TypeError", 200),
    ("asks, to read nothing", "return asks(`${host}/games.json`, { mode: 'no-cors' })", "TypeError", 200),
    ("posts", "return posts(`${host}/`)", "TypeError", 405),
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
    ("opens a WebSocket", "return opens('ws://10.78.0.1:1952/ws')", "closed, 1006", 403),
    ("runs the script of the page", "return loads('script', '/page.js')", "not loaded", 200),
    ("shows the page in a frame", "return loads('iframe', '/')", "loaded", 200),
];

/// The same page under a name of the attacker, whose own requests are then of its own origin.
const REBOUND_ATTEMPTS: [Attempt; 3] = [
    ("reads the list", "return asks('/games.json')", "status 421", 421),
    ("posts", "return posts('/')", "status 421", 421),
    ("opens a WebSocket", "return opens('/ws')", "closed, 1006", 421),
];
