//! The two seats of a room: their players and the state of each player's link.

use std::time::{Duration, Instant};

use net::proto::{Name, Occupant, PerSeat, Presence, Seat, SeatView, SessionId};

use super::{clock::millis, limits::Limits};

/// The reason for the end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The client said goodbye.
    OnPurpose,
    /// The link was lost, or the server closed it.
    Lost,
}

/// News of a player's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkNews {
    /// The player is heard.
    Heard,
    /// The player has been silent since then.
    SilentSince(Instant),
    /// The link has ended.
    Ended(DisconnectReason),
}

/// The seats of a room. The host's is taken when the room opens.
#[derive(Debug)]
pub(super) struct Seats(PerSeat<SeatState>);

#[derive(Debug)]
enum SeatState {
    /// Not taken yet.
    Vacant,
    /// Taken, or reserved for a player who is away.
    Taken(Player),
    /// Left for good.
    Left { name: Name, since: Instant },
}

#[derive(Debug)]
pub(super) struct Player {
    pub(super) session: SessionId,
    pub(super) name: Name,
    link: LinkState,
    /// The last round trip that the server measured.
    pub(super) rtt: Duration,
    /// The total of the absences in this match that are over.
    absent_before: Duration,
    /// The expiry of the player's request for a rematch.
    pub(super) rematch_until: Option<Instant>,
    /// The player has come back to continue an adjourned match.
    pub(super) wants_to_continue: bool,
}

/// The state of a player's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkState {
    Present {
        since: Instant,
    },
    /// The link is up, but nothing has arrived since then.
    Silent {
        since: Instant,
    },
    /// There is no link, or the player is in another room. `since` is the last time at which the player was heard.
    Away {
        since: Instant,
        reason: DisconnectReason,
    },
}

impl Seats {
    pub(super) const fn new(host: Player) -> Self {
        Self(PerSeat { host: SeatState::Taken(host), guest: SeatState::Vacant })
    }

    pub(super) fn take(&mut self, seat: Seat, player: Player) {
        self.0[seat] = SeatState::Taken(player);
    }

    /// Takes a player out of a seat for good.
    pub(super) fn vacate(&mut self, now: Instant, seat: Seat) {
        if let Some(player) = self.player(seat) {
            self.0[seat] = SeatState::Left { name: player.name, since: now };
        }
        self.cancel_rematch(seat.other());
    }

    /// Takes in news of a player's link; `true` if it changes the state of the link.
    pub(super) fn handle_link_news(&mut self, now: Instant, seat: Seat, news: LinkNews) -> bool {
        let other = self.player(seat.other()).map(|other| other.link);
        let Some(player) = self.player_mut(seat) else { return false };
        let is_change = player.handle_link_news(now, news, other);
        if player.is_away() {
            self.cancel_rematch(seat);
            self.cancel_rematch(seat.other());
        }
        is_change
    }

    /// Drops the requests for a rematch that have expired; `true` if there were any.
    pub(super) fn expire_rematches(&mut self, now: Instant) -> bool {
        let expired = Seat::BOTH.map(|seat| {
            let player = self.player_mut(seat)?;
            player.rematch_until.take_if(|until| *until <= now)
        });
        expired.iter().any(Option::is_some)
    }

    pub(super) fn set_rtt(&mut self, seat: Seat, rtt: Duration) {
        if let Some(player) = self.player_mut(seat) {
            player.rtt = rtt;
        }
    }

    pub(super) fn player(&self, seat: Seat) -> Option<&Player> {
        match &self.0[seat] {
            SeatState::Taken(player) => Some(player),
            SeatState::Vacant | SeatState::Left { .. } => None,
        }
    }

    pub(super) fn player_mut(&mut self, seat: Seat) -> Option<&mut Player> {
        match &mut self.0[seat] {
            SeatState::Taken(player) => Some(player),
            SeatState::Vacant | SeatState::Left { .. } => None,
        }
    }

    /// The players and their seats, whatever the state of their links.
    pub(super) fn players(&self) -> impl Iterator<Item = (Seat, &Player)> {
        Seat::BOTH.into_iter().filter_map(|seat| Some((seat, self.player(seat)?)))
    }

    /// The seat that belongs to a session.
    pub(super) fn of_session(&self, session: SessionId) -> Option<Seat> {
        self.players().find(|(_, player)| player.session == session).map(|(seat, _)| seat)
    }

    /// The name of the player who has a seat or had it last.
    pub(super) fn name(&self, seat: Seat) -> Option<Name> {
        match self.0[seat] {
            SeatState::Vacant => None,
            SeatState::Taken(Player { name, .. }) | SeatState::Left { name, .. } => Some(name),
        }
    }

    pub(super) fn are_both_present(&self) -> bool {
        self.players().filter(|(_, player)| player.is_present()).count() == 2
    }

    /// The time since which nobody has been in a seat; `None` before it is taken and while its player has a link.
    pub(super) fn empty_since(&self, seat: Seat) -> Option<Instant> {
        match self.0[seat] {
            SeatState::Taken(Player { link: LinkState::Away { since, .. }, .. })
            | SeatState::Left { since, .. } => Some(since),
            SeatState::Vacant | SeatState::Taken(_) => None,
        }
    }

