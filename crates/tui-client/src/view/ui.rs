//! The frame of every screen: its size class, its regions, and the bars at top and bottom.

use std::{borrow::Cow, cell::RefCell, time::Instant};

use game_core::Mark;
use net::proto::Name;
use ratatui::{
    Frame,
    layout::{Rect, Size},
    style::Style,
    text::{Line, Span},
    widgets::Paragraph,
};

use unicode_width::UnicodeWidthStr;

use crate::{
    buttons::{Buttons, Target},
    keymap::{Action, Binding, Context, Keymap},
    theme::{Role, Theme},
};

/// The facts that every view needs, and the buttons that it notes.
#[derive(Debug)]
pub(super) struct Ui<'a> {
    pub(super) theme: Theme,
    pub(super) keymap: &'a Keymap,
    /// The context of the screen.
    pub(super) context: Context,
    pub(super) now: Instant,
    pub(super) me: Name,
    /// True if nothing lies over the screen, so that the terminal's cursor belongs to it.
    pub(super) has_focus: bool,
    pub(super) regions: Regions,
    pub(super) buttons: RefCell<Buttons>,
}

/// The size class of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breakpoint {
    /// From 80x24.
    Full,
    /// From 40x12.
    Compact,
    /// From 20x7.
    Tiny,
}

/// The regions of a screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Regions {
    pub(super) breakpoint: Breakpoint,
    pub(super) header: Rect,
    pub(super) body: Rect,
    pub(super) status: Rect,
    pub(super) footer: Rect,
}

/// Rows of the line in words, and the free one above it.
const STATUS_ROWS: u16 = 2;

impl Regions {
    /// The regions of a screen; `None` if it is too small for any layout. Where there is room, a block that needs no more
    /// than `block` stands in the middle, with the line in words under it.
    pub(super) fn of(area: Rect, block: Size) -> Option<Self> {
        let breakpoint = match (area.width, area.height) {
            (80.., 24..) => Breakpoint::Full,
            (40.., 12..) => Breakpoint::Compact,
            (20.., 7..) => Breakpoint::Tiny,
            _ => return None,
        };
        let header = Rect { height: 1, ..area };
        let below = area.bottom() - 1;
        let [body, status, footer] = match breakpoint {
            Breakpoint::Full => {
                let width = block.width.min(area.width);
                // Bars, a free row under the first, the line in words with a free one above and one below.
                let height = block.height.min(area.height - 4 - STATUS_ROWS);
                let x = area.x + (area.width - width) / 2;
                let y = area.y + 2 + (area.height - 4 - STATUS_ROWS - height) / 2;
                let body = Rect { x, y, width, height };
                [
                    body,
                    Rect { y: body.bottom() + 1, height: STATUS_ROWS, ..body },
                    Rect { y: below, height: 1, ..area },
                ]
            }
            Breakpoint::Compact => {
                let status = Rect { x: area.x + 1, y: below - 3, width: area.width - 2, height: 3 };
                let body = Rect { y: 1, height: area.height - 5, ..area };
                [body, status, Rect { y: below, height: 1, ..area }]
            }
            Breakpoint::Tiny => {
                let status = Rect { x: area.x + 1, y: below, width: area.width - 2, height: 1 };
                [Rect { y: 1, height: area.height - 2, ..area }, status, Rect { y: below, height: 0, ..area }]
            }
        };
        Some(Self { breakpoint, header, body, status, footer })
    }

    /// The body, for a text that does not touch the edges of the screen.
    pub(super) fn text(&self) -> Rect {
        let margin = u16::from(self.breakpoint != Breakpoint::Full);
        Rect { width: self.body.width.saturating_sub(2 * margin), x: self.body.x + margin, ..self.body }
    }
}

