//! Games of the same network, found without an address: DNS-SD over multicast DNS (RFC 6763, RFC 6762).
//!
//! A host has an [`Announcer`], which publishes an [`Advert`] for each of its rooms; who looks for a game has a
//! [`Browser`], which keeps a bounded list of [`LanRoom`]s and says what changes in it. Everybody on the link can
//! publish anything, so what is found is parsed at the boundary ([`Advert::from_txt`]), its addresses are held to the
//! networks of this machine, and nobody trusts it further than to knock there.
//!
//! The packets are those of the crate `mdns-sd`, whose types stay in here.

mod advert;
mod announcer;
mod browser;
mod daemon;
mod table;

use std::io;

use thiserror::Error;

pub use self::{
    advert::{Advert, AdvertError, RoomState, SERVICE_TYPE},
    announcer::{Announcer, MAX_ANNOUNCED, Place},
    browser::{Browser, RECORD_LIFE, VERIFY_LIFE},
    table::{LanEvent, LanRoom, LanRoomId, MAX_ROOM_ADDRESSES, MAX_ROOMS},
};

/// Where is looked and announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// The interfaces on which a friend can be: see [`crate::interfaces::Networks`].
    #[default]
    Lan,
    /// This machine alone, over its loopback interface: for tests.
    Loopback,
}

/// Why nothing can be found or announced.
#[derive(Debug, Error)]
pub enum DiscoveryError {
    /// When neither family lets us have a socket for multicast DNS.
    #[error("multicast DNS (UDP port 5353) cannot be used: {ipv4} (IPv4), {ipv6} (IPv6)")]
    Sockets {
        /// What the system says for IPv4.
        ipv4: io::Error,
        /// What the system says for IPv6.
        ipv6: io::Error,
    },
    /// When its thread could not be started, or does not answer.
    #[error("multicast DNS does not run: {0}")]
    Daemon(String),
}

impl DiscoveryError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Sockets { .. } => {
                "another program may hold UDP port 5353 for itself; an address works without it, as in `oxo join 192.168.1.7`"
            }
            Self::Daemon(_) => "an address works without it, as in `oxo join 192.168.1.7`",
        }
    }
}
