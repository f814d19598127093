//! Words for the messages in a play.

use std::fmt::Write as _;

use game_core::Cell;
use net::proto::{
    Clocks, Ending, Event, OfferKind, Phase, Presence, RoomCode, RoomLine, Seat, SeatView, Snapshot, Speaker,
    TimeControl, Unseating, Visibility,
};

use crate::document::check_reject;

/// Words for an event. `room` returns the number of a room in the play.
pub(crate) fn event(event: &Event, room: &mut impl FnMut(RoomCode) -> usize) -> String {
    match event {
        Event::Seated { code, seat } => {
            let seat = if *seat == Seat::Host { "host" } else { "guest" };
            format!("you are the {seat} of room {}", room(*code))
        }
        Event::Snapshot(snapshot) => self::snapshot(snapshot),
        Event::Rejected { command, reject } => {
            check_reject(*command, *reject);
            format!("rejected, {reject}")
        }
        Event::Unseated(Unseating::Left) => "you have left".to_owned(),
        Event::Unseated(Unseating::RoomClosed) => "the room is closed".to_owned(),
        Event::Unseated(Unseating::NotWatchable) => "watching is no longer allowed".to_owned(),
        Event::Unseated(Unseating::MadeRoom) => "your place has gone to another watcher".to_owned(),
        Event::Unseated(Unseating::Blocked) => "you are blocked".to_owned(),
        Event::Watching { code } => format!("you watch room {}", room(*code)),
        Event::Said { speaker: Speaker::Player(_), name, message } => {
            format!("{name} says {}", message.as_str())
        }
        Event::Said { speaker: Speaker::Watcher, name, message } => {
            format!("{name}, a watcher, says {}", message.as_str())
        }
        Event::Rooms(list) if list.total == 0 => "no rooms".to_owned(),
        Event::Rooms(list) => {
            let lines: Vec<String> = list.rooms.iter().map(|line| room_line(line, room)).collect();
            let first = list.first + 1;
            let last = usize::from(list.first) + list.rooms.len();
            format!("rooms {first} to {last} of {}: {}", list.total, lines.join("; "))
        }
        Event::Adjourned(lines) if lines.is_empty() => "no adjourned matches".to_owned(),
        Event::NotSaving => "the server cannot save".to_owned(),
        Event::Adjourned(lines) => {
            let lines = lines.iter().map(|line| {
                let there = if line.is_opponent_there { ", who is waiting" } else { "" };
                format!("room {} against {}{there}", room(line.code), line.opponent)
            });
            format!("adjourned: {}", lines.collect::<Vec<_>>().join("; "))
        }
    }
}

/// A room as `match 2: ann 1:0 ben | 5 1 9 | ben to move`, followed by everything out of the ordinary.
fn snapshot(snapshot: &Snapshot) -> String {
    let Snapshot { match_number, seats, score, record, .. } = snapshot;
    let moves: Vec<String> = record.moves().iter().map(|cell| self::cell(*cell)).collect();
    let moves = if moves.is_empty() { String::new() } else { format!("{} | ", moves.join(" ")) };
    let draws = if score.draws == 0 { String::new() } else { format!(" ({} drawn)", score.draws) };
    let (host, guest) = (seat(&seats.host), seat(&seats.guest));
    let mut text = format!(
        "match {match_number}: {host} {}:{} {guest}{draws} | {moves}{}",
        score.wins.host,
        score.wins.guest,
        state(snapshot)
    );
    if let Some(clocks) = &snapshot.clocks {
        text.push_str(&self::clocks(snapshot, clocks));
    }
    if let Some(offer) = &snapshot.offer {
        let what = match offer.kind {
            OfferKind::Draw => "offers a draw",
            OfferKind::Takeback => "asks for a takeback",
            OfferKind::Adjourn => "offers to adjourn",
        };
        // Writing to a string does not fail.
        write!(text, " | {} {what}", name(snapshot, offer.by)).unwrap();
    }
    if let Some(claim) = &snapshot.claim {
        let other = name(snapshot, claim.absent.other());
        write!(text, " | {other} may claim in {} s", claim.in_millis.div_ceil(1000)).unwrap();
    }
    match snapshot.visibility {
        Visibility::Public => {}
        Visibility::Hidden => text.push_str(" | hidden"),
        Visibility::Locked => text.push_str(" | locked"),
    }
    if snapshot.watchers > 0 {
        write!(text, " | {} watching", snapshot.watchers).unwrap();
    }
    if !snapshot.is_watchable {
        text.push_str(" | not watchable");
    }
    if snapshot.watchers_may_chat {
        text.push_str(" | watchers may chat");
    }
    if !snapshot.is_chat_open {
        text.push_str(" | chat off");
    }
    text
}

