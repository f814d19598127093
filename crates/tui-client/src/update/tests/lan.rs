//! The games on this network: the menu's counts, the list, the search for one game, and the times of the search.

use std::time::{Duration, Instant};

use crossterm::event::KeyCode;
use game_core::Rules;
use net::{
    connect::{ConnectCause, ConnectError, ResolveError},
    discovery::{LanEvent, LanServerId},
    interfaces::{InterfaceKind, Networks},
    proto::{Access, Command, CommandKind, Event, Reject, RoomCode, Terms, Visibility},
};

use crate::{
    cmd::Cmd,
    failure::Failure,
    game_search::{QUICK_SEEK, SETTLE},
    goal::{Goal, RoomKey},
    lan_games::LanGames,
    model::Screen,
    msg::{Msg, NetMsg},
    own_place::{OwnPlace, Reach},
    quick_match::PATIENCE,
    test_harness::{Harness, LanRoom, lan_room},
    update::Start,
};

/// The menu, with a search under way.
fn menu() -> Harness {
    let mut harness = Harness::new(Rules::default());
    harness.model.quick_terms = None;
    harness.begin(Start::Menu);
    harness
}

/// The list of the games found.
fn list(watches: bool) -> Harness {
    let mut harness = menu();
    harness.begin(Start::Games { watches });
    harness
}

impl Harness {
    /// The search has news.
    fn lan<R>(&mut self, change: impl FnOnce(&mut LanGames, Instant) -> R) {
        let mut games = self.model.lan.clone();
        let _changed = change(&mut games, self.now);
        self.tell(Msg::Lan(games));
    }

    fn appears(&mut self, room: &LanRoom) {
        self.lan(|games, now| games.handle_event(now, LanEvent::Appeared(room.server.clone())));
    }

    fn finds(&mut self, room: &LanRoom) {
        self.lan(|games, now| room.is_found(games, now));
    }

    fn networks(&mut self) {
        let used = vec![("wlan0".to_owned(), "192.168.1.9".parse().unwrap(), 24)];
        let skipped = vec![("docker0".to_owned(), InterfaceKind::Virtual)];
        self.lan(|games, _| games.set_networks(Networks { used, skipped }));
    }

    fn fails(&mut self) {
        let hint = Some("another program may hold it".to_owned());
        let sentence = "Cannot search for games: the port is taken".to_owned();
        self.lan(|games, _| games.fail(Failure { sentence, causes: Vec::new(), hint }));
    }

    /// The numbers of searches begun and ended since the last call.
    fn searches(&mut self) -> (usize, usize) {
        let count = |is_it: fn(&Cmd) -> bool| self.other_cmds.iter().filter(|cmd| is_it(cmd)).count();
        let counts = (count(|cmd| matches!(cmd, Cmd::Search)), count(|cmd| matches!(cmd, Cmd::EndSearch)));
        self.other_cmds.retain(|cmd| !matches!(cmd, Cmd::Search | Cmd::EndSearch));
        counts
    }

    /// Some time passes for a search.
    fn waits(&mut self, time: Duration) {
        self.now += time;
        self.tell(Msg::Tick);
    }

    /// Asserts the target of the connection, and if it is watched.
    #[track_caller]
    fn check_goal(&self, expected: &str, is_watched: bool) {
        let (target, key, watches) = match &self.model.screen {
            Screen::Connecting(connecting) => match &connecting.goal {
                Goal::Join { target, key: Some(key) } => (target, key, false),
                Goal::Watch { target, key } => (target, key, true),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}\n{}", self.screen()),
        };
        assert_eq!((format!("{}@{target}", key.code), watches), (expected.to_owned(), is_watched));
    }
}

/// A harness without servers, so that the target of a connection can be seen.
fn cut(mut harness: Harness) -> Harness {
    harness.is_cut = true;
    harness
}

