//! Servers on the same network, found without an address: DNS-SD over multicast DNS (RFC 6763, RFC 6762).
//!
//! A server has an [`Announcer`], which tells its name and its addresses on each network. A player has a [`Browser`], which
//! keeps a bounded list of [`LanServer`]s and reports its changes; what is played on a server is asked of it by
//! [`ask`](crate::connect::ask). Everybody on the link can publish anything, so records are parsed at the boundary
//! ([`Advert::from_txt`]), addresses must belong to a network of this machine, and a found server is trusted no further than
//! to be asked.
//!
//! The announcer speaks the protocol itself, so that nobody can make it send more than a bounded answer. The browser uses
//! the crate `mdns-sd`, whose types do not leave this module.

mod announcer;
mod browser;
mod daemon;

pub use self::{
    announcer::Announcer,
    browser::{Browser, RECORD_LIFE, VERIFY_LIFE},
    daemon::DiscoveryError,
};
pub use crate::lan::{
    Advert, AdvertError, Announced, LanEvent, LanServer, LanServerId, MAX_SERVER_ADDRESSES, MAX_SERVERS,
    Place, Reach, SERVICE_TYPE, Spread,
};
