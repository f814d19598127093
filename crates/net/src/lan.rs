//! Servers on the LAN without the network itself: their records, the bounded list of them, and the addresses that count.

mod advert;
mod announced;
pub(crate) mod dns;
mod place;
mod responder;
mod table;

pub use self::{
    advert::{Advert, AdvertError, SERVICE_TYPE},
    announced::{Announced, Spread},
    place::{Place, Reach},
    table::{LanEvent, LanServer, LanServerId, MAX_SERVER_ADDRESSES, MAX_SERVERS},
};
pub(crate) use self::{
    responder::{MAX_DELAY, Responder},
    table::{Service, Table},
};
