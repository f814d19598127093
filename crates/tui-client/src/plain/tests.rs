//! Whole conversations by lines, without a terminal.

use net::proto::{ChatMessage, Command, OfferKind, Terms};

use super::*;
use crate::{
    cmd::Opponent,
    goal::Goal,
    msg::NetMsg,
    test_harness::{Harness, lan_games},
    update::Start,
    xray::{Sight, sample},
};

/// A player who reads and writes lines.
struct Ears {
    harness: Harness,
    plain: Plain,
    heard: Vec<String>,
}

impl Ears {
    fn new(harness: Harness) -> Self {
        let mut ears = Self { harness, plain: Plain::default(), heard: Vec::new() };
        ears.listen();
        ears
    }

    fn says(&mut self, line: &str) {
        self.plain.handle_line(&mut self.harness.model, self.harness.now, line);
        self.harness.carry_out();
        self.listen();
    }

    fn listen(&mut self) {
        self.plain.tell(&mut self.harness.model, self.harness.now);
        self.harness.carry_out();
        self.heard.extend(self.plain.take_lines());
        let on_screens = ["Esc", "Enter", "Shift-", "arrows", "Press ", "Ctrl"];
        let named = self.heard.iter().find(|line| on_screens.iter().any(|key| line.contains(key)));
        assert_eq!(named, None, "keys of a screen");
    }

    /// Takes what was heard since the last call.
    fn heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.heard)
    }

    #[track_caller]
    fn hears(&mut self, expected: &[&str]) {
        self.listen();
        assert_eq!(self.heard(), expected);
    }

    #[track_caller]
    fn hears_of(&mut self, text: &str) {
        self.listen();
        let heard = self.heard();
        assert!(heard.iter().any(|line| line.contains(text)), "no {text:?} in {heard:#?}");
    }
}

#[test]
fn a_match_is_told_move_by_move_and_its_result_with_the_last() {
    let mut ears = Ears::new(Harness::with_terms(Terms::default()).join());
    ears.hears_of("Waiting for a friend.");
    ears.harness = ears.harness.with_friend();
    ears.hears(&[
        "Game 1, 3x3, no clock. You play X, ben plays O.",
        "1 to 9: play a cell; 7 is top left, 3 bottom right.",
        "Your turn. You are X.",
    ]);
    ears.says("7");
    ears.hears(&["Waiting for ben to play O. You played top left (7)."]);
    ears.says("8");
    ears.hears(&["It is not your turn yet."]);
    ears.harness.ben_plays("a2");
    ears.hears(&["Your turn. You are X. ben played left middle (4)."]);
    ears.says("b3");
    ears.heard();
    ears.harness.ben_plays("b2");
    ears.heard();
    ears.says("c1");
    ears.heard();
    ears.harness.ben_plays("c2");
    ears.hears(&[
        "ben played right middle (6).",
        "You lost. O has the row 4-5-6. `rematch` asks for a rematch.",
    ]);
    ears.says("rematch");
    ears.hears_of("Waiting for ben to want a rematch");
    ears.harness.ben_asks(Command::Rematch { match_number: 1 });
    ears.hears(&["Game 2, 3x3, no clock. ben plays X, you play O.", "Waiting for ben to play X."]);
}

#[test]
fn talk_offers_and_questions_go_by_words() {
    let mut ears = Ears::new(Harness::with_terms(Terms::default()).join());
    ears.harness = ears.harness.with_friend();
    ears.listen();
    ears.heard();
    ears.says("say gl hf");
    ears.hears(&["ana: gl hf"]);
    ears.harness.ben_asks(Command::Say { message: ChatMessage::Line("you too".parse().unwrap()) });
    ears.hears(&["ben: you too"]);
    ears.says("t");
    ears.hears(&["Type what you want to say; an empty line says nothing."]);
    ears.says("thanks");
    ears.hears(&["ana: thanks"]);
    ears.says("emote gg");
    ears.hears(&["ana: gg"]);
    ears.harness.ben_offers(OfferKind::Draw);
    ears.hears(&["ben offers a draw. `accept` or `decline`, a move declines. Your turn."]);
    ears.says("accept");
    ears.hears_of("An offer can be accepted after one second.");
    ears.says("decline");
    ears.hears_of("Your turn. You are X.");
    ears.says("draw");
    ears.hears_of("You offer a draw: ben has");
    ears.says("resign");
    ears.hears(&["Resign the match against ben? `yes` resigns, `no` plays on."]);
    ears.says("no");
    ears.hears_of("Your turn. You are X.");
    ears.says("help");
    ears.hears_of("3 in a row win, across, down or diagonally");
    ears.says("frobnicate");
    ears.hears(&["That does nothing here. `help` says what does."]);
    ears.harness.both_move();
    ears.says("resign");
    ears.says("yes");
    ears.hears_of("You lost. You resigned.");
}

#[test]
fn time_alone_says_nothing_and_an_absence_is_told_once() {
    let mut ears = Ears::new(Harness::with_terms(Terms::default()).join());
    ears.harness = ears.harness.with_friend();
    ears.harness.both_move();
    ears.listen();
    ears.heard();
    ears.says("block");
    ears.hears_of("Blocked: your rooms are closed to this player. `block` undoes it.");
    ears.says("block");
    ears.hears_of("Your rooms are open to this player again.");
    ears.harness.ben_drops();
    ears.hears_of("ben lost the connection.");
    for _ in 0..3 {
        ears.harness.pass(1);
        ears.hears(&[]);
    }
    ears.harness.pass(60);
    ears.hears_of("`claim win`, `claim draw`, `claim adjourn`, or wait.");
    ears.says("claim win");
    ears.hears_of("You won. ben stayed away.");
}

