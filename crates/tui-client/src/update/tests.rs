//! Keys and messages in, screens and commands out.

use std::time::Duration;

use crossterm::event::KeyCode;
use game_core::Rules;
use net::proto::{CloseReason, Command};

use crate::{
    cmd::{Cmd, SavedSeat},
    model::{Overlay, Screen},
    msg::{Msg, NetMsg},
    stage::{Stage, model, start},
    update::{Place, Start, parse_place},
};

mod agreed;
mod around;
mod between_two;
mod lan;

fn playing() -> Stage {
    Stage::new(Rules::default()).join().with_ben()
}

#[test]
fn a_match_is_played_to_its_end_and_again() {
    let mut stage = playing();
    stage.sees("Your turn. You are X.");
    stage.keys("7");
    stage.sees("Waiting for ben to play O. You played top left (7).");
    stage.ben_plays("b2");
    stage.sees("Your turn. You are X. ben played the center (5).");
    stage.keys("8");
    stage.ben_plays("a1");
    stage.keys("9");
    stage.sees("You won. X has the row 7-8-9.");
    stage.sees("Press r for a rematch.");
    stage.keys("r");
    stage.sees("Waiting for ben to want a rematch, 0:30.");
    stage.ben_asks(Command::Rematch { match_number: 1 });
    stage.sees("Waiting for ben to play X.");
    stage.sees("game 2");
}

#[test]
fn a_taken_cell_and_a_foreign_turn_are_explained_and_not_sent() {
    let mut stage = playing();
    stage.keys("5");
    stage.keys("6");
    stage.sees("It is not your turn yet.");
    stage.ben_plays("a1");
    stage.keys("1");
    stage.sees("That cell is taken.");
    assert_eq!(stage.model.game().unwrap().snapshot.record.moves().len(), 2);
}

