//! Styles, the only place that names colours, and the characters of lines and boxes.

mod palette;

use game_core::Mark;
use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

use self::palette::{Palette, Tone};
use crate::env::ColorDepth;

/// Styles and characters. Nothing depends on colour: shape and words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The colours that the terminal shows.
    pub depth: ColorDepth,
    /// The choice of the player.
    pub name: ThemeName,
    /// True if the background of the terminal is light.
    pub is_light: bool,
    /// True if only ASCII may be used.
    pub is_ascii: bool,
}

/// A theme by its name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ThemeName {
    /// Dark or light, as the terminal's background is
    #[default]
    Auto,
    /// For a dark background
    Dark,
    /// For a light background
    Light,
    /// The strongest contrasts
    HighContrast,
    /// No colours
    Mono,
    /// The green dots of a tube of 1952, for a dark background
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
    /// Takes in the answer of a terminal about its background (OSC 11), such as `rgb:1e1e/1e1e/2e2e`.
    pub(crate) fn handle_background(&mut self, color: &str) {
        if let Some(luma) = luma(color) {
            self.is_light = luma > 0.5;
        }
    }

    /// Tells whether the colours depend on the background of the terminal.
    pub(crate) const fn depends_on_background(self) -> bool {
        let is_named = matches!(self.name, ThemeName::Auto | ThemeName::HighContrast);
        is_named && !matches!(self.depth, ColorDepth::Mono)
    }

    /// The style of a role. Hue and weight differ together.
    pub const fn style(self, role: Role) -> Style {
        let palette = self.palette();
        let style = Style::new();
        match role {
            Role::Plain => style,
            Role::Faint => self.inked(style, palette.faint),
            Role::Rule => self.inked(style, palette.rule),
            Role::Strong => style.add_modifier(Modifier::BOLD),
            Role::Good => self.inked(style, palette.good).add_modifier(Modifier::BOLD),
            Role::Bad => self.inked(style, palette.bad).add_modifier(Modifier::BOLD),
            Role::Bar => self.filled(style, palette.bar),
            Role::Chosen => self.filled(style, palette.chosen),
            Role::Mark(Mark::X) => self.inked(style, palette.x).add_modifier(Modifier::BOLD),
            Role::Mark(Mark::O) => self.inked(style, palette.o).add_modifier(Modifier::BOLD),
            Role::Dimmed => self.inked(style, palette.dimmed),
        }
    }

    /// True if brackets have to say what a filled cell says elsewhere: a mark on a reversed cell would be torn.
    pub const fn needs_brackets(self) -> bool {
        self.is_ascii || matches!(self.depth(), ColorDepth::Mono | ColorDepth::Sixteen)
    }

    /// Black and white, whatever the theme; `None` where a picture in them cannot be drawn.
    pub(crate) fn ink_and_paper(self) -> Option<[Color; 2]> {
        let [ink, paper] = [palette::INK, palette::PAPER].map(|tone| self.color(tone));
        (!self.is_ascii).then_some([ink?, paper?])
    }

    const fn inked(self, style: Style, tone: Tone) -> Style {
        match self.color(tone) {
            Some(color) => style.fg(color),
            None => style,
        }
    }

    /// The style with a background. Where the sixteen colours of the terminal have none that fits, text and background
    /// change places, and no text keeps a colour of its own: it would become a patch.
    const fn filled(self, style: Style, tone: Tone) -> Style {
        match (self.depth(), self.color(tone)) {
            (ColorDepth::Indexed | ColorDepth::True, Some(color)) => style.bg(color),
            _ => style.fg(Color::Reset).add_modifier(Modifier::REVERSED),
        }
    }

    const fn color(self, tone: Tone) -> Option<Color> {
        match self.depth() {
            ColorDepth::Mono => None,
            ColorDepth::Sixteen => Some(tone.named),
            ColorDepth::Indexed => Some(Color::Indexed(tone.index)),
            ColorDepth::True => Some(Color::from_u32(tone.rgb)),
        }
    }

    const fn palette(self) -> &'static Palette {
        match (self.name, self.is_light) {
            (ThemeName::Auto, false) | (ThemeName::Dark | ThemeName::Mono, _) => &palette::DARK,
            (ThemeName::Auto, true) | (ThemeName::Light, _) => &palette::LIGHT,
            (ThemeName::HighContrast, false) => &palette::HIGH_CONTRAST,
            (ThemeName::HighContrast, true) => &palette::HIGH_CONTRAST_LIGHT,
            (ThemeName::Edsac, _) => &palette::EDSAC,
        }
    }

    const fn depth(self) -> ColorDepth {
        if matches!(self.name, ThemeName::Mono) { ColorDepth::Mono } else { self.depth }
    }

    /// True if boards are drawn in dots.
    pub const fn is_dotted(self) -> bool {
        matches!(self.name, ThemeName::Edsac) && !self.is_ascii
    }

    /// The character of a horizontal line.
    pub const fn horizontal(self) -> &'static str {
        self.line("-", "─")
    }

    const fn line(self, ascii: &'static str, drawn: &'static str) -> &'static str {
        match (self.is_ascii, self.is_dotted()) {
            (true, _) => ascii,
            (_, true) => "·",
            (_, false) => drawn,
        }
    }

    /// The character of a vertical line.
    pub const fn vertical(self) -> &'static str {
        self.line("|", "│")
    }

    /// The character of a crossing.
    pub const fn cross(self) -> &'static str {
        self.line("+", "┼")
    }

    /// The character at the left of the chosen entry.
    pub const fn pointer(self) -> &'static str {
        if self.is_ascii { ">" } else { "▌" }
    }

    /// The character between two facts.
    pub const fn dot(self) -> &'static str {
        if self.is_ascii { "|" } else { "·" }
    }

    /// The signs of more above, below, at the left and at the right.
    pub const fn more(self) -> [&'static str; 4] {
        if self.is_ascii { ["^", "v", "<", ">"] } else { ["▴", "▾", "◂", "▸"] }
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

/// The brightness of a colour in X11's notation, from 0 to 1 (ITU-R BT.601): `rgb:`, or `rgba:` with an opacity, and channels
/// of one to four hexadecimal digits.
fn luma(color: &str) -> Option<f32> {
    let channels = color.strip_prefix("rgb:").or_else(|| color.strip_prefix("rgba:"))?;
    let channel = |digits: &str| {
        let is_hex = (1..=4).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let value = u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
        // As many digits, each an F.
        let most = u16::MAX >> (16 - 4 * digits.len());
        Some(f32::from(value) / f32::from(most))
    };
    let mut channels = channels.split('/').map(channel);
    let [red, green, blue] = [channels.next()??, channels.next()??, channels.next()??];
    Some(0.114_f32.mul_add(blue, 0.299_f32.mul_add(red, 0.587 * green)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_background_is_light_or_dark_in_every_notation() {
        let theme =
            Theme { depth: ColorDepth::True, name: ThemeName::Auto, is_light: false, is_ascii: false };
        for (color, expected) in [
            ("rgb:ffff/ffff/ffff", Some(true)),
            ("rgb:fd/f6/e3", Some(true)),
            ("rgba:f/f/f/0", Some(true)),
            ("rgb:1e1e/1e1e/2e2e", Some(false)),
            ("rgb:0000/2b2b/3636", Some(false)),
            ("rgb:ffff/ffff", None),
            ("rgb:+fff/ffff/ffff", None),
            ("rgb:fffff/ffff/ffff", None),
            ("rgb:é/é/é", None),
            ("white", None),
            ("", None),
        ] {
            for before in [false, true] {
                let mut theme = Theme { is_light: before, ..theme };
                theme.handle_background(color);
                assert_eq!(theme.is_light, expected.unwrap_or(before), "{color}");
            }
        }
    }

    #[test]
    fn mono_has_no_colour_and_tells_by_shape() {
        let mono = Theme { depth: ColorDepth::True, name: ThemeName::Mono, is_light: false, is_ascii: false };
        assert!(mono.needs_brackets() && !mono.depends_on_background());
        assert_eq!(mono.style(Role::Mark(Mark::X)).fg, None);
        assert_eq!(mono.style(Role::Chosen).bg, None);
    }
}
