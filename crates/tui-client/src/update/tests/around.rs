//! Around a match: chat, watching, lists of rooms, passcodes, calls, and a background game.

use crossterm::event::KeyCode;
use game_core::{Cell, Rules};
use net::proto::{Access, ChatMessage, Command, Event, Seat, SessionId, Setting, Terms, Visibility};
use ratatui::layout::Position;

use crate::{
    buttons::Target,
    cmd::{Cmd, Opponent, Signal},
    game::Role,
    goal::{Goal, RoomKey},
    model::Screen,
    msg::{Msg, NetMsg},
    test_harness::Harness,
    update::Start,
    view,
};

/// Ana against a friend, with an open chat. Ana opened the room.
fn with_friend() -> Harness {
    Harness::new(Rules::default()).join().with_friend()
}

fn line(text: &str) -> Command {
    Command::Say { message: ChatMessage::Line(text.parse().unwrap()) }
}

/// A waiting room of kim's.
fn room_of_kim(harness: &mut Harness, access: Access) -> (SessionId, RoomKey) {
    let kim = harness.somebody("kim");
    harness.asks(kim, Command::Create { terms: Terms::default(), access });
    let code = harness.code_of(kim);
    (kim, RoomKey { code, passcode: None })
}

fn target() -> net::addr::HostPort {
    "192.168.1.7".parse().unwrap()
}

/// Kim and ben play, and ana watches.
fn watching() -> (Harness, SessionId, SessionId) {
    let mut harness = Harness::new(Rules::default());
    let (kim, key) = room_of_kim(&mut harness, Access::Public);
    let ben = harness.somebody("ben");
    harness.asks(ben, Command::Join { code: key.code, passcode: None });
    harness.begin(Start::Connect(Goal::Watch { target: target(), key }));
    (harness, kim, ben)
}

fn play(harness: &mut Harness, who: SessionId, cell: &str) {
    let snapshot = &harness.model.online_game().unwrap().snapshot;
    let (match_number, branch, ply) =
        (snapshot.match_number, snapshot.branch, snapshot.record.position().ply());
    harness.asks(who, Command::Play { match_number, branch, ply, cell: cell.parse().unwrap() });
}

#[test]
fn a_newcomer_reads_three_sentences_over_the_first_board_and_never_again() {
    for (size, key) in [((80, 24), KeyCode::Char('5')), ((40, 12), KeyCode::Enter), ((20, 7), KeyCode::Esc)] {
        let mut harness = Harness::new(Rules::default());
        harness.model.size = size.into();
        harness.model.is_newcomer = true;
        harness.keys("o\r");
        if size.0 > 20 {
            harness.sees("Get 3 of your marks in a row");
            harness.sees("every key.");
            harness.sees("To invite a friend");
        }
        assert!(harness.wanted(|cmd| matches!(cmd, Cmd::NotePlayed)));
        harness.key(key);
        assert!(harness.model.overlay.is_none() && matches!(harness.model.screen, Screen::Game(_)));
        let moves = harness.model.game().unwrap().snapshot.record.moves().len();
        assert_eq!(moves, usize::from(key == KeyCode::Char('5')), "keys of the board act at once");
        harness.model.screen = Screen::Menu(crate::menu::Menu::default());
        harness.keys("o\r");
        assert!(harness.model.overlay.is_none());
    }
}

#[test]
fn the_last_line_tells_the_result_or_the_way_back() {
    let mut harness = with_friend();
    harness.keys("7");
    harness.ben_plays("b2");
    harness.ctrl_c();
    harness.keys("y");
    let line = harness.model.parting.clone().unwrap();
    assert!(line.starts_with("Your seat against ben is kept for 10 s: `oxo join "), "{line}");
    assert!(line.ends_with("@192.168.1.7` returns to it."), "{line}");

    let mut harness = with_friend();
    harness.keys("7");
    harness.ben_plays("b2");
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.key(KeyCode::Esc);
    harness.keys("Qy");
    assert_eq!(harness.model.parting.as_deref(), Some("You won. ben resigned. ana 1, ben 0."));

    let mut harness = Harness::new(Rules::default());
    harness.keys("Qy");
    assert_eq!(harness.model.parting, None);
}

