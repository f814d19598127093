//! Styles, the only place that names colours, and the characters of lines and boxes.

mod palette;

use game_core::Mark;
use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

use self::palette::{Ink, Palette};
use crate::env::ColorDepth;

/// Styles and characters. Nothing depends on colour: shape and words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The colours that the terminal shows.
    pub depth: ColorDepth,
    /// The palette that colours are taken from.
    pub palette: PaletteName,
    /// True if only ASCII may be used.
    pub is_ascii: bool,
}

/// A palette by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaletteName {
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// For a dark background, with the strongest contrasts.
    HighContrast,
    /// The green of a tube of 1952, for a dark background.
    Edsac,
}

/// The role of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// Less important: labels, free cells, explanations.
    Faint,
    /// The lines of boards and panels.
    Rule,
    /// Titles, names and keys.
    Strong,
    /// Good news: an open game, a rematch that waits, an answer that can be given.
    Good,
    /// Trouble.
    Bad,
    /// The header and the footer.
    Bar,
    /// The chosen entry, the cursor, and the player to move. It colours the background alone, so that another role can
    /// lie on it.
    Chosen,
    /// A mark, and what belongs to its player.
    Mark(Mark),
    /// A mark that no longer matters.
    Dimmed,
}

impl Theme {
    /// The style of a role. Hue and weight differ together.
    pub const fn style(self, role: Role) -> Style {
        let style = Style::new();
        match role {
            Role::Plain => style,
            Role::Faint => self.inked(style, Ink::Faint),
            Role::Rule => self.inked(style, Ink::Rule),
            Role::Strong => style.add_modifier(Modifier::BOLD),
            Role::Good => self.inked(style, Ink::Good).add_modifier(Modifier::BOLD),
            Role::Bad => self.inked(style, Ink::Bad).add_modifier(Modifier::BOLD),
            Role::Bar => self.filled(style, Ink::Bar),
            Role::Chosen => self.filled(style, Ink::Chosen),
            Role::Mark(Mark::X) => self.inked(style, Ink::X).add_modifier(Modifier::BOLD),
            Role::Mark(Mark::O) => self.inked(style, Ink::O).add_modifier(Modifier::BOLD),
            Role::Dimmed => self.inked(style, Ink::Dimmed),
        }
    }

    /// True if brackets have to say what a filled cell says elsewhere: a mark on a reversed cell would be torn.
    pub const fn needs_brackets(self) -> bool {
        self.is_ascii || matches!(self.depth, ColorDepth::Mono | ColorDepth::Sixteen)
    }

    const fn inked(self, style: Style, ink: Ink) -> Style {
        match self.color(ink) {
            Some(color) => style.fg(color),
            None => style,
        }
    }

    /// The style with a background. Where the sixteen colours of the terminal have none that fits, text and background
    /// change places, and no text keeps a colour of its own: it would become a patch.
    const fn filled(self, style: Style, ink: Ink) -> Style {
        match (self.depth, self.color(ink)) {
            (ColorDepth::Indexed | ColorDepth::True, Some(color)) => style.bg(color),
            _ => style.fg(Color::Reset).add_modifier(Modifier::REVERSED),
        }
    }

    const fn color(self, ink: Ink) -> Option<Color> {
        let tone = self.palette().tone(ink);
        match self.depth {
            ColorDepth::Mono => None,
            ColorDepth::Sixteen => Some(tone.named),
            ColorDepth::Indexed => Some(Color::Indexed(tone.index)),
            ColorDepth::True => Some(Color::from_u32(tone.rgb)),
        }
    }

    const fn palette(self) -> &'static Palette {
        match self.palette {
            PaletteName::Dark => &palette::DARK,
            PaletteName::Light => &palette::LIGHT,
            PaletteName::HighContrast => &palette::HIGH_CONTRAST,
            PaletteName::Edsac => &palette::EDSAC,
        }
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

    /// The character at the left of the chosen entry.
    pub const fn pointer(self) -> &'static str {
        if self.is_ascii { ">" } else { "▌" }
    }

    /// The character between two facts.
    pub const fn dot(self) -> &'static str {
        if self.is_ascii { "|" } else { "·" }
    }

    /// The corners of the last move: above left, above right, below left, below right.
    pub const fn corners(self) -> [&'static str; 4] {
        if self.is_ascii { ["+"; 4] } else { ["╭", "╮", "╰", "╯"] }
    }

    /// The characters of a box.
    pub const fn border(self) -> border::Set<'static> {
        if self.is_ascii { ASCII_BORDER } else { border::PLAIN }
    }

    /// A text in characters that the terminal can show.
    pub fn text(self, text: &str) -> String {
        if self.is_ascii {
            let ascii = |character: char| match character {
                '·' => '|',
                _ if character.is_ascii() => character,
                _ => '?',
            };
            text.chars().map(ascii).collect()
        } else {
            text.to_owned()
        }
    }
}

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};
