//! Checks events other than snapshots: chat, lists of rooms, and lists of adjourned matches.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use net::proto::{
    AdjournedLine, Command, Event, Phase, ROOMS_PER_MESSAGE, RoomLine, RoomList, Seat, SessionId, Speaker,
    Visibility,
};

use super::{Moment, Place, Witness, room::Room};

/// The lists of rooms that were sent.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// The time at which each session was last sent a list.
    sent_at: BTreeMap<SessionId, Instant>,
    /// The number of the first room in the next part of the list.
    next: BTreeMap<SessionId, u16>,
}

impl Witness {
    /// Checks a chat message: those in the room receive it, and nobody else.
    pub(super) fn said(&mut self, moment: Moment<'_>, to: &[SessionId], event: &Event) {
        let Event::Said { speaker, name, message } = event else { return };
        let super::Call::Handle { session, command, .. } = moment.call else {
            panic!("a chat line that no command has sent")
        };
        assert_eq!(
            *command,
            Command::Say { message: message.clone() },
            "the text of a chat line has changed"
        );
        let person = self.people.get_mut(session).expect("the speaker has a session");
        assert_eq!(*name, person.name, "a chat line under another name");
        let (code, expected, by_player) = match person.place {
            Some(Place::Seat(code, seat)) => (code, Speaker::Player(seat), true),
            Some(Place::Watching(code)) => (code, Speaker::Watcher, false),
            None => panic!("{session} speaks without a place"),
        };
        assert_eq!(*speaker, expected);
        let Self { limits, coverage, rooms, .. } = self;
        let room = rooms.get_mut(&code).expect("the room of the speaker exists");
        let last = room.last.as_ref().expect("it was shown");
        assert!(!by_player || last.is_chat_open, "a player speaks while the chat is closed");
        let players = Seat::BOTH.into_iter().filter(|&seat| !room.seats[seat].is_away_or_gone());
        let players =
            players.filter_map(|seat| room.session(seat)).filter(|_| by_player || last.watchers_may_chat);
        let hear: BTreeSet<SessionId> = players.chain(room.watchers.iter().copied()).collect();
        assert_eq!(to.iter().copied().collect::<BTreeSet<_>>(), hear, "the recipients of a chat line");
        coverage.count(if by_player { "lines of players" } else { "lines of watchers" });
        let burst = usize::try_from(limits.room_chat_burst).unwrap();
        if let Some(index) = room.said_at.len().checked_sub(burst) {
            let quick = moment.now - room.said_at[index];
            assert!(quick >= limits.room_chat_every, "a room passes on too much: {burst} more in {quick:?}");
        }
        room.said_at.push(moment.now);
        let burst = usize::try_from(limits.chat_burst).unwrap();
        if let Some(index) = person.said_at.len().checked_sub(burst) {
            let quick = moment.now - person.said_at[index];
            assert!(quick >= limits.chat_every, "a session speaks too often: {burst} more in {quick:?}");
        }
        person.said_at.push(moment.now);
    }

    /// Checks a part of the list of rooms.
    pub(super) fn listed(&mut self, moment: Moment<'_>, to: &[SessionId], list: &RoomList) {
        let RoomList { first, total, rooms } = list;
        let count = u16::try_from(rooms.len()).unwrap();
        assert!(rooms.len() <= ROOMS_PER_MESSAGE && first + count <= *total, "{list:?}");
        assert!(usize::from(*total) <= self.limits.rooms_listed, "more rooms on the list than the limit");
        for line in rooms {
            let room = self.rooms.get(&line.code).expect("a room on the list exists");
            check_line(room, line);
        }
        for session in to {
            let person = &self.people[session];
            assert!(
                person.is_browsing && person.place.is_none(),
                "{session} is sent the list and does not browse"
            );
            let listable = self.rooms.values().filter(|room| is_listable(room));
            let wanted = listable.filter(|room| {
                person
                    .wanted
                    .is_none_or(|rules| room.last.as_ref().is_some_and(|it| it.record.rules() == rules))
            });
            let expected = wanted.count().min(self.limits.rooms_listed);
            assert_eq!(usize::from(*total), expected, "the list is whole");
            let next = self.lists.next.insert(*session, first + count);
            assert!(*first == 0 || next == Some(*first), "a part of the list is missing");
            if *first == 0 {
                let before = self.lists.sent_at.insert(*session, moment.now);
                let since = before.map_or(Duration::MAX, |before| moment.now - before);
                assert!(since >= self.limits.list_every, "{session} is shown the list again after {since:?}");
            }
        }
        self.coverage.add("parts of lists", u64::try_from(to.len()).unwrap());
    }

    /// Checks a list of adjourned matches.
    pub(super) fn adjourned(&mut self, session: SessionId, lines: &[AdjournedLine]) {
        let person = self.people.get_mut(&session).expect("the recipient has a session");
        assert_ne!(person.adjourned, lines, "the same list of adjourned matches is sent twice");
        person.adjourned = lines.to_vec();
        self.coverage.count("lists of adjourned matches");
    }

    /// Checks after each call that every session with a link knows its adjourned matches.
    pub(super) fn check_adjourned_lists(&self) {
        let rooms: Vec<_> = self.rooms.iter().filter(|(_, room)| room.phase() == Phase::Adjourned).collect();
        for (session, person) in self.people.iter().filter(|(_, person)| person.link.is_some()) {
            if rooms.is_empty() && person.adjourned.is_empty() {
                continue;
            }
            let own = rooms.iter().filter_map(|(code, room)| {
                let seat = Seat::BOTH.into_iter().find(|&seat| room.session(seat) == Some(*session))?.other();
                let last = room.last.as_ref()?;
                let opponent = *last.seats[seat].name()?;
                let ply = last.record.position().ply();
                Some(AdjournedLine {
                    code: **code,
                    opponent,
                    is_opponent_there: room.seats[seat].is_here()
                        && room.seats[seat].player().is_some_and(|it| it.wants_to_go_on),
                    ply,
                })
            });
            assert_eq!(
                person.adjourned,
                own.collect::<Vec<_>>(),
                "the adjourned matches that {session} was sent"
            );
            assert!(
                person.adjourned.len() <= self.limits.adjourned_per_session,
                "more adjourned matches than the limit"
            );
        }
    }
}

/// A room belongs on the list.
pub(super) fn is_listable(room: &Room) -> bool {
    let Some(last) = &room.last else { return false };
    let has_something = match last.phase {
        Phase::Waiting => !room.seats.host.is_away_or_gone(),
        Phase::Playing => true,
        Phase::Adjourned | Phase::Over(_) => false,
    };
    has_something && last.visibility != Visibility::Hidden
}

fn check_line(room: &Room, line: &RoomLine) {
    let last = room.last.as_ref().expect("a room on the list was shown to its owner");
    assert!(is_listable(room), "{} must not be on the list", line.code);
    let RoomLine { code: _, host, guest, terms, is_locked, is_watchable, watchers, seconds: _ } = line;
    assert_eq!((Some(host), guest.as_ref()), (last.seats.host.name(), last.seats.guest.name()));
    assert_eq!(*terms, last.terms());
    assert_eq!((*is_locked, *is_watchable), (last.visibility == Visibility::Locked, last.is_watchable));
    assert_eq!(usize::from(*watchers), room.watchers.len());
}
