//! The X-ray of a client's link: its last packets, told from their bytes.
//!
//! A [`Recorder`] is shown each datagram that leaves and each that arrives. It tells by the numbers in them which packets
//! are new, sent again, acknowledged or lost, and makes a [`Picture`] of that. All it keeps is bounded, whatever arrives.

mod decoded;
mod picture;
mod recorder;

pub use self::{
    decoded::{Decoded, Field, Way},
    picture::{
        Conditions, Fate, Kind, LinkPicture, MAX_ROUND_TRIPS, MAX_TRACED, Picture, Tally, TcpPicture, Traced,
    },
    recorder::Recorder,
};
