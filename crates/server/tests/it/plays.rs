//! The decisions of the lobby as readable plays; see [`test_harness`](crate::test_harness) for their form.

mod absence;
mod adjourned;
mod chat;
mod clocks;
mod lists;
mod matches;
mod offers;
mod quick;
mod restart;
mod rooms;
mod series;
mod shares;
mod sleep;
mod trial;
mod watching;
