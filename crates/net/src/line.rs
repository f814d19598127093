//! Lines of text on a byte stream, for people with `netcat` or `telnet` and programs of ten lines.

use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use thiserror::Error;

/// Bytes of the longest line with its newline: the buffer that such a program passes to `recv`, by custom.
pub const MAX_LINE: usize = 1024;

/// The pause that ends a line without a newline. Many programs send none; the next part of a line that is sent in one piece
/// comes sooner, even from far away.
pub(crate) const PAUSE: Duration = Duration::from_millis(300);

/// The pause that ends a line whose bytes come one by one: somebody types, and the terminal sends each key.
const PAUSE_OF_TYPIST: Duration = Duration::from_secs(1);

/// A line that is longer than [`MAX_LINE`], or as many bytes of telnet's own. The stream is of no more use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a line takes at most {MAX_LINE} bytes")]
pub struct LineTooLong;

/// Divides a stream into lines.
///
/// A line ends with LF, CR LF or telnet's CR NUL, or with a [pause](Self::pause). Telnet's commands are removed first,
/// wherever they stand. How the stream is cut into reads makes no difference, but to the length of the pause.
#[derive(Debug, Default)]
pub struct LineDecoder {
    /// The text that was not taken yet: less than a line, except between two reads. Without storage while empty.
    text: BytesMut,
    telnet: Telnet,
    /// Bytes of telnet's commands since the last line.
    skipped: usize,
    /// Reads since the last line.
    reads: usize,
    /// A line was taken.
    has_begun: bool,
}

/// The position in a telnet command (RFC 854).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Telnet {
    /// Outside.
    #[default]
    Text,
    /// After IAC.
    Command,
    /// After WILL, WONT, DO or DONT, before the option.
    Option,
    /// After SB.
    Negotiation,
    /// After an IAC in a negotiation.
    EndOfNegotiation,
}

impl LineDecoder {
    /// Takes in received bytes: at most [`MAX_LINE`] at once, and only when [`take`](Self::take) has no line left.
    pub fn push(&mut self, received: &[u8]) {
        self.reads += 1;
        for &byte in received {
            let (next, is_text) = self.telnet.after(byte);
            if self.telnet == Telnet::Command && next == Telnet::Text && is_text && byte != IAC {
                // No command: a text in another encoding, which its reader refuses.
                self.text.put_u8(IAC);
            }
            self.telnet = next;
            if is_text {
                self.text.put_u8(byte);
            } else {
                self.skipped += 1;
            }
        }
    }

    /// Takes the first line that has ended, without its end; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`LineTooLong`] as soon as it is certain, so that less than a line is ever kept.
    pub fn take(&mut self) -> Result<Option<Bytes>, LineTooLong> {
        let searched = &self.text[..self.text.len().min(MAX_LINE)];
        let is_end = |at: usize| match searched[at] {
            b'\n' => true,
            0 => at > 0 && searched[at - 1] == b'\r',
            _ => false,
        };
        let Some(length) = (0..searched.len()).find(|&at| is_end(at)) else {
            let is_too_long = searched.len() == MAX_LINE || self.skipped > MAX_LINE;
            return if is_too_long { Err(LineTooLong) } else { Ok(None) };
        };
        let line = self.text.split_to(length).freeze();
        self.text.advance(1);
        Ok(Some(self.taken(line)))
    }

    /// The time after the last read that ends the line; `None` if none has begun.
    ///
    /// Telnet commands at the start of a stream count as an empty line: a person is waiting for a greeting.
    pub fn pause(&self) -> Option<Duration> {
        let Some(first) = self.text.first() else {
            return (self.skipped > 0 && !self.has_begun).then_some(PAUSE);
        };
        let keys = self.text.iter().filter(|byte| !(0x80..0xc0).contains(*byte)).count();
        // A single digit is a move.
        let is_typed = self.reads >= keys && !(keys == 1 && first.is_ascii_digit());
        Some(if is_typed { PAUSE_OF_TYPIST } else { PAUSE })
    }

    /// Ends the line that has begun, and takes it; `None` if none has.
    pub fn end_line(&mut self) -> Option<Bytes> {
        self.pause()?;
        let line = self.text.split().freeze();
        Some(self.taken(line))
    }

    fn taken(&mut self, mut line: Bytes) -> Bytes {
        if line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        if self.text.is_empty() {
            self.text = BytesMut::new();
        }
        (self.skipped, self.reads, self.has_begun) = (0, 0, true);
        line
    }
}

impl Telnet {
    /// The position after one more byte, and whether that byte belongs to the text.
    const fn after(self, byte: u8) -> (Self, bool) {
        match (self, byte) {
            (Self::Text, IAC) => (Self::Command, false),
            (Self::Command, WILL..=DONT) => (Self::Option, false),
            (Self::Command, SB) => (Self::Negotiation, false),
            (Self::Command, SE..SB) | (Self::Option, _) | (Self::EndOfNegotiation, SE) => (Self::Text, false),
            (Self::Negotiation, IAC) => (Self::EndOfNegotiation, false),
            (Self::Negotiation | Self::EndOfNegotiation, _) => (Self::Negotiation, false),
            (Self::Text | Self::Command, _) => (Self::Text, true),
        }
    }
}