#[test]
fn the_menu_counts_the_games_of_the_network() {
    let mut harness = menu();
    harness.sees("ana · LAN: 0 games");
    harness.finds(&lan_room(1, "KITE-42", "ben", None));
    harness.finds(&lan_room(2, "LIME-19", "eve", Some("kim")));
    harness.finds(&lan_room(3, "OAKEN-55", "sam", Some("mia")));
    harness.sees("ana · LAN: 3 games");
    harness.sees("b Browse LAN 3 games found, 1 open");
    harness.sees("w Watch 2 games in play");
    harness.lan(|games, now| games.handle_event(now, LanEvent::Gone(LanServerId(1))));
    harness.sees("b Browse LAN 2 games found, 0 open");
}

#[test]
fn the_search_runs_in_the_menu_and_the_list_and_not_while_a_match_is_shown() {
    let mut harness = menu();
    assert_eq!(harness.searches(), (1, 0));
    harness.keys("b");
    harness.key(KeyCode::Esc);
    harness.keys("j");
    harness.key(KeyCode::Esc);
    assert_eq!(harness.searches(), (0, 0), "it goes on");
    harness.keys("t");
    assert_eq!(harness.searches(), (0, 0), "and in the form for a new game");
    harness.keys("\r");
    assert_eq!(harness.searches(), (0, 1));
    harness.keys("5");
    harness.key(KeyCode::Esc);
    harness.sees("Quick match");
    assert_eq!(harness.searches(), (1, 0), "the menu is as alive as without a game behind it");
    assert_eq!(harness.model.poll_timeout(harness.now), None, "nothing wakes an idle client");
    harness.key(KeyCode::Esc);
    assert_eq!(harness.searches(), (0, 1));
    harness.key(KeyCode::Esc);
    harness.keys("x");
    assert_eq!(harness.searches(), (1, 0));
    assert_eq!(harness.model.poll_timeout(harness.now), None, "a menu waits for messages alone");
}

#[test]
fn the_games_of_an_ended_search_are_forgotten() {
    let mut harness = menu();
    harness.finds(&lan_room(1, "KITE-42", "ben", None));
    harness.keys("t\r");
    harness.finds(&lan_room(2, "LIME-19", "eve", None));
    harness.key(KeyCode::Esc);
    harness.keys("x");
    harness.sees("LAN: 0 games");
}

#[test]
fn the_list_says_what_each_game_is_how_far_and_where() {
    let mut harness = list(false);
    harness.networks();
    let mut locked = lan_room(3, "FERN-03", "mia", None);
    locked.room.is_locked = true;
    let terms =
        Terms { best_of: Some("3".parse().unwrap()), time: "30s".parse().unwrap(), ..Terms::default() };
    let mut kite = lan_room(7, "KITE-42", "ben", None);
    kite.room.terms = terms;
    harness.finds(&locked);
    harness.finds(&lan_room(2, "LIME-19", "eve", Some("kim")));
    harness.finds(&kite);
    harness.sees("ana · wlan0 ok");
    harness.sees("KITE-42 ben 3x3, best of 3 30s waiting 0:00 2 ms");
    harness.sees("LIME-19 eve 3x3 off v. kim 0:00 2 ms");
    harness.sees("Searching wlan0 192.168.1.0/24 (docker0 skipped). Last answer 0 s ago.");
    harness.sees("3 games 3 of 3");
    harness.key(KeyCode::Up);
    harness.sees("FERN-03 mia 3x3 off needs passcode 2 ms");
    harness.key(KeyCode::Up);
    harness.sees("ben hosts 3x3, best of 3, 30 s a move. You play O in game 1.");
    harness.sees("Address 192.168.1.7:1952");
    harness.sees("Enter joins KITE-42 and plays ben.");
    harness.waits(Duration::from_secs(2));
    harness.sees("Last answer 2 s ago.");
    harness.lan(|games, now| games.handle_answer(now, LanServerId(7), None));
    harness.sees("Address 192.168.1.7:1952, which does not answer");
}

