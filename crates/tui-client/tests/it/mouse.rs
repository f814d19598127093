//! A match by the mouse alone, with the bytes that a terminal sends (reports of xterm's mode 1006).

use std::fs;

use crate::{
    boards::focused,
    screen::{Launch, home},
};

#[test]
fn a_match_is_played_by_the_mouse_alone_from_the_menu_to_the_rematch() {
    let home = home();
    let settings = "name = \"ana\"\nlisten = \"127.0.0.1:0\"\nannounce = false\n";
    fs::write(home.path().join("oxo/config.toml"), settings).unwrap();
    let mut ana = Launch::oxo("").home(&home).start();
    ana.click_on("Host", "Enter start Esc back");
    ana.click_on("Series", "one game after another");
    ana.click_on("Series", "best of 3");
    ana.click_on("start   Esc", "Tell your friend");
    ana.wait_for("@");
    let text = ana.text();
    let (code, place) = text.split_once('@').unwrap();
    let (code, place) = (code.split_whitespace().last().unwrap(), place.split_whitespace().next().unwrap());

    let mut ben = Launch::oxo(&format!("watch {place} --name ben")).start();
    ben.click_on(code, "Waiting for ana to play X.");

    // The terminal's cursor stands in the middle of the board, and a cell and its line take 14 columns and 6 rows.
    ana.wait_until("the focus is in the middle", |now| focused(now) == "5");
    let (row, column) = ana.look(vt100::Screen::cursor_position);
    let [left, right, top] = [column - 14, column + 14, row - 6];
    ana.click_until((left, top), "You played top left (7).");
    ben.click_until((left, row), "You played left middle (4).");
    ana.click_until((column, top), "You played top middle (8).");
    ben.click_until((column, row), "You played the center (5).");
    ana.click_until((right, top), "You won.");

    ana.click_on("r  next game", "waiting for ben");
    ben.click_on("r  next game", "game 2");
    ben.click_on("R resign", "Resign the match");
    ben.click_on("y yes", "You resigned.");
    ana.wait_for("You won.");
    ana.click_on("Esc leave", "Quick match");
}

#[test]
fn the_setting_leaves_all_clicks_but_those_on_the_board_to_the_terminal() {
    let home = home();
    fs::write(home.path().join("oxo/config.toml"), "mouse = \"board\"\n").unwrap();
    let mode = vt100::Screen::mouse_protocol_mode;
    let mut screen = Launch::oxo("").home(&home).start();
    screen.wait_for("Quick match");
    assert_eq!(screen.look(mode), vt100::MouseProtocolMode::None);
    screen.keys("t\r");
    screen.wait_for("Your turn, Player 1.");
    assert_eq!(screen.look(mode), vt100::MouseProtocolMode::PressRelease);
}
