//! The report of a check: lines under titles, each with a status, and one sentence at the end.
//!
//! It may quote the system or a stranger, so that every text in it is [`Plain`].

use std::fmt;

use serde::Serialize;

/// Text that cannot move a cursor, reorder a line, or fill a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, derive_more::Display)]
pub(super) struct Plain(String);

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Report {
    pub(super) can_play: bool,
    /// The conclusion, in a sentence.
    pub(super) verdict: Plain,
    pub(super) sections: Vec<Section>,
}

/// The findings on one subject.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Section {
    title: Plain,
    pub(super) lines: Vec<Line>,
}

/// One finding.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    pub(super) status: Status,
    pub(super) text: Plain,
    /// Explanations, or commands to type.
    more: Vec<Plain>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// As it should be.
    Ok,
    /// Worth knowing: it may be an obstacle.
    Note,
    /// Not used, with the reason.
    Skip,
    /// An obstacle.
    #[strum(serialize = "FAIL")]
    Fail,
}

impl Plain {
    /// Makes text plain: any other character becomes a question mark, and the rest of a long text is cut off.
    pub(super) fn new(text: impl AsRef<str>) -> Self {
        let mut plain: String = text.as_ref().chars().take(MAX_CHARS).map(plain_or_mark).collect();
        if text.as_ref().chars().nth(MAX_CHARS).is_some() {
            plain.push_str("...");
        }
        Self(plain)
    }

    #[cfg(test)]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Section {
    pub(super) fn new(title: impl AsRef<str>) -> Self {
        Self { title: Plain::new(title), lines: Vec::new() }
    }

    /// Adds a line.
    pub(super) fn add(&mut self, status: Status, text: impl AsRef<str>) {
        self.explain(status, text, [""; 0]);
    }

    /// Adds a line with more below it.
    pub(super) fn explain<M: AsRef<str>>(
        &mut self,
        status: Status,
        text: impl AsRef<str>,
        more: impl IntoIterator<Item = M>,
    ) {
        let more = more.into_iter().map(Plain::new).collect();
        self.lines.push(Line { status, text: Plain::new(text), more });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Section { title, lines } in &self.sections {
            writeln!(f, "{title}")?;
            for Line { status, text, more } in lines {
                writeln!(f, "  {status:<4}  {text}")?;
                more.iter().try_for_each(|more| writeln!(f, "        {more}"))?;
            }
            writeln!(f)?;
        }
        writeln!(f, "Result: {}", self.verdict)
    }
}

/// Keeps letters and digits of every script, none of which joins, reorders or hides its neighbours.
fn plain_or_mark(character: char) -> char {
    let is_plain = character == ' ' || character.is_ascii_graphic() || character.is_alphanumeric();
    if is_plain { character } else { '?' }
}

/// The longest text in characters: some lines of a terminal, and more than any sentence of ours.
const MAX_CHARS: usize = 320;

#[cfg(test)]
mod tests {
    use super::*;

    impl Report {
        #[track_caller]
        pub(in crate::doctor) fn check(&self, can_play: bool, verdict: &str, lines: &[&str]) {
            let text = self.to_string();
            assert_eq!(self.can_play, can_play, "{text}");
            assert_eq!(self.verdict.as_str(), verdict, "{text}");
            for line in lines {
                assert!(text.lines().any(|said| said.trim() == *line), "no line is {line:?} in\n{text}");
            }
        }
    }

    #[test]
    fn text_of_strangers_cannot_move_anything() {
        let hostile = "a\x1b[2J\u{202e}b\u{9b}31m\u{200b}\r\n\tc \u{e9}\u{301}";
        assert_eq!(Plain::new(hostile).as_str(), "a?[2J?b?31m????c \u{e9}?");
    }

    #[test]
    fn long_text_is_cut() {
        let cut = Plain::new("x".repeat(100_000));
        assert_eq!(cut.as_str().len(), MAX_CHARS + 3);
        assert_eq!(Plain::new("x".repeat(MAX_CHARS)).as_str().len(), MAX_CHARS);
    }

    #[test]
    fn a_report_is_titles_lines_and_a_sentence() {
        let mut section = Section::new("Network");
        section.add(Status::Ok, "eth0");
        section.explain(Status::Fail, "no multicast", ["by address it works"]);
        let report = Report { can_play: true, verdict: Plain::new("you can join"), sections: vec![section] };
        assert_eq!(
            report.to_string(),
            "Network\n  ok    eth0\n  FAIL  no multicast\n        by address it works\n\nResult: you can join\n"
        );
    }
}
