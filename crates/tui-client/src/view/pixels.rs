//! Pictures of square pixels: the marks, the program's name, and large words. Half blocks give two pixels a character.

use game_core::Mark;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// A picture: a string for each row of pixels, in which `#` is a pixel.
type Picture = &'static [&'static str];

/// The size of a drawn mark, in rows of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkSize {
    /// 5 columns and 3 rows.
    Medium,
    /// 9 columns and 5 rows.
    Large,
}

/// The way in which a mark is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pen {
    /// In square pixels.
    Pixels,
    /// In dots, as on a tube of 1952.
    Dots,
    /// In ASCII.
    Ascii,
}

/// The rows of a mark.
pub(super) fn mark(mark: Mark, size: MarkSize, pen: Pen) -> Vec<String> {
    let rows = match pen {
        Pen::Pixels => return half_blocks(picture(mark, size)),
        Pen::Dots => dotted_mark(mark, size),
        Pen::Ascii => ascii_mark(mark, size),
    };
    rows.iter().map(|row| (*row).to_owned()).collect()
}

/// The picture of a mark.
const fn picture(mark: Mark, size: MarkSize) -> Picture {
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

/// The rows of a mark in dots.
const fn dotted_mark(mark: Mark, size: MarkSize) -> Picture {
    match (mark, size) {
        (Mark::X, MarkSize::Medium) => &["●   ●", "  ●  ", "●   ●"],
        (Mark::O, MarkSize::Medium) => &[" ● ● ", "●   ●", " ● ● "],
        (Mark::X, MarkSize::Large) => &["●       ●", "  ●   ●  ", "    ●    ", "  ●   ●  ", "●       ●"],
        (Mark::O, MarkSize::Large) => &["  ● ● ●  ", "●       ●", "●       ●", "●       ●", "  ● ● ●  "],
    }
}

/// The rows of a mark in ASCII.
const fn ascii_mark(mark: Mark, size: MarkSize) -> Picture {
    match (mark, size) {
        (Mark::X, MarkSize::Medium) => &["\\ /", " X ", "/ \\"],
        (Mark::O, MarkSize::Medium) => &["/-\\", "| |", "\\-/"],
        (Mark::X, MarkSize::Large) => &["\\   /", " \\ / ", "  X  ", " / \\ ", "/   \\"],
        (Mark::O, MarkSize::Large) => &[" --- ", "/   \\", "|   |", "\\   /", " --- "],
    }
}

/// The rows of a picture in half blocks, two pixels a character.
fn half_blocks(picture: Picture) -> Vec<String> {
    let is_set = |row: Option<&&str>, column: usize| row.is_some_and(|row| row.as_bytes()[column] == b'#');
    let row = |pair: &[&str]| {
        let blocks = (0..pair[0].len()).map(|column| {
            match (is_set(pair.first(), column), is_set(pair.get(1), column)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }
        });
        blocks.collect()
    };
    picture.chunks(2).map(row).collect()
}

/// The columns of a large letter.
fn letter_columns(letter: char) -> u16 {
    glyph(letter).first().map_or(0, |row| u16::try_from(row.len()).unwrap_or(u16::MAX))
}

/// Columns of a word, with a column between letters.
pub(super) fn word_columns(word: &str) -> u16 {
    let columns: u16 = word.chars().map(|letter| letter_columns(letter) + 1).sum();
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
        let (rows, scale) = if is_large {
            let wide = |row: &&str| row.replace('#', "██").replace('.', "  ");
            (glyph(letter).iter().map(wide).collect(), 2)
        } else {
            (half_blocks(glyph(letter)), 1)
        };
        for (y, row) in (area.y..).zip(rows) {
            buffer.set_string(x, y, row, style);
        }
        x += (letter_columns(letter) + 1) * scale;
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
        assert_eq!(mark(Mark::X, MarkSize::Medium, Pen::Pixels), ["▀▄ ▄▀", "  █  ", "▄▀ ▀▄"]);
    }
}
