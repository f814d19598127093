//! This machine's name.

/// The name of this machine, as the network may know it; empty if it has none.
#[cfg(unix)]
pub fn name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The name of this machine, as the network may know it; empty if it has none.
#[cfg(not(unix))]
pub fn name() -> String {
    // In capitals, which a network does not tell apart.
    std::env::var_os("COMPUTERNAME").unwrap_or_default().to_string_lossy().to_lowercase()
}
