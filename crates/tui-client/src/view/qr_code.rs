//! QR codes. Half blocks give two modules a character.

use qrcodegen::QrCodeEcc;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Size},
    style::Color,
};

/// A QR code with its quiet zone.
pub(super) struct QrCode(qrcodegen::QrCode);

/// Modules of the quiet zone on each side: half of what ISO/IEC 18004 asks for. Readers find such codes too, and they fit
/// beside a text of 39 columns.
const QUIET: u16 = 2;

impl QrCode {
    /// The code of a URL, in capitals, which make it smaller: neither the scheme, the host nor the code of a room tells letters
    /// from capitals.
    pub(super) fn of(url: &str) -> Option<Self> {
        // The most correction that its size has room for.
        qrcodegen::QrCode::encode_text(&url.to_uppercase(), QrCodeEcc::Low).ok().map(Self)
    }

    /// Columns and rows of characters.
    pub(super) fn size(&self) -> Size {
        let side = u16::try_from(self.0.size()).unwrap_or(u16::MAX).saturating_add(2 * QUIET);
        Size { width: side, height: side.div_ceil(2) }
    }

    /// Draws it with its upper left corner at a position.
    pub(super) fn draw(&self, at: Position, [ink, paper]: [Color; 2], buffer: &mut Buffer) {
        let Size { width, height } = self.size();
        let color = |x: u16, y: u16| {
            let [x, y] = [x, y].map(|it| i32::from(it) - i32::from(QUIET));
            if self.0.get_module(x, y) { ink } else { paper }
        };
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let [upper, lower] = [2 * y, 2 * y + 1].map(|row| color(x, row));
            if let Some(cell) = buffer.cell_mut((at.x + x, at.y + y)) {
                // Fonts draw blocks with seams, backgrounds have none.
                cell.reset();
                cell.set_symbol(if upper == lower { " " } else { "▀" }).set_fg(upper).set_bg(lower);
            }
        }
    }
}
