//! The two seats of a room: their players and the state of each player's link.

use std::time::{Duration, Instant};

use net::proto::{Name, Occupant, PerSeat, Presence, Seat, SeatView, SessionId};

use super::{
    clock::{duration, millis},
    keep::{Hold, KeptSeat},
    limits::Limits,
    people::Person,
};

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
    /// The link has ended, and the absence counts from then.
    Ended(Instant, DisconnectReason),
}

/// The seats of a room. `None` is a seat that nobody has taken yet; the host's is taken when the room opens.
#[derive(Debug)]
pub(super) struct Seats(PerSeat<Option<Player>>);

#[derive(Debug)]
pub(super) struct Player {
    /// The person as they took the seat; a later return may come from another origin.
    pub(super) person: Person,
    link: LinkState,
    /// The last round trip that the server measured.
    pub(super) rtt: Duration,
    /// The total of the absences in this match that are over.
    absent_before: Duration,
    /// The expiry of the player's request for a rematch.
    pub(super) rematch_until: Option<Instant>,
    /// The player has come back to continue an adjourned match.
    pub(super) wants_to_continue: bool,
    /// The player was absent when the match was adjourned, and has not been heard since.
    missed_adjournment: bool,
}

/// The state of a player's link, and the time since which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkState {
    Present(Instant),
    /// The link is up, but nothing has arrived.
    Silent(Instant),
    /// There is no link, or the player is elsewhere, and the seat is reserved. The time is the last sign of life.
    Away(Instant, DisconnectReason),
    /// The player has given up the seat for good.
    Left(Instant),
}

impl Seats {
    pub(super) const fn new(host: Player) -> Self {
        Self(PerSeat { host: Some(host), guest: None })
    }

    pub(super) fn take(&mut self, seat: Seat, player: Player) {
        self.0[seat] = Some(player);
    }

    /// Takes a player out of a seat for good.
    pub(super) fn vacate(&mut self, now: Instant, seat: Seat) {
        self.cancel_rematches();
        if let Some(player) = self.player_mut(seat) {
            player.link = LinkState::Left(now);
        }
    }

    /// Makes the guest's seat vacant again.
    pub(super) const fn vacate_guest(&mut self) {
        self.0.guest = None;
    }

    /// Lets all absences begin anew at `until`.
    pub(super) fn excuse(&mut self, until: Instant) {
        for player in [&mut self.0.host, &mut self.0.guest].into_iter().flatten() {
            player.excuse(until);
        }
    }

    /// Takes in news of a player's link; `true` if it changes the state of the link.
    pub(super) fn handle_link_news(&mut self, now: Instant, seat: Seat, news: LinkNews) -> bool {
        let other = self.player(seat.other()).map(|other| other.link);
        let Some(player) = self.player_mut(seat) else { return false };
        let is_change = player.handle_link_news(now, news, other);
        if player.is_away() {
            self.cancel_rematches();
        }
        is_change
    }

    /// Drops the requests for a rematch that have expired; `true` if there were any.
    pub(super) fn expire_rematches(&mut self, now: Instant) -> bool {
        let expired =
            Seat::BOTH.map(|seat| self.player_mut(seat)?.rematch_until.take_if(|until| *until <= now));
        expired.iter().any(Option::is_some)
    }

    /// The player who has a seat, whatever the state of the link.
    pub(super) fn player(&self, seat: Seat) -> Option<&Player> {
        self.0[seat].as_ref().filter(|player| !player.has_left())
    }

    pub(super) fn player_mut(&mut self, seat: Seat) -> Option<&mut Player> {
        self.0[seat].as_mut().filter(|player| !player.has_left())
    }

    pub(super) fn players(&self) -> impl Iterator<Item = (Seat, &Player)> {
        Seat::BOTH.into_iter().filter_map(|seat| Some((seat, self.player(seat)?)))
    }

