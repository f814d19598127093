//! Origins: what a lobby knows of addresses.

/// Stands for the address that a session comes from, so that several from one address count together. The shell derives
/// it from the address; the lobby cannot recover the address from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(pub u64);
