//! The UDP transport: the sockets around the [`arq`](crate::arq).
//!
//! ```text
//!           one socket for all peers                       one socket for one peer
//!   Listener: driver task (owns the Endpoint)      dial: Dialer, then
//!     |  datagrams into their session               |
//!     v                                             v
//!   Link: Session, timer, sends by itself         Link: Session, timer, sends by itself
//! ```
//!
//! The driver, the task that receives and the tasks that send share a session by a lock that is never held across a wait.
//! So a message goes out without waking anybody. A task that does not take its messages leaves the session's window full,
//! which then takes in nothing more and holds the peer back.

mod ask;
mod dial;
mod link;
mod listener;
mod own;
mod peer;
mod probe;
mod socket;

pub use self::{
    ask::ask,
    dial::dial,
    link::{UdpLink, UdpSender},
    listener::{Asked, Listener, ListenerCounts},
    peer::connect,
    probe::largest_passed,
    socket::{Batch, Socket},
};
