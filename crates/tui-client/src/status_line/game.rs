//! The status line of a game.

use std::time::{Duration, Instant};

use game_core::Rules;
use net::proto::{Occupant, OfferKind, Passcode, Phase, Presence, Reject, Seat, Visibility};
use server::phrases::{absence, cell, offers};

use super::{
    ending::{over_line, result},
    notices, watching,
};
use crate::{
    failure::Failure,
    format::{clock, countdown},
    game::{Game, Place, Sending, clocks::ClockState},
    keymap::offer_key,
    notice::Notice,
    online::{Down, LinkState, Online},
    own_place::Reach,
};

/// The status line.
pub(super) fn line(game: &Game, now: Instant) -> String {
    if let Some(trouble) = link_line(game, now) {
        return trouble;
    }
    if game.is_watching() {
        return watching::line(game, now);
    }
    let state = match (game.snapshot.phase, game.unheard_for(game.other(), now)) {
        (Phase::Over(_), _) => over_line(game, now),
        (Phase::Waiting, _) => "Waiting for a friend. A bell and the window's title call you.".into(),
        (Phase::Adjourned, _) if game.online().is_some_and(|online| !online.is_in_room) => aside_line(game),
        (Phase::Adjourned, _) => adjourned_line(game),
        (Phase::Playing, Some((presence, time))) => absent_line(game, presence, time, now),
        (Phase::Playing, None) => playing_line(game, now),
    };
    notices::and_state(game.notices.current(now).map(|notice| notices::game(game, notice)), state)
}

/// The status line in eighteen columns, where the whole one would be cut before its point.
pub(super) fn tiny_line(game: &Game, now: Instant) -> Option<String> {
    if game.down().is_some() {
        return None;
    }
    match game.snapshot.phase {
        Phase::Waiting if game.notices.latest().is_none() => return Some("Waiting for guest.".into()),
        Phase::Waiting => return None,
        Phase::Adjourned => return Some("Adjourned: <adjourned.go-on>".into()),
        Phase::Over(_) => return Some(tiny_result(game)),
        Phase::Playing => {}
    }
    if let Some(left) = game.claim_in(now) {
        let keys = if left.is_zero() { CLAIM_KEYS.join(" ") } else { countdown(left) };
        return Some(format!("{}? {keys}", game.other_name()));
    }
    if let Some(offer) = game.incoming_offer() {
        return Some(format!("{}? <offer.accept> or <offer.decline>", offer_briefly(offer.kind)));
    }
    if let Some(left) = game.hurry(now) {
        return Some(format!("Your turn, {}", countdown(left)));
    }
    let is_mine = game.snapshot.to_move() == Some(game.acting_seat()) && !game.is_watching();
    match game.unconfirmed {
        Some(_) => Some("Sent...".into()),
        // The turn comes first on so few columns, but not before a notice about a key.
        None if is_mine && game.notices.latest().is_none() => {
            Some("Your turn.  <everywhere.help> help".into())
        }
        None => None,
    }
}

/// An offer in one word that stands out.
pub(crate) const fn offer_briefly(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Draw => "DRAW",
        OfferKind::Takeback => "TAKEBACK",
        OfferKind::Adjourn => "ADJOURN",
    }
}

/// The goal of a game.
pub(crate) fn goal(rules: Rules) -> String {
    let does = if rules.is_misere() { "lose" } else { "win" };
    format!("Place marks in turn; {} in a row {does}, across, down or diagonally.", rules.in_row())
}

/// The goal of the game, its keys, and the way to a friend, for somebody who has never played.
pub(crate) fn welcome(game: &Game) -> [String; 3] {
    let rules = game.snapshot.record.rules();
    let count = rules.in_row();
    let goal = if rules.is_misere() {
        format!("Whoever gets {count} marks in a row loses: leave that to the bot.")
    } else {
        format!("Get {count} of your marks in a row before the bot does.")
    };
    let digits = if rules.cells() == 9 {
        "Press <match.numpad 1> to <match.numpad 9> as on the numpad, or use"
    } else {
        "Use"
    };
    let keys = format!("{digits} the arrows and <match.place>; <everywhere.help> shows every key.");
    [
        goal,
        keys,
        "To invite a friend, press Esc for the menu, then <menu.host>, and tell them the code.".into(),
    ]
}

