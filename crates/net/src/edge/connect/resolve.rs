//! The addresses of a typed host, in the order in which to try them.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use thiserror::Error;
use tokio::net::lookup_host;
use tokio::time::timeout;

use crate::addr::local::{sole_link_local_scope, usable_names};
use crate::addr::{Host, HostName, HostPort, Literal, Scope, canonical};
use crate::edge::interfaces::{self, ScopeError};

/// The reason why a host has no address to try.
#[derive(Debug, Error)]
pub enum ResolveError {
    /// The system's resolver knows no address for the name. A name may work behind one router and not behind the next.
    #[error("no machine called `{name}` is known here")]
    NoSuchName {
        /// The name.
        name: HostName,
        /// The resolver's error.
        source: io::Error,
    },
    /// The resolver had no answer within [`LOOKUP_TIMEOUT`].
    #[error("the lookup of `{name}` took longer than {} s", LOOKUP_TIMEOUT.as_secs())]
    LookupTimedOut {
        /// The name.
        name: HostName,
    },
    /// A link-local address was typed without its interface, and this machine has several, or none.
    #[error("{addr} is a link-local address and does not say on which interface")]
    ScopeMissing {
        /// The address as typed.
        addr: Ipv6Addr,
        /// The interfaces that could be meant.
        usable: Vec<String>,
    },
    /// The interface that was typed is none of this machine's.
    #[error(transparent)]
    Scope(#[from] ScopeError),
}

/// Finds the addresses of `target`, at most [`MAX_ADDRESSES`], canonical, IPv6 and IPv4 by turns.
///
/// A literal needs no lookup. A link-local one without a scope gets that of the only interface with a link-local address, if
/// there is exactly one.
///
/// A lookup that runs out of time continues in a blocking thread of the runtime, since `getaddrinfo` cannot be cancelled. A
/// program that ends meanwhile must not wait for it (`Runtime::shutdown_background`).
///
/// # Errors
///
/// [`ResolveError`] when there is no address to try.
pub async fn resolve(target: &HostPort) -> Result<Vec<SocketAddr>, ResolveError> {
    let port = target.port();
    match target.host() {
        Host::Literal(Literal::V4(addr)) => Ok(vec![SocketAddr::from((*addr, port))]),
        Host::Literal(Literal::V6 { addr, scope }) => {
            let scope_id = scope_id(*addr, scope.as_ref())?;
            Ok(vec![SocketAddrV6::new(*addr, port, 0, scope_id).into()])
        }
        Host::Name(name) => {
            let lookup = async { Ok(lookup_host((name.as_str(), port)).await?.collect()) };
            let found = resolve_name(name, lookup).await?;
            Ok(with_sole_scope(found))
        }
    }
}

async fn resolve_name(
    name: &HostName,
    lookup: impl Future<Output = io::Result<Vec<SocketAddr>>>,
) -> Result<Vec<SocketAddr>, ResolveError> {
    let found = match timeout(LOOKUP_TIMEOUT, lookup).await {
        Ok(Ok(found)) => interleave(found),
        Ok(Err(source)) => return Err(ResolveError::NoSuchName { name: name.clone(), source }),
        Err(_elapsed) => return Err(ResolveError::LookupTimedOut { name: name.clone() }),
    };
    if found.is_empty() {
        let source = io::Error::from(io::ErrorKind::NotFound);
        return Err(ResolveError::NoSuchName { name: name.clone(), source });
    }
    Ok(found)
}

/// Alternates IPv6 and IPv4, IPv6 first (RFC 8305 section 4), so that a dead family costs one delay and not one for each of
/// its addresses. Within a family the resolver's order stays, which is that of RFC 6724.
fn interleave(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (mut next, mut other): (VecDeque<_>, VecDeque<_>) =
        found.into_iter().map(canonical).partition(SocketAddr::is_ipv6);
    let mut turns = Vec::with_capacity(MAX_ADDRESSES);
    while turns.len() < MAX_ADDRESSES {
        let Some(addr) = next.pop_front().or_else(|| other.pop_front()) else { break };
        std::mem::swap(&mut next, &mut other);
        if !turns.contains(&addr) {
            turns.push(addr);
        }
    }
    turns
}

/// Adds the scope that a resolver left out of the link-local addresses of a name, where only one is possible.
fn with_sole_scope(mut found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    for addr in &mut found {
        if let SocketAddr::V6(v6) = addr
            && v6.ip().is_unicast_link_local()
            && v6.scope_id() == 0
            && let Ok(scope_id) = scope_id(*v6.ip(), None)
        {
            v6.set_scope_id(scope_id);
        }
    }
    found
}

fn scope_id(addr: Ipv6Addr, scope: Option<&Scope>) -> Result<u32, ResolveError> {
    if let Some(scope) = scope {
        return Ok(interfaces::scope_index(scope)?);
    }
    if !addr.is_unicast_link_local() {
        return Ok(0);
    }
    let addresses = interfaces::local_addresses().map_err(ScopeError::List)?;
    sole_link_local_scope(&addresses)
        .ok_or_else(|| ResolveError::ScopeMissing { addr, usable: usable_names(&addresses) })
}

/// Addresses of one name that are tried. A machine on a LAN has about five; a name server that sends more must not make the
/// race longer than its deadline.
pub const MAX_ADDRESSES: usize = 16;

/// Time for a lookup. A lost question to a name server is repeated after 5 s (resolv.conf(5)), and by then a person wants an
/// answer.
pub const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> HostName {
        "laptop.local".parse().unwrap()
    }

