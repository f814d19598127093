//! Checks the shares of origins: who is refused, and who gives way.

use std::{collections::BTreeMap, time::Instant};

use net::proto::{CloseReason, Phase, RoomCode, Seat, SessionId};
use server::lobby::{DisconnectReason, Limits, Origin};

use super::{Call, Moment, Place, Witness, people::Person, room::Room};

/// The space for one more: an origin that gives way if everything is taken, or the reason why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Free,
    HeldBy(Origin),
    ShareHeld,
    AllHeld,
}

pub(super) fn space(
    holders: impl Iterator<Item = Origin>,
    origin: Origin,
    (held, limit): (usize, usize),
    limits: &Limits,
) -> Space {
    let mut counts: BTreeMap<Origin, usize> = BTreeMap::new();
    for holder in holders {
        *counts.entry(holder).or_default() += 1;
    }
    let own = counts.get(&origin).copied().unwrap_or_default();
    let share = limits.share(limit);
    if share < limit && own >= share {
        return Space::ShareHeld;
    }
    if held < limit {
        return Space::Free;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.filter(|(_, count)| *count > own + 1).map_or(Space::AllHeld, |(most, _)| Space::HeldBy(most))
}

impl Witness {
    /// The space for a new session.
    pub(super) fn space_for_session(&self, origin: Origin) -> Space {
        let holders = self.people.values().map(|person| person.origin);
        space(holders, origin, (self.people.len(), self.limits.sessions), &self.limits)
    }

    /// The session that has to give way to a new one.
    pub(super) fn victim(&self, origin: Origin) -> Option<SessionId> {
        let (of, most) = match self.space_for_session(origin) {
            Space::Free => return None,
            Space::HeldBy(most) => (Some(most), 3),
            Space::ShareHeld => (Some(origin), 0),
            Space::AllHeld => (None, 0),
        };
        let theirs = self.people.iter().filter(|(_, person)| of.is_none_or(|of| person.origin == of));
        let weakest = theirs.map(|(session, person)| (self.worth(person), person.active_at, *session)).min();
        weakest.filter(|(worth, ..)| *worth <= most).map(|(.., session)| session)
    }

    /// 3 for a match at stake, 2 for another place, 1 for a link, 0 for nothing.
    fn worth(&self, person: &Person) -> u8 {
        match person.place {
            Some(Place::Seat(code, _)) if self.rooms[&code].is_at_stake() => 3,
            _ if !person.adjourned.is_empty() || (person.place.is_none() && person.link.is_none()) => 3,
            _ if person.link.is_none() => 0,
            None => 1,
            Some(_) => 2,
        }
    }

    /// Checks that a new session is refused for a true reason.
    pub(super) fn check_refused(&mut self, reason: CloseReason, origin: Origin) {
        let expected = match self.space_for_session(origin) {
            Space::ShareHeld => CloseReason::AddressFull,
            Space::AllHeld => CloseReason::ServerFull,
            space => panic!("refused though there is space: {space:?}"),
        };
        assert_eq!(reason, expected);
        assert_eq!(self.victim(origin), None, "refused though somebody could give way");
        self.coverage.count(if reason == CloseReason::ServerFull {
            "hellos refused for being full"
        } else {
            "hellos refused to an address"
        });
    }

    /// Notes that a session has given way to a new one.
    pub(super) fn dismissed(&mut self, moment: Moment<'_>, session: SessionId) {
        assert!(matches!(moment.call, Call::Connect { .. }), "no new session needs the place of {session}");
        assert_eq!(self.victim.take(), Some(session), "another one had to give way");
        let person = self.people.get_mut(&session).expect("who gives way was here");
        person.link = None;
        match person.place {
            Some(Place::Seat(code, Seat::Host)) if !self.rooms[&code].is_at_stake() => self.end_room(code),
            Some(place @ Place::Seat(code, seat)) if self.rooms[&code].phase() == Phase::Playing => {
                if self.is_on_trial(place) {
                    self.leave(moment.now, session, place);
                } else {
                    let room = self.rooms.get_mut(&code).expect("somebody sits in it");
                    room.part(moment.now, seat, DisconnectReason::OnPurpose);
                }
            }
            Some(place) => self.leave(moment.now, session, place),
            None => {}
        }
        self.people.remove(&session);
        self.coverage.count("sessions that gave way");
    }

    /// The room that is closed for a new one of an origin, or the reason why there is none.
    pub(super) fn space_for_room(&self, origin: Origin) -> Result<Option<RoomCode>, Space> {
        let holders = self.rooms.values().map(|room| room.origin);
        let space = space(holders, origin, (self.rooms.len(), self.limits.rooms), &self.limits);
        if space == Space::Free {
            return Ok(None);
        }
        let is_near = |room: &Room| space != Space::ShareHeld || room.origin == origin;
        let unused = self.rooms.iter().filter(|(_, room)| is_near(room));
        let unused = unused.filter_map(|(code, room)| Some((room.unused_since()?, *code))).min();
        if let Some((_, code)) = unused {
            return Ok(Some(code));
        }
        let Space::HeldBy(most) = space else { return Err(space) };
        let theirs = self.rooms.iter().filter(|(_, room)| room.origin == most);
        Ok(theirs.min_by_key(|(_, room)| (room.stake(), room.number)).map(|(code, _)| *code))
    }

    /// The origin whose watcher gives way to another one.
    pub(super) fn space_to_watch(&self, origin: Origin, room: &Room) -> Space {
        let holders = room.watchers.iter().filter_map(|watcher| Some(self.people.get(watcher)?.origin));
        space(holders, origin, (room.watchers.len(), self.limits.watchers_per_room), &self.limits)
    }

    /// The room that is closed for one more adjourned match, or the reason why there is none.
    pub(super) fn space_to_adjourn(&self, room: &Room) -> Result<Option<RoomCode>, Space> {
        let adjourned: Vec<(&RoomCode, &Room)> =
            self.rooms.iter().filter(|(_, room)| room.phase() == Phase::Adjourned).collect();
        let mut found = Space::Free;
        for player in Seat::BOTH.into_iter().filter_map(|seat| room.seats[seat].player()) {
            let own = adjourned.iter().filter(|(_, room)| room.is_adjourned_of(player.session)).count();
            if own >= self.limits.adjourned_per_session {
                return Err(Space::AllHeld);
            }
            let holders = adjourned.iter().flat_map(|(_, room)| room.origins());
            found = space(holders, player.known_as.1, (adjourned.len(), self.limits.adjourned), &self.limits);
            if matches!(found, Space::ShareHeld | Space::AllHeld) {
                return Err(found);
            }
        }
        let Space::HeldBy(most) = found else { return Ok(None) };
        let theirs = adjourned.into_iter().filter(|(_, room)| room.origins().contains(&most));
        let longest =
            theirs.min_by_key(|(_, room)| (room.both_away_since().is_none(), room.since, room.number));
        Ok(longest.map(|(code, _)| *code))
    }
}

impl Room {
    /// A match in which both have moved, running or adjourned.
    pub(super) fn is_at_stake(&self) -> bool {
        self.stake() == 2
    }

    /// The loss if the room is closed: 2 for a match, 1 for one that is over or on trial.
    fn stake(&self) -> u8 {
        match self.phase() {
            Phase::Waiting => 0,
            Phase::Over(_) => 1,
            Phase::Playing if !self.is_proven => 1,
            Phase::Playing | Phase::Adjourned => 2,
        }
    }

    fn origins(&self) -> Vec<Origin> {
        let players = Seat::BOTH.into_iter().filter_map(|seat| self.seats[seat].player());
        let mut origins: Vec<Origin> = players.map(|player| player.known_as.1).collect();
        origins.dedup();
        origins
    }

    fn both_away_since(&self) -> Option<Instant> {
        Some(self.empty_since(Seat::Host)?.max(self.empty_since(Seat::Guest)?))
    }
}
