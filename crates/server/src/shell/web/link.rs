//! A link over a WebSocket, which carries messages as JSON.

use std::{
    collections::VecDeque,
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::{Sink, Stream, StreamExt as _};
use net::{
    heartbeat::Pace,
    link::FAREWELL_TIMEOUT,
    proto::{ClientMessage, CloseReason, ServerMessage, json},
};
use tokio::time::timeout;
use tracing::debug;
use tungstenite::{Error, error::ProtocolError};

use crate::shell::{
    ended::Ended,
    messages::Messages,
    outlet::{Encoding, Inbox, Orders, Outlet},
};

/// Pings that may wait for a peer that does not read, before the link is closed.
const MAX_WAITING: usize = 8;

/// A WebSocket, and the messages on their way to it.
#[derive(Debug)]
pub(in crate::shell) struct WebLink {
    socket: WebSocket,
    peer: SocketAddr,
    /// The messages of the link's task.
    waiting: VecDeque<String>,
    /// The messages of the host task, once it knows the link.
    inbox: Option<Inbox>,
}

impl WebLink {
    /// Takes over an open socket. `peer` is canonical.
    pub(super) const fn new(socket: WebSocket, peer: SocketAddr) -> Self {
        Self { socket, peer, waiting: VecDeque::new(), inbox: None }
    }

    /// Delivers what waits, tells the reason of the server if it was that, and ends the socket, within [`FAREWELL_TIMEOUT`].
    pub(in crate::shell) async fn close(mut self, ended: Ended) {
        let farewell = async {
            poll_fn(|context| self.poll_send(context)).await?;
            let mut sentence = Utf8Bytes::default();
            if let Ended::ByServer(reason) = ended {
                let close = json::encode(&ServerMessage::Close(reason));
                self.socket.send(Message::Text(close.into())).await?;
                sentence = reason.to_string().into();
            }
            let frame = CloseFrame { code: close_code::NORMAL, reason: sentence };
            self.socket.send(Message::Close(Some(frame))).await?;
            while self.socket.next().await.transpose()?.is_some() {}
            Ok::<_, axum::Error>(())
        };
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = timeout(FAREWELL_TIMEOUT, farewell).await;
    }

    /// Sends on what waits, and receives.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message, axum::Error>>> {
        if let Poll::Ready(Err(error)) = self.poll_send(context) {
            return Poll::Ready(Some(Err(error)));
        }
        Pin::new(&mut self.socket).poll_next(context)
    }

    /// Sends what waits; ready when the system has taken all of it.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        loop {
            ready!(Pin::new(&mut self.socket).poll_ready(context))?;
            let text = match (self.waiting.pop_front(), &mut self.inbox) {
                (Some(text), _) => Utf8Bytes::from(text),
                (None, Some(inbox)) => match inbox.poll_next(context) {
                    Poll::Ready(text) => Utf8Bytes::try_from(Vec::from(text)).expect("JSON is UTF-8"),
                    Poll::Pending => break,
                },
                (None, None) => break,
            };
            Pin::new(&mut self.socket).start_send(Message::Text(text))?;
        }
        Pin::new(&mut self.socket).poll_flush(context)
    }
}

impl Messages for WebLink {
    fn peer(&self) -> SocketAddr {
        self.peer
    }

    fn outlet(&mut self) -> (Outlet, Orders) {
        let (outlet, inbox) = Outlet::to_queue(Encoding::Json);
        let orders = inbox.orders();
        self.inbox = Some(inbox);
        (outlet, orders)
    }

    async fn recv(&mut self) -> Result<Option<ClientMessage>, Ended> {
        match poll_fn(|context| self.poll_step(context)).await {
            Some(Ok(Message::Text(text))) => json::decode(&text).map(Some).map_err(|error| {
                debug!(%error, "undecodable message");
                Ended::ByServer(CloseReason::Malformed)
            }),
            Some(Ok(Message::Binary(_))) => Err(Ended::ByServer(CloseReason::Malformed)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Close(_))) | None => Err(Ended::Broken),
            Some(Err(error)) => {
                debug!(%error, "a WebSocket failed");
                Err(end_by(error))
            }
        }
    }

    fn send(&mut self, message: &ServerMessage) -> Result<(), Ended> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(Ended::ByServer(CloseReason::SlowConsumer));
        }
        self.waiting.push_back(json::encode(message));
        Ok(())
    }

    /// The heartbeat alone counts the silence, as over TCP.
    fn set_pace(&self, _pace: Pace) {}
}

/// The end of a socket by an error.
fn end_by(error: axum::Error) -> Ended {
    match error.into_inner().downcast_ref() {
        Some(Error::Capacity(_)) => Ended::ByServer(CloseReason::FrameLength),
        Some(
            Error::Io(_)
            | Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake),
        ) => Ended::Broken,
        _other => Ended::ByServer(CloseReason::Malformed),
    }
}
