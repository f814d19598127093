//! The first bytes of a connection, which tell what it carries.

use std::io;

use bytes::BytesMut;
use tokio::net::TcpStream;

use crate::proto::{MAGIC, PREFACE_BYTES, Preface, ProtocolRange};

/// A connection that neither one of our clients nor a line of text opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stranger {
    /// An HTTP request: a browser, most likely.
    Http,
    /// A TLS hello.
    Tls,
    /// Other bytes.
    Rubbish,
    /// Nothing in time, or the end before eight bytes.
    Mute,
    /// One of ours that shares no protocol with us.
    OtherVersion(ProtocolRange),
}

/// The beginning of a connection that can be served.
pub(super) enum Opening {
    /// The preface of one of ours.
    Ours(ProtocolRange),
    /// The beginning of a text.
    Text(BytesMut),
}

/// Reads the eight bytes that open a stream, and no byte more. Stops early at bytes that cannot be ours.
pub(super) async fn read_opening(stream: &TcpStream) -> Result<Opening, Stranger> {
    let mut opening = [0; PREFACE_BYTES];
    let mut length = 0;
    while length < PREFACE_BYTES {
        stream.readable().await.map_err(|_broken| Stranger::Mute)?;
        match stream.try_read(&mut opening[length..]) {
            Ok(0) if length == 0 => return Err(Stranger::Mute),
            Ok(0) => return classify(&opening[..length]),
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_broken) => return Err(Stranger::Mute),
        }
        // A preface may hold a newline, in its versions.
        let is_line = opening[0] != MAGIC[0] && opening[..length].contains(&b'\n');
        if is_line || (length >= 4 && opening[..4] != MAGIC) {
            return classify(&opening[..length]);
        }
    }
    Preface::decode(opening).map(|Preface(range)| Opening::Ours(range)).ok_or(Stranger::Rubbish)
}

/// Classifies an opening that is not a preface.
fn classify(opening: &[u8]) -> Result<Opening, Stranger> {
    const METHODS: [&[u8]; 9] =
        [b"GET ", b"HEAD", b"POST", b"PUT ", b"DELE", b"CONN", b"OPTI", b"TRAC", b"PATC"];
    match opening {
        [0x16, 0x03, ..] => Err(Stranger::Tls),
        _ if METHODS.iter().any(|method| opening.starts_with(method)) => Err(Stranger::Http),
        _ if opening.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')) => {
            Ok(Opening::Text(opening.into()))
        }
        _ => Err(Stranger::Rubbish),
    }
}
