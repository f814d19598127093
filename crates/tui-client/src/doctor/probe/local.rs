//! What there is to find on this machine.

use std::{
    collections::BTreeSet,
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::future::join_all;
use net::{
    addr::DEFAULT_PORT,
    bind::{BindError, PortCheck, check_port},
    interfaces::{LocalAddress, Standing, local_addresses},
    multicast::{Via, who_is_there},
};
use rustix::fs::{Access, access};

use super::{Waiting, firewalls, owner::owner_of, terminal};
use crate::{
    doctor::{
        local::{Files, Folder, Local, Multicast, MulticastOutcome, OwnAddress, Port, PortState},
        report::Plain,
    },
    saved_seats,
};

/// Looks at everything.
///
/// # Errors
///
/// The system's, when it does not tell its interfaces.
pub(in crate::doctor) async fn examine_local(log: Option<&Path>) -> io::Result<Local> {
    let terminal = terminal::examine();
    let addresses = local_addresses()?;
    let waiting = Waiting::until("listening for others on the network", FIREWALLS_LIMIT);
    let (multicast, firewalls) = tokio::join!(multicast(&addresses), firewalls::examine(DEFAULT_PORT));
    drop(waiting);
    Ok(Local {
        terminal,
        without_address: without_address(&addresses),
        addresses: addresses.iter().map(OwnAddress::from).collect(),
        ports: check_port(DEFAULT_PORT).into_iter().map(port).collect(),
        multicast,
        firewalls,
        files: files(log),
    })
}

/// Asks on each interface, in each family, all at once.
async fn multicast(addresses: &[LocalAddress]) -> Vec<Multicast> {
    let mut asked = BTreeSet::new();
    let ways =
        addresses.iter().filter(|address| address.standing == Standing::Usable).filter_map(|address| {
            let is_ipv6 = address.ip.is_ipv6();
            let is_new = asked.insert((address.interface.clone(), is_ipv6));
            let via = via(address).filter(|_| is_new)?;
            Some((address.interface.clone(), is_ipv6, via))
        });
    join_all(ways.take(MAX_WAYS).map(async |(interface, is_ipv6, via)| {
        let outcome = match who_is_there(via, &[], PATIENCE).await {
            Ok(heard) => match heard.own {
                Some(own) => MulticastOutcome::CameBack {
                    millis: (own.as_secs_f64() * 1e6).round() / 1e3,
                    others: heard.others.len(),
                },
                None => MulticastOutcome::Lost,
            },
            Err(error) => MulticastOutcome::Failed { why: Plain::new(error.to_string()) },
        };
        Multicast { interface: Plain::new(interface), is_ipv6, outcome }
    }))
    .await
}

/// How to ask by the interface of an address.
pub(super) fn via(address: &LocalAddress) -> Option<Via> {
    match address.ip {
        IpAddr::V4(own) => Some(Via::V4(own)),
        IpAddr::V6(_) => address.index.map(Via::V6),
    }
}

/// The interfaces that the system has beside those with addresses. Linux has a folder of them (sysfs(5)).
fn without_address(addresses: &[LocalAddress]) -> Vec<Plain> {
    let Ok(folder) = fs::read_dir("/sys/class/net") else { return Vec::new() };
    let names = folder.take(MAX_INTERFACES).flatten().filter(|entry| entry.path().join("operstate").exists());
    let mut names: Vec<_> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| addresses.iter().all(|address| address.interface != *name));
    names.sort_unstable();
    names.iter().map(Plain::new).collect()
}

fn port(PortCheck { transport, is_ipv6, outcome }: PortCheck) -> Port {
    let state = match outcome {
        Ok(()) => PortState::Free,
        Err(BindError::PortBusy { .. }) => {
            PortState::Busy { owner: owner_of(transport, is_ipv6, DEFAULT_PORT).map(Plain::new) }
        }
        Err(BindError::NotHere { .. }) => PortState::NoFamily,
        Err(BindError::Denied { source, .. } | BindError::Other { source, .. }) => {
            PortState::Denied { why: Plain::new(source.to_string()) }
        }
        Err(error @ BindError::Scope(_)) => PortState::Denied { why: Plain::new(error.to_string()) },
    };
    Port { transport, is_ipv6, state }
}

fn files(log: Option<&Path>) -> Files {
    let kept = saved_seats::folder();
    let seats = kept.as_ref().and_then(|folder| fs::read_dir(folder).ok());
    Files {
        state: kept.as_deref().and_then(Path::parent).map(folder),
        seats: seats.map_or(0, |seats| seats.take(MAX_SEATS).count()),
        log: log.map(folder),
    }
}

/// Whether something can be written there, or made where it is not there yet.
fn folder(path: &Path) -> Folder {
    let is_there = path.exists();
    let nearest =
        path.ancestors().find(|path| path.exists()).map_or_else(|| PathBuf::from("."), PathBuf::from);
    // A relative path of one part has the empty path above it, which is the folder that we are in.
    let is_writable =
        access(if nearest.as_os_str().is_empty() { Path::new(".") } else { &nearest }, Access::WRITE_OK)
            .is_ok();
    Folder { path: Plain::new(path.to_string_lossy()), is_there, is_writable }
}

/// How long is listened for answers. Multicast DNS spreads them over at most 120 ms (RFC 6762 section 6); machines that
/// sleep are slower.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// How long the firewalls can take, if each of six programs hangs that are asked.
const FIREWALLS_LIMIT: Duration = Duration::from_secs(6);

/// Ways that are asked on at most, two for each interface.
const MAX_WAYS: usize = 16;

/// Interfaces that are looked at: hosts of containers have hundreds.
const MAX_INTERFACES: usize = 64;

/// Seats that are counted.
const MAX_SEATS: usize = 1000;
