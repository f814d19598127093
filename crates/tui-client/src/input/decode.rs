//! The meaning of a complete control sequence: a key, a click, a change of the focus, or nothing.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers};
use ratatui::layout::Position;

use super::event::Event;
use crate::key::Key;

/// The parameters of a sequence: numbers between `;`, each with parts between `:`.
#[derive(Debug, Clone, Copy)]
struct Params<'a>(&'a str);

/// The events of `CSI params last`. A sequence that nobody here understands has none.
pub(super) fn csi(params: &str, last: u8) -> Vec<Event> {
    if let Some(report) = params.strip_prefix('<') {
        return sgr_mouse(Params(report), last).into_iter().collect();
    }
    // Any other sequence with a private or an intermediate byte answers a question.
    if !params.bytes().all(|byte| matches!(byte, b'0'..=b';')) {
        return Vec::new();
    }
    let params = Params(params);
    let event = match (last, params.part(0, 0)) {
        (b'I', None) => Some(Event::Focus(true)),
        (b'O', None) => Some(Event::Focus(false)),
        (b'u', Some(number)) => return unicode_key(params, number),
        // xterm's modifyOtherKeys.
        (b'~', Some(27)) => {
            let character = params.part(2, 0).and_then(char::from_u32);
            character.filter(|it| !it.is_control()).map(|it| params.key(KeyCode::Char(it)))
        }
        (b'~', Some(number)) => {
            editing_key(number).or_else(|| function_key(number)).map(|code| params.key(code))
        }
        // rxvt's mouse.
        (b'M', Some(button)) => press(button.checked_sub(32), params.part(1, 0), params.part(2, 0)),
        (_, None | Some(1)) => cursor_key(last).map(|code| params.key(code)),
        _ => None,
    };
    event.into_iter().collect()
}

/// The key of `SS3 params last`: of the cursor keys and the keypad in their application modes.
pub(super) fn ss3(params: &str, last: u8) -> Option<Event> {
    let code = match last {
        b'M' => KeyCode::Enter,
        b'I' => KeyCode::Tab,
        b'X' => KeyCode::Char('='),
        b' ' => KeyCode::Char(' '),
        // In a CSI it would be the place of the cursor.
        b'R' => KeyCode::F(3),
        // VT100 user guide, table 3-8: `*` to `9`.
        b'j'..=b'y' => KeyCode::Char(char::from(last - b'j' + b'*')),
        _ => cursor_key(last)?,
    };
    // The modifiers stand alone or after a 1.
    let params = Params(params);
    let modifiers = params.part(1, 0).or_else(|| params.part(0, 0));
    Some(Event::Key(Key::new(code, modifiers_of(modifiers).0)))
}

/// A press of a mouse's button, by its number in a report and its place counted from 1. Modifiers do not matter. The wheel
/// types the arrow keys, as it does in most terminals that keep the mouse.
pub(super) fn press(button: Option<u32>, column: Option<u32>, row: Option<u32>) -> Option<Event> {
    let cell = |place: Option<u32>| u16::try_from(place?.checked_sub(1)?).ok();
    let key = |code| Some(Event::Key(Key::new(code, KeyModifiers::NONE)));
    match button? & !MOUSE_MODIFIERS {
        0 => Some(Event::Click(Position::new(cell(column)?, cell(row)?))),
        64 => key(KeyCode::Up),
        65 => key(KeyCode::Down),
        _ => None,
    }
}

fn sgr_mouse(report: Params<'_>, last: u8) -> Option<Event> {
    let is_press = last == b'M';
    is_press.then(|| press(report.part(0, 0), report.part(1, 0), report.part(2, 0))).flatten()
}

const fn cursor_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::KeypadBegin,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'S' => KeyCode::F(4),
        _ => return None,
    })
}

const fn editing_key(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        57_427 => KeyCode::KeypadBegin,
        _ => return None,
    })
}

/// F1 to F12, whose numbers have gaps where the VT220's keyboard had them.
fn function_key(number: u32) -> Option<KeyCode> {
    let numbers = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24];
    (1..).zip(numbers).find(|(_, known)| *known == number).map(|(nth, _)| KeyCode::F(nth))
}

