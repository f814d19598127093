//! The part of the crate that touches sockets, clocks and tasks; everything beside it is pure.
//!
//! A module knows only modules below it:
//!
//! ```text
//! connect
//!    |
//!   link          discovery
//!   /   \           |    \
//! tcp   udp      multicast  |    bind
//!                    |      |     |
//!                 interfaces -----+
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it touches sockets and the clock"
)]

pub mod bind;
pub mod connect;
pub mod discovery;
pub mod interfaces;
pub mod link;
pub mod multicast;
pub mod tcp;
pub mod udp;