#[test]
fn an_empty_list_says_what_to_do_and_why() {
    let mut harness = list(false);
    harness.networks();
    harness.sees("Searching for games.");
    harness.waits(Duration::from_secs(6));
    for said in [
        "No games answered in 6 seconds.",
        "h Host one.",
        "j Type your friend's code (KITE-42)",
        "o Play the bot.",
        "1 Nobody hosts yet",
        "2 You are on different networks",
        "3 A firewall",
        "d runs the checks and says what to open.",
        "Still searching wlan0 192.168.1.0/24 (docker0 skipped).",
    ] {
        harness.sees(said);
    }
    assert!(harness.model.poll_timeout(harness.now).is_some(), "the seconds are counted");
    harness.keys("r");
    assert_eq!(harness.searches(), (2, 1), "the search began anew");
    harness.sees("Searching for games.");
    harness.keys("o\r");
    harness.sees("the bot");
}

#[test]
fn d_checks_the_network_and_shows_the_report() {
    let mut harness = list(false);
    harness.keys("d");
    harness.sees("Checking. It takes some seconds.");
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::CheckNetwork)));
    harness.tell(Msg::Checked("Network\n  FAIL  eth0, IPv4: no multicast\n\nResult: you can join\n".into()));
    harness.sees("Your network");
    harness.sees("FAIL eth0, IPv4: no multicast");
    harness.key(KeyCode::Esc);
    harness.sees("games on this network");
    harness.tell(Msg::Checked("late".into()));
    assert!(!harness.screen().contains("late"), "{}", harness.screen());
}

#[test]
fn a_search_that_fails_is_a_note_and_no_end() {
    let mut harness = menu();
    harness.fails();
    harness.sees("LAN: no search");
    harness.sees("search failed; b shows why");
    harness.keys("b");
    harness.sees("Cannot search for games here.");
    harness.sees("Cannot search for games: the port is taken. Hint: another program may hold it.");
    harness.key(KeyCode::Esc);
    harness.keys("jKITE 42");
    harness.key(KeyCode::Enter);
    harness.sees("that did not work");
    harness.sees("Cannot search for games: the port is taken");
}

#[test]
fn a_network_that_is_none_is_said() {
    let mut harness = list(false);
    harness.lan(|games, _| games.set_networks(Networks::default()));
    harness.sees("! no network");
    harness.sees("No network to search. Is Wi-Fi on, or the cable in?");
}

#[test]
fn enter_joins_what_is_open_and_watches_what_is_in_play() {
    for (watches, key, guest, is_watched) in [
        (false, KeyCode::Enter, None, false),
        (false, KeyCode::Enter, Some("kim"), true),
        (false, KeyCode::Char('w'), None, true),
        (true, KeyCode::Enter, None, true),
    ] {
        let mut harness = cut(list(watches));
        harness.finds(&lan_room(7, "KITE-42", "ben", guest));
        harness.key(key);
        harness.check_goal("KITE-42@192.168.1.7:1952", is_watched);
        harness.key(KeyCode::Esc);
        harness.sees("games on this network");
    }
}

#[test]
fn a_game_that_was_found_is_played() {
    let mut harness = list(false);
    let kim = harness.somebody("kim");
    harness.asks(kim, Command::Create { terms: Terms::default(), access: Access::Public });
    let code = harness.code_of(kim);
    harness.finds(&lan_room(7, code.as_str(), "kim", None));
    harness.key(KeyCode::Enter);
    harness.sees("Waiting for kim to play X.");
}

#[test]
fn a_refusal_leads_back_to_the_list() {
    let mut harness = list(false);
    harness.finds(&lan_room(7, "KITE-42", "kim", None));
    harness.key(KeyCode::Enter);
    harness.sees("games on this network");
    harness.sees("Not let in:");
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::HangUp)));
}

#[test]
fn a_full_room_names_the_way_to_watch_it() {
    let mut harness = cut(Harness::new(Rules::default()));
    let key = RoomKey { code: "KITE-42".parse().unwrap(), passcode: None };
    harness.begin(Start::Connect(Goal::Join { target: "192.168.1.7".parse().unwrap(), key: Some(key) }));
    harness.net(NetMsg::Event(Event::Rejected { command: CommandKind::Join, reject: Reject::RoomFull }));
    let is_told = |cmd: &Cmd| match cmd {
        Cmd::Fail(failure) => {
            failure.hint.as_deref() == Some("watch it: `oxo watch KITE-42@192.168.1.7:1952`")
        }
        _ => false,
    };
    assert!(harness.wanted(is_told), "{:?}", harness.other_cmds);

    let mut harness = list(false);
    harness.finds(&lan_room(7, "KITE-42", "kim", None));
    harness.is_cut = true;
    harness.key(KeyCode::Enter);
    harness.net(NetMsg::Event(Event::Rejected { command: CommandKind::Join, reject: Reject::RoomFull }));
    harness.sees("Not let in: both seats of this room are taken. w watches it.");
}

