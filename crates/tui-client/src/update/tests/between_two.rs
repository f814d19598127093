//! A match between two people: clocks, offers, absence, series and adjourned matches.

use std::time::Duration;

use net::proto::{Claim, Command, Phase, Terms};

use super::playing;
use crate::{
    cmd::Cmd,
    game::{Game, Sending, clocks::Clock},
    msg::NetMsg,
    test_harness::Harness,
};

/// A match with a time control, such as `30s`.
fn timed(time: &str) -> Harness {
    Harness::with_terms(Terms { time: time.parse().unwrap(), ..Terms::default() }).join().with_ben()
}

/// A match in a series.
fn series(best_of: &str) -> Harness {
    let best_of = Some(best_of.parse().unwrap());
    Harness::with_terms(Terms { best_of, ..Terms::default() }).join().with_ben()
}

/// A match after both first moves, so that clocks run without grace; it is ana's turn.
fn under_way(time: &str) -> Harness {
    let mut harness = timed(time);
    harness.keys("7");
    harness.ben_plays("b2");
    harness
}

/// Ana wins, whoever begins.
fn ana_wins(harness: &mut Harness) {
    for (digit, cell) in [("7", "a1"), ("8", "b1"), ("9", "c2")] {
        if harness.model.game().unwrap().may_move() {
            harness.keys(digit);
            if harness.model.game().unwrap().snapshot.phase == Phase::Playing {
                harness.ben_plays(cell);
            }
        } else {
            harness.ben_plays(cell);
            harness.keys(digit);
        }
    }
}

fn rematch(harness: &mut Harness) {
    let match_number = harness.model.game().unwrap().snapshot.match_number;
    harness.keys("r");
    harness.ben_asks(Command::Rematch { match_number });
}

fn own_clock(harness: &Harness) -> Option<Clock> {
    let game = harness.model.game().unwrap();
    game.clock(game.viewpoint(), harness.now)
}

fn is_sent(harness: &Harness) -> bool {
    harness.model.game().unwrap().unconfirmed.is_some()
}

#[test]
fn the_first_move_has_a_grace_before_the_clock_runs() {
    let mut harness = timed("30s");
    harness.sees("Your clock starts in 0:10.");
    harness.sees("0:30");
    harness.pass(4);
    harness.sees("Your clock starts in 0:06.");
    harness.pass(10);
    harness.sees("0:26");
    harness.keys("7");
    harness.sees("ben's clock starts in 0:10.");
}

#[test]
fn a_clock_on_the_screen_wakes_once_a_second_and_none_does_not() {
    let mut harness = under_way("30s");
    harness.now += Duration::from_millis(300);
    let next = harness.model.poll_timeout(harness.now).unwrap();
    assert_eq!(next.duration_since(harness.now), Duration::from_millis(700));
    assert_eq!(playing().model.poll_timeout(harness.now), None);
}

#[test]
fn a_player_short_of_time_is_warned_in_words_and_by_the_bell() {
    let mut harness = under_way("30s");
    harness.pass(19);
    harness.sees("Your turn. You are X.");
    let _calls_to_the_match = harness.bells();
    harness.pass(1);
    harness.sees("Your turn: 0:10 left.");
    assert_eq!(harness.bells(), 1);
    harness.pass(6);
    harness.sees("Your turn: 0:04 left.");
    assert_eq!(harness.bells(), 0, "once for a move");
    harness.pass(5);
    harness.sees("You lost. You ran out of time.");
}

#[test]
fn the_other_players_time_runs_out_too() {
    let mut harness = under_way("30s");
    harness.keys("8");
    harness.pass(31);
    harness.sees("You won. ben ran out of time.");
}

#[test]
fn a_late_snapshot_counts_from_the_time_it_was_made() {
    let mut harness = timed("30s");
    harness.ping();
    harness.keys("7");
    harness.ben_plays_and_it_comes_late("b2", 3);
    harness.sees("Your turn. You are X.");
    harness.sees("0:27");
}

#[test]
fn a_silent_player_pauses_the_clocks_and_moves_are_still_taken() {
    let mut harness = under_way("30s");
    harness.ben_is_silent(4);
    harness.sees("Waiting for ben: no answer for 4 s. You can still play your turn. The clocks are paused.");
    harness.sees("! silent 4 s");
    harness.sees("paused");
    let before = own_clock(&harness);
    harness.pass(3);
    let after = own_clock(&harness);
    assert_eq!(before, after);
    harness.keys("8");
    assert!(!is_sent(&harness), "it was taken");
    harness.ben_is_heard();
    harness.sees("ben is back.");
}

