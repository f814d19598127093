//! An account of what people were told, to compare with the store after a death.

use std::{collections::BTreeMap, sync::Arc};

use net::proto::{Phase, RoomCode, Seat, Snapshot, Visibility};
use server::lobby::{Keep, KeptAccess, KeptRoom};

use super::{Item, Order, Out, OutKind, Store};

/// The last snapshot of each room that has to be kept, and everything that was lost.
#[derive(Debug, Default)]
pub(super) struct Account {
    told: BTreeMap<RoomCode, Told>,
    /// The rooms of which nobody was told since they were restored.
    restored: BTreeMap<RoomCode, Arc<KeptRoom>>,
    pub(super) losses: Vec<String>,
}

#[derive(Debug)]
struct Told {
    snapshot: Arc<Snapshot>,
    /// Both have moved, or a match has ended.
    is_proven: bool,
    /// The store may be ahead: something of this room was committed and never told.
    is_behind: bool,
}

impl Account {
    /// Takes in that a message leaves the server.
    pub(super) fn tell(&mut self, out: &Out, store: &Store, order: Order) {
        let OutKind::Shown(snapshot) = &out.kind else { return };
        let code = snapshot.code;
        if let Some(kept) = self.restored.remove(&code)
            && !is_same(&kept, snapshot, true)
        {
            self.losses.push(format!("restored {kept:?} and told {snapshot:?}"));
        }
        if order == Order::CommitFirst && matches!(snapshot.phase, Phase::Over(_)) {
            let is_it = |finished: &&server::lobby::FinishedMatch| {
                finished.code == code
                    && finished.match_number == snapshot.match_number
                    && finished.record == snapshot.record
                    && Phase::Over(finished.ending) == snapshot.phase
            };
            if !store.matches.iter().any(|finished| is_it(&finished)) {
                self.losses.push(format!("a match ended and was not kept: {snapshot:?}"));
            }
        }
        let before = self.told.remove(&code);
        if let Some(Told { snapshot: before, .. }) = &before {
            let is_same = (before.match_number, before.branch) == (snapshot.match_number, snapshot.branch);
            let is_later = (before.match_number, before.branch) < (snapshot.match_number, snapshot.branch)
                || is_same && snapshot.record.moves().starts_with(before.record.moves());
            if !is_later {
                self.losses.push(format!("moves were undone: {before:?} and then {snapshot:?}"));
            }
        }
        let is_proven = before.is_some_and(|before| before.is_proven)
            || snapshot.record.moves().len() >= 2
            || matches!(snapshot.phase, Phase::Over(_));
        let is_due = match snapshot.phase {
            Phase::Waiting => false,
            Phase::Playing => is_proven,
            Phase::Adjourned => true,
            Phase::Over(_) => Seat::BOTH.into_iter().all(|seat| snapshot.seats[seat].occupant().is_some()),
        };
        if is_due {
            self.told.insert(code, Told { snapshot: Arc::clone(snapshot), is_proven, is_behind: false });
        }
    }

    /// Takes in that a room has ended.
    pub(super) fn end(&mut self, code: RoomCode) {
        self.told.remove(&code);
        self.restored.remove(&code);
    }

    /// Takes in that these items were committed, and will never be told.
    pub(super) fn forget_untold(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Keep(Keep::Gone(code)) => self.end(*code),
                Item::Keep(Keep::Room(room)) => self.keep(room),
                // One call may show a room twice, and was kept as it was at its end.
                Item::Out(Out { kind: OutKind::Shown(next), .. }) => {
                    if let Some(told) = self.told.get_mut(&next.code) {
                        told.is_behind |= told.snapshot != *next;
                    }
                }
                Item::Keep(Keep::Finished(_)) | Item::Out(_) => {}
            }
        }
    }

    /// Compares what was told with what is in the store.
    pub(super) fn compare(&mut self, store: &Store) {
        for (code, told) in std::mem::take(&mut self.told) {
            match store.rooms.get(&code) {
                None => self.losses.push(format!("a room is gone: {:?}", told.snapshot)),
                Some(kept) if told.is_behind => {
                    let progress = (kept.match_number, kept.branch, kept.record.moves().len());
                    let snapshot = &told.snapshot;
                    let before = (snapshot.match_number, snapshot.branch, snapshot.record.moves().len());
                    if progress < before {
                        self.losses.push(format!("told {snapshot:?}, kept {kept:?}"));
                    }
                }
                Some(kept) if is_same(kept, &told.snapshot, false) => {}
                Some(kept) => self.losses.push(format!("told {:?}, kept {kept:?}", told.snapshot)),
            }
            self.told.insert(code, told);
        }
        self.restored.clone_from(&store.rooms);
    }

    /// Takes in that a room is kept; the store may be ahead until somebody is shown it.
    pub(super) fn keep(&mut self, room: &KeptRoom) {
        if let Some(told) = self.told.get_mut(&room.code) {
            told.is_behind |= !is_same(room, &told.snapshot, false);
        }
    }
}

/// Compares a room that is kept with one that is shown. Its clocks stand if it has just been restored.
fn is_same(kept: &KeptRoom, shown: &Snapshot, is_restored: bool) -> bool {
    let is_name_same = |seat: Seat| shown.seats[seat].name() == Some(&kept.seats[seat].name);
    let visibility = match kept.access {
        KeptAccess::Public => Visibility::Public,
        KeptAccess::Hidden => Visibility::Hidden,
        KeptAccess::Locked(_) => Visibility::Locked,
    };
    let are_clocks_right = match (&kept.clocks, shown.clocks) {
        (None, None) => true,
        (Some(kept), Some(shown)) => Seat::BOTH.into_iter().all(|seat| {
            let (kept, left) = (kept.left_millis[seat], shown.left_millis[seat]);
            // A running clock goes back to where it started.
            if shown.running == Some(seat) { !is_restored && left <= kept } else { left == kept }
        }),
        (Some(_), None) | (None, Some(_)) => false,
    };
    (kept.match_number, kept.branch, kept.x, kept.phase, kept.score)
        == (shown.match_number, shown.branch, shown.x, shown.phase, shown.score)
        && kept.record == shown.record
        && kept.terms == shown.terms()
        && (kept.is_watchable, kept.is_chat_open, kept.watchers_may_chat)
            == (shown.is_watchable, shown.is_chat_open, shown.watchers_may_chat)
        && visibility == shown.visibility
        && Seat::BOTH.into_iter().all(is_name_same)
        && are_clocks_right
}
