//! The thread of `mdns-sd`: started only where it can work, watched, and ended in order.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use mdns_sd::{Error as MdnsError, IfKind, IfPredicate, Receiver, ServiceDaemon, ServiceEvent};
use thiserror::Error;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use crate::{
    addr::local::LocalAddress,
    edge::{interfaces::Devices, multicast::open},
    lan::SERVICE_TYPE,
};

/// The reason why nothing can be found.
#[derive(Debug, Error)]
pub enum DiscoveryError {
    /// Multicast DNS can have a socket in neither family.
    #[error("multicast DNS (UDP port 5353) cannot be used: {ipv4} (IPv4), {ipv6} (IPv6)")]
    Sockets {
        /// The system's error for IPv4.
        ipv4: io::Error,
        /// The system's error for IPv6.
        ipv6: io::Error,
    },
    /// The thread could not be started, or does not answer.
    #[error("multicast DNS does not run: {0}")]
    Daemon(String),
}

impl DiscoveryError {
    /// The most useful thing to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Sockets { .. } => {
                "another program may hold UDP port 5353 for itself; an address works without it, as in `oxo join 192.168.1.7`"
            }
            Self::Daemon(_) => "an address works without it, as in `oxo join 192.168.1.7`",
        }
    }
}

/// A running daemon, whose thread is told to end when this is dropped.
///
/// `mdns-sd` keeps the handle of the thread, so it cannot be joined. Its answer to the command to end is the last thing that
/// it does.
#[derive(derive_more::Debug)]
#[debug("Daemon")]
pub(super) struct Daemon(ServiceDaemon);

impl Daemon {
    /// Starts the thread on the addresses of this machine that fit, now and whenever they change.
    pub(super) fn start(
        fits: impl Fn(&LocalAddress) -> bool + Send + Sync + 'static,
    ) -> Result<Self, DiscoveryError> {
        probe()?;
        let daemon = Self(ServiceDaemon::new().map_err(failed)?);
        let devices = Mutex::new(Devices::default());
        let fits = IfPredicate::new(move |interface| {
            let mut devices = devices.lock().unwrap_or_else(PoisonError::into_inner);
            fits(&devices.describe(interface.clone()))
        });
        daemon.0.disable_interface(IfKind::All).map_err(failed)?;
        daemon.0.enable_interface(IfKind::Predicate(fits)).map_err(failed)?;
        Ok(daemon)
    }

    /// Searches for servers, or queries again.
    pub(super) fn browse(&self) -> Result<Receiver<ServiceEvent>, DiscoveryError> {
        self.0.browse(SERVICE_TYPE).map_err(failed)
    }

    /// Queries a service again, and drops it if nobody responds in time.
    pub(super) fn verify(&self, instance: &str, patience: Duration) {
        if let Err(error) = self.0.verify(instance.to_owned(), patience) {
            debug!(%error, "a server cannot be verified");
        }
    }

    /// The number of records and timers that the thread holds; `None` if it does not answer.
    pub(super) async fn load(&self) -> Option<usize> {
        let metrics = self.0.get_metrics().ok()?;
        let metrics = timeout(ANSWER_TIMEOUT, metrics.recv_async()).await.ok()?.ok()?;
        let count =
            |name: &str| metrics.get(name).and_then(|count| usize::try_from(*count).ok()).unwrap_or(0);
        Some(COUNTED.into_iter().map(count).sum())
    }

    /// Ends the thread.
    pub(super) async fn end(self) {
        let ending = async {
            loop {
                match self.0.shutdown() {
                    Ok(ended) => return ended.recv_async().await.is_ok(),
                    // Its queue of commands is full for a moment.
                    Err(MdnsError::Again) => sleep(AGAIN_AFTER).await,
                    Err(_) => return false,
                }
            }
        };
        if !matches!(timeout(ANSWER_TIMEOUT, ending).await, Ok(true)) {
            warn!("multicast DNS did not end in time");
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It has ended already, unless its owner was dropped half-way.
        let _ended = self.0.shutdown();
    }
}

/// Tries to bind the sockets of multicast DNS, since `mdns-sd` does not report that it has none.
fn probe() -> Result<(), DiscoveryError> {
    match (open(Ipv4Addr::UNSPECIFIED.into()), open(Ipv6Addr::UNSPECIFIED.into())) {
        (Err(ipv4), Err(ipv6)) => Err(DiscoveryError::Sockets { ipv4, ipv6 }),
        (Ok(_), Ok(_)) => Ok(()),
        (Err(error), Ok(_)) => {
            debug!(%error, "multicast DNS has no IPv4");
            Ok(())
        }
        (Ok(_), Err(error)) => {
            debug!(%error, "multicast DNS has no IPv6");
            Ok(())
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn failed(error: MdnsError) -> DiscoveryError {
    DiscoveryError::Daemon(error.to_string())
}

/// Time for the thread to answer: milliseconds, and more on a machine that swaps.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// The wait while its queue of 100 commands is full.
const AGAIN_AFTER: Duration = Duration::from_millis(10);

/// The counters of what it keeps.
const COUNTED: [&str; 7] =
    ["cached-ptr", "cached-srv", "cached-txt", "cached-addr", "cached-nsec", "cached-subtype", "timer"];
