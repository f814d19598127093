//! The board: the places of its cells, and their contents.

use game_core::{Bitboard, Cell, Mark, Outcome, Record, Rules};
use net::proto::Phase;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect, Size},
    style::Style,
};

use super::pixels::{self, MarkSize, Pen};
use crate::{
    game::Game,
    theme::{Role, Theme},
};

/// The size of cells: columns, rows, and lines between them.
#[derive(Debug, Clone, Copy)]
struct Tier {
    width: u16,
    height: u16,
    has_lines: bool,
}

const fn tier(width: u16, height: u16, has_lines: bool) -> Tier {
    Tier { width, height, has_lines }
}

/// The sizes of cells, the largest first. They are about square on a screen whose characters are twice as high as wide.
const TIERS: [Tier; 6] =
    [tier(17, 7, true), tier(13, 5, true), tier(9, 3, true), tier(5, 1, true), tier(3, 1, true), SMALLEST];

const SMALLEST: Tier = tier(3, 1, false);

/// Columns and rows of coordinates: two digits and a space, and a letter.
const NAMES: (u16, u16) = (3, 1);

/// The places of a board's cells on the screen. A board that does not fit shows a window of cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct BoardLayout {
    rules: Rules,
    tier: Tier,
    /// The first cell's corner.
    origin: Position,
    /// The first column shown, from the left, and the number of columns.
    columns: (u8, u8),
    /// The first row shown, from the top, and the number of rows.
    rows: (u8, u8),
}

impl BoardLayout {
    /// The whole board in the largest size for which an area has room, in its upper left corner.
    pub(super) fn largest(rules: Rules, room: Size) -> Option<Self> {
        TIERS.into_iter().map(|tier| Self::whole(rules, tier)).find(|layout| layout.fits(room))
    }

    /// The whole board in the largest size for which there is room, or else a window of cells around one.
    pub(super) fn fitted(rules: Rules, around: Cell, room: Size) -> Self {
        Self::largest(rules, room).unwrap_or_else(|| Self::window(rules, around, room))
    }

    /// The whole board in each size, the largest first.
    pub(super) fn sizes(rules: Rules) -> impl Iterator<Item = Self> {
        TIERS.into_iter().map(move |tier| Self::whole(rules, tier))
    }

    const fn whole(rules: Rules, tier: Tier) -> Self {
        let (columns, rows) = ((0, rules.columns()), (0, rules.rows()));
        Self { rules, tier, origin: Position::ORIGIN, columns, rows }.at(Position::ORIGIN)
    }

    /// A window of cells around the cursor, which fills a room.
    pub(super) fn window(rules: Rules, cursor: Cell, room: Size) -> Self {
        let window = |cells: u8, room: u16, at: u8| {
            let shown = u8::try_from(room).unwrap_or(u8::MAX).clamp(1, cells);
            let first = at.saturating_sub(shown / 2).min(cells - shown);
            (first, shown)
        };
        let from_top = rules.rows() - 1 - cursor.row();
        // A column for the arrows.
        let columns = room.width.saturating_sub(NAMES.0 + 1) / SMALLEST.width;
        let rows = room.height.saturating_sub(NAMES.1);
        let columns = window(rules.columns(), columns, cursor.column());
        let rows = window(rules.rows(), rows, from_top);
        Self { rules, tier: SMALLEST, origin: Position::ORIGIN, columns, rows }.at(Position::ORIGIN)
    }

    /// Moves the upper left corner, coordinates included, to a position.
    pub(super) const fn at(self, corner: Position) -> Self {
        let (columns, rows) = if self.has_names() { NAMES } else { (0, 0) };
        Self { origin: Position::new(corner.x + columns, corner.y + rows), ..self }
    }

    /// Moves the layout into the middle of an area.
    pub(super) fn centered(self, area: Rect) -> Self {
        let size = self.size();
        let x = area.x + area.width.saturating_sub(size.width) / 2;
        let y = area.y + area.height.saturating_sub(size.height) / 2;
        self.at(Position::new(x, y))
    }

    pub(super) fn fits(&self, room: Size) -> bool {
        let size = self.size();
        size.width <= room.width && size.height <= room.height
    }

