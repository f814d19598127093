//! What the lobby decides, as plays that anybody can read; [`test_harness`](crate::test_harness) says how.

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
