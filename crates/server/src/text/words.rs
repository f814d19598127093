//! Sentences about the state of a session.

use net::proto::{AdjournedLine, Claimable, Phase, RoomLine, Seat, ServerTime, Snapshot, Terms};

use crate::phrases::{Reader, absence};

/// The commands. Each line but the last begins with one that [`Request`](super::request::Request) reads.
pub(super) const HELP: &str = "\
list [FROM] - the rooms
quick [TERMS] - a game with whoever waits
create [TERMS] [hidden | passcode WORD]
join CODE [PASSCODE], watch CODE [PASSCODE]
b2 - a move; on 3x3 also 5, by the keypad
wait - or an empty line: what happens next, 25 s at most
board - the board and the clocks
say WORDS
talk - let strangers talk
offer draw | takeback | adjourn
accept, decline
claim win | draw | adjourn
resign, rematch, leave
name NAME - when in no room
push on | off - news without asking
quit
TERMS: 3x3 or 15x15:5, misere, best 3, clock 30s or 5m+3s
";

/// The last line of a reply in a room: what comes next, and from whom.
pub(super) fn state(snapshot: &Snapshot, me: Option<Seat>, now: ServerTime) -> String {
    let reader = Reader { snapshot, seat: me, begins_sentence: false };
    let who = |seat| reader.name(seat);
    let part = me.map_or_else(|| "you watch".to_owned(), |me| format!("you are {}", snapshot.mark(me)));
    match snapshot.phase {
        Phase::Waiting => format!("= waiting for somebody to join {}", snapshot.code),
        Phase::Playing => {
            let behind = claim(snapshot, me, now);
            match (away(snapshot), snapshot.to_move()) {
                (Some(seat), _) => format!("= paused, {} is away: {part}{behind}", who(seat)),
                (None, turn) if turn == me && me.is_some() => format!("= your turn: {part}{behind}"),
                (None, turn) => format!("= turn of {}: {part}{behind}", who(turn.unwrap_or(snapshot.x))),
            }
        }
        Phase::Adjourned => format!("= adjourned: {part}; `join {}` goes on", snapshot.code),
        Phase::Over(_) => {
            let result = match (snapshot.winner(), me) {
                (None, _) => "a draw".to_owned(),
                (Some(winner), _) => format!("{} won", who(winner)),
            };
            let wins = snapshot.score.wins;
            let first = me.unwrap_or(Seat::Host);
            let next = if me.is_some() { "; rematch or leave" } else { "" };
            format!("= over: {result}, {}:{}{next}", wins[first], wins[first.other()])
        }
    }
}

/// The times on the clocks, if there are any.
pub(super) fn clocks(snapshot: &Snapshot, me: Option<Seat>, now: ServerTime) -> Option<String> {
    let clocks = snapshot.clocks?;
    let reader = Reader { snapshot, seat: me, begins_sentence: false };
    let passed = now.0.saturating_sub(snapshot.at.0).saturating_sub(clocks.grace_millis.into());
    let shown = |seat: Seat| {
        let left = u64::from(clocks.left_millis[seat]);
        let left = if clocks.running == Some(seat) { left.saturating_sub(passed) } else { left };
        format!("{} {} s", reader.name(seat), left.div_ceil(1_000))
    };
    let [first, second] = if me == Some(Seat::Guest) { [Seat::Guest, Seat::Host] } else { Seat::BOTH };
    Some(format!("clock: {}, {}\n", shown(first), shown(second)))
}

/// A room of the list.
pub(super) fn room(room: &RoomLine) -> String {
    let RoomLine { code, host, guest, terms: played, is_locked, is_watchable, watchers: _, seconds } = room;
    let lock = if *is_locked { ", locked" } else { "" };
    let state = match guest {
        None => format!("waits for {seconds} s"),
        Some(guest) => {
            let watch = if *is_watchable { "" } else { ", not to be watched" };
            format!("plays {guest} for {seconds} s{watch}")
        }
    };
    format!("{code}  {}{lock}  {host} {state}\n", terms(played))
}

/// A match that was put off.
pub(super) fn adjourned(line: &AdjournedLine) -> String {
    let AdjournedLine { code, opponent, is_opponent_there, ply } = line;
    let there = if *is_opponent_there { ", who is there" } else { "" };
    format!("- adjourned: {code} against {opponent}{there}, {ply} moves; `join {code}` goes on")
}

/// The terms, as they are typed.
pub(super) fn terms(terms: &Terms) -> String {
    let Terms { rules, best_of, time } = terms;
    let misere = if rules.is_misere() { " misere" } else { "" };
    let best_of = best_of.map(|best_of| format!(" best {best_of}")).unwrap_or_default();
    let time = time.initial().map(|_| format!(" clock {time}")).unwrap_or_default();
    format!("{rules}{misere}{best_of}{time}")
}

fn away(snapshot: &Snapshot) -> Option<Seat> {
    let is_away = |seat: &Seat| {
        snapshot.seats[*seat].occupant().is_some_and(|occupant| absence(occupant.presence).is_some())
    };
    Seat::BOTH.into_iter().find(is_away)
}

fn claim(snapshot: &Snapshot, me: Option<Seat>, now: ServerTime) -> String {
    let Some(Claimable { absent, in_millis }) =
        snapshot.claim.filter(|claim| me == Some(claim.absent.other()))
    else {
        return String::new();
    };
    let passed = now.0.saturating_sub(snapshot.at.0);
    let left = u64::from(in_millis).saturating_sub(passed).div_ceil(1_000);
    let who = crate::phrases::name(snapshot, absent);
    if left == 0 {
        format!("; claim win, draw or adjourn, for {who} is not heard")
    } else {
        format!("; claim in {left} s if {who} is not heard")
    }
}
