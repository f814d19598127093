//! A room: a series between two players, its watchers and its settings.

use std::{sync::Arc, time::Instant};

use net::{
    proto::{
        Access, AdjournedLine, PerSeat, Phase, Reject, RoomCode, RoomLine, Seat, SessionId, Setting,
        Snapshot, Terms, Visibility,
    },
    token_bucket::TokenBucket,
};

use super::{
    epoch::Epoch,
    holdings::{Holdings, NoSpace, Space},
    keep::{FinishedMatch, Hold, KeptAccess, KeptRoom},
    limits::Limits,
    match_state::{Change, mover},
    origin::Origin,
    people::{People, Person},
    seat::Player,
    series::Series,
};

/// One room, from its opening until its end.
#[derive(Debug)]
pub(super) struct Room {
    limits: Arc<Limits>,
    pub(super) code: RoomCode,
    /// Counts the rooms of a lobby. Codes are used again; numbers are not.
    pub(super) number: u64,
    /// The origin from which it was opened; after a start of the server, that from which its host has returned.
    pub(super) origin: Option<Origin>,
    pub(super) access: KeptAccess,
    pub(super) watchers: Vec<SessionId>,
    /// Guests who left before both players had moved. No quick match leads them here again.
    early_leavers: People,
    is_watchable: bool,
    pub(super) watchers_may_chat: bool,
    pub(super) is_chat_open: bool,
    pub(super) chat: TokenBucket,
    pub(super) series: Series,
}

/// The loss to the players if their room is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stake {
    Nothing,
    /// A match that is over, or in which not both have moved.
    Little,
    Match,
}

impl Room {
    /// A room in which the host waits for a guest.
    pub(super) fn new(
        now: Instant,
        limits: Arc<Limits>,
        key: (RoomCode, u64),
        (terms, access): (Terms, Access),
        host: Player,
    ) -> Self {
        let series = Series::new(now, Arc::clone(&limits), terms, host);
        Self::with(now, limits, key, KeptAccess::new(key.1, access), series)
    }

    /// A room as it was kept. Its players are away since `away_since`, and its clocks stand.
    pub(super) fn restore(now: Instant, limits: Arc<Limits>, kept: &KeptRoom, away_since: Instant) -> Self {
        let series = Series::restore(now, Arc::clone(&limits), kept, away_since);
        let KeptRoom { code, number, access, is_watchable, watchers_may_chat, is_chat_open, .. } = *kept;
        let room = Self::with(now, limits, (code, number), access, series);
        Self { is_watchable, watchers_may_chat, is_chat_open, ..room }
    }

    fn with(
        now: Instant,
        limits: Arc<Limits>,
        (code, number): (RoomCode, u64),
        access: KeptAccess,
        series: Series,
    ) -> Self {
        Self {
            code,
            number,
            origin: series.seats.person(Seat::Host).and_then(|host| host.origin),
            access,
            is_watchable: true,
            watchers_may_chat: false,
            is_chat_open: true,
            chat: TokenBucket::with_interval(now, limits.room_chat_every, limits.room_chat_burst),
            watchers: Vec::new(),
            early_leavers: People::default(),
            series,
            limits,
        }
    }

    pub(super) fn set(&mut self, seat: Seat, setting: Setting) -> Result<Change, Reject> {
        if seat != Seat::Host && !matches!(setting, Setting::OpenChat | Setting::Block(_)) {
            return Err(Reject::NotOwner);
        }
        // Who is blocked is known to the session that blocks.
        let settings =
            |room: &Self| (room.access, room.is_watchable, room.watchers_may_chat, room.is_chat_open);
        let before = settings(self);
        match setting {
            Setting::Access(access) => self.access = KeptAccess::new(self.number, access),
            Setting::Watchable(may_watch) => self.is_watchable = may_watch,
            Setting::WatchersMayChat(may_chat) => self.watchers_may_chat = may_chat,
            Setting::OpenChat => self.is_chat_open = true,
            Setting::Block(_) => {}
        }
        Ok(if settings(self) == before { Change::Repeated } else { Change::Made })
    }

    /// Puts the room back to waiting after the guest has left before both had moved. Returns that guest.
    pub(super) fn wait_again(&mut self, now: Instant) -> Option<Person> {
        let guest = self.series.seats.person(Seat::Guest);
        if let Some(guest) = guest {
            self.early_leavers.add(guest);
        }
        self.is_chat_open = true;
        self.series.wait_again(now);
        guest
    }

    /// The other player of the one in a seat, or the one who was there last.
    pub(super) fn opponent(&self, seat: Seat) -> Option<Person> {
        let last = || self.early_leavers.last().filter(|_| seat == Seat::Host);
        self.series.seats.person(seat.other()).or_else(last)
    }

