//! A room: two seats and the matches that are played between them.

use std::time::Instant;

use game_core::{Cell, IllegalMove, Mark, Record, Rules};
use net::proto::{
    Ending, Name, Occupant, PerSeat, Phase, Presence, Reject, RoomCode, Score, Seat, SeatView, ServerTime,
    SessionId, Snapshot,
};

/// One room, from its opening until nobody is left.
#[derive(Debug)]
pub(super) struct Room {
    code: RoomCode,
    /// Which room of the lobby this is, so that the oldest is found.
    number: u64,
    match_number: u32,
    /// Who plays X in this match. The host begins the first; each rematch swaps.
    x: Seat,
    phase: Phase,
    record: Record,
    seats: PerSeat<Chair>,
    score: Score,
    /// When the room is given up, set while everybody is away.
    closes_at: Option<Instant>,
}

/// Whether a command changed the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It did.
    Made,
    /// It had done so before: it came twice, and the sender needs to hear that it counted.
    MadeBefore,
}

/// Whether the server hears a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attendance {
    /// It does.
    Present,
    /// The link is up, and nothing has come over it since then.
    Silent { since: Instant },
    /// The link was lost then, and the seat is kept.
    Away { since: Instant },
}

/// The state of a seat.
#[derive(Debug)]
enum Chair {
    Vacant,
    Taken(Sitter),
    Gone { name: Name },
}

#[derive(Debug)]
struct Sitter {
    session: SessionId,
    name: Name,
    attendance: Attendance,
    wants_rematch: bool,
}

impl Room {
    /// A room in which its host waits.
    pub(super) fn new(code: RoomCode, number: u64, rules: Rules, host: SessionId, name: Name) -> Self {
        Self {
            code,
            number,
            match_number: 1,
            x: Seat::Host,
            phase: Phase::Waiting,
            record: Record::new(rules),
            seats: PerSeat { host: Chair::Taken(Sitter::new(host, name)), guest: Chair::Vacant },
            score: Score::default(),
            closes_at: None,
        }
    }

    /// Seats the second player and begins the first match.
    pub(super) fn seat_guest(&mut self, guest: SessionId, name: Name) -> Result<(), Reject> {
        if self.phase != Phase::Waiting {
            return Err(Reject::RoomFull);
        }
        self.seats.guest = Chair::Taken(Sitter::new(guest, name));
        self.phase = Phase::Playing;
        Ok(())
    }

    /// Plays a move.
    ///
    /// A move names the ply that it answers, so one that comes twice is known for what it is, even after
    /// the match was over, and one that comes late cannot be taken for another.
    pub(super) fn play(
        &mut self,
        seat: Seat,
        match_number: u32,
        ply: u16,
        cell: Cell,
    ) -> Result<Change, Reject> {
        if match_number != self.match_number {
            return Err(Reject::OtherMatch);
        }
        let is_mine = self.seat_at(ply) == seat;
        if is_mine && self.record.moves().get(usize::from(ply)) == Some(&cell) {
            return Ok(Change::MadeBefore);
        }
        if self.phase != Phase::Playing {
            return Err(Reject::NoMatch);
        }
        if ply != self.record.position().ply() {
            return Err(Reject::OtherPly);
        }
        if !is_mine {
            return Err(Reject::NotYourTurn);
        }
        self.record.play(cell).map_err(|illegal| match illegal {
            IllegalMove::Finished => Reject::NoMatch,
            IllegalMove::Outside => Reject::NoSuchCell,
            IllegalMove::Occupied => Reject::CellTaken,
        })?;
        if self.record.position().outcome().is_some() {
            self.end(Ending::OnBoard);
        }
        Ok(Change::Made)
    }

    /// Gives up the running match.
    pub(super) fn resign(&mut self, seat: Seat, match_number: u32) -> Result<Change, Reject> {
        if match_number != self.match_number {
            return Err(Reject::OtherMatch);
        }
        match self.phase {
            Phase::Playing => {
                self.end(Ending::Resigned(seat));
                Ok(Change::Made)
            }
            Phase::Over(Ending::Resigned(resigned)) if resigned == seat => Ok(Change::MadeBefore),
            Phase::Waiting | Phase::Adjourned | Phase::Over(_) => Err(Reject::NoMatch),
        }
    }

    /// Notes that a player wants another match, and begins it once both do.
    pub(super) const fn want_rematch(&mut self, seat: Seat, match_number: u32) -> Result<Change, Reject> {
        if match_number != self.match_number {
            return Err(Reject::OtherMatch);
        }
        match self.phase {
            Phase::Waiting | Phase::Adjourned => return Err(Reject::NoMatch),
            Phase::Playing => return Err(Reject::MatchRunning),
            Phase::Over(_) => {}
        }
        let (Chair::Taken(host), Chair::Taken(guest)) = (&mut self.seats.host, &mut self.seats.guest) else {
            return Err(Reject::OpponentGone);
        };
        let (mine, theirs) = match seat {
            Seat::Host => (host, guest),
            Seat::Guest => (guest, host),
        };
        if mine.wants_rematch {
            return Ok(Change::MadeBefore);
        }
        mine.wants_rematch = true;
        if theirs.wants_rematch {
            mine.wants_rematch = false;
            theirs.wants_rematch = false;
            self.begin_next();
        }
        Ok(Change::Made)
    }

