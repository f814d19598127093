//! Other boards and rules, and the mouse.

use game_core::Cell;

use crate::screen::{CTRL_C, ESC, Launch, Screen};

const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
const LEFT: &str = "\x1b[D";

#[test]
fn four_in_a_row_on_five_by_five_are_placed_with_the_arrows() {
    let mut screen = Launch::oxo("local --board 5x5:4").start();
    screen.wait_for("5x5, 4 in a row · game 1");
    screen.keys("5");
    screen.wait_for("Digits play on 3x3 only.");
    screen.keys("\r");
    screen.wait_for("Player 1 played c3.");
    // O above, X on along the row.
    for cell in ["c4", "d3", "d4", "e3", "e4"] {
        place(&mut screen, cell);
        screen.wait_for(&format!("played {cell}."));
    }
    place(&mut screen, "b3");
    screen.wait_for("Player 1 won. X has the row b3-c3-d3-e3.");
    screen.wait_for("Press r for a rematch.");
    screen.keys("r");
    screen.wait_for("Your turn, Player 2. You are X.");
}

/// Moves the cursor of a board of 5x5 on 80x24 to a cell by the arrows, and places there.
fn place(screen: &mut Screen, cell: &str) {
    let cell: Cell = cell.parse().unwrap();
    let wanted = (3 + 4 * (4 - i32::from(cell.row())), 11 + 10 * i32::from(cell.column()));
    let at = |now: &vt100::Screen| {
        let (row, column) = now.cursor_position();
        (i32::from(row), i32::from(column))
    };
    // The cursor comes last in a frame.
    screen.wait_until("the cursor is on a cell", |now| {
        let (row, column) = at(now);
        (row - 3).rem_euclid(4) == 0 && (column - 11).rem_euclid(10) == 0
    });
    let now = screen.look(at);
    let steps = |distance: i32, [back, on]: [&str; 2]| {
        if distance < 0 { back } else { on }.repeat(usize::try_from(distance.abs()).unwrap())
    };
    screen.keys(&steps((wanted.0 - now.0) / 4, [UP, DOWN]));
    screen.keys(&steps((wanted.1 - now.1) / 10, [LEFT, RIGHT]));
    screen.wait_until(&format!("the cursor is on {cell}"), |now| at(now) == wanted);
    screen.keys(" ");
}

#[test]
fn in_misere_who_completes_a_line_loses() {
    let mut screen = Launch::oxo("local --misere").start();
    screen.wait_for("3x3, a line loses · game 1");
    for (digit, said) in [("7", "(7)"), ("4", "(4)"), ("8", "(8)"), ("5", "(5)")] {
        screen.keys(digit);
        screen.wait_for(&format!("{said}."));
    }
    screen.keys("9");
    screen.wait_for("Player 2 won. X completed the row 7-8-9.");
}

#[test]
fn a_click_places_a_mark() {
    for (columns, rows, (x, y)) in [(80, 24, (14, 6)), (40, 12, (6, 2)), (20, 7, (6, 2))] {
        let mut screen = Launch::oxo("local").size(columns, rows).start();
        // The terminal's cursor stands on the cell in focus, at first the middle.
        screen.wait_until("the focus is in the middle", |now| focused(now) == "5");
        let (row, column) = screen.look(vt100::Screen::cursor_position);
        let turn = if rows < 12 { "[X]" } else { "Player 1 played top right (9)." };
        screen.click_until((column + x, row - y), turn);
        screen.click(column - x, row);
        screen.wait_until("the left middle has lost its digit", |now| text_at(now, row, column - x) != "4");
        screen.resize(80, 24);
        screen.wait_for("1 X 9 O 4");
    }
}

#[test]
fn a_click_between_the_cells_does_nothing() {
    let mut screen = Launch::oxo("local").start();
    screen.wait_until("the focus is in the middle", |now| focused(now) == "5");
    let (row, column) = screen.look(vt100::Screen::cursor_position);
    screen.click_until((column, row), "Player 1 played the center (5).");
    screen.click(column + 7, row);
    screen.click(column, row + 3);
    screen.click(0, row);
    screen.keys("7");
    screen.wait_for("Your turn, Player 1. You are X. Player 2 played top left (7).");
}

/// The text at the terminal's cursor.
pub(crate) fn focused(screen: &vt100::Screen) -> &str {
    let (row, column) = screen.cursor_position();
    text_at(screen, row, column)
}

fn text_at(screen: &vt100::Screen, row: u16, column: u16) -> &str {
    screen.cell(row, column).map_or("", vt100::Cell::contents)
}

#[test]
fn a_taken_cell_is_refused_in_words() {
    let mut screen = Launch::oxo("local").start();
    screen.wait_for("Your turn, Player 1.");
    screen.keys("5");
    screen.wait_for("Your turn, Player 2.");
    screen.keys("5");
    screen.wait_for("That cell is taken. Your turn, Player 2.");
}

#[test]
fn the_menu_starts_a_game_and_keeps_it_when_left() {
    let mut screen = Launch::oxo("").start();
    screen.wait_for("Quick match");
    screen.keys("t\r");
    screen.wait_for("Your turn, Player 1.");
    screen.keys("7");
    screen.wait_for("Your turn, Player 2.");
    screen.keys(ESC);
    screen.wait_for("Enter returns to your game.");
    screen.keys("\r");
    screen.wait_for("Player 1 played top left (7).");
    screen.keys(CTRL_C);
    screen.wait_for("Quit?");
}

#[test]
fn a_pasted_place_is_joined() {
    let mut screen = Launch::oxo("join").start();
    screen.wait_for("games on this network");
    screen.keys("j");
    screen.wait_for("join a game");
    screen.keys("\x1b[200~KITE-42@127.0.0.1:1\n\x1b[201~");
    screen.wait_for("> KITE-42@127.0.0.1:1");
    screen.keys("\r");
    screen.wait_for("that did not work");
    screen.wait_for("refused");
    screen.keys(ESC);
    screen.wait_for("Quick match");
}