    /// The seat that belongs to a session.
    pub(super) fn of_session(&self, session: SessionId) -> Option<Seat> {
        self.players().find(|(_, player)| player.person.session == session).map(|(seat, _)| seat)
    }

    /// The name of the player who has a seat or had it last.
    pub(super) fn name(&self, seat: Seat) -> Option<Name> {
        self.person(seat).map(|person| person.name)
    }

    /// The player who has a seat or had it last.
    pub(super) fn person(&self, seat: Seat) -> Option<Person> {
        self.0[seat].as_ref().map(|player| player.person)
    }

    pub(super) fn are_both_present(&self) -> bool {
        self.players().filter(|(_, player)| player.is_present()).count() == 2
    }

    /// The time since which nobody has been in a seat; `None` before it is taken and while its player has a link.
    pub(super) fn empty_since(&self, seat: Seat) -> Option<Instant> {
        match self.0[seat].as_ref()?.link {
            LinkState::Away(since, _) | LinkState::Left(since) => Some(since),
            LinkState::Present(_) | LinkState::Silent(_) => None,
        }
    }

    pub(super) fn view(&self, now: Instant) -> PerSeat<SeatView> {
        let view = |seat: &Option<Player>| seat.as_ref().map_or(SeatView::Vacant, |player| player.view(now));
        PerSeat { host: view(&self.0.host), guest: view(&self.0.guest) }
    }

    fn cancel_rematches(&mut self) {
        for player in [&mut self.0.host, &mut self.0.guest].into_iter().flatten() {
            player.rematch_until = None;
        }
    }
}

impl Player {
    pub(super) const fn new(now: Instant, person: Person, rtt: Duration) -> Self {
        Self {
            person,
            link: LinkState::Present(now),
            rtt,
            absent_before: Duration::ZERO,
            rematch_until: None,
            wants_to_continue: false,
            missed_adjournment: false,
        }
    }

    /// A player as they were kept, who is away since `away_since` and comes from somewhere.
    pub(super) fn restore(kept: &KeptSeat, away_since: Instant) -> Self {
        let person = Person { session: kept.session, origin: None, name: kept.name };
        Self {
            link: LinkState::Away(away_since, DisconnectReason::Lost),
            absent_before: duration(kept.absent_millis),
            missed_adjournment: kept.missed_adjournment,
            ..Self::new(away_since, person, Duration::ZERO)
        }
    }

    /// The player to keep.
    pub(super) fn kept(&self, hold: Hold) -> KeptSeat {
        KeptSeat {
            name: self.person.name,
            session: self.person.session,
            hold,
            absent_millis: millis(self.absent_before),
            missed_adjournment: self.missed_adjournment,
        }
    }

    /// Prepares for a match that begins or continues: earlier absences do not count in it.
    pub(super) const fn begin_match(&mut self, now: Instant) {
        self.absent_before = Duration::ZERO;
        self.rematch_until = None;
        if let LinkState::Silent(since) | LinkState::Away(since, _) = &mut self.link {
            *since = now;
        }
    }

    /// Notes that the match was adjourned.
    pub(super) const fn adjourn(&mut self) {
        self.wants_to_continue = false;
        self.missed_adjournment = !self.is_present();
    }

    /// Lets an absence begin anew, at a time to come, since the server was not there to hear a return.
    const fn excuse(&mut self, until: Instant) {
        if let LinkState::Silent(since) | LinkState::Away(since, _) = &mut self.link {
            *since = until;
        }
    }

