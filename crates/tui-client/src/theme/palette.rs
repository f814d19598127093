//! The colours of each palette, in every depth.
//!
//! Blue and orange are those of Okabe and Ito's set, which stay apart for every kind of colour blindness
//! (<https://jfly.uni-koeln.de/color/>). The background belongs to the terminal and is painted for bars and for what is
//! chosen alone.

use ratatui::style::Color;

/// One colour in every depth: 24 bits, an index of the fixed 256, and one of the terminal's own sixteen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tone {
    pub(super) rgb: u32,
    pub(super) index: u8,
    pub(super) named: Color,
}

/// The colours of a theme, by their purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) x: Tone,
    pub(super) o: Tone,
    pub(super) good: Tone,
    pub(super) bad: Tone,
    pub(super) faint: Tone,
    /// A mark that no longer matters.
    pub(super) dimmed: Tone,
    pub(super) rule: Tone,
    /// The background of header and footer.
    pub(super) bar: Tone,
    /// The background of the cursor, the chosen entry, and the player to move.
    pub(super) chosen: Tone,
}

const fn tone(rgb: u32, index: u8, named: Color) -> Tone {
    Tone { rgb, index, named }
}

/// Black, for what cameras read.
pub(super) const INK: Tone = tone(0x0000_0000, 16, Color::Black);

/// White, for what cameras read.
pub(super) const PAPER: Tone = tone(0x00ff_ffff, 231, Color::White);

pub(super) const DARK: Palette = Palette {
    x: tone(0x0056_b4e9, 75, Color::LightCyan),
    o: tone(0x00f0_a202, 214, Color::LightYellow),
    good: tone(0x002f_bf9f, 79, Color::Green),
    bad: tone(0x00ff_6b6b, 210, Color::LightRed),
    faint: tone(0x0094_9cab, 247, Color::Gray),
    dimmed: tone(0x0074_7d8b, 244, Color::DarkGray),
    rule: tone(0x003a_3f4a, 238, Color::DarkGray),
    bar: tone(0x0020_242c, 235, Color::Reset),
    chosen: tone(0x002b_313c, 236, Color::Reset),
};

pub(super) const LIGHT: Palette = Palette {
    x: tone(0x0000_609d, 25, Color::Blue),
    o: tone(0x009a_4d00, 94, Color::Red),
    good: tone(0x0000_6b50, 22, Color::Green),
    bad: tone(0x00c6_2828, 124, Color::Red),
    faint: tone(0x005f_6875, 241, Color::DarkGray),
    dimmed: tone(0x007b_848e, 243, Color::DarkGray),
    rule: tone(0x00cf_d4da, 252, Color::DarkGray),
    bar: tone(0x00ec_eff2, 255, Color::Reset),
    chosen: tone(0x00df_e7ef, 254, Color::Reset),
};

pub(super) const HIGH_CONTRAST: Palette = Palette {
    x: tone(0x0066_d9ff, 81, Color::LightCyan),
    o: tone(0x00ff_d75f, 221, Color::LightYellow),
    good: tone(0x005f_ff87, 84, Color::LightGreen),
    bad: tone(0x00ff_8787, 210, Color::LightRed),
    faint: tone(0x00d0_d0d0, 252, Color::White),
    dimmed: tone(0x00a8_a8a8, 248, Color::Gray),
    rule: tone(0x0080_8080, 244, Color::Gray),
    bar: tone(0x0000_0000, 16, Color::Reset),
    chosen: tone(0x0000_3a5f, 17, Color::Reset),
};

pub(super) const HIGH_CONTRAST_LIGHT: Palette = Palette {
    x: tone(0x0000_3a8c, 18, Color::Blue),
    o: tone(0x007a_2e00, 52, Color::Red),
    good: tone(0x0000_4d2e, 22, Color::Green),
    bad: tone(0x008f_0000, 88, Color::Red),
    faint: tone(0x0030_3030, 236, Color::Black),
    dimmed: tone(0x0060_6060, 241, Color::DarkGray),
    rule: tone(0x0080_8080, 244, Color::DarkGray),
    bar: tone(0x00ff_ffff, 231, Color::Reset),
    chosen: tone(0x00cd_e6ff, 195, Color::Reset),
};

pub(super) const EDSAC: Palette = Palette {
    x: tone(0x005f_ff87, 84, Color::LightGreen),
    o: tone(0x005f_ff87, 84, Color::LightGreen),
    good: tone(0x005f_ff87, 84, Color::LightGreen),
    bad: tone(0x00af_ff5f, 155, Color::LightYellow),
    faint: tone(0x003f_af5f, 71, Color::Green),
    dimmed: tone(0x002f_8f4f, 65, Color::Green),
    rule: tone(0x001f_4f2f, 22, Color::Green),
    bar: tone(0x0010_2016, 233, Color::Reset),
    chosen: tone(0x0018_3822, 234, Color::Reset),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour (WCAG 2.2, "relative luminance").
    fn luminance(rgb: u32) -> f64 {
        let [_, red, green, blue] = rgb.to_be_bytes().map(|byte| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.0722_f64.mul_add(blue, 0.2126_f64.mul_add(red, 0.7152 * green))
    }

    /// The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The 24 bits of an index of the fixed palette, from 16: a cube of six steps a channel, then 24 greys (xterm).
    fn fixed(index: u8) -> u32 {
        let rgb = |red: u32, green: u32, blue: u32| red << 16 | green << 8 | blue;
        match index {
            16..=231 => {
                let step = |part: u8| if part == 0 { 0 } else { 55 + 40 * u32::from(part) };
                let index = index - 16;
                rgb(step(index / 36), step(index / 6 % 6), step(index % 6))
            }
            232.. => {
                let grey = 8 + 10 * u32::from(index - 232);
                rgb(grey, grey, grey)
            }
            _ => panic!("{index} belongs to the terminal"),
        }
    }

    /// Backgrounds of terminals: black, the pictures' own, Catppuccin's and Solarized's.
    const DARK_GROUNDS: [u32; 4] = [0x0000_0000, 0x0016_181d, 0x001e_1e2e, 0x0000_2b36];
    const LIGHT_GROUNDS: [u32; 3] = [0x00ff_ffff, 0x00fb_fbf8, 0x00fd_f6e3];

    #[test]
    fn texts_and_marks_stand_out_from_every_background() {
        for (name, palette, grounds) in [
            ("dark", DARK, &DARK_GROUNDS[..]),
            ("light", LIGHT, &LIGHT_GROUNDS),
            ("high-contrast", HIGH_CONTRAST, &DARK_GROUNDS),
            ("high-contrast, light", HIGH_CONTRAST_LIGHT, &LIGHT_GROUNDS),
            ("edsac", EDSAC, &DARK_GROUNDS),
        ] {
            for (depth, value) in
                [("true", (|tone: Tone| tone.rgb) as fn(Tone) -> u32), ("256", |tone| fixed(tone.index))]
            {
                let painted = [palette.bar, palette.chosen].map(value);
                for ground in grounds.iter().copied().chain(painted) {
                    // WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for graphics (1.4.11).
                    for (what, tone, least) in [
                        ("x", palette.x, 4.5),
                        ("o", palette.o, 4.5),
                        ("good", palette.good, 4.5),
                        ("bad", palette.bad, 4.5),
                        ("faint", palette.faint, 4.5),
                        ("dimmed", palette.dimmed, 3.0),
                    ] {
                        let reached = contrast(value(tone), ground);
                        assert!(reached >= least, "{name}, {depth}: {what} on {ground:06x} is {reached:.2}");
                    }
                }
            }
        }
    }
}
