//! Two people and a server: whole games, and departures.

use rustix::process::Signal;

use crate::{
    screen::{CTRL_C, ESC, Launch, Screen, home},
    server::Server,
};

/// Starts a server and a game on it: ana has X and begins.
fn seat_both() -> (Server, Screen, Screen) {
    let server = Server::start();
    let (ana, ben) = (join(&server, "ana"), join_second(&server, "ben"));
    ana.wait_for("Your turn. You are X.");
    (server, ana, ben)
}

pub(crate) fn join(server: &Server, name: &str) -> Screen {
    let screen = Launch::oxo(&format!("join {} --name {name}", server.addr)).start();
    screen.wait_for("Waiting for a friend.");
    screen
}

pub(crate) fn join_second(server: &Server, name: &str) -> Screen {
    let screen = Launch::oxo(&format!("join {} --name {name}", server.addr)).start();
    screen.wait_for("to play X.");
    screen
}

/// Plays moves in turn; each is seen by the other before they answer.
#[track_caller]
pub(crate) fn alternate(first: (&mut Screen, &str), second: (&mut Screen, &str), moves: &str) {
    let mut players = [first, second];
    for digit in moves.chars() {
        let [(mover, name), (watcher, _)] = &mut players;
        mover.keys(&digit.to_string());
        watcher.wait_for(&format!("{name} played {}", cell_name(digit)));
        players.reverse();
    }
}

fn cell_name(digit: char) -> String {
    let name = match digit {
        '7' => "top left",
        '8' => "top middle",
        '9' => "top right",
        '4' => "left middle",
        '5' => "the center",
        '6' => "right middle",
        '1' => "bottom left",
        '2' => "bottom middle",
        _ => "bottom right",
    };
    format!("{name} ({digit})")
}

#[test]
fn a_match_is_won_and_the_rematch_is_drawn() {
    let (_server, mut ana, mut ben) = seat_both();
    ana.wait_for("to move");
    ben.wait_for("Waiting for ana to play X.");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "7485");
    ana.keys("9");
    ana.wait_for("You won. X has the row 7-8-9.");
    ben.wait_for("You lost. X has the row 7-8-9.");
    ana.wait_for("X ana 1 win");
    ben.wait_for("r rematch, ben starts");

    ana.keys("r");
    ben.wait_for("ana wants a rematch: r within");
    ana.wait_for("Waiting for ben to want a rematch,");
    ben.keys("r");
    ben.wait_for("Your turn. You are X.");
    ana.wait_for("Waiting for ben to play X.");
    ana.wait_for("3x3 · game 2");
    alternate((&mut ben, "ben"), (&mut ana, "ana"), "75982641");
    ben.keys("3");
    for screen in [&ana, &ben] {
        screen.wait_for("Draw. The board is full.");
        screen.wait_for("1 draw");
        screen.wait_for("r rematch, ana starts");
    }
}

#[test]
fn a_killed_player_returns_to_the_seat_and_the_game_goes_on() {
    let server = Server::start();
    let bens_home = home();
    let mut ana = join(&server, "ana");
    let bens_command = format!("join {} --name ben", server.addr);
    let start_ben = || Launch::oxo(&bens_command).home(&bens_home).start();
    let mut ben = start_ben();
    ben.wait_for("Waiting for ana to play X.");
    ana.wait_for("Your turn.");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "748");
    let code = code_in(&ana.text());

    ben.signal(Signal::KILL);
    assert_eq!(ben.exit_code(), None);
    ana.wait_for("ben lost the connection");
    ana.wait_for("What you can do");

    let mut ben = start_ben();
    ana.wait_for("ben is back.");
    ben.wait_for("Your turn. You are O. ana played top middle (8).");
    ben.wait_for("1 X 7 O 4");
    ben.wait_for("2 X 8");
    assert_eq!(code_in(&ben.text()), code, "it is the same room");
    alternate((&mut ben, "ben"), (&mut ana, "ana"), "951");
    ana.wait_for("Your turn. You are X.");
}

#[test]
fn a_killed_host_serves_the_same_room_again_and_the_guest_is_back_by_itself() {
    let anas_home = home();
    let mut ana = Launch::oxo("host --listen 127.0.0.1:0 --name ana").home(&anas_home).start();
    // Another one on the same account has a store of its own.
    let mut other = Launch::oxo("host --listen 127.0.0.1:0 --name eve").home(&anas_home).start();
    other.wait_for("Waiting for a friend.");
    ana.wait_for("oxo join");
    let text = ana.text();
    let place = text.split("oxo join ").nth(1).unwrap().split_whitespace().next().unwrap();
    let mut ben = Launch::oxo(&format!("join {place} --name ben")).start();
    ana.wait_for("Your turn. You are X.");
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "748");
    let code = code_in(&ana.text());

    ana.signal(Signal::KILL);
    assert_eq!(ana.exit_code(), None);
    ben.wait_for("RECONNECTING");

    let mut ana = Launch::oxo("--name ana").home(&anas_home).start();
    ana.wait_for(&format!("{code} against ben: host it again"));
    ana.keys("1");
    ben.wait_for("Your turn. You are O.");
    for screen in [&ana, &ben] {
        screen.wait_for("1 X 7 O 4");
        screen.wait_for("2 X 8");
        assert_eq!(code_in(&screen.text()), code, "it is the same room");
    }
    alternate((&mut ben, "ben"), (&mut ana, "ana"), "951");
    ana.wait_for("Your turn. You are X.");
    other.keys(CTRL_C);
    assert_eq!(other.exit_code(), Some(0));
}

