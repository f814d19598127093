//! Counts of the events of a simulation, checked against those that a run must reach.

use std::{collections::BTreeMap, fmt};

use net::proto::{CommandKind, Reject};

/// The count of each event.
#[derive(Debug, Clone, Default)]
pub(super) struct Coverage {
    counts: BTreeMap<&'static str, u64>,
    rejects: BTreeMap<(Reject, CommandKind), u64>,
}

impl Coverage {
    /// Counts one event.
    pub(super) fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// Counts several events.
    pub(super) fn add(&mut self, what: &'static str, more: u64) {
        *self.counts.entry(what).or_default() += more;
    }

    /// Counts a rejected command.
    pub(super) fn reject(&mut self, command: CommandKind, reject: Reject) {
        *self.rejects.entry((reject, command)).or_default() += 1;
    }

    /// Adds the counts of other seeds.
    pub(super) fn merge(&mut self, other: &Self) {
        for (what, count) in &other.counts {
            self.add(what, *count);
        }
        for (what, count) in &other.rejects {
            *self.rejects.entry(*what).or_default() += count;
        }
    }

    /// Fails if an event was never reached, so that a simulation in which nothing happens does not pass.
    pub(super) fn check_reached(&self, counts: &[&'static str], rejects: &[Reject]) {
        let missing = counts.iter().filter(|what| self.counts.get(*what).is_none_or(|count| *count == 0));
        let missing: Vec<&str> = missing.copied().collect();
        assert!(missing.is_empty(), "never reached: {missing:?}");
        let was_made = |reject: &Reject| self.rejects.keys().any(|(made, _)| made == reject);
        let missing: Vec<&Reject> = rejects.iter().filter(|reject| !was_made(reject)).collect();
        assert!(missing.is_empty(), "never rejected with: {missing:?}");
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in &self.counts {
            writeln!(formatter, "{count:>12}  {what}")?;
        }
        let mut kinds: BTreeMap<Reject, Vec<String>> = BTreeMap::new();
        for ((reject, command), count) in &self.rejects {
            kinds.entry(*reject).or_default().push(format!("{command:?} {count}"));
        }
        for (reject, commands) in kinds {
            writeln!(formatter, "{:>12}  rejected: {reject:?} ({})", "", commands.join(", "))?;
        }
        Ok(())
    }
}
