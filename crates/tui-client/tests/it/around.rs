//! Around a match: chat, watching, lists of games, passcodes, and the call back to a match.

use crate::{
    matches::{alternate, join, join_second},
    screen::{CTRL_C, CTRL_Z, ESC, Launch, Screen, home},
    server::Server,
};

/// Ana hosts and waits. Returns the place where a friend joins her.
fn host(options: &str) -> (Screen, String) {
    let screen = Launch::oxo(&format!("host --listen 127.0.0.1:0 --name ana {options}")).start();
    screen.wait_for("Waiting for a friend.");
    screen.wait_for("oxo join");
    let text = screen.text();
    let place = text.split("oxo join ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    (screen, place)
}

fn start(command: &str) -> Screen {
    Launch::oxo(command).start()
}

/// Ana hosts, and ben has joined by the code.
fn friends() -> (Screen, Screen, String) {
    let (ana, place) = host("");
    let ben = start(&format!("join {place} --name ben"));
    ben.wait_for("Waiting for ana to play X.");
    ana.wait_for("Your turn. You are X.");
    (ana, ben, place)
}

#[test]
fn two_talk_and_no_word_plays_a_move() {
    let (mut ana, mut ben, _) = friends();
    ana.keys("t");
    ana.wait_for("Say>");
    ana.keys("5 good luck?");
    ana.wait_for("Say> 5 good luck?");
    ana.wait_for("Your turn. You are X.");
    ana.keys("\r");
    ben.wait_for("ana 5 good luck?");
    ana.wait_for("ana 5 good luck?");
    ben.keys("e");
    ben.wait_for("1 hi 2 gg");
    ben.keys("1");
    ana.wait_for("ben hi");
    ana.keys("m");
    ana.wait_for("Muted:");
    ben.keys("tnot heard\r");
    ben.wait_for("ben not heard");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "74");
    assert!(!ana.text().contains("not heard"), "{}", ana.text());
}

#[test]
fn a_watcher_sees_the_match_and_follows_through_the_rematch() {
    let (mut ana, mut ben, place) = friends();
    let mut eve = start(&format!("watch {place} --name eve"));
    eve.wait_for("Waiting for ana to play X.");
    eve.wait_for("You watch.");
    ana.wait_for("1 watching");
    eve.keys("5");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "7485");
    eve.wait_for("ben played the center (5).");
    ana.keys("s");
    ana.wait_for("Watchers are heard now.");
    eve.keys("tnice\r");
    ben.wait_for("eve* nice");
    ana.keys("9");
    eve.wait_for("ana won. X has the row 7-8-9.");
    // What eve knows, ana need not know yet.
    ana.wait_for("You won.");
    ana.keys("r");
    ben.wait_for("ana wants a rematch");
    ben.keys("r");
    eve.wait_for("game 2");
    eve.wait_for("Waiting for ben to play X.");
    ben.wait_for("Your turn. You are X.");
    ben.keys("1");
    eve.wait_for("ben played bottom left (1).");
    eve.keys(ESC);
    eve.wait_for("Quick match");
    ana.wait_while("1 watching");
    let late = start(&format!("watch {place} --name kim"));
    ana.wait_for("1 watching");
    ana.keys("w");
    late.wait_for("The room was closed to watchers");
}

#[test]
fn a_watcher_sees_the_whole_best_of_three() {
    let (mut ana, place) = host("--best-of 3");
    let mut ben = start(&format!("join {place} --name ben"));
    ana.wait_for("Your turn. You are X.");
    let eve = start(&format!("watch {place} --name eve"));
    eve.wait_for("Waiting for ana to play X.");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "7485");
    ana.keys("9");
    eve.wait_for("ana won. X has the row 7-8-9.");
    // What eve knows, ana need not know yet.
    ana.wait_for("You won.");
    ana.keys("r");
    ben.wait_for("ana is ready for game 2");
    ben.keys("r");
    eve.wait_for("game 2");
    eve.wait_for("Waiting for ben to play X.");
    ben.wait_for("Your turn. You are X.");
    alternate((&mut ben, "ben"), (&mut ana, "ana"), "4758");
    ben.wait_for("Your turn.");
    ben.keys("1");
    ana.wait_for("ben played bottom left (1).");
    ana.keys("9");
    eve.wait_for("ana won. O has the row 7-8-9.");
    eve.wait_for("2 wins");
}

#[test]
fn a_passcode_is_asked_for_until_it_is_right() {
    let (ana, place) = host("--passcode tuna");
    ana.wait_for("Locked: passcode tuna");
    let mut ben = start(&format!("join {place} --name ben"));
    ben.wait_for("needs a passcode");
    ben.keys("cod\r");
    ben.wait_for("that is not the passcode");
    ben.keys("tuna\r");
    ben.wait_for("Waiting for ana to play X.");
    let mut eve = start(&format!("watch {place} --name eve --passcode tuna"));
    eve.wait_for("You watch.");
    eve.keys(CTRL_C);
    assert_eq!(eve.exit_code(), Some(0));
    let mut kim = start(&format!("watch {place} --name kim"));
    kim.wait_for("needs a passcode");
    kim.keys(ESC);
    kim.wait_for("Quick match");
}

#[test]
fn a_passcode_is_made_up_and_shown() {
    let (ana, _) = host("--passcode");
    ana.wait_until("it shows four digits", |screen| {
        let text = screen.contents();
        let word = text.split("passcode ").nth(1).and_then(|rest| rest.split_whitespace().next());
        word.is_some_and(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))
    });
}