    pub(super) fn view(&self, now: Instant) -> PerSeat<SeatView> {
        let view = |seat: &SeatState| match seat {
            SeatState::Vacant => SeatView::Vacant,
            SeatState::Taken(player) => SeatView::Taken(player.view(now)),
            SeatState::Left { name, .. } => SeatView::Gone { name: *name },
        };
        PerSeat { host: view(&self.0.host), guest: view(&self.0.guest) }
    }

    fn cancel_rematch(&mut self, seat: Seat) {
        if let Some(player) = self.player_mut(seat) {
            player.rematch_until = None;
        }
    }
}

impl Player {
    pub(super) const fn new(now: Instant, session: SessionId, name: Name, rtt: Duration) -> Self {
        Self {
            session,
            name,
            link: LinkState::Present { since: now },
            rtt,
            absent_before: Duration::ZERO,
            rematch_until: None,
            wants_to_continue: false,
        }
    }

    /// Prepares for a match that begins or continues: earlier absences do not count in it.
    pub(super) const fn begin_match(&mut self, now: Instant) {
        self.absent_before = Duration::ZERO;
        self.rematch_until = None;
        if let LinkState::Silent { since } | LinkState::Away { since, .. } = &mut self.link {
            *since = now;
        }
    }

    fn handle_link_news(&mut self, now: Instant, news: LinkNews, other: Option<LinkState>) -> bool {
        let before = self.link;
        self.link = match (news, before) {
            (LinkNews::Heard, LinkState::Silent { since } | LinkState::Away { since, .. }) => {
                self.absent_before += waited(now, since, other);
                LinkState::Present { since: now }
            }
            (LinkNews::SilentSince(since), LinkState::Present { .. }) => LinkState::Silent { since },
            (LinkNews::Ended(reason), LinkState::Present { .. }) => LinkState::Away { since: now, reason },
            (LinkNews::Ended(reason), LinkState::Silent { since }) => LinkState::Away { since, reason },
            // Either no change, or news of a link that has already ended.
            (LinkNews::Heard, LinkState::Present { .. })
            | (LinkNews::SilentSince(_), LinkState::Silent { .. })
            | (LinkNews::SilentSince(_) | LinkNews::Ended(_), LinkState::Away { .. }) => before,
        };
        if self.is_away() {
            self.wants_to_continue = false;
        }
        self.link != before
    }

    pub(super) fn is_away_since_before(&self, time: Instant) -> bool {
        matches!(self.link, LinkState::Away { since, .. } if since < time)
    }

    pub(super) const fn is_away(&self) -> bool {
        matches!(self.link, LinkState::Away { .. })
    }

    pub(super) const fn is_present(&self) -> bool {
        matches!(self.link, LinkState::Present { .. })
    }

    /// The end of the grace period of a player who is away.
    pub(super) fn kept_until(&self, limits: &Limits) -> Option<Instant> {
        match self.link {
            LinkState::Away { since, reason } => Some(since + grace(reason, limits)),
            LinkState::Present { .. } | LinkState::Silent { .. } => None,
        }
    }

    /// The time from which `other` may claim against this player; `None` unless this one is absent and `other` present.
    ///
    /// It counts from the beginning of the absence or from the return of `other`, whichever is later: after an absence of
    /// one's own, the other player still has the whole time to return.
    pub(super) fn claimable_at(&self, other: &Self, limits: &Limits) -> Option<Instant> {
        let (absent_since, grace) = match self.link {
            LinkState::Present { .. } => return None,
            LinkState::Silent { since } => (since, limits.grace),
            LinkState::Away { since, reason } => (since, grace(reason, limits)),
        };
        let LinkState::Present { since: waiting_since } = other.link else { return None };
        let patience = limits.absence_per_match.saturating_sub(self.absent_before).min(grace);
        Some(absent_since.max(waiting_since) + patience)
    }

    fn view(&self, now: Instant) -> Occupant {
        let time = |since| millis(now.saturating_duration_since(since));
        Occupant {
            name: self.name,
            presence: match self.link {
                LinkState::Present { .. } => Presence::Present,
                LinkState::Silent { since } => Presence::Silent { millis: time(since) },
                LinkState::Away { since, reason } => {
                    let is_on_purpose = reason == DisconnectReason::OnPurpose;
                    Presence::Away { millis: time(since), is_on_purpose }
                }
            },
            rematch_millis: self.rematch_until.map(|until| millis(until.saturating_duration_since(now))),
        }
    }
}

/// The part of an absence since `since` during which the other player was present.
fn waited(now: Instant, since: Instant, other: Option<LinkState>) -> Duration {
    match other {
        Some(LinkState::Present { since: there_since }) => {
            now.saturating_duration_since(since.max(there_since))
        }
        Some(LinkState::Silent { since: gone_since } | LinkState::Away { since: gone_since, .. }) => {
            gone_since.saturating_duration_since(since)
        }
        None => Duration::ZERO,
    }
}

const fn grace(reason: DisconnectReason, limits: &Limits) -> Duration {
    match reason {
        DisconnectReason::OnPurpose => limits.grace_on_purpose,
        DisconnectReason::Lost => limits.grace,
    }
}