/// The access to a room that waits, and the trouble that keeps friends away. `passcode` is that of our own rooms.
pub(crate) fn who_may_come(game: &Game, passcode: Option<Passcode>) -> Vec<String> {
    let place = game.online().and_then(|online| online.own_place.as_ref());
    let reach = place.map(|place| place.reach);
    let visibility = game.snapshot.visibility;
    let who = match (visibility, passcode, reach) {
        _ if game.down().is_some() => "Nobody can join until your connection is back.".into(),
        (Visibility::Public, _, Some(reach)) => reach.to_string(),
        (Visibility::Public, _, None) => {
            "Everybody who reaches this server can see it and join. No other game was open to you.".into()
        }
        (Visibility::Hidden, ..) => "Hidden: only people with the code can join.".into(),
        (Visibility::Locked, Some(passcode), _) => format!("Locked: passcode {}", passcode.as_str()),
        (Visibility::Locked, None, _) => "Locked by a passcode.".into(),
    };
    let is_told = visibility == Visibility::Public;
    let trouble = reach.filter(|reach| !is_told && *reach != Reach::Everybody);
    std::iter::once(who).chain(trouble.map(|reach| reach.to_string())).collect()
}

/// The watchers of a room that waits.
pub(crate) fn watchers(game: &Game) -> String {
    let snapshot = &game.snapshot;
    let talk = if snapshot.watchers_may_chat { "shown" } else { "hidden" };
    match snapshot.watchers {
        _ if !snapshot.is_watchable => "Nobody may watch.".into(),
        0 => "Nobody is watching.".into(),
        watchers => format!("{watchers} watching, their chat is {talk}."),
    }
}

/// The keys of a win, a draw and a break that are claimed.
pub(crate) const CLAIM_KEYS: [&str; 3] = ["<absent.claim-win>", "<absent.call-draw>", "<absent.adjourn>"];

/// The result and the next key.
fn tiny_result(game: &Game) -> String {
    let wants = |seat: Seat| game.snapshot.seats[seat].occupant().map(Occupant::wants_rematch);
    let headline = format!("{}.", game.reader().headline());
    match (wants(game.viewpoint()), wants(game.other())) {
        _ if game.is_watching() => headline,
        _ if game.may_host_again() => format!("{headline} <over.rematch>: host"),
        _ if !game.is_opponent_here() => format!("{headline} Esc"),
        (Some(true), _) => format!("{headline} Waiting"),
        (_, Some(true)) => format!("{headline} <over.rematch>: play"),
        (_, Some(false) | None) => format!("{headline} <over.rematch> again"),
    }
}

fn link_line(game: &Game, now: Instant) -> Option<String> {
    let online = game.online()?;
    match &online.link {
        LinkState::Down(down) => Some(match online.ended() {
            Some(why) => ended_line(game, why, now),
            None if game.is_watching() => watching::down_line(online, down),
            None => down_line(game, online, down, now),
        }),
        LinkState::Silent { since } => {
            let silence = now.saturating_duration_since(*since).as_secs();
            Some(format!("Waiting for the server: no answer for {silence} s."))
        }
        LinkState::Up { .. } => online.not_saving_since.map(|_| not_saving_line(game)),
    }
}

/// The state of a room whose server cannot save.
fn not_saving_line(game: &Game) -> String {
    let state = match game.notices.latest() {
        // A move that was rejected since then.
        Some(Notice::Rejected(Reject::NotSaving)) => "That was not done.",
        _ if game.unconfirmed.is_some() => "Your move is not taken yet.",
        _ => "The clocks stand.",
    };
    format!("The server cannot save just now. {state} It goes on by itself.")
}

/// The end of a session whose room is still looked at.
fn ended_line(game: &Game, why: &Failure, now: Instant) -> String {
    let Failure { sentence, causes, hint } = why;
    let is_over = matches!(game.snapshot.phase, Phase::Over(_));
    match (hint, causes.first()) {
        _ if is_over && game.opponent_presence().is_none() => over_line(game, now),
        _ if game.may_host_again() => {
            format!("{} {sentence}. Press <over.rematch> to host again.", result(game))
        }
        _ if is_over => format!("{} {sentence}. Esc leaves.", result(game)),
        (Some(hint), _) => format!("{sentence}. Hint: {hint}."),
        (None, Some(cause)) => format!("{sentence}: {cause}. Esc leaves."),
        (None, None) => format!("{sentence}. Esc leaves."),
    }
}

