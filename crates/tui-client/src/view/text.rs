//! Text in a number of columns.

use ratatui::{
    layout::Size,
    text::{Line, Span},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks a text into lines of at most `columns` columns, between words where possible.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Breaks a text into as many lines as there is room for. A text that is longer ends with a mark.
pub(super) fn wrap_within(text: &str, room: Size) -> Vec<String> {
    let columns = room.width.into();
    let mut lines = wrap(text, columns);
    if lines.len() > room.height.into() {
        let rest = lines.split_off(usize::from(room.height).saturating_sub(1)).join(" ");
        lines.push(fit(&rest, columns));
    }
    lines
}

/// Breaks a text into lines, within words that are too long.
pub(super) fn wrap_hard(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    for line in wrap(text, columns) {
        let mut piece = String::new();
        for character in line.chars() {
            if piece.width() + character.width().unwrap_or(0) > columns {
                lines.push(std::mem::take(&mut piece));
            }
            piece.push(character);
        }
        lines.push(piece);
    }
    lines
}

/// Fits a text into exactly `columns` columns: padded, or cut, with a mark at its end.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let mut fitted = text.to_owned();
    while fitted.width() > columns {
        fitted.truncate(fitted.trim_end_matches(CUT).len());
        let is_empty = fitted.pop().is_none();
        if is_empty {
            return " ".repeat(columns);
        }
        fitted.push(CUT);
    }
    let missing = columns.saturating_sub(fitted.width());
    fitted + &" ".repeat(missing)
}

/// The mark of a text that was cut.
const CUT: char = '~';

/// A text without its first columns.
pub(super) fn skip_columns(text: &str, columns: usize) -> String {
    let mut skipped = 0;
    let rest = text.chars().skip_while(|character| {
        let is_skipped = skipped < columns;
        skipped += character.width().unwrap_or(0);
        is_skipped
    });
    rest.collect()
}

/// Lines behind a label, which stands before the first; the others are indented.
pub(super) fn labelled(
    label: Span<'static>,
    indent: usize,
    lines: impl IntoIterator<Item: Into<Span<'static>>>,
) -> Vec<Line<'static>> {
    let labels = std::iter::once(label).chain(std::iter::repeat(Span::raw(" ".repeat(indent))));
    labels.zip(lines).map(|(label, line)| Line::from(vec![label, line.into()])).collect()
}