#[test]
fn a_claim_is_possible_only_when_the_countdown_is_over() {
    let mut harness = under_way("30s");
    harness.ben_drops();
    harness.sees("ben lost the connection. The clocks are paused. You can claim in 0:30.");
    harness.pass(6);
    harness.sees("connection lost 0:06 ago");
    harness.keys("W");
    harness.sees(
        "It is too early to claim. ben lost the connection. The clocks are paused. You can claim in 0:24.",
    );
    harness.pass(24);
    harness.sees("W claims the win, C calls a draw, P puts it off; or wait.");
    assert!(!harness.screen().contains("too early"), "{}", harness.screen());
    harness.keys("W");
    harness.sees("You won. ben stayed away.");
}

#[test]
fn an_absent_players_match_can_be_called_a_draw() {
    let mut harness = playing();
    harness.both_move();
    harness.ben_quits();
    harness.sees("ben left. The match is paused. You can claim in 0:10.");
    harness.sees("! ben left 0:00");
    harness.pass(10);
    harness.keys("C");
    harness.sees("Draw. ben stayed away.");
}

#[test]
fn claims_have_keys_only_while_somebody_is_away() {
    let mut harness = playing();
    harness.both_move();
    for key in ["W", "C", "P"] {
        harness.keys(key);
        harness.sees("Your turn. You are X.");
    }
    harness.ben_drops();
    harness.pass(10);
    harness.ben_returns();
    harness.sees("ben is back. Your turn.");
    harness.keys("W");
    assert_eq!(harness.model.game().unwrap().snapshot.phase, Phase::Playing);
}

#[test]
fn a_claim_is_told_to_the_player_who_was_away() {
    let mut harness = playing();
    harness.net(NetMsg::Closed(None));
    harness.ana_is_lost();
    harness.pass(0);
    harness.now += Duration::from_secs(31);
    harness.ben_asks(Command::Claim { match_number: 1, claim: Claim::Win });
    harness.ana_returns();
    harness.sees("You lost. You stayed away.");
}

#[test]
fn a_move_that_met_a_pause_is_kept_and_sent_again_once() {
    let mut harness = playing();
    harness.ben_drops_unseen();
    harness.keys("7");
    harness.sees("sent?");
    harness.sees("Your move is sent when the match goes on.");
    harness.ben_returns();
    harness.sees("Waiting for ben to play O. You played top left (7).");
    assert!(!is_sent(&harness));
}

#[test]
fn a_move_that_met_a_pause_is_given_up_when_the_match_has_gone_on_without_it() {
    let mut harness = playing();
    harness.both_move();
    harness.ben_drops_unseen();
    harness.keys("7");
    let sending = harness.model.game().unwrap().unconfirmed.map(|mv| mv.sending);
    assert_eq!(sending, Some(Sending::Held));
    harness.pass(31);
    harness.keys("C");
    harness.sees("Draw. ben stayed away.");
    assert!(!is_sent(&harness));
}

#[test]
fn a_paused_match_takes_no_keys_and_says_why() {
    let mut harness = playing();
    harness.ben_drops();
    for key in ["5", "d", "u"] {
        harness.keys(key);
        harness.sees("That has to wait. ben lost the connection. The match is paused.");
    }
    assert!(!is_sent(&harness));
}

#[test]
fn quitting_a_match_keeps_the_seat_and_says_only_goodbye() {
    let mut harness = playing();
    harness.ctrl_c();
    harness.sees("Quit? ben can claim the win unless you are back within 10 s.");
    harness.keys("y");
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Quit)));
    assert!(!harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
    assert_eq!(harness.model.game().unwrap().snapshot.phase, Phase::Playing, "nothing was resigned");
}

#[test]
fn a_guest_keeps_no_seat_before_both_have_moved() {
    let guest = || {
        let mut harness = Harness::new("3x3:3".parse().unwrap());
        let ben = harness.somebody("ben");
        harness.asks(ben, Command::QuickMatch { terms: None });
        let harness = harness.join();
        harness.sees("Waiting for ben to play X.");
        harness
    };
    let mut quits = guest();
    quits.ctrl_c();
    quits.sees("Quit? Your seat is not kept before both have moved: ben waits for a guest again.");
    let code = quits.model.game().unwrap().snapshot.code;
    quits.keys("y");
    assert!(quits.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
    let way_back =
        format!("Not both had moved, so no seat is kept: `oxo join {code}@192.168.1.7` joins ben again.");
    assert_eq!(quits.model.parting, Some(way_back));

    let mut resigns = guest();
    resigns.keys("Ry");
    resigns.sees("Quick match");
    assert!(resigns.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
    assert!(resigns.model.saved_seats.is_empty());
}

#[test]
fn the_question_before_quitting_names_the_servers_grace_period() {
    let mut harness = playing();
    let online = harness.model.game_mut().and_then(Game::online_mut).unwrap();
    assert_eq!(online.session.grace_on_purpose, Duration::from_secs(10), "as the welcome says");
    online.session.grace_on_purpose = Duration::from_secs(7);
    harness.ctrl_c();
    harness.sees("Quit? ben can claim the win unless you are back within 7 s.");
}

#[test]
fn quitting_asks_nothing_where_nothing_is_at_stake() {
    let mut over = playing();
    ana_wins(&mut over);
    let waiting = Harness::new("3x3:3".parse().unwrap()).join();
    for mut harness in [over, waiting] {
        harness.ctrl_c();
        assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Quit)));
        assert!(harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
    }
}

