//! What hints call the programs of both sides.

/// The words of a program that connects, for the hints of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// What is let through a firewall, or brought up to date.
    pub name: &'static str,
    /// What is typed on the machine that is to be reached, and shows where it is.
    pub serve: &'static str,
    /// What is typed before the address.
    pub reach: &'static str,
}

impl Program {
    /// The game.
    pub const OXO: Self = Self { name: "oxo", serve: "oxo host", reach: "oxo join" };
}
