//! Pictures of square pixels: the marks, the program's name, and large words. Half blocks give two pixels a character.

use game_core::Mark;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

/// A picture: a string for each row of pixels, in which `#` is a pixel.
pub(super) type Picture = &'static [&'static str];

/// The size of a drawn mark, in rows of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkSize {
    /// 5 columns and 3 rows.
    Medium,
    /// 9 columns and 5 rows.
    Large,
}

/// The style of a picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    Solid,
    /// Shaded, for what is not confirmed.
    Shaded,
}

/// The picture of a mark.
pub(super) const fn mark(mark: Mark, size: MarkSize) -> Picture {
    match (mark, size) {
        (Mark::X, MarkSize::Medium) => &["#...#", ".#.#.", "..#..", "..#..", ".#.#.", "#...#"],
        (Mark::O, MarkSize::Medium) => &[".###.", "#...#", "#...#", "#...#", "#...#", ".###."],
        (Mark::X, MarkSize::Large) => &[
            "#.......#",
            ".#.....#.",
            "..#...#..",
            "...#.#...",
            "....#....",
            "....#....",
            "...#.#...",
            "..#...#..",
            ".#.....#.",
            "#.......#",
        ],
        (Mark::O, MarkSize::Large) => &[
            "..#####..",
            ".#.....#.",
            "#.......#",
            "#.......#",
            "#.......#",
            "#.......#",
            "#.......#",
            "#.......#",
            ".#.....#.",
            "..#####..",
        ],
    }
}

/// The rows of a mark in dots, as on a tube of 1952.
pub(super) const fn dotted_mark(mark: Mark, size: MarkSize) -> Picture {
    match (mark, size) {
        (Mark::X, MarkSize::Medium) => &["●   ●", "  ●  ", "●   ●"],
        (Mark::O, MarkSize::Medium) => &[" ● ● ", "●   ●", " ● ● "],
        (Mark::X, MarkSize::Large) => &["●       ●", "  ●   ●  ", "    ●    ", "  ●   ●  ", "●       ●"],
        (Mark::O, MarkSize::Large) => &["  ● ● ●  ", "●       ●", "●       ●", "●       ●", "  ● ● ●  "],
    }
}

/// The rows of a mark in ASCII.
pub(super) const fn ascii_mark(mark: Mark, size: MarkSize) -> Picture {
    match (mark, size) {
        (Mark::X, MarkSize::Medium) => &["\\ /", " X ", "/ \\"],
        (Mark::O, MarkSize::Medium) => &["/-\\", "| |", "\\-/"],
        (Mark::X, MarkSize::Large) => &["\\   /", " \\ / ", "  X  ", " / \\ ", "/   \\"],
        (Mark::O, MarkSize::Large) => &[" --- ", "/   \\", "|   |", "\\   /", " --- "],
    }
}

/// Columns and rows of characters that a picture takes.
pub(super) fn size(picture: Picture) -> (u16, u16) {
    let columns = picture.first().map_or(0, |row| row.len());
    let [columns, rows] =
        [columns, picture.len().div_ceil(2)].map(|it| u16::try_from(it).unwrap_or(u16::MAX));
    (columns, rows)
}

