//! The board: the places of its cells, and their contents.

use game_core::{Cell, Outcome, Rules};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use crate::{
    game::Game,
    theme::{Role, Theme},
};

/// The sizes of a cell, the largest first: columns, rows, and lines between cells.
const SIZES: [(u16, u16, bool); 4] = [(9, 3, true), (5, 1, true), (3, 1, true), (3, 1, false)];

/// The places of a board's cells on the screen. A board that does not fit shows a window of cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct BoardLayout {
    /// The first cell's corner.
    origin: Position,
    /// The size of a cell.
    cell: (u16, u16),
    has_lines: bool,
    /// Columns shown, from the left.
    columns: (u8, u8),
    /// Rows shown, from the top.
    rows: (u8, u8),
    /// True if there is room for the names of columns and rows.
    has_names: bool,
}

impl BoardLayout {
    /// Fits a board into an area, in the largest size that shows it whole; else a window around the cursor.
    pub(super) fn fit(rules: Rules, cursor: Cell, area: Rect) -> Self {
        let wants_names = rules.cells() != 9;
        let named = Rect {
            x: area.x + 3,
            y: area.y + 1,
            width: area.width.saturating_sub(3),
            height: area.height.saturating_sub(1),
        };
        let candidates =
            [(named, true), (area, false)].into_iter().filter(|(_, names)| wants_names || !names);
        for (place, has_names) in candidates {
            for (width, height, has_lines) in SIZES {
                let layout = Self {
                    origin: Position::new(place.x, place.y),
                    cell: (width, height),
                    has_lines,
                    columns: (0, rules.columns()),
                    rows: (0, rules.rows()),
                    has_names,
                };
                let (board_width, board_height) = layout.size();
                if board_width <= place.width && board_height <= place.height {
                    let x = place.x + (place.width - board_width) / 2;
                    let y = place.y + (place.height - board_height) / 2;
                    return Self { origin: Position::new(x, y), ..layout };
                }
            }
        }
        let window = |cells: u8, room: u16, at: u8| {
            let shown = u8::try_from(room).unwrap_or(u8::MAX).min(cells);
            let first = at.saturating_sub(shown / 2).min(cells - shown);
            (first, shown)
        };
        let from_top = rules.rows() - 1 - cursor.row();
        Self {
            origin: Position::new(area.x, area.y),
            cell: (3, 1),
            has_lines: false,
            columns: window(rules.columns(), area.width / 3, cursor.column()),
            rows: window(rules.rows(), area.height, from_top),
            has_names: false,
        }
    }

    /// The cell at a position.
    pub(super) fn cell_at(&self, rules: Rules, position: Position) -> Option<Cell> {
        let step = |at: u16, origin: u16, size: u16, (first, shown): (u8, u8)| {
            let offset = at.checked_sub(origin)?;
            let pitch = size + u16::from(self.has_lines);
            let index = u8::try_from(offset / pitch).ok()?;
            (index < shown && offset % pitch < size).then_some(first + index)
        };
        let column = step(position.x, self.origin.x, self.cell.0, self.columns)?;
        let from_top = step(position.y, self.origin.y, self.cell.1, self.rows)?;
        Cell::new(column, rules.rows().checked_sub(1 + from_top)?)
    }

    /// The middle of a cell, where the terminal's cursor goes.
    pub(super) fn middle(&self, rules: Rules, cell: Cell) -> Position {
        let corner = self.corner(rules, cell);
        Position::new(corner.x + self.cell.0 / 2, corner.y + self.cell.1 / 2)
    }

    fn size(&self) -> (u16, u16) {
        let extent = |size: u16, (_, shown): (u8, u8)| {
            let shown = u16::from(shown);
            shown * size + if self.has_lines { shown - 1 } else { 0 }
        };
        (extent(self.cell.0, self.columns), extent(self.cell.1, self.rows))
    }

    fn corner(&self, rules: Rules, cell: Cell) -> Position {
        let from_top = rules.rows() - 1 - cell.row();
        let along = |index: u8, first: u8, size: u16| {
            u16::from(index.saturating_sub(first)) * (size + u16::from(self.has_lines))
        };
        Position::new(
            self.origin.x + along(cell.column(), self.columns.0, self.cell.0),
            self.origin.y + along(from_top, self.rows.0, self.cell.1),
        )
    }

    fn shows(&self, rules: Rules, cell: Cell) -> bool {
        let is_in = |index: u8, (first, shown): (u8, u8)| (first..first + shown).contains(&index);
        is_in(cell.column(), self.columns) && is_in(rules.rows() - 1 - cell.row(), self.rows)
    }

