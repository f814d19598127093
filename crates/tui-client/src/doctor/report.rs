//! What a check tells: lines under titles, each with how grave it is, and one sentence at the end.
//!
//! All of it may quote what a system or a stranger said, so that no text gets here but as [`Plain`].

use std::fmt;

use serde::{Serialize, Serializer};

/// Text that cannot move a cursor, reorder a line, or fill a screen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Plain(String);

/// What was found, in the order of the checklist.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether a match could be played by what was found.
    pub can_play: bool,
    /// The same in a sentence.
    pub verdict: Plain,
    /// The lines.
    pub sections: Vec<Section>,
}

/// Lines about one thing.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// What they are about.
    pub title: Plain,
    /// Each finding.
    pub lines: Vec<Line>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// How grave it is.
    pub status: Status,
    /// What it is.
    pub text: Plain,
    /// What it means, or what to type.
    pub more: Vec<Plain>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Worth knowing: it may be in the way.
    Note,
    /// Not used, with the reason.
    Skip,
    /// In the way.
    Fail,
}

impl Plain {
    /// Makes text plain: any other character becomes a question mark, and what is too long is cut.
    pub fn new(text: impl AsRef<str>) -> Self {
        let mut plain: String = text.as_ref().chars().take(MAX_CHARS).map(plain_or_mark).collect();
        if text.as_ref().chars().nth(MAX_CHARS).is_some() {
            plain.push_str("...");
        }
        Self(plain)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Section {
    /// A section with nothing in it yet.
    pub fn new(title: impl AsRef<str>) -> Self {
        Self { title: Plain::new(title), lines: Vec::new() }
    }

    /// Adds a line of one sentence.
    pub fn add(&mut self, status: Status, text: impl AsRef<str>) {
        self.explain(status, text, &[]);
    }

    /// Adds a line with more below it.
    pub fn explain(&mut self, status: Status, text: impl AsRef<str>, more: &[&str]) {
        let more = more.iter().map(Plain::new).collect();
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

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Skip => "skip",
            Self::Fail => "FAIL",
        })
    }
}

/// Serializes what has a text.
pub(super) fn as_text<T: ToString, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_string())
}

/// Letters and digits of every script stay, which are none of what joins, reorders or hides.
fn plain_or_mark(character: char) -> char {
    let is_plain = character == ' ' || character.is_ascii_graphic() || character.is_alphanumeric();
    if is_plain { character } else { '?' }
}

/// Characters of one text at most: some lines of a terminal, and more than any sentence of ours.
const MAX_CHARS: usize = 320;

#[cfg(test)]
mod tests {
    use super::*;

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
        section.explain(Status::Fail, "no multicast", &["by address it works"]);
        let report = Report { can_play: true, verdict: Plain::new("you can join"), sections: vec![section] };
        assert_eq!(
            report.to_string(),
            "Network\n  ok    eth0\n  FAIL  no multicast\n        by address it works\n\nResult: you can join\n"
        );
    }
}