/// Draws a picture with its upper left corner at a position. Only characters with a pixel are written.
pub(super) fn draw(picture: Picture, at: Position, (fill, style): (Fill, Style), buffer: &mut Buffer) {
    let is_set = |row: usize, column: usize| {
        picture.get(row).is_some_and(|pixels| pixels.as_bytes().get(column) == Some(&b'#'))
    };
    let (columns, rows) = size(picture);
    for (row, y) in (0..rows).map(|row| (usize::from(row) * 2, at.y.saturating_add(row))) {
        for (column, x) in (0..columns).map(|column| (usize::from(column), at.x.saturating_add(column))) {
            let symbol = match (is_set(row, column), is_set(row + 1, column), fill) {
                (false, false, _) => continue,
                (_, _, Fill::Shaded) => "░",
                (true, true, Fill::Solid) => "█",
                (true, false, Fill::Solid) => "▀",
                (false, true, Fill::Solid) => "▄",
            };
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }
}

/// Columns of a word, with a column between letters.
pub(super) fn word_columns(word: &str) -> u16 {
    let columns: u16 = word.chars().map(|letter| size(glyph(letter)).0 + 1).sum();
    columns.saturating_sub(1)
}

/// Rows of a word.
pub(super) const WORD_ROWS: u16 = 3;

/// Rows of a word in the largest letters, whose pixels are two columns and a row each.
pub(super) const LARGE_WORD_ROWS: u16 = 5;

/// Draws a word in the largest letters that fit. In an area that is too small for any, or in ASCII, it stands there in ordinary
/// ones, spaced.
pub(super) fn draw_word(word: &str, area: Rect, style: Style, is_ascii: bool, buffer: &mut Buffer) {
    if is_ascii || word_columns(word) > area.width || area.height < WORD_ROWS {
        let spaced: Vec<String> = word.chars().map(String::from).collect();
        let row = area.height.min(WORD_ROWS) / 2;
        if area.height > 0 {
            buffer.set_stringn(area.x, area.y + row, spaced.join(" "), area.width.into(), style);
        }
        return;
    }
    let is_large = word_columns(word) * 2 <= area.width && area.height >= LARGE_WORD_ROWS;
    let mut x = area.x;
    for letter in word.chars() {
        let picture = glyph(letter);
        if is_large {
            for (y, row) in (area.y..).zip(picture) {
                let row = row.replace('#', "██").replace('.', "  ");
                buffer.set_string(x, y, row, style);
            }
            x += (size(picture).0 + 1) * 2;
            continue;
        }
        draw(picture, Position::new(x, area.y), (Fill::Solid, style), buffer);
        x += size(picture).0 + 1;
    }
}

/// The large form of a letter, a digit or a dash; a gap for everything else.
const fn glyph(letter: char) -> Picture {
    match letter.to_ascii_uppercase() {
        'A' => &["###", "#.#", "###", "#.#", "#.#"],
        'B' => &["##.", "#.#", "##.", "#.#", "##."],
        'C' => &["###", "#..", "#..", "#..", "###"],
        'D' => &["##.", "#.#", "#.#", "#.#", "##."],
        'E' => &["###", "#..", "##.", "#..", "###"],
        'F' => &["###", "#..", "##.", "#..", "#.."],
        'G' => &["###", "#..", "#.#", "#.#", "###"],
        'H' => &["#.#", "#.#", "###", "#.#", "#.#"],
        'I' => &["###", ".#.", ".#.", ".#.", "###"],
        'J' => &["..#", "..#", "..#", "#.#", "###"],
        'K' => &["#.#", "##.", "#..", "##.", "#.#"],
        'L' => &["#..", "#..", "#..", "#..", "###"],
        'M' => &["#...#", "##.##", "#.#.#", "#...#", "#...#"],
        'N' => &["#..#", "##.#", "#.##", "#..#", "#..#"],
        'O' | '0' => &["###", "#.#", "#.#", "#.#", "###"],
        'P' => &["###", "#.#", "###", "#..", "#.."],
        'Q' => &["###", "#.#", "#.#", "###", "..#"],
        'R' => &["##.", "#.#", "##.", "#.#", "#.#"],
        'S' => &[".##", "#..", ".#.", "..#", "##."],
        'T' => &["###", ".#.", ".#.", ".#.", ".#."],
        'U' => &["#.#", "#.#", "#.#", "#.#", "###"],
        'V' => &["#.#", "#.#", "#.#", "#.#", ".#."],
        'W' => &["#...#", "#...#", "#.#.#", "##.##", "#...#"],
        'X' => &["#.#", "#.#", ".#.", "#.#", "#.#"],
        'Y' => &["#.#", "#.#", "###", ".#.", ".#."],
        'Z' => &["###", "..#", ".#.", "#..", "###"],
        '1' => &[".#.", "##.", ".#.", ".#.", "###"],
        '2' => &["###", "..#", "###", "#..", "###"],
        '3' => &["###", "..#", "###", "..#", "###"],
        '4' => &["#.#", "#.#", "###", "..#", "..#"],
        '5' => &["###", "#..", "###", "..#", "###"],
        '6' => &["###", "#..", "###", "#.#", "###"],
        '7' => &["###", "..#", "..#", "..#", "..#"],
        '8' => &["###", "#.#", "###", "#.#", "###"],
        '9' => &["###", "#.#", "###", "..#", "###"],
        '-' => &["...", "...", "###", "...", "..."],
        _ => &["..", "..", "..", "..", ".."],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_shape_of_its_own_and_five_rows() {
        let letters: Vec<char> = ('A'..='Z').chain('1'..='9').chain(['-']).collect();
        for letter in &letters {
            let picture = glyph(*letter);
            assert_eq!(picture.len(), 5, "{letter}");
            assert!(picture.iter().all(|row| row.len() == picture[0].len()), "{letter}");
            assert!(letters.iter().all(|other| other == letter || glyph(*other) != picture), "{letter}");
        }
    }

    #[test]
    fn a_mark_is_drawn_in_half_blocks() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 5, 3));
        draw(mark(Mark::X, MarkSize::Medium), Position::ORIGIN, (Fill::Solid, Style::new()), &mut buffer);
        assert_eq!(buffer, Buffer::with_lines(["▀▄ ▄▀", "  █  ", "▄▀ ▀▄"]));
    }
}
