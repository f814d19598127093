//! Keys and messages in, screens and commands out.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use game_core::Rules;
use net::proto::{CloseReason, Command};

use crate::{
    cmd::{Cmd, SavedSeat},
    goal::Goal,
    model::Screen,
    msg::{Msg, NetMsg},
    test_harness::{Harness, model, start},
    typed_place::{TypedPlace, parse_place},
    update::Start,
};

mod agreed;
mod around;
mod between_two;
mod ended;
mod lan;
mod mouse;
mod new_game;
mod replays;
mod seats;
mod settings;
mod talk;
mod xray;

fn playing() -> Harness {
    Harness::new(Rules::default()).join().with_ben()
}

#[test]
fn a_match_is_played_to_its_end_and_again() {
    let mut harness = playing();
    harness.sees("Your turn. You are X.");
    harness.keys("7");
    harness.sees("Waiting for ben to play O. You played top left (7).");
    harness.ben_plays("b2");
    harness.sees("Your turn. You are X. ben played the center (5).");
    harness.keys("8");
    harness.ben_plays("a1");
    harness.keys("9");
    harness.sees("You won. X has the row 7-8-9.");
    harness.sees("Press r for a rematch.");
    harness.keys("r");
    harness.sees("Waiting for ben to want a rematch, 0:30.");
    harness.ben_asks(Command::Rematch { match_number: 1 });
    harness.sees("Waiting for ben to play X.");
    harness.sees("game 2");
}

#[test]
fn a_taken_cell_and_a_foreign_turn_are_explained_and_not_sent() {
    let mut harness = playing();
    harness.keys("5");
    harness.keys("6");
    harness.sees("It is not your turn yet.");
    harness.ben_plays("a1");
    harness.keys("1");
    harness.sees("That cell is taken.");
    assert_eq!(harness.model.game().unwrap().snapshot.record.moves().len(), 2);
}

