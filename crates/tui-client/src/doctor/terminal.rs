//! The terminal, and what it means for the game.

use serde::Serialize;

use super::report::{Section, Status};
use crate::env::{ColorDepth, TerminalEnv};

/// The findings about the terminal.
#[derive(Debug, Serialize)]
pub(super) struct Terminal {
    /// Columns and rows; `None` if standard output is no terminal.
    size: Option<(u16, u16)>,
    /// False if the terminal does not tell its size, so that another is assumed.
    is_size_told: bool,
    /// False if the kind of terminal has no screen to draw on.
    has_screen: bool,
    colors: ColorDepth,
    /// The reason for these colours.
    colors_by: String,
    is_utf8: bool,
    /// The locale, which decides about UTF-8.
    utf8_by: String,
    #[serde(flatten)]
    answers: Answers,
}

/// A terminal's answers about itself.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Answers {
    /// Columns of a character of ambiguous width (UAX 11), as a box is drawn with; `None` if the terminal does not tell.
    pub(super) ambiguous_columns: Option<u16>,
    /// Reports of the mouse.
    pub(super) mouse: Ability,
    /// Reports of the window's focus.
    pub(super) focus: Ability,
}

/// A terminal's answer about one of its modes (DECRQM).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ability {
    #[strum(to_string = "supported")]
    Yes,
    #[cfg_attr(windows, allow(dead_code, reason = "a console is not asked"))]
    #[strum(to_string = "not supported, the keys do all")]
    No,
    /// It was not asked, or has not answered in time. It may well be able to.
    #[default]
    #[strum(to_string = "unknown, this terminal gives no answer")]
    Unknown,
}

impl Terminal {
    /// Combines the environment, the size that the terminal tells, and its answers.
    pub(super) fn new(env: &TerminalEnv, told: Option<(u16, u16)>, answers: Answers) -> Self {
        let (colors, colors_by) = env.color_depth();
        let locale = env.locale.as_ref().map(|(name, value)| format!("{name}={value}"));
        Self {
            size: told.map(|told| env.size(told.into()).into()),
            is_size_told: told.is_none_or(|(columns, rows)| columns > 0 && rows > 0),
            has_screen: env.has_screen(),
            colors,
            colors_by,
            is_utf8: env.is_utf8(),
            utf8_by: locale.unwrap_or_else(|| "no locale is set".into()),
            answers,
        }
    }

