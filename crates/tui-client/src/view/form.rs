//! The rows of a form: a label, a value, and its meaning where there is room.

use game_core::Mark;
use ratatui::{Frame, layout::Rect, text::Span};

use super::{
    input,
    text::fit,
    ui::{Breakpoint, Ui, right_of},
};
use crate::{buttons::Target, keymap::Action, text_input::TextInput, theme::Role};

/// A row of a form.
pub(super) struct Row<'a> {
    pub(super) label: Span<'static>,
    pub(super) value: String,
    pub(super) role: Role,
    pub(super) meaning: String,
    /// True if the value has arrows beside it while it is chosen.
    pub(super) has_choice: bool,
    /// The value, while it is typed. An empty one shows what holds without it.
    pub(super) typed: Option<&'a TextInput>,
}

/// Draws rows, each so many below the one before. The chosen one stays in view. The widths are those of the labels, and of
/// the values where their meanings stand beside them.
pub(super) fn draw(
    ui: &Ui,
    (rows, chosen): (Vec<Row<'_>>, usize),
    (label_columns, value_columns): (u16, u16),
    (list, pitch): (Rect, u16),
    frame: &mut Frame<'_>,
) {
    let has_arrows = ui.breakpoint() != Breakpoint::Tiny;
    let margin = if has_arrows { "  " } else { "" };
    let room = usize::from(list.height / pitch);
    let hidden = (chosen + 1).saturating_sub(room);
    let shown = rows.into_iter().enumerate().skip(hidden).take(room);
    for (y, (index, row)) in (list.y..).step_by(pitch.into()).zip(shown) {
        let area = Rect { y, height: 1, ..list };
        let right = right_of(area, label_columns);
        let value = if ui.is_full() { Rect { width: value_columns, ..right } } else { right };
        let meaning = right_of(right, value.width);
        let label = fit(&format!("  {}", row.label.content), label_columns.into());
        frame.render_widget(Span::styled(label, row.label.style), area);
        let is_chosen = index == chosen;
        ui.note(area, Target::Row(index));
        let [_, _, before, after] =
            ui.theme.more().map(|arrow| if is_chosen && row.has_choice { arrow } else { " " });
        let text = ui.theme.text(&row.value);
        let text = if has_arrows { format!("{before} {text} {after}") } else { text };
        frame.render_widget(ui.span(fit(&row.meaning, meaning.width.into()), Role::Faint), meaning);
        if is_chosen {
            ui.choose(area, ui.theme.style(Role::Mark(Mark::X)), frame);
        }
        if row.typed.is_none_or(|typed| typed.text().is_empty()) {
            frame.render_widget(ui.span(fit(text.trim_end(), value.width.into()), row.role), value);
        }
        if let Some(typed) = row.typed {
            // Without a meaning beside it, it has more room.
            let place = if row.meaning.is_empty() { right } else { value };
            input::draw(ui.theme, typed, margin, place, frame);
        } else if is_chosen && has_arrows {
            // Its arrow to the left.
            ui.note(Rect { width: 2, ..value }, Target::Act(Action::Left));
        }
    }
}
