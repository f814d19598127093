//! Lost connections and sessions that have ended.

use std::time::Duration;

use crossterm::event::KeyCode;
use game_core::Rules;
use net::{
    connect::{Attempt, Candidate, ConnectCause, ConnectError, Failure as Refusal},
    link::Transport,
    proto::{Claim, CloseReason, Command, CommandKind, Event, Phase, Reject, Terms, Unseating},
};

use super::playing;
use crate::{cmd::Cmd, goal::Goal, keymap::Context, msg::NetMsg, test_harness::Harness, update::Start};

/// The failure of a try over both transports.
fn unreachable(udp: Refusal, tcp: Refusal) -> NetMsg {
    let addr = "192.168.1.7:1952".parse().unwrap();
    let attempts = [(Transport::Udp, udp), (Transport::Tcp, tcp)]
        .map(|(transport, failure)| Attempt { candidate: Candidate { addr, transport }, failure });
    let cause = ConnectCause::Attempts(attempts.into());
    NetMsg::Unreachable(ConnectError { target: "192.168.1.7".parse().unwrap(), cause })
}

pub(super) fn silent() -> NetMsg {
    unreachable(Refusal::TimedOut, Refusal::TimedOut)
}

pub(super) fn refused() -> NetMsg {
    unreachable(Refusal::TimedOut, Refusal::Refused)
}

fn dials(harness: &Harness) -> usize {
    harness.other_cmds.iter().filter(|cmd| matches!(cmd, Cmd::Dial(_))).count()
}

/// A match after two moves, whose connection is lost.
pub(super) fn cut() -> Harness {
    let mut harness = playing();
    harness.keys("7");
    harness.ben_plays("b2");
    harness.net(NetMsg::Closed(None));
    harness
}

/// Asserts that the screen shows the board with both marks.
#[track_caller]
fn sees_board(harness: &Harness) {
    harness.sees("▀▄ ▄▀");
    harness.sees("▄▀▀▀▄");
}

#[test]
fn a_lost_link_is_tried_again_as_long_as_its_screen_is_open() {
    let mut harness = cut();
    harness.pass(0);
    assert_eq!(dials(&harness), 1, "at once");
    harness.net(silent());
    harness.pass(0);
    assert_eq!(dials(&harness), 1, "not at once again");
    harness.pass(1);
    assert_eq!(dials(&harness), 2);
    for _ in 0..60 {
        harness.net(silent());
        harness.pass(2);
    }
    assert!((30..=45).contains(&dials(&harness)), "{} in two minutes", dials(&harness));
    let before = dials(&harness);
    for _ in 0..1_800 {
        harness.net(silent());
        harness.pass(2);
    }
    assert_eq!(dials(&harness) - before, 360, "every ten seconds in an hour");
    harness.net(silent());
    harness.key(KeyCode::Enter);
    assert_eq!(dials(&harness) - before, 361);
    harness.sees("RECONNECTING");
    sees_board(&harness);
}

#[test]
fn a_seat_is_kept_only_if_the_server_runs() {
    let mut harness = cut();
    harness.pass(1);
    harness.sees("RECONNECTING, try 1. Your seat is kept 0:29 if the server still runs.");
    harness.net(silent());
    harness.sees("Your seat is kept 0:29 if the server still runs.");
    harness.pass(3);
    harness.net(refused());
    harness.sees("Nothing listens at 192.168.1.7:1952: the server may have stopped.");
    assert!(!harness.screen().contains("kept"), "{}", harness.screen());
    harness.ctrl_c();
    harness.sees("Quit? Your seat may still be kept.");
    harness.keys("n");
    harness.pass(60);
    harness.net(silent());
    harness.sees("ben may have claimed the match by now.");
    assert!(!harness.screen().contains("kept"), "{}", harness.screen());
}

#[test]
fn a_server_that_stops_is_named_as_the_reason() {
    let mut harness = playing();
    harness.net(NetMsg::Closed(Some(CloseReason::ShuttingDown)));
    harness.sees("RECONNECTING, try 1 (the server is shutting down). A server that keeps its games goes on with yours.");
    assert!(!harness.screen().contains("seat is kept"), "{}", harness.screen());
}

#[test]
fn a_room_without_a_connection_is_not_said_to_be_open() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.sees("Everybody who reaches this server can see it and join.");
    harness.net(NetMsg::Closed(None));
    harness.sees("Nobody can join until your connection is back.");
    assert!(!harness.screen().contains("Everybody"), "{}", harness.screen());
}

