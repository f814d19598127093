//! What happens around a match: talk, watching, lists of rooms, passcodes, calls, and a game aside.

use crossterm::event::KeyCode;
use game_core::Rules;
use net::proto::{Access, ChatMessage, Command, Event, Seat, SessionId, Setting, Terms, Visibility};

use crate::{
    cmd::Cmd,
    model::{Role, RoomKey, Screen},
    msg::{Msg, NetMsg},
    stage::Stage,
    update::Start,
};

/// Ana against a friend, whose talk is open. Ana opened the room.
fn with_friend() -> Stage {
    Stage::new(Rules::default()).join().with_friend()
}

fn line(text: &str) -> Command {
    Command::Say { message: ChatMessage::Line(text.parse().unwrap()) }
}

/// A room of kim, which waits.
fn room_of_kim(stage: &mut Stage, access: Access) -> (SessionId, RoomKey) {
    let kim = stage.somebody("kim");
    stage.asks(kim, Command::Create { terms: Terms::default(), access });
    let code = stage.code_of(kim);
    (kim, RoomKey { code, passcode: None })
}

fn target() -> net::addr::HostPort {
    "192.168.1.7".parse().unwrap()
}

/// Kim and ben play, and ana watches.
fn watching() -> (Stage, SessionId, SessionId) {
    let mut stage = Stage::new(Rules::default());
    let (kim, key) = room_of_kim(&mut stage, Access::Public);
    let ben = stage.somebody("ben");
    stage.asks(ben, Command::Join { code: key.code, passcode: None });
    stage.begin(Start::Watch { target: target(), key: Some(key) });
    (stage, kim, ben)
}

fn play(stage: &mut Stage, who: SessionId, cell: &str) {
    let snapshot = &stage.model.online_game().unwrap().snapshot;
    let (match_number, branch, ply) =
        (snapshot.match_number, snapshot.branch, snapshot.record.position().ply());
    stage.asks(who, Command::Play { match_number, branch, ply, cell: cell.parse().unwrap() });
}

#[test]
fn what_is_typed_is_said_and_plays_no_move() {
    let mut stage = with_friend();
    stage.keys("t");
    stage.sees("Say>");
    stage.sees("Your turn. You are X.");
    stage.keys("5 gl? hf q");
    stage.tell(Msg::Click(ratatui::layout::Position::new(10, 8)));
    stage.sees("Say> 5 gl? hf q");
    assert!(stage.model.game().unwrap().snapshot.record.moves().is_empty());
    stage.key(KeyCode::Enter);
    stage.sees("ana   5 gl? hf q");
    stage.ben_asks(line("you too"));
    stage.sees("ben   you too");
    stage.keys("5");
    stage.sees("Waiting for ben to play O.");
}

#[test]
fn escape_closes_the_field_and_nothing_is_said() {
    let mut stage = with_friend();
    stage.keys("tquiet");
    stage.key(KeyCode::Esc);
    assert!(!stage.screen().contains("quiet"));
    stage.sees("Your turn.");
    stage.keys("t");
    stage.key(KeyCode::Enter);
    assert!(stage.model.overlay.is_none(), "an empty line only closes it");
}

#[test]
fn what_cannot_be_said_is_said_in_words() {
    let mut stage = with_friend();
    stage.keys("t");
    stage.tell(Msg::Paste("x\u{202e}y".into()));
    stage.key(KeyCode::Enter);
    stage.sees("Not said: a line cannot hold the character U+202E.");
    stage.key(KeyCode::Esc);
    stage.keys("t");
    stage.tell(Msg::Paste("w".repeat(500)));
    stage.keys("w");
    stage.sees("No more than 120 characters.");
}

#[test]
fn emotes_take_two_keys() {
    let mut stage = with_friend();
    stage.keys("e");
    stage.sees("1 hi  2 gg  3 oops  4 wow  5 thx  6 re");
    stage.keys("2");
    stage.sees("ana   gg");
    assert!(stage.model.game().unwrap().snapshot.record.moves().is_empty(), "no move was played");
}

