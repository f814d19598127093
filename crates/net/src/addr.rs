//! Addresses as people type them, and as tables key them.
//!
//! A person types what they have ([`HostPort`], [`ListenAddr`]), and the text is parsed without a socket or a lookup. The
//! meaning of a scope or a name on this machine is left to [`crate::interfaces`] and [`crate::connect`].

mod canonical;
mod endpoint;
mod error;
mod host;
mod host_port;
mod listen;
pub(crate) mod local;
mod source;

pub use self::{
    canonical::{canonical, is_loopback},
    endpoint::DEFAULT_PORT,
    error::ParseAddrError,
    host::{EXAMPLE_SCOPE, Host, HostName, Literal, Scope, ScopeName},
    host_port::HostPort,
    listen::{ListenAddr, ListenTwice, ParseListenError},
    source::Source,
};