/// Bytes of telnet's commands (RFC 854): interpret as command, will to don't, and the two ends of a negotiation. No command is
/// answered: a client whose offer is not answered goes on without it (RFC 1143).
const IAC: u8 = 255;
const WILL: u8 = 251;
const DONT: u8 = 254;
const SB: u8 = 250;
const SE: u8 = 240;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines that have ended.
    fn lines(decoder: &mut LineDecoder) -> Vec<Bytes> {
        std::iter::from_fn(|| decoder.take().unwrap()).collect()
    }

    /// Checks the lines of a stream, in one piece and byte by byte, and the line that a pause ends.
    #[track_caller]
    fn check(stream: &[u8], expected: &[&[u8]], rest: Option<&[u8]>) {
        for size in [stream.len(), 1] {
            let (mut decoder, mut found) = (LineDecoder::default(), Vec::new());
            for piece in stream.chunks(size) {
                decoder.push(piece);
                found.extend(lines(&mut decoder));
            }
            assert_eq!(found, expected);
            assert_eq!(decoder.end_line().as_deref(), rest);
            assert_eq!(decoder.end_line(), None);
        }
    }

    #[test]
    fn a_line_ends_with_a_newline_or_a_carriage_return_before_it() {
        check(b"list\njoin kite-42\r\n\n\r\nb2", &[b"list", b"join kite-42", b"", b""], Some(b"b2"));
        check(b"a\rb\r\r\n", &[b"a\rb\r"], None);
    }

    #[test]
    fn a_return_key_of_telnet_ends_a_line() {
        check(b"list\r\0b2\r\0", &[b"list", b"b2"], None);
        check(b"list\r", &[], Some(b"list"));
        check(b"a\0b\n", &[b"a\0b"], None);
    }

    #[test]
    fn telnet_commands_are_removed_wherever_they_stand() {
        check(b"\xff\xf4\xff\xfd\x06board\n", &[b"board"], None);
        check(b"bo\xff\xfb\x0aard\n", &[b"board"], None);
        check(b"\xff\xfa\x18\x00xterm\n\xff\xff\xff\xf0board\n", &[b"board"], None);
        // An escaped byte, and one that is no command.
        check(b"\xff\xffa\n\xffb\n", &[b"\xffa", b"\xffb"], None);
    }

    #[test]
    fn a_client_that_only_negotiates_waits_for_a_word_once() {
        check(b"\xff\xfb\x1f\xff\xfd\x03", &[], Some(b""));
        check(b"list\n\xff\xfb\x1f", &[b"list"], None);
    }

    #[test]
    fn a_pause_is_long_only_between_the_keys_of_a_typist() {
        let pause = |pieces: &[&str]| {
            let mut decoder = LineDecoder::default();
            for piece in pieces {
                decoder.push(piece.as_bytes());
            }
            decoder.pause()
        };
        assert_eq!(pause(&[]), None);
        assert_eq!(pause(&["hello"]), Some(PAUSE));
        assert_eq!(pause(&["hel", "l", "o"]), Some(PAUSE));
        assert_eq!(pause(&["5"]), Some(PAUSE));
        assert_eq!(pause(&["l"]), Some(PAUSE_OF_TYPIST));
        assert_eq!(pause(&["l", "i"]), Some(PAUSE_OF_TYPIST));
        assert_eq!(pause(&["É"]), Some(PAUSE_OF_TYPIST));
    }

    #[test]
    fn a_line_too_long_is_refused_before_it_ends() {
        let longest = [[b'x'; MAX_LINE - 1].as_slice(), b"\n"].concat();
        check(&longest, &[&longest[..MAX_LINE - 1]], None);
        let mut decoder = LineDecoder::default();
        decoder.push(&[b'x'; MAX_LINE]);
        assert_eq!(decoder.take(), Err(LineTooLong));
        decoder.push(b"\n");
        assert_eq!(decoder.take(), Err(LineTooLong));
    }

    #[test]
    fn a_negotiation_without_end_is_refused() {
        for endless in [&b"\xff\xfd\x01"[..], b"\xff\xfa"] {
            let mut decoder = LineDecoder::default();
            for piece in endless.iter().copied().cycle().take(MAX_LINE + 2).collect::<Vec<_>>().chunks(100) {
                assert_eq!(decoder.take(), Ok(None));
                decoder.push(piece);
            }
            assert_eq!(decoder.take(), Err(LineTooLong), "{}", endless.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn lines_arrive_whole_however_the_stream_is_cut(
            lines in prop::collection::vec("[a-zé0-9 ]{0,40}", 0..6),
            cuts in prop::collection::vec(1_usize..30, 1..20),
        ) {
            let mut sent = BytesMut::from(lines.iter().flat_map(|line| [line, "\n"]).collect::<String>().as_bytes());
            let (mut decoder, mut found) = (LineDecoder::default(), Vec::new());
            for cut in cuts.iter().cycle() {
                if sent.is_empty() {
                    break;
                }
                decoder.push(&sent.split_to((*cut).min(sent.len())));
                while let Some(line) = decoder.take().unwrap() {
                    found.push(String::from_utf8(line.to_vec()).unwrap());
                }
                prop_assert!(decoder.text.len() < MAX_LINE, "only an incomplete line is held");
            }
            prop_assert_eq!(found, lines);
        }

        #[test]
        fn any_bytes_become_lines_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
            let mut decoder = LineDecoder::default();
            for piece in bytes.chunks(MAX_LINE) {
                decoder.push(piece);
                while let Ok(Some(line)) = decoder.take() {
                    prop_assert!(line.len() < MAX_LINE);
                }
                if decoder.take().is_err() {
                    break;
                }
                prop_assert!(decoder.text.len() < MAX_LINE);
            }
        }
    }
}