#[test]
fn who_says_too_much_is_told_and_can_try_again() {
    let mut stage = with_friend();
    for number in 0..20 {
        stage.keys("t");
        stage.keys(&format!("line {number}"));
        stage.key(KeyCode::Enter);
        if stage.screen().contains("not so fast") {
            break;
        }
    }
    stage.sees("Not said: not so fast. t tries it again.");
    stage.keys("t");
    stage.sees("Say> line");
}

#[test]
fn the_muted_are_not_shown_and_heard_again_after() {
    let mut stage = with_friend();
    stage.keys("m");
    stage.sees("Muted:");
    stage.ben_asks(line("blah"));
    assert!(!stage.screen().contains("blah"));
    stage.keys("tnoted");
    stage.key(KeyCode::Enter);
    stage.sees("ana   noted");
    stage.keys("m");
    stage.ben_asks(line("hello again"));
    stage.sees("ben   hello again");
}

#[test]
fn strangers_do_not_talk_until_one_opens_it() {
    let mut stage = Stage::new(Rules::default()).join().with_ben();
    stage.sees("chat is off: o opens it");
    stage.keys("t");
    assert!(stage.model.overlay.is_none());
    stage.sees("so the talk is off. o opens it for both of you.");
    stage.keys("o");
    stage.keys("thi");
    stage.key(KeyCode::Enter);
    stage.sees("ana   hi");
}

#[test]
fn talk_is_said_at_every_size() {
    let mut stage = with_friend();
    stage.ben_asks(line("gl hf"));
    for (width, height) in [(80, 24), (40, 12), (20, 7)] {
        stage.model.size = ratatui::layout::Size { width, height };
        stage.sees("gl hf");
    }
    stage.keys("7");
    stage.ben_plays("b2");
    stage.sees("Your turn");
}

#[test]
fn a_watcher_follows_through_the_rematch_and_plays_nothing() {
    let (mut stage, kim, ben) = watching();
    stage.sees("Waiting for kim to play X.");
    stage.sees("You watch.");
    stage.keys("5");
    stage.sees("Waiting for kim to play X.");
    for (who, cell) in [(kim, "a3"), (ben, "a1"), (kim, "b3"), (ben, "b1"), (kim, "c3")] {
        play(&mut stage, who, cell);
    }
    stage.sees("kim won. X has the row 7-8-9.");
    stage.sees("The next game shows by itself.");
    stage.asks(kim, Command::Rematch { match_number: 1 });
    stage.asks(ben, Command::Rematch { match_number: 1 });
    stage.sees("game 2");
    stage.sees("Waiting for ben to play X.");
    stage.ctrl_c();
    assert!(stage.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::Quit)), "it costs nobody a match");
}

#[test]
fn a_watcher_is_heard_by_watchers_and_by_players_if_the_owner_wants_it() {
    let mut stage = with_friend();
    let code = stage.model.game().unwrap().snapshot.code;
    let eve = stage.somebody("eve");
    stage.asks(eve, Command::Watch { code, passcode: None });
    stage.sees("1 watching");
    stage.asks(eve, line("boo"));
    assert!(!stage.screen().contains("boo"));
    stage.keys("s");
    stage.sees("Those who watch are heard now.");
    stage.asks(eve, line("nice"));
    stage.sees("eve*  nice");
    stage.keys("w");
    assert!(!stage.screen().contains("1 watching"), "{}", stage.screen());
}

#[test]
fn a_watcher_dials_again_and_asks_to_watch() {
    let (mut stage, kim, _) = watching();
    stage.is_cut = true;
    stage.net(NetMsg::Closed(None));
    stage.sees("RECONNECTING, try 1, to go on watching.");
    stage.is_cut = false;
    play(&mut stage, kim, "b2");
    stage.pass(1);
    stage.sees("kim played the center (5).");
    stage.sees("You watch.");
    assert_eq!(stage.model.game().unwrap().role, Role::Watcher { passcode: None });
}

