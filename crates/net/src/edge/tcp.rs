//! The TCP transport: prefaces, then frames, over one stream.
//!
//! A TCP connection is a stream of bytes that anybody may open: a read is not a message, and a connection is not a
//! client. The first bytes decide what a connection is ([`accept`]); frames divide the rest into messages. A connection
//! that begins with a line of text goes on with [`Lines`].

mod answers;
mod farewell;
#[cfg(target_os = "linux")]
mod info;
mod lines;
mod link;
mod opening;
mod options;
mod sender;

use std::{net::SocketAddr, sync::Arc};

use bytes::{Bytes, BytesMut};
use socket2::SockRef;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::{Instant, timeout, timeout_at},
};

use self::{
    answers::answer,
    farewell::finish,
    opening::{Opening, read_opening},
};
pub use self::{
    lines::{Lines, LinesError},
    link::{FRAME_TIMEOUT, TcpLink},
    opening::Stranger,
    options::set_options,
    sender::TcpSender,
};
use crate::{
    addr::canonical,
    failure::Failure,
    proto::{PREFACE_BYTES, PROTOCOL, Preface},
    traffic::Traffic,
    transport::{FAREWELL_TIMEOUT, HANDSHAKE_TIMEOUT},
};

/// An accepted connection.
#[derive(Debug)]
pub enum Accepted {
    /// The messages of one of our clients.
    Link(TcpLink),
    /// Lines of text, as from netcat or telnet.
    Lines(Lines),
    /// An HTTP request, as from a browser.
    Http {
        /// The stream, without its first bytes.
        stream: TcpStream,
        /// The peer's canonical address.
        peer: SocketAddr,
        /// The first bytes: a method and a space.
        opening: Bytes,
    },
}

/// Shakes hands over an accepted stream: reads the peer's preface and answers with ours, or takes the first bytes of a
/// text.
///
/// The peer's first eight bytes, or the beginning of its first line, must be there by `deadline`. A stranger gets an answer in
/// its own protocol, if it is a known one. An HTTP request is one of a stranger unless `is_web_open`.
///
/// `traffic` counts the bytes of links and lines; those of a stranger and of an HTTP request are not counted.
///
/// # Errors
///
/// [`Stranger`] if it was neither; the connection is closed then.
pub async fn accept(
    mut stream: TcpStream,
    deadline: Instant,
    is_web_open: bool,
    traffic: &Arc<Traffic>,
) -> Result<Accepted, Stranger> {
    let (opening, text) = timeout_at(deadline, read_opening(&stream)).await.unwrap_or_else(|_| mute());
    let peer = canonical(stream.peer_addr().map_err(|_gone| Stranger::Mute)?);
    if matches!(opening, Opening::Ours(_) | Opening::Text | Opening::Stranger(Stranger::Http)) {
        // Only now: a flood of strangers is to cost little. A peer that has gone already is found by the first read.
        let _gone = set_options(&stream);
    }
    let stranger = match opening {
        Opening::Ours(range) if PROTOCOL.common(range).is_some() => {
            traffic.note_received(PREFACE_BYTES);
            let link = TcpLink::new(stream, peer, Arc::clone(traffic));
            link.sender().send_raw(&Preface(PROTOCOL).encode());
            return Ok(Accepted::Link(link));
        }
        Opening::Text => {
            traffic.note_received(text.len());
            return Ok(Accepted::Lines(Lines::new(stream, peer, Arc::clone(traffic), &text)));
        }
        Opening::Stranger(Stranger::Http) if is_web_open => {
            return Ok(Accepted::Http { stream, peer, opening: text.freeze() });
        }
        Opening::Ours(range) => Stranger::OtherVersion(range),
        Opening::Stranger(stranger) => stranger,
    };
    let _too_late = timeout(FAREWELL_TIMEOUT, async {
        stream.write_all(&answer(stranger)).await?;
        finish(&stream).await
    })
    .await;
    Err(stranger)
}

/// The opening of a stream that has sent nothing in time.
fn mute() -> (Opening, BytesMut) {
    (Opening::Stranger(Stranger::Mute), BytesMut::new())
}

/// Opens a TCP connection whose options are set before its first packet. Sends nothing of ours, and
/// has no deadline.
///
/// # Errors
///
/// [`Failure`] when there is none.
pub async fn connect(addr: SocketAddr) -> Result<TcpStream, Failure> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    options::set_dial_options(&SockRef::from(&socket))?;
    Ok(socket.connect(addr).await?)
}

/// Shakes hands over a stream that was just connected: sends our preface and waits for the server's.
///
/// # Errors
///
/// [`Failure`] if the other end is not an oxo server, or has another version, or says nothing.
pub async fn open(mut stream: TcpStream) -> Result<TcpLink, Failure> {
    let peer = canonical(stream.peer_addr()?);
    stream.write_all(&Preface(PROTOCOL).encode()).await?;
    let opening = timeout(HANDSHAKE_TIMEOUT, read_opening(&stream)).await;
    match opening.unwrap_or_else(|_| mute()).0 {
        Opening::Ours(range) if PROTOCOL.common(range).is_some() => {
            Ok(TcpLink::new(stream, peer, Arc::default()))
        }
        Opening::Ours(theirs) => Err(Failure::Version { ours: PROTOCOL, theirs }),
        Opening::Stranger(Stranger::Mute) => Err(Failure::Closed),
        Opening::Text | Opening::Stranger(_) => Err(Failure::NotOxo),
    }
}
