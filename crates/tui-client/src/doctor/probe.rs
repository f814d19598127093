//! The probes: read-only, each with a time limit.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it reads the clock and asks the system"
)]

mod hosts;
mod local;
mod multicast;
mod owner;
mod remote;
#[cfg(windows)]
#[path = "probe/console.rs"]
mod terminal;
#[cfg(not(windows))]
mod terminal;
mod waiting;

pub(super) use self::{
    local::{examine_local, examine_network},
    remote::examine_remote,
};