    /// Draws the lines, the names and every cell.
    pub(super) fn draw(&self, game: &Game, cursor: Option<Cell>, theme: Theme, buffer: &mut Buffer) {
        let rules = game.snapshot.record.rules();
        if self.has_lines {
            self.draw_lines(theme, buffer);
        }
        for cell in rules.all_cells().filter(|cell| self.shows(rules, *cell)) {
            let glyph = Glyph::of(game, cell, cursor, theme);
            self.draw_cell(self.middle(rules, cell), &glyph, theme, buffer);
        }
        if self.has_names {
            self.draw_names(rules, theme, buffer);
        }
    }

    fn draw_lines(&self, theme: Theme, buffer: &mut Buffer) {
        let style = theme.style(Role::Faint);
        let (width, height) = self.size();
        for y in 0..height {
            for x in 0..width {
                let is_vertical = x % (self.cell.0 + 1) == self.cell.0;
                let is_horizontal = y % (self.cell.1 + 1) == self.cell.1;
                let symbol = match (is_vertical, is_horizontal) {
                    (true, true) => theme.cross(),
                    (true, false) => theme.vertical(),
                    (false, true) => theme.horizontal(),
                    (false, false) => continue,
                };
                put(buffer, Position::new(self.origin.x + x, self.origin.y + y), symbol, style);
            }
        }
    }

    fn draw_cell(&self, middle: Position, glyph: &Glyph, theme: Theme, buffer: &mut Buffer) {
        let [left, right] = glyph.brackets;
        put(buffer, Position::new(middle.x - 1, middle.y), left, glyph.style);
        put(buffer, middle, &glyph.symbol, glyph.style);
        put(buffer, Position::new(middle.x + 1, middle.y), right, glyph.style);
        if glyph.is_unconfirmed && self.cell.1 == 3 {
            for (offset, symbol) in (0_u16..).zip(["s", "e", "n", "t", "?"]) {
                let at = Position::new(middle.x - 2 + offset, middle.y + 1);
                put(buffer, at, symbol, theme.style(Role::Warning));
            }
        }
    }

    fn draw_names(&self, rules: Rules, theme: Theme, buffer: &mut Buffer) {
        let style = theme.style(Role::Faint);
        for cell in rules.all_cells().filter(|cell| self.shows(rules, *cell)) {
            let middle = self.middle(rules, cell);
            let name = cell.to_string();
            let (letter, number) = name.split_at(1);
            if cell.row() == rules.rows() - 1 {
                put(buffer, Position::new(middle.x, self.origin.y - 1), letter, style);
            }
            if cell.column() == 0 {
                let columns = u16::try_from(number.len()).unwrap_or(2);
                for (offset, digit) in (0_u16..).zip(number.chars()) {
                    let at = Position::new(self.origin.x - 1 - columns + offset, middle.y);
                    put(buffer, at, digit.encode_utf8(&mut [0; 4]), style);
                }
            }
        }
    }
}

/// The contents of a cell.
struct Glyph {
    symbol: String,
    /// `[ ]` for the cursor, `{ }` for the winning line, `? ?` for an unconfirmed move, `( )` for the last one.
    brackets: [&'static str; 2],
    style: Style,
    is_unconfirmed: bool,
}

impl Glyph {
    fn of(game: &Game, cell: Cell, cursor: Option<Cell>, theme: Theme) -> Self {
        let record = &game.snapshot.record;
        let position = record.position();
        let is_winning = match position.outcome() {
            Some(Outcome::Win { lines, .. }) => lines.contains(cell),
            Some(Outcome::Draw) | None => false,
        };
        let is_cursor = cursor == Some(cell);
        let is_last = record.last() == Some(cell);
        let is_unconfirmed = game.unconfirmed.is_some_and(|mv| mv.cell == cell);
        let mark = position.board().mark_at(cell).or_else(|| position.to_move().filter(|_| is_unconfirmed));
        let (symbol, style) = if let Some(mark) = mark {
            (mark.to_string(), theme.mark(mark, is_winning))
        } else {
            let digit = cell.numpad().filter(|_| record.rules().cells() == 9);
            (digit.map_or_else(|| ".".to_owned(), |digit| digit.to_string()), theme.style(Role::Faint))
        };
        let brackets = match (is_cursor, is_winning, is_unconfirmed, is_last) {
            (true, ..) => ["[", "]"],
            (_, true, ..) => ["{", "}"],
            (_, _, true, _) => ["?", "?"],
            (.., true) => ["(", ")"],
            _ => [" ", " "],
        };
        let style = if is_cursor { theme.style(Role::Chosen) } else { style };
        Self { symbol, brackets, style, is_unconfirmed }
    }
}

/// Writes one character, if it is on the screen.
fn put(buffer: &mut Buffer, at: Position, symbol: &str, style: Style) {
    if let Some(cell) = buffer.cell_mut(at) {
        cell.set_symbol(symbol).set_style(style);
    }
}