#[test]
fn a_locked_game_asks_for_its_passcode_and_escape_leads_back() {
    let mut harness = list(false);
    let kim = harness.somebody("kim");
    let access = Access::Passcode("1952".parse().unwrap());
    harness.asks(kim, Command::Create { terms: Terms::default(), access });
    let mut room = lan_room(7, harness.code_of(kim).as_str(), "kim", None);
    room.room.is_locked = true;
    harness.finds(&room);
    harness.sees("Enter asks for the passcode");
    harness.key(KeyCode::Enter);
    harness.sees("a locked room");
    harness.key(KeyCode::Esc);
    harness.sees("games on this network");
    harness.finds(&room);
    harness.key(KeyCode::Enter);
    harness.keys("1952");
    harness.key(KeyCode::Enter);
    harness.sees("Waiting for kim to play X.");
}

#[test]
fn a_game_that_cannot_be_entered_is_explained_and_not_dialled() {
    let mut harness = cut(list(false));
    let mut shut = lan_room(1, "LIME-19", "eve", Some("kim"));
    shut.room.is_watchable = false;
    harness.finds(&shut);
    harness.key(KeyCode::Enter);
    harness.sees("LIME-19 is not open to watchers.");
    assert!(!harness.wanted(|cmd| matches!(cmd, Cmd::Dial(_))));
    // The rooms of a server of another version cannot be known.
    let mut newer = lan_room(2, "KITE-42", "ben", None).server;
    newer.advert.protocol.oldest += 1;
    newer.advert.protocol.newest += 1;
    harness.lan(|games, now| games.handle_event(now, LanEvent::Appeared(newer.clone())));
    harness.sees("den serves another version of oxo");
    harness.keys("jKITE 42");
    harness.key(KeyCode::Enter);
    harness.waits(Duration::from_secs(2));
    harness.sees("No game KITE-42 answered on this network");
    harness.sees("den serves another version of oxo");
}

#[test]
fn a_filter_narrows_the_list_until_escape() {
    let mut harness = list(false);
    harness.finds(&lan_room(1, "KITE-42", "ben", None));
    harness.finds(&lan_room(2, "LIME-19", "quentin", None));
    harness.keys("/que");
    harness.sees("Show only: que");
    assert!(!harness.screen().contains("KITE-42"), "{}", harness.screen());
    harness.key(KeyCode::Enter);
    harness.sees("Enter joins LIME-19 and plays quentin.");
    harness.sees("1 of 2 match que");
    harness.keys("/x");
    harness.sees("No game matches `quex`.");
    harness.key(KeyCode::Esc);
    harness.sees("KITE-42");
}

#[test]
fn a_code_found_once_is_joined_or_watched() {
    for (keys, is_watched) in [("jkite42", false), ("wjKite 42", true)] {
        let mut harness = cut(menu());
        harness.keys(keys);
        harness.key(KeyCode::Enter);
        harness.sees("Looking for KITE-42 on this network");
        harness.waits(Duration::from_millis(100));
        harness.finds(&lan_room(3, "LIME-19", "eve", None));
        harness.finds(&lan_room(7, "KITE-42", "ben", None));
        harness.sees("Looking for KITE-42 on this network");
        let due = harness.model.poll_timeout(harness.now);
        assert_eq!(due, Some(harness.now + SETTLE), "a second one would answer by then");
        harness.waits(SETTLE);
        harness.check_goal("KITE-42@192.168.1.7:1952", is_watched);
    }
}

