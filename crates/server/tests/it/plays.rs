//! What the lobby decides, as plays that anybody can read; [`stage`](crate::stage) says how.

mod absence;
mod adjourned;
mod chat;
mod clocks;
mod matches;
mod offers;
mod quick;
mod rooms;
mod series;
mod watching;