    /// Takes a player out of their seat for good. A running match is lost by it.
    pub(super) fn vacate(&mut self, seat: Seat) {
        if self.phase == Phase::Playing {
            self.end(Ending::Abandoned(seat));
        }
        if let Chair::Taken(sitter) = &self.seats[seat] {
            self.seats[seat] = Chair::Gone { name: sitter.name };
        }
        if let Chair::Taken(other) = &mut self.seats[seat.other()] {
            other.wants_rematch = false;
        }
    }

    /// Notes whether a player is heard; `true` if that is news. Who is away wants nothing any more.
    pub(super) fn set_attendance(&mut self, seat: Seat, attendance: Attendance) -> bool {
        let Chair::Taken(sitter) = &mut self.seats[seat] else { return false };
        let is_news = sitter.attendance != attendance;
        sitter.attendance = attendance;
        if matches!(attendance, Attendance::Away { .. }) {
            sitter.wants_rematch = false;
        }
        is_news
    }

    pub(super) const fn set_closes_at(&mut self, closes_at: Option<Instant>) {
        self.closes_at = closes_at;
    }

    pub(super) const fn closes_at(&self) -> Option<Instant> {
        self.closes_at
    }

    /// Whether nobody who has a seat here is heard by any link.
    pub(super) fn is_everybody_away(&self) -> bool {
        self.sitters().all(|sitter| matches!(sitter.attendance, Attendance::Away { .. }))
    }

    pub(super) const fn host_is_present(&self) -> bool {
        matches!(&self.seats.host, Chair::Taken(Sitter { attendance: Attendance::Present, .. }))
    }

    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    pub(super) const fn rules(&self) -> Rules {
        self.record.rules()
    }

    /// Everybody who has a seat here, heard or not.
    pub(super) fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.sitters().map(|sitter| sitter.session)
    }

    /// Everybody who has a seat and a link.
    pub(super) fn sessions_with_link(&self) -> impl Iterator<Item = SessionId> {
        self.sitters()
            .filter(|sitter| !matches!(sitter.attendance, Attendance::Away { .. }))
            .map(|sitter| sitter.session)
    }

    pub(super) fn snapshot(&self, now: Instant, epoch: Instant) -> Snapshot {
        Snapshot {
            at: ServerTime(
                u64::try_from(now.saturating_duration_since(epoch).as_millis()).unwrap_or(u64::MAX),
            ),
            branch: 0,
            best_of: None,
            time: net::proto::TimeControl::Off,
            clocks: None,
            offer: None,
            claim: None,
            door: net::proto::Door::Public,
            watchers: 0,
            is_watchable: true,
            is_chat_open: true,
            watchers_may_talk: false,
            code: self.code,
            match_number: self.match_number,
            x: self.x,
            phase: self.phase,
            record: self.record.clone(),
            seats: PerSeat { host: self.seats.host.view(now), guest: self.seats.guest.view(now) },
            score: self.score,
        }
    }

    fn sitters(&self) -> impl Iterator<Item = &Sitter> {
        Seat::BOTH.into_iter().filter_map(|seat| match &self.seats[seat] {
            Chair::Taken(sitter) => Some(sitter),
            Chair::Vacant | Chair::Gone { .. } => None,
        })
    }

    /// Whose move a ply is.
    fn seat_at(&self, ply: u16) -> Seat {
        if ply.is_multiple_of(2) == (Mark::FIRST == Mark::X) { self.x } else { self.x.other() }
    }

    fn end(&mut self, ending: Ending) {
        self.phase = Phase::Over(ending);
        match ending.winner(&self.record, self.x) {
            Some(seat) => self.score.wins[seat] = self.score.wins[seat].saturating_add(1),
            None => self.score.draws = self.score.draws.saturating_add(1),
        }
    }

    const fn begin_next(&mut self) {
        self.match_number += 1;
        self.x = self.x.other();
        self.record = Record::new(self.record.rules());
        self.phase = Phase::Playing;
    }
}

impl Sitter {
    const fn new(session: SessionId, name: Name) -> Self {
        Self { session, name, attendance: Attendance::Present, wants_rematch: false }
    }
}

impl Chair {
    fn view(&self, now: Instant) -> SeatView {
        match self {
            Self::Vacant => SeatView::Vacant,
            Self::Taken(sitter) => SeatView::Taken(Occupant {
                name: sitter.name,
                presence: sitter.attendance.presence(now),
                rematch_millis: sitter.wants_rematch.then_some(30_000),
            }),
            Self::Gone { name } => SeatView::Gone { name: *name },
        }
    }
}

impl Attendance {
    fn presence(self, now: Instant) -> Presence {
        let millis =
            |since| u32::try_from(now.saturating_duration_since(since).as_millis()).unwrap_or(u32::MAX);
        match self {
            Self::Present => Presence::Present,
            Self::Silent { since } => Presence::Silent { millis: millis(since) },
            Self::Away { since } => Presence::Away { millis: millis(since), is_on_purpose: false },
        }
    }
}