#[test]
fn a_watcher_gives_up_as_a_player_does() {
    let (mut stage, _, _) = watching();
    stage.is_cut = true;
    stage.net(NetMsg::Closed(None));
    for _ in 0..20 {
        stage.pass(3);
        stage.net(NetMsg::Closed(None));
    }
    stage.sees("RECONNECTING stopped");
    stage.key(KeyCode::Esc);
    stage.sees("MAIN MENU");
}

#[test]
fn a_room_closed_to_watchers_is_left_with_a_word() {
    let (mut stage, kim, _) = watching();
    stage.asks(kim, Command::Set { setting: Setting::Watchable(false) });
    stage.sees("The room was closed to watchers");
}

#[test]
fn rooms_are_listed_and_joined() {
    let mut stage = Stage::new(Rules::default());
    stage.begin(Start::Watch { target: target(), key: None });
    stage.sees("Nobody waits or plays there now.");
    let (_, key) = room_of_kim(&mut stage, Access::Public);
    stage.pass(2);
    stage.sees(key.code.as_str());
    stage.sees("kim hosts 3x3");
    stage.sees("Enter joins");
    stage.key(KeyCode::Enter);
    stage.sees("Waiting for kim to play X.");
}

#[test]
fn a_list_whose_connection_is_lost_is_asked_for_again() {
    let mut stage = Stage::new(Rules::default());
    let (_, key) = room_of_kim(&mut stage, Access::Public);
    stage.begin(Start::Watch { target: target(), key: None });
    stage.net(NetMsg::Closed(None));
    stage.sees("The connection to 192.168.1.7:1952 is lost. Enter looks again.");
    stage.sees(key.code.as_str());
    stage.key(KeyCode::Enter);
    stage.sees("Enter joins");
}

#[test]
fn a_room_in_play_is_watched_from_the_list() {
    let mut stage = Stage::new(Rules::default());
    let (_, key) = room_of_kim(&mut stage, Access::Public);
    let ben = stage.somebody("ben");
    stage.asks(ben, Command::Join { code: key.code, passcode: None });
    stage.begin(Start::Watch { target: target(), key: None });
    stage.sees("kim plays ben");
    stage.key(KeyCode::Enter);
    stage.sees("You watch.");
    stage.key(KeyCode::Esc);
    stage.sees("MAIN MENU");
}

#[test]
fn a_locked_room_asks_for_its_passcode_until_it_is_right_or_given_up() {
    let mut stage = Stage::new(Rules::default());
    let (_, key) = room_of_kim(&mut stage, Access::Passcode("1952".parse().unwrap()));
    stage.begin(Start::Join { target: target(), key: Some(key) });
    stage.sees("needs a passcode");
    stage.keys("?1");
    stage.key(KeyCode::Enter);
    stage.sees("Not let in: that is not the passcode.");
    stage.key(KeyCode::Enter);
    stage.sees("A passcode has 1 to 32 bytes");
    stage.keys("1952");
    stage.key(KeyCode::Enter);
    stage.sees("Waiting for kim to play X.");
}

#[test]
fn too_many_wrong_passcodes_are_told_in_words() {
    let mut stage = Stage::new(Rules::default());
    let (_, key) = room_of_kim(&mut stage, Access::Passcode("1952".parse().unwrap()));
    stage.begin(Start::Watch { target: target(), key: Some(key) });
    for _ in 0..10 {
        if stage.screen().contains("too many") {
            break;
        }
        stage.keys("1");
        stage.key(KeyCode::Enter);
    }
    stage.sees("too many wrong passcodes; try again in a few minutes");
}

