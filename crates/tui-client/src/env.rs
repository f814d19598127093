//! The environment variables that describe the terminal.

use std::env;

use ratatui::layout::Size;
use serde::Serialize;

/// The depth of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
pub enum ColorDepth {
    /// No colours.
    #[serde(rename = "none")]
    #[strum(to_string = "no colours")]
    Mono,
    /// The terminal's own sixteen.
    #[strum(to_string = "16 colours")]
    Sixteen,
    /// The fixed 256.
    #[serde(rename = "two_hundred_fifty_six")]
    #[strum(to_string = "256 colours")]
    Indexed,
    /// 24 bits.
    #[strum(to_string = "true colour")]
    True,
}

/// The environment variables that decide how the game looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerminalEnv {
    /// `NO_COLOR` is set (no-color.org).
    pub no_color: bool,
    /// `TERM`, the kind of terminal.
    pub term: Option<String>,
    /// `COLORTERM`, by which a terminal announces more colours than its kind has.
    pub colorterm: Option<String>,
    /// `COLORFGBG`, by which some terminals tell the colours of text and background.
    pub colorfgbg: Option<String>,
    /// The locale, and the variable that sets it.
    pub locale: Option<(&'static str, String)>,
    /// `COLUMNS` and `LINES`, for a terminal that does not tell its size.
    pub size: (Option<u16>, Option<u16>),
}

/// The size of a terminal of which nothing is known (VT100).
pub(crate) const USUAL: Size = Size::new(80, 24);

/// The largest screen that is drawn: more than a wall of displays has, and the buffers of its cells take 50 MB at most.
const LARGEST: Size = Size::new(1000, 500);

/// Kinds of terminals that cannot move their cursor (terminfo: `dumb`, `unknown` and the lines of communication), or show
/// what moves it (the shell of Emacs), and their variants, such as `dumb-emacs-ansi`.
const WITHOUT_A_SCREEN: [&str; 6] = ["dumb", "unknown", "network", "dialup", "patch", "emacs"];

impl TerminalEnv {
    /// Reads the environment of this process.
    pub fn read() -> Self {
        let text = |name| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let given = |name| text(name).filter(|value| !value.is_empty());
        let number = |name| given(name).and_then(|value| value.parse().ok());
        Self {
            no_color: given("NO_COLOR").is_some(),
            term: given("TERM"),
            colorterm: given("COLORTERM"),
            colorfgbg: given("COLORFGBG"),
            // The first of the three that is set decides (POSIX 8.2). A console of Windows takes all characters, and these are
            // set there only by those who mean it.
            locale: ["LC_ALL", "LC_CTYPE", "LANG"]
                .into_iter()
                .find_map(|name| Some((name, given(name)?)))
                .or_else(|| cfg!(windows).then(|| ("Windows", "UTF-8".into()))),
            size: (number("COLUMNS"), number("LINES")),
        }
    }

    /// The size to draw at, by the size that the terminal told. Zero there means unknown, as on a serial line; then the
    /// environment decides, and else it is 80x24.
    pub fn size(&self, told: Size) -> Size {
        let known = |told, given: Option<u16>, usual| {
            [Some(told), given].into_iter().flatten().find(|it| *it > 0).unwrap_or(usual)
        };
        let (columns, lines) = self.size;
        Size {
            width: known(told.width, columns, USUAL.width).min(LARGEST.width),
            height: known(told.height, lines, USUAL.height).min(LARGEST.height),
        }
    }

    /// Tells whether the kind of terminal can show a screen. One that does not name its kind is taken for able.
    pub fn has_screen(&self) -> bool {
        let kind = self.term.as_deref().and_then(|term| term.split('-').next());
        !kind.is_some_and(|kind| WITHOUT_A_SCREEN.contains(&kind))
    }

    /// The depth of colours where no option decides, and the variable that decides it.
    pub fn color_depth(&self) -> (ColorDepth, String) {
        let is_dumb = self.term.as_deref() == Some("dumb");
        match self.no_color {
            true => (ColorDepth::Mono, "NO_COLOR is set".into()),
            false if is_dumb => (ColorDepth::Mono, "TERM=dumb".into()),
            false => self.deepest_color(),
        }
    }

    /// The depth of colours that the terminal has, and the variable that tells it.
    pub fn deepest_color(&self) -> (ColorDepth, String) {
        let term = self.term.as_deref().unwrap_or_default();
        match self.colorterm.as_deref() {
            Some(colorterm @ ("truecolor" | "24bit")) => (ColorDepth::True, format!("COLORTERM={colorterm}")),
            _ if term.contains("256color") => (ColorDepth::Indexed, format!("TERM={term}")),
            _ if term.is_empty() => (ColorDepth::Sixteen, "TERM is not set".into()),
            _ => (ColorDepth::Sixteen, format!("TERM={term}")),
        }
    }

    /// Tells whether `COLORFGBG` names a light background: white or light grey, the last of its numbers.
    pub fn is_light(&self) -> bool {
        let background = self.colorfgbg.as_deref().and_then(|colors| colors.rsplit(';').next());
        matches!(background, Some("7" | "15"))
    }

    /// Tells whether the locale's characters are UTF-8.
    pub fn is_utf8(&self) -> bool {
        let locale = self.locale.as_ref().map(|(_, value)| value.to_ascii_lowercase());
        locale.is_some_and(|locale| locale.contains("utf-8") || locale.contains("utf8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_size(told: (u16, u16), given: (Option<u16>, Option<u16>), expected: (u16, u16)) {
        let env = TerminalEnv { size: given, ..TerminalEnv::default() };
        assert_eq!(env.size(told.into()), Size::from(expected));
    }

    #[test]
    fn an_unknown_size_is_what_the_environment_says_or_the_usual_one() {
        check_size((100, 40), (Some(80), Some(25)), (100, 40));
        check_size((0, 0), (None, None), (80, 24));
        check_size((0, 0), (Some(132), Some(43)), (132, 43));
        check_size((0, 40), (None, Some(43)), (80, 40));
        check_size((0, 0), (Some(0), None), (80, 24));
    }

    #[test]
    fn a_size_beyond_every_display_is_bounded() {
        check_size((u16::MAX, u16::MAX), (None, None), (1000, 500));
        check_size((0, 0), (Some(u16::MAX), Some(u16::MAX)), (1000, 500));
    }

    #[test]
    fn a_terminal_without_a_screen_is_known_by_its_kind() {
        let has_screen = |term: Option<&str>| {
            TerminalEnv { term: term.map(str::to_owned), ..TerminalEnv::default() }.has_screen()
        };
        for without in ["dumb", "dumb-emacs-ansi", "emacs-256color", "unknown"] {
            assert!(!has_screen(Some(without)), "{without}");
        }
        assert!(has_screen(Some("xterm")) && has_screen(Some("vt52")) && has_screen(None));
    }
}