#[test]
fn a_series_is_counted_won_and_begun_again() {
    let mut harness = series("3");
    harness.sees("3x3, best of 3 · game 1");
    ana_wins(&mut harness);
    harness.sees("Press r for the next game.");
    harness.sees("r next game, ben starts");
    harness.ben_asks(Command::Rematch { match_number: 1 });
    harness.sees("ben is ready for game 2: r within 0:30.");
    harness.keys("r");
    harness.sees("3x3, best of 3 · game 2");
    ana_wins(&mut harness);
    harness.sees("You won the series 2 to 0.");
    harness.sees("Press r for a rematch.");
    harness.sees("r rematch, ana starts");
    rematch(&mut harness);
    harness.sees("3x3, best of 3 · game 1");
    harness.sees("0 wins");
}

#[test]
fn a_wish_for_a_rematch_has_its_time() {
    let mut harness = playing();
    ana_wins(&mut harness);
    harness.ben_asks(Command::Rematch { match_number: 1 });
    harness.sees("ben wants a rematch: r within 0:30.");
    harness.sees("ben is ready, 0:30 left");
    harness.pass(10);
    harness.sees("ben wants a rematch: r within 0:20.");
    harness.ben_asks(Command::Leave);
    harness.sees("ben left. Press r to host again.");
    harness.sees("r host again");
}

#[test]
fn a_wish_that_nobody_answers_runs_out() {
    let mut harness = playing();
    ana_wins(&mut harness);
    harness.keys("r");
    harness.sees("waiting for ben, 0:30");
    harness.pass(30);
    harness.sees("Your rematch request has expired.");
    harness.sees("Press r for a rematch.");
}

#[test]
fn a_quick_match_asks_for_terms_only_if_some_were_given() {
    let mut harness = Harness::new("3x3:3".parse().unwrap());
    harness.model.quick_terms = None;
    let kim = harness.somebody("kim");
    let time = "30s".parse().unwrap();
    let terms = Terms { time, ..Terms::default() };
    harness.asks(kim, Command::Create { terms, access: net::proto::Access::Public });
    let harness = harness.join();
    harness.sees("Waiting for kim to play X. kim's clock starts in 0:10.");
    let mut picky = Harness::new("3x3:3".parse().unwrap());
    let kim = picky.somebody("kim");
    picky.asks(kim, Command::Create { terms, access: net::proto::Access::Public });
    picky.join().sees("Waiting for a friend.");
}

#[test]
fn a_match_that_is_served_from_here_is_resigned_by_who_quits() {
    let mut harness = playing();
    let online = harness.model.game_mut().and_then(Game::online_mut).unwrap();
    online.session.target = None;
    harness.ctrl_c();
    harness.sees("Quit? The match is served from here: it is resigned to ben.");
    harness.keys("y");
    assert!(matches!(harness.model.game().unwrap().snapshot.phase, Phase::Over(_)));
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn a_game_against_the_bot_is_quit_without_a_question() {
    let mut harness = Harness::new("3x3:3".parse().unwrap());
    harness.keys("o\r");
    harness.sees("Your turn. You are X.");
    harness.ctrl_c();
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn a_seat_that_may_be_gone_is_left_for_the_menu() {
    let mut harness = playing();
    harness.net(NetMsg::Closed(None));
    harness.pass(0);
    harness.pass(40);
    harness.net(NetMsg::Closed(None));
    harness.sees("ben may have claimed the match by now. Esc leaves.");
    harness.key(crossterm::event::KeyCode::Esc);
    harness.sees("against ben, 192.168.1.7:1952");
    assert!(!harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
}

#[test]
fn a_move_made_while_the_link_is_down_is_sent_when_it_is_back() {
    let mut harness = playing();
    harness.net(NetMsg::Closed(None));
    harness.ana_is_lost();
    harness.keys("7");
    harness.sees("sent?");
    harness.keys("8");
    harness.sees("RECONNECTING");
    harness.pass(0);
    harness.ana_returns();
    harness.sees("Waiting for ben to play O. You played top left (7).");
    assert!(!is_sent(&harness));
}
