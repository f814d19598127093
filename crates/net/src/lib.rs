//! The transport of oxo: messages, and what carries them between a client and a server.
//!
//! [`proto`] says what is said and [`frame`] how it stands on a stream; both are pure. The rest is the edge,
//! on tokio: addresses as people type them ([`addr`]), one listener for both families ([`bind`]), every
//! address of a host tried ([`connect`]), games found without an address ([`discovery`]), and a [`link::Link`] that its users drive without knowing what is
//! below.

pub mod addr;
pub mod arq;
pub mod bind;
pub mod complaint;
pub mod connect;
pub mod discovery;
pub mod frame;
pub mod heartbeat;
pub mod interfaces;
pub mod line;
pub mod link;
pub mod multicast;
pub mod proto;
pub mod server_clock;
#[cfg(feature = "sim")]
pub mod sim;
pub mod tcp;
pub mod token_bucket;
pub mod udp;