#[test]
fn ctrl_c_asks_once_while_a_match_is_at_stake() {
    let mut harness = playing();
    harness.ctrl_c();
    harness.sees("Quit? ben can claim the win unless you are back within 10 s.");
    assert!(!harness.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::Quit)));
    harness.keys("n");
    harness.sees("Your turn.");
    harness.ctrl_c();
    harness.ctrl_c();
    assert!(harness.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn resigning_asks_and_then_loses() {
    let mut harness = playing();
    harness.keys("R");
    harness.sees("Resign the match against ben?");
    harness.keys("y");
    harness.sees("You lost. You resigned.");
}

#[test]
fn escape_shows_the_menu_and_the_game_goes_on_behind_it() {
    let mut harness = playing();
    harness.keys("7");
    harness.key(KeyCode::Esc);
    harness.sees("Resume");
    harness.ben_plays("b2");
    harness.sees("Enter returns to your game. Your turn.");
    harness.keys("h");
    harness.sees("Your game still runs. Enter returns to it; resign there with R.");
    harness.key(KeyCode::Enter);
    harness.sees("Your turn. You are X. ben played the center (5).");
}

#[test]
fn the_other_players_lost_link_is_told_with_the_time() {
    let mut harness = playing();
    harness.both_move();
    harness.ben_drops();
    harness.pass(6);
    harness.sees("ben lost the connection. The match is paused. You can claim in 0:24.");
    harness.sees("! ben's link is down 0:06");
}

#[test]
fn a_server_that_admits_and_answers_nothing_is_given_up() {
    let mut harness = Harness::new(Rules::default());
    harness.is_cut = true;
    let target = "192.168.1.7".parse().unwrap();
    harness.begin(Start::Connect(Goal::Join { target, key: None }));
    harness.connects_in_vain();
    harness.pass(9);
    assert!(!harness.wanted(|cmd| matches!(cmd, Cmd::Fail(_))));
    harness.pass(1);
    let told = |cmd: &Cmd| matches!(cmd, Cmd::Fail(failure) if failure.sentence == "No answer from 192.168.1.7:1952");
    assert!(harness.wanted(told));
}

#[test]
fn nothing_wakes_an_idle_match() {
    let harness = playing();
    assert_eq!(harness.model.poll_timeout(harness.now), None);
}

#[test]
fn a_time_on_the_screen_wakes_once_a_second() {
    let harness = Harness::new(Rules::default()).join();
    harness.sees("Waiting for a friend.");
    let later = harness.now + Duration::from_millis(2_300);
    assert_eq!(harness.model.poll_timeout(later), Some(harness.now + Duration::from_secs(3)));
}

#[test]
fn the_board_is_said_in_words() {
    let mut harness = playing();
    harness.keys("7");
    harness.keys("i");
    harness.sees("The board");
    let text = server::phrases::position(&harness.model.game().unwrap().snapshot);
    assert_eq!(
        text,
        "Top: X, 8 free, 9 free. Middle: 4 free, 5 free, 6 free. Bottom: 1 free, 2 free, 3 free. Last: X at 7."
    );
}

#[test]
fn a_typed_place_is_parsed_or_explained() {
    let read = |typed| {
        parse_place(typed).map(|place| match place {
            TypedPlace::Code { code, machine } => {
                (machine.map(|machine| machine.to_string()).unwrap_or_default(), Some(code.to_string()))
            }
            TypedPlace::Server { target, code } => (target.to_string(), code.map(|code| code.to_string())),
        })
    };
    assert_eq!(read("192.168.1.7"), Ok(("192.168.1.7:1952".into(), None)));
    assert_eq!(read(" kite42@fd4d::5 "), Ok(("[fd4d::5]:1952".into(), Some("KITE-42".into()))));
    assert_eq!(read("KITE-42@laptop.local:7"), Ok(("laptop.local:7".into(), Some("KITE-42".into()))));
    assert_eq!(read("kite 42"), Ok((String::new(), Some("KITE-42".into()))));
    assert_eq!(
        read("Pine64"),
        Ok(("pine64:1952".into(), Some("PINE-64".into()))),
        "a machine may be called so"
    );
    for pasted in [
        "oxo join KITE-42@den.local\n",
        "`oxo watch KITE-42@den.local`",
        "\u{200b}KITE-42@\u{2068}den.local\u{2069}",
    ] {
        assert_eq!(read(pasted), Ok(("den.local:1952".into(), Some("KITE-42".into()))), "{pasted:?}");
    }
    assert!(read("KIT-4@host").unwrap_err().to_string().contains("a word of four or five letters"));
    assert!(read("192.168.1.300").is_err());
    let nothing_behind = read("UNION-74@").unwrap_err().to_string();
    assert!(nothing_behind.contains("`UNION-74@localhost`"), "{nothing_behind}");
}

#[test]
fn the_form_takes_no_more_than_a_name_can_be_long() {
    let mut model = model(80, 24);
    let now = start();
    model.update(now, Msg::Key(KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE).into()));
    for _ in 0..2 {
        model.update(now, Msg::Paste("a".repeat(10_000)));
    }
    let Screen::JoinForm(form) = &model.screen else { panic!("no form") };
    assert!(form.input.text().len() <= 280, "{}", form.input.text().len());
}

#[test]
fn a_join_returns_to_a_seat_left_behind_and_joins_anew_if_that_is_gone() {
    let mut model = model(80, 24);
    let target: net::addr::HostPort = "192.168.1.7".parse().unwrap();
    let token = net::proto::Token { session: net::proto::SessionId(5), secret: [9; 16] };
    let code = "KITE-42".parse().unwrap();
    model.saved_seats = vec![SavedSeat {
        target: target.clone(),
        hosted: None,
        code,
        token,
        opponent: None,
        is_adjourned: false,
    }];
    model.start(start(), Start::Connect(Goal::Join { target, key: None }));
    let cmds = model.take_cmds();
    assert!(matches!(&cmds[..], [Cmd::Dial(dial)] if dial.resume.is_some()), "{cmds:?}");
    let gone = NetMsg::Closed(Some(CloseReason::UnknownSession));
    model.update(start(), Msg::Net(gone));
    let cmds = model.take_cmds();
    assert!(matches!(&cmds[..], [Cmd::ForgetSeat(_), Cmd::Dial(dial)] if dial.resume.is_none()), "{cmds:?}");
}