    /// Columns and rows, coordinates and arrows included.
    pub(super) fn size(&self) -> Size {
        let (names, arrows) =
            if self.has_names() { (NAMES, u16::from(self.is_window())) } else { ((0, 0), 0) };
        let cells = self.cells();
        Size::new(names.0 + cells.width + arrows, names.1 + cells.height)
    }

    /// The column after the last cell.
    pub(super) fn right(&self) -> u16 {
        self.origin.x + self.cells().width
    }

    /// The middle of a cell, where the terminal's cursor goes.
    pub(super) fn middle(&self, cell: Cell) -> Position {
        let area = self.area(cell);
        Position::new(area.x + area.width / 2, area.y + area.height / 2)
    }

    const fn has_names(&self) -> bool {
        self.rules.cells() != 9
    }

    const fn is_window(&self) -> bool {
        self.columns.1 < self.rules.columns() || self.rows.1 < self.rules.rows()
    }

    /// Columns and rows of the cells.
    fn cells(&self) -> Size {
        let extent = |size: u16, (_, shown): (u8, u8)| {
            let shown = u16::from(shown);
            shown * size + if self.tier.has_lines { shown.saturating_sub(1) } else { 0 }
        };
        Size::new(extent(self.tier.width, self.columns), extent(self.tier.height, self.rows))
    }

    pub(super) fn area(&self, cell: Cell) -> Rect {
        let from_top = self.rules.rows() - 1 - cell.row();
        let along = |index: u8, first: u8, size: u16| {
            u16::from(index.saturating_sub(first)) * (size + u16::from(self.tier.has_lines))
        };
        Rect {
            x: self.origin.x + along(cell.column(), self.columns.0, self.tier.width),
            y: self.origin.y + along(from_top, self.rows.0, self.tier.height),
            width: self.tier.width,
            height: self.tier.height,
        }
    }

    pub(super) fn shown_cells(self) -> impl Iterator<Item = Cell> {
        let is_in = |index: u8, (first, shown): (u8, u8)| (first..first + shown).contains(&index);
        self.rules.all_cells().filter(move |cell| {
            is_in(cell.column(), self.columns) && is_in(self.rules.rows() - 1 - cell.row(), self.rows)
        })
    }

    /// Draws the lines, the coordinates and every cell.
    pub(super) fn draw(&self, shown: Shown<'_>, cursor: Option<Cell>, theme: Theme, buffer: &mut Buffer) {
        if self.tier.has_lines {
            self.draw_lines(theme, buffer);
        }
        for cell in self.shown_cells() {
            Content::of(shown, cell, cursor).draw(self.area(cell), theme, buffer);
        }
        if self.has_names() {
            self.draw_names(theme, buffer);
        }
        if self.is_window() {
            self.draw_arrows(theme, buffer);
        }
    }

