//! Plain mode: matches by lines alone, against the bot, at one keyboard, and against a full client.

use crate::{
    piped::run,
    screen::{CTRL_C, Launch, Screen, home},
    server::Server,
};

/// Runs `oxo` on pipes, with these lines, and returns what it told.
#[track_caller]
fn pipe(args: &str, lines: &str) -> String {
    let home = home();
    let output = run(&home, args, lines);
    let told = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "oxo {args}: {told}{said}");
    assert!(!told.bytes().any(|byte| byte.is_ascii_control() && byte != b'\n'), "{told:?}");
    told
}

/// Asserts that texts come in this order.
#[track_caller]
fn in_order(told: &str, texts: &[&str]) {
    let mut rest = told;
    for text in texts {
        let Some((_, after)) = rest.split_once(text) else { panic!("no {text:?} in its place in\n{told}") };
        rest = after;
    }
}

/// `oxo` with these arguments in a terminal so wide that no line is broken.
fn plain(args: &str) -> Screen {
    Launch::oxo(&format!("{args} --plain")).size(200, 60).start()
}

#[track_caller]
fn types(screen: &mut Screen, line: &str) {
    screen.keys(&format!("{line}\n"));
}

#[track_caller]
fn assert_appended(screen: &Screen) {
    let raw = screen.raw();
    assert!(!raw.contains(&0x1b) && !raw.contains(&7), "{:?}", String::from_utf8_lossy(&raw));
}

#[test]
fn lines_that_come_all_at_once_are_a_match_against_the_bot() {
    let told = pipe("bot --seed 1 --plain", "5\n1\n");
    in_order(
        &told,
        &[
            "You play X, the bot plays O.",
            "Your turn. You are X.",
            "You played the center (5).",
            "Your turn. You are X. The bot played ",
            "You played bottom left (1).",
            "Your turn. You are X. The bot played ",
        ],
    );
}

#[test]
fn a_match_at_one_keyboard_is_told_to_its_end() {
    let told = pipe("local", "5\n1\n4\n2\nboard\n6\nrematch\n");
    in_order(
        &told,
        &[
            "Player 1 plays X, Player 2 plays O.",
            "Your turn, Player 2. You are O. Player 1 played the center (5).",
            "Middle: X, X, 6 free.",
            "Player 1 played right middle (6).",
            "Player 1 won. X has the row 4-5-6.",
            "Game 2",
        ],
    );
}

#[test]
fn the_menu_and_the_list_are_reached_by_words() {
    let told = pipe("", "help\nlist\nback\nbot\n5\nmenu\nreturn\nresign\nyes\nquit\n");
    in_order(
        &told,
        &[
            "Menu: quick, list, host, join PLACE, watch PLACE, bot, local, replays.",
            "join: join by code or address",
            "No games yet; new ones are told.",
            "Menu: ",
            "You played the center (5).",
            "`return` goes back to your game.",
            "Your turn.",
            "Resign the match against the bot?",
            "You lost. You resigned.",
        ],
    );
}

#[test]
fn a_terminal_that_cannot_draw_is_told_by_lines() {
    for kind in ["dumb", "unknown"] {
        let mut screen = Launch::oxo("local").env("TERM", kind).start();
        screen.wait_for("Your turn, Player 1.");
        types(&mut screen, "5");
        screen.wait_for("Player 1 played the center (5).");
        screen.keys(CTRL_C);
        screen.wait_for("Quit? It ends the game at this keyboard.");
        types(&mut screen, "yes");
        assert_eq!(screen.exit_code(), Some(0));
        assert_appended(&screen);
        screen.assert_restored();
    }
}

#[test]
fn a_match_by_lines_against_a_full_client() {
    let server = Server::start();
    let mut ana = plain(&format!("join {} --name ana", server.addr));
    ana.wait_for("Waiting for a friend.");
    let mut ben = Launch::oxo(&format!("join {} --name ben", server.addr)).start();
    ana.wait_for("You play X, ben plays O.");
    ana.wait_for("Your turn. You are X.");
    types(&mut ana, "talk");
    ana.wait_for("The chat is open for both of you");
    types(&mut ana, "say good luck");
    ben.wait_for("good luck");
    ben.keys("tyou too\r");
    ana.wait_for("ben: you too");
    types(&mut ana, "7");
    ben.wait_for("Your turn. You are O. ana played top left (7).");
    ben.keys("d");
    ana.wait_for("ben offers a draw. `accept` or `decline`.");
    types(&mut ana, "decline");
    ben.wait_for("ana declined the draw offer.");
    ben.keys("4");
    ana.wait_for("Your turn. You are X. ben played left middle (4).");
    types(&mut ana, "8");
    ben.wait_for("ana played top middle (8).");
    ben.keys("5");
    ana.wait_for("ben played the center (5).");
    types(&mut ana, "9");
    ana.wait_for("You won. X has the row 7-8-9. `rematch` asks for a rematch.");
    ben.wait_for("You lost.");
    ben.keys("r");
    ana.wait_for("ben wants a rematch: `rematch` within");
    types(&mut ana, "rematch");
    ana.wait_for("ben plays X, you play O.");
    ben.wait_for("Your turn. You are X.");
    types(&mut ana, "quit");
    ana.wait_for("Quit?");
    types(&mut ana, "yes");
    assert_eq!(ana.exit_code(), Some(0));
    assert_appended(&ana);
}

#[test]
fn a_host_by_lines_is_told_how_a_friend_comes_and_joins_the_match_by_that() {
    let mut ana = plain("host --listen 127.0.0.1:0 --name ana");
    ana.wait_for("Your friend types: oxo join ");
    ana.wait_for("Only players at this machine can join.");
    let text = ana.text();
    let place = text.lines().find_map(|line| line.split_once("oxo join ")).unwrap().1.to_owned();
    let mut ben = plain("--name ben");
    ben.wait_for("Menu: ");
    types(&mut ben, &format!("join {place}"));
    ben.wait_for("Waiting for ana to play X.");
    ana.wait_for("Your turn. You are X.");
    types(&mut ana, "5");
    ben.wait_for("Your turn. You are O. ana played the center (5).");
    ana.keys(CTRL_C);
    ana.wait_for("Quit? The match is served from here");
    ana.keys(CTRL_C);
    assert_eq!(ana.exit_code(), Some(0));
}
