//! Requests and WebSockets whose bytes a test chooses.

use std::net::SocketAddr;

use net::proto::{
    ClientMessage, CloseReason, Command, Event, RoomCode, ServerMessage, Snapshot, Token, json,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::arena::hello;

/// The head of an upgrade by a program: it has no origin.
pub(crate) const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: oxo.3\r\n";

/// The kinds of frames (RFC 6455 section 5.2).
pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;

/// The bit of the last frame of a message.
pub(crate) const LAST: u8 = 0x80;

/// An answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends a request as it is, and reads the answer; everything to the end of the connection is its body.
pub(crate) async fn ask(addr: SocketAddr, request: &str) -> Answer {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {answer:?}"));
    let status = head.strip_prefix("HTTP/1.").unwrap().split(' ').nth(1).unwrap();
    Answer { status: status.parse().unwrap(), head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// Asks for a path under the address, with more in the head.
pub(crate) async fn get(addr: SocketAddr, path: &str, head: &str) -> Answer {
    ask(addr, &format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n{head}\r\n")).await
}

/// A WebSocket.
pub(crate) struct Browser {
    pub(crate) stream: TcpStream,
    inbound: Vec<u8>,
}

impl Browser {
    /// Opens a WebSocket over a new connection.
    pub(crate) async fn open(addr: SocketAddr) -> Self {
        Self::over(TcpStream::connect(addr).await.unwrap(), addr).await
    }

    pub(crate) async fn over(mut stream: TcpStream, addr: SocketAddr) -> Self {
        let request = format!("GET /ws HTTP/1.1\r\nHost: {addr}\r\nOrigin: http://{addr}\r\n{UPGRADE}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        assert!(head.contains("\r\nsec-websocket-protocol: oxo.3\r\n"), "{head}");
        Self { stream, inbound: Vec::new() }
    }

    /// Opens a WebSocket and a session.
    pub(crate) async fn enter(addr: SocketAddr, name: &str) -> (Self, Token) {
        let mut browser = Self::open(addr).await;
        let token = browser.introduce(name, None).await;
        (browser, token)
    }

    /// Says hello and hears the welcome, which a ping may overtake.
    pub(crate) async fn introduce(&mut self, name: &str, resume: Option<Token>) -> Token {
        self.say(&hello(name, resume)).await;
        loop {
            match self.hear().await {
                Some(ServerMessage::Welcome(welcome)) => return welcome.token,
                Some(ServerMessage::Ping { .. }) => {}
                other => panic!("{name} is not welcomed but hears {other:?}"),
            }
        }
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        self.frame(LAST | TEXT, json::encode(message).as_bytes()).await;
    }

    pub(crate) async fn command(&mut self, command: Command) {
        self.say(&ClientMessage::Command(command)).await;
    }

    /// Sends a frame under a mask of zeros.
    pub(crate) async fn frame(&mut self, first: u8, payload: &[u8]) {
        self.stream.write_all(&frame(first, payload)).await.unwrap();
    }

    /// Hears a message, `None` at the end.
    pub(crate) async fn hear(&mut self) -> Option<ServerMessage> {
        loop {
            if let Some((first, payload)) = self.take_frame() {
                match first {
                    0x81 => return Some(json::decode(str::from_utf8(&payload).unwrap()).unwrap()),
                    0x88 => self.frame(LAST | CLOSE, &payload[..2]).await,
                    0x8a => {}
                    other => panic!("a frame that begins with {other:#x}"),
                }
                continue;
            }
            if self.stream.read_buf(&mut self.inbound).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    fn take_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let (first, length, start) = match *self.inbound.as_slice() {
            [first, 126, high, low, ..] => (first, usize::from(u16::from_be_bytes([high, low])), 4),
            [first, length @ 0..=125, ..] => (first, usize::from(length), 2),
            _ => return None,
        };
        let payload = self.inbound.get(start..start + length)?.to_vec();
        self.inbound.drain(..start + length);
        Some((first, payload))
    }

    /// Hears the next event, past pings.
    pub(crate) async fn event(&mut self) -> Event {
        loop {
            match self.hear().await {
                Some(ServerMessage::Event(event)) => return event,
                Some(ServerMessage::Ping { nonce, .. }) => self.say(&ClientMessage::Pong { nonce }).await,
                other => panic!("no event but {other:?}"),
            }
        }
    }

    pub(crate) async fn seat(&mut self) -> RoomCode {
        match self.event().await {
            Event::Seated { code, .. } => code,
            other => panic!("not seated but {other:?}"),
        }
    }

    /// Hears what a room is like after so many moves.
    pub(crate) async fn snapshot(&mut self, ply: u16) -> Snapshot {
        loop {
            match self.event().await {
                Event::Snapshot(snapshot) if snapshot.record.position().ply() == ply => return *snapshot,
                Event::Snapshot(_) => {}
                other => panic!("no snapshot but {other:?}"),
            }
        }
    }

    /// Hears why the server ends the link, past all else, and that nothing comes behind it.
    pub(crate) async fn close_reason(&mut self) -> CloseReason {
        loop {
            match self.hear().await.expect("a word before the end") {
                ServerMessage::Close(reason) => {
                    let behind = self.hear().await;
                    assert!(behind.is_none(), "behind the last word comes {behind:?}");
                    return reason;
                }
                ServerMessage::Welcome(_)
                | ServerMessage::Event(_)
                | ServerMessage::Ping { .. }
                | ServerMessage::Answer(_) => {}
            }
        }
    }
}

/// A frame under a mask of zeros.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    let mut bytes = vec![first];
    if let Ok(short @ 0..=125) = u8::try_from(length) {
        bytes.push(0x80 | short);
    } else {
        bytes.push(0x80 | 0x7e);
        bytes.extend(length.to_be_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}