#[test]
fn a_cell_of_a_large_board_is_named() {
    let mut harness = Harness::new("15x15:5".parse().unwrap());
    harness.begin(Start::Connect(Goal::Local {
        opponent: Opponent::Person { names: harness.model.new_game.names },
    }));
    harness.sees("/ name a cell");
    harness.keys("5");
    harness.sees("Name a cell, as in /c4");
    harness.keys("/o15");
    assert_eq!(
        harness.model.game().unwrap().cursor,
        "o15".parse().unwrap(),
        "it is shown before it is taken"
    );
    harness.key(KeyCode::Enter);
    harness.keys("/H8");
    harness.key(KeyCode::Enter);
    let moves: Vec<Cell> = ["o15", "h8"].map(|cell| cell.parse().unwrap()).into();
    assert_eq!(harness.model.game().unwrap().snapshot.record.moves(), moves);
    for wrong in ["s19", "8", "q"] {
        harness.keys("/");
        harness.keys(wrong);
        harness.key(KeyCode::Enter);
        harness.sees("No such cell");
        harness.key(KeyCode::Esc);
    }
    harness.keys("/");
    harness.key(KeyCode::Enter);
    assert!(harness.model.overlay.is_none());
    assert_eq!(harness.model.game().unwrap().snapshot.record.moves(), moves);
}

#[test]
fn a_capital_q_asks_in_the_menu_since_caps_lock_may_be_on() {
    let mut harness = Harness::new(Rules::default());
    harness.sees("Q quit");
    harness.keys("Q");
    harness.sees("Quit? y quits, n stays.");
    harness.keys("N");
    assert!(harness.model.overlay.is_none());
    harness.keys("QY");
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn a_chat_line_is_sent_and_plays_no_move() {
    let mut harness = with_friend();
    harness.keys("t");
    harness.sees("Say>");
    harness.sees("Your turn. You are X.");
    harness.keys("5 gl? hf q");
    harness.click_at(Position::new(10, 8));
    harness.sees("Say> 5 gl? hf q");
    assert!(harness.model.game().unwrap().snapshot.record.moves().is_empty());
    harness.key(KeyCode::Enter);
    harness.sees("ana   5 gl? hf q");
    harness.ben_asks(line("you too"));
    harness.sees("ben   you too");
    harness.keys("5");
    harness.sees("Waiting for ben to play O.");
}

#[test]
fn escape_closes_the_field_and_nothing_is_said() {
    let mut harness = with_friend();
    harness.keys("tquiet");
    harness.key(KeyCode::Esc);
    assert!(!harness.screen().contains("quiet"));
    harness.sees("Your turn.");
    harness.keys("t");
    harness.key(KeyCode::Enter);
    assert!(harness.model.overlay.is_none(), "an empty line only closes it");
}

#[test]
fn a_wrong_chat_line_is_explained() {
    let mut harness = with_friend();
    harness.keys("t");
    harness.tell(Msg::Paste("x\u{202e}y".into()));
    harness.key(KeyCode::Enter);
    harness.sees("Not said: a line cannot hold the character U+202E.");
}

#[test]
fn emotes_take_two_keys() {
    let mut harness = with_friend();
    harness.keys("e");
    harness.sees("1 hi  2 gg  3 oops  4 wow  5 thx  6 re");
    harness.keys("2");
    harness.sees("ana   gg");
    assert!(harness.model.game().unwrap().snapshot.record.moves().is_empty(), "no move was played");
}

#[test]
fn a_line_refused_for_its_rate_can_be_sent_again() {
    let mut harness = with_friend();
    for number in 0..20 {
        harness.keys("t");
        harness.keys(&format!("line {number}"));
        harness.key(KeyCode::Enter);
        if harness.screen().contains("not so fast") {
            break;
        }
    }
    harness.sees("Not said: not so fast. t tries it again.");
    harness.keys("t");
    harness.sees("Say> line");
}

#[test]
fn the_muted_are_not_shown_and_heard_again_after() {
    let mut harness = with_friend();
    harness.keys("m");
    harness.sees("Muted:");
    harness.ben_asks(line("blah"));
    assert!(!harness.screen().contains("blah"));
    harness.keys("tnoted");
    harness.key(KeyCode::Enter);
    harness.sees("ana   noted");
    harness.keys("m");
    harness.ben_asks(line("hello again"));
    harness.sees("ben   hello again");
}

#[test]
fn strangers_do_not_talk_until_one_opens_it() {
    let mut harness = Harness::new(Rules::default()).join().with_ben();
    harness.sees("chat is off: o opens it");
    harness.keys("t");
    assert!(harness.model.overlay.is_none());
    harness.sees("so the chat is off. o opens it for both of you.");
    harness.keys("o");
    harness.keys("thi");
    harness.key(KeyCode::Enter);
    harness.sees("ana   hi");
}

#[test]
fn a_watcher_follows_through_the_rematch_and_plays_nothing() {
    let (mut harness, kim, ben) = watching();
    harness.sees("Waiting for kim to play X.");
    harness.sees("You watch.");
    harness.keys("5");
    harness.sees("Waiting for kim to play X.");
    for (who, cell) in [(kim, "a3"), (ben, "a1"), (kim, "b3"), (ben, "b1"), (kim, "c3")] {
        play(&mut harness, who, cell);
    }
    harness.sees("kim won. X has the row 7-8-9.");
    harness.sees("The next game appears by itself.");
    harness.asks(kim, Command::Rematch { match_number: 1 });
    harness.asks(ben, Command::Rematch { match_number: 1 });
    harness.sees("game 2");
    harness.sees("Waiting for ben to play X.");
    harness.ctrl_c();
    assert!(harness.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::Quit)), "it costs nobody a match");
}