fn state(snapshot: &Snapshot) -> String {
    let name = |seat: Seat| name(snapshot, seat);
    let series = snapshot
        .series_winner()
        .map_or_else(String::new, |seat| format!(", and {} wins the series", name(seat)));
    match (snapshot.phase, snapshot.to_move()) {
        (Phase::Waiting, _) => "waiting".to_owned(),
        (Phase::Adjourned, _) => "adjourned".to_owned(),
        (Phase::Playing, to_move) => {
            let paused = if snapshot.is_paused() { "paused, " } else { "" };
            format!("{paused}{} to move", name(to_move.unwrap()))
        }
        (Phase::Over(Ending::OnBoard), _) => {
            let result = snapshot
                .winner()
                .map_or_else(|| "drawn".to_owned(), |winner| format!("{} wins", name(winner)));
            format!("{result}{series}")
        }
        (Phase::Over(Ending::Resigned(seat)), _) => format!("{} resigned{series}", name(seat)),
        (Phase::Over(Ending::OutOfTime(seat)), _) => format!("{} ran out of time{series}", name(seat)),
        (Phase::Over(Ending::Abandoned(seat)), _) => {
            format!("won, because {} stayed away{series}", name(seat))
        }
        (Phase::Over(Ending::DrawAgreed), _) => "a draw by agreement".to_owned(),
        (Phase::Over(Ending::DrawCalled(seat)), _) => {
            format!("declared a draw, because {} stayed away", name(seat))
        }
    }
}

/// The clocks as `ann 30.0 ben 27.5, ann's clock runs`, in seconds.
fn clocks(snapshot: &Snapshot, clocks: &Clocks) -> String {
    let left = |seat: Seat| {
        let millis = clocks.left_millis[seat];
        format!("{}.{}", millis / 1000, millis % 1000 / 100)
    };
    let runs = match clocks.running {
        None => "stopped".to_owned(),
        Some(seat) if clocks.grace_millis > 0 => {
            format!("{}'s clock starts in {} s", name(snapshot, seat), clocks.grace_millis.div_ceil(1000))
        }
        Some(seat) => format!("{}'s clock runs", name(snapshot, seat)),
    };
    format!(" | {} to {}, {runs}", left(Seat::Host), left(Seat::Guest))
}

fn seat(seat: &SeatView) -> String {
    match seat {
        SeatView::Vacant => "nobody".to_owned(),
        SeatView::Gone { name } => format!("{name} (gone)"),
        SeatView::Taken(occupant) => {
            let presence = match occupant.presence {
                Presence::Present => String::new(),
                Presence::Silent { millis } => format!(" (silent for {} s)", millis / 1000),
                Presence::Away { millis, is_on_purpose: false } => format!(" (away for {} s)", millis / 1000),
                Presence::Away { millis, is_on_purpose: true } => format!(" (left {} s ago)", millis / 1000),
            };
            let wish = if occupant.wants_rematch() { " (wants a rematch)" } else { "" };
            format!("{}{presence}{wish}", occupant.name)
        }
    }
}

fn room_line(line: &RoomLine, room: &mut impl FnMut(RoomCode) -> usize) -> String {
    let against = line.guest.map_or_else(|| " waits".to_owned(), |guest| format!(" against {guest}"));
    let mut text = format!("room {}, {}{against}, {}", room(line.code), line.host, line.terms.rules);
    if let Some(best_of) = line.terms.best_of {
        write!(text, " best of {best_of}").unwrap();
    }
    if line.terms.time != TimeControl::Off {
        write!(text, " clock {}", line.terms.time).unwrap();
    }
    for (is_so, words) in [(line.is_locked, ", locked"), (!line.is_watchable, ", not watchable")] {
        text.push_str(if is_so { words } else { "" });
    }
    if line.watchers > 0 {
        write!(text, ", {} watching", line.watchers).unwrap();
    }
    format!("{text}, for {} s", line.seconds)
}

fn name(snapshot: &Snapshot, seat: Seat) -> String {
    snapshot.seats[seat].name().map_or_else(|| "nobody".to_owned(), ToString::to_string)
}

fn cell(cell: Cell) -> String {
    cell.numpad().map_or_else(|| cell.to_string(), |digit| digit.to_string())
}
