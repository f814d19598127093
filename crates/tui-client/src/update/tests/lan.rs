//! The games of this network: the menu's counts, the list, what is looked for, and when is searched at all.

use std::time::{Duration, Instant};

use crossterm::event::KeyCode;
use game_core::Rules;
use net::{
    discovery::{LanEvent, LanRoom, LanRoomId},
    interfaces::{Networks, Standing},
    proto::{Access, Command, Terms},
};

use crate::{
    cmd::Cmd,
    failure::Failure,
    lan_games::{Answer, LanGames},
    lan_list::SETTLE,
    model::{Goal, Screen},
    msg::Msg,
    stage::{Stage, lan_room},
    update::Start,
};

/// The menu, and a search that has begun.
fn menu() -> Stage {
    let mut stage = Stage::new(Rules::default());
    stage.model.quick_terms = None;
    stage.begin(Start::Menu);
    stage
}

/// The list of what is found.
fn list(watches: bool) -> Stage {
    let mut stage = menu();
    stage.begin(Start::Games { watches });
    stage
}

impl Stage {
    /// The search has news.
    fn lan<R>(&mut self, change: impl FnOnce(&mut LanGames, Instant) -> R) {
        let mut games = self.model.lan.clone();
        let _changed = change(&mut games, self.now);
        self.tell(Msg::Lan(games));
    }

    fn appears(&mut self, room: &LanRoom) {
        self.lan(|games, now| games.handle_event(now, LanEvent::Appeared(room.clone())));
    }

    /// The server of a room answers.
    fn answers(&mut self, room: &LanRoom, millis: u64) {
        let answer = Answer { addr: room.addresses[0], rtt: Duration::from_millis(millis) };
        self.lan(|games, now| games.handle_ping(now, room.id, Some(answer)));
    }

    fn finds(&mut self, room: &LanRoom) {
        self.appears(room);
        self.answers(room, 2);
    }

    fn networks(&mut self) {
        let used = vec![("wlan0".to_owned(), "192.168.1.9".parse().unwrap(), 24)];
        let skipped = vec![("docker0".to_owned(), Standing::Virtual)];
        self.lan(|games, _| games.set_networks(Networks { used, skipped }));
    }

    fn fails(&mut self) {
        let hint = Some("another program may hold it".to_owned());
        let sentence = "Cannot search for games: the port is taken".to_owned();
        self.lan(|games, _| games.fail(Failure { sentence, causes: Vec::new(), hint }));
    }

    /// How often the search began and ended since this was asked last.
    fn searches(&mut self) -> (usize, usize) {
        let count = |is_it: fn(&Cmd) -> bool| self.other_cmds.iter().filter(|cmd| is_it(cmd)).count();
        let counts = (count(|cmd| matches!(cmd, Cmd::Search)), count(|cmd| matches!(cmd, Cmd::EndSearch)));
        self.other_cmds.retain(|cmd| !matches!(cmd, Cmd::Search | Cmd::EndSearch));
        counts
    }

    /// Some time passes for what is looked for.
    fn waits(&mut self, time: Duration) {
        self.now += time;
        self.tell(Msg::Tick);
    }