#[test]
fn a_watcher_is_heard_by_watchers_and_by_players_if_the_owner_wants_it() {
    let mut harness = with_friend();
    let code = harness.model.game().unwrap().snapshot.code;
    let eve = harness.somebody("eve");
    harness.asks(eve, Command::Watch { code, passcode: None });
    harness.sees("1 watching");
    harness.asks(eve, line("boo"));
    assert!(!harness.screen().contains("boo"));
    harness.keys("s");
    harness.sees("Watchers are heard now.");
    harness.asks(eve, line("nice"));
    harness.sees("eve*  nice");
    harness.keys("w");
    assert!(!harness.screen().contains("1 watching"), "{}", harness.screen());
}

#[test]
fn a_watcher_dials_again_and_asks_to_watch() {
    let (mut harness, kim, _) = watching();
    harness.is_cut = true;
    harness.net(NetMsg::Closed(None));
    harness.sees("RECONNECTING, try 1, to go on watching.");
    harness.is_cut = false;
    play(&mut harness, kim, "b2");
    harness.pass(1);
    harness.sees("kim played the center (5).");
    harness.sees("You watch.");
    assert_eq!(harness.model.game().unwrap().role, Role::Watcher { passcode: None });
}

#[test]
fn a_watcher_goes_on_trying_and_is_told_of_no_seat() {
    let (mut harness, kim, ben) = watching();
    harness.is_cut = true;
    harness.net(NetMsg::Closed(None));
    for _ in 0..40 {
        harness.pass(10);
        harness.net(NetMsg::Closed(None));
        assert!(!harness.screen().contains("seat"), "{}", harness.screen());
    }
    harness.is_cut = false;
    harness.pass(10);
    harness.sees("Waiting for kim to play X.");
    harness.asks(kim, Command::Resign { match_number: 1 });
    harness.asks(ben, Command::Leave);
    assert!(!harness.screen().contains("press r"), "{}", harness.screen());
    harness.key(KeyCode::Esc);
    harness.sees("Quick match");
}

#[test]
fn a_room_closed_to_watchers_is_left_with_a_word() {
    let (mut harness, kim, _) = watching();
    harness.asks(kim, Command::Set { setting: Setting::Watchable(false) });
    harness.sees("The room was closed to watchers");
}

#[test]
fn rooms_are_listed_and_joined() {
    let mut harness = Harness::new(Rules::default());
    harness.begin(Start::Connect(Goal::Browse { target: target() }));
    harness.sees("Nobody waits or plays there now.");
    let (_, key) = room_of_kim(&mut harness, Access::Public);
    harness.pass(2);
    harness.sees(key.code.as_str());
    harness.sees("kim hosts 3x3");
    harness.sees("Enter joins");
    harness.key(KeyCode::Enter);
    harness.sees("Waiting for kim to play X.");
}

