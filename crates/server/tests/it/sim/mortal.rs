//! Deaths of the server, the store that outlives it, and an account of what people were told.
//!
//! The store forgets what was not committed. The server hands it a batch at a time and holds back what is to be told until
//! the commit has returned; it may die in the middle of a batch, between commit and telling, in the middle of telling, and at
//! any other moment. After each death, whatever anybody was told has to be in the store.

mod account;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use net::{
    arq::Cid,
    heartbeat::Pace,
    proto::{RoomCode, SECRET_BYTES, SessionId, Snapshot, Token},
};
use server::lobby::{Admission, FinishedMatch, Keep, KeptRoom};

use self::account::Account;
use super::{coverage::Coverage, dice::Dice};

/// The order in which a server commits a batch and tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As it has to be.
    CommitFirst,
    /// Wrong, to show that the simulation notices.
    TellFirst,
}

/// The moment of a death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doom {
    Anywhere,
    /// Some inputs were handled, and their batch is not committed.
    MidBatch,
    BeforeTelling,
    MidTelling,
}

/// One thing that a batch holds, in the order of the lobby's effects.
#[derive(Debug)]
pub(super) enum Item {
    Keep(Keep),
    Out(Out),
}

/// A message for one link.
#[derive(Debug)]
pub(super) struct Out {
    pub(super) cid: Cid,
    pub(super) payload: Bytes,
    /// The number of the room that it shows.
    pub(super) room: u64,
    pub(super) pace: Option<Pace>,
    pub(super) kind: OutKind,
}

#[derive(Debug)]
pub(super) enum OutKind {
    Welcome,
    Plain,
    Shown(Arc<Snapshot>),
    /// The link is closed.
    Dismissal,
}

/// A store in memory.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) rooms: BTreeMap<RoomCode, Arc<KeptRoom>>,
    pub(super) matches: Vec<FinishedMatch>,
}

/// The part of a server that outlives it, and the batches that do not.
pub(super) struct Mortal {
    pub(super) order: Order,
    pub(super) dice: Dice,
    pub(super) store: Store,
    batch: Vec<Item>,
    /// The batch that the store has been given, and the time at which its commit returns.
    committing: Option<(Instant, Vec<Item>)>,
    dooms: VecDeque<(Instant, Doom)>,
    account: Account,
    /// The secrets of each session since it was opened. A number that was not kept is given again, and an old token is not its.
    secrets: BTreeMap<SessionId, Vec<[u8; SECRET_BYTES]>>,
    /// The sessions that have not returned since the last death, and the rooms that were restored after it.
    sleepers: BTreeSet<SessionId>,
    restored: BTreeSet<RoomCode>,
}

impl Mortal {
    /// A store for a server that dies up to three times within `length`.
    pub(super) fn new(start: Instant, length: Duration, order: Order, mut dice: Dice) -> Self {
        let millis = u64::try_from(length.as_millis()).unwrap();
        let mut dooms: Vec<(Instant, Doom)> = (0..dice.between(1, 3))
            .map(|_| {
                let at = start + Duration::from_millis(dice.between(millis / 8, millis));
                let kinds = [Doom::Anywhere, Doom::MidBatch, Doom::BeforeTelling, Doom::MidTelling];
                (at, *dice.pick(&kinds))
            })
            .collect();
        dooms.sort_unstable_by_key(|(at, _)| *at);
        Self {
            order,
            dice,
            store: Store::default(),
            batch: Vec::new(),
            committing: None,
            dooms: dooms.into(),
            account: Account::default(),
            secrets: BTreeMap::new(),
            sleepers: BTreeSet::new(),
            restored: BTreeSet::new(),
        }
    }

    /// Takes an item into the batch. Returns it if it is to be told at once.
    pub(super) fn take(&mut self, item: Item, coverage: &mut Coverage) -> Option<Out> {
        match (self.order, item) {
            (Order::TellFirst, Item::Out(out)) => {
                self.account.tell(&out, &self.store, self.order);
                Some(out)
            }
            (Order::TellFirst | Order::CommitFirst, item) => {
                coverage.add("things to keep", u64::from(matches!(item, Item::Keep(_))));
                self.batch.push(item);
                None
            }
        }
    }

    /// Commits what is due, and returns what may be told now, and `true` if the server dies after that.
    pub(super) fn work(&mut self, now: Instant, coverage: &mut Coverage) -> (Vec<Out>, bool) {
        let mut outs = Vec::new();
        loop {
            if let Some((_, items)) = self.committing.take_if(|(at, _)| *at <= now) {
                if self.commit(now, items, &mut outs, coverage) {
                    return (outs, true);
                }
            } else if self.committing.is_none() && !self.batch.is_empty() {
                if self.batch.iter().any(keeps_room) && self.strikes(now, Doom::MidBatch) {
                    coverage.count("deaths in the middle of a batch");
                    return (outs, true);
                }
                let fsync = match self.order {
                    Order::CommitFirst if self.dice.percent(50) => Duration::ZERO,
                    Order::CommitFirst => Duration::from_millis(self.dice.between(1, 30)),
                    Order::TellFirst => Duration::from_millis(self.dice.between(20, 200)),
                };
                self.committing = Some((now + fsync, std::mem::take(&mut self.batch)));
            } else {
                break;
            }
            if self.committing.as_ref().is_some_and(|(at, _)| *at > now) {
                break;
            }
        }
        self.check_no_loss();
        let dies = self.strikes(now, Doom::Anywhere);
        coverage.add("deaths anywhere", dies.into());
        (outs, dies)
    }