    /// What is connected to, and whether it is watched.
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

/// A stage on which no server answers, so that it is seen where is connected to.
fn cut(mut stage: Stage) -> Stage {
    stage.is_cut = true;
    stage
}

#[test]
fn the_menu_counts_the_games_of_the_network() {
    let mut stage = menu();
    stage.sees("ana | LAN: 0 games");
    stage.finds(&lan_room(1, "KITE-42", "ben", None));
    stage.finds(&lan_room(2, "LIME-19", "eve", Some("kim")));
    stage.appears(&lan_room(3, "OAKEN-55", "sam", Some("mia")));
    stage.sees("ana | LAN: 3 games");
    stage.sees("b Browse LAN 3 games found, 1 open");
    stage.sees("w Watch 2 games in play");
    stage.lan(|games, now| games.handle_event(now, LanEvent::Gone(LanRoomId(1))));
    stage.sees("b Browse LAN 2 games found, 0 open");
}

#[test]
fn is_searched_in_the_menu_and_on_the_list_and_not_during_a_match() {
    let mut stage = menu();
    assert_eq!(stage.searches(), (1, 0));
    stage.keys("b");
    stage.key(KeyCode::Esc);
    stage.keys("j");
    stage.key(KeyCode::Esc);
    assert_eq!(stage.searches(), (0, 0), "it goes on");
    stage.keys("t");
    assert_eq!(stage.searches(), (0, 1));
    stage.keys("5");
    stage.key(KeyCode::Esc);
    stage.sees("MAIN MENU");
    assert_eq!(stage.searches(), (0, 0), "the game behind the menu is at stake");
    assert_eq!(stage.model.poll_timeout(stage.now), None, "nothing wakes an idle client");
    stage.keys("x");
    assert_eq!(stage.searches(), (1, 0));
    assert_eq!(stage.model.poll_timeout(stage.now), None, "a menu waits for messages alone");
}

#[test]
fn what_an_ended_search_said_is_forgotten() {
    let mut stage = menu();
    stage.finds(&lan_room(1, "KITE-42", "ben", None));
    stage.keys("t");
    stage.appears(&lan_room(2, "LIME-19", "eve", None));
    stage.key(KeyCode::Esc);
    stage.keys("x");
    stage.sees("LAN: 0 games");
}

#[test]
fn the_list_says_what_each_game_is_how_far_and_where() {
    let mut stage = list(false);
    stage.networks();
    let mut locked = lan_room(3, "FERN-03", "mia", None);
    locked.advert.is_locked = true;
    let terms =
        Terms { best_of: Some("3".parse().unwrap()), time: "30s".parse().unwrap(), ..Terms::default() };
    let mut kite = lan_room(7, "KITE-42", "ben", None);
    kite.advert.terms = terms;
    stage.appears(&locked);
    stage.finds(&lan_room(2, "LIME-19", "eve", Some("kim")));
    stage.finds(&kite);
    stage.sees("ana | wlan0 ok");
    stage.sees("KITE-42 ben 3x3 best of 3 30s waiting 2 ms yes");
    stage.sees("LIME-19 eve 3x3 off eve v. kim 2 ms yes");
    stage.sees("Searching wlan0 192.168.1.0/24 (docker0 skipped). Last answer 0 s ago.");
    stage.sees("Do you miss a game? j takes a code or an address, d checks your network.");
    stage.key(KeyCode::Up);
    stage.sees("# FERN-03 mia 3x3 off needs passcode ... yes");
    stage.key(KeyCode::Up);
    stage.sees("ben hosts 3x3, best of 3, 30 s a move. You would play O in game 1.");
    stage.sees("Address 192.168.1.7:1952");
    stage.sees("Enter joins KITE-42 and plays ben.");
    stage.waits(Duration::from_secs(2));
    stage.sees("Last answer 2 s ago.");
    stage.lan(|games, now| games.handle_ping(now, LanRoomId(7), None));
    stage.sees("Address 192.168.1.7:1952, which does not answer");
}

#[test]
fn an_empty_list_says_what_to_do_and_why() {
    let mut stage = list(false);
    stage.networks();
    stage.sees("Searching for games.");
    stage.waits(Duration::from_secs(6));
    for said in [
        "No games answered in 6 seconds.",
        "h Host one.",
        "j Type your friend's code (KITE-42)",
        "o Play the bot.",
        "1 Nobody hosts yet",
        "2 You are on different networks",
        "3 A firewall",
        "`oxo doctor`",
        "Still searching wlan0 192.168.1.0/24 (docker0 skipped).",
    ] {
        stage.sees(said);
    }
    assert!(stage.model.poll_timeout(stage.now).is_some(), "the seconds are counted");
    stage.keys("r");
    assert_eq!(stage.searches(), (2, 1), "the search began anew");
    stage.sees("Searching for games.");
    stage.keys("o");
    stage.sees("the bot");
}

#[test]
fn a_search_that_fails_is_a_note_and_no_end() {
    let mut stage = menu();
    stage.fails();
    stage.sees("LAN: no search");
    stage.sees("cannot search; it says why");
    stage.keys("b");
    stage.sees("Games cannot be searched for here.");
    stage.sees("Cannot search for games: the port is taken. Hint: another program may hold it.");
    stage.key(KeyCode::Esc);
    stage.keys("jKITE-42");
    stage.key(KeyCode::Enter);
    stage.sees("THAT DID NOT WORK");
    stage.sees("Cannot search for games: the port is taken");
}

#[test]
fn a_network_that_is_none_is_said() {
    let mut stage = list(false);
    stage.lan(|games, _| games.set_networks(Networks::default()));
    stage.sees("! no network");
    stage.sees("No network to search. Is Wi-Fi on, or the cable in?");
}

#[test]
fn enter_joins_what_is_open_and_watches_what_is_in_play() {
    for (watches, key, guest, is_watched) in [
        (false, KeyCode::Enter, None, false),
        (false, KeyCode::Enter, Some("kim"), true),
        (false, KeyCode::Char('w'), None, true),
        (true, KeyCode::Enter, None, true),
    ] {
        let mut stage = cut(list(watches));
        stage.finds(&lan_room(7, "KITE-42", "ben", guest));
        stage.key(key);
        stage.check_goal("KITE-42@192.168.1.7:1952", is_watched);
        stage.key(KeyCode::Esc);
        stage.sees("GAMES ON THIS LAN");
    }
}

#[test]
fn a_game_that_was_found_is_played() {
    let mut stage = list(false);
    let kim = stage.somebody("kim");
    stage.asks(kim, Command::Create { terms: Terms::default(), access: Access::Public });
    let code = stage.code_of(kim);
    stage.finds(&lan_room(7, code.as_str(), "kim", None));
    stage.key(KeyCode::Enter);
    stage.sees("Waiting for kim to play X.");
}

#[test]
fn a_refusal_leads_back_to_the_list() {
    let mut stage = list(false);
    stage.finds(&lan_room(7, "KITE-42", "kim", None));
    stage.key(KeyCode::Enter);
    stage.sees("GAMES ON THIS LAN");
    stage.sees("Not let in:");
    assert!(stage.wanted(|cmd| matches!(cmd, Cmd::HangUp)));
}

#[test]
fn a_locked_game_asks_for_its_passcode_and_escape_leads_back() {
    let mut stage = list(false);
    let kim = stage.somebody("kim");
    let access = Access::Passcode("1952".parse().unwrap());
    stage.asks(kim, Command::Create { terms: Terms::default(), access });
    let mut room = lan_room(7, stage.code_of(kim).as_str(), "kim", None);
    room.advert.is_locked = true;
    stage.finds(&room);
    stage.sees("Enter asks for the passcode");
    stage.key(KeyCode::Enter);
    stage.sees("A LOCKED ROOM");
    stage.key(KeyCode::Esc);
    stage.sees("GAMES ON THIS LAN");
    stage.finds(&room);
    stage.key(KeyCode::Enter);
    stage.keys("1952");
    stage.key(KeyCode::Enter);
    stage.sees("Waiting for kim to play X.");
}

#[test]
fn what_cannot_be_entered_is_said_and_nothing_is_dialled() {
    let mut stage = cut(list(false));
    let mut shut = lan_room(1, "LIME-19", "eve", Some("kim"));
    shut.advert.is_watchable = false;
    stage.finds(&shut);
    stage.key(KeyCode::Enter);
    stage.sees("LIME-19 is not open to watchers.");
    let mut newer = lan_room(2, "KITE-42", "ben", None);
    newer.advert.protocol.oldest += 1;
    newer.advert.protocol.newest += 1;
    stage.finds(&newer);
    stage.key(KeyCode::Up);
    stage.sees("KITE-42 of ben is served by another version of oxo");
    stage.key(KeyCode::Enter);
    stage.sees("GAMES ON THIS LAN");
    assert!(!stage.wanted(|cmd| matches!(cmd, Cmd::Dial(_))));
}

#[test]
fn a_filter_narrows_the_list_until_escape() {
    let mut stage = list(false);
    stage.finds(&lan_room(1, "KITE-42", "ben", None));
    stage.finds(&lan_room(2, "LIME-19", "quentin", None));
    stage.keys("/que");
    stage.sees("Show only: que");
    assert!(!stage.screen().contains("KITE-42"), "{}", stage.screen());
    stage.key(KeyCode::Enter);
    stage.sees("Enter joins LIME-19 and plays quentin.");
    stage.keys("/x");
    stage.sees("No game has `quex` in it.");
    stage.key(KeyCode::Esc);
    stage.sees("KITE-42");
}

#[test]
fn a_code_found_once_is_joined_or_watched() {
    for (keys, is_watched) in [("jkite42", false), ("wjKite 42", true)] {
        let mut stage = cut(menu());
        stage.keys(keys);
        stage.key(KeyCode::Enter);
        stage.sees("Looking for KITE-42 on this network");
        stage.waits(Duration::from_millis(100));
        stage.finds(&lan_room(3, "LIME-19", "eve", None));
        stage.finds(&lan_room(7, "KITE-42", "ben", None));
        stage.sees("Looking for KITE-42 on this network");
        let due = stage.model.poll_timeout(stage.now);
        assert_eq!(due, Some(stage.now + SETTLE), "a second one would answer by then");
        stage.waits(SETTLE);
        stage.check_goal("KITE-42@192.168.1.7:1952", is_watched);
    }
}

#[test]
fn a_code_that_was_found_before_is_joined_at_once() {
    let mut stage = cut(menu());
    stage.finds(&lan_room(7, "KITE-42", "ben", None));
    stage.waits(SETTLE);
    stage.keys("jKITE-42");
    stage.key(KeyCode::Enter);
    stage.check_goal("KITE-42@192.168.1.7:1952", false);
}

#[test]
fn a_code_found_twice_shows_both() {
    let mut stage = cut(menu());
    stage.keys("jKITE-42");
    stage.key(KeyCode::Enter);
    stage.finds(&lan_room(7, "KITE-42", "ben", None));
    stage.finds(&lan_room(8, "KITE-42", "mia", None));
    stage.finds(&lan_room(9, "LIME-19", "eve", None));
    stage.waits(SETTLE);
    stage.sees("2 games have the code KITE-42.");
    stage.sees("KITE-42 ben");
    stage.sees("KITE-42 mia");
    assert!(!stage.screen().contains("LIME-19"), "{}", stage.screen());
    stage.key(KeyCode::Down);
    stage.key(KeyCode::Enter);
    stage.check_goal("KITE-42@192.168.1.8:1952", false);
}

#[test]
fn a_code_that_nobody_answers_to_gets_the_usual_reasons() {
    let mut stage = menu();
    stage.keys("jKITE-42");
    stage.key(KeyCode::Enter);
    stage.waits(Duration::from_millis(1_900));
    stage.sees("Looking for KITE-42");
    stage.waits(Duration::from_millis(100));
    stage.sees("No game KITE-42 answered on this network");
    stage.sees("You are on different networks");
    stage.sees("KITE-42@192.168.1.7 needs no search");
}

#[test]
fn a_quick_match_takes_the_oldest_open_game_or_hosts() {
    let mut stage = cut(menu());
    stage.finds(&lan_room(3, "LIME-19", "eve", Some("kim")));
    stage.finds(&lan_room(4, "KITE-42", "ben", None));
    stage.finds(&lan_room(5, "RUBY-07", "mia", None));
    stage.keys("q");
    stage.check_goal("KITE-42@192.168.1.4:1952", false);
    let mut stage = menu();
    stage.keys("q");
    stage.sees("Looking for an open game on this network");
    assert!(!stage.wanted(|cmd| matches!(cmd, Cmd::Serve)), "who asks at once waits for answers");
    stage.waits(Duration::from_millis(1_300));
    assert!(stage.wanted(|cmd| matches!(cmd, Cmd::Serve)));
    let mut stage = menu();
    stage.waits(Duration::from_secs(5));
    stage.keys("q");
    assert!(stage.wanted(|cmd| matches!(cmd, Cmd::Serve)), "nobody has answered for long enough");
    let mut stage = menu();
    stage.fails();
    stage.keys("q");
    assert!(stage.wanted(|cmd| matches!(cmd, Cmd::Serve)), "without a search it hosts");
}

#[test]
fn a_room_of_our_own_says_that_it_is_seen() {
    let mut stage = Stage::new(Rules::default());
    stage.hosts(true);
    stage.sees("Tell your friend this code:");
    stage.sees("Everybody on this LAN can see it.");
    let code = stage.model.online_game().unwrap().snapshot.code;
    stage.sees(&format!(
        "or let them type this command: oxo join {code} Not found? Then oxo join {code}@192.168.1.9"
    ));
    stage.keys("v");
    stage.sees("Hidden: only who knows the code comes in.");
    stage.sees("Tell your friend this code and address:");
    let mut stage = Stage::new(Rules::default());
    stage.hosts(false);
    stage.sees("Tell your friend this code and address:");
    stage.sees("Everybody can see it and come in.");
}

impl Stage {
    /// Ana hosts on a server of her own.
    fn hosts(&mut self, is_announced: bool) {
        self.begin(Start::Host);
        let addresses = vec!["192.168.1.9:1952".to_owned()];
        self.tell(Msg::Serving { addresses, is_announced });
        self.connects();
    }
}
