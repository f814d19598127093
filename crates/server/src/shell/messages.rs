//! A link as its task uses it, in whichever encoding it carries messages.

use std::net::SocketAddr;

use bytes::Bytes;
use net::{
    heartbeat::Pace,
    link::{Link, LinkError},
    proto::{ClientMessage, CloseReason, ServerMessage, codec},
};
use tracing::debug;

use super::{
    ended::Ended,
    outlet::{Orders, Outlet},
};

/// The messages that a link carries in both directions.
pub(super) trait Messages {
    /// The peer's canonical address.
    fn peer(&self) -> SocketAddr;

    /// The way to the link for the host task, and the orders that it gives. Asked for once.
    fn outlet(&mut self) -> (Outlet, Orders);

    /// Waits for the next message, and sends on what is waiting. Returns `None` for a sign of life without a message.
    ///
    /// Cancel-safe: no message is lost when the future is dropped.
    async fn recv(&mut self) -> Result<Option<ClientMessage>, Ended>;

    /// Sends a message, or determines that the peer does not read.
    fn send(&mut self, message: &ServerMessage) -> Result<(), Ended>;

    /// Tells the link how much silence to expect.
    fn set_pace(&self, pace: Pace);
}

impl Messages for Link {
    fn peer(&self) -> SocketAddr {
        self.peer()
    }

    fn outlet(&mut self) -> (Outlet, Orders) {
        Outlet::to_link(self.sender())
    }

    async fn recv(&mut self) -> Result<Option<ClientMessage>, Ended> {
        understand(self.recv().await).map(Some)
    }

    fn send(&mut self, message: &ServerMessage) -> Result<(), Ended> {
        let sent = self.send(&codec::encode(message));
        sent.map_err(|_full| Ended::ByServer(CloseReason::SlowConsumer))
    }

    fn set_pace(&self, pace: Pace) {
        self.set_pace(pace);
    }
}

/// Decodes a received message, or determines how the link has ended.
fn understand(received: Result<Option<Bytes>, LinkError>) -> Result<ClientMessage, Ended> {
    match received {
        Ok(Some(payload)) => codec::decode(&payload).map_err(|error| {
            debug!(%error, "undecodable message");
            Ended::ByServer(CloseReason::Malformed)
        }),
        Ok(None) | Err(LinkError::Truncated | LinkError::Io(_) | LinkError::Session(_)) => Err(Ended::Broken),
        Err(LinkError::Frame(_)) => Err(Ended::ByServer(CloseReason::FrameLength)),
        Err(LinkError::FrameTimeout) => Err(Ended::ByServer(CloseReason::FrameTimeout)),
    }
}