#[test]
fn a_code_that_was_found_before_is_joined_at_once() {
    let mut harness = cut(menu());
    harness.finds(&lan_room(7, "KITE-42", "ben", None));
    harness.waits(SETTLE);
    harness.keys("jKITE-42");
    harness.key(KeyCode::Enter);
    harness.check_goal("KITE-42@192.168.1.7:1952", false);
}

#[test]
fn all_addresses_of_a_server_are_dialled_also_on_the_way_back() {
    let mut harness = cut(list(false));
    let mut room = lan_room(7, "KITE-42", "ben", None);
    let more = "[fe80::7%2]:1952".parse().unwrap();
    room.server.addresses.push(more);
    harness.finds(&room);
    harness.key(KeyCode::Enter);
    harness.check_goal("KITE-42@192.168.1.7:1952", false);
    assert!(harness.model.lan.is_empty(), "the search is over");
    let target = "192.168.1.7".parse().unwrap();
    assert!(harness.model.more_addresses(&target).contains(&more));
    let other = "192.168.1.8".parse().unwrap();
    assert_eq!(harness.model.more_addresses(&other), []);
}

#[test]
fn a_code_waits_for_every_server_that_was_found() {
    let mut harness = cut(menu());
    harness.keys("jKITE-42");
    harness.key(KeyCode::Enter);
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Seek(_))), "each server is asked for it");
    let late = lan_room(8, "LIME-19", "eve", None);
    harness.appears(&late);
    harness.finds(&lan_room(7, "KITE-42", "ben", None));
    harness.waits(SETTLE);
    harness.sees("Looking for KITE-42 on this network");
    harness.lan(|games, now| late.answers(games, now));
    harness.check_goal("KITE-42@192.168.1.7:1952", false);
}

#[test]
fn a_code_found_twice_shows_both() {
    let mut harness = cut(menu());
    harness.keys("jKITE-42");
    harness.key(KeyCode::Enter);
    harness.finds(&lan_room(7, "KITE-42", "ben", None));
    harness.finds(&lan_room(8, "KITE-42", "mia", None));
    harness.finds(&lan_room(9, "LIME-19", "eve", None));
    harness.waits(SETTLE);
    harness.sees("2 games have the code KITE-42.");
    harness.sees("KITE-42 ben");
    harness.sees("KITE-42 mia");
    assert!(!harness.screen().contains("LIME-19"), "{}", harness.screen());
    harness.key(KeyCode::Down);
    harness.key(KeyCode::Enter);
    harness.check_goal("KITE-42@192.168.1.8:1952", false);
}

#[test]
fn a_code_that_nobody_answers_to_gets_the_usual_reasons() {
    let mut harness = cut(menu());
    harness.keys("jKITE 42");
    harness.key(KeyCode::Enter);
    harness.waits(Duration::from_millis(1_900));
    harness.sees("Looking for KITE-42");
    harness.waits(Duration::from_millis(100));
    harness.sees("No game KITE-42 answered on this network");
    harness.sees("You are on different networks");
    harness.sees("KITE-42@192.168.1.7 needs no search");
}

#[test]
fn a_code_that_no_game_has_may_be_the_name_of_a_machine() {
    for (keys, is_watched) in [("jpine-64", false), ("wjpine-64", true)] {
        let mut harness = cut(menu());
        harness.keys(keys);
        harness.key(KeyCode::Enter);
        harness.sees("Looking for PINE-64 on this network");
        harness.waits(Duration::from_secs(2));
        let Screen::Connecting(connecting) = &harness.model.screen else { panic!("{}", harness.screen()) };
        let target = match &connecting.goal {
            Goal::Join { target, key: None } if !is_watched => target,
            Goal::Browse { target } if is_watched => target,
            other => panic!("{other:?}"),
        };
        assert_eq!(target.to_string(), "pine-64:1952");
        let name = "pine-64".parse().unwrap();
        let source = std::io::Error::other("Name or service not known");
        let cause = ConnectCause::Resolve(ResolveError::NoSuchName { name, source });
        harness.net(NetMsg::Unreachable(ConnectError { target: target.clone(), cause }));
        harness.sees("No game PINE-64 answered on this network; as a machine: cannot reach pine-64:1952");
        harness.sees("no machine called `pine-64` is known here");
        harness.sees("You are on different networks");
    }
}