    fn draw_lines(&self, theme: Theme, buffer: &mut Buffer) {
        let style = theme.style(Role::Rule);
        let Size { width, height } = self.cells();
        for y in 0..height {
            for x in 0..width {
                let is_vertical = x % (self.tier.width + 1) == self.tier.width;
                let is_horizontal = y % (self.tier.height + 1) == self.tier.height;
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

    fn draw_names(&self, theme: Theme, buffer: &mut Buffer) {
        let style = theme.style(Role::Faint);
        for cell in self.shown_cells() {
            let middle = self.middle(cell);
            let name = cell.to_string();
            let (letter, number) = name.split_at(1);
            if self.rules.rows() - 1 - cell.row() == self.rows.0 {
                put(buffer, Position::new(middle.x, self.origin.y - 1), letter, style);
            }
            if cell.column() == self.columns.0 {
                buffer.set_string(self.origin.x - NAMES.0, middle.y, format!("{number:>2}"), style);
            }
        }
    }

    /// Draws an arrow at each edge behind which there are more cells.
    fn draw_arrows(&self, theme: Theme, buffer: &mut Buffer) {
        let Size { width, height } = self.cells();
        let (left, right) = (self.origin.x - 1, self.origin.x + width);
        let (top, middle, bottom) =
            (self.origin.y, self.origin.y + height / 2, self.origin.y + height.saturating_sub(1));
        let is_past = |(first, shown): (u8, u8), all: u8| first + shown < all;
        let edges = [
            (self.rows.0 > 0, right, top),
            (is_past(self.rows, self.rules.rows()), right, bottom),
            (self.columns.0 > 0, left, middle),
            (is_past(self.columns, self.rules.columns()), right, middle),
        ];
        for ((is_shown, x, y), symbol) in edges.into_iter().zip(theme.more()) {
            if is_shown {
                put(buffer, Position::new(x, y), symbol, theme.style(Role::Strong));
            }
        }
    }
}

/// A game as its board shows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) record: &'a Record,
    /// True if the match is over, on the board or not.
    pub(super) is_over: bool,
    /// The cell of a move that is not confirmed.
    pub(super) unconfirmed: Option<Cell>,
    /// The cells that are shown as good ones.
    pub(super) hint: Option<Bitboard>,
}

impl<'a> From<&'a Game> for Shown<'a> {
    fn from(game: &'a Game) -> Self {
        Self {
            record: &game.snapshot.record,
            is_over: matches!(game.snapshot.phase, Phase::Over(_)),
            unconfirmed: game.unconfirmed.map(|mv| mv.cell),
            hint: game.shown_hint(),
        }
    }
}

/// The contents of a cell.
#[derive(Debug)]
struct Content {
    mark: Option<Mark>,
    /// The digit of a free cell of a small board.
    digit: Option<u8>,
    sign: Option<Sign>,
    is_cursor: bool,
    /// True if a perfect player would go here, and that is shown.
    is_hint: bool,
    /// True if the match is over and this cell did not decide it.
    is_dimmed: bool,
}

/// The part that a cell plays in what happened last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Winning,
    Unconfirmed,
    Last,
}

impl Content {
    fn of(shown: Shown<'_>, cell: Cell, cursor: Option<Cell>) -> Self {
        let Shown { record, is_over, .. } = shown;
        let position = record.position();
        let winning = match position.outcome() {
            Some(Outcome::Win { lines, .. }) => Some(lines),
            Some(Outcome::Draw) | None => None,
        };
        let is_unconfirmed = shown.unconfirmed == Some(cell);
        let sign = match winning {
            Some(lines) => lines.contains(cell).then_some(Sign::Winning),
            None if is_unconfirmed => Some(Sign::Unconfirmed),
            None => (record.last() == Some(cell)).then_some(Sign::Last),
        };
        Self {
            mark: position.board().mark_at(cell).or_else(|| position.to_move().filter(|_| is_unconfirmed)),
            digit: cell.numpad().filter(|_| record.rules().cells() == 9 && !is_over),
            sign,
            is_cursor: cursor == Some(cell),
            is_hint: shown.hint.is_some_and(|best| best.contains(cell)),
            is_dimmed: is_over && sign != Some(Sign::Winning),
        }
    }

