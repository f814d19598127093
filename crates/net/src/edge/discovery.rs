//! Games on the same network, found without an address: DNS-SD over multicast DNS (RFC 6763, RFC 6762).
//!
//! A host has an [`Announcer`], which publishes an [`Advert`] for each of its rooms. A player has a [`Browser`], which keeps
//! a bounded list of [`LanRoom`]s and reports its changes. Everybody on the link can publish anything, so records are parsed
//! at the boundary ([`Advert::from_txt`]), addresses must belong to a network of this machine, and a found room is trusted
//! no further than to be pinged.
//!
//! The crate `mdns-sd` speaks the protocol; its types do not leave this module.

mod announcer;
mod browser;
mod daemon;

pub use self::{
    announcer::{Announcer, MAX_ANNOUNCED},
    browser::{Browser, RECORD_LIFE, VERIFY_LIFE},
    daemon::DiscoveryError,
};
pub use crate::lan::{
    Advert, AdvertError, Announced, LanEvent, LanRoom, LanRoomId, MAX_ROOM_ADDRESSES, MAX_ROOMS, Place,
    Reach, RoomState, SERVICE_TYPE, Spread,
};
