//! The page of the settings.

use ratatui::{
    Frame,
    layout::{Rect, Size},
    text::Span,
};

use super::{
    form::{self, Row},
    ui::{Breakpoint, Regions, Ui, below},
};
use crate::{config::Config, setting::Setting, settings_page::SettingsPage, theme::Role};

/// Columns of the names.
const NAME_COLUMNS: u16 = 12;

/// Columns of the values with their arrows, where their meanings stand beside them.
const VALUE_COLUMNS: u16 = 20;

/// The rows of the title, with a free one below it where there is room.
const fn rows_above(breakpoint: Breakpoint) -> u16 {
    match breakpoint {
        Breakpoint::Full => 2,
        Breakpoint::Compact | Breakpoint::Tiny => 1,
    }
}

/// The regions of a screen with the page, which is one block with the line in words.
pub(super) fn regions(screen: Rect) -> Option<Regions> {
    let rows = u16::try_from(SettingsPage::settings().len()).unwrap_or(u16::MAX);
    let height = rows.saturating_add(rows_above(Breakpoint::Full));
    Regions::of(screen, Size { width: 76, height })
}

/// Draws the page.
pub(super) fn draw(ui: &Ui, page: &SettingsPage, config: &Config, frame: &mut Frame<'_>) {
    let area = ui.regions.text();
    frame.render_widget(ui.span("Settings", Role::Strong), area);
    let row = |(index, setting): (usize, &Setting)| {
        let is_typed = index == page.chosen && page.is_typed();
        Row {
            label: Span::raw(setting.key()),
            value: config.in_words(*setting),
            // What holds without a value is shown in the place of one.
            role: if config.text(*setting).is_empty() { Role::Faint } else { Role::Strong },
            meaning: setting.meaning(),
            has_choice: !is_typed,
            typed: is_typed.then_some(&page.input),
        }
    };
    let rows = SettingsPage::settings().iter().enumerate().map(row).collect();
    let above = rows_above(ui.breakpoint());
    form::draw(ui, (rows, page.chosen), (NAME_COLUMNS, VALUE_COLUMNS), (below(area, above), 1), frame);
}
