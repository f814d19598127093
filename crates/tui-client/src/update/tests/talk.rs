//! Talk: seen on every screen, counted while it is typed, and not said to nobody.

use crossterm::event::KeyCode;
use game_core::Rules;
use net::proto::{ChatMessage, Command, Emote, OfferKind, Setting, Terms};
use ratatui::layout::Size;

use crate::{cmd::Cmd, msg::Msg, test_harness::Harness};

/// Ana against a friend, with an open chat.
fn with_friend() -> Harness {
    Harness::new(Rules::default()).join().with_friend()
}

fn line(text: &str) -> Command {
    Command::Say { message: ChatMessage::Line(text.parse().unwrap()) }
}

/// Asserts that every layout shows a text.
#[track_caller]
fn sees_at_every_size(harness: &mut Harness, text: &str) {
    for (width, height) in [(80, 24), (40, 12), (20, 7)] {
        harness.model.size = Size { width, height };
        harness.sees(text);
    }
    harness.model.size = Size { width: 80, height: 24 };
}

#[test]
fn talk_is_said_at_every_size_and_in_every_phase() {
    let phases: [&dyn Fn(&mut Harness); 6] = [
        &|_| (),
        &|harness| {
            harness.both_move();
            harness.ben_asks(Command::Resign { match_number: 1 });
        },
        &|harness| harness.ben_offers(OfferKind::Draw),
        &|harness| harness.keys("7u"),
        &|harness| {
            harness.ben_offers(OfferKind::Adjourn);
            harness.pass(1);
            harness.keys("Y");
            let code = harness.model.game().unwrap().snapshot.code;
            harness.ben_asks(Command::Join { code, passcode: None });
        },
        &|harness| harness.key(KeyCode::Esc),
    ];
    for reach in phases {
        let mut harness = with_friend();
        reach(&mut harness);
        harness.ben_asks(line("gl hf"));
        sees_at_every_size(&mut harness, "gl hf");
        harness.ben_asks(Command::Say { message: ChatMessage::Emote(Emote::GoodGame) });
        sees_at_every_size(&mut harness, "gg");
    }
}

#[test]
fn the_longest_line_is_read_on_the_result_of_a_series() {
    let best_of = Some("1".parse().unwrap());
    let mut harness = Harness::with_terms(Terms { best_of, ..Terms::default() }).join().with_friend();
    harness.both_move();
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.sees("You won the series 1 to 0.");
    let words =
        "aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj kkkk llll mmmm nnnn oooo pppp qqqq rrrr ssss end";
    harness.ben_asks(line(words));
    for word in words.split(' ') {
        harness.sees(word);
    }
    harness.model.size = Size { width: 40, height: 12 };
    harness.sees("ssss end");
}

#[test]
fn the_last_words_outlive_who_said_them() {
    let leaves: [&dyn Fn(&mut Harness); 2] =
        [&|harness| harness.ben_asks(Command::Leave), &|harness| harness.ben_quits()];
    for leave in leaves {
        let mut harness = with_friend();
        harness.both_move();
        harness.ben_asks(Command::Resign { match_number: 1 });
        harness.ben_asks(line("bye now"));
        leave(&mut harness);
        sees_at_every_size(&mut harness, "bye now");
        harness.sees("ben left");
        harness.keys("?");
        harness.key(KeyCode::Esc);
        harness.sees("bye now");
    }
}

#[test]
fn a_player_who_waits_reads_what_watchers_say() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("s");
    let code = harness.model.game().unwrap().snapshot.code;
    let eve = harness.somebody("eve");
    harness.asks(eve, Command::Watch { code, passcode: None });
    harness.asks(eve, line("open it"));
    sees_at_every_size(&mut harness, "eve*: open it");
}

#[test]
fn a_player_is_blocked_and_the_block_is_undone_by_the_same_key() {
    let mut harness = with_friend();
    harness.both_move();
    harness.keys("b");
    harness.sees("Blocked: your rooms are closed to this player. b undoes it.");
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.ben_asks(Command::Leave);
    let code = harness.model.game().unwrap().snapshot.code;
    let watches = |harness: &mut Harness| {
        harness.ben_asks(Command::Watch { code, passcode: None });
        harness.model.game().unwrap().snapshot.watchers
    };
    assert_eq!(watches(&mut harness), 0);
    harness.keys("b");
    harness.sees("Your rooms are open to this player again.");
    assert_eq!(watches(&mut harness), 1);
}

#[test]
fn a_guest_who_left_before_a_move_is_blocked_from_the_room_that_waits_again() {
    let blocks = |harness: &Harness| {
        harness.wanted(|cmd| matches!(cmd, Cmd::Send(Command::Set { setting: Setting::Block(_) })))
    };
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("b");
    assert!(!blocks(&harness), "there is nobody to block");
    let mut harness = with_friend();
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.sees("waiting for a friend");
    harness.keys("b");
    harness.sees("Blocked: your rooms are closed to this player. b undoes it.");
    let code = harness.model.game().unwrap().snapshot.code;
    harness.ben_asks(Command::Join { code, passcode: None });
    harness.sees("waiting for a friend");
    harness.keys("b");
    harness.sees("Your rooms are open to this player again.");
    harness.ben_asks(Command::Join { code, passcode: None });
    harness.sees("to move");
}

#[test]
fn nobody_talks_to_nobody() {
    let mut harness = with_friend();
    harness.keys("thello?");
    harness.both_move();
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.ben_asks(Command::Leave);
    harness.key(KeyCode::Enter);
    harness.sees("Nobody is here to read it.");
    harness.keys("t");
    harness.sees("Nobody is here to read it.");
    let code = harness.model.game().unwrap().snapshot.code;
    let eve = harness.somebody("eve");
    harness.asks(eve, Command::Watch { code, passcode: None });
    harness.keys("t");
    harness.sees("Say> hello?");
}

#[test]
fn a_long_line_is_counted_and_neither_cut_nor_lost() {
    let mut harness = with_friend();
    harness.keys("tgl hf");
    harness.sees("5/120");
    harness.tell(Msg::Paste("李".repeat(60)));
    harness.sees("125/120");
    harness.key(KeyCode::Enter);
    harness.sees("Not said: a line takes at most 120 columns.");
    harness.key(KeyCode::Backspace);
    harness.key(KeyCode::Backspace);
    harness.sees("121/120");
    harness.key(KeyCode::Backspace);
    for (width, height) in [(80, 24), (40, 12), (20, 7)] {
        harness.model.size = Size { width, height };
        harness.sees("119/120");
    }
    harness.key(KeyCode::Enter);
    assert_eq!(harness.model.game().unwrap().chat.newest_first().count(), 1, "it was said");

    harness.model.size = Size { width: 80, height: 24 };
    harness.keys("t");
    harness.tell(Msg::Paste("one\ntwo".into()));
    harness.sees("7/120");
    harness.tell(Msg::Paste("w".repeat(500)));
    harness.sees("No more than 480 characters fit; the rest is left out.");
}

#[test]
fn of_an_emoji_and_an_accent_what_is_seen_is_counted_and_said() {
    let mut harness = with_friend();
    harness.keys("t");
    harness.tell(Msg::Paste("✌\u{fe0f} 👍\u{1f3fd} voila\u{300}\u{a0}!\u{200d}".into()));
    harness.sees("12/120");
    harness.key(KeyCode::Enter);
    let said = harness.model.game().unwrap().chat.newest_first().next().unwrap();
    assert_eq!(said.in_one_line(), "ana: ✌ 👍 voilà !");
}