#[test]
fn a_list_whose_connection_is_lost_is_asked_for_again() {
    let mut harness = Harness::new(Rules::default());
    let (_, key) = room_of_kim(&mut harness, Access::Public);
    harness.begin(Start::Connect(Goal::Browse { target: target() }));
    harness.net(NetMsg::Closed(None));
    harness.sees("The connection to 192.168.1.7:1952 is lost. Enter looks again.");
    harness.sees(key.code.as_str());
    harness.key(KeyCode::Enter);
    harness.sees("Enter joins");
}

#[test]
fn a_room_in_play_is_watched_from_the_list() {
    let mut harness = Harness::new(Rules::default());
    let (_, key) = room_of_kim(&mut harness, Access::Public);
    let ben = harness.somebody("ben");
    harness.asks(ben, Command::Join { code: key.code, passcode: None });
    harness.begin(Start::Connect(Goal::Browse { target: target() }));
    harness.sees("kim plays ben");
    harness.key(KeyCode::Enter);
    harness.sees("You watch.");
    harness.key(KeyCode::Esc);
    harness.sees("Quick match");
}

#[test]
fn a_locked_room_asks_for_its_passcode_until_it_is_right_or_given_up() {
    let mut harness = Harness::new(Rules::default());
    let (_, key) = room_of_kim(&mut harness, Access::Passcode("1952".parse().unwrap()));
    harness.begin(Start::Connect(Goal::Join { target: target(), key: Some(key) }));
    harness.sees("needs a passcode");
    harness.keys("?1");
    harness.key(KeyCode::Enter);
    harness.sees("Not let in: that is not the passcode.");
    harness.key(KeyCode::Enter);
    harness.sees("A passcode has 1 to 32 bytes");
    harness.keys("1952");
    harness.key(KeyCode::Enter);
    harness.sees("Waiting for kim to play X.");
}

#[test]
fn too_many_wrong_passcodes_are_told_in_words() {
    let mut harness = Harness::new(Rules::default());
    let (_, key) = room_of_kim(&mut harness, Access::Passcode("1952".parse().unwrap()));
    harness.begin(Start::Connect(Goal::Watch { target: target(), key }));
    for _ in 0..10 {
        if harness.screen().contains("too many") {
            break;
        }
        harness.keys("1");
        harness.key(KeyCode::Enter);
    }
    harness.sees("too many wrong codes or passcodes; try again in a few minutes");
}

#[test]
fn a_passcode_is_given_up_for_the_list() {
    let mut harness = Harness::new(Rules::default());
    let (_, key) = room_of_kim(&mut harness, Access::Passcode("1952".parse().unwrap()));
    harness.begin(Start::Connect(Goal::Browse { target: target() }));
    harness.sees("kim 3x3 off needs passcode");
    harness.key(KeyCode::Enter);
    harness.sees("needs a passcode");
    harness.key(KeyCode::Esc);
    harness.sees("Enter asks for the passcode of");
    harness.key(KeyCode::Enter);
    harness.keys("1952");
    harness.key(KeyCode::Enter);
    harness.sees("Waiting for kim to play X.");
    assert_eq!(harness.model.game().unwrap().snapshot.code, key.code);
}

#[test]
fn the_owner_hides_and_locks_the_room() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.sees("Everybody who reaches this server can see it and join.");
    harness.pass(65);
    harness.keys("v");
    harness.sees("Hidden: only people with the code can join.");
    harness.sees("Waiting 1:05. Nobody is watching.");
    harness.keys("v");
    harness.sees("Locked: passcode 0042");
    assert_eq!(harness.model.game().unwrap().snapshot.visibility, Visibility::Locked);
    harness.keys("v");
    harness.sees("Everybody who reaches this server can see it and join.");
    harness.keys("w");
    harness.sees("Nobody may watch.");
}

