//! `cargo xtask picture`: the picture of the README, made from a real match.
//!
//! The two real programs play a few moves in pseudo-terminals, and the screen of one of them becomes an SVG:
//! text, so that it stays small and sharp, and a change of the screen shows in the diff.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::shell;

/// Where the picture goes, from the workspace's root.
const PICTURE: &str = "assets/match.svg";

/// The size of the terminal, the one that the game is drawn for.
const COLUMNS: u16 = 80;
const ROWS: u16 = 24;

/// Pixels of one character in the picture.
const CELL: (u16, u16) = (9, 18);

/// How long a text may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays a few moves and writes the picture.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::run(&mut shell::cargo(&["build", "--package", "tui-client"]))?;
    let mut ana = Player::start(&["host", "--listen", "127.0.0.1:0", "--name", "ana"])?;
    let screen = ana.wait_for("oxo join ")?;
    let place = screen.split("oxo join ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let place = place.context("the host's screen shows no command")?.to_owned();
    let mut ben = Player::start(&["join", &place, "--name", "ben"])?;
    ana.wait_for("Your turn")?;
    for (mover, digit, seen) in [(0, "7", "X 7"), (1, "8", "O 8"), (0, "6", "X 6"), (1, "4", "O 4")] {
        let (player, other) = if mover == 0 { (&mut ana, &mut ben) } else { (&mut ben, &mut ana) };
        player.wait_for("Your turn")?;
        player.keys.write_all(digit.as_bytes())?;
        other.wait_for(seen)?;
    }
    ana.wait_for("Your turn")?;
    ana.wait_for("* tcp <1 ms").or_else(|_| ana.wait_for("* tcp "))?;
    fs::write(PICTURE, svg(ana.parser.screen()))?;
    println!("wrote {}", Path::new(PICTURE).display());
    Ok(())
}

/// One program in a terminal of its own.
struct Player {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn std::io::Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Keeps the terminal open.
    _terminal: Box<dyn MasterPty + Send>,
}

impl Player {
    fn start(args: &[&str]) -> anyhow::Result<Self> {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let state = tempfile::tempdir()?;
        let program = std::env::current_dir()?.join("target/debug/oxo");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(std::env::current_dir()?);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("XDG_STATE_HOME", state.keep());
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader()?;
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let side = |count| NonZero::new(count).expect("a constant that is not zero");
        let parser = vt100::Parser::new(side(ROWS), side(COLUMNS), 0);
        Ok(Self { parser, output, keys: pair.master.take_writer()?, child, _terminal: pair.master })
    }

    /// Waits until the screen shows a text, and returns all of it.
    fn wait_for(&mut self, text: &str) -> anyhow::Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.parser.screen().contents();
            if screen.contains(text) {
                return Ok(screen);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            ensure!(!left.is_zero(), "no {text:?} on the screen:\n{screen}");
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(error) => bail!("no {text:?} on the screen ({error}):\n{screen}"),
            }
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The screen as an SVG: one text element for each run of characters that look alike.
fn svg(screen: &vt100::Screen) -> String {
    let (width, height) = (COLUMNS * CELL.0 + 24, ROWS * CELL.1 + 24);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" \
         font-size=\"15\">\n<title>A match of oxo in a terminal</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16181d\"/>\n"
    );
    for row in 0..ROWS {
        let mut column = 0;
        while column < COLUMNS {
            let start = column;
            let look = Look::of(screen, row, column);
            let mut text = String::new();
            while column < COLUMNS && Look::of(screen, row, column) == look {
                let contents = screen.cell(row, column).map(vt100::Cell::contents).unwrap_or_default();
                text.push_str(if contents.is_empty() { " " } else { contents });
                column += 1;
            }
            look.draw(&mut svg, row, start, &text);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// How a character looks.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    color: &'static str,
    is_bold: bool,
    is_inverse: bool,
}

impl Look {
    fn of(screen: &vt100::Screen, row: u16, column: u16) -> Self {
        let Some(cell) = screen.cell(row, column) else {
            return Self { color: "#d7dae0", is_bold: false, is_inverse: false };
        };
        let color = match cell.fgcolor() {
            vt100::Color::Idx(1 | 9) => "#f47067",
            vt100::Color::Idx(2 | 10) => "#8ddb8c",
            vt100::Color::Idx(4 | 12) => "#6cb6ff",
            vt100::Color::Idx(5 | 13) => "#dcbdfb",
            _ if cell.dim() => "#7d8590",
            _ => "#d7dae0",
        };
        Self { color, is_bold: cell.bold(), is_inverse: cell.inverse() }
    }

    fn draw(self, svg: &mut String, row: u16, column: u16, text: &str) {
        if text.trim().is_empty() && !self.is_inverse {
            return;
        }
        let (x, y) = (12 + column * CELL.0, 12 + row * CELL.1);
        let width = u16::try_from(text.chars().count()).unwrap_or(COLUMNS) * CELL.0;
        let mut fill = self.color;
        if self.is_inverse {
            let height = CELL.1;
            let _written = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>"
            );
            fill = "#16181d";
        }
        let weight = if self.is_bold { " font-weight=\"bold\"" } else { "" };
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let baseline = y + 14;
        let _written = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{baseline}\" textLength=\"{width}\" xml:space=\"preserve\" fill=\"{fill}\"{weight}>\
             {text}</text>"
        );
    }
}
