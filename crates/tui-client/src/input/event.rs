//! Events of the terminal.

use ratatui::layout::Position;

use crate::key::Key;

/// One event of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed, repeated or released.
    Key(Key),
    /// The first mouse button was pressed.
    Click(Position),
    /// Text was pasted; at most [`MAX_PASTE`](super::MAX_PASTE) bytes of it.
    Paste(String),
    /// The window got the focus (`true`) or lost it.
    Focus(bool),
    /// The terminal has told the colour of its background (OSC 11), such as `rgb:1e1e/1e1e/2e2e`.
    Background(String),
    /// The size has changed, which a console of Windows tells here and other systems by a signal.
    Resized,
}