    /// Commits a batch, and lets go of what it holds back; `true` if the server dies meanwhile.
    fn commit(
        &mut self,
        now: Instant,
        items: Vec<Item>,
        outs: &mut Vec<Out>,
        coverage: &mut Coverage,
    ) -> bool {
        coverage.count("commits");
        for item in &items {
            let Item::Keep(keep) = item else { continue };
            if let Keep::Finished(finished) = keep {
                coverage.count("matches kept for good");
                coverage.add("matches finished after a death", self.restored.contains(&finished.code).into());
            }
            self.store.apply(keep);
        }
        let has_room = items.iter().any(keeps_room);
        if has_room && self.strikes(now, Doom::BeforeTelling) {
            coverage.count("deaths between commit and telling");
            self.account.forget_untold(&items);
            return true;
        }
        let mut items = VecDeque::from(items);
        while let Some(item) = items.pop_front() {
            match item {
                Item::Keep(Keep::Room(room)) => self.account.keep(&room),
                Item::Keep(Keep::Gone(code)) => {
                    self.restored.remove(&code);
                    self.account.end(code);
                }
                Item::Keep(Keep::Finished(_)) => {}
                Item::Out(out) => {
                    self.account.tell(&out, &self.store, self.order);
                    outs.push(out);
                    let is_more = items.iter().any(|item| matches!(item, Item::Out(_)));
                    if has_room && is_more && self.strikes(now, Doom::MidTelling) {
                        coverage.count("deaths in the middle of telling");
                        self.account.forget_untold(items.make_contiguous());
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Loses everything but the store, and compares that with what was told.
    pub(super) fn die(&mut self, coverage: &mut Coverage) {
        coverage.count("deaths");
        self.batch.clear();
        self.committing = None;
        self.account.compare(&self.store);
        self.check_no_loss();
        coverage.add("rooms that outlived a server", u64::try_from(self.store.rooms.len()).unwrap());
        self.restored = self.store.rooms.keys().copied().collect();
        self.sleepers = self.sessions().collect();
    }

    /// The sessions of the kept rooms.
    fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.store.rooms.values().flat_map(|room| [room.seats.host.session, room.seats.guest.session])
    }

    /// Tells whether a token is one of a session that is kept.
    pub(super) fn knows(&self, token: &Token) -> bool {
        self.sessions().any(|session| session == token.session)
            && self.secrets.get(&token.session).is_some_and(|given| given.contains(&token.secret))
    }

    /// Notes that a session was opened or has returned.
    pub(super) fn admit(&mut self, admission: &Admission, coverage: &mut Coverage) {
        let Admission { token, is_return, .. } = *admission;
        let given = self.secrets.entry(token.session).or_default();
        if !is_return {
            given.clear();
        }
        given.push(token.secret);
        coverage.add("returns by token after a death", self.sleepers.remove(&token.session).into());
    }

    pub(super) fn note_loss(&mut self, loss: String) {
        self.account.losses.push(loss);
        self.check_no_loss();
    }

    pub(super) const fn has_lost(&self) -> bool {
        !self.account.losses.is_empty()
    }

    /// Nothing waits for a commit.
    pub(super) const fn is_idle(&self) -> bool {
        self.batch.is_empty() && self.committing.is_none()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let doom = self.dooms.front().filter(|(_, doom)| *doom == Doom::Anywhere).map(|(at, _)| *at);
        let commit = self.committing.as_ref().map(|(at, _)| *at);
        doom.into_iter().chain(commit).min()
    }

    /// Whoever is told first and keeps later may lose; that is counted. Nobody else may.
    fn check_no_loss(&self) {
        let losses = &self.account.losses;
        assert!(self.order == Order::TellFirst || losses.is_empty(), "lost: {losses:#?}");
    }

    /// Tells whether this is the moment of the next death.
    fn strikes(&mut self, now: Instant, moment: Doom) -> bool {
        self.dooms.pop_front_if(|(at, doom)| *at <= now && *doom == moment).is_some()
    }
}

impl Store {
    fn apply(&mut self, keep: &Keep) {
        match keep {
            Keep::Room(room) => {
                self.rooms.insert(room.code, Arc::clone(room));
            }
            Keep::Gone(code) => {
                self.rooms.remove(code).expect("only a kept room goes");
            }
            Keep::Finished(finished) => {
                let is_same = |other: &FinishedMatch| other == &**finished;
                assert!(!self.matches.iter().any(is_same), "a match is kept twice: {finished:?}");
                self.matches.push(FinishedMatch::clone(finished));
            }
        }
    }
}

const fn keeps_room(item: &Item) -> bool {
    matches!(item, Item::Keep(Keep::Room(_)))
}
