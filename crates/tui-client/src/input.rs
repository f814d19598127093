//! The terminal's input: bytes become keys, clicks, pastes and changes of the focus.
//!
//! A state machine over bytes and time, after the one for the other side of the line (ECMA-48; Paul Williams, "A parser for
//! DEC's ANSI-compatible video terminals"), with what only keyboards send: a lone ESC, SS3 with parameters, pastes. A
//! sequence that is complete ends, whether anybody understands it or not. One that stays incomplete ends by time, and
//! Ctrl-C ends every other state. So nothing that a terminal sends can take the keyboard away.

mod decode;
mod event;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    mem,
    time::{Duration, Instant},
};

use crossterm::event::{KeyCode, KeyModifiers};

pub use event::Event;

use crate::key::Key;

/// The input parser.
///
/// Call [`handle_bytes`](Self::handle_bytes) with what was read, or [`handle_timeout`](Self::handle_timeout) once
/// [`poll_timeout`](Self::poll_timeout) has passed and nothing waits to be read. After either, take events with
/// [`poll_event`](Self::poll_event) until it returns `None`.
#[derive(Debug, Default)]
pub struct Parser {
    state: State,
    /// The arrival of the last byte.
    heard_at: Option<Instant>,
    events: VecDeque<Event>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After ESC ESC: two keys, or the sequence of a key with Alt.
    EscapeTwice,
    /// After ESC and a byte of 2/0 to 2/15. The next that is none ends it.
    EscapeIntermediate,
    /// In a character of several bytes.
    Character { bytes: Vec<u8>, modifiers: KeyModifiers },
    /// After CSI or SS3.
    Sequence { kind: Kind, params: String },
    /// After a sequence that more bytes follow: a place of the mouse, or the number of a function key.
    Suffix { bytes: Vec<u8>, length: usize },
    /// In a control string: OSC, or another.
    Text { is_osc: bool, text: Vec<u8>, last: u8 },
    /// After ESC in a control string.
    TextEscape { is_osc: bool, text: Vec<u8> },
    /// In a paste.
    Paste(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csi,
    Ss3,
}

impl Parser {
    /// Takes in what the terminal sent.
    pub fn handle_bytes(&mut self, now: Instant, bytes: &[u8]) {
        self.heard_at = Some(now);
        for byte in bytes {
            self.handle_byte(*byte);
        }
    }

