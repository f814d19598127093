//! The frame of every screen: its size class, its regions, and the header.

use std::time::Instant;

use net::proto::Name;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::Line,
    widgets::Paragraph,
};

use crate::theme::{Role, Theme};

/// The facts that every view needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ui {
    pub(super) theme: Theme,
    pub(super) now: Instant,
    pub(super) me: Name,
    /// True if nothing lies over the screen, so that the terminal's cursor belongs to it.
    pub(super) has_focus: bool,
    pub(super) regions: Regions,
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

/// The widest body. Wider terminals show it in their middle.
const MAX_COLUMNS: u16 = 100;

impl Regions {
    /// The regions of a screen; `None` if it is too small for any layout.
    pub(super) fn of(area: Rect) -> Option<Self> {
        let breakpoint = match (area.width, area.height) {
            (80.., 24..) => Breakpoint::Full,
            (40.., 12..) => Breakpoint::Compact,
            (20.., 7..) => Breakpoint::Tiny,
            _ => return None,
        };
        let [rules, status, footer] = match breakpoint {
            Breakpoint::Full => [1, 2, 1],
            Breakpoint::Compact => [0, 3, 1],
            Breakpoint::Tiny => [0, 1, 0],
        };
        let [header, _, body, status, _, footer] = area.layout(&Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(rules),
            Constraint::Fill(1),
            Constraint::Length(status),
            Constraint::Length(rules),
            Constraint::Length(footer),
        ]));
        let status = Rect { x: status.x + 1, width: status.width.saturating_sub(2), ..status };
        let width = body.width.min(MAX_COLUMNS);
        let body = Rect { x: body.x + (body.width - width) / 2, width, ..body };
        Some(Self { breakpoint, header, body, status, footer })
    }
}

impl Ui {
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
    pub(super) fn header(&self, [left, middle, right]: [&str; 3], frame: &mut Frame<'_>) {
        let theme = self.theme;
        let area = self.regions.header;
        let [left, middle, right] = [left, middle, right].map(|text| theme.text(text));
        let right_role = if right.starts_with('!') { Role::Warning } else { Role::Plain };
        let show = |text: String, role: Role| Paragraph::new(Line::styled(text, theme.style(role)));
        frame.render_widget(show(format!(" {left}"), Role::Strong), area);
        if self.is_full() {
            frame.render_widget(show(middle, Role::Plain).centered(), area);
            let rule = theme.horizontal().repeat(usize::from(area.width));
            for y in [area.y + 1, self.regions.footer.y - 1] {
                frame.render_widget(show(rule.clone(), Role::Faint), Rect { y, ..area });
            }
        }
        frame.render_widget(show(format!("{right} "), right_role).right_aligned(), area);
    }
}
