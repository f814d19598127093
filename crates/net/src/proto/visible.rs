//! The characters of strangers that may reach a terminal, their width, and what is left of a typed text.

use unicode_normalization::UnicodeNormalization;
use unicode_security::general_security_profile::{GeneralSecurityProfile, IdentifierType};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The most columns of one character. Terminals know cells of one and of two columns.
const MAX_WIDTH: usize = 2;

/// Returns the larger of two counts: a terminal may join an emoji sequence or draw its parts.
pub(super) fn columns(text: &str) -> usize {
    let parts: usize = text.chars().filter_map(UnicodeWidthChar::width).sum();
    parts.max(text.width())
}

/// Returns whether a character is visible, stands by itself, and moves the cursor by its width. A space is not.
///
/// The width tables give zero for characters that join, reorder, select or hide, and nothing for control characters. The
/// tables of identifiers (UTS 39) know no unassigned and no private character, and tell which are ignored where they cannot
/// be drawn, and which belong to scripts that nobody writes any more: those have blanks that are letters, and signs that
/// are drawn many columns wide.
pub(super) fn is_allowed(character: char) -> bool {
    character.is_ascii_graphic()
        || character.width().is_some_and(|width| (1..=MAX_WIDTH).contains(&width))
            && character.identifier_type().is_some_and(|kind| {
                !matches!(kind, IdentifierType::Default_Ignorable | IdentifierType::Exclusion)
            })
            && !character.is_whitespace()
            && !character.is_control()
            && !is_drawn_otherwise(character)
}

/// Returns whether a character that has a width and a meaning is drawn as nothing, as more than its width, or together with
/// its neighbour.
const fn is_drawn_otherwise(character: char) -> bool {
    matches!(
        character,
        // Arabic signs around the digits that follow.
        '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{890}' | '\u{891}' | '\u{8e2}'
            // Words and sums of money in one sign, and dashes of two and three columns that terminals count as one.
            | '\u{bf3}'..='\u{bfa}' | '\u{fdf0}'..='\u{fdff}' | '\u{2e3a}' | '\u{2e3b}'
            // Half a space, and what stands for something that cannot be shown.
            | '\u{303f}' | '\u{fff0}'..='\u{ffff}'
            | SKIN_LIGHT..=SKIN_DARK
    )
}

/// Returns a typed text without what carries no meaning on a terminal, composed (NFC), and with a space for any white space.
///
/// Keyboards, input methods and copied pages add characters that nobody sees. Without them, everything that is left can be
/// judged and counted by what is seen.
pub fn visible_part(typed: &str) -> String {
    let kept = typed.chars().filter(|character| !is_meaningless(*character));
    kept.map(|character| if character.is_whitespace() { ' ' } else { character }).nfc().collect()
}

/// Returns whether a text means the same without this character: variation selectors, joiners, soft hyphens, directional
/// marks, fillers and tags, which Unicode ignores where it cannot show them, the frame of a keycap, and skin tones. An
/// override is none of them: it changes the order of what is read.
fn is_meaningless(character: char) -> bool {
    match character {
        '\u{202d}' | '\u{202e}' => false,
        '\u{20e3}' | SKIN_LIGHT..=SKIN_DARK => true,
        _ => character.identifier_type() == Some(IdentifierType::Default_Ignorable),
    }
}

/// The first and the last of the skin tones of emoji, which a terminal draws in the emoji before them or beside it.
const SKIN_LIGHT: char = '\u{1f3fb}';
const SKIN_DARK: char = '\u{1f3ff}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unassigned_private_and_invisible_characters_are_not_allowed() {
        for code in [
            0x378, 0x1fffe, 0x10_ffff, 0x2_fffe, 0xe000, 0xf_0000, 0xfdd0, // Unassigned and private.
            0xad, 0x34f, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x2064, 0x3164, 0xffa0, 0xfe0f, 0x1_d173,
            0xe_0041, // Ignored where they cannot be shown.
            0x2800, 0x1_d159, 0x1_3441, 0x1_6fe4, 0x303f, 0x1680, 0x3000, 0xa0, // Blank.
            0x301, 0x488, 0x20e3, 0x202e, 0x1f3fb,
            0xfffc, // In need of a neighbour, or without a meaning.
        ] {
            let character = char::from_u32(code).unwrap();
            assert!(!is_allowed(character), "U+{code:04X}");
        }
    }

    #[test]
    fn characters_of_living_scripts_and_emoji_are_allowed() {
        for character in "aZ9~é ßñŁжЯΩאبक李あア가ไ€½…→♥★█│①🦊✌👍ＯＫ！。「".chars()
        {
            assert!(is_allowed(character) || character == ' ', "{character}");
        }
    }

    #[test]
    fn a_character_is_at_most_two_columns_wide() {
        let allowed = (0..=0x10_ffff).filter_map(char::from_u32).filter(|character| is_allowed(*character));
        let (mut count, mut widest) = (0_u32, 0);
        for character in allowed {
            count += 1;
            widest = widest.max(columns(character.encode_utf8(&mut [0; 4])));
        }
        assert_eq!(widest, MAX_WIDTH);
        assert!((100_000..140_000).contains(&count), "{count} characters");
        for wide in "﷽ﷺ⸺⸻𒐫𒈙௵\u{600}៘".chars() {
            assert!(!is_allowed(wide), "{wide:?} is drawn wider than its cell");
        }
    }

    #[test]
    fn the_tables_are_of_the_version_that_the_protocol_names() {
        assert_eq!(unicode_security::UNICODE_VERSION, (18, 0, 0));
        assert!(include_str!("../../../../docs/PROTOCOL.md").contains("as of Unicode 18.0"));
    }

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        assert_eq!(visible_part(typed), expected, "{}", typed.escape_unicode());
    }

    #[test]
    fn what_carries_no_meaning_is_stripped() {
        check("✌\u{fe0f}", "✌");
        check("1\u{fe0f}\u{20e3} ☺\u{fe0e}", "1 ☺");
        check("👩\u{200d}💻 👍\u{1f3fd}", "👩💻 👍");
        check("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "🏴");
        check("e\u{301}a\u{34f}\u{308}", "éä");
        check("\u{1112}\u{1161}\u{11ab}", "한");
        check("\u{feff}so\u{ad}ft\u{200b}\u{2068}x\u{2069}\u{200f}", "softx");
        check("a\u{a0}b\u{3000}c\td\u{2028}e", "a b c d e");
    }

    #[test]
    fn what_carries_a_meaning_is_kept_for_a_refusal_that_names_it() {
        for kept in ["\u{202e}abc", "\u{1b}[2J", "q\u{301}", "\u{378}", "\u{e000}"] {
            check(kept, kept);
        }
    }
}