    /// Removes and returns all watchers if watching is forbidden.
    pub(super) fn take_barred_watchers(&mut self) -> Vec<SessionId> {
        if self.is_watchable { Vec::new() } else { std::mem::take(&mut self.watchers) }
    }

    /// Finds space for one more watcher. Returns the watcher who has to go for it, if one has: of those from one origin, the
    /// one who has watched for longest.
    pub(super) fn space_to_watch(
        &self,
        origin: Option<Origin>,
        origin_of: impl Fn(SessionId) -> Option<Origin>,
    ) -> Result<Option<SessionId>, Reject> {
        if !self.is_watchable {
            return Err(Reject::NotWatchable);
        }
        let holdings: Holdings = self.watchers.iter().filter_map(|watcher| origin_of(*watcher)).collect();
        let held = (self.watchers.len(), self.limits.watchers_per_room);
        match holdings.space_for(origin, held, &self.limits) {
            Ok(Space::Free) => Ok(None),
            Ok(Space::HeldBy(most)) => {
                Ok(self.watchers.iter().copied().find(|watcher| origin_of(*watcher) == Some(most)))
            }
            Err(NoSpace::ShareHeld) => Err(Reject::AddressFull),
            Err(NoSpace::AllHeld) => Err(Reject::TooManyWatchers),
        }
    }

    pub(super) fn watch(&mut self, session: SessionId) {
        self.watchers.push(session);
    }

    /// The origins of the players, each once.
    pub(super) fn origins(&self) -> Vec<Origin> {
        let mut origins: Vec<Origin> =
            self.series.seats.players().filter_map(|(_, player)| player.person.origin).collect();
        origins.dedup();
        origins
    }

    /// The loss to the players if the room is closed.
    pub(super) fn stake(&self) -> Stake {
        match self.series.phase {
            Phase::Waiting => Stake::Nothing,
            Phase::Playing if self.series.is_guest_on_trial() => Stake::Little,
            Phase::Over(_) => Stake::Little,
            Phase::Playing | Phase::Adjourned => Stake::Match,
        }
    }

    pub(super) fn stop_watching(&mut self, session: SessionId) {
        self.watchers.retain(|watcher| *watcher != session);
    }