#[test]
fn a_room_that_waits_is_not_left_without_a_question() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.key(KeyCode::Esc);
    harness.sees("Stop waiting? y closes the room");
    harness.key(KeyCode::Esc);
    harness.sees("waiting for a friend");
    assert!(harness.model.overlay.is_none() && !harness.wanted(|cmd| matches!(cmd, Cmd::HangUp)));
    for (width, height) in [(40, 12), (20, 7), (18, 5)] {
        harness.model.size = ratatui::layout::Size { width, height };
        harness.key(KeyCode::Esc);
        harness.sees(if width == 40 { "n waits on" } else { "Leave? y or n" });
        harness.keys("n");
    }
    // Nor while it is tried to return to it.
    harness.model.size = ratatui::layout::Size { width: 80, height: 24 };
    harness.is_cut = true;
    harness.net(NetMsg::Closed(None));
    harness.sees("RECONNECTING");
    harness.key(KeyCode::Esc);
    harness.sees("Stop waiting?");
    harness.keys("y");
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::HangUp)));
    assert!(matches!(harness.model.screen, Screen::Menu(_)));
}

#[test]
fn the_question_is_gone_once_a_friend_is_there() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.key(KeyCode::Esc);
    let mut harness = harness.with_friend();
    harness.sees("Your turn. You are X.");
    harness.keys("y");
    harness.key(KeyCode::Esc);
    harness.sees("Enter returns to your game.");
}

#[test]
fn behind_the_menu_no_key_of_the_game_is_named() {
    let mut harness = with_friend();
    harness.both_move();
    harness.key(KeyCode::Esc);
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.sees("Enter returns to your game. You won. ben resigned.");
    assert!(!harness.screen().contains("rematch"), "its key is another one here");
}

#[test]
fn a_series_is_not_left_without_a_question_while_the_other_is_there() {
    let best_of = Some("3".parse().unwrap());
    let over = || {
        let mut harness = Harness::with_terms(Terms { best_of, ..Terms::default() }).join().with_ben();
        for (own, bens) in [("7", "a1"), ("8", "b1")] {
            harness.keys(own);
            harness.ben_plays(bens);
        }
        harness.keys("9");
        harness.sees("You won.");
        harness
    };
    let mut harness = over();
    harness.key(KeyCode::Esc);
    harness.sees("Leave the series against ben?");
    harness.keys("n");
    harness.sees("You won.");
    harness.key(KeyCode::Esc);
    harness.keys("y");
    assert!(matches!(harness.model.screen, Screen::Menu(_)));

    let mut harness = over();
    harness.ben_asks(Command::Leave);
    harness.key(KeyCode::Esc);
    assert!(matches!(harness.model.screen, Screen::Menu(_)), "nobody waits");
}

#[test]
fn a_room_that_waits_behind_the_menu_is_not_closed_by_another_entry() {
    let mut harness = with_friend();
    harness.key(KeyCode::Esc);
    harness.sees("Resume");
    let mut snapshot = harness.model.game().unwrap().snapshot.clone();
    snapshot.phase = net::proto::Phase::Waiting;
    harness.net(NetMsg::Event(Event::Snapshot(Box::new(snapshot))));
    harness.keys("q");
    harness.sees("Your room still waits. Enter returns to it; Esc there closes it.");
    assert!(harness.model.game().is_some());
}

#[test]
fn cells_are_buttons_where_a_mark_can_be_placed() {
    let are_buttons = |harness: &Harness| {
        let mut places = (0..80).flat_map(|column| (0..24).map(move |row| Position::new(column, row)));
        let target = |place| view::target_at(&harness.model, harness.now, place);
        places.any(|place| matches!(target(place), Some(Target::Cell(_))))
    };
    let mut harness = Harness::new(Rules::default()).join();
    assert!(!are_buttons(&harness), "nobody is there");
    harness = harness.with_friend();
    assert!(are_buttons(&harness));
    harness.keys("t");
    assert!(!are_buttons(&harness), "text is typed");
    harness.key(KeyCode::Esc);
    harness.key(KeyCode::Esc);
    assert!(!are_buttons(&harness), "the menu has none");
    harness.key(KeyCode::Enter);
    harness.ben_asks(Command::Resign { match_number: 1 });
    assert!(!are_buttons(&harness), "it is over");
    assert!(!are_buttons(&watching().0));
}

