//! The TCP transport: prefaces, then frames, over one stream.
//!
//! A TCP connection is a stream of bytes that anybody may open: a read is not a message, and a connection is
//! not a client. The first bytes decide what a connection is ([`accept`]); the frames make messages of the
//! rest. A connection that begins with a line of text goes on with [`Lines`].

mod lines;

use std::{
    future::{Future, poll_fn},
    io,
    pin::pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

pub use self::lines::{Lines, LinesError};
use crate::{
    addr::canonical,
    connect::Failure,
    frame::{self, MAX_FRAME},
    link::{Link, LinkError, SendError},
    proto::{MAGIC, PREFACE_BYTES, PROTOCOL, Preface, ProtocolRange},
};

/// How long a frame may take from its first byte to its last. A frame fits one segment, so even a lossy
/// link's retransmissions are done by then.
pub const FRAME_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a server's preface may take: a round trip, with two retransmissions of each segment.
pub const PREFACE_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes that may wait for a peer that does not read: fifteen of the largest frames, beyond the system's own
/// buffers.
const MAX_UNSENT: usize = 16 * 1024;

/// Bytes asked of the system at once: two largest frames, so that a burst of small ones takes one read.
const READ_BYTES: usize = 2 * MAX_FRAME;

/// What a connection that was taken carries.
#[derive(Debug)]
pub enum Accepted {
    /// The messages of one of our clients.
    Link(Link),
    /// Lines of text, as from netcat or telnet.
    Lines(Lines),
}

/// What opened a connection, if it was neither one of our clients nor a line of text.
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

/// Frames over one stream.
#[derive(Debug)]
pub(crate) struct TcpLink {
    stream: TcpStream,
    /// What has arrived and was not taken: less than a frame, except between two reads. Without storage
    /// while empty, so that an idle link costs none.
    inbound: BytesMut,
    /// When the frame at the head of `inbound` has to be whole; `None` if there is none.
    frame_deadline: Option<Instant>,
    /// What the system would not take yet.
    outbound: BytesMut,
    /// What goes out when the system has taken the rest, unless something newer takes its place.
    newest: Option<Box<[u8]>>,
}

/// What the first bytes of a connection say of it, if it is good for anything.
enum Opening {
    /// The preface of one of ours.
    Ours(ProtocolRange),
    /// The beginning of a text.
    Text(BytesMut),
}

/// Takes a connection: reads the peer's preface, says ours, and makes a link of it; or makes lines of a text.
///
/// The peer's first eight bytes, or its first line, have to be there by `deadline`. An HTTP request is told in HTTP what
/// it has found.
///
/// # Errors
///
/// [`Stranger`] if it was neither; the connection is closed then.
pub async fn accept(mut stream: TcpStream, deadline: Instant) -> Result<Accepted, Stranger> {
    let opening = timeout_at(deadline, read_opening(&stream)).await.unwrap_or(Err(Stranger::Mute));
    let peer = stream.peer_addr().map_err(|_gone| Stranger::Mute)?;
    let stranger = match opening {
        Ok(Opening::Ours(range)) if PROTOCOL.common(range).is_some() => {
            let mut link = TcpLink::new(stream);
            link.write_or_keep(&Preface(PROTOCOL).encode());
            return Ok(Accepted::Link(Link::tcp(link, canonical(peer))));
        }
        Ok(Opening::Text(text)) => {
            return Ok(Accepted::Lines(Lines::new(stream, canonical(peer), text)));
        }
        Ok(Opening::Ours(range)) => Stranger::OtherVersion(range),
        Err(stranger) => stranger,
    };
    let farewell: &[u8] = match stranger {
        Stranger::OtherVersion(_) => &Preface(PROTOCOL).encode(),
        Stranger::Http => HTTP_ANSWER,
        Stranger::Tls | Stranger::Rubbish | Stranger::Mute => &[],
    };
    let _too_late = timeout(crate::link::FAREWELL_TIMEOUT, async {
        stream.write_all(farewell).await?;
        finish(&mut stream).await
    })
    .await;
    Err(stranger)
}

/// Opens the link over a connection that was just made: says our preface and waits for the server's.
///
/// # Errors
///
/// [`Failure`] if what answers is not an oxo server, or of another version, or silent.
pub async fn open(mut stream: TcpStream) -> Result<Link, Failure> {
    let peer = canonical(stream.peer_addr().map_err(Failure::from)?);
    stream.write_all(&Preface(PROTOCOL).encode()).await.map_err(Failure::from)?;
    let opening = timeout(PREFACE_TIMEOUT, read_opening(&stream)).await.unwrap_or(Err(Stranger::Mute));
    match opening {
        Ok(Opening::Ours(range)) if PROTOCOL.common(range).is_some() => {
            Ok(Link::tcp(TcpLink::new(stream), peer))
        }
        Ok(Opening::Ours(theirs)) | Err(Stranger::OtherVersion(theirs)) => {
            Err(Failure::Version { ours: PROTOCOL, theirs })
        }
        Err(Stranger::Mute) => Err(Failure::Closed),
        Ok(Opening::Text(_)) | Err(Stranger::Http | Stranger::Tls | Stranger::Rubbish) => {
            Err(Failure::NotOxo)
        }
    }
}

impl TcpLink {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            inbound: BytesMut::new(),
            frame_deadline: None,
            outbound: BytesMut::new(),
            newest: None,
        }
    }

    /// See [`Link::send`].
    pub(crate) fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        if self.outbound.len() > MAX_UNSENT {
            return Err(SendError);
        }
        let was_idle = self.outbound.is_empty();
        frame::encode(payload, &mut self.outbound);
        if was_idle {
            self.write_now();
        }
        Ok(())
    }

    /// See [`Link::send_newest`].
    pub(crate) fn send_newest(&mut self, payload: &[u8]) {
        if self.outbound.is_empty() {
            self.newest = None;
            let _there_is_room = self.send(payload);
        } else {
            self.newest = Some(payload.into());
        }
    }

    /// See [`Link::forget_newest`].
    pub(crate) fn forget_newest(&mut self) {
        self.newest = None;
    }

    /// See [`Link::recv`].
    pub(crate) async fn recv(&mut self) -> Result<Option<Bytes>, LinkError> {
        loop {
            if let Some(payload) = frame::decode(&mut self.inbound)? {
                self.frame_deadline = None;
                return Ok(Some(payload));
            }
            if self.inbound.is_empty() {
                self.inbound = BytesMut::new();
            } else if self.frame_deadline.is_none() {
                self.frame_deadline = Some(Instant::now() + FRAME_TIMEOUT);
            }
            let deadline = self.frame_deadline;
            let step = poll_fn(|context| self.poll_step(context));
            let count = match deadline {
                Some(deadline) => {
                    timeout_at(deadline, step).await.map_err(|_elapsed| LinkError::FrameTimeout)??
                }
                None => step.await?,
            };
            if count == 0 {
                return if self.inbound.is_empty() { Ok(None) } else { Err(LinkError::Truncated) };
            }
        }
    }

    /// Writes out what waits, says that nothing more will come, and hears the peer out, so that the system
    /// does not throw our last words away with bytes that we did not read.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        let unsent = std::mem::take(&mut self.outbound);
        self.stream.write_all(&unsent).await?;
        finish(&mut self.stream).await
    }

    /// Writes what waits, as far as the system takes it, and reads once. Returns the bytes read.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while !self.outbound.is_empty() && self.stream.poll_write_ready(context)?.is_ready() {
            self.write_some()?;
            self.release_newest();
        }
        // Asked first, so that a link with nothing to read holds no buffer while it waits.
        ready!(self.stream.poll_read_ready(context))?;
        self.inbound.reserve(READ_BYTES);
        let read = pin!(self.stream.read_buf(&mut self.inbound)).poll(context);
        if read.is_pending() && self.inbound.is_empty() {
            self.inbound = BytesMut::new();
        }
        read
    }

    /// Sends what was kept, unless something waits before it.
    fn release_newest(&mut self) {
        if self.outbound.is_empty()
            && let Some(payload) = self.newest.take()
        {
            let _there_is_room = self.send(&payload);
        }
    }

    fn write_or_keep(&mut self, bytes: &[u8]) {
        self.outbound.extend_from_slice(bytes);
        self.write_now();
    }

    /// Tries to write before anybody awaits. An error is left for the next read to find.
    fn write_now(&mut self) {
        let _found_by_recv = self.write_some();
    }

    fn write_some(&mut self) -> io::Result<()> {
        match self.stream.try_write(&self.outbound) {
            Ok(count) => self.outbound.advance(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if self.outbound.is_empty() {
            self.outbound = BytesMut::new();
        }
        Ok(())
    }
}

/// Reads the eight bytes that open a stream, and no byte more. Waits for no more than it needs to tell that
/// they are none of ours.
async fn read_opening(stream: &TcpStream) -> Result<Opening, Stranger> {
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

/// Says what the first bytes of a connection look like that is none of ours.
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

/// Ends our half of a stream and reads the peer's to its end, a bounded number of bytes of it.
async fn finish(stream: &mut TcpStream) -> io::Result<()> {
    /// Bytes heard out: the largest receive buffer worth emptying for a peer that is told to go.
    const HEARD_OUT: usize = 256 * 1024;

    stream.shutdown().await?;
    let mut heard = 0;
    while heard < HEARD_OUT {
        stream.readable().await?;
        // Not held across the wait: every link's task would carry it all its life.
        let mut scratch = [0; 1024];
        match stream.try_read(&mut scratch) {
            Ok(0) => break,
            Ok(count) => heard += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What a browser shows that was pointed at the game's port.
const HTTP_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
Content-Type: text/plain; charset=utf-8\r\nContent-Length: 88\r\nConnection: close\r\n\r\n\
This is an oxo game server, not a web server. To play, run `oxo join` with this address\n";
