//! A match between two people: clocks, offers, absence, series and adjourned matches.

use std::time::Duration;

use net::proto::{Claim, Command, Phase, Terms};

use super::playing;
use crate::{clock::Clock, cmd::Cmd, model::Sending, msg::NetMsg, stage::Stage};

/// A match with this time, such as `30s`.
fn timed(time: &str) -> Stage {
    Stage::with_terms(Terms { time: time.parse().unwrap(), ..Terms::default() }).join().with_ben()
}

/// A match in a series of this length.
fn series(best_of: &str) -> Stage {
    let best_of = Some(best_of.parse().unwrap());
    Stage::with_terms(Terms { best_of, ..Terms::default() }).join().with_ben()
}

/// Both have made their first move, so that clocks run without grace; it is ana's turn.
fn under_way(time: &str) -> Stage {
    let mut stage = timed(time);
    stage.keys("7");
    stage.ben_plays("b2");
    stage
}

/// Ana wins, whoever begins.
fn ana_wins(stage: &mut Stage) {
    for (digit, cell) in [("7", "a1"), ("8", "b1"), ("9", "c2")] {
        if stage.model.game().unwrap().may_move() {
            stage.keys(digit);
            if stage.model.game().unwrap().snapshot.phase == Phase::Playing {
                stage.ben_plays(cell);
            }
        } else {
            stage.ben_plays(cell);
            stage.keys(digit);
        }
    }
}

fn rematch(stage: &mut Stage) {
    let match_number = stage.model.game().unwrap().snapshot.match_number;
    stage.keys("r");
    stage.ben_asks(Command::Rematch { match_number });
}

fn own_clock(stage: &Stage) -> Option<Clock> {
    let game = stage.model.game().unwrap();
    game.clock(game.viewpoint(), stage.now)
}

fn is_sent(stage: &Stage) -> bool {
    stage.model.game().unwrap().unconfirmed.is_some()
}

#[test]
fn the_first_move_has_a_grace_before_the_clock_runs() {
    let mut stage = timed("30s");
    stage.sees("Your clock starts in 0:10.");
    stage.sees("0:30");
    stage.pass(4);
    stage.sees("Your clock starts in 0:06.");
    stage.pass(10);
    stage.sees("0:26");
    stage.keys("7");
    stage.sees("ben's clock starts in 0:10.");
}

#[test]
fn a_clock_on_the_screen_wakes_once_a_second_and_none_does_not() {
    let mut stage = under_way("30s");
    stage.now += Duration::from_millis(300);
    let next = stage.model.poll_timeout(stage.now).unwrap();
    assert_eq!(next.duration_since(stage.now), Duration::from_millis(700));
    assert_eq!(playing().model.poll_timeout(stage.now), None);
}

#[test]
fn who_runs_out_of_time_is_warned_in_words_and_by_the_bell() {
    let mut stage = under_way("30s");
    stage.pass(19);
    stage.sees("Your turn. You are X.");
    let _calls_to_the_match = stage.bells();
    stage.pass(1);
    stage.sees("Your turn: 0:10 left.");
    assert_eq!(stage.bells(), 1);
    stage.pass(6);
    stage.sees("Your turn: 0:04 left.");
    assert_eq!(stage.bells(), 0, "once for a move");
    stage.pass(5);
    stage.sees("You lost. You ran out of time.");
}

#[test]
fn the_other_players_time_runs_out_too() {
    let mut stage = under_way("30s");
    stage.keys("8");
    stage.pass(31);
    stage.sees("You won. ben ran out of time.");
}

#[test]
fn what_comes_late_is_counted_from_when_it_was_true() {
    let mut stage = timed("30s");
    stage.ping();
    stage.keys("7");
    stage.ben_plays_and_it_comes_late("b2", 3);
    stage.sees("Your turn. You are X.");
    stage.sees("0:27");
}

#[test]
fn a_silent_player_pauses_the_clocks_and_moves_are_still_taken() {
    let mut stage = under_way("30s");
    stage.ben_is_silent(4);
    stage.sees("Waiting for ben: no answer for 4 s. You can still play your turn. The clocks are paused.");
    stage.sees("! silent 4 s");
    stage.sees("paused");
    let before = own_clock(&stage);
    stage.pass(3);
    let after = own_clock(&stage);
    assert_eq!(before, after);
    stage.keys("8");
    assert!(!is_sent(&stage), "it was taken");
    stage.ben_is_heard();
    stage.sees("ben is back.");
}

