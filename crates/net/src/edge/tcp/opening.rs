//! The first bytes of a connection, which tell what it carries.

use std::io;

use bytes::BytesMut;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    line::PAUSE,
    proto::{MAGIC, PREFACE_BYTES, Preface, ProtocolRange},
};

/// A connection that neither one of our clients nor a line of text opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, derive_more::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Stranger {
    /// An HTTP request where no page is served.
    #[display("a stranger: an HTTP request")]
    Http,
    /// An HTTP/2 client that skips the upgrade.
    #[display("a stranger: an HTTP/2 request")]
    Http2,
    /// A TLS hello.
    #[display("a stranger: a TLS hello")]
    Tls,
    /// An SSH client.
    #[display("a stranger: an SSH client")]
    Ssh,
    /// Other bytes.
    #[display("a stranger: rubbish")]
    Rubbish,
    /// Nothing in time, or the end before eight bytes.
    #[display("a stranger: it sent nothing")]
    Mute,
    /// One of ours that shares no protocol with us.
    #[display("another version: protocol {_0}")]
    OtherVersion(ProtocolRange),
}

/// The kind of a connection, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// The preface of one of ours.
    Ours(ProtocolRange),
    /// The beginning of a text.
    Text,
    Stranger(Stranger),
}

/// Reads the bytes that tell what a stream carries: eight at most, so that none of the first frame is read.
pub(super) async fn read_opening(stream: &TcpStream) -> (Opening, BytesMut) {
    let mut bytes = [0; PREFACE_BYTES];
    let mut length = 0;
    let opening = loop {
        if let Some(opening) = classify(&bytes[..length]) {
            break opening;
        }
        // The first letters of an HTTP method may be all that somebody types, as may half a character.
        let may_be_text = may_be_text(&bytes[..length]);
        let readable = stream.readable();
        match if may_be_text { timeout(PAUSE, readable).await } else { Ok(readable.await) } {
            Ok(Ok(())) => {}
            Ok(Err(_broken)) => break Opening::Stranger(Stranger::Mute),
            Err(_paused) => break Opening::Text,
        }
        match stream.try_read(&mut bytes[length..]) {
            Ok(0) if may_be_text => break Opening::Text,
            Ok(0) => break Opening::Stranger(if length == 0 { Stranger::Mute } else { Stranger::Rubbish }),
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_broken) => break Opening::Stranger(Stranger::Mute),
        }
    };
    (opening, bytes[..length].into())
}

/// Classifies a connection by the bytes that have come so far. `None` asks for more; more change no
/// other answer.
fn classify(bytes: &[u8]) -> Option<Opening> {
    let begins = |(start, stranger): &(&[u8], Stranger)| bytes.starts_with(start).then_some(*stranger);
    if let Some(stranger) = STRANGERS.iter().find_map(begins) {
        return Some(Opening::Stranger(stranger));
    }
    if STRANGERS.iter().any(|(start, _)| start.starts_with(bytes)) {
        return None;
    }
    let magic = bytes.len().min(MAGIC.len());
    match *bytes {
        _ if bytes[..magic] == MAGIC[..magic] => match bytes.try_into().map(Preface::decode) {
            Ok(Some(Preface(range))) => Some(Opening::Ours(range)),
            Ok(None) => Some(Opening::Stranger(Stranger::Rubbish)),
            Err(_incomplete) => None,
        },
        [TELNET] => None,
        [TELNET, 240..=254, ..] => Some(Opening::Text),
        [0x80..=0xff, ..] => match str::from_utf8(&bytes[..bytes.len().min(4)]) {
            Err(error) if error.valid_up_to() > 0 => Some(Opening::Text),
            Err(error) if error.error_len().is_some() => Some(Opening::Stranger(Stranger::Rubbish)),
            Err(_incomplete) => None,
            Ok(_) => Some(Opening::Text),
        },
        _ if is_text(bytes) => Some(Opening::Text),
        _ => Some(Opening::Stranger(Stranger::Rubbish)),
    }
}

/// Tests for bytes that a text may begin with, if nothing more comes.
fn may_be_text(bytes: &[u8]) -> bool {
    is_text(bytes) || matches!(bytes, [TELNET | 0xc2..=0xf4, ..])
}

/// Tests for the beginning of a text in ASCII.
fn is_text(bytes: &[u8]) -> bool {
    // The keys that people press in a terminal without line editing are an error in the line, and deserve to hear so.
    const KEYS: [u8; 6] = [b'\t', b'\r', b'\n', 0x08, 0x1b, 0x7f];
    bytes.first().is_some_and(|first| matches!(first, b' '..=b'~') || KEYS.contains(first))
}

