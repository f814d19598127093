//! `cargo xtask pictures`: the pictures of the README and the documents, made from real games.
//!
//! Real programs play in terminals, and their screens become SVGs: text, so that they stay small and sharp, and a change of a
//! screen shows in the diff. Block characters are drawn as rectangles, since fonts leave gaps between them.

mod svg;

use std::{cell::Cell, fs, path::Path};

use anyhow::Context as _;
use pty_driver::{Output, Program};

use self::svg::Ground;
use crate::{
    shell,
    terminal::{self, PATIENCE, wait_for, word_after},
};

/// The directory of the pictures, from the workspace's root.
const PICTURES: &str = "assets/screens";

/// The size of the terminal that the game is drawn for, and of the small one.
const USUAL: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (40, 12);

/// Plays, and writes the pictures.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::run(&mut shell::cargo(&["build", "--package", "tui-client", "--package", "server"]))?;
    fs::create_dir_all(PICTURES)?;
    keep(&start(&["--name", "ana"], USUAL)?, "none found yet", "menu", Ground::DARK)?;
    new_game()?;
    series()?;
    list()?;
    for (name, args, size, keys, seen, ground) in [
        ("drawn", "local", USUAL, "579146823", "Draw", Ground::DARK),
        ("match-40x12", "bot --level easy --seed 1", SMALL, "5", "The bot played", Ground::DARK),
        ("match-light", "local --theme light", USUAL, "5793", "Player 2 played bottom right", Ground::LIGHT),
        ("match-mono", "local --theme mono", USUAL, "5793", "Player 2 played bottom right", Ground::DARK),
        ("match-edsac", "local --theme edsac", USUAL, "5793", "Player 2 played bottom right", Ground::DARK),
        ("board-19x19", "local --board 19x19:5", USUAL, LARGE, "Player 1 played", Ground::DARK),
        ("plain", "bot --plain --level easy --seed 1", USUAL, "5\n", "The bot played", Ground::DARK),
        (
            "lab",
            "lab --name ana --loss 20% --delay 30ms --seed 3",
            USUAL,
            "5",
            "The bot played",
            Ground::DARK,
        ),
    ] {
        let mut player = start(&args.split(' ').collect::<Vec<_>>(), size)?;
        wait_for(&player, "turn")?;
        player.keys(keys)?;
        keep(&player, seen, name, ground)?;
    }
    Ok(())
}

/// Keys that place some marks on a large board, each beside the last.
const LARGE: &str = "\r\x1b[C\r\x1b[A\r\x1b[D\r\x1b[D\r\x1b[B\r\x1b[B\r\x1b[C\r\x1b[C\r";

/// The form for a new game, with a series on a clock.
fn new_game() -> anyhow::Result<()> {
    let mut ana = start(&["--name", "ana"], USUAL)?;
    wait_for(&ana, "Quick match")?;
    ana.keys("h")?;
    wait_for(&ana, "Enter starts the game")?;
    ana.keys("\x1b[C\x1b[B\x1b[B\x1b[C\x1b[B\x1b[C")?;
    keep(&ana, "--clock 30s", "new-game", Ground::DARK)
}

/// A series between two: the host waits, plays and wins, and the guest loses.
fn series() -> anyhow::Result<()> {
    let host =
        |at| start(&["host", "--listen", at, "--name", "ana", "--best-of", "3", "--clock", "30s"], USUAL);
    // Needs an address that other machines reach, which the picture shows.
    keep(&host("[::]:0")?, "Scan it", "waiting", Ground::DARK)?;
    let mut ana = host("127.0.0.1:0")?;
    let place = word_after(&ana, "oxo join ")?;
    let mut ben = start(&["join", &place, "--name", "ben"], USUAL)?;
    let mut last = "Your turn".to_owned();
    for (index, digit) in ["7", "8", "6", "4", "3", "9", "5"].into_iter().enumerate() {
        let player = if index.is_multiple_of(2) { &mut ana } else { &mut ben };
        // The move before, since the turn of two moves ago may still stand there.
        wait_for(player, &last)?;
        last = format!("({digit}).");
        match index {
            0 => {
                ben.keys("tgl hf\r")?;
                wait_for(&ana, "gl hf")?;
            }
            4 => keep(&ana, "Your turn", "match", Ground::DARK)?,
            _ => {}
        }
        let player = if index.is_multiple_of(2) { &mut ana } else { &mut ben };
        player.keys(digit)?;
    }
    keep(&ana, "You won", "won", Ground::DARK)?;
    keep(&ben, "You lost", "lost", Ground::DARK)
}

/// The list of a server with some games.
fn list() -> anyhow::Result<()> {
    let server = ["oxo-server", "--listen", "127.0.0.1:0", "--no-discovery", "--no-store"];
    let server = terminal::launch(None, &server)?.start()?;
    let place = &word_after(&server, "listening tcp ")?;
    let mut players = Vec::new();
    for (name, terms, seen) in [
        ("ben", "--board 3x3 --best-of 3 --clock 30s", "Waiting for"),
        ("Dad laptop", "--board 5x5:4", "Waiting for"),
        ("eve", "--board 3x3 --clock 10s", "Waiting for"),
        ("kim", "--board 3x3 --clock 10s", "eve"),
        ("mia", "--board 15x15:5 --best-of 3", "Waiting for"),
    ] {
        let args = ["join", place, "--name", name].into_iter().chain(terms.split(' '));
        let player = start(&args.collect::<Vec<_>>(), USUAL)?;
        wait_for(&player, seen)?;
        players.push(player);
    }
    let watcher = start(&["watch", place, "--name", "ana"], USUAL)?;
    keep(&watcher, "4 games", "list", Ground::DARK)
}

fn start(args: &[&str], (columns, rows): (u16, u16)) -> anyhow::Result<Program> {
    terminal::launch(None, &[&["oxo"], args].concat())?.size(columns, rows).start()
}

/// Tells whether a frame ends here, which may come in several reads: with the cursor hidden, or shown and placed, and in plain
/// mode with a line.
pub(crate) fn is_whole(raw: &[u8]) -> bool {
    let placed = raw.windows(6).rposition(|bytes| bytes == b"\x1b[?25h").map(|at| &raw[at + 6..]);
    let is_placed = |end: &[u8]| end.len() < 11 && end.starts_with(b"\x1b[") && end.ends_with(b"H");
    raw.ends_with(b"\x1b[?25l") || raw.ends_with(b"\n") || placed.is_some_and(is_placed)
}

/// Writes the picture of the first whole frame that has this text.
fn keep(player: &Program, text: &str, name: &str, ground: Ground) -> anyhow::Result<()> {
    let picture = Cell::new(String::new());
    let is_there = |output: &Output| {
        if is_whole(output.raw()) && output.says(text) {
            picture.set(svg::draw(output.screen(), ground));
            return true;
        }
        false
    };
    player.wait(PATIENCE, is_there).with_context(|| format!("the picture {name} is not there"))?;
    let path = Path::new(PICTURES).join(name).with_extension("svg");
    fs::write(&path, picture.take())?;
    println!("wrote {}", path.display());
    Ok(())
}