/// The events of `CSI number:shifted:position ; modifiers:kind ; text u`, the keyboard protocol of kitty. All but the
/// number may be missing. The text may have several characters, such as those of an input method.
fn unicode_key(params: Params<'_>, number: u32) -> Vec<Event> {
    let (modifiers, state) = modifiers_of(params.part(1, 0));
    let (number, modifiers) = without_protocol(number, modifiers);
    let kind = params.kind();
    if let Some((code, more)) = named_key(number) {
        return vec![Event::Key(KeyEvent { code, modifiers, kind, state: state | more }.into())];
    }
    let is_held = !(modifiers - KeyModifiers::SHIFT).is_empty();
    let unshifted = char::from_u32(number).filter(|it| !it.is_control() && !is_private(number));
    let shifted = modifiers.contains(KeyModifiers::SHIFT) && !is_held;
    let typed = unshifted.map(|letter| match params.part(0, 1).and_then(char::from_u32) {
        Some(upper) if shifted && !upper.is_control() => upper,
        _ if shifted != state.contains(KeyEventState::CAPS_LOCK) && !is_held => {
            letter.to_uppercase().next().unwrap_or(letter)
        }
        _ => letter,
    });
    let mut all: Vec<char> = params.text().collect();
    if all.is_empty() {
        all.extend(typed);
    }
    let by_position = params.part(0, 2).and_then(char::from_u32).filter(char::is_ascii_alphanumeric);
    let by_position = by_position.filter(|_| all.len() == 1);
    all.into_iter()
        .map(|character| {
            let event = KeyEvent { code: KeyCode::Char(character), modifiers, kind, state };
            Event::Key(Key { event, by_position })
        })
        .collect()
}

/// The key that has the same control character: Ctrl types some of them, and Shift makes no difference to any.
fn without_protocol(number: u32, modifiers: KeyModifiers) -> (u32, KeyModifiers) {
    let control = match char::from_u32(number) {
        Some('i') => '\t',
        Some('j' | 'm') => '\r',
        Some('[') => '\x1b',
        Some('\t' | '\r' | '\x1b' | '\x7f') => return (number, modifiers - KeyModifiers::SHIFT),
        _ => return (number, modifiers),
    };
    if modifiers == KeyModifiers::CONTROL {
        (control.into(), KeyModifiers::NONE)
    } else {
        (number, modifiers)
    }
}

/// A key that types nothing, or stands on the keypad, by its number in kitty's protocol ("Functional key definitions").
fn named_key(number: u32) -> Option<(KeyCode, KeyEventState)> {
    let code = match number {
        9 => KeyCode::Tab,
        13 | 57_414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        57_399..=57_413 => {
            KeyCode::Char("0123456789./*-+".chars().nth(usize::try_from(number - 57_399).ok()?)?)
        }
        57_415 => KeyCode::Char('='),
        57_416 => KeyCode::Char(','),
        57_417 => KeyCode::Left,
        57_418 => KeyCode::Right,
        57_419 => KeyCode::Up,
        57_420 => KeyCode::Down,
        57_421 => KeyCode::PageUp,
        57_422 => KeyCode::PageDown,
        57_423 => KeyCode::Home,
        57_424 => KeyCode::End,
        57_425 => KeyCode::Insert,
        57_426 => KeyCode::Delete,
        57_427 => KeyCode::KeypadBegin,
        _ => return None,
    };
    let state = if is_private(number) { KeyEventState::KEYPAD } else { KeyEventState::NONE };
    Some((code, state))
}

/// Tells whether a number is of Unicode's private use, where kitty's protocol numbers its keys.
const fn is_private(number: u32) -> bool {
    matches!(number, 0xe000..=0xf8ff)
}

/// The modifiers of a parameter: one more than the sum of their bits (xterm, kitty).
fn modifiers_of(parameter: Option<u32>) -> (KeyModifiers, KeyEventState) {
    let bits = parameter.unwrap_or(1).saturating_sub(1);
    let modifiers = [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ];
    let held = modifiers.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, modifier)| modifier);
    let state = if bits & 64 != 0 { KeyEventState::CAPS_LOCK } else { KeyEventState::NONE };
    (held.collect(), state)
}

impl<'a> Params<'a> {
    fn part(self, index: usize, part: usize) -> Option<u32> {
        self.0.split(';').nth(index)?.split(':').nth(part)?.parse().ok()
    }

    /// The text of a key, of which control characters are no part.
    fn text(self) -> impl Iterator<Item = char> + use<'a> {
        let parts = self.0.split(';').nth(2).into_iter().flat_map(|text| text.split(':'));
        parts.filter_map(|part| char::from_u32(part.parse().ok()?)).filter(|it| !it.is_control())
    }

    fn kind(self) -> KeyEventKind {
        match self.part(1, 1) {
            Some(2) => KeyEventKind::Repeat,
            Some(3) => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        }
    }

    fn key(self, code: KeyCode) -> Event {
        let (modifiers, state) = modifiers_of(self.part(1, 0));
        Event::Key(KeyEvent { code, modifiers, kind: self.kind(), state }.into())
    }
}

/// Shift, Meta and Control in the number of a mouse button (ctlseqs of xterm, "Mouse Tracking").
const MOUSE_MODIFIERS: u32 = 0b1_1100;