    /// Ends what has stayed incomplete for too long: ESC was a key, and other beginnings are dropped.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_none_or(|due| now < due) {
            return;
        }
        match mem::take(&mut self.state) {
            State::Escape => self.press(KeyCode::Esc, KeyModifiers::NONE),
            State::EscapeTwice => {
                self.press(KeyCode::Esc, KeyModifiers::NONE);
                self.press(KeyCode::Esc, KeyModifiers::NONE);
            }
            State::Paste(mut text) => {
                let is_given_up = text.last() == Some(&CTRL_C);
                text.truncate(text.len() - usize::from(is_given_up));
                self.paste(&text);
                if is_given_up {
                    self.ground(CTRL_C, KeyModifiers::NONE);
                }
            }
            _ => {}
        }
    }

    /// The next event.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The instant at which what is incomplete ends, if nothing follows before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let patience = match &self.state {
            State::Ground => return None,
            State::Escape | State::EscapeTwice => ESC_PATIENCE,
            State::Paste(text) if text.last() == Some(&CTRL_C) => ESC_PATIENCE,
            State::Paste(_) => PASTE_PATIENCE,
            _ => SEQUENCE_PATIENCE,
        };
        Some(self.heard_at? + patience)
    }

    fn handle_byte(&mut self, byte: u8) {
        match (mem::take(&mut self.state), byte) {
            (State::Paste(text), _) => self.paste_byte(text, byte),
            (_, CTRL_C) | (State::Ground, _) => self.ground(byte, KeyModifiers::NONE),
            (State::Escape, ESC) => self.state = State::EscapeTwice,
            (State::TextEscape { is_osc, text }, b'\\') | (State::Text { is_osc, text, .. }, BEL) => {
                self.text(is_osc, &text);
            }
            (State::Escape | State::TextEscape { .. }, _) | (State::EscapeTwice, b'[' | b'O') => {
                self.escape(byte);
            }
            (State::EscapeTwice, _) => {
                self.press(KeyCode::Esc, KeyModifiers::NONE);
                self.state = State::Escape;
                self.handle_byte(byte);
            }
            // ESC begins anew in every other state, but may also begin the end of a control string.
            (State::Text { is_osc, text, .. }, ESC) => self.state = State::TextEscape { is_osc, text },
            (_, ESC) => self.state = State::Escape,
            (State::EscapeIntermediate, 0x20..=0x2f) => self.state = State::EscapeIntermediate,
            (State::EscapeIntermediate, 0x30..=0x7e) => {}
            (State::Character { bytes, modifiers }, 0x80..=0xbf) => self.character(bytes, byte, modifiers),
            (State::Sequence { kind, params }, 0x20..=0x7f) => self.sequence(kind, params, byte),
            (State::Suffix { bytes, length }, 0x20..) => self.suffix(bytes, length, byte),
            // Elsewhere it is a part of a character.
            (State::Text { is_osc, text, last }, C1_ST) if last.is_ascii() || last == LEAD_OF_C1 => {
                self.text(is_osc, &text);
            }
            (State::Text { is_osc, mut text, .. }, 0x08..=0x0d | 0x20..) => {
                if text.len() < MAX_TEXT {
                    text.push(byte);
                }
                self.state = State::Text { is_osc, text, last: byte };
            }
            // Not a part of it, so that it has ended, and this is a key.
            _ => self.ground(byte, KeyModifiers::NONE),
        }
    }

    /// Takes in a byte outside of a sequence. `modifiers` is ALT after an ESC.
    fn ground(&mut self, byte: u8, modifiers: KeyModifiers) {
        let control = modifiers | KeyModifiers::CONTROL;
        match byte {
            ESC => self.state = State::Escape,
            // Some programs type line feeds.
            b'\r' | b'\n' => self.press(KeyCode::Enter, modifiers),
            b'\t' => self.press(KeyCode::Tab, modifiers),
            0x7f => self.press(KeyCode::Backspace, modifiers),
            0 => self.press(KeyCode::Char(' '), control),
            0x01..=0x1f => self.press(KeyCode::Char(char::from(byte + b'@').to_ascii_lowercase()), control),
            0x20..=0x7e => self.character(Vec::new(), byte, modifiers),
            // The controls of eight bits stand for ESC and a byte of seven.
            0x80..=0x9f => self.escape(byte - 0x40),
            0xc2..=0xf4 => self.state = State::Character { bytes: vec![byte], modifiers },
            _ => {}
        }
    }

    /// Takes in the byte after an ESC.
    fn escape(&mut self, byte: u8) {
        let sequence = |kind| State::Sequence { kind, params: String::new() };
        match byte {
            b'[' => self.state = sequence(Kind::Csi),
            b'O' => self.state = sequence(Kind::Ss3),
            // DCS, SOS, OSC, PM, APC.
            b'P' | b'X' | b']' | b'^' | b'_' => {
                self.state = State::Text { is_osc: byte == b']', text: Vec::new(), last: byte };
            }
            // The end of a control string.
            b'\\' => {}
            0x20..=0x2f => self.state = State::EscapeIntermediate,
            _ => self.ground(byte, KeyModifiers::ALT),
        }
    }

    fn character(&mut self, mut bytes: Vec<u8>, byte: u8, modifiers: KeyModifiers) {
        bytes.push(byte);
        match str::from_utf8(&bytes) {
            Ok(text) => {
                for character in text.chars() {
                    match u32::from(character) {
                        // A control of eight bits, in UTF-8.
                        code @ 0x80..=0x9f => self.escape(code.to_le_bytes()[0] - 0x40),
                        _ if character.is_uppercase() => {
                            self.press(KeyCode::Char(character), modifiers | KeyModifiers::SHIFT);
                        }
                        _ => self.press(KeyCode::Char(character), modifiers),
                    }
                }
            }
            // Incomplete.
            Err(error) if error.error_len().is_none() => self.state = State::Character { bytes, modifiers },
            Err(_) => {}
        }
    }

    fn sequence(&mut self, kind: Kind, mut params: String, byte: u8) {
        let is_last = matches!((kind, byte), (Kind::Ss3, b' ') | (_, 0x40..=0x7e));
        if !is_last {
            // One byte above the limit marks a sequence that is too long.
            if params.len() <= MAX_PARAMS {
                params.push(char::from(byte));
            }
            self.state = State::Sequence { kind, params };
            return;
        }
        match (kind, byte, &*params) {
            _ if params.len() > MAX_PARAMS => {}
            (Kind::Csi, b'~', "200") => self.state = State::Paste(Vec::new()),
            // xterm's first mouse protocol, and the function keys of Linux's console.
            (Kind::Csi, b'M', "") => self.state = State::Suffix { bytes: Vec::new(), length: 3 },
            (Kind::Csi, b'[', "") => self.state = State::Suffix { bytes: Vec::new(), length: 1 },
            (Kind::Csi, ..) => self.events.extend(decode::csi(&params, byte)),
            (Kind::Ss3, ..) => self.events.extend(decode::ss3(&params, byte)),
        }
    }

    /// Takes in a control string, of which only the answer about the background is understood.
    fn text(&mut self, is_osc: bool, text: &[u8]) {
        let answer = text.strip_prefix(b"11;").filter(|_| is_osc && text.len() < MAX_TEXT);
        let color = answer.and_then(|color| str::from_utf8(color).ok());
        self.events.extend(color.map(|color| Event::Background(color.to_owned())));
    }

    fn suffix(&mut self, mut bytes: Vec<u8>, length: usize, byte: u8) {
        bytes.push(byte);
        match *bytes {
            _ if bytes.len() < length => self.state = State::Suffix { bytes, length },
            // Each is 32 more than its number.
            [button, column, row] => {
                let [button, column, row] = [button, column, row].map(|it| u32::from(it).checked_sub(32));
                self.events.extend(decode::press(button, column, row));
            }
            _ => {}
        }
    }

    fn paste_byte(&mut self, mut text: Vec<u8>, byte: u8) {
        // What is too much is dropped, but for what may be the end.
        if text.len() >= MAX_PASTE + PASTE_END.len() {
            text.remove(MAX_PASTE);
        }
        text.push(byte);
        match text.strip_suffix(PASTE_END) {
            Some(text) => self.paste(text),
            None => self.state = State::Paste(text),
        }
    }

    fn paste(&mut self, text: &[u8]) {
        let text = text.get(..MAX_PASTE).unwrap_or(text);
        self.events.push_back(Event::Paste(String::from_utf8_lossy(text).into_owned()));
    }

    fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        self.events.push_back(Event::Key(Key::new(code, modifiers)));
    }
}

