//! Styles, the only place that names colours, and the characters of lines and boxes.

use game_core::Mark;
use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

/// Styles and characters. Nothing depends on colour: shape and words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// True if colours may be used.
    pub has_color: bool,
    /// True if only ASCII may be used.
    pub is_ascii: bool,
}

/// The role of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// Less important: rules, labels, free cells.
    Faint,
    /// Titles and the code of a room.
    Strong,
    /// The chosen entry.
    Chosen,
    /// A call to act: a turn, a result.
    Call,
    /// A warning.
    Warning,
    /// A mark.
    Mark(Mark),
    /// A mark of the winning line.
    Winning(Mark),
}

impl Theme {
    /// The style of a role. Hue and weight differ together. Only the sixteen colours are used, which every terminal maps
    /// to its own background; blue and yellow-red stay apart for the colour-blind.
    pub const fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let (color, modifier) = match role {
            Role::Plain => return plain,
            Role::Faint => return if self.has_color { plain.add_modifier(Modifier::DIM) } else { plain },
            Role::Strong => (None, Modifier::BOLD),
            Role::Chosen => (None, Modifier::REVERSED),
            Role::Call => (Some(Color::Green), Modifier::BOLD),
            Role::Warning => (Some(Color::Red), Modifier::BOLD),
            Role::Mark(Mark::X) => (Some(Color::Blue), Modifier::BOLD),
            Role::Mark(Mark::O) => (Some(Color::Magenta), Modifier::empty()),
            Role::Winning(Mark::X) => (Some(Color::Blue), Modifier::BOLD.union(Modifier::UNDERLINED)),
            Role::Winning(Mark::O) => (Some(Color::Magenta), Modifier::BOLD.union(Modifier::UNDERLINED)),
        };
        let plain = plain.add_modifier(modifier);
        match color {
            Some(color) if self.has_color => plain.fg(color),
            Some(_) | None => plain,
        }
    }

    /// The style of a mark, as it stands or in the winning line.
    pub const fn mark(self, mark: Mark, is_winning: bool) -> Style {
        self.style(if is_winning { Role::Winning(mark) } else { Role::Mark(mark) })
    }

    /// The character of a horizontal line.
    pub const fn horizontal(self) -> &'static str {
        if self.is_ascii { "-" } else { "─" }
    }

    /// The character of a vertical line.
    pub const fn vertical(self) -> &'static str {
        if self.is_ascii { "|" } else { "│" }
    }

    /// The character of a crossing.
    pub const fn cross(self) -> &'static str {
        if self.is_ascii { "+" } else { "┼" }
    }

    /// The characters of a box.
    pub const fn border(self) -> border::Set<'static> {
        if self.is_ascii { ascii_border("+", "|", "-") } else { border::PLAIN }
    }

    /// The characters of a box that asks for an answer.
    pub const fn double_border(self) -> border::Set<'static> {
        if self.is_ascii { ascii_border("#", "#", "=") } else { border::DOUBLE }
    }

    /// A text in characters that the terminal can show.
    pub fn text(self, text: &str) -> String {
        if self.is_ascii {
            text.chars().map(|character| if character.is_ascii() { character } else { '?' }).collect()
        } else {
            text.to_owned()
        }
    }
}

const fn ascii_border(
    corner: &'static str,
    vertical: &'static str,
    horizontal: &'static str,
) -> border::Set<'static> {
    border::Set {
        top_left: corner,
        top_right: corner,
        bottom_left: corner,
        bottom_right: corner,
        vertical_left: vertical,
        vertical_right: vertical,
        horizontal_top: horizontal,
        horizontal_bottom: horizontal,
    }
}