fn down_line(game: &Game, online: &Online, down: &Down, now: Instant) -> String {
    let why = down.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let tries = format!("RECONNECTING, try {}{why}.", online.tries.max(1));
    let kept = down.kept_for(online.session.grace, now);
    let state = match game.snapshot.phase {
        _ if down.is_refused => {
            let target =
                online.session.target.as_ref().map_or_else(|| "its port".into(), ToString::to_string);
            format!("Nothing listens at {target}: the server may have stopped. Esc leaves.")
        }
        _ if down.is_server_gone() => "A server that keeps its games goes on with yours. Esc leaves.".into(),
        Phase::Playing if kept.is_zero() => {
            format!("{} may have claimed the match by now. Esc leaves.", game.other_name())
        }
        Phase::Playing => format!("Your seat is kept {} if the server still runs.", clock(kept)),
        Phase::Adjourned => "The server keeps your adjourned match while it runs. Esc leaves.".into(),
        Phase::Waiting => "The server keeps your room for a while if it still runs.".into(),
        Phase::Over(_) => format!("{} Esc leaves.", result(game)),
    };
    format!("{tries} {state}")
}

fn adjourned_line(game: &Game) -> String {
    let other = game.other_name();
    let is_there = game.opponent_presence() == Some(Presence::Present);
    match (game.is_awaited(), is_there) {
        (true, _) => format!("Adjourned, and {other} wants to go on: <adjourned.go-on> goes on with it."),
        (false, true) => {
            format!("Adjourned. <adjourned.go-on> goes on, once {other} wants to as well; Esc for the menu.")
        }
        (false, false) => {
            format!(
                "Waiting for {other}: the match is adjourned, and goes on when both are back. Esc keeps it."
            )
        }
    }
}

/// The state of an adjourned match behind the menu.
fn aside_line(game: &Game) -> String {
    let other = game.other_name();
    if game.is_awaited() {
        format!("It is adjourned; {other} is there and waits.")
    } else {
        // They may be in the room all the same.
        format!("It is adjourned; {other} has not asked to go on.")
    }
}

/// The absence of the other player, its consequences, and the choices.
fn absent_line(game: &Game, presence: Presence, time: Duration, now: Instant) -> String {
    let other = game.other_name();
    let what = match presence {
        Presence::Away { is_on_purpose: true, .. } => format!("{other} left."),
        Presence::Away { is_on_purpose: false, .. } => format!("{other} lost the connection."),
        Presence::Present | Presence::Silent { .. } => {
            let next = if game.may_move() { " You can still play your turn." } else { "" };
            format!("Waiting for {other}: no answer for {} s.{next}", time.as_secs())
        }
    };
    let paused = match (game.snapshot.clocks, game.snapshot.is_paused()) {
        (Some(_), _) => " The clocks are paused.",
        (None, true) => " The match is paused.",
        (None, false) => "",
    };
    let held = match game.unconfirmed {
        Some(mv) if mv.sending == Sending::Held => " Your move is sent when the match goes on.",
        Some(_) | None => "",
    };
    let next = match game.claim_in(now) {
        Some(left) if left.is_zero() => {
            let [win, draw, adjourn] = CLAIM_KEYS;
            format!(" {win} claims the win, {draw} calls a draw, {adjourn} puts it off; or wait.")
        }
        Some(left) => format!(" You can claim in {}.", countdown(left)),
        None => String::new(),
    };
    format!("{what}{paused}{held}{next}")
}

