//! Compares rooms with what is kept of them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use net::proto::RoomCode;

use super::{
    keep::{Hold, Keep, KeptRoom},
    rooms::Rooms,
    session::{Place, Sessions},
};

/// Makes the changes of the durable state out of those of rooms and sessions.
///
/// Rooms and sessions note themselves whatever may have changed, and the keeper looks before an effect is handed out. So nobody
/// can forget it, and a change that is none costs nothing in the store.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    /// The rooms as they are kept.
    kept: BTreeMap<RoomCode, Arc<KeptRoom>>,
    waiting: VecDeque<Keep>,
    /// There is no store, so nothing is compared or made.
    is_off: bool,
}

impl Keeper {
    /// Takes in what was kept by an earlier server.
    pub(super) fn take_in(&mut self, room: KeptRoom) {
        self.kept.insert(room.code, Arc::new(room));
    }

    /// Makes no changes from now on.
    pub(super) const fn turn_off(&mut self) {
        self.is_off = true;
    }

    /// Takes in what has changed since the last look.
    pub(super) fn handle_changes(&mut self, rooms: &mut Rooms, sessions: &mut Sessions) {
        if self.is_off {
            rooms.forget_touched();
            sessions.take_touched();
            return;
        }
        let finished = rooms.take_finished().into_iter();
        self.waiting.extend(finished.map(|finished| Keep::Finished(Box::new(finished))));
        let touched = sessions.take_touched();
        if !touched.is_empty() {
            rooms.touch_rooms_of(&touched);
        }
        while let Some(code) = rooms.take_touched() {
            let hold = |session, seat| {
                let seat = Place::Seat { code, seat };
                sessions.get(session).map_or(Hold::Dismissed, |session| session.hold(seat))
            };
            match rooms.get(code).and_then(|room| room.kept(hold)) {
                Some(room) if self.kept.get(&code).is_some_and(|kept| **kept == room) => {}
                Some(room) => {
                    let room = Arc::new(room);
                    self.waiting.push_back(Keep::Room(Arc::clone(&room)));
                    self.kept.insert(code, room);
                }
                None if self.kept.remove(&code).is_some() => self.waiting.push_back(Keep::Gone(code)),
                None => {}
            }
        }
    }

    pub(super) fn poll_keep(&mut self) -> Option<Keep> {
        self.waiting.pop_front()
    }
}