/// Ana waits in a room of her own, for which she has found nobody. An earlier game of hers was hidden.
fn alone() -> (Harness, RoomCode) {
    let mut harness = cut(menu());
    harness.model.new_game.visibility = Visibility::Hidden;
    harness.keys("q");
    harness.waits(QUICK_SEEK);
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Serve(_))));
    harness.connects();
    let code = harness.model.online_game().unwrap().snapshot.code;
    harness.sees("waiting for a friend");
    harness.sees("Your quick match still looks for another open game.");
    (harness, code)
}

/// A room with a smaller code than this one, or a greater one.
fn other_room(own: RoomCode, is_smaller: bool) -> LanRoom {
    let code = if is_smaller { RoomCode::nth(0) } else { RoomCode::nth(RoomCode::COUNT - 1) };
    assert_eq!(code < own, is_smaller, "{own}");
    lan_room(7, code.as_str(), "ben", None)
}

#[test]
fn a_quick_match_that_is_alone_goes_to_the_room_with_the_smaller_code_at_once() {
    let (mut harness, own) = alone();
    harness.finds(&lan_room(3, own.as_str(), "ana", None));
    harness.waits(PATIENCE);
    harness.sees("waiting for a friend");
    harness.finds(&other_room(own, true));
    harness.check_goal("ACORN-00@192.168.1.7:1952", false);
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::HangUp)), "its own room is closed");
}

#[test]
fn a_quick_match_that_is_alone_waits_for_who_comes_and_then_goes() {
    let (mut harness, own) = alone();
    harness.finds(&other_room(own, false));
    harness.waits(PATIENCE.checked_sub(Duration::from_millis(1)).unwrap());
    harness.sees("waiting for a friend");
    harness.waits(Duration::from_millis(1));
    harness.check_goal("ZINC-99@192.168.1.7:1952", false);
}

#[test]
fn a_quick_match_that_is_turned_away_goes_on_looking() {
    let (mut harness, own) = alone();
    let other = other_room(own, true);
    harness.finds(&other);
    harness.net(NetMsg::Closed(None));
    harness.sees("Looking for an open game on this network");
    harness.finds(&other);
    harness.waits(Duration::from_millis(100));
    harness.sees("Looking for an open game on this network");
    harness.finds(&lan_room(9, "KITE-42", "mia", None));
    harness.check_goal("KITE-42@192.168.1.9:1952", false);
    harness.net(NetMsg::Event(Event::Rejected { command: CommandKind::Join, reject: Reject::RoomFull }));
    harness.waits(QUICK_SEEK);
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Serve(_))), "nobody else is there");
}

#[test]
fn a_quick_match_that_cannot_search_does_not_say_that_it_looks() {
    let (mut harness, _) = alone();
    harness.fails();
    assert!(!harness.screen().contains("still looks"), "{}", harness.screen());
    assert_eq!(harness.searches(), (2, 2), "the search has ended");
}

#[test]
fn only_an_open_room_of_a_quick_match_is_left() {
    let (mut harness, own) = alone();
    harness.keys("v");
    harness.sees("Hidden");
    harness.finds(&other_room(own, true));
    harness.sees("waiting for a friend");
    let mut harness = cut(menu());
    harness.keys("h\r");
    harness.connects();
    assert_eq!(harness.searches().1, 1, "who hosts on purpose does not search");
    harness.finds(&other_room(own, true));
    harness.waits(PATIENCE);
    harness.sees("waiting for a friend");
}