impl Ui<'_> {
    /// A text in the characters of the theme, with keys where it names them.
    pub(super) fn text(&self, text: &str) -> String {
        self.theme.text(&self.keymap.fill(self.context, text))
    }

    /// A text in a role.
    pub(super) fn span(&self, text: impl Into<Cow<'static, str>>, role: Role) -> Span<'static> {
        Span::styled(text, self.theme.style(role))
    }

    /// A line in a role.
    pub(super) fn line(&self, text: impl Into<Cow<'static, str>>, role: Role) -> Line<'static> {
        Line::styled(text, self.theme.style(role))
    }

    pub(super) const fn breakpoint(&self) -> Breakpoint {
        self.regions.breakpoint
    }

    pub(super) fn is_full(&self) -> bool {
        self.regions.breakpoint == Breakpoint::Full
    }

    pub(super) const fn body(&self) -> Rect {
        self.regions.body
    }

    /// Draws the header: the place, the subject, and the state of the connection.
    pub(super) fn header(&self, [place, subject, state]: [&str; 3], frame: &mut Frame<'_>) {
        let theme = self.theme;
        let area = self.regions.header;
        let [place, subject, state] = [place, subject, state].map(|text| theme.text(text));
        // Where the subject has no place of its own, it may take that of the place.
        let fits = subject.width() + state.width() + 8 <= usize::from(area.width);
        let place = if place.is_empty() && !self.is_full() && fits { subject.clone() } else { place };
        let state_role = if state.starts_with('!') { Role::Bad } else { Role::Faint };
        // Spans, since the style of a line would colour the whole row.
        let line = |text: String, role| Line::from(Span::styled(text, theme.style(role)));
        if self.is_full() {
            frame.render_widget(line(subject, Role::Faint).centered(), area);
        }
        let mut left = vec![Span::raw(" ")];
        left.extend(self.name());
        left.push(Span::styled(format!("  {place} "), theme.style(Role::Strong)));
        frame.render_widget(Line::from(left), area);
        frame.render_widget(line(format!(" {state} "), state_role).right_aligned(), area);
        frame.buffer_mut().set_style(area, theme.style(Role::Bar));
    }

    /// The program's name in the colours of the marks.
    fn name(&self) -> [Span<'static>; 3] {
        [Mark::O, Mark::X, Mark::O]
            .map(|mark| Span::styled(mark.to_string().to_lowercase(), self.theme.style(Role::Mark(mark))))
    }

    /// Notes that a click on an area does something.
    pub(super) fn note(&self, area: Rect, target: Target) {
        self.buttons.borrow_mut().note(self.now, area, target);
    }

    /// Notes texts that stand beside each other, each with its action.
    pub(super) fn note_row(&self, texts: impl Iterator<Item = (String, Action)>, gap: &str, area: Rect) {
        let mut place = area;
        for (text, action) in texts {
            place.width = u16::try_from(text.width()).unwrap_or(u16::MAX);
            self.note(place.intersection(area), Target::Act(action));
            place.x += place.width + u16::try_from(gap.width()).unwrap_or(0);
        }
    }

    /// Notes each line of an area that tells of a key of the screen, such as `Y  accept the draw`.
    pub(super) fn note_keys(&self, lines: impl IntoIterator<Item = String>, area: Rect) {
        for (line, row) in lines.into_iter().zip(area.rows()) {
            let Some((key, _)) = line.split_once("  ").filter(|(key, _)| !key.is_empty()) else { continue };
            let mut bindings = self.keymap.bindings(self.context).filter(|binding| binding.is_button());
            if let Some(it) = bindings.find(|it| self.keymap.key(self.context, it.action) == key) {
                self.note(row, Target::Act(it.action));
            }
        }
    }

    /// Draws the footer.
    pub(super) fn footer<'a>(&self, bindings: impl Iterator<Item = &'a Binding>, frame: &mut Frame<'_>) {
        let area = self.regions.footer;
        self.draw_keys(bindings, area, frame);
        frame.buffer_mut().set_style(area, self.theme.style(Role::Bar));
    }

    /// Draws keys, and what they do. As many as fit; the way back keeps its place, for those who only click.
    pub(super) fn draw_keys<'a>(
        &self,
        bindings: impl Iterator<Item = &'a Binding>,
        area: Rect,
        frame: &mut Frame<'_>,
    ) {
        let bindings: Vec<&Binding> = bindings.collect();
        let texts =
            |binding: &'a Binding| [Span::raw(&*binding.label), Span::raw(format!(" {}   ", binding.footer))];
        let columns_of = |binding| {
            let columns = texts(binding).iter().map(Span::width).sum::<usize>();
            u16::try_from(columns).unwrap_or(u16::MAX)
        };
        let is_back = |binding: &&Binding| binding.action == Action::Back && self.is_full();
        // The last gap needs no room.
        let mut room =
            (area.width + 1).saturating_sub(bindings.iter().copied().find(is_back).map_or(0, columns_of));
        let fits = |binding: &&'a Binding| {
            let columns = if is_back(binding) { 0 } else { columns_of(binding) };
            let fits = columns <= room;
            room = if fits { room - columns } else { 0 };
            fits
        };
        let mut spans = vec![Span::raw(" ")];
        let mut used = 1;
        for binding in bindings.iter().copied().filter(fits) {
            let [key, meaning] = texts(binding);
            let columns = columns_of(binding);
            if binding.is_button() {
                let button = Rect { x: area.x + used, width: columns - 3, ..area };
                self.note(button, Target::Act(binding.action));
            }
            used += columns;
            let [strong, faint] = [Role::Strong, Role::Faint].map(|role| self.theme.style(role));
            spans.extend([key.style(strong), meaning.style(faint)]);
        }
        frame.render_widget(Paragraph::new(Line::from(spans)), area);
    }

    /// Draws rows as the chosen ones: with a pointer at the left in this style, and their background.
    pub(super) fn choose(&self, area: Rect, pointer: Style, frame: &mut Frame<'_>) {
        frame.buffer_mut().set_style(area, self.theme.style(Role::Chosen));
        for y in area.top()..area.bottom() {
            let symbol = self.theme.pointer();
            frame.buffer_mut().set_string(area.x, y, symbol, pointer);
        }
    }

    /// Draws a mark at a column of the first and of the last row of a list, where there is more above and below.
    pub(super) fn draw_more(&self, has_more: [bool; 2], list: Rect, x: u16, frame: &mut Frame<'_>) {
        let edges = [list.y, list.bottom().saturating_sub(1)];
        for ((has_more, sign), y) in has_more.into_iter().zip(self.theme.more()).zip(edges) {
            if has_more {
                frame.buffer_mut().set_string(x, y, sign, self.theme.style(Role::Strong));
            }
        }
    }

    /// Draws a horizontal line over the width of an area, in its first row.
    pub(super) fn rule(&self, area: Rect, frame: &mut Frame<'_>) {
        let rule = self.theme.horizontal().repeat(area.width.into());
        frame.buffer_mut().set_stringn(area.x, area.y, rule, area.width.into(), self.theme.style(Role::Rule));
    }
}

/// An area without its first rows.
pub(super) fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// An area without its first columns.
pub(super) fn right_of(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    Rect { x: area.x + columns, width: area.width - columns, ..area }
}