#[test]
fn ctrl_c_asks_once_while_a_match_is_at_stake() {
    let mut stage = playing();
    stage.ctrl_c();
    stage.sees("Quit? ben can claim the win unless you are back within 10 s.");
    assert!(!stage.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::Quit)));
    stage.keys("n");
    stage.sees("Your turn.");
    stage.ctrl_c();
    stage.ctrl_c();
    assert!(stage.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn resigning_asks_and_then_loses() {
    let mut stage = playing();
    stage.keys("R");
    stage.sees("Resign the match against ben?");
    stage.keys("y");
    stage.sees("You lost. You resigned.");
}

#[test]
fn escape_shows_the_menu_and_the_game_goes_on_behind_it() {
    let mut stage = playing();
    stage.keys("7");
    stage.key(KeyCode::Esc);
    stage.sees("Resume");
    stage.ben_plays("b2");
    stage.sees("Enter returns to your game. Your turn.");
    stage.keys("h");
    stage.sees("Your game still runs. Enter returns to it; resign there with R.");
    stage.key(KeyCode::Enter);
    stage.sees("Your turn. You are X. ben played the center (5).");
}

#[test]
fn the_other_players_lost_link_is_told_with_the_time() {
    let mut stage = playing();
    stage.ben_drops();
    stage.pass(6);
    stage.sees("ben lost the connection. The match is paused. You can claim in 0:24.");
    stage.sees("! ben's link is down 0:06");
}

#[test]
fn a_lost_link_is_tried_again_with_back_off_until_the_seat_may_be_gone() {
    let mut stage = playing();
    stage.keys("7");
    stage.net(NetMsg::Closed(None));
    stage.sees("RECONNECTING");
    let dials = |stage: &Stage| stage.other_cmds.iter().filter(|cmd| matches!(cmd, Cmd::Dial(_))).count();
    stage.pass(0);
    assert_eq!(dials(&stage), 1, "at once");
    stage.net(NetMsg::Closed(None));
    stage.pass(0);
    assert_eq!(dials(&stage), 1, "not at once again");
    stage.pass(1);
    assert_eq!(dials(&stage), 2);
    stage.sees("Your seat is kept 0:29.");
    stage.pass(40);
    stage.net(NetMsg::Closed(None));
    stage.pass(60);
    assert_eq!(dials(&stage), 2, "the seat may be gone");
    stage.sees("RECONNECTING stopped");
    stage.key(KeyCode::Enter);
    assert_eq!(dials(&stage), 3);
}

#[test]
fn a_server_that_stops_is_named_as_the_reason() {
    let mut stage = playing();
    stage.net(NetMsg::Closed(Some(CloseReason::ShuttingDown)));
    stage.sees("RECONNECTING, try 1 (the server is shutting down). Your seat is kept 0:30.");
}

#[test]
fn a_seat_that_is_gone_is_said_in_words() {
    let mut stage = playing();
    stage.net(NetMsg::Closed(Some(CloseReason::UnknownSession)));
    stage.sees("Your seat is gone");
    stage.sees("Hint: the server was restarted");
    assert!(stage.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
}

#[test]
fn nothing_wakes_an_idle_match() {
    let stage = playing();
    assert_eq!(stage.model.poll_timeout(stage.now), None);
}

#[test]
fn a_time_on_the_screen_wakes_once_a_second() {
    let stage = Stage::new(Rules::default()).join();
    stage.sees("Waiting for a friend.");
    let later = stage.now + Duration::from_millis(2_300);
    assert_eq!(stage.model.poll_timeout(later), Some(stage.now + Duration::from_secs(3)));
}

#[test]
fn the_board_is_said_in_words() {
    let mut stage = playing();
    stage.keys("7");
    stage.keys("i");
    let Some(Overlay::Words { text, .. }) = &stage.model.overlay else { panic!("{:?}", stage.model.overlay) };
    assert_eq!(
        text,
        "Top: X, 8 free, 9 free. Middle: 4 free, 5 free, 6 free. Bottom: 1 free, 2 free, 3 free. Last: X at 7."
    );
}

#[test]
fn what_is_typed_as_a_place_is_read_or_explained() {
    let read = |typed| {
        parse_place(typed).map(|place| match place {
            Place::Code(code) => (String::new(), Some(code.to_string())),
            Place::Server { target, code } => (target.to_string(), code.map(|code| code.to_string())),
        })
    };
    assert_eq!(read("192.168.1.7"), Ok(("192.168.1.7:1952".into(), None)));
    assert_eq!(read(" kite42@fd4d::5 "), Ok(("[fd4d::5]:1952".into(), Some("KITE-42".into()))));
    assert_eq!(read("KITE-42@laptop.local:7"), Ok(("laptop.local:7".into(), Some("KITE-42".into()))));
    assert_eq!(read("kite 42"), Ok((String::new(), Some("KITE-42".into()))));
    assert!(read("KIT-4@host").unwrap_err().contains("a word of four or five letters"));
    assert!(read("192.168.1.300").is_err());
}

#[test]
fn the_form_takes_no_more_than_a_name_can_be_long() {
    let mut model = model(80, 24);
    let now = start();
    model.open_join_form();
    for _ in 0..2 {
        model.update(now, Msg::Paste("a".repeat(10_000)));
    }
    let Screen::JoinForm(form) = &model.screen else { panic!("no form") };
    assert!(form.field.text().len() <= 280, "{}", form.field.text().len());
}

#[test]
fn a_join_returns_to_a_seat_left_behind_and_joins_anew_if_that_is_gone() {
    let mut model = model(80, 24);
    let target: net::addr::HostPort = "192.168.1.7".parse().unwrap();
    let token = net::proto::Token { session: net::proto::SessionId(5), secret: [9; 16] };
    let code = "KITE-42".parse().unwrap();
    model.saved_seats =
        vec![SavedSeat { target: target.clone(), code, token, opponent: None, is_adjourned: false }];
    let cmds = model.start(start(), Start::Join { target, key: None });
    assert!(matches!(&cmds[..], [Cmd::Dial(dial)] if dial.resume.is_some()), "{cmds:?}");
    let gone = NetMsg::Closed(Some(CloseReason::UnknownSession));
    let cmds = model.update(start(), Msg::Net(gone));
    assert!(matches!(&cmds[..], [Cmd::ForgetSeat(_), Cmd::Dial(dial)] if dial.resume.is_none()), "{cmds:?}");
}
