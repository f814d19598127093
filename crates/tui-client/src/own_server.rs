//! Our own server, in this process.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    thread,
};

use anyhow::Context as _;
use net::{
    addr::{HostPort, ListenAddr, is_loopback},
    bind::{Bound, bind},
    interfaces::friend_addresses,
    proto::Name,
};
use server::shell::{Config, Sockets};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::oneshot,
};
use tracing::{debug, warn};

/// Our own server. It has a thread of its own, so that a slow terminal does not hold up the other player.
#[derive(Debug)]
pub(crate) struct OwnServer {
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
    /// The address at which this process reaches it.
    pub(crate) local: HostPort,
    /// The addresses for a friend to type, best first.
    pub(crate) addresses: Vec<String>,
    /// It announces its games on the network.
    pub(crate) is_announced: bool,
}

/// Our own server while it stops.
#[derive(Debug)]
pub(crate) struct StoppingServer(thread::JoinHandle<()>);

impl OwnServer {
    /// Starts to listen and serve.
    ///
    /// # Errors
    ///
    /// The reason why it cannot listen, with [`net::bind::BindError`] among the causes.
    pub(crate) fn start(listen: &ListenAddr, name: Name, is_announced: bool) -> anyhow::Result<Self> {
        let Bound { tcp, udp, local, .. } = bind(listen)?;
        let (tcp, udp) = (tcp.into_std()?, udp.into_std()?);
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new()
            .name("server".into())
            .spawn(move || {
                runtime.block_on(async {
                    let sockets = match (TcpListener::from_std(tcp), UdpSocket::from_std(udp)) {
                        (Ok(tcp), Ok(udp)) => Sockets { tcp: vec![tcp], udp: vec![udp] },
                        (Err(error), _) | (_, Err(error)) => {
                            return warn!(%error, "our own server cannot listen");
                        }
                    };
                    let shutdown = async {
                        let _stopped_or_dropped = stopped.await;
                    };
                    let config = Config { is_announced, ..Config::new(name) };
                    let summary = server::shell::run(sockets, config, shutdown).await;
                    debug!(%summary, "our own server stopped");
                });
            })
            .context("cannot start a thread for the server")?;
        let local_target = reach(local).to_string().parse().context("our own address is an address")?;
        // A server for this machine alone has nobody to announce its games to.
        let is_announced = is_announced && !is_loopback(local.ip());
        Ok(Self { stop, thread, local: local_target, addresses: typed_addresses(local), is_announced })
    }

    /// Asks it to stop, upon which it no longer listens.
    pub(crate) fn stop(self) -> StoppingServer {
        let _thread_is_gone = self.stop.send(());
        StoppingServer(self.thread)
    }
}

impl StoppingServer {
    /// Waits until it has told every player and ended.
    pub(crate) async fn ended(self) {
        // A panic in the server's thread has been reported by the hook.
        let _ended = tokio::task::spawn_blocking(move || self.0.join()).await;
    }
}

/// The address at which this process reaches its own listener.
fn reach(local: SocketAddr) -> SocketAddr {
    let mut target = local;
    if local.ip().is_unspecified() {
        target.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    target
}

/// The addresses for a friend to type: the listener's own, or all of this machine.
fn typed_addresses(local: SocketAddr) -> Vec<String> {
    if !local.ip().is_unspecified() {
        return vec![local.to_string()];
    }
    let addresses = friend_addresses().unwrap_or_else(|error| {
        warn!(%error, "cannot list this machine's addresses");
        Vec::new()
    });
    let fits = |ip: IpAddr| local.is_ipv6() || ip.is_ipv4();
    addresses
        .iter()
        .filter(|address| fits(address.ip))
        .take(SHOWN_ADDRESSES)
        .map(|address| address.with_port(local.port()).to_string())
        .collect()
}

/// Addresses shown of our own server: as many as a person looks at.
const SHOWN_ADDRESSES: usize = 4;