#[test]
fn a_turn_names_the_window_and_rings_once_if_nobody_looks() {
    let mut harness = with_friend();
    assert_eq!((harness.bells(), harness.title()), (1, Some("ben is here - oxo")));
    harness.keys("7");
    assert_eq!(harness.title(), Some("ben to move - oxo"));
    harness.pass(10);
    harness.ben_plays("b2");
    assert_eq!((harness.bells(), harness.title()), (1, Some("Your turn - oxo")));
    harness.tell(Msg::Focus(true));
    harness.pass(10);
    harness.keys("8");
    harness.ben_plays("c1");
    assert_eq!((harness.bells(), harness.title()), (0, Some("Your turn - oxo")), "who looks is not called");
    harness.tell(Msg::Focus(false));
    assert_eq!((harness.bells(), harness.title()), (0, Some("Your turn - oxo")));
    harness.ben_asks(Command::Resign { match_number: 1 });
    assert_eq!(harness.title(), Some("You won - oxo"));
    harness.key(KeyCode::Esc);
    assert_eq!(harness.title(), Some("oxo"));
}

#[test]
fn a_game_at_this_machine_names_the_window_and_gives_hints() {
    let mut harness = Harness::new(Rules::default());
    harness.keys("t\r");
    assert_eq!(harness.title(), Some("Player 1 to move - oxo"));
    harness.keys("5");
    assert_eq!((harness.bells(), harness.title()), (0, Some("Player 2 to move - oxo")));
    harness.sees("g hint");
    harness.keys("g");
    harness.sees("A perfect player takes one of 1, 3, 7, 9.");
    for hinted in ["*7*", "*1*"] {
        harness.sees(hinted);
    }
    harness.keys("g");
    assert!(harness.model.game().unwrap().shown_hint().is_none());
    harness.keys("g7193");
    assert!(harness.model.game().unwrap().shown_hint().is_none(), "it was for another move");
    harness.keys("g");
    harness.sees("A perfect player takes top middle (8).");
}

#[test]
fn nobody_is_helped_against_another_player() {
    let mut harness = with_friend();
    harness.keys("g");
    harness.sees("There are hints in games at this machine only.");
    assert!(!harness.screen().contains("g hint"));
}

#[test]
fn the_bell_waits_for_who_has_just_typed_and_rings_once_for_what_came_meanwhile() {
    let mut harness = with_friend();
    assert_eq!(harness.bells(), 1);
    harness.keys("7");
    harness.ben_plays("b2");
    assert_eq!(harness.bells(), 0);
    let due = harness.model.poll_timeout(harness.now).unwrap();
    assert_eq!(due - harness.now, std::time::Duration::from_secs(10), "who has just typed is still there");
    harness.pass(5);
    assert_eq!(harness.bells(), 0);
    harness.pass(5);
    assert_eq!(harness.bells(), 1);
    harness.pass(60);
    assert_eq!(harness.bells(), 0, "the same call rings once");
    for _ in 0..50 {
        harness.ben_asks(line("ring"));
    }
    assert_eq!(harness.bells(), 0, "talk does not ring");
}

#[test]
fn a_click_shows_that_the_player_is_there() {
    let mut harness = with_friend();
    assert_eq!(harness.bells(), 1);
    let cell = harness.model.game().unwrap().cursor;
    let mut places = (0..80).flat_map(|column| (0..24).map(move |row| Position::new(column, row)));
    let target = |place: &Position| view::target_at(&harness.model, harness.now, *place);
    let place = places.find(|place| target(place) == Some(Target::Cell(cell))).unwrap();
    harness.click_at(place);
    harness.ben_plays("a1");
    harness.pass(9);
    assert_eq!(harness.bells(), 0);
    harness.pass(1);
    assert_eq!(harness.bells(), 1);
}

