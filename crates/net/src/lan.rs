//! Games on the LAN without the network itself: their records, the bounded list of them, and the addresses that count.

mod advert;
mod announced;
mod place;
mod table;

pub(crate) use self::table::{Service, Table};
pub use self::{
    advert::{Advert, AdvertError, RoomState, SERVICE_TYPE},
    announced::{Announced, Spread},
    place::{Place, Reach},
    table::{LanEvent, LanRoom, LanRoomId, MAX_ROOM_ADDRESSES, MAX_ROOMS},
};
