//! Other boards and rules, and the mouse.

use crate::screen::{CTRL_C, ESC, Launch};

const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
const LEFT: &str = "\x1b[D";

#[test]
fn four_in_a_row_on_five_by_five_are_placed_with_the_arrows() {
    let mut screen = Launch::oxo("local --board 5x5:4").start();
    screen.wait_for("5x5, 4 in a row, game 1");
    screen.keys("5");
    screen.wait_for("Digits play on 3x3 only.");
    screen.keys("\r");
    screen.wait_for("Player 1 played c3.");
    // O above, X on along the row.
    let moves = [(UP, "c4"), (DOWN, ""), (RIGHT, "d3"), (UP, "d4"), (DOWN, ""), (RIGHT, "e3"), (UP, "e4")];
    for (arrow, cell) in moves {
        screen.keys(arrow);
        if !cell.is_empty() {
            screen.keys(" ");
            screen.wait_for(&format!("played {cell}."));
        }
    }
    screen.keys(&format!("{DOWN}{LEFT}{LEFT}{LEFT}\r"));
    screen.wait_for("Player 1 won. X has the row b3-c3-d3-e3.");
    screen.wait_for("Next: game 2, Player 2 starts");
    screen.keys("r");
    screen.wait_for("Your turn, Player 2. You are X.");
}

#[test]
fn in_misere_who_completes_a_line_loses() {
    let mut screen = Launch::oxo("local --misere").start();
    screen.wait_for("3x3, a line loses, game 1");
    for (digit, said) in [("7", "(7)"), ("4", "(4)"), ("8", "(8)"), ("5", "(5)")] {
        screen.keys(digit);
        screen.wait_for(&format!("{said}."));
    }
    screen.keys("9");
    screen.wait_for("Player 2 won. X completed the row 7-8-9.");
}

#[test]
fn a_click_places_a_mark() {
    for (columns, rows, (x, y)) in [(80, 24, (10, 4)), (40, 12, (6, 2)), (20, 7, (6, 2))] {
        let mut screen = Launch::oxo("local").size(columns, rows).start();
        // The terminal's cursor stands on the cell in focus: at first the middle, then the one clicked on.
        screen.wait_until("the focus is in the middle", |now| focused(now) == "5");
        let (row, column) = screen.look(vt100::Screen::cursor_position);
        screen.click(column + x, row - y);
        screen.wait_until("there is an X in the focus", |now| focused(now) == "X");
        let (row, column) = screen.look(vt100::Screen::cursor_position);
        screen.click(column - 2 * x, row + y);
        screen.wait_until("there is an O in the focus", |now| focused(now) == "O");
        screen.resize(80, 24);
        screen.wait_for("1 X 9 O 4");
    }
}

#[test]
fn a_click_between_the_cells_does_nothing() {
    let mut screen = Launch::oxo("local").start();
    screen.wait_until("the focus is in the middle", |now| focused(now) == "5");
    let (row, column) = screen.look(vt100::Screen::cursor_position);
    screen.click(column + 5, row);
    screen.click(column, row + 2);
    screen.click(0, row);
    screen.keys("5");
    screen.wait_for("Your turn, Player 2. You are O. Player 1 played the center (5).");
}

/// The text at the terminal's cursor.
fn focused(screen: &vt100::Screen) -> &str {
    let (row, column) = screen.cursor_position();
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
    screen.wait_for("MAIN MENU");
    screen.keys("t");
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
    screen.wait_for("GAMES ON THIS LAN");
    screen.keys("j");
    screen.wait_for("JOIN A GAME");
    screen.keys("\x1b[200~KITE-42@127.0.0.1:1\n\x1b[201~");
    screen.wait_for("> KITE-42@127.0.0.1:1");
    screen.keys("\r");
    screen.wait_for("THAT DID NOT WORK");
    screen.wait_for("refused");
    screen.keys(ESC);
    screen.wait_for("MAIN MENU");
}