    /// Tells whether the lifetime of the room has ended.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.closes_at().is_some_and(|closes_at| closes_at <= now)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let given_up_at = self.series.guest_given_up_at();
        [self.series.poll_timeout(), self.closes_at(), given_up_at].into_iter().flatten().min()
    }

    pub(super) fn snapshot(&self, now: Instant, epoch: Epoch) -> Snapshot {
        let series = &self.series;
        let current = &series.current;
        Snapshot {
            at: epoch.time(now),
            code: self.code,
            match_number: current.number,
            branch: current.branch,
            x: current.x,
            phase: series.phase,
            record: current.record.clone(),
            seats: series.seats.view(now),
            score: series.score,
            best_of: series.terms.best_of,
            time: series.terms.time,
            clocks: current.clock.as_ref().map(|clock| clock.view(now)),
            offer: current.offers.view(now),
            claim: series.claimable(now),
            visibility: self.visibility(),
            watchers: self.watcher_count(),
            is_watchable: self.is_watchable,
            is_chat_open: self.is_chat_open,
            watchers_may_chat: self.watchers_may_chat,
        }
    }

    /// The durable state, where `hold` tells the relation of a player's session to a seat; `None` if nothing is lost with the
    /// room, or as little as a first move.
    pub(super) fn kept(&self, hold: impl Fn(SessionId, Seat) -> Hold) -> Option<KeptRoom> {
        let series = &self.series;
        let is_worth_it = match series.phase {
            Phase::Waiting => false,
            Phase::Playing | Phase::Adjourned => self.stake() == Stake::Match,
            // Until one of them leaves for good, there may be a rematch.
            Phase::Over(_) => true,
        };
        let seat =
            |seat| series.seats.player(seat).map(|player| player.kept(hold(player.person.session, seat)));
        let seats = PerSeat { host: seat(Seat::Host)?, guest: seat(Seat::Guest)? };
        let current = &series.current;
        is_worth_it.then(|| KeptRoom {
            code: self.code,
            number: self.number,
            terms: series.terms,
            access: self.access,
            is_watchable: self.is_watchable,
            is_chat_open: self.is_chat_open,
            watchers_may_chat: self.watchers_may_chat,
            phase: series.phase,
            is_proven: series.is_proven,
            score: series.score,
            match_number: current.number,
            branch: current.branch,
            x: current.x,
            record: current.record.clone(),
            took_millis: current.took_millis.clone(),
            clocks: current.clock.as_ref().map(|clock| clock.kept(|ply| mover(current.x, ply))),
            last_offer: current.offers.last_number,
            seats,
        })
    }

    pub(super) const fn has_ended(&self) -> bool {
        matches!(self.series.phase, Phase::Over(_))
    }

    /// The match that has ended; `None` if it has not.
    pub(super) fn finished(&self) -> Option<FinishedMatch> {
        let Phase::Over(ending) = self.series.phase else { return None };
        let (seats, current) = (&self.series.seats, &self.series.current);
        Some(FinishedMatch {
            code: self.code,
            match_number: current.number,
            terms: self.series.terms,
            names: PerSeat { host: seats.name(Seat::Host)?, guest: seats.name(Seat::Guest)? },
            x: current.x,
            record: current.record.clone(),
            took_millis: current.took_millis.clone(),
            ending,
        })
    }

    /// The room as the list shows it, without its time; `None` if it is not on the list.
    pub(super) fn line(&self) -> Option<RoomLine> {
        if self.is_listed() { self.summary() } else { None }
    }

    /// The room in one line, without its time, for somebody who knows its code; `None` while nobody has the host's seat.
    pub(super) fn summary(&self) -> Option<RoomLine> {
        Some(RoomLine {
            code: self.code,
            host: self.series.seats.name(Seat::Host)?,
            guest: self.series.seats.name(Seat::Guest),
            terms: self.series.terms,
            is_locked: self.visibility() == Visibility::Locked,
            is_watchable: self.is_watchable,
            watchers: self.watcher_count(),
            seconds: 0,
        })
    }

    /// The adjourned match of this room as its player in a seat sees it.
    pub(super) fn adjourned_line(&self, seat: Seat) -> Option<AdjournedLine> {
        let opponent = seat.other();
        let is_ready = |player: &Player| player.is_present() && player.wants_to_continue;
        Some(AdjournedLine {
            code: self.code,
            opponent: self.series.seats.name(opponent)?,
            is_opponent_there: self.series.seats.player(opponent).is_some_and(is_ready),
            ply: self.series.current.ply(),
        })
    }

    /// The seconds since the waiting or the match began.
    pub(super) fn seconds(&self, now: Instant) -> u32 {
        let time = now.saturating_duration_since(self.series.phase_since);
        u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
    }

    /// Tells whether the room is on the list: it is not hidden, and has a match, or a host with a link who waits.
    pub(super) fn is_listed(&self) -> bool {
        let has_something = match self.series.phase {
            Phase::Waiting => self.series.seats.player(Seat::Host).is_some_and(|host| !host.is_away()),
            Phase::Playing => true,
            Phase::Adjourned | Phase::Over(_) => false,
        };
        has_something && self.visibility() != Visibility::Hidden
    }

    /// The reason why nobody can join a room that does not wait.
    pub(super) const fn full(&self) -> Reject {
        if self.is_watchable { Reject::RoomFull } else { Reject::RoomFullUnwatchable }
    }

    /// Tells whether a quick match may lead this person here: the room is public, its host is present and waits, and the
    /// person has not left it before.
    pub(super) fn is_open_to(&self, person: &Person) -> bool {
        self.series.phase == Phase::Waiting
            && self.visibility() == Visibility::Public
            && !self.early_leavers.includes(person)
            && self.series.seats.player(Seat::Host).is_some_and(Player::is_present)
    }

    /// The time since which nobody has been here, unless a match is kept here.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        match self.series.phase {
            Phase::Waiting | Phase::Over(_) => self.series.empty_since(),
            Phase::Playing | Phase::Adjourned => None,
        }
    }

    pub(super) fn is_adjourned(&self) -> bool {
        self.series.phase == Phase::Adjourned
    }

    /// The sessions in the room that have a link: the watchers, and the players if they are included.
    pub(super) fn audience(&self, with_players: bool) -> Vec<SessionId> {
        let players = self.series.seats.players().filter(|(_, player)| with_players && !player.is_away());
        players.map(|(_, player)| player.person.session).chain(self.watchers.iter().copied()).collect()
    }

    /// The end of the room, unless somebody comes back before: see the lifetimes of [`Limits`].
    fn closes_at(&self) -> Option<Instant> {
        match self.series.phase {
            Phase::Waiting => Some(self.series.empty_since()? + self.limits.unstarted_room),
            Phase::Playing => Some(self.series.kept_until()? + self.limits.empty_room),
            Phase::Adjourned => Some(self.series.empty_since()? + self.limits.adjourned_room),
            Phase::Over(_) => Some(self.series.empty_since()? + self.limits.finished_room),
        }
    }

    const fn visibility(&self) -> Visibility {
        match self.access {
            KeptAccess::Public => Visibility::Public,
            KeptAccess::Hidden => Visibility::Hidden,
            KeptAccess::Locked(_) => Visibility::Locked,
        }
    }

    fn watcher_count(&self) -> u16 {
        u16::try_from(self.watchers.len()).unwrap_or(u16::MAX)
    }
}
