//! A time in which nothing can be kept: since when, and what links have reported meanwhile.

use std::{collections::BTreeMap, time::Instant};

use super::input::{Input, LinkId};

/// A time in which nothing can be kept.
#[derive(Debug)]
pub(super) struct Trouble {
    /// The beginning of the transaction that failed.
    pub(super) since: Instant,
    /// The last news of each link, so that there are at most as many as links.
    news: BTreeMap<LinkId, Input>,
}

impl Trouble {
    pub(super) const fn new(since: Instant) -> Self {
        Self { since, news: BTreeMap::new() }
    }

    /// Keeps the silence or the end of a link for later.
    pub(super) fn defer(&mut self, input: Input) {
        if let Input::Silence { link, .. } | Input::Gone { link, .. } = &input {
            self.news.insert(*link, input);
        }
    }

    /// The rest, still to be handled.
    pub(super) fn into_inputs(self) -> impl Iterator<Item = Input> {
        self.news.into_values()
    }
}