#[test]
fn of_a_large_board_the_rows_with_marks_are_told_and_the_cells_near_the_last_move() {
    let mut harness = Harness::new("15x15:5".parse().unwrap());
    harness.begin(Start::Connect(Goal::Local {
        opponent: Opponent::Person { names: harness.model.new_game.names },
    }));
    let mut ears = Ears::new(harness);
    ears.hears_of("a1 to o15: play a cell; a1 is bottom left");
    for line in ["h8", "o15", "p1", "7"] {
        ears.says(line);
    }
    ears.hears_of("There is no cell p1 on this board.");
    ears.says("board");
    ears.hears(&["Row 15: O at o15.", "Row 8: X at h8.", "Last: O at o15."]);
    ears.says("near");
    ears.hears(&[
        "m15 free, n15 free, o15 O.",
        "m14 free, n14 free, o14 free.",
        "m13 free, n13 free, o13 free.",
        "Last: O at o15.",
    ]);
    ears.says("moves");
    ears.hears(&["1 X h8, 2 O o15."]);
}

#[test]
fn a_game_of_the_list_is_joined_by_its_code() {
    let mut ears = Ears::new(Harness::with_terms(Terms::default()));
    ears.hears(&["Menu: quick, list, host, join PLACE, watch PLACE, bot, local, replays. `help` explains."]);
    ears.says("list");
    ears.hears_of("No games yet; new ones are told.");
    ears.harness.model.lan = lan_games();
    ears.listen();
    let heard = ears.heard();
    assert!(heard.contains(&"RUBY-07: ben waits, 3x3, no clock.".to_owned()), "{heard:#?}");
    assert!(heard.contains(&"LIME-19: ben plays kim, 3x3, no clock.".to_owned()), "{heard:#?}");
    ears.says("join ruby 07");
    // The lobby of this test has no such room.
    ears.hears_of("Not let in: ");
}

#[test]
fn a_setting_is_changed_in_one_line_and_no_word_is_passed_over() {
    let mut harness = Harness::new(game_core::Rules::default());
    harness.begin(Start::Menu);
    let mut ears = Ears::new(harness);
    ears.heard();
    ears.says("settings name zoe");
    ears.hears(&["name: zoe."]);
    assert_eq!(ears.harness.model.me.as_str(), "zoe");
    ears.says("settings ascii yes");
    ears.hears(&["ascii: yes."]);
    ears.says("settings ascii");
    ears.hears(&["ascii: yes"]);
    ears.says("settings bell sometimes");
    ears.hears(&["`bell` takes never, when-away or always."]);
    ears.says("settings bel never");
    ears.hears(&["There is no setting `bel`."]);
    ears.says("host 5x5:4");
    ears.hears_of("`host` takes no more words");
    assert!(matches!(ears.harness.model.screen, Screen::Menu(_)));
}

#[test]
fn a_place_that_is_none_is_explained() {
    let mut ears = Ears::new(Harness::with_terms(Terms::default()));
    ears.heard();
    ears.says("join [fe80::1");
    let heard = ears.heard();
    assert!(matches!(&heard[..], [why] if why.contains("address")), "{heard:?}");
    ears.says("");
    ears.hears_of("Menu: ");
    ears.says("join");
    ears.hears_of("Type a code, an address, or both.");
    ears.says("back");
    ears.heard();
    ears.says("kite 42");
    ears.hears_of("Looking for KITE-42 on this network.");
    assert!(is_busy(&ears.harness.model) && is_urgent("back"));
}

#[test]
fn a_room_that_waits_tells_each_change_of_who_may_come() {
    let mut harness = Harness::with_terms(Terms::default()).join();
    harness.model.new_game.visibility = net::proto::Visibility::Public;
    let mut ears = Ears::new(harness);
    ears.hears_of("Nobody is watching.");
    ears.says("watchable");
    ears.hears(&["Nobody may watch."]);
    ears.says("visibility");
    ears.hears(&["Hidden: only people with the code can join."]);
    ears.says("visibility");
    ears.hears(&["Locked: passcode 0042"]);
    ears.says("copy");
    ears.hears_of("The command:");
    ears.says("leave");
    ears.hears_of("Stop waiting?");
    ears.says("yes");
    ears.hears_of("Menu: ");
}

#[test]
fn a_series_goes_on_by_a_word_and_its_score_is_told() {
    let terms = Terms { best_of: Some("3".parse().unwrap()), ..Terms::default() };
    let mut ears = Ears::new(Harness::with_terms(terms).join());
    ears.harness = ears.harness.with_friend();
    ears.harness.both_move();
    ears.listen();
    ears.says("resign");
    ears.says("yes");
    ears.hears_of("Score: you 0, ben 1, drawn 0.");
    ears.harness.ben_asks(Command::Rematch { match_number: 1 });
    ears.hears_of("ben is ready for game 2: `next` within");
    ears.says("next");
    ears.hears_of("Game 2, 3x3, best of 3, no clock. ben plays X, you play O.");
}

#[test]
fn the_link_is_told_when_it_is_asked_for() {
    let mut ears = Ears::new(Harness::with_terms(Terms::default()).join().with_ben());
    ears.heard();
    ears.says("link");
    assert!(is_busy(&ears.harness.model), "the next line waits for the answer");
    ears.harness.net(NetMsg::Seen(sample::udp()));
    ears.hears(&[
        "Over UDP a round trip takes 31.0 ms.",
        "Packets sent: 43, of them only copies: 7.",
        "Packets received: 41; messages that came twice: 2.",
        "Lost by the dial: 6 sent, 3 coming.",
    ]);
    assert!(!ears.harness.model.xray.is_open && !is_busy(&ears.harness.model));
    ears.says("link");
    ears.harness.net(NetMsg::Seen(Sight::Unknown));
    ears.hears_of("The system tells nothing of this link");
}