#[test]
fn a_passcode_is_given_up_for_the_list() {
    let mut stage = Stage::new(Rules::default());
    let (_, key) = room_of_kim(&mut stage, Access::Passcode("1952".parse().unwrap()));
    stage.begin(Start::Watch { target: target(), key: None });
    stage.sees("kim         3x3                off     needs passcode");
    stage.key(KeyCode::Enter);
    stage.sees("needs a passcode");
    stage.key(KeyCode::Esc);
    stage.sees("Enter asks for the passcode of");
    stage.key(KeyCode::Enter);
    stage.keys("1952");
    stage.key(KeyCode::Enter);
    stage.sees("Waiting for kim to play X.");
    assert_eq!(stage.model.game().unwrap().snapshot.code, key.code);
}

#[test]
fn the_owner_hides_and_locks_the_room() {
    let mut stage = Stage::new(Rules::default()).join();
    stage.sees("Everybody can see it and come in.");
    stage.keys("v");
    stage.sees("Hidden: only who knows the code comes in.");
    stage.keys("v");
    stage.sees("Locked: passcode 0042");
    assert_eq!(stage.model.game().unwrap().snapshot.visibility, Visibility::Locked);
    stage.keys("v");
    stage.sees("Everybody can see it and come in.");
    stage.keys("w");
    stage.sees("Nobody may watch.");
}

#[test]
fn a_turn_rings_once_and_names_the_window_if_nobody_looks() {
    let mut stage = with_friend();
    assert_eq!((stage.bells(), stage.title()), (1, Some("ben is here - oxo")));
    stage.keys("7");
    assert_eq!(stage.title(), Some("oxo"));
    stage.pass(10);
    stage.ben_plays("b2");
    assert_eq!((stage.bells(), stage.title()), (1, Some("Your turn - oxo")));
    stage.tell(Msg::Focus(true));
    assert_eq!(stage.title(), Some("oxo"));
    stage.pass(10);
    stage.keys("8");
    stage.ben_plays("c1");
    assert_eq!((stage.bells(), stage.title()), (0, Some("oxo")), "who looks is not called");
    stage.tell(Msg::Focus(false));
    assert_eq!((stage.bells(), stage.title()), (0, Some("Your turn - oxo")));
}

#[test]
fn the_bell_waits_for_who_has_just_typed_and_rings_once_for_what_came_meanwhile() {
    let mut stage = with_friend();
    assert_eq!(stage.bells(), 1);
    stage.keys("7");
    stage.ben_plays("b2");
    assert_eq!(stage.bells(), 0);
    let due = stage.model.poll_timeout(stage.now).unwrap();
    assert_eq!(due - stage.now, std::time::Duration::from_secs(10), "who has just typed is still there");
    stage.pass(5);
    assert_eq!(stage.bells(), 0);
    stage.pass(5);
    assert_eq!(stage.bells(), 1);
    stage.pass(60);
    assert_eq!(stage.bells(), 0, "the same call rings once");
    for _ in 0..50 {
        stage.ben_asks(line("ring"));
    }
    assert_eq!(stage.bells(), 0, "talk does not ring");
}

#[test]
fn the_bot_is_played_while_the_room_waits_and_the_match_calls_back() {
    let mut stage = Stage::new(Rules::default()).join();
    stage.keys("o");
    stage.sees("Your turn. You are X.");
    stage.sees("the bot");
    stage.keys("5");
    let mut stage = stage.with_friend();
    assert_eq!((stage.bells(), stage.title()), (1, Some("ben is here - oxo")));
    stage.sees("ben is here: Enter goes to the match, the bot game is kept.");
    for (width, height) in [(40, 12), (20, 7)] {
        stage.model.size = ratatui::layout::Size { width, height };
        stage.sees("ben is here:");
    }
    stage.model.size = ratatui::layout::Size { width: 80, height: 24 };
    stage.key(KeyCode::Enter);
    stage.sees("game 1");
    stage.sees("Your turn. You are X.");
    stage.keys("7");
    stage.sees("Waiting for ben to play O.");
    stage.ben_asks(Command::Resign { match_number: 1 });
    stage.sees("You won. ben resigned.");
    stage.key(KeyCode::Esc);
    stage.sees("Leave it");
    stage.key(KeyCode::Enter);
    let game = stage.model.game().unwrap();
    assert!(game.online().is_none() && !game.snapshot.record.moves().is_empty(), "the whole bot game");
}

