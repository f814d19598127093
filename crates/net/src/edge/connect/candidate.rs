//! The addresses and transports to try.

use std::net::SocketAddr;

use serde::Serialize;

use crate::{failure::Failure, transport::Transport};

/// An address and a transport to try it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The address.
    pub addr: SocketAddr,
    /// The transport.
    pub transport: Transport,
}

/// A candidate that did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The candidate.
    pub candidate: Candidate,
    /// The reason.
    pub failure: Failure,
}

/// The transports to try.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransportChoice {
    /// Both: UDP, and TCP a little later. The first to answer wins.
    #[default]
    Auto,
    /// One only.
    Only(Transport),
}

impl TransportChoice {
    /// The candidates in order: each address over each transport before the next address.
    pub(super) fn candidates(self, addrs: &[SocketAddr]) -> Vec<Candidate> {
        let transports = match &self {
            Self::Auto => &[Transport::Udp, Transport::Tcp][..],
            Self::Only(transport) => std::slice::from_ref(transport),
        };
        let over = |addr| transports.iter().map(move |&transport| Candidate { addr, transport });
        addrs.iter().copied().flat_map(over).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_tried_over_each_transport_before_the_next() {
        let over = |addr, transport| Candidate { addr, transport };
        let addrs = [[10, 0, 0, 1], [10, 0, 0, 2]].map(|ip| SocketAddr::from((ip, 1952)));
        let both = addrs.map(|addr| [over(addr, Transport::Udp), over(addr, Transport::Tcp)]);
        assert_eq!(TransportChoice::Auto.candidates(&addrs), both.concat());
        let tcp = TransportChoice::Only(Transport::Tcp);
        assert_eq!(tcp.candidates(&addrs), addrs.map(|addr| over(addr, Transport::Tcp)));
    }
}
