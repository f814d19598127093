//! The links of a server by source: who gives way when there are too many without a session.
//!
//! Sessions are counted by the lobby. A link without one has proven nothing: it is a handshake, a stranger, or a link that
//! delivers its last messages. Such links have places of their own, so they never take those of sessions.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use net::addr::Source;
use tokio::task::AbortHandle;

use super::input::LinkId;

/// The places of all links, shared by the tasks. Locked for the moment of one change.
#[derive(Debug)]
pub(super) struct Crowd(Mutex<Places<AbortHandle>>);

/// The maxima of a [`Crowd`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Maxima {
    /// Links without a session.
    pub(super) unproven: usize,
    /// Links without a session from one source, at least 1.
    pub(super) unproven_per_source: usize,
    /// Links that speak the line protocol from one source.
    pub(super) texts_per_source: usize,
}

/// The place of one link, which ends when it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    crowd: &'a Crowd,
    link: LinkId,
}

impl Crowd {
    pub(super) const fn new(maxima: Maxima) -> Self {
        Self(Mutex::new(Places::new(maxima)))
    }

    /// Gives a new link a place, and starts its task. If there is none left, another link is cut off for it.
    pub(super) fn enter(&self, link: LinkId, source: Source, start: impl FnOnce() -> AbortHandle) {
        let mut places = self.lock();
        // The task does not find its place before the lock is free.
        if let Some(gives_way) = places.enter(link, source, start()) {
            gives_way.abort();
        }
    }

    /// Cuts off the link that gives way first, `false` if every link has a session.
    pub(super) fn thin_out(&self) -> bool {
        let gives_way = self.lock().give_way();
        gives_way.inspect(AbortHandle::abort).is_some()
    }

    /// The place of a link, for its task to keep.
    pub(super) const fn place(&self, link: LinkId) -> Place<'_> {
        Place { crowd: self, link }
    }

    /// Takes in that a link has a session, or has it no longer.
    pub(super) fn set_proven(&self, link: LinkId, is_proven: bool) {
        self.lock().set_proven(link, is_proven);
    }

    /// The number of all links, and of those without a session.
    pub(super) fn counts(&self) -> (usize, usize) {
        let places = self.lock();
        (places.links.len(), places.unproven())
    }

    fn lock(&self) -> MutexGuard<'_, Places<AbortHandle>> {
        // No holder of the lock leaves it half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// Counts the link as one of the line protocol; `false` if its source has as many as it may.
    pub(super) fn begin_text(&self) -> bool {
        self.crowd.lock().begin_text(self.link)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.crowd.lock().leave(self.link);
    }
}

/// The places of all links. `T` is what ends a link.
#[derive(Debug)]
struct Places<T> {
    maxima: Maxima,
    links: BTreeMap<LinkId, Known<T>>,
    /// The links without a session. Each set begins with the oldest link.
    unproven: BTreeMap<Source, BTreeSet<LinkId>>,
    texts: BTreeMap<Source, usize>,
}

#[derive(Debug)]
struct Known<T> {
    source: Source,
    end: T,
    is_text: bool,
}

impl<T> Places<T> {
    const fn new(maxima: Maxima) -> Self {
        Self { maxima, links: BTreeMap::new(), unproven: BTreeMap::new(), texts: BTreeMap::new() }
    }

    /// Gives a new link a place, and returns the end of the link that has to give way for it.
    fn enter(&mut self, link: LinkId, source: Source, end: T) -> Option<T> {
        self.links.insert(link, Known { source, end, is_text: false });
        self.set_proven(link, false);
        let own = self.unproven.get(&source).map_or(0, BTreeSet::len);
        if own > self.maxima.unproven_per_source {
            // The oldest: a player says hello within milliseconds, and a link that says nothing has nothing to lose.
            let oldest = self.unproven.get(&source).and_then(BTreeSet::first).copied();
            oldest.and_then(|oldest| self.leave(oldest))
        } else if self.unproven() > self.maxima.unproven {
            self.give_way()
        } else {
            None
        }
    }

    fn unproven(&self) -> usize {
        self.unproven.values().map(BTreeSet::len).sum()
    }

