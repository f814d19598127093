//! A readable trace of a simulation, kept only when a failed seed is run again.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use net::proto::{Event, SessionId, Snapshot};

/// The number of lines printed, from the end: earlier lines seldom explain a failure.
const LINES: usize = 120;

/// The lines so far. They are printed if the test panics while it holds them.
#[derive(Debug)]
pub(super) struct Trace {
    start: Instant,
    lines: Option<VecDeque<String>>,
}

impl Trace {
    pub(super) fn new(start: Instant, is_kept: bool) -> Self {
        Self { start, lines: is_kept.then(VecDeque::new) }
    }

    /// Adds a line, which is only formatted if it is kept.
    pub(super) fn line(&mut self, now: Instant, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            if lines.len() == LINES {
                lines.pop_front();
            }
            lines.push_back(format!("{:>10.3} s  {}", seconds(now - self.start), line()));
        }
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for line in self.lines.iter().flatten() {
                eprintln!("{line}");
            }
        }
    }
}

/// An event on one line.
pub(super) fn event(to: &[SessionId], event: &Event) -> String {
    let to = to.iter().map(SessionId::to_string).collect::<Vec<_>>().join(" ");
    match event {
        Event::Snapshot(snapshot) => format!("    to {to}: {}", self::snapshot(snapshot)),
        event => format!("    to {to}: {event:?}"),
    }
}

fn snapshot(room: &Snapshot) -> String {
    let moves: Vec<String> = room.record.moves().iter().map(ToString::to_string).collect();
    let seat = |seat| room.seats[seat].occupant().map(|occupant| occupant.presence);
    format!(
        "{} match {}.{} {:?} x={:?} [{}] host={:?} guest={:?} score={:?} best of {:?} clocks={:?} offer={:?} claim={:?} watchers={}",
        room.code,
        room.match_number,
        room.branch,
        room.phase,
        room.x,
        moves.join(" "),
        seat(net::proto::Seat::Host),
        seat(net::proto::Seat::Guest),
        room.score,
        room.best_of,
        room.clocks,
        room.offer,
        room.claim,
        room.watchers,
    )
}

const fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