/// The code in the header of a match.
fn code_in(text: &str) -> String {
    text.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn a_silent_opponent_is_named_and_then_is_back() {
    let (_server, ana, ben) = seat_both();
    ben.signal(Signal::STOP);
    ana.wait_for("Waiting for ben: no answer for");
    ben.signal(Signal::CONT);
    ana.wait_for("ben is back.");
}

#[test]
fn a_stopped_server_is_told_and_a_restarted_one_has_no_seat() {
    let (server, mut ana, mut ben) = seat_both();
    let addr = server.addr;
    assert!(server.stop().success(), "it stops in order");
    for screen in [&ana, &ben] {
        screen.wait_for("RECONNECTING");
        screen.wait_for("(the server is shutting down)");
    }
    ana.keys(CTRL_C);
    ana.wait_for("Quit?");
    ana.keys("y");
    assert_eq!(ana.exit_code(), Some(0));
    ana.assert_restored();

    let _server = Server::start_on(addr);
    ben.wait_for("Your seat is gone");
    ben.wait_for("Hint: the server was restarted");
    ben.wait_for("7 │ 8 │ 9");
    ben.keys(ESC);
    ben.wait_for("Quick match");
    ben.keys(CTRL_C);
    assert_eq!(ben.exit_code(), Some(0));
}

#[test]
fn a_server_that_is_dead_is_not_said_to_keep_a_seat() {
    let (server, mut ana, mut ben) = seat_both();
    alternate((&mut ana, "ana"), (&mut ben, "ben"), "74");
    drop(server);
    for screen in [&ana, &ben] {
        screen.wait_for("the server may have stopped");
        let text = screen.text();
        assert!(!text.contains("seat is kept") && text.contains('X'), "{text}");
    }
}

#[test]
fn the_last_words_of_a_host_are_read_after_the_host_has_left() {
    let mut host = Launch::oxo("host --listen 127.0.0.1:0 --name ana").start();
    // It is below the address, so the line of that is whole.
    host.wait_for("Waiting for a friend.");
    host.wait_for("oxo join");
    let text = host.text();
    let place = text.split("oxo join ").nth(1).unwrap().split_whitespace().next().unwrap();
    let mut guest = Launch::oxo(&format!("join {place} --name ben")).start();
    guest.wait_for("Waiting for ana to play X.");
    host.keys("7");
    guest.wait_for("ana played top left (7).");
    guest.keys("3");
    host.wait_for("ben played bottom right (3).");
    guest.keys("Ry");
    host.wait_for("You won. ben resigned.");
    host.keys("tmust run, bye\r\x1b");
    guest.wait_for("ana left");
    guest.wait_for("ana must run, bye");
}

#[test]
fn a_guest_plays_with_a_host_and_is_told_when_the_host_quits() {
    let mut host = Launch::oxo("host --listen 127.0.0.1:0 --name ana").start();
    host.wait_for("Waiting for a friend.");
    host.wait_for("oxo join");
    let text = host.text();
    let place = text.split("oxo join ").nth(1).unwrap().split_whitespace().next().unwrap();
    let (_, address) = place.split_once('@').unwrap();
    assert!(text.contains('█'), "the code is drawn:\n{text}");
    assert!(address.starts_with("127.0.0.1:"), "{address}");

    let mut guest = Launch::oxo(&format!("join {place} --name ben")).start();
    guest.wait_for("Waiting for ana to play X.");
    host.wait_for("Your turn. You are X.");
    alternate((&mut host, "ana"), (&mut guest, "ben"), "74");
    host.keys(CTRL_C);
    host.wait_for("Quit?");
    host.keys("y");
    assert_eq!(host.exit_code(), Some(0));
    guest.wait_for("You won. ana resigned. ana left.");
}

#[test]
fn a_player_who_quits_a_match_may_come_back_for_a_while() {
    let server = Server::start();
    let anas_home = home();
    let start_ana = || Launch::oxo(&format!("join {} --name ana", server.addr)).home(&anas_home).start();
    let mut ana = start_ana();
    ana.wait_for("Waiting for a friend.");
    let ben = join_second(&server, "ben");
    ana.wait_for("Your turn. You are X.");
    ana.keys(CTRL_C);
    ana.wait_for("Quit? ben can claim the win unless you are back within");
    ana.keys(CTRL_C);
    assert_eq!(ana.exit_code(), Some(0));
    ben.wait_for("ana left. The match is paused. You can claim in");
    let ana = start_ana();
    ana.wait_for("Your turn. You are X.");
    ben.wait_for("ana is back.");
}

#[test]
fn a_player_who_leaves_after_a_match_is_named() {
    let (_server, mut ana, mut ben) = seat_both();
    ana.keys("R");
    ana.wait_for("Resign the match against ben?");
    ana.keys("y");
    ana.wait_for("You lost. You resigned.");
    ben.wait_for("You won. ana resigned.");
    ben.keys(ESC);
    ben.wait_for("Quick match");
    ana.wait_for("ben left");
}

#[test]
fn a_code_that_nobody_hosts_is_refused_in_words() {
    let server = Server::start();
    let mut ana = Launch::oxo(&format!("join KITE-42@{}", server.addr)).start();
    assert_eq!(ana.exit_code(), Some(1));
    ana.assert_restored();
    ana.wait_for("oxo: Cannot play on");
    ana.wait_for("hint: check the code");
}
