//! The transport of oxo: messages, and what carries them between a client and a server.
//!
//! [`proto`] says what is said and [`frame`] how it stands on a stream; both are pure. The rest is the edge,
//! on tokio: addresses as people type them ([`addr`]), one listener for both families ([`bind`]), every
//! address of a host tried ([`connect`]), games found without an address ([`discovery`]), and a [`link::Link`] that its users drive without knowing what is
//! below.

pub mod addr;
pub mod arq;
mod edge;
mod failure;
pub mod frame;
pub mod heartbeat;
mod lan;
pub mod line;
pub mod proto;
pub mod server_clock;
#[cfg(feature = "sim")]
pub mod sim;
pub mod token_bucket;
mod transport;

pub use self::edge::{bind, connect, discovery, interfaces, link, multicast, tcp, udp};
