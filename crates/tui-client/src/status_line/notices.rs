//! Notices and errors as sentences.

use game_core::{Bitboard, Cell};
use net::proto::{OfferKind, Reject, Seat};
use server::phrases;

use super::ending::next_game_number;
use crate::{
    failure::Failure,
    game::Game,
    keymap::offer_key,
    notice::{ListNotice, MenuNotice, Notice},
    text_input::InputError,
};

/// A sentence about what has just happened, if there is one, and the state after it.
pub(super) fn and_state(notice: Option<String>, state: String) -> String {
    match notice {
        Some(notice) => format!("{notice} {state}"),
        None => state,
    }
}

/// The sentence of a notice in a game.
pub(super) fn game(game: &Game, notice: &Notice) -> String {
    let other = game.other_name();
    let fixed = match notice {
        Notice::Rejected(reject) => return format!("Not done: {reject}."),
        Notice::Hint(best) => return hint(game, *best),
        Notice::NotSaid { reject, is_kept } => return not_said(*reject, *is_kept),
        Notice::OfferIsOpen(kind) => {
            let (what, key) = (phrases::offered(*kind), offer_key(*kind));
            return format!("{other} has not answered your {what} yet. {key} withdraws it.");
        }
        Notice::MutedOffer(kind) => return muted_offer(other, *kind),
        Notice::WantsToGoOn => return format!("You want to go on; {other} is told."),
        Notice::IsBack => return format!("{other} is back."),
        Notice::TookBack(by) => return took_back(game, *by),
        Notice::PlayedOn(kind) => {
            return format!("{other} played on, which declines the {}.", phrases::offered(*kind));
        }
        Notice::Declined(kind) => return format!("{other} declined the {}.", phrases::offered(*kind)),
        Notice::Withdrew(by, kind) => {
            let (by, what) = (game.reader().name(*by), phrases::offered(*kind));
            return format!("{by} withdrew the {what}.");
        }
        Notice::OfferExpired(kind) => return format!("The {} has expired.", phrases::offered(*kind)),
        Notice::RematchExpired(seat) => return rematch_expired(game, *seat),
        Notice::Turned(knob, value) => return format!("Your link: {knob} {value}."),
        Notice::Failed(Failure { sentence: why, .. }) | Notice::MatchNotKept(why) => {
            return why.clone() + ".";
        }
        Notice::MoveUnderWay => "Your move is on its way.",
        Notice::NotYourTurn => "It is not your turn yet.",
        // The rest of the line gives the reason.
        Notice::Paused => "That has to wait.",
        Notice::CellTaken => "That cell is taken.",
        Notice::DigitsElsewhere => {
            "Digits play on 3x3 only. Name a cell, as in <match.type-cell>c4, or use the arrows and <match.place>."
        }
        Notice::NoHintsBetweenPlayers => "There are hints in games at this machine only.",
        Notice::NobodyKnows => "Nobody plays this board perfectly, so there is no hint.",
        Notice::NotResigned => "Not resigned: the connection is lost.",
        Notice::NobodyToChatWith => "There is nobody to talk to at this machine.",
        Notice::ChatNeedsConnection => "Nothing can be said until the connection is back.",
        Notice::NobodyHears => "Nobody is here to read it.",
        Notice::ChatIsClosed => {
            "You are strangers, so the chat is off. <match.open-chat> opens it for both of you."
        }
        Notice::ChatIsOpen => "The chat is open: <match.chat> says something.",
        Notice::OwnerOnly => "Only the player who opened the room can do that.",
        Notice::Muted(true) if game.is_watching() => {
            "Muted: the chat of others is hidden. <match.mute> shows it again."
        }
        Notice::Muted(true) => {
            "Muted: the chat of others is hidden, and offers are declined. <match.mute> shows it again."
        }
        Notice::Blocked(true) => "Blocked: your rooms are closed to this player. <match.block> undoes it.",
        Notice::Blocked(false) => "Your rooms are open to this player again.",
        Notice::Muted(false) => "The chat of others is shown again.",
        Notice::CannotAdjournHere => "Only a match on a server can be adjourned.",
        Notice::AnswerFirst => "Answer the offer first: <offer.accept> or <offer.decline>.",
        Notice::TooEarlyToAccept => "An offer can be accepted after one second.",
        Notice::TooEarlyToClaim => "It is too early to claim.",
        Notice::CommandCopied => "The command is copied, if your terminal allows it.",
        Notice::ResultCopied => "The result is copied, if your terminal allows it.",
        Notice::GoesOn => "The match goes on.",
        Notice::ChatOpened(is) => {
            either(*is, "The chat is open for both of you: <match.chat> says something.", "The chat is off.")
        }
        Notice::WatchingAllowed(is) => either(*is, "Everybody may watch now.", "Nobody may watch any more."),
        Notice::WatchersHeard(is) => either(*is, "Watchers are heard now.", "Watchers are no longer heard."),
    };
    fixed.to_owned()
}