#[test]
fn a_quick_match_takes_the_oldest_open_game_or_hosts() {
    let mut harness = cut(menu());
    harness.finds(&lan_room(3, "LIME-19", "eve", Some("kim")));
    harness.finds(&lan_room(4, "KITE-42", "ben", None));
    harness.finds(&lan_room(5, "RUBY-07", "mia", None));
    harness.keys("q");
    harness.check_goal("KITE-42@192.168.1.4:1952", false);
    let mut harness = menu();
    harness.keys("q");
    harness.sees("Looking for an open game on this network");
    assert!(!harness.wanted(|cmd| matches!(cmd, Cmd::Serve(_))), "who asks at once waits for answers");
    harness.waits(Duration::from_millis(1_300));
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Serve(_))));
    let mut harness = menu();
    harness.waits(Duration::from_secs(5));
    harness.keys("q");
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Serve(_))), "nobody has answered for long enough");
    let mut harness = menu();
    harness.fails();
    harness.keys("q");
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Serve(_))), "without a search it hosts");
}

#[test]
fn a_quick_match_hosts_the_usual_game_whatever_was_played_last() {
    let mut harness = menu();
    harness.model.new_game.terms.rules = "19x19:5".parse().unwrap();
    harness.fails();
    harness.keys("q");
    harness.connects();
    assert_eq!(harness.model.online_game().unwrap().snapshot.terms(), Terms::default());
}

#[test]
fn a_room_of_our_own_says_that_it_is_seen() {
    let mut harness = Harness::new(Rules::default());
    harness.hosts(Reach::Everybody, false);
    harness.sees("Tell your friend this code");
    harness.sees("Everybody on this LAN can see it.");
    let code = harness.model.online_game().unwrap().snapshot.code;
    harness.sees(&format!("They type oxo join {code} Not found? oxo join {code}@192.168.1.9"));
    harness.keys("v");
    harness.sees("Hidden: only people with the code can join.");
    harness.sees("Tell your friend this code");
}

#[test]
fn a_room_that_no_search_finds_shows_its_address_first() {
    for reach in [Reach::NotAnnounced, Reach::Failed, Reach::Unknown, Reach::NoNetwork] {
        let mut harness = Harness::new(Rules::default());
        harness.hosts(reach, false);
        let code = harness.model.online_game().unwrap().snapshot.code;
        harness.sees(&format!("They type oxo join {code}@192.168.1.9"));
        harness.sees(&reach.to_string());
        assert!(!harness.screen().contains("Everybody"), "{}", harness.screen());
        harness.keys("vv");
        harness.sees("Locked: passcode");
        harness.sees(&reach.to_string());
    }
}

#[test]
fn an_announcement_that_succeeds_late_is_told() {
    let mut harness = Harness::new(Rules::default());
    harness.hosts(Reach::Failed, false);
    harness.sees("The announcement failed, and is tried again");
    let addresses = vec!["192.168.1.9:1952".to_owned()];
    harness.tell(Msg::Serving(OwnPlace { addresses, reach: Reach::Everybody, web: None, store: None }));
    harness.sees("Everybody on this LAN can see it.");
    let addresses = vec!["localhost:40123".to_owned()];
    harness.tell(Msg::Serving(OwnPlace { addresses, reach: Reach::NoNetwork, web: None, store: None }));
    let code = harness.model.online_game().unwrap().snapshot.code;
    harness.sees(&format!("oxo join {code}@localhost:40123"));
}

#[test]
fn the_page_of_a_room_is_told_and_its_code_is_hidden_and_shown_by_a_key() {
    let mut harness = Harness::new(Rules::default());
    harness.hosts(Reach::Everybody, true);
    let code = harness.model.online_game().unwrap().snapshot.code;
    harness.sees(&format!("http://192.168.1.9:1952/{code}"));
    let shown = harness.screen();
    harness.sees("Scan it: play on a phone");
    harness.sees("q QR");
    harness.keys("q");
    harness.sees(&format!("In a browser http://192.168.1.9:1952/{code}"));
    assert!(!harness.screen().contains("Scan it"), "{}", harness.screen());
    harness.click("q QR");
    assert_eq!(harness.screen(), shown);
}

#[test]
fn a_server_without_a_page_has_neither_a_url_nor_a_key_for_its_code() {
    let mut harness = Harness::new(Rules::default());
    harness.hosts(Reach::Everybody, false);
    let screen = harness.screen();
    assert!(!["http", "q QR", "Scan"].iter().any(|word| screen.contains(word)), "{screen}");
}
