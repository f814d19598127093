//! The page of the settings.

use game_core::Mark;
use ratatui::{Frame, layout::Rect, text::Span};

use super::{input, popup, text::fit, ui::Ui};
use crate::{buttons::Target, config::Config, keymap::Action, settings_page::SettingsPage, theme::Role};

/// Columns of the names.
const NAME_COLUMNS: u16 = 12;

/// Columns of the values where their meanings stand beside them.
const VALUE_COLUMNS: u16 = 22;

/// Draws the page.
pub(super) fn draw(ui: &Ui, page: &SettingsPage, config: &Config, frame: &mut Frame<'_>) {
    let (theme, area) = (ui.theme, popup::place(ui.regions));
    frame.render_widget(Span::styled("Settings", theme.style(Role::Strong)), area);
    let above = popup::rows_above(area);
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
        let mut text = theme.text(&config.in_words(*setting));
        if index == page.chosen {
            ui.choose(row, theme.style(Role::Mark(Mark::X)), frame);
            if page.is_typed() {
                input::draw(theme, &page.input, "", value, frame);
                continue;
            }
            let [.., left, right] = theme.more();
            text = format!("{left} {text} {right}");
            // Its arrow to the left.
            ui.note(Rect { width: 2, ..value }, Target::Act(Action::Left));
        }
        let text = fit(&text, value.width.into());
        frame.render_widget(Span::styled(text, theme.style(Role::Strong)), value);
    }
}