    fn draw(&self, area: Rect, theme: Theme, buffer: &mut Buffer) {
        if self.is_cursor || (self.sign == Some(Sign::Winning) && !theme.needs_brackets()) {
            buffer.set_style(area, theme.style(Role::Chosen));
        }
        let style = match self.mark {
            Some(_) if self.is_dimmed => theme.style(Role::Dimmed),
            Some(mark) => theme.style(Role::Mark(mark)),
            None if self.is_hint => theme.style(Role::Good),
            None => theme.style(Role::Faint),
        };
        let size = match area.height {
            7.. => MarkSize::Large,
            3.. => MarkSize::Medium,
            _ => return self.draw_in_row(area, style, theme, buffer),
        };
        let is_unconfirmed = self.sign == Some(Sign::Unconfirmed);
        let (middle_x, middle_y) = (area.x + area.width / 2, area.y + area.height / 2);
        // Columns from the middle to the brackets beside it.
        let mut reach = 1;
        if let Some(mark) = self.mark {
            let (pen, shown, unconfirmed): (_, &[char], _) = match (theme.is_ascii, theme.is_dotted()) {
                (true, _) => (Pen::Ascii, &[' '], "?"),
                (false, true) => (Pen::Dots, &['●'], "○"),
                (false, false) => (Pen::Pixels, &['█', '▀', '▄'], "░"),
            };
            let rows = pixels::mark(mark, size, pen);
            let [columns, height] =
                [rows[0].chars().count(), rows.len()].map(|it| u16::try_from(it).unwrap_or(u16::MAX));
            for (y, row) in (middle_y - height / 2..).zip(&rows) {
                let unconfirmed = is_unconfirmed.then(|| row.replace(shown, unconfirmed));
                buffer.set_string(middle_x - columns / 2, y, unconfirmed.as_ref().unwrap_or(row), style);
            }
            reach += columns / 2;
        } else {
            let digit = self.digit.map_or_else(|| "·".to_owned(), |digit| digit.to_string());
            let digit = if self.digit.is_none() && self.is_dimmed { " ".into() } else { digit };
            put(buffer, Position::new(middle_x, middle_y), &theme.text(&digit), style);
        }
        if is_unconfirmed {
            // Under the mark, or across it where it fills the cell.
            let y = if area.height > 3 { area.bottom() - 1 } else { middle_y };
            buffer.set_string(middle_x - 2, y, "sent?", theme.style(Role::Bad));
            return;
        }
        if self.sign == Some(Sign::Last) && !self.is_cursor {
            draw_corners(area, theme, buffer);
        }
        let brackets = self.brackets();
        // A filled cell or corners say it already, except for the cursor.
        if brackets != NO_BRACKETS && (self.is_cursor || self.is_hint || theme.needs_brackets()) {
            let strong = theme.style(Role::Strong);
            put(buffer, Position::new(middle_x - reach, middle_y), brackets[0], strong);
            put(buffer, Position::new(middle_x + reach, middle_y), brackets[1], strong);
        }
    }

    /// Draws a cell of one row: the mark's letter, between brackets.
    fn draw_in_row(&self, area: Rect, style: Style, theme: Theme, buffer: &mut Buffer) {
        let middle = Position::new(area.x + area.width / 2, area.y);
        let symbol = match (self.mark, self.digit) {
            (Some(mark), _) => mark.to_string(),
            (None, Some(digit)) => digit.to_string(),
            (None, None) if theme.is_ascii => ".".into(),
            (None, None) => "·".into(),
        };
        let style = if self.mark.is_none() && self.digit.is_none() { theme.style(Role::Rule) } else { style };
        let [left, right] = self.brackets();
        let bracket = if self.is_cursor { theme.style(Role::Strong) } else { theme.style(Role::Faint) };
        put(buffer, Position::new(middle.x - 1, middle.y), left, bracket);
        put(buffer, middle, &symbol, style);
        put(buffer, Position::new(middle.x + 1, middle.y), right, bracket);
    }

    const fn brackets(&self) -> [&'static str; 2] {
        match (self.is_cursor, self.sign) {
            (true, _) => ["[", "]"],
            (false, Some(Sign::Winning)) => ["{", "}"],
            (false, Some(Sign::Unconfirmed)) => ["?", "?"],
            (false, Some(Sign::Last)) => ["(", ")"],
            (false, None) if self.is_hint => ["*", "*"],
            (false, None) => NO_BRACKETS,
        }
    }
}

const NO_BRACKETS: [&str; 2] = [" ", " "];

/// Ticks at the corners of the last move's cell, a column inside it where the mark leaves room.
fn draw_corners(area: Rect, theme: Theme, buffer: &mut Buffer) {
    let inside = u16::from(area.height > 3);
    let (left, right) = (area.x + inside, area.right() - 1 - inside);
    let (top, bottom) = (area.top(), area.bottom() - 1);
    let places = [(left, top), (right, top), (left, bottom), (right, bottom)];
    for ((x, y), corner) in places.into_iter().zip(theme.corners()) {
        put(buffer, Position::new(x, y), corner, theme.style(Role::Faint));
    }
}

/// Writes one character, if it is on the screen.
fn put(buffer: &mut Buffer, at: Position, symbol: &str, style: Style) {
    if let Some(cell) = buffer.cell_mut(at) {
        cell.set_symbol(symbol).set_style(style);
    }
}
