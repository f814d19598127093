//! The form for a new game, filled by the keys of a terminal.

use crate::screen::{CTRL_C, ESC, Launch, home};

const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";

#[test]
fn a_series_on_a_larger_board_and_a_clock_is_hosted_by_the_form_alone() {
    // The address to listen on stays for all rooms of the program.
    let mut ana = Launch::oxo("host --listen 127.0.0.1:0 --name ana").start();
    ana.wait_for("Waiting for a friend.");
    ana.keys(ESC);
    ana.wait_for("Stop waiting?");
    ana.keys("y");
    ana.wait_for("Quick match");
    ana.keys("h");
    ana.wait_for("Enter starts the game.");
    ana.keys(&[RIGHT, DOWN, DOWN, RIGHT, DOWN, RIGHT].concat());
    ana.wait_for("oxo host --board 5x5:4 --best-of 3 --clock 30s");
    ana.keys("\r");
    ana.wait_for("oxo join");
    let text = ana.text();
    let place = text.split("oxo join ").nth(1).unwrap().split_whitespace().next().unwrap();
    let ben = Launch::oxo(&format!("join {place} --name ben")).start();
    for screen in [&ana, &ben] {
        screen.wait_for("5x5, 4 in a row, best of 3");
        screen.wait_for("ben");
    }
    ana.wait_for("Your turn");
    ana.keys("/c3\r");
    ben.wait_for("ana played c3.");
    ben.wait_for("0:30");
}

#[test]
fn two_names_and_a_clock_are_typed_and_stand_in_the_form_of_the_next_run() {
    let home = home();
    let mut screen = Launch::oxo("").home(&home).start();
    screen.wait_for("Quick match");
    screen.keys("t");
    screen.wait_for("Enter starts the game.");
    screen.keys(&[DOWN, DOWN, DOWN, "soon\r"].concat());
    screen.wait_for("Not taken: a clock is `off`");
    screen.keys("\x15");
    screen.keys("2m\r");
    screen.wait_for("oxo local --clock 2m");
    screen.keys(&[DOWN, "ann\r", DOWN, "bo b\r"].concat());
    screen.wait_for("oxo local --clock 2m --names ann 'bo b'");
    screen.keys("\r");
    screen.wait_for("Your turn, ann.");
    screen.keys("5");
    screen.wait_for("Your turn, bo b.");
    screen.keys(CTRL_C);
    screen.wait_for("Quit?");
    screen.keys("y");
    assert_eq!(screen.exit_code(), Some(0));
    let mut screen = Launch::oxo("").home(&home).start();
    screen.wait_for("Quick match");
    screen.keys("t");
    screen.wait_for("oxo local --clock 2m --names ann 'bo b'");
}