/// The best moves: `A perfect player takes the center (5).`
fn hint(game: &Game, best: Bitboard) -> String {
    let rules = game.snapshot.record.rules();
    let free = game.snapshot.record.position().legal_moves().count();
    let cells: Vec<Cell> = best.cells().collect();
    match &*cells {
        [only] => format!("A perfect player takes {}.", phrases::cell(rules, *only)),
        all if all.len() == free => "Every free cell is as good as any other.".into(),
        some => {
            let mut names: Vec<String> = some.iter().map(|cell| phrases::short_cell(rules, *cell)).collect();
            names.sort();
            format!("A perfect player takes one of {}.", names.join(", "))
        }
    }
}

fn muted_offer(other: &str, kind: OfferKind) -> String {
    let what = phrases::offered(kind);
    format!("{other} is muted: the {what} was declined. <match.mute> ends that.")
}

fn took_back(game: &Game, by: Seat) -> String {
    let whose = if by == game.viewpoint() && !game.is_shared() { "your" } else { "their" };
    format!("{} took {whose} last move back.", game.reader().name(by))
}

fn not_said(reject: Reject, is_kept: bool) -> String {
    let next = match reject {
        Reject::ChatClosed => " <match.open-chat> opens it.",
        Reject::TooFast if is_kept => " <match.chat> tries it again.",
        _ => "",
    };
    format!("Not said: {reject}.{next}")
}

const fn either(is_on: bool, on: &'static str, off: &'static str) -> &'static str {
    if is_on { on } else { off }
}

fn rematch_expired(game: &Game, seat: Seat) -> String {
    let request = if game.series_goes_on() {
        format!("request for {}", next_game_number(game))
    } else {
        "rematch request".into()
    };
    if seat == game.viewpoint() && !game.is_watching() {
        format!("Your {request} has expired.")
    } else {
        format!("{}'s {request} has expired.", game.name(seat))
    }
}

/// The sentence of a notice in a list.
pub(crate) fn list(notice: ListNotice) -> String {
    match notice {
        ListNotice::Rejected(reject) => format!("Not done: {reject}."),
        ListNotice::NotAdmitted(reject @ Reject::RoomFull) => {
            format!("Not let in: {reject}. <lan.watch> watches it.")
        }
        ListNotice::NotAdmitted(reject) => format!("Not let in: {reject}."),
        ListNotice::NotWatchable(code) => format!("{code} is not open to watchers."),
        ListNotice::Ambiguous { code, count } => format!("{count} games have the code {code}."),
    }
}

/// The sentence of a notice in the menu.
pub(super) const fn menu(notice: MenuNotice) -> &'static str {
    match notice {
        MenuNotice::GameRuns => {
            "Your game still runs. <menu.select> returns to it; resign there with <match.resign>."
        }
        MenuNotice::RoomWaits => "Your room still waits. <menu.select> returns to it; Esc there closes it.",
        MenuNotice::AdjournedWouldEnd => {
            "Your adjourned match is served from here and would end. <menu.select> returns to it."
        }
    }
}

/// The sentence of an input error.
pub(super) fn input(error: &InputError) -> String {
    match error {
        InputError::Full(capacity) => {
            format!("No more than {capacity} characters fit; the rest is left out.")
        }
        InputError::Place(error) => error.to_string(),
        InputError::Setting(error) => format!("Not taken: {error}."),
        InputError::NotAServer(code) => {
            format!("{code} is the code of one game; the list is at an address.")
        }
        InputError::Cell => "No such cell: name one of this board, as in c4.".into(),
        InputError::ChatLine(error) => format!("Not said: {error}."),
        InputError::Passcode(error) => format!("{error}.").replacen('a', "A", 1),
        InputError::NotAdmitted(reject) => format!("Not let in: {reject}."),
    }
}
