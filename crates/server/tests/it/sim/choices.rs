//! Random paths, limits, terms and chat messages.

use std::time::Duration;

use net::{
    proto::{BestOf, ChatLine, ChatMessage, Emote, Passcode, Seconds, Terms, TimeControl},
    sim::{Chance, LinkConfig, Loss, Outage, OutageKind},
};
use server::lobby::Limits;

use super::dice::Dice;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// One direction of a path: mostly a LAN, sometimes anything.
pub(super) fn path(dice: &mut Dice) -> LinkConfig {
    let lan = LinkConfig { delay: MS, ..LinkConfig::default() };
    let percent = |dice: &mut Dice, high| Chance::percent(u8::try_from(dice.between(1, high)).unwrap());
    match dice.between(0, 9) {
        0..=4 => lan,
        5 => LinkConfig { loss: Loss::Independent(percent(dice, 30)), ..lan },
        6 => LinkConfig { delay: 60 * MS, jitter: 80 * MS, reorders: true, ..LinkConfig::default() },
        7 => LinkConfig {
            loss: Loss::Bursts {
                begin: Chance::percent(3),
                end: Chance::percent(20),
                loss: Chance::percent(90),
            },
            ..lan
        },
        8 => {
            let kind = *dice.pick(&[OutageKind::Blackout, OutageKind::Stall]);
            let length = dice.pause(100 * MS, 8 * SECOND);
            LinkConfig { outage: Some(Outage { every: length + 10 * SECOND, length, kind }), ..lan }
        }
        _ => LinkConfig {
            delay: 5 * MS,
            jitter: 20 * MS,
            reorders: true,
            loss: Loss::Independent(percent(dice, 15)),
            duplicates: percent(dice, 20),
            corruption: percent(dice, 5),
            ..LinkConfig::default()
        },
    }
}

/// The limits of the lobby: those of a real server, or so narrow that all of them are reached within a minute.
pub(super) fn limits(dice: &mut Dice) -> Limits {
    if dice.percent(30) {
        return Limits::default();
    }
    let mut limits = Limits {
        grace: dice.pause(SECOND, 8 * SECOND),
        grace_on_purpose: dice.pause(SECOND, 4 * SECOND),
        absence_per_match: dice.pause(4 * SECOND, 30 * SECOND),
        first_move_grace: dice.pause(MS, 5 * SECOND),
        lag_per_match: dice.pause(100 * MS, 2 * SECOND),
        offer_lifetime: dice.pause(2 * SECOND, 20 * SECOND),
        attempt_window: dice.pause(5 * SECOND, 60 * SECOND),
        unstarted_room: dice.pause(2 * SECOND, 20 * SECOND),
        empty_room: dice.pause(SECOND, 10 * SECOND),
        finished_room: dice.pause(SECOND, 15 * SECOND),
        adjourned_room: dice.pause(5 * SECOND, 60 * SECOND),
        ..Limits::default()
    };
    if dice.percent(50) {
        limits.sessions = usize::try_from(dice.between(3, 20)).unwrap();
        limits.rooms = usize::try_from(dice.between(1, 5)).unwrap();
        limits.watchers_per_room = usize::try_from(dice.between(1, 3)).unwrap();
        limits.browsers = usize::try_from(dice.between(1, 4)).unwrap();
        limits.rooms_listed = usize::try_from(dice.between(1, 10)).unwrap();
        limits.code_attempts_per_origin = u32::try_from(dice.between(2, 8)).unwrap();
        limits.attempt_counts = usize::try_from(dice.between(1, 6)).unwrap();
        limits.passcode_attempts_per_origin = u32::try_from(dice.between(5, 8)).unwrap();
    }
    limits.percent_per_origin = *dice.pick(&[25, 50, 100, 100]);
    if dice.percent(70) {
        limits.adjourned_per_session = 1;
    }
    if dice.percent(40) {
        limits.adjourned = usize::try_from(dice.between(1, 2)).unwrap();
    }
    limits
}

/// Terms with small boards, so that matches end.
pub(super) fn terms(dice: &mut Dice) -> Terms {
    let boards = ["3x3:3", "3x3:3", "3x3:3", "4x3:3", "4x4:4"];
    let rules: game_core::Rules = dice.pick(&boards).parse().unwrap();
    let best_of = dice.weighed(&[(3, None), (1, BestOf::new(1)), (2, BestOf::new(3)), (1, BestOf::new(5))]);
    let time = match dice.between(0, 5) {
        0 | 1 => TimeControl::Off,
        2 | 3 => TimeControl::PerMove(seconds(dice)),
        _ => TimeControl::Fischer {
            initial: seconds(dice),
            increment: u8::try_from(dice.between(0, 3)).unwrap(),
        },
    };
    Terms { rules: rules.with_misere(dice.percent(20)), best_of, time }
}

fn seconds(dice: &mut Dice) -> Seconds {
    let count = dice.weighed(&[(2, 1), (2, 3), (2, 10), (1, 60)]);
    Seconds::new(count).unwrap()
}

/// One of a few passcodes, so that a guess is sometimes right.
pub(super) fn passcode(dice: &mut Dice) -> Passcode {
    dice.pick(&["1234", "open", "sesame"]).parse().unwrap()
}

/// A chat message; the longest lines are as long as a line may be.
pub(super) fn chat_message(dice: &mut Dice) -> ChatMessage {
    if dice.percent(50) {
        return ChatMessage::Emote(*dice.pick(&Emote::ALL));
    }
    let line = match dice.between(0, 3) {
        0 => "李".repeat(60),
        1 => "x".repeat(120),
        _ => String::from("good luck, have fun!"),
    };
    ChatMessage::Line(ChatLine::parse_typed(&line).unwrap())
}
