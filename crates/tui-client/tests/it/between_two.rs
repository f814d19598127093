//! A match between two people: on a clock, over a connection that breaks, with offers, and adjourned.

use std::sync::Arc;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    cable::Cable,
    screen::{CTRL_C, ESC, Launch, Screen, home},
    server::Server,
};

/// A player's programs. All are started in the same home, and each finds the files of the one before.
struct Player {
    command: String,
    home: Arc<TempDir>,
}

impl Player {
    fn new(name: &str, server: &Server, terms: &str) -> Self {
        Self { command: format!("join {} --name {name} {terms}", server.addr), home: home() }
    }

    fn joins(&self) -> Screen {
        Launch::oxo(&self.command).home(&self.home).start()
    }

    fn opens_the_menu(&self) -> Screen {
        let screen = Launch::oxo("").home(&self.home).start();
        screen.wait_for("Quick match");
        screen
    }
}

/// Seats two players: ana has X and begins.
#[track_caller]
fn seat(ana: &Player, ben: &Player) -> (Screen, Screen) {
    let anas = ana.joins();
    anas.wait_for("Waiting for a friend.");
    let bens = ben.joins();
    bens.wait_for("Waiting for ana to play X.");
    anas.wait_for("Your turn. You are X.");
    (anas, bens)
}

#[test]
fn a_player_whose_time_is_over_loses() {
    let server = Server::start();
    let terms = "--clock 3s --best-of 3";
    let (mut ana, mut ben) = seat(&Player::new("ana", &server, terms), &Player::new("ben", &server, terms));
    ana.wait_for("3x3, best of 3 · game 1");
    ana.wait_for("Your clock starts in");
    ana.keys("7");
    ben.wait_for("ana played top left (7).");
    ben.keys("5");
    ana.wait_for("Your turn: 0:0");
    ana.wait_for("You lost. You ran out of time.");
    ben.wait_for("You won. ana ran out of time.");
    ben.wait_for("r next game, ben starts");
}

#[test]
fn a_broken_link_is_dialled_again_and_the_match_goes_on() {
    let server = Server::start();
    let cable = Cable::to(server.addr);
    let mut ana = Launch::oxo(&format!("join {} --name ana --transport tcp", cable.addr)).start();
    ana.wait_for("Waiting for a friend.");
    let mut ben = Player::new("ben", &server, "").joins();
    ben.wait_for("Waiting for ana to play X.");
    ana.wait_for("Your turn. You are X.");
    cable.pull();
    // It goes out over the new connection, or is sent again over it, however far it came over the old one.
    ana.keys("7");
    ben.wait_for("Your turn. You are O. ana played top left (7).");
    ben.keys("5");
    ana.wait_for("Your turn. You are X. ben played the center (5).");
}

/// Ana's screen in a match of two moves, in which the program of ben is killed.
fn left_by_ben(ana: &Player, ben: &Player) -> Screen {
    let (mut anas, mut bens) = seat(ana, ben);
    anas.keys("7");
    bens.wait_for("ana played top left (7).");
    bens.keys("3");
    anas.wait_for("ben played bottom right (3).");
    bens.signal(Signal::KILL);
    assert_eq!(bens.exit_code(), None);
    anas
}

#[test]
fn an_absent_player_is_claimed_against_and_told_later() {
    let server = Server::start_impatient();
    let (ana, ben) = (Player::new("ana", &server, ""), Player::new("ben", &server, ""));
    let mut anas = left_by_ben(&ana, &ben);
    anas.wait_for("ben lost the connection.");
    anas.keys("5");
    anas.wait_for("That has to wait. ben lost the connection.");
    anas.wait_for("W claims the win, C calls a draw, P puts it off; or wait.");
    anas.keys("W");
    anas.wait_for("You won. ben stayed away.");
    let bens = ben.joins();
    bens.wait_for("You lost. You stayed away.");
    anas.wait_for("Press r for a rematch.");
}

#[test]
fn a_draw_is_agreed_on_and_not_by_a_slip() {
    let server = Server::start();
    let (mut ana, mut ben) = seat(&Player::new("ana", &server, ""), &Player::new("ben", &server, ""));
    ana.keys("d");
    ana.wait_for("You offer a draw: ben has 0:");
    ben.wait_for("ana offers a DRAW");
    ben.keys("y");
    ben.wait_for("to answer)");
    ben.wait_for("ana offers a draw. Shift-Y accepts, Shift-N declines.");
    ben.keys("Y");
    for screen in [&ana, &ben] {
        screen.wait_for("Draw. Both players agreed.");
        screen.wait_for("1 draw");
    }
}

#[test]
fn an_adjourned_match_is_resumed_from_both_menus() {
    let server = Server::start_impatient();
    let (ana, ben) = (Player::new("ana", &server, ""), Player::new("ben", &server, ""));
    let mut anas = left_by_ben(&ana, &ben);
    anas.wait_for("P puts it off; or wait.");
    anas.keys("P");
    anas.wait_for("Waiting for ben: the match is adjourned");
    anas.wait_for("The server keeps it until both");
    anas.keys(ESC);
    anas.wait_for("It is adjourned; ben has not asked to go on.");
    anas.keys(CTRL_C);
    assert_eq!(anas.exit_code(), Some(0), "it asks nothing: the match is kept");

    let mut anas = ana.opens_the_menu();
    anas.wait_for("against ben, adjourned");
    anas.keys("1");
    anas.wait_for("Waiting for ben: the match is adjourned");
    let mut bens = ben.opens_the_menu();
    bens.wait_for("against ana");
    bens.keys("1");
    // First the notice, which is shown for some seconds only; the other line stays until Ana moves.
    anas.wait_for("The match goes on. Your turn.");
    bens.wait_for("Waiting for ana to play X.");
    anas.keys("5");
    bens.wait_for("ana played the center (5).");
}