#[test]
fn the_games_of_a_server_are_listed_watched_and_joined() {
    let server = Server::start();
    let mut kim = start(&format!("watch {} --name kim", server.addr));
    kim.wait_for("Nobody waits or plays there now.");
    let ana = join(&server, "ana");
    kim.wait_for("ana hosts 3x3");
    let _ben = join_second(&server, "ben");
    ana.wait_for("Your turn.");
    kim.wait_for("ana plays ben");
    let mut eve = join(&server, "eve");
    kim.wait_for("waiting 0:0");
    kim.keys("\x1b[A");
    kim.wait_for("Enter joins");
    kim.keys("\r");
    kim.wait_for("Waiting for eve to play X.");
    eve.wait_for("Your turn. You are X.");
    eve.keys("7");
    kim.wait_for("eve played top left (7).");
}

#[test]
fn the_bot_is_played_while_the_room_waits_and_the_match_calls_back() {
    let (mut ana, place) = host("");
    ana.keys("o");
    ana.wait_for("the bot");
    ana.keys("5");
    ana.wait_for("Your turn. You are X. The bot played");
    let bells = ana.bells();
    let mut ben = start(&format!("join {place} --name ben"));
    ana.wait_for("ben is here: Enter goes to the match, the bot game is kept.");
    ana.wait_for_title("ben is here - oxo");
    assert_eq!(ana.bells(), bells + 1, "one call, one bell");
    ana.keys("\r");
    ana.wait_for("Your turn. You are X.");
    ana.wait_for("ben");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "7485");
    ana.wait_for_title("Your turn - oxo");
    ana.keys("9");
    ana.wait_for("You won.");
    ana.keys(ESC);
    ana.wait_for("Leave it");
    ana.keys("\r");
    ana.wait_for("The bot played");
    ana.wait_for("1 X 5");
}

#[test]
fn a_player_who_looks_at_the_window_is_not_called() {
    let server = Server::start();
    let mut ana = join(&server, "ana");
    // The window is looked at, says the terminal.
    ana.keys("\x1b[I");
    let mut ben = join_second(&server, "ben");
    ana.wait_for("Your turn.");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "74");
    ana.wait_for_title("Your turn - oxo");
    assert_eq!(ana.bells(), 0);
}

#[test]
fn the_title_is_given_back_at_the_end_and_while_suspended() {
    let script =
        r#"set -m; "$OXO" host --listen 127.0.0.1:0; echo "it stopped with $?"; read line; fg >/dev/null"#;
    let mut ana = Launch::sh(script).start();
    ana.wait_for("oxo join");
    let text = ana.text();
    let place = text.split("oxo join ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let ben = start(&format!("join {place} --name ben"));
    ana.wait_for_title("ben is here - oxo");
    ana.keys(CTRL_Z);
    ana.wait_for("it stopped with 148");
    assert_eq!(ana.titles(), ["Waiting for a friend - oxo", "ben is here - oxo", ""]);
    ana.keys("\n");
    ana.wait_for("Your turn");
    assert_eq!(ana.titles()[3], "ben is here - oxo");
    ana.keys(CTRL_C);
    ana.wait_for("Quit?");
    ana.keys(CTRL_C);
    ana.exit_code();
    let raw = String::from_utf8(ana.raw()).unwrap();
    assert_eq!(raw.matches("\x1b[22;0t").count(), 2);
    assert_eq!(raw.matches("\x1b[23;0t").count(), 2, "every title that was put aside is taken back");
    assert_eq!(raw.matches("\x1b[?1004h").count(), raw.matches("\x1b[?1004l").count());
    assert_eq!(ana.titles().last().unwrap(), "");
    drop(ben);
}

#[test]
fn a_newcomer_is_told_how_to_play_once_and_the_result_stays_on_the_normal_screen() {
    let home = home();
    let state = home.path().join("oxo");
    std::fs::remove_dir_all(&state).unwrap();
    let start = || Launch::oxo("bot --level easy --seed 1 --color never --name ana").home(&home).start();
    let mut ana = start();
    ana.wait_for("Get 3 of your marks in a row before the bot does.");
    ana.wait_for("To invite a friend, press Esc for the menu, then h,");
    ana.keys("5");
    ana.wait_for("The bot played");
    ana.keys("R");
    ana.wait_for("Resign the match");
    ana.keys("y");
    ana.wait_for("You resigned.");
    ana.keys(CTRL_C);
    ana.exit_code();
    ana.wait_for("You lost. You resigned. ana 0, the bot 1.");
    assert!(state.join("played").is_file());
    let mut ana = start();
    ana.wait_for("Your turn.");
    ana.keys("5");
    ana.wait_for("The bot played");
    assert!(!String::from_utf8(ana.raw()).unwrap().contains("before the bot does"));
}

#[test]
fn a_flood_of_keys_does_not_hold_up_the_match() {
    let server = Server::start();
    let (mut ana, mut ben) = (join(&server, "ana"), join_second(&server, "ben"));
    ana.wait_for("Your turn.");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "748");
    ana.flood("x");
    ben.keys("9");
    ana.wait_for("ben played top right (9).");
    ben.wait_for("You played top right (9).");
}

#[test]
fn keys_are_still_read_after_more_than_a_terminal_gives_at_once() {
    let server = Server::start();
    let (mut ana, ben) = (join(&server, "ana"), join_second(&server, "ben"));
    ana.wait_for("Your turn.");
    ana.keys(&"x".repeat(3000));
    ana.keys("7");
    ben.wait_for("ana played top left (7).");
}

#[test]
fn the_command_for_a_friend_is_offered_for_pasting() {
    let (mut ana, _) = host("");
    ana.keys("c");
    ana.wait_for("The command is copied");
    let raw = String::from_utf8(ana.raw()).unwrap();
    // "oxo join" in base64, to the clipboard (xterm's OSC 52).
    assert!(raw.contains("\x1b]52;c;b3hvIGpvaW"), "{raw:?}");
}