    fn addrs(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[track_caller]
    fn check_interleaved(found: &[&str], expected: &[&str]) {
        assert_eq!(interleave(addrs(found)), addrs(expected));
    }

    #[test]
    fn families_take_turns_and_ipv6_begins() {
        check_interleaved(
            &["1.0.0.1:7", "1.0.0.2:7", "1.0.0.3:7", "[fd00::1]:7", "[fd00::2]:7"],
            &["[fd00::1]:7", "1.0.0.1:7", "[fd00::2]:7", "1.0.0.2:7", "1.0.0.3:7"],
        );
        check_interleaved(&["[fd00::1]:7", "[fd00::2]:7"], &["[fd00::1]:7", "[fd00::2]:7"]);
        check_interleaved(&["1.0.0.1:7", "1.0.0.2:7"], &["1.0.0.1:7", "1.0.0.2:7"]);
        check_interleaved(&[], &[]);
    }

    #[test]
    fn one_machine_under_two_spellings_is_tried_once() {
        check_interleaved(&["[::ffff:1.0.0.1]:7", "1.0.0.1:7", "1.0.0.1:7"], &["1.0.0.1:7"]);
    }

    #[test]
    fn a_long_answer_is_cut_and_keeps_both_families() {
        let mut found: Vec<_> = (0..1000).map(|i| SocketAddr::from(([10, 0, 0, 1], i))).collect();
        found.extend(addrs(&["[fd00::1]:7"]));
        let taken = interleave(found);
        assert_eq!(taken.len(), MAX_ADDRESSES);
        assert!(taken[0].is_ipv6());
    }

    #[tokio::test(start_paused = true)]
    async fn a_resolver_that_hangs_is_given_up() {
        let error = resolve_name(&name(), std::future::pending()).await.unwrap_err();
        assert_eq!(error.to_string(), "the lookup of `laptop.local` took longer than 5 s");
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_unknown() {
        for answer in [Ok(vec![]), Err(io::Error::other("Name or service not known"))] {
            let error = resolve_name(&name(), async { answer }).await.unwrap_err();
            assert_eq!(error.to_string(), "no machine called `laptop.local` is known here");
        }
    }

    #[tokio::test]
    async fn literals_need_no_lookup() {
        for (typed, expected) in [
            ("192.168.1.7", "192.168.1.7:1952"),
            ("::ffff:192.168.1.7", "192.168.1.7:1952"),
            ("[fd4d::5]:7", "[fd4d::5]:7"),
        ] {
            let found = resolve(&typed.parse().unwrap()).await.unwrap();
            assert_eq!(found, addrs(&[expected]), "{typed}");
        }
    }

    #[tokio::test]
    async fn localhost_is_found_in_the_hosts_file() {
        let found = resolve(&"localhost:7".parse().unwrap()).await.unwrap();
        assert!(!found.is_empty());
        assert!(
            found.iter().all(|addr| crate::addr::is_loopback(addr.ip()) && addr.port() == 7),
            "{found:?}"
        );
    }

    #[tokio::test]
    async fn a_link_local_literal_gets_its_scope_or_the_names_to_choose_from() {
        let own = interfaces::local_addresses().unwrap();
        match (sole_link_local_scope(&own), resolve(&"fe80::1".parse().unwrap()).await) {
            (Some(scope_id), Ok(found)) => {
                let expected = SocketAddrV6::new("fe80::1".parse().unwrap(), 1952, 0, scope_id);
                assert_eq!(found, [expected.into()]);
            }
            (None, Err(ResolveError::ScopeMissing { usable, .. })) => {
                assert_eq!(usable, usable_names(&own));
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn an_unknown_interface_is_refused() {
        let error = resolve(&"fe80::1%no-such-if".parse().unwrap()).await.unwrap_err();
        assert_eq!(error.to_string(), "no network interface here is called `no-such-if`");
    }
}