#[test]
fn an_adjourned_match_is_not_promised_either() {
    let mut harness = playing();
    harness.both_move();
    harness.ben_drops();
    harness.pass(30);
    harness.keys("P");
    harness.net(NetMsg::Closed(None));
    harness.sees("The server keeps your adjourned match while it runs.");
    harness.pass(0);
    harness.net(refused());
    harness.sees("Nothing listens at 192.168.1.7:1952");
}

#[test]
fn the_board_stays_when_the_session_has_ended() {
    let session_closed = |reason| NetMsg::Closed(Some(reason));
    for (message, words) in [
        (session_closed(CloseReason::UnknownSession), "Your seat is gone. Hint: the server was restarted"),
        (session_closed(CloseReason::Replaced), "Your game goes on in another window"),
        (NetMsg::Event(Event::Unseated(Unseating::RoomClosed)), "The room was closed. Esc leaves."),
    ] {
        let mut harness = playing();
        harness.keys("7");
        harness.ben_plays("b2");
        harness.net(message);
        harness.sees(words);
        sees_board(&harness);
        assert!(harness.wanted(|cmd| matches!(cmd, Cmd::ForgetSeat(_))));
        assert!(harness.wanted(|cmd| matches!(cmd, Cmd::HangUp)));
        assert_eq!(harness.model.poll_timeout(harness.now), None, "nothing is tried and nothing counted");
        harness.keys("9");
        assert!(harness.model.game().unwrap().unconfirmed.is_none(), "no move is taken");
        assert_eq!(harness.model.context(), Context::Ended);
        harness.key(KeyCode::Esc);
        harness.sees("Quick match");
        assert!(harness.model.saved_seats.is_empty());
    }
}

#[test]
fn a_session_that_ends_behind_the_menu_is_still_looked_at() {
    let mut harness = playing();
    harness.keys("7");
    harness.ben_plays("b2");
    harness.key(KeyCode::Esc);
    harness.net(NetMsg::Closed(Some(CloseReason::UnknownSession)));
    harness.sees("Enter returns to your game. Your seat is gone.");
    harness.key(KeyCode::Enter);
    sees_board(&harness);
    harness.ctrl_c();
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Quit)), "nothing is at stake");
}

#[test]
fn a_match_behind_the_bot_game_calls_with_what_is_true() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("o5");
    let mut harness = harness.with_ben();
    harness.sees("ben is here: Enter goes to the match");
    harness.both_move();
    harness.ben_quits();
    harness.sees("ben left: Enter goes to the match");
    assert_eq!(harness.title(), Some("ben left - oxo"));
    harness.ben_returns();
    harness.ben_drops();
    harness.sees("ben lost the connection: Enter goes to the match");
    harness.net(NetMsg::Closed(None));
    harness.sees("The match against ben has no connection: Enter shows it");
}

#[test]
fn a_match_that_ends_behind_the_bot_game_is_shown_by_enter() {
    let mut harness = Harness::new(Rules::default()).join();
    harness.keys("o5");
    let mut harness = harness.with_ben();
    harness.net(NetMsg::Closed(Some(CloseReason::UnknownSession)));
    harness.sees("The match against ben has no connection: Enter shows it");
    harness.key(KeyCode::Enter);
    harness.sees("Your seat is gone.");
}

#[test]
fn a_watched_board_stays_when_it_cannot_be_watched_any_more() {
    let mut harness = Harness::new(Rules::default());
    let kim = harness.somebody("kim");
    harness.asks(kim, Command::Create { terms: Terms::default(), access: net::proto::Access::Public });
    let key = crate::goal::RoomKey { code: harness.code_of(kim), passcode: None };
    let ben = harness.somebody("ben");
    harness.asks(ben, Command::Join { code: key.code, passcode: None });
    harness.begin(Start::Connect(Goal::Watch { target: "192.168.1.7".parse().unwrap(), key }));
    let command = CommandKind::Watch;
    harness.net(NetMsg::Event(Event::Rejected { command, reject: Reject::NotWatchable }));
    harness.sees("The room cannot be watched any more: this room is not open to watchers. Esc leaves.");
    harness.sees("kim");
    harness.sees("7 │ 8 │ 9");
}

#[test]
fn a_rematch_is_asked_for_only_while_the_other_is_there() {
    let over = || {
        let mut harness = playing();
        harness.both_move();
        harness.ben_asks(Command::Resign { match_number: 1 });
        harness.sees("Press r for a rematch.");
        harness
    };
    let gone: [&dyn Fn(&mut Harness); 4] = [
        &|harness| harness.ben_asks(Command::Leave),
        &|harness| harness.ben_drops(),
        &|harness| harness.net(NetMsg::Closed(None)),
        &|harness| harness.net(NetMsg::Closed(Some(CloseReason::ShuttingDown))),
    ];
    for go in gone {
        let mut harness = over();
        go(&mut harness);
        for size in [(80, 24), (40, 12), (20, 7)] {
            harness.model.size = size.into();
            let screen = harness.screen();
            assert!(!screen.contains("press r") && !screen.contains("r again"), "{screen}");
            assert!(!screen.contains("r rematch"), "{screen}");
        }
    }
}

