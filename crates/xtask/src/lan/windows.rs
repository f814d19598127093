//! Programs for Windows among those for Linux: each is the host of the other.
//!
//! They run under wine, whose console does not understand the sequences that draw a screen. So players on Windows play by lines,
//! and of a screen there only the keys are tried.

use std::path::Path;

use anyhow::{Context as _, ensure};

use super::desk::PORT;
use super::lab::{self, join, wait};
use super::matches::{MATCH, turn};
use super::network::Lan;
use super::player::{Player, SOON};
use super::server::Server;
use crate::running::Running;
use crate::shell;
use net::link::Transport::{self, Tcp, Udp};

/// Lets the programs for Windows in a folder meet ours, which have the same names.
///
/// # Errors
///
/// Fails when they do not understand each other.
pub(crate) fn meet_windows(windows: &Path) -> anyhow::Result<()> {
    shell::ensure(&[("nc", "netcat-openbsd")])?;
    let lan = Lan::new()?;
    for desk in lan.desks() {
        // A machine's first program waits for a Windows to be made.
        let (code, ..) = desk.runs(&theirs(windows, "oxo --version"))?;
        ensure!(code == 0, "`oxo.exe` does not start");
    }
    for transport in [Udp, Tcp] {
        serves(&lan, windows, transport)?;
        joins_by_code(&lan, windows, transport)?;
        hosts(&lan, windows, transport)?;
        echoes(&lan, windows, transport)?;
    }
    takes_keys(&lan, windows)
}

/// A server on Windows: for netcat, for `oxo.exe list` and `oxo.exe doctor`, and for a player on each system.
fn serves(lan: &Lan, windows: &Path, transport: Transport) -> anyhow::Result<()> {
    println!("\noxo-server.exe, by {transport}");
    let _server = Server::start(&lan.host, &theirs(windows, "oxo-server"))?;
    let mut netcat = lan.ana.starts("nc 10.77.0.1 1952")?;
    netcat.says("list")?;
    netcat.hears("= no room")?;
    netcat.says("quit")?;
    netcat.hangs_up()?;
    // A client under wine has no UDP over IPv4: wine 10 lacks an option that quinn-udp asks for.
    let place = if transport == Udp { "fd4d:77::1" } else { "10.77.0.1" };
    let ana = wait(&lan.ana, place, Some(transport))?;
    ana.is_on(transport, SOON)?;
    let ben = &lan.ben;
    let (_, listed, _) = ben.runs(&theirs(windows, "oxo list"))?;
    ensure!(listed.contains("ana"), "`oxo.exe list` lists no game of ana");
    let (code, found, _) = ben.runs(&theirs(windows, &format!("oxo doctor {place}")))?;
    ensure!(code == 0 && found.contains("a match can be played"), "`oxo.exe doctor` fails");
    let ben = ben.starts(&theirs(windows, &format!("oxo --plain join {place} --transport {transport}")))?;
    play(ana, ben, 0)
}

/// A host on Linux, and a guest on Windows who knows nothing but the code.
fn joins_by_code(lan: &Lan, windows: &Path, transport: Transport) -> anyhow::Result<()> {
    println!("\noxo.exe joins, by {transport}");
    let (ana, code) = lab::hosts(&lan.ana, "")?;
    let join = format!("oxo --plain join {code} --transport {transport}");
    let ben = lan.ben.starts(&theirs(windows, &join))?;
    play(ana, ben, 0)
}

/// A host on Windows, and a guest on Linux who knows nothing but the code.
fn hosts(lan: &Lan, windows: &Path, transport: Transport) -> anyhow::Result<()> {
    println!("\noxo.exe hosts, by {transport}");
    let ana = lan.ana.starts(&theirs(windows, "oxo --plain host --no-web"))?;
    let told = ana.printed.such("the code", SOON, |line| line.contains("oxo join "))?;
    ana.printed.such("Waiting for a friend.", SOON, |line| line.starts_with("Waiting for a friend"))?;
    let code = told.split_once("oxo join ").and_then(|(_, code)| code.split(['@', ' ', '.']).next());
    let ben = join(&lan.ben, code.context("a command ends with a code")?, Some(transport))?;
    ben.is_on(transport, SOON)?;
    play(ben, ana, 1)
}

/// Plays [`MATCH`] between a player on Linux, at a screen, and one on Windows, by lines. `first` is the half-move with which the
/// former begins.
fn play(mut linux: Player, mut windows: Running, first: usize) -> anyhow::Result<()> {
    for (ply, cell) in MATCH.into_iter().enumerate() {
        if ply % 2 == first {
            linux.reads(&turn(ply), SOON)?;
            linux.press(cell)?;
        } else {
            hears(&windows, &turn(ply))?;
            windows.says(cell)?;
        }
    }
    let headlines = if first == 0 { ["You won.", "You lost."] } else { ["You lost.", "You won."] };
    linux.reads(&[headlines[0], "X has the diagonal 7-5-3."], SOON)?;
    hears(&windows, &[headlines[1], "X has the diagonal 7-5-3."])?;
    linux.leaves()?;
    windows.hangs_up()
}

/// Waits for a line with all of these words, and prints it.
fn hears(windows: &Running, words: &[&str]) -> anyhow::Result<()> {
    let is_heard = |line: &str| words.iter().all(|words| line.contains(words));
    let line = windows.printed.such(&words.join(" … "), SOON, is_heard)?;
    println!("  {:<5} : {line}", windows.name);
    Ok(())
}

/// The lab's programs, which ask each other.
fn echoes(lan: &Lan, windows: &Path, transport: Transport) -> anyhow::Result<()> {
    println!("\nupper_echo.exe, by {transport}");
    let (theirs, ours) = (theirs(windows, "upper_echo"), "upper_echo".to_owned());
    for (server, client) in [(&theirs, &ours), (&ours, &theirs)] {
        let serve = format!("exec {server} serve --listen :{PORT}");
        let _server = lan.host.listens(transport, &serve)?;
        let ask = format!("{client} send 10.77.0.1:{PORT} --{transport}");
        lan.ana.prints(&ask, "hello\none two\n", "HELLO\nONE TWO\n")?;
    }
    Ok(())
}

/// A screen: each key has its effect once, though it is also released, and `Q` and `y` end the program. Ctrl-C is not tried: without
/// a display, wine does not find out which character it is.
fn takes_keys(lan: &Lan, windows: &Path) -> anyhow::Result<()> {
    println!("\noxo.exe, by keys");
    let mut game = Player::start(&lan.ana, &theirs(windows, "oxo bot --seed 1"))?;
    game.sees("Your turn", SOON)?;
    game.press("5")?;
    game.sees("You played the center (5).", SOON)?;
    let mut menu = Player::start(&lan.ana, &theirs(windows, "oxo"))?;
    for (seen, key) in [("Q quit", "Q"), ("Quit?", "y")] {
        menu.sees(seen, SOON)?;
        menu.press(key)?;
    }
    let (code, _) = menu.ends(SOON)?;
    ensure!(code == 0, "`oxo.exe` ended with exit code {code}");
    Ok(())
}

/// The command line of one of their programs.
fn theirs(windows: &Path, line: &str) -> String {
    windows.join(line).display().to_string()
}