#[test]
fn a_claim_is_possible_only_when_the_countdown_is_over() {
    let mut stage = under_way("30s");
    stage.ben_drops();
    stage.sees("ben lost the connection. The clocks are paused. You can claim in 0:30.");
    stage.pass(6);
    stage.sees("connection lost 0:06 ago");
    stage.keys("W");
    stage.sees(
        "It is too early to claim. ben lost the connection. The clocks are paused. You can claim in 0:24.",
    );
    stage.pass(24);
    stage.sees("W claims the win, D calls a draw, A adjourns; or wait.");
    assert!(!stage.screen().contains("too early"), "{}", stage.screen());
    stage.keys("W");
    stage.sees("You won. ben stayed away.");
}

#[test]
fn an_absent_players_match_can_be_called_a_draw() {
    let mut stage = playing();
    stage.ben_quits();
    stage.sees("ben left. The match is paused. You can claim in 0:10.");
    stage.sees("! ben left 0:00");
    stage.pass(10);
    stage.keys("D");
    stage.sees("Draw. ben stayed away.");
}

#[test]
fn claims_have_keys_only_while_somebody_is_away() {
    let mut stage = playing();
    for key in ["W", "D", "A"] {
        stage.keys(key);
        stage.sees("Your turn. You are X.");
    }
    stage.ben_drops();
    stage.pass(10);
    stage.ben_returns();
    stage.sees("ben is back. Your turn.");
    stage.keys("W");
    assert_eq!(stage.model.game().unwrap().snapshot.phase, Phase::Playing);
}

#[test]
fn who_was_claimed_against_reads_so() {
    let mut stage = playing();
    stage.net(NetMsg::Closed(None));
    stage.ana_is_lost();
    stage.pass(0);
    stage.now += Duration::from_secs(31);
    stage.ben_asks(Command::Claim { match_number: 1, claim: Claim::Win });
    stage.ana_returns();
    stage.sees("You lost. You stayed away.");
}

#[test]
fn a_move_that_met_a_pause_is_kept_and_sent_again_once() {
    let mut stage = playing();
    stage.ben_drops_unseen();
    stage.keys("7");
    stage.sees("sent?");
    stage.sees("Your move is sent when it goes on.");
    stage.ben_returns();
    stage.sees("Waiting for ben to play O. You played top left (7).");
    assert!(!is_sent(&stage));
}

#[test]
fn a_move_that_met_a_pause_is_given_up_when_the_match_has_gone_on_without_it() {
    let mut stage = playing();
    stage.ben_drops_unseen();
    stage.keys("7");
    let sending = stage.model.game().unwrap().unconfirmed.map(|mv| mv.sending);
    assert_eq!(sending, Some(Sending::Held));
    stage.pass(31);
    stage.keys("D");
    stage.sees("Draw. ben stayed away.");
    assert!(!is_sent(&stage));
}

#[test]
fn a_paused_match_takes_no_keys_and_says_why() {
    let mut stage = playing();
    stage.ben_drops();
    for key in ["5", "d", "u"] {
        stage.keys(key);
        stage.sees("That has to wait. ben lost the connection. The match is paused.");
    }
    assert!(!is_sent(&stage));
}

