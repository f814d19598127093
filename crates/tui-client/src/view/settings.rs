//! The page of the settings.

use game_core::Mark;
use ratatui::{
    Frame,
    layout::{Rect, Size},
    text::Span,
};

use super::{
    input, popup,
    text::fit,
    ui::{Breakpoint, Regions, Ui},
};
use crate::{buttons::Target, config::Config, keymap::Action, settings_page::SettingsPage, theme::Role};

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
    let (theme, area) = (ui.theme, popup::place(ui.regions));
    frame.render_widget(Span::styled("Settings", theme.style(Role::Strong)), area);
    let above = rows_above(ui.breakpoint());
    let has_arrows = ui.breakpoint() != Breakpoint::Tiny;
    let margin = if has_arrows { "  " } else { "" };
    let list = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
    // The chosen one stays in view.
    let hidden = (page.chosen + 1).saturating_sub(list.height.into());
    let shown = SettingsPage::settings().iter().enumerate().skip(hidden);
    for (y, (index, setting)) in (list.top()..list.bottom()).zip(shown) {
        let row = Rect { y, height: 1, ..list };
        let right = Rect { x: row.x + NAME_COLUMNS, width: row.width.saturating_sub(NAME_COLUMNS), ..row };
        let value = if ui.is_full() { Rect { width: VALUE_COLUMNS, ..right } } else { right };
        let name = fit(&format!("  {}", setting.key()), NAME_COLUMNS.into());
        frame.render_widget(Span::raw(name), row);
        if ui.is_full() {
            let meaning = Rect { x: value.right(), width: right.width - value.width, ..right };
            let text = fit(&setting.meaning(), meaning.width.into());
            frame.render_widget(Span::styled(text, theme.style(Role::Faint)), meaning);
        }
        ui.note(row, Target::Row(index));
        let mut text = format!("{margin}{}", theme.text(&config.in_words(*setting)));
        if index == page.chosen {
            ui.choose(row, theme.style(Role::Mark(Mark::X)), frame);
            if page.is_typed() {
                input::draw(theme, &page.input, margin, value, frame);
                // What holds without a value is shown in the place of one.
                if !page.input.text().is_empty() {
                    continue;
                }
            } else if has_arrows {
                let [.., left, right] = theme.more();
                text = format!("{left} {} {right}", text.trim_start());
                // Its arrow to the left.
                ui.note(Rect { width: 2, ..value }, Target::Act(Action::Left));
            }
        }
        let role = if config.text(*setting).is_empty() { Role::Faint } else { Role::Strong };
        frame.render_widget(Span::styled(fit(&text, value.width.into()), theme.style(role)), value);
    }
}