    /// Takes the oldest link of the source that has the most without a session.
    fn give_way(&mut self) -> Option<T> {
        let by_weight = |links: &&BTreeSet<LinkId>| (links.len(), Reverse(links.first().copied()));
        let heaviest = self.unproven.values().max_by_key(by_weight)?;
        let oldest = *heaviest.first()?;
        self.leave(oldest)
    }

    fn set_proven(&mut self, link: LinkId, is_proven: bool) {
        let Some(known) = self.links.get(&link) else { return };
        let source = known.source;
        if !is_proven {
            self.unproven.entry(source).or_default().insert(link);
        } else if let Some(own) = self.unproven.get_mut(&source) {
            own.remove(&link);
            if own.is_empty() {
                self.unproven.remove(&source);
            }
        }
    }

    fn begin_text(&mut self, link: LinkId) -> bool {
        let Some(known) = self.links.get_mut(&link) else { return false };
        let count = self.texts.entry(known.source).or_default();
        if *count >= self.maxima.texts_per_source {
            return false;
        }
        *count += 1;
        known.is_text = true;
        true
    }

    /// Takes away the place of a link that ends.
    fn leave(&mut self, link: LinkId) -> Option<T> {
        self.set_proven(link, true);
        let Known { source, end, is_text } = self.links.remove(&link)?;
        if is_text && let Some(count) = self.texts.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                self.texts.remove(&source);
            }
        }
        Some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: u8) -> Source {
        Source::of(([10, 0, 0, number], 1).into())
    }

    /// Places for 6 links without a session, 3 of one source, 2 texts. A link ends with its own number.
    fn places() -> Places<u64> {
        Places::new(Maxima { unproven: 6, unproven_per_source: 3, texts_per_source: 2 })
    }

    /// Enters links, each from a source, and returns those that gave way.
    fn enter(places: &mut Places<u64>, links: impl IntoIterator<Item = (u64, u8)>) -> Vec<u64> {
        let entered = links.into_iter();
        entered.filter_map(|(link, from)| places.enter(LinkId(link), source(from), link)).collect()
    }

    #[test]
    fn a_source_with_its_share_gives_way_for_itself() {
        let mut places = places();
        assert_eq!(enter(&mut places, (1..=5).map(|link| (link, 1))), [1, 2]);
        assert_eq!(enter(&mut places, [(6, 2)]), Vec::<u64>::new());
    }

    #[test]
    fn when_all_is_full_the_oldest_of_the_source_with_the_most_gives_way() {
        let mut places = places();
        assert_eq!(enter(&mut places, [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 3)]), Vec::<u64>::new());
        assert_eq!(enter(&mut places, [(7, 4)]), [4]);
        // Sources 2 and 3 have two each now, and that of 2 is older.
        assert_eq!(enter(&mut places, [(8, 5)]), [2]);
        assert_eq!(enter(&mut places, [(9, 6)]), [5]);
        // Each has one.
        assert_eq!(enter(&mut places, [(10, 7)]), [1]);
    }

    #[test]
    fn a_link_with_a_session_gives_way_to_nobody_until_it_has_none() {
        let mut places = places();
        assert_eq!(enter(&mut places, [(1, 1), (2, 1), (3, 1)]), Vec::<u64>::new());
        places.set_proven(LinkId(1), true);
        places.set_proven(LinkId(1), true);
        assert_eq!(enter(&mut places, [(4, 1), (5, 1)]), [2]);
        places.set_proven(LinkId(1), false);
        assert_eq!(enter(&mut places, [(6, 1)]), [1]);
        for link in 3..=6 {
            places.set_proven(LinkId(link), true);
        }
        assert_eq!(places.give_way(), None);
    }

    #[test]
    fn texts_are_counted_by_source_and_forgotten_at_their_end() {
        let mut places = places();
        enter(&mut places, [(1, 1), (2, 1), (3, 1), (4, 2)]);
        let texts: Vec<bool> = (1..=4).map(|link| places.begin_text(LinkId(link))).collect();
        assert_eq!(texts, [true, true, false, true]);
        places.leave(LinkId(1));
        assert!(places.begin_text(LinkId(3)));
        assert!(!places.begin_text(LinkId(9)), "it has given way");
        for link in 1..=4 {
            places.leave(LinkId(link));
        }
        assert!(places.links.is_empty() && places.unproven.is_empty() && places.texts.is_empty());
    }
}