    /// Draws the conclusions.
    pub(super) fn report(&self) -> Section {
        let Self { size, colors, colors_by, is_utf8, utf8_by, .. } = self;
        let Answers { ambiguous_columns, mouse, focus } = self.answers;
        let mut section = Section::new("Terminal");
        let Some((columns, rows)) = *size else {
            let more = "`oxo` plays by lines here; it draws in a terminal window, without a pipe";
            section.explain(Status::Note, "standard output is no terminal here", [more]);
            return section;
        };
        if !self.has_screen {
            let more = "`oxo` plays by lines here; if this one can show a screen, set TERM to its kind";
            section.explain(Status::Note, "a terminal of this kind (TERM) has no screen to draw on", [more]);
        }
        let size = format!("{columns}x{rows}");
        match (columns, rows) {
            _ if !self.is_size_told => {
                let more = "`stty rows 40 cols 120` tells it, or LINES and COLUMNS do";
                section.explain(
                    Status::Note,
                    format!("the terminal does not tell its size; {size} is drawn"),
                    [more],
                );
            }
            (40.., 12..) => section.add(Status::Ok, format!("{size}, where every screen is complete")),
            (20.., 7..) => section.add(Status::Note, format!("{size} is enough to play; 40x12 shows all")),
            _ => section.add(Status::Note, format!("{size} is too small to play well; 20x7 is enough")),
        }
        section.add(Status::Ok, format!("{colors} ({colors_by}); nothing depends on colour alone"));
        if *is_utf8 {
            section.add(Status::Ok, format!("UTF-8 ({utf8_by})"));
        } else {
            let text = format!("not UTF-8 ({utf8_by}), so that only ASCII is drawn");
            section.explain(Status::Note, text, ["LANG=C.UTF-8 oxo draws lines and boxes"]);
        }
        match ambiguous_columns {
            // Only ASCII is drawn.
            _ if !is_utf8 => {}
            Some(1) => section.add(Status::Ok, "the lines of a board are one column wide"),
            Some(_) => {
                let text = "the lines of a board are two columns wide here, as in fonts for Chinese, Japanese or Korean";
                let more =
                    "`oxo --ascii` draws a board that fits; or set ambiguous width to narrow in the terminal";
                section.explain(Status::Note, text, [more]);
            }
            None => {
                let text = "the terminal does not tell how wide the lines of a board are";
                let more =
                    "if a board looks torn, as with a font for Chinese, Japanese or Korean: `oxo --ascii`";
                section.explain(Status::Note, text, [more]);
            }
        }
        section.add(Status::Ok, format!("mouse: {mouse}; focus events: {focus}"));
        section
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(no_color: bool, term: &str, colorterm: &str, lang: &str) -> TerminalEnv {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let locale = given(lang).map(|lang| ("LANG", lang));
        TerminalEnv {
            no_color,
            term: given(term),
            colorterm: given(colorterm),
            locale,
            ..TerminalEnv::default()
        }
    }

    fn told(env: &TerminalEnv, size: Option<(u16, u16)>) -> Vec<String> {
        let (mouse, focus) = (Ability::Yes, Ability::Unknown);
        told_with(env, size, Answers { ambiguous_columns: Some(1), mouse, focus })
    }

    fn told_with(env: &TerminalEnv, size: Option<(u16, u16)>, answers: Answers) -> Vec<String> {
        let terminal = Terminal::new(env, size, answers);
        terminal.report().lines.iter().map(|line| format!("{} {}", line.status, line.text)).collect()
    }

    #[track_caller]
    fn check_colors(no_color: bool, term: &str, colorterm: &str, expected: (ColorDepth, &str)) {
        let env = env(no_color, term, colorterm, "");
        let (colors, why) = env.color_depth();
        assert_eq!((colors, why.as_str()), expected);
    }

    #[test]
    fn colours_come_with_what_decided() {
        check_colors(true, "xterm-256color", "truecolor", (ColorDepth::Mono, "NO_COLOR is set"));
        check_colors(false, "dumb", "truecolor", (ColorDepth::Mono, "TERM=dumb"));
        check_colors(false, "xterm", "truecolor", (ColorDepth::True, "COLORTERM=truecolor"));
        check_colors(false, "xterm-256color", "", (ColorDepth::Indexed, "TERM=xterm-256color"));
        check_colors(false, "linux", "", (ColorDepth::Sixteen, "TERM=linux"));
        check_colors(false, "", "", (ColorDepth::Sixteen, "TERM is not set"));
    }

    #[test]
    fn a_usual_terminal_is_fine() {
        let lines = told(&env(false, "xterm-256color", "", "C.UTF-8"), Some((80, 24)));
        assert_eq!(
            lines,
            [
                "ok 80x24, where every screen is complete",
                "ok 256 colours (TERM=xterm-256color); nothing depends on colour alone",
                "ok UTF-8 (LANG=C.UTF-8)",
                "ok the lines of a board are one column wide",
                "ok mouse: supported; focus events: unknown, this terminal gives no answer",
            ]
        );
    }

    #[test]
    fn a_font_with_wide_lines_is_noted_where_lines_are_drawn() {
        let answers = |ambiguous_columns| Answers { ambiguous_columns, ..Answers::default() };
        let line = |lang: &str, columns| {
            let env = env(false, "xterm", "", lang);
            told_with(&env, Some((80, 24)), answers(columns))[3].clone()
        };
        assert!(
            line("ja_JP.UTF-8", Some(2)).starts_with("note the lines of a board are two columns wide here")
        );
        assert!(line("ko_KR.UTF-8", None).starts_with("note the terminal does not tell how wide"));
        assert!(line("C", Some(2)).starts_with("ok mouse"), "only ASCII is drawn");
    }

    #[test]
    fn a_terminal_without_a_size_or_a_screen_is_noted() {
        let dumb = told(&env(false, "dumb", "", "C.UTF-8"), Some((0, 0)));
        assert_eq!(
            dumb[..2],
            [
                "note a terminal of this kind (TERM) has no screen to draw on",
                "note the terminal does not tell its size; 80x24 is drawn",
            ]
        );
    }

    #[test]
    fn a_small_or_old_terminal_is_noted() {
        let old = env(false, "linux", "", "C");
        assert_eq!(told(&old, Some((30, 9)))[0], "note 30x9 is enough to play; 40x12 shows all");
        assert_eq!(told(&old, Some((18, 5)))[0], "note 18x5 is too small to play well; 20x7 is enough");
        assert_eq!(told(&old, Some((80, 24)))[2], "note not UTF-8 (LANG=C), so that only ASCII is drawn");
        assert_eq!(told(&old, None), ["note standard output is no terminal here"]);
    }
}