#[test]
fn a_player_who_was_left_hosts_again_with_the_same_terms() {
    let gone: [&dyn Fn(&mut Harness); 2] = [&|harness| harness.ben_asks(Command::Leave), &|harness| {
        harness.net(NetMsg::Closed(Some(CloseReason::ShuttingDown)));
    }];
    for go in gone {
        let mut harness = playing();
        let terms = harness.model.new_game.terms;
        harness.model.new_game.terms = Terms { time: "5m".parse().unwrap(), ..terms };
        harness.both_move();
        harness.ben_asks(Command::Resign { match_number: 1 });
        go(&mut harness);
        harness.sees("Press r to host again.");
        harness.sees("r host again v replay i say the board");
        harness.keys("r");
        assert!(harness.wanted(|cmd| matches!(cmd, Cmd::Serve(_))), "{}", harness.screen());
        assert_eq!(harness.model.new_game.terms, terms);
    }
}

#[test]
fn a_watcher_is_told_who_left_and_who_was_lost() {
    let mut harness = Harness::new(Rules::default());
    let kim = harness.somebody("kim");
    harness.asks(kim, Command::Create { terms: Terms::default(), access: net::proto::Access::Public });
    let key = crate::goal::RoomKey { code: harness.code_of(kim), passcode: None };
    let mut harness = harness.with_ben();
    harness.begin(Start::Connect(Goal::Watch { target: "192.168.1.7".parse().unwrap(), key }));
    let play =
        |ply, cell: &str| Command::Play { match_number: 1, branch: 0, ply, cell: cell.parse().unwrap() };
    harness.asks(kim, play(0, "c3"));
    harness.ben_asks(play(1, "c1"));
    harness.ben_quits();
    harness.sees("ben left 0:00 ago.");
    harness.ben_returns();
    harness.ben_drops();
    harness.sees("ben lost the connection 0:00 ago.");
    harness.ben_returns();
    harness.ben_asks(Command::Resign { match_number: 1 });
    harness.sees("The next game appears by itself.");
    harness.ben_asks(Command::Leave);
    harness.sees("kim won. ben resigned. ben left.");
}

#[test]
fn a_claim_made_meanwhile_is_shown_and_not_the_end_of_the_screen() {
    let mut harness = cut();
    harness.ana_is_lost();
    harness.pass(0);
    harness.net(silent());
    harness.now += Duration::from_secs(31);
    harness.ben_asks(Command::Claim { match_number: 1, claim: Claim::Win });
    harness.pass(120);
    harness.ana_returns();
    harness.sees("You lost. You stayed away.");
    assert!(matches!(harness.model.game().unwrap().snapshot.phase, Phase::Over(_)));
}

#[test]
fn a_return_saves_its_new_token_before_the_old_one_is_forgotten() {
    let mut harness = playing();
    let online = harness.model.game().unwrap().online().unwrap();
    let (old, me) = (online.session.token, online.session.me);
    let token = net::proto::Token { secret: [9; 16], ..old };
    harness.net(NetMsg::Closed(None));
    harness.net(NetMsg::Welcome(net::proto::Welcome {
        token,
        name: me,
        server: "den".parse().unwrap(),
        grace_millis: 30_000,
        grace_on_purpose_millis: 10_000,
    }));
    let place = |is_it: &dyn Fn(&Cmd) -> bool| harness.other_cmds.iter().rposition(is_it).unwrap();
    let kept = place(&|cmd| matches!(cmd, Cmd::KeepSeat(seat) if seat.is_of(&token)));
    let forgotten = place(&|cmd| matches!(cmd, Cmd::ForgetSeat(it) if it.secret == old.secret));
    assert!(kept < forgotten);
}

/// The next snapshot takes the words away.
#[test]
fn a_server_that_cannot_save_is_told_in_words() {
    let mut harness = playing();
    harness.net(NetMsg::Event(Event::NotSaving));
    harness.sees("The server cannot save just now. The clocks stand. It goes on by itself.");
    harness.net(NetMsg::Event(Event::Rejected { command: CommandKind::Play, reject: Reject::NotSaving }));
    harness.sees("The server cannot save just now. That was not done. It goes on by itself.");
    harness.keys("7");
    assert!(!harness.screen().contains("cannot save"), "{}", harness.screen());
}
