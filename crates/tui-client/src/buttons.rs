//! The buttons of a frame: the areas of the screen on which a click does something.
//!
//! A view notes each while it draws. A click is looked up in the frame that the player saw, not in one that has come since.

use std::time::{Duration, Instant};

use game_core::Cell;
use net::proto::RoomCode;
use ratatui::layout::{Position, Rect};

use crate::{config::MouseUse, keymap::Action};

/// The meaning of a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// It places a mark on a cell.
    Cell(Cell),
    /// It does what a key of the screen does.
    Act(Action),
    /// It chooses a row of a form, or changes the chosen one.
    Row(usize),
    /// It chooses a game of a list, or enters the chosen one.
    Game {
        /// The row.
        row: usize,
        /// The game's code, since other games may come and go.
        code: RoomCode,
    },
    /// It closes the layer over the screen.
    Close,
}

/// The buttons of a frame, each over those before it.
#[derive(Debug, Clone, Default)]
pub struct Buttons(Vec<Button>);

#[derive(Debug, Clone, Copy)]
struct Button {
    area: Rect,
    target: Target,
    /// The time of the first frame that has it.
    since: Instant,
}

/// The time that a button must have been seen. The second press of a double click is mostly faster, and is meant for the
/// screen before it; to see something new and to aim at it takes longer.
const SEEN_FOR: Duration = Duration::from_millis(250);

impl Buttons {
    /// Adds a button.
    pub(crate) fn note(&mut self, now: Instant, area: Rect, target: Target) {
        self.0.push(Button { area, target, since: now });
    }

    /// Removes those that the player does not want to click on.
    pub(crate) fn limit(&mut self, mouse: MouseUse) {
        match mouse {
            MouseUse::Off => self.0.clear(),
            MouseUse::Board => self.0.retain(|button| matches!(button.target, Target::Cell(_))),
            MouseUse::Everywhere => {}
        }
    }

    /// Removes all buttons, when something covers the screen.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Tells whether there is none, so that clicks are left to the terminal.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The meaning of a click at a position.
    pub fn at(&self, position: Position) -> Option<Target> {
        self.find(position).map(|button| button.target)
    }

    /// The meaning of a click at a position, unless the button has only just appeared there.
    pub(crate) fn seen_at(&self, now: Instant, position: Position) -> Option<Target> {
        let button = self.find(position)?;
        (now.saturating_duration_since(button.since) >= SEEN_FOR).then_some(button.target)
    }

    /// Takes over the times of the buttons that the frame before had in the same places.
    pub(crate) fn follow(&mut self, before: &Self) {
        for (index, button) in self.0.iter_mut().enumerate() {
            let is_it = |old: &&Button| (old.area, old.target) == (button.area, button.target);
            // Most frames have the same buttons in the same order.
            let old = before.0.get(index).filter(is_it).or_else(|| before.0.iter().find(is_it));
            button.since = old.map_or(button.since, |old| old.since);
        }
    }

    fn find(&self, position: Position) -> Option<&Button> {
        self.0.iter().rev().find(|button| button.area.contains(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_harness::start;

    const PLACE: Position = Position::new(3, 2);

    fn frame(now: Instant, targets: &[Target]) -> Buttons {
        let mut buttons = Buttons::default();
        for target in targets {
            buttons.note(now, Rect::new(2, 2, 4, 1), *target);
        }
        buttons
    }

    #[test]
    fn the_last_button_lies_on_top_and_nothing_lies_beside_it() {
        let buttons = frame(start(), &[Target::Row(1), Target::Close]);
        assert_eq!(buttons.at(PLACE), Some(Target::Close));
        assert_eq!(buttons.at(Position::new(6, 2)), None);
    }

    #[test]
    fn a_click_counts_once_its_button_has_been_seen() {
        let (begun, menu, quit) = (start(), Target::Act(Action::Back), Target::Act(Action::Quit));
        let first = frame(begun, &[menu]);
        assert_eq!(first.seen_at(begun + SEEN_FOR / 2, PLACE), None);
        let mut same = frame(begun + SEEN_FOR, &[Target::Row(7), menu]);
        same.follow(&first);
        assert_eq!(same.seen_at(begun + SEEN_FOR, PLACE), Some(menu));
        let changed = begun + 2 * SEEN_FOR;
        let mut other = frame(changed, &[quit]);
        other.follow(&same);
        assert_eq!(other.seen_at(changed, PLACE), None, "the click was meant for the menu");
        assert_eq!(other.seen_at(changed + SEEN_FOR, PLACE), Some(quit));
    }
}
