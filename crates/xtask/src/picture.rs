//! `cargo xtask picture`: the picture of the README, made from a real match.
//!
//! Two real programs play a few moves in terminals, and the screen of one of them becomes an SVG: text, so that it stays
//! small and sharp, and a change of the screen shows in the diff.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use anyhow::Context as _;
use pty_driver::{Launch, Output, Program};

use crate::shell;

/// The picture, from the workspace's root.
const PICTURE: &str = "assets/match.svg";

/// The size of the terminal, the one that the game is drawn for.
const COLUMNS: u16 = 80;
const ROWS: u16 = 24;

/// Pixels of one character in the picture.
const CELL: (u16, u16) = (9, 18);

/// The limit for a text to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays a few moves and writes the picture.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::run(&mut shell::cargo(&["build", "--package", "tui-client"]))?;
    let mut ana = start(&["host", "--listen", "127.0.0.1:0", "--name", "ana"])?;
    wait_for(&ana, "oxo join ")?;
    let screen = ana.look(|output| output.screen().contents());
    let place = screen.split("oxo join ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let mut ben = start(&["join", place.context("the host's screen shows no command")?, "--name", "ben"])?;
    for (mover, digit, seen) in [(0, "7", "X 7"), (1, "8", "O 8"), (0, "6", "X 6"), (1, "4", "O 4")] {
        let (player, other) = if mover == 0 { (&mut ana, &ben) } else { (&mut ben, &ana) };
        wait_for(player, "Your turn")?;
        player.keys(digit)?;
        wait_for(other, seen)?;
    }
    wait_for(&ana, "Your turn")?;
    wait_for(&ana, "* tcp <1 ms").or_else(|_| wait_for(&ana, "* tcp "))?;
    fs::write(PICTURE, ana.look(|output| svg(output.screen())))?;
    println!("wrote {PICTURE}");
    Ok(())
}

fn start(args: &[&str]) -> anyhow::Result<Program> {
    Launch::new(std::env::current_dir()?.join("target/debug/oxo"), args).size(COLUMNS, ROWS).start()
}

fn wait_for(player: &Program, text: &str) -> anyhow::Result<()> {
    player.wait(PATIENCE, |output: &Output| output.says(text)).with_context(|| format!("no {text:?}"))
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

/// The look of a character.
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