#[test]
fn to_quit_a_match_keeps_the_seat_and_says_only_goodbye() {
    let mut stage = playing();
    stage.ctrl_c();
    stage.sees("Quit? ben can claim the win unless you are back within 10 s.");
    stage.keys("y");
    assert!(stage.wanted(|cmd| matches!(cmd, Cmd::Quit)));
    assert!(!stage.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
    assert_eq!(stage.model.game().unwrap().snapshot.phase, Phase::Playing, "nothing was resigned");
}

#[test]
fn to_quit_where_nothing_is_at_stake_asks_nothing() {
    let mut over = playing();
    ana_wins(&mut over);
    let waiting = Stage::new("3x3:3".parse().unwrap()).join();
    for mut stage in [over, waiting] {
        stage.ctrl_c();
        assert!(stage.wanted(|cmd| matches!(cmd, Cmd::Quit)));
        assert!(stage.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
    }
}

#[test]
fn a_series_is_counted_won_and_begun_again() {
    let mut stage = series("3");
    stage.sees("3x3, best of 3, game 1");
    ana_wins(&mut stage);
    stage.sees("Next: game 2, ben starts");
    rematch(&mut stage);
    stage.sees("3x3, best of 3, game 2");
    ana_wins(&mut stage);
    stage.sees("You won the series 2 to 0.");
    stage.sees("Press r for a new series.");
    stage.sees("Next: a new series, ana starts");
    rematch(&mut stage);
    stage.sees("3x3, best of 3, game 1");
    stage.sees("0 wins");
}

#[test]
fn a_wish_for_a_rematch_has_its_time() {
    let mut stage = playing();
    ana_wins(&mut stage);
    stage.ben_asks(Command::Rematch { match_number: 1 });
    stage.sees("ben wants a rematch: r within 0:30 for game 2.");
    stage.sees("ben  READY (0:30 left)");
    stage.pass(10);
    stage.sees("ben wants a rematch: r within 0:20 for game 2.");
    stage.ben_asks(Command::Leave);
    stage.sees("ben left. Esc leaves.");
    stage.sees("ben  left");
}

#[test]
fn a_wish_that_nobody_answers_runs_out() {
    let mut stage = playing();
    ana_wins(&mut stage);
    stage.keys("r");
    stage.sees("you  READY (0:30 left)");
    stage.pass(30);
    stage.sees("Your wish for a rematch has run out.");
    stage.sees("Press r for a rematch.");
}

#[test]
fn a_quick_match_asks_for_terms_only_if_some_were_given() {
    let mut stage = Stage::new("3x3:3".parse().unwrap());
    stage.model.quick_terms = None;
    let kim = stage.somebody("kim");
    let time = "30s".parse().unwrap();
    let terms = Terms { time, ..Terms::default() };
    stage.asks(kim, Command::Create { terms, access: net::proto::Access::Public });
    let stage = stage.join();
    stage.sees("Waiting for kim to play X. kim's clock starts in 0:10.");
    let mut picky = Stage::new("3x3:3".parse().unwrap());
    let kim = picky.somebody("kim");
    picky.asks(kim, Command::Create { terms, access: net::proto::Access::Public });
    picky.join().sees("Waiting for a friend.");
}

#[test]
fn a_match_that_is_served_from_here_is_resigned_by_who_quits() {
    let mut stage = playing();
    let online = stage.model.game_mut().and_then(crate::model::Game::online_mut).unwrap();
    online.joined.target = None;
    stage.ctrl_c();
    stage.sees("Quit? The match is served from here: it is resigned to ben.");
    stage.keys("y");
    assert!(matches!(stage.model.game().unwrap().snapshot.phase, Phase::Over(_)));
    assert!(stage.wanted(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn a_game_against_the_bot_is_quit_without_a_question() {
    let mut stage = Stage::new("3x3:3".parse().unwrap());
    stage.keys("o");
    stage.sees("Your turn. You are X.");
    stage.ctrl_c();
    assert!(stage.wanted(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn a_seat_that_is_not_tried_for_any_more_is_kept_in_the_menu() {
    let mut stage = playing();
    stage.net(NetMsg::Closed(None));
    stage.pass(0);
    stage.pass(40);
    stage.net(NetMsg::Closed(None));
    stage.sees("RECONNECTING stopped");
    stage.key(crossterm::event::KeyCode::Esc);
    stage.sees("against ben, 192.168.1.7:1952");
    assert!(!stage.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
}

#[test]
fn a_move_made_while_the_link_is_down_is_sent_when_it_is_back() {
    let mut stage = playing();
    stage.net(NetMsg::Closed(None));
    stage.ana_is_lost();
    stage.keys("7");
    stage.sees("sent?");
    stage.keys("8");
    stage.sees("RECONNECTING");
    stage.pass(0);
    stage.ana_returns();
    stage.sees("Waiting for ben to play O. You played top left (7).");
    assert!(!is_sent(&stage));
}