/// The beginnings that tell one of other protocols. A line of text in lower case begins none of them.
const STRANGERS: [(&[u8], Stranger); 13] = [
    (b"GET ", Stranger::Http),
    (b"HEAD ", Stranger::Http),
    (b"POST ", Stranger::Http),
    (b"PUT ", Stranger::Http),
    (b"DELETE ", Stranger::Http),
    (b"CONNECT ", Stranger::Http),
    (b"OPTIONS ", Stranger::Http),
    (b"TRACE ", Stranger::Http),
    (b"PATCH ", Stranger::Http),
    (b"PROPFIND", Stranger::Http),
    // RFC 9113 section 3.4; RFC 4253 section 4.2; a handshake record of SSL 3 or TLS (RFC 8446 section 5.1).
    (b"PRI * ", Stranger::Http2),
    (b"SSH-", Stranger::Ssh),
    (&[0x16, 0x03], Stranger::Tls),
];

/// The first byte of a telnet command.
const TELNET: u8 = 0xff;

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the kind of a stream, and that no shorter part of it has another one.
    #[track_caller]
    fn check(stream: impl AsRef<[u8]>, expected: impl Into<Option<Opening>>) {
        let (stream, expected) = (stream.as_ref(), expected.into());
        let kinds: Vec<_> = (0..=stream.len().min(8)).map(|length| classify(&stream[..length])).collect();
        let decided = kinds.iter().position(Option::is_some).unwrap_or(kinds.len());
        assert!(
            kinds[decided..].iter().all(|kind| *kind == expected),
            "{}: {kinds:?}",
            stream.escape_ascii()
        );
        assert_eq!(expected.is_none(), decided == kinds.len(), "{}: {kinds:?}", stream.escape_ascii());
    }

    #[test]
    fn a_preface_is_ours() {
        check(b"\x8fOXO\0\x02\0\x07", Opening::Ours(ProtocolRange { oldest: 2, newest: 7 }));
        // A newline in a version.
        check(b"\x8fOXO\0\x02\0\x0a", Opening::Ours(ProtocolRange { oldest: 2, newest: 10 }));
        check(b"\x8fOXO\0\x02\0", None);
        check(b"\x8fOXO\0\x02\0\x01", Opening::Stranger(Stranger::Rubbish));
        check(b"\x8fOXP", Opening::Stranger(Stranger::Rubbish));
    }

    #[test]
    fn a_text_is_a_text_from_its_first_character_on() {
        for text in
            ["name Éva\n", "list\né\n", "hel", "Éva", "李", "\n", " list", "\t", "\x1b[A\n", "\u{feff}list"]
        {
            check(text, Opening::Text);
        }
        for text in
            ["GET\n", "GETTING", "HEAD\n", "HELP", "PRIZE", "PRI *\n", "SSH\n", "ssh-", "get /", "POST\r\n"]
        {
            check(text, Opening::Text);
        }
        // In another encoding: its reader is told so.
        check(b"name \xc9va\n", Opening::Text);
        check(b"\xff\xfb\x1f\xff\xfd\x03", Opening::Text);
    }

    #[test]
    fn other_protocols_are_told_apart() {
        for method in ["GET /", "HEAD /", "POST /", "DELETE /", "OPTIONS *", "CONNECT oxo:1952", "PROPFIND /"]
        {
            check(method, Opening::Stranger(Stranger::Http));
        }
        check("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Opening::Stranger(Stranger::Http2));
        check("SSH-2.0-OpenSSH_9.6\r\n", Opening::Stranger(Stranger::Ssh));
        check("SSH-1.99-x\r\n", Opening::Stranger(Stranger::Ssh));
        check(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", Opening::Stranger(Stranger::Tls));
    }

    #[test]
    fn bytes_that_begin_no_character_are_rubbish() {
        for rubbish in
            [&b"\0"[..], b"\xba\xad", b"\x03\0\0\x13", b"\xc3\x28", b"\xff\0", b"\xff\xff", b"\x16\x04"]
        {
            check(rubbish, Opening::Stranger(Stranger::Rubbish));
        }
    }

    #[test]
    fn a_beginning_that_may_be_two_things_stays_open() {
        for open in [&b""[..], b"GET", b"PRI *", b"SSH", b"\x16", b"\xff", b"\xc3", b"\x8f"] {
            check(open, None);
        }
    }
}
