//! The state of an announcement, for the words on the host's screen.

/// The state of the announcement of a server, in each family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Announced {
    /// Over IPv4.
    pub ipv4: Spread,
    /// Over IPv6.
    pub ipv6: Spread,
}

/// The state of an announcement in one family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Spread {
    /// The system has taken it on at least one network.
    Sent,
    /// No network of this family has an address at which the server listens.
    #[default]
    NoNetwork,
    /// Another program holds the port of multicast DNS, or the system sends nothing.
    Failed,
}
