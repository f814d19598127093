//! The terminal, and what it means for the game.

use super::report::{Section, Status};
use crate::env::TerminalEnv;

/// Reports on a terminal of `size` columns and rows; `None` if standard output is none.
pub(super) fn report(env: &TerminalEnv, size: Option<(u16, u16)>) -> Section {
    let mut section = Section::new("Terminal");
    let Some((columns, rows)) = size else {
        let more = "to play, run `oxo` in a terminal window, without a pipe";
        section.explain(Status::Note, "standard output is no terminal here", [more]);
        return section;
    };
    let size = format!("{columns}x{rows}");
    match (columns, rows) {
        (40.., 12..) => section.add(Status::Ok, format!("{size}, where every screen is complete")),
        (20.., 7..) => section.add(Status::Note, format!("{size} is enough to play; 40x12 shows all")),
        _ => section.add(Status::Note, format!("{size} is too small to play well; 20x7 is enough")),
    }
    let colors = match env.term.as_deref() {
        _ if env.no_color => "no colours (NO_COLOR is set)".into(),
        Some("dumb") => "no colours (TERM=dumb)".into(),
        Some(term) => format!("colours (TERM={term})"),
        None => "colours (TERM is not set)".into(),
    };
    section.add(Status::Ok, format!("{colors}; nothing depends on colour alone"));
    let locale = match &env.locale {
        Some((name, value)) => format!("{name}={value}"),
        None => "no locale is set".into(),
    };
    if env.is_utf8() {
        section.add(Status::Ok, format!("UTF-8 ({locale})"));
    } else {
        let text = format!("not UTF-8 ({locale}), so that only ASCII is drawn");
        section.explain(Status::Note, text, ["LANG=C.UTF-8 oxo draws lines and boxes"]);
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(no_color: bool, term: &str, lang: &str) -> TerminalEnv {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        TerminalEnv { no_color, term: given(term), locale: given(lang).map(|lang| ("LANG", lang)) }
    }

    fn told(env: &TerminalEnv, size: Option<(u16, u16)>) -> Vec<String> {
        report(env, size).lines.iter().map(|line| format!("{} {}", line.status, line.text)).collect()
    }

    #[test]
    fn colours_come_with_what_decided() {
        for (no_color, term, expected) in [
            (true, "xterm-256color", "no colours (NO_COLOR is set)"),
            (false, "dumb", "no colours (TERM=dumb)"),
            (false, "xterm-256color", "colours (TERM=xterm-256color)"),
            (false, "", "colours (TERM is not set)"),
        ] {
            let env = env(no_color, term, "");
            let line = &told(&env, Some((80, 24)))[1];
            assert_eq!(*line, format!("ok {expected}; nothing depends on colour alone"));
            assert_eq!(!expected.starts_with("no "), env.has_color());
        }
    }

    #[test]
    fn a_usual_terminal_is_fine() {
        let lines = told(&env(false, "xterm-256color", "C.UTF-8"), Some((80, 24)));
        assert_eq!(
            lines,
            [
                "ok 80x24, where every screen is complete",
                "ok colours (TERM=xterm-256color); nothing depends on colour alone",
                "ok UTF-8 (LANG=C.UTF-8)",
            ]
        );
    }

    #[test]
    fn a_small_or_old_terminal_is_noted() {
        let old = env(false, "linux", "C");
        assert_eq!(told(&old, Some((30, 9)))[0], "note 30x9 is enough to play; 40x12 shows all");
        assert_eq!(told(&old, Some((18, 5)))[0], "note 18x5 is too small to play well; 20x7 is enough");
        assert_eq!(told(&old, Some((80, 24)))[2], "note not UTF-8 (LANG=C), so that only ASCII is drawn");
        assert_eq!(told(&old, None), ["note standard output is no terminal here"]);
    }
}
