//! The door for browsers: a page to play on, the list of games, and a WebSocket, on the port of the game.
//!
//! A page that the player opened elsewhere must not reach the game through their browser. So a request must name this machine
//! or an address of it ([`names`]), nothing changes but through the WebSocket, which a foreign page cannot open, and there are
//! no cookies that a browser would add.

mod answers;
mod counted;
mod door;
mod guard;
mod link;
mod names;

use std::{io::Cursor, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{FromRequestParts, Path, Request, State, ws::WebSocketUpgrade},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use net::{
    addr::canonical,
    proto::{MAX_JSON, PROTOCOL, Question, RoomCode, RoomLine},
    tcp::set_options,
};
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};

pub(super) use self::{
    answers::Answers,
    door::Visitor,
    guard::{refusal, seal, wrong},
    link::WebLink,
};
use self::{counted::Counted, door::Door, guard::guard};
use super::shared::Shared;
use crate::listed::{Listed, Ways, array};

/// Time for the head of a request from its first byte, and for the next request to begin.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of the longest head, the least that hyper takes: a browser without cookies sends less than one kibibyte.
const MAX_HEAD: usize = 8 * 1024;

/// Time for all requests of a connection. A browser opens another one when it needs it; one that does not read is cut off.
pub(super) const VISIT_TIMEOUT: Duration = Duration::from_secs(30);

/// The three files of the page.
const PAGE: &str = include_str!("../../../../assets/web/index.html");
const STYLE: &str = include_str!("../../../../assets/web/style.css");
const SCRIPT: &str = include_str!("../../../../assets/web/page.js");

/// Answers requests until one of them opens a link, or the connection ends. `opening` has been read from the stream.
pub(super) async fn visit(
    (stream, opening): (TcpStream, Bytes),
    visitor: Visitor,
    shared: &Arc<Shared>,
) -> Option<WebLink> {
    let local = canonical(stream.local_addr().ok()?);
    // A peer that has gone already is found by the first read.
    let _gone = set_options(&stream);
    let (door, opened) = Door::new(shared, visitor, local);
    let (read, write) = stream.into_split();
    let stream = tokio::io::join(Cursor::new(opening).chain(read), write);
    let stream = TokioIo::new(Counted { stream, traffic: Arc::clone(&shared.web) });
    let connection = http().serve_connection(stream, TowerToHyperService::new(router(door))).with_upgrades();
    tokio::select! {
        // A connection that broke has no more requests either.
        _ended = timeout(VISIT_TIMEOUT, connection) => {}
        () = shared.inputs.closed() => return None,
    }
    opened.await.ok().map(|socket| WebLink::new(socket, visitor.peer))
}

/// HTTP with the bounds on each head.
pub(super) fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD);
    http
}

fn router(door: Door) -> Router {
    Router::new()
        .route("/", get(|| async { file("text/html", PAGE) }))
        .route("/style.css", get(|| async { file("text/css", STYLE) }))
        .route("/page.js", get(|| async { file("text/javascript", SCRIPT) }))
        .route("/games.json", get(games))
        .route("/ws", get(open_link))
        .route("/{code}", get(room))
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(door.clone(), guard))
        .with_state(door)
}

fn file(kind: &str, text: &'static str) -> Response {
    let kind = format!("{kind}; charset=utf-8");
    // The next version of the program has another page under the same name.
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache".to_owned())], text).into_response()
}

/// The page of a room. Whether there is such a room is the lobby's to say.
async fn room(Path(code): Path<String>) -> Response {
    if RoomCode::parse_typed(&code).is_ok() { file("text/html", PAGE) } else { nothing_here().await }
}

async fn nothing_here() -> Response {
    refusal(StatusCode::NOT_FOUND, "There is no such page; the games are at /")
}

/// The games of this server, as `oxo list --json` prints those of the network.
async fn games(State(door): State<Door>) -> Response {
    let (mut rooms, mut server) = (Vec::<RoomLine>::new(), door.shared.config.name);
    loop {
        let first = u16::try_from(rooms.len()).unwrap_or(u16::MAX);
        let Ok(Some(answer)) = door.shared.ask_host(door.visitor.peer, Question::Rooms { first }).await
        else {
            break;
        };
        server = answer.server;
        let is_last = answer.rooms.is_empty();
        rooms.extend(answer.rooms);
        if is_last || rooms.len() >= answer.total.into() {
            break;
        }
    }
    rooms.sort_by_key(|room| (room.state(), room.code));
    let ways = Ways {
        server,
        protocol: PROTOCOL,
        addresses: &[door.local],
        address: door.local,
        ping: None,
        found: Duration::ZERO,
    };
    let list = array(rooms.iter().map(|room| Listed::new(room, ways)));
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], list).into_response()
}

/// Opens the WebSocket of a page of ours, or of a program.
async fn open_link(State(door): State<Door>, request: Request) -> Response {
    let (mut parts, _no_body) = request.into_parts();
    if !names::is_from_us(&parts.headers) {
        return refusal(StatusCode::FORBIDDEN, "Another page may not play here");
    }
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let protocols = (PROTOCOL.oldest..=PROTOCOL.newest).rev().map(|version| format!("oxo.{version}"));
    let upgrade = upgrade.protocols(protocols);
    if upgrade.selected_protocol().is_none() {
        let spoken = format!("Ask for the subprotocol oxo.{}", PROTOCOL.newest);
        return refusal(StatusCode::BAD_REQUEST, &spoken);
    }
    let opened = door.open();
    upgrade
        .max_message_size(MAX_JSON)
        .max_frame_size(MAX_JSON)
        // A message leaves at once.
        .write_buffer_size(0)
        // The library's own buffer has 128 KiB for each connection. Of a message that is too long enough is read for its
        // sender to get the reason.
        .read_buffer_size(2 * MAX_JSON)
        .on_upgrade(async move |socket| {
            if let Some(opened) = opened {
                // The connection's task awaits it, unless it was cut off.
                let _cut_off = opened.send(socket);
            }
        })
}