/// Bytes of a paste at most: more than the longest input takes, four bytes a character.
pub const MAX_PASTE: usize = 4096;

/// The silence after which ESC was a key. A serial line at 9,600 baud takes 1 ms a byte; a person does not notice 50 ms.
const ESC_PATIENCE: Duration = Duration::from_millis(40);

/// The silence after which a sequence is given up: longer than a network holds back its second half, and shorter than it
/// takes to press Alt-[ by mistake and look up.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(500);

/// The silence after which a paste has lost its end. Long, since its second half would be taken for keys.
const PASTE_PATIENCE: Duration = Duration::from_secs(2);

/// Bytes of a sequence's parameters at most. A key with the text of an input method has some sixty.
const MAX_PARAMS: usize = 256;

/// Bytes kept of a control string at most. A colour has some twenty.
const MAX_TEXT: usize = 64;

/// The end of a paste (xterm's bracketed paste mode).
const PASTE_END: &[u8] = b"\x1b[201~";

const CTRL_C: u8 = 0x03;
const BEL: u8 = 0x07;
const ESC: u8 = 0x1b;
/// ST in eight bits.
const C1_ST: u8 = 0x9c;
/// The first byte of the controls of eight bits in UTF-8.
const LEAD_OF_C1: u8 = 0xc2;