#[test]
fn a_game_beside_a_room_has_no_clock_and_says_how_that_of_the_match_runs() {
    let mut stage = Stage::new(Rules::default());
    stage.model.terms.time = "30s".parse().unwrap();
    stage.model.quick_terms = Some(stage.model.terms);
    let mut stage = stage.join();
    stage.keys("o5");
    let mut stage = stage.with_friend();
    stage.pass(12);
    stage.sees("! ben is here: Enter goes to the match. Your clock: 0:28.");
    assert!(stage.model.game().unwrap().snapshot.clocks.is_none());
    let next = stage.model.poll_timeout(stage.now).unwrap();
    assert!(next <= stage.now + std::time::Duration::from_secs(1), "it is counted down");
}

#[test]
fn the_bot_game_is_kept_whatever_is_chosen_from_the_menu() {
    let mut stage = Stage::new(Rules::default()).join();
    stage.keys("o5");
    let mut stage = stage.with_friend();
    stage.key(KeyCode::Enter);
    stage.key(KeyCode::Esc);
    stage.ben_asks(Command::Resign { match_number: 1 });
    stage.sees("You won.");
    stage.keys("j");
    stage.sees("JOIN A GAME");
    stage.key(KeyCode::Esc);
    stage.sees("against the bot");
    stage.key(KeyCode::Enter);
    assert_eq!(stage.model.game().unwrap().snapshot.record.moves().len(), 1);
}

#[test]
fn the_bot_game_can_be_left_and_the_room_still_waits() {
    let mut stage = Stage::new(Rules::default()).join();
    stage.keys("o");
    stage.keys("5");
    stage.key(KeyCode::Esc);
    stage.sees("WAITING FOR A FRIEND");
    stage.keys("o");
    stage.sees("the bot");
    stage.key(KeyCode::Esc);
    stage.key(KeyCode::Esc);
    stage.sees("MAIN MENU");
    stage.keys("x");
    assert!(stage.model.game().is_none() && stage.model.aside.is_none());
    stage.sees("MAIN MENU");
}

#[test]
fn a_room_that_is_lost_does_not_end_the_bot_game() {
    let mut stage = Stage::new(Rules::default()).join();
    stage.keys("o");
    stage.net(NetMsg::Event(Event::Unseated(net::proto::Unseating::RoomClosed)));
    stage.sees("The room was closed.");
    stage.sees("the bot");
    assert!(matches!(stage.model.screen, Screen::Game(_)) && stage.model.aside.is_none());
}

#[test]
fn a_lost_link_behind_the_bot_game_is_tried_again() {
    let mut stage = Stage::new(Rules::default()).join();
    stage.keys("o");
    stage.net(NetMsg::Closed(None));
    let due = stage.model.poll_timeout(stage.now);
    assert_eq!(due, Some(stage.now), "at once");
    stage.pass(0);
    assert!(stage.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::Dial(dial) if dial.resume.is_some())));
}

#[test]
fn the_command_and_the_result_are_copied() {
    let mut stage = Stage::new(Rules::default()).join();
    stage.keys("c");
    let copied = |stage: &Stage| {
        stage.other_cmds.iter().rev().find_map(|cmd| match cmd {
            Cmd::Copy(text) => Some(text.clone()),
            _ => None,
        })
    };
    let code = stage.model.game().unwrap().snapshot.code;
    assert_eq!(copied(&stage), Some(format!("oxo join {code}@192.168.1.7")));
    let mut stage = stage.with_friend();
    stage.ben_asks(Command::Resign { match_number: 1 });
    stage.keys("y");
    assert_eq!(
        copied(&stage).unwrap(),
        "oxo 3x3, ana v. ben: ana won as X in 0 moves. Score 1 to 0, 0 drawn."
    );
    assert_eq!(stage.model.game().unwrap().viewpoint(), Seat::Host);
}
