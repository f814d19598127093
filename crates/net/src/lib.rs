//! The transport of oxo: the messages between a client and a server, and the connections that carry them.
//!
//! The modules at the top are pure. [`proto`] has the messages, [`frame`] and [`line`](mod@line) divide a byte stream,
//! [`arq`] carries messages over datagrams, [`xray`] shows how, and [`addr`] parses addresses. The modules with sockets are
//! [`tcp`] and [`udp`]; a [`link::Link`] over both; [`bind`] for servers and [`connect`] for clients; and [`discovery`], which
//! finds servers without an address.

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
pub mod sim;
pub mod token_bucket;
pub mod traffic;
mod transport;
pub mod xray;

pub use self::edge::{bind, connect, discovery, interfaces, link, multicast, tcp, udp};
