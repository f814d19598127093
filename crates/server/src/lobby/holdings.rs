//! Holdings: how much of something limited each origin has, and who gives way when all of it is taken.

use std::collections::BTreeMap;

use super::{limits::Limits, origin::Origin};

/// The number of sessions, rooms or places that each origin holds.
#[derive(Debug, Default)]
pub(super) struct Holdings(BTreeMap<Origin, usize>);

/// Space for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Free,
    /// One that this origin holds has to go first.
    HeldBy(Origin),
}

/// The reason why there is no space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoSpace {
    /// The origin holds its share.
    ShareHeld,
    /// Everything is taken, and nobody holds much more than this origin.
    AllHeld,
}

impl Holdings {
    /// Adds what an origin holds. Nobody knows yet who holds what has no origin.
    pub(super) fn add(&mut self, origin: Option<Origin>) {
        if let Some(origin) = origin {
            *self.0.entry(origin).or_default() += 1;
        }
    }

    pub(super) fn remove(&mut self, origin: Option<Origin>) {
        if let Some(origin) = origin
            && let Some(count) = self.0.get_mut(&origin)
        {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&origin);
            }
        }
    }

    /// Finds space for one more of an origin, when `held` of at most `limit` are held in all. An origin that has a share gets
    /// no more; when all is held, the one that holds most gives way to one that will still hold less.
    pub(super) fn space_for(
        &self,
        origin: Option<Origin>,
        (held, limit): (usize, usize),
        limits: &Limits,
    ) -> Result<Space, NoSpace> {
        let own = origin.and_then(|origin| self.0.get(&origin)).copied().unwrap_or_default();
        let share = limits.share(limit);
        if own >= share && share < limit {
            return Err(NoSpace::ShareHeld);
        }
        if held < limit {
            return Ok(Space::Free);
        }
        let most = self.0.iter().max_by_key(|(_, count)| **count).filter(|(_, count)| **count > own + 1);
        most.map(|(most, _)| Space::HeldBy(*most)).ok_or(NoSpace::AllHeld)
    }
}

impl FromIterator<Origin> for Holdings {
    fn from_iter<I: IntoIterator<Item = Origin>>(origins: I) -> Self {
        let mut holdings = Self::default();
        origins.into_iter().for_each(|origin| holdings.add(Some(origin)));
        holdings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_most_gives_way_to_who_will_hold_less() {
        let holdings: Holdings = [1, 1, 1, 2, 2, 3].map(Origin).into_iter().collect();
        let space = |origin, limit, percent_per_origin| {
            let limits = Limits { percent_per_origin, ..Limits::default() };
            holdings.space_for(Some(Origin(origin)), (6, limit), &limits)
        };
        assert_eq!(space(1, 12, 25), Err(NoSpace::ShareHeld));
        assert_eq!(space(2, 12, 25), Ok(Space::Free));
        assert_eq!(space(4, 6, 100), Ok(Space::HeldBy(Origin(1))));
        assert_eq!(space(3, 6, 100), Ok(Space::HeldBy(Origin(1))));
        // One more would make the second hold as many as the first had.
        assert_eq!(space(2, 6, 100), Err(NoSpace::AllHeld));
        assert_eq!(space(1, 6, 100), Err(NoSpace::AllHeld));
    }
}