#[test]
fn the_bot_is_played_while_the_room_waits_and_the_match_calls_back() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("o");
    harness.sees("Your turn. You are X.");
    harness.sees("the bot");
    harness.keys("5");
    let mut harness = harness.with_friend();
    assert_eq!((harness.bells(), harness.title()), (1, Some("ben is here - oxo")));
    harness.sees("ben is here: Enter goes to the match, the bot game is kept.");
    for (width, height) in [(40, 12), (20, 7)] {
        harness.model.size = ratatui::layout::Size { width, height };
        harness.sees("ben is here:");
    }
    harness.model.size = ratatui::layout::Size { width: 80, height: 24 };
    harness.key(KeyCode::Enter);
    harness.sees("game 1");
    harness.sees("Your turn. You are X.");
    harness.keys("7");
    harness.sees("Waiting for ben to play O.");
    harness.ben_plays("b2");
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.sees("You won. ben resigned.");
    harness.key(KeyCode::Esc);
    harness.sees("Leave it");
    harness.key(KeyCode::Enter);
    let game = harness.model.game().unwrap();
    assert!(game.online().is_none() && !game.snapshot.record.moves().is_empty(), "the whole bot game");
}

#[test]
fn a_game_beside_a_room_has_no_clock_and_says_how_that_of_the_match_runs() {
    let mut harness = Harness::new(Rules::default());
    harness.model.new_game.terms.time = "30s".parse().unwrap();
    harness.model.quick_terms = Some(harness.model.new_game.terms);
    let mut harness = harness.join();
    harness.keys("o5");
    let mut harness = harness.with_friend();
    harness.pass(12);
    harness.sees("! ben is here: Enter goes to the match. Your clock: 0:28.");
    assert!(harness.model.game().unwrap().snapshot.clocks.is_none());
    let next = harness.model.poll_timeout(harness.now).unwrap();
    assert!(next <= harness.now + std::time::Duration::from_secs(1), "it is counted down");
}

#[test]
fn the_bot_game_is_kept_whatever_is_chosen_from_the_menu() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("o5");
    let mut harness = harness.with_friend();
    harness.key(KeyCode::Enter);
    harness.both_move();
    harness.key(KeyCode::Esc);
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.sees("You won.");
    harness.keys("j");
    harness.sees("join a game");
    harness.key(KeyCode::Esc);
    harness.sees("against the bot");
    harness.key(KeyCode::Enter);
    assert_eq!(harness.model.game().unwrap().snapshot.record.moves().len(), 1);
}

#[test]
fn the_bot_game_can_be_left_and_the_room_still_waits() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("o");
    harness.keys("5");
    harness.key(KeyCode::Esc);
    harness.sees("waiting for a friend");
    harness.keys("o");
    harness.sees("the bot");
    harness.key(KeyCode::Esc);
    harness.key(KeyCode::Esc);
    harness.keys("y");
    harness.sees("Quick match");
    harness.keys("x");
    assert!(harness.model.game().is_none() && harness.model.background_game.is_none());
    harness.sees("Quick match");
}

#[test]
fn a_room_that_is_lost_does_not_end_the_bot_game() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("o");
    harness.net(NetMsg::Event(Event::Unseated(net::proto::Unseating::RoomClosed)));
    harness.sees("The room was closed.");
    harness.sees("the bot");
    assert!(matches!(harness.model.screen, Screen::Game(_)) && harness.model.background_game.is_none());
}

#[test]
fn a_lost_link_behind_the_bot_game_is_tried_again() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("o");
    harness.net(NetMsg::Closed(None));
    let due = harness.model.poll_timeout(harness.now);
    assert_eq!(due, Some(harness.now), "at once");
    harness.pass(0);
    assert!(harness.other_cmds.iter().any(|cmd| matches!(cmd, Cmd::Dial(dial) if dial.resume.is_some())));
}

#[test]
fn the_command_and_the_result_are_copied() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("c");
    let copied = |harness: &Harness| {
        harness.other_cmds.iter().rev().find_map(|cmd| match cmd {
            Cmd::Signal(Signal::Copy(text)) => Some(text.clone()),
            _ => None,
        })
    };
    let code = harness.model.game().unwrap().snapshot.code;
    assert_eq!(copied(&harness), Some(format!("oxo join {code}@192.168.1.7")));
    let mut harness = harness.with_friend();
    harness.both_move();
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.keys("y");
    assert_eq!(
        copied(&harness).unwrap(),
        "oxo 3x3, ana v. ben: ana won as X in 2 moves. Score 1 to 0, 0 drawn."
    );
    assert_eq!(harness.model.game().unwrap().viewpoint(), Seat::Host);
}