    fn handle_link_news(&mut self, now: Instant, news: LinkNews, other: Option<LinkState>) -> bool {
        let before = self.link;
        self.link = match (news, before) {
            (LinkNews::Heard, LinkState::Silent(since) | LinkState::Away(since, _)) => {
                self.absent_before += waited(now, since, other);
                LinkState::Present(now)
            }
            (LinkNews::SilentSince(since), LinkState::Present(_)) => LinkState::Silent(since),
            (LinkNews::Ended(since, reason), LinkState::Present(_))
            | (LinkNews::Ended(_, reason), LinkState::Silent(since)) => LinkState::Away(since, reason),
            // Either no change, or news of a link that has already ended.
            (LinkNews::Heard, LinkState::Present(_))
            | (LinkNews::SilentSince(_), LinkState::Silent(_))
            | (LinkNews::SilentSince(_) | LinkNews::Ended(..), LinkState::Away(..))
            | (_, LinkState::Left(_)) => before,
        };
        self.wants_to_continue &= !self.is_away();
        self.missed_adjournment &= news != LinkNews::Heard;
        self.link != before
    }

    /// Tells whether the return of the player alone continues an adjourned match, since they did not agree to it.
    pub(super) const fn is_awaited(&self) -> bool {
        self.is_away() && self.missed_adjournment
    }

    pub(super) const fn away_since(&self) -> Option<Instant> {
        match self.link {
            LinkState::Away(since, _) => Some(since),
            LinkState::Present(_) | LinkState::Silent(_) | LinkState::Left(_) => None,
        }
    }

    pub(super) const fn is_away(&self) -> bool {
        matches!(self.link, LinkState::Away(..))
    }

    pub(super) const fn is_present(&self) -> bool {
        matches!(self.link, LinkState::Present(_))
    }

    const fn has_left(&self) -> bool {
        matches!(self.link, LinkState::Left(_))
    }

    /// The end of the grace period of a player who is away.
    pub(super) fn kept_until(&self, limits: &Limits) -> Option<Instant> {
        match self.link {
            LinkState::Away(since, reason) => Some(since + grace(reason, limits)),
            LinkState::Present(_) | LinkState::Silent(_) | LinkState::Left(_) => None,
        }
    }

    /// The time from which `other` may claim against this player; `None` unless this one is absent and `other` present.
    ///
    /// It counts from the beginning of the absence or from the return of `other`, whichever is later: after an absence of
    /// one's own, the other player still has the whole time to return.
    pub(super) fn claimable_at(&self, other: &Self, limits: &Limits) -> Option<Instant> {
        let (absent_since, grace) = match self.link {
            LinkState::Silent(since) => (since, limits.grace),
            LinkState::Away(since, reason) => (since, grace(reason, limits)),
            LinkState::Present(_) | LinkState::Left(_) => return None,
        };
        let LinkState::Present(waiting_since) = other.link else { return None };
        let patience = limits.absence_per_match.saturating_sub(self.absent_before).min(grace);
        Some(absent_since.max(waiting_since) + patience)
    }

    fn view(&self, now: Instant) -> SeatView {
        let time = |since| millis(now.saturating_duration_since(since));
        let presence = match self.link {
            LinkState::Present(_) => Presence::Present,
            LinkState::Silent(since) => Presence::Silent { millis: time(since) },
            LinkState::Away(since, reason) => {
                Presence::Away { millis: time(since), is_on_purpose: reason == DisconnectReason::OnPurpose }
            }
            LinkState::Left(_) => return SeatView::Gone { name: self.person.name },
        };
        let rematch_millis = self.rematch_until.map(|until| millis(until.saturating_duration_since(now)));
        SeatView::Taken(Occupant { name: self.person.name, presence, rematch_millis })
    }
}

/// The part of an absence since `since` during which the other player was present.
fn waited(now: Instant, since: Instant, other: Option<LinkState>) -> Duration {
    match other {
        Some(LinkState::Present(there_since)) => now.saturating_duration_since(since.max(there_since)),
        Some(LinkState::Silent(gone_since) | LinkState::Away(gone_since, _)) => {
            gone_since.saturating_duration_since(since)
        }
        Some(LinkState::Left(_)) | None => Duration::ZERO,
    }
}

const fn grace(reason: DisconnectReason, limits: &Limits) -> Duration {
    match reason {
        DisconnectReason::OnPurpose => limits.grace_on_purpose,
        DisconnectReason::Lost => limits.grace,
    }
}
