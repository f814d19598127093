//! `docs/PROTOCOL.md` is held to the server: its session happens, byte by byte, and no reject comes that it does not list.

use std::{collections::BTreeSet, net::SocketAddr, sync::LazyLock};

use net::{
    link::Transport,
    proto::{
        Command, CommandKind, Event, MAGIC, PREFACE_BYTES, Phase, Reject, ServerMessage, Snapshot, codec,
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::table::{PATIENCE, Player, Server, config};

const DOCUMENT: &str = include_str!("../../../../docs/PROTOCOL.md");

/// The document's table of rejects by command.
static REJECTS: LazyLock<BTreeSet<(&str, &str)>> = LazyLock::new(|| {
    let (_, rest) = DOCUMENT.split_once("\n### Rejects by command\n").unwrap();
    let (table, _) = rest.split_once("\n### ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let names = |text: &'static str| text.split('`').skip(1).step_by(2);
    rows.flat_map(|(command, rejects)| names(rejects).map(move |reject| (command, reject))).collect()
});

/// Checks that the document lists a reject for a command.
#[track_caller]
pub(crate) fn check_reject(command: CommandKind, reject: Reject) {
    let (command, reject) = (format!("{command:?}"), format!("{reject:?}"));
    assert!(REJECTS.contains(&(&*command, &*reject)), "no {reject} is listed for {command}");
}

/// One line of the session with the lines that belong to it: which side sends, and what.
#[derive(Debug)]
struct Part {
    is_client: bool,
    bytes: Vec<u8>,
}

fn session() -> Vec<Part> {
    let (_, block) = DOCUMENT.split_once("\n```session\n").unwrap();
    let (block, _) = block.split_once("\n```\n").unwrap();
    let mut parts: Vec<Part> = Vec::new();
    for line in block.lines() {
        let code = line.split('#').next().unwrap();
        let (side, digits) = code.split_at(2);
        if side != "  " {
            parts.push(Part { is_client: side == "> ", bytes: Vec::new() });
        }
        let bytes = digits.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap());
        parts.last_mut().unwrap().bytes.extend(bytes);
    }
    parts
}

/// The message in a frame.
fn message(frame: &[u8]) -> ServerMessage {
    let (length, payload) = frame.split_first_chunk().unwrap();
    assert_eq!(usize::from(u16::from_be_bytes(*length)), payload.len(), "{frame:02x?}");
    codec::decode(payload).unwrap()
}

/// Reads the next message that is no ping; `None` at the end of the stream.
async fn read(stream: &mut TcpStream) -> Option<ServerMessage> {
    loop {
        let length = stream.read_u16().await.ok()?;
        let mut payload = vec![0; length.into()];
        stream.read_exact(&mut payload).await.unwrap();
        let message = codec::decode(&payload).unwrap();
        if !matches!(message, ServerMessage::Ping { .. }) {
            return Some(message);
        }
    }
}

/// A message with those parts of another one that differ from run to run: secrets, codes and times.
fn with_chance_of(mut message: ServerMessage, other: &ServerMessage) -> ServerMessage {
    match (&mut message, other) {
        (ServerMessage::Welcome(welcome), ServerMessage::Welcome(other)) => welcome.token = other.token,
        (ServerMessage::Event(event), ServerMessage::Event(other)) => match (event, other) {
            (Event::Seated { code, .. }, Event::Seated { code: other, .. }) => *code = *other,
            (Event::Snapshot(snapshot), Event::Snapshot(other)) => {
                snapshot.at = other.at;
                snapshot.code = other.code;
            }
            _ => {}
        },
        _ => {}
    }
    message
}

/// The other player of the session, once they have come.
struct Other(Option<Player>);

impl Other {
    /// Does what leads to the next snapshot of the document, if that is not the client's own doing.
    async fn act(&mut self, addr: SocketAddr, next: &Snapshot) {
        let ply = next.record.position().ply();
        if next.phase == Phase::Playing && ply == 0 {
            let ben = self.0.insert(Player::enter(addr, Transport::Tcp, "ben", None).await);
            ben.ask(Command::QuickMatch { terms: None });
        }
        if let Some(ben) = &mut self.0
            && let Some(cell) = next.record.last()
            && ply.is_multiple_of(2)
        {
            ben.ask(Command::Play { match_number: 1, branch: 0, ply: ply - 1, cell });
        }
    }
}

#[tokio::test]
async fn the_session_in_the_document_is_what_happens() {
    let server = Server::start(config());
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let mut other = Other(None);
    for (index, Part { is_client, bytes }) in session().into_iter().enumerate() {
        if is_client {
            stream.write_all(&bytes).await.unwrap();
            continue;
        }
        if bytes.starts_with(&MAGIC) {
            let mut preface = [0; PREFACE_BYTES];
            stream.read_exact(&mut preface).await.unwrap();
            assert_eq!(preface[..], bytes);
            continue;
        }
        let written = message(&bytes);
        if matches!(written, ServerMessage::Ping { .. }) {
            continue;
        }
        if let ServerMessage::Event(Event::Snapshot(shown)) = &written {
            other.act(server.addr, shown).await;
        }
        let happened = timeout(PATIENCE, read(&mut stream)).await.expect("the server answers").unwrap();
        let happened = with_chance_of(happened, &written);
        assert_eq!(codec::encode(&happened), codec::encode(&written), "part {index}: {happened:?}");
    }
    stream.shutdown().await.unwrap();
    let behind = read(&mut stream).await;
    assert!(behind.is_none(), "behind the goodbye comes {behind:?}");
    server.stop().await;
}
