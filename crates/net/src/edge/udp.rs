//! The UDP transport: the sockets around the [`arq`](crate::arq).
//!
//! ```text
//!           one socket for all peers                       one socket for one peer
//!   Listener: driver task (owns the Endpoint)      dial: Dialer, then
//!     |  datagrams by session, bounded              |
//!     v                                             v
//!   Link: Session, timer, sends by itself         Link: Session, timer, sends by itself
//! ```
//!
//! The task that owns a link also owns its session: what it says goes out without waking anybody, and a task that does
//! not read does not acknowledge, which holds its peer back. The driver only looks whose a datagram is.

mod dial;
mod inbox;
mod link;
mod listener;
mod peer;
mod ping;
mod probe;
mod socket;

pub use self::{
    dial::dial,
    link::UdpLink,
    listener::{Listener, ListenerCounts},
    peer::connect,
    ping::ping,
    probe::largest_passed,
};
