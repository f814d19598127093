//! The characters of strangers that may reach a terminal, and their width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns the larger of two counts: a terminal may join an emoji sequence or draw its parts.
pub(super) fn columns(text: &str) -> usize {
    let parts: usize = text.chars().filter_map(UnicodeWidthChar::width).sum();
    parts.max(text.width())
}

/// Returns whether a character is visible, stands by itself, and moves the cursor by its width. A space is not.
///
/// The width tables give zero for characters that join, reorder, select or hide (Unicode's default-ignorable and
/// combining characters), and nothing for control characters. The rest of the list has a width and is refused all the
/// same: white space other than a space, the soft hyphen, blanks that are not white space, private use, and the Arabic
/// letter mark.
pub(super) fn is_allowed(character: char) -> bool {
    let has_width = character.width().is_some_and(|width| width > 0);
    let refused = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{ffff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}'
    );
    has_width && !refused && !character.is_whitespace() && !character.is_control()
}
