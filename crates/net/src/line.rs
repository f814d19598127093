//! Lines of text on a byte stream, for people with `netcat` and programs of ten lines.

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

/// Bytes of the longest line with its newline: the buffer that such a program passes to `recv`, by custom.
pub const MAX_LINE: usize = 1024;

/// A line that is longer than [`MAX_LINE`]. The stream is of no more use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a line takes at most {MAX_LINE} bytes")]
pub struct LineTooLong;

/// Takes the first whole line from the received part of a stream, without its LF or CR LF; `None` if no whole line is there.
///
/// # Errors
///
/// [`LineTooLong`] as soon as it is certain, so that less than a line is ever kept.
pub fn decode(stream: &mut BytesMut) -> Result<Option<Bytes>, LineTooLong> {
    let searched = &stream[..stream.len().min(MAX_LINE)];
    let Some(length) = searched.iter().position(|byte| *byte == b'\n') else {
        return if searched.len() < MAX_LINE { Ok(None) } else { Err(LineTooLong) };
    };
    let mut line = stream.split_to(length).freeze();
    stream.advance(1);
    if line.last() == Some(&b'\r') {
        line.truncate(length - 1);
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use bytes::BufMut;
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(stream: &[u8], expected: &[&[u8]], rest: &[u8]) {
        let mut stream = BytesMut::from(stream);
        let mut lines = Vec::new();
        while let Some(line) = decode(&mut stream).unwrap() {
            lines.push(line);
        }
        assert_eq!(lines, expected);
        assert_eq!(stream, rest);
    }

    #[test]
    fn a_line_ends_with_a_newline_or_a_carriage_return_before_it() {
        check(b"list\njoin kite-42\r\n\n\r\nb2", &[b"list", b"join kite-42", b"", b""], b"b2");
        check(b"a\rb\r\r\n", &[b"a\rb\r"], b"");
    }

    #[test]
    fn a_line_too_long_is_refused_before_it_ends() {
        let longest = [[b'x'; MAX_LINE - 1].as_slice(), b"\n"].concat();
        check(&longest, &[&longest[..MAX_LINE - 1]], b"");
        let mut stream = BytesMut::from(&[b'x'; MAX_LINE][..]);
        assert_eq!(decode(&mut stream), Err(LineTooLong));
        stream.put_u8(b'\n');
        assert_eq!(decode(&mut stream), Err(LineTooLong));
    }

    proptest! {
        #[test]
        fn lines_arrive_whole_however_the_stream_is_cut(
            lines in prop::collection::vec("[a-z0-9 ]{0,40}", 0..6),
            cuts in prop::collection::vec(1_usize..30, 1..20),
        ) {
            let mut sent = BytesMut::from(lines.iter().flat_map(|line| [line, "\n"]).collect::<String>().as_bytes());
            let (mut arrived, mut taken) = (BytesMut::new(), Vec::new());
            for cut in cuts.iter().cycle() {
                if sent.is_empty() {
                    break;
                }
                arrived.put(sent.split_to((*cut).min(sent.len())));
                while let Some(line) = decode(&mut arrived).unwrap() {
                    taken.push(String::from_utf8(line.to_vec()).unwrap());
                }
                prop_assert!(arrived.len() < MAX_LINE, "only an incomplete line is held");
            }
            prop_assert_eq!(taken, lines);
        }
    }
}