/// A match with both players present.
fn playing_line(game: &Game, now: Instant) -> String {
    if let Some(offer) = game.incoming_offer() {
        let who = game.name(offer.by);
        let is_own_turn = game.may_move();
        let declines = if is_own_turn { ", a move declines. Your turn." } else { "." };
        let what = offers(offer.kind, false);
        return format!(
            "{who} {what}. Shift-<offer.accept> accepts, Shift-<offer.decline> declines{declines}"
        );
    }
    let turn = turn(game, now);
    let Some(offer) = game.own_offer() else { return turn };
    let other = game.other_name();
    let left = countdown(game.left_of(offer.gone_in_millis, now));
    let (what, key) = (offers(offer.kind, true), offer_key(offer.kind));
    format!("{turn} You {what}: {other} has {left}, {key} withdraws.")
}

/// The turn, the time left if it is short, and the last move.
fn turn(game: &Game, now: Instant) -> String {
    let snapshot = &game.snapshot;
    let rules = snapshot.record.rules();
    let Some(to_move) = snapshot.to_move() else { return String::new() };
    let last = snapshot.record.last().map(|last| {
        let mover = to_move.other();
        let who = game.reader().name(mover).to_owned();
        format!(" {who} played {}.", cell(rules, last))
    });
    let last = last.unwrap_or_default();
    let mark = snapshot.mark(to_move);
    let hurry = game.hurry(now).map(|left| format!(": {} left", countdown(left))).unwrap_or_default();
    let whose = if game.is_own(to_move) { "Your".to_owned() } else { format!("{}'s", game.name(to_move)) };
    let start = match game.clock(to_move, now).map(|clock| clock.state) {
        Some(ClockState::Starting { after }) => format!(" {whose} clock starts in {}.", countdown(after)),
        Some(ClockState::Running | ClockState::Stopped | ClockState::Paused) | None => String::new(),
    };
    match game.unconfirmed {
        Some(mv) => format!("Waiting for the server to confirm {}.", cell(rules, mv.cell)),
        None if game.is_shared() => {
            format!("Your turn, {}{hurry}. You are {mark}.{start}{last}", game.name(to_move))
        }
        None if to_move == game.viewpoint() => format!("Your turn{hurry}. You are {mark}.{start}{last}"),
        None => format!("Waiting for {} to play {mark}.{start}{last}", game.name(to_move)),
    }
}

/// The call of a match over another game.
pub(crate) fn called_briefly(game: &Game) -> String {
    let other = game.other_name();
    match game.snapshot.phase {
        _ if game.down().is_some() => {
            format!("The match against {other} has no connection: <called.go-to-match> shows it")
        }
        Phase::Over(_) => format!("The match against {other} is over: <called.go-to-match> shows it"),
        Phase::Waiting | Phase::Playing | Phase::Adjourned => {
            let what = game.opponent_presence().and_then(absence).unwrap_or("is here");
            format!("{other} {what}: <called.go-to-match> goes to the match")
        }
    }
}

/// The player's clock in the match that calls, if it runs.
pub(crate) fn calling_clock(game: &Game, now: Instant) -> String {
    let clock = game.clock(game.viewpoint(), now).filter(|clock| clock.state == ClockState::Running);
    clock.map(|clock| format!(" Your clock: {}.", countdown(clock.left))).unwrap_or_default()
}

/// The cost of quitting now.
pub(super) fn stake(game: &Game) -> String {
    let other = game.other_name();
    match (&game.place, game.snapshot.phase) {
        _ if game.down().is_some() => "Your seat may still be kept. <confirm.yes> quits, <confirm.no> waits.".into(),
        (Place::Keyboard | Place::Bot, _) => "It ends the game at this keyboard. <confirm.yes> quits, <confirm.no> plays on.".into(),
        (Place::Server(online), Phase::Adjourned) if online.is_own_server() => {
            "Your adjourned match is served from here, and ends with it. <confirm.yes> quits, <confirm.no> stays.".into()
        }
        (Place::Server(online), _) if online.is_own_server() => {
            format!("The match is served from here: it is resigned to {other}. <confirm.yes> quits, <confirm.no> plays on.")
        }
        (Place::Server(_), _) if game.is_on_trial() => {
            format!(
                "Your seat is not kept before both have moved: {other} waits for a guest again. <confirm.yes> quits, <confirm.no> plays on."
            )
        }
        (Place::Server(online), _) => {
            let seconds = online.session.grace_on_purpose.as_secs();
            format!("{other} can claim the win unless you are back within {seconds} s. <confirm.yes> quits, <confirm.no> plays on.")
        }
    }
}
