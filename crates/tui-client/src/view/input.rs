//! Text inputs on the screen.

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{
    text::skip_columns,
    ui::{Ui, below},
};
use crate::{
    text_input::TextInput,
    theme::{Role, Theme},
};

/// Draws an input under its label. Returns the area of the input.
pub(super) fn labelled(ui: &Ui, input: &TextInput, label: &str, frame: &mut Frame<'_>) -> Rect {
    let area = below(ui.regions.text(), if ui.is_full() { 3 } else { 0 });
    frame.render_widget(ui.span(label.to_owned(), Role::Faint), area);
    let place = Rect { height: 1, ..below(area, 1 + u16::from(ui.is_full())) }.intersection(area);
    frame.buffer_mut().set_style(place, ui.theme.style(Role::Chosen));
    draw(ui.theme, input, " > ", place, frame);
    place
}

/// Draws an input behind a prompt, scrolled to the cursor, and the terminal's cursor in it.
pub(super) fn draw(theme: Theme, input: &TextInput, prompt: &str, area: Rect, frame: &mut Frame<'_>) {
    let before = u16::try_from(prompt.len()).unwrap_or(u16::MAX);
    let width = area.width.saturating_sub(before + 1);
    let scroll = input.input.visual_scroll(usize::from(width));
    let line = Line::from(vec![
        Span::raw(prompt.to_owned()),
        Span::styled(theme.text(&skip_columns(input.text(), scroll)), theme.style(Role::Strong)),
    ]);
    frame.render_widget(Paragraph::new(line), area);
    let column = input.input.visual_cursor().saturating_sub(scroll);
    let column = u16::try_from(column).unwrap_or(u16::MAX).min(width);
    frame.set_cursor_position(Position::new(area.x + before + column, area.y));
}
