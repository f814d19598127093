//! Our own server, in this process.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    thread,
    time::Duration,
};

use anyhow::Context as _;
use net::{
    addr::{HostPort, ListenAddr},
    bind::{BindError, Bound, bind},
    discovery::Announced,
    interfaces::{friend_addresses, source_towards},
    proto::Name,
};
use server::shell::{self, Keeping, Sockets};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::{oneshot, watch},
    time::{Instant, sleep_until},
};
use tracing::{debug, info, warn};

use crate::{
    cmd::SavedSeat,
    config::Config,
    hosted,
    own_place::{OwnPlace, OwnStore},
};

/// Our own server. It has a thread of its own, so that a slow terminal does not hold up the other player.
#[derive(Debug)]
pub(crate) struct OwnServer {
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
    /// The address at which this process reaches it.
    pub(crate) local: HostPort,
    /// The address it listens on.
    listener: SocketAddr,
    /// The state of its announcement.
    announced: watch::Receiver<Announced>,
    /// True if it is announced to the network, as far as that is possible.
    is_announced: bool,
    /// True if it gives browsers a page.
    is_web_open: bool,
    /// The ways to it that were told last.
    pub(crate) told: OwnPlace,
    /// The time of the next look at this machine's addresses.
    look_at: Instant,
}

impl OwnServer {
    /// Starts to listen and serve, as the settings say, and keeps its room on disk if `is_kept`. Without an address in them it
    /// takes a free port where the usual one is busy: the code leads there all the same.
    ///
    /// # Errors
    ///
    /// The reason why it cannot listen, with [`net::bind::BindError`] among the causes.
    ///
    /// With a seat, it goes on with the room that is kept in that seat's store, at the port at which the guest looks for it.
    pub(crate) fn start(
        &Config { ref listen, announce: is_announced, web: is_web_open, .. }: &Config,
        is_kept: bool,
        name: Name,
        seat: Option<&SavedSeat>,
    ) -> anyhow::Result<Self> {
        let mut config = shell::Config { is_announced, is_web_open, ..shell::Config::new(name) };
        let store = match seat.and_then(|seat| seat.hosted) {
            Some(number) => Some((number, hosted::again(number)?)),
            None if is_kept => hosted::free(),
            None => None,
        };
        let (number, store) = store.unzip();
        let keeping = store.map(|store| Keeping::load(store, &mut config)).transpose()?;
        let Bound { tcp, udp, local, .. } = match (listen, seat) {
            (listen, Some(seat)) => bind(&listen.clone().unwrap_or_default().with_port(seat.target.port()))?,
            (Some(listen), None) => bind(listen)?,
            (None, None) => bind_or_take_free(&ListenAddr::default())?,
        };
        let (tcp, udp) = (tcp.into_std()?, udp.into_std()?);
        let (stop, stopped) = oneshot::channel();
        let (tell, announced) = watch::channel(Announced::default());
        config.announced = Some(tell);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new()
            .name("server".into())
            .spawn(move || {
                let served = runtime.block_on(async {
                    let (tcp, udp) = (vec![TcpListener::from_std(tcp)?], vec![UdpSocket::from_std(udp)?]);
                    let shutdown = async {
                        let _stopped_or_dropped = stopped.await;
                    };
                    let sockets = Sockets { tcp, udp, ..Sockets::default() };
                    io::Result::Ok(shell::run(sockets, config, keeping, shutdown).await)
                });
                match served {
                    Ok(summary) => debug!(%summary, "our own server stopped"),
                    Err(error) => warn!(%error, "our own server cannot listen"),
                }
            })
            .context("cannot start a thread for the server")?;
        let local_target = reach(local).to_string().parse().context("our own address is an address")?;
        let target: HostPort =
            format!("localhost:{}", local.port()).parse().context("this machine has a name")?;
        let store = number.map(|number| OwnStore { number, target });
        let look_at = Instant::now() + LOOK_EVERY;
        let told = OwnPlace { store, ..OwnPlace::default() };
        let (listener, local) = (local, local_target);
        let mut server =
            Self { stop, thread, local, listener, announced, is_announced, is_web_open, told, look_at };
        server.told = server.place();
        Ok(server)
    }

    /// Waits until the ways to it have changed: Wi-Fi comes and goes, and an announcement can fail and succeed later.
    ///
    /// Cancel-safe.
    pub(crate) async fn place_changed(&mut self) -> OwnPlace {
        loop {
            tokio::select! {
                changed = self.announced.changed() => if changed.is_err() {
                    // The server has ended.
                    return std::future::pending().await;
                },
                () = sleep_until(self.look_at) => self.look_at = Instant::now() + LOOK_EVERY,
            }
            self.announced.mark_unchanged();
            let now = self.place();
            if now != self.told {
                self.told = now.clone();
                return now;
            }
        }
    }

    /// Asks it to stop, and waits until it has told every player and ended.
    pub(crate) async fn stop(self) {
        let _thread_is_gone = self.stop.send(());
        // A panic in the server's thread has been reported by the hook.
        let _ended = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }

    /// The ways to it now.
    fn place(&self) -> OwnPlace {
        let announced = self.is_announced.then(|| *self.announced.borrow());
        let place = match friend_addresses() {
            Ok(usable) => OwnPlace::new(self.listener, announced, Some(&usable), &[]),
            Err(error) => {
                debug!(%error, "cannot list this machine's addresses");
                // Documentation addresses, which every default route leads to (RFC 5737, RFC 3849). Nothing is sent.
                let far: [SocketAddr; 2] = [
                    (Ipv4Addr::new(192, 0, 2, 1), 9).into(),
                    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9).into(),
                ];
                let guessed: Vec<_> = far.into_iter().filter_map(|far| source_towards(far).ok()).collect();
                OwnPlace::new(self.listener, announced, None, &guessed)
            }
        };
        OwnPlace { web: place.web.filter(|_| self.is_web_open), store: self.told.store.clone(), ..place }
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

/// Listens on the usual port, or on a free one if that is busy.
fn bind_or_take_free(usual: &ListenAddr) -> Result<Bound, BindError> {
    match bind(usual) {
        Err(error @ BindError::PortBusy(..)) => {
            info!(%error, "taking a free port");
            bind(&usual.with_port(0))
        }
        outcome => outcome,
    }
}

/// The interval of looks at this machine's addresses: short for somebody who waits for Wi-Fi.
const LOOK_EVERY: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_free_port_is_taken_where_the_usual_one_is_busy_for_either_transport() {
        let any = "127.0.0.1:0".parse().unwrap();
        let (Bound { tcp, .. }, Bound { udp, .. }) = (bind(&any).unwrap(), bind(&any).unwrap());
        for busy in [tcp.local_addr().unwrap(), udp.local_addr().unwrap()] {
            let bound = bind_or_take_free(&busy.to_string().parse().unwrap()).unwrap();
            assert_eq!(bound.local.ip(), busy.ip());
            assert_ne!(bound.local.port(), busy.port());
        }
    }

    #[tokio::test]
    async fn another_refusal_than_a_busy_port_is_told() {
        // TEST-NET-3, RFC 5737: nobody has it.
        let error = bind_or_take_free(&"203.0.113.77:1952".parse().unwrap()).unwrap_err();
        assert!(matches!(error, BindError::NotHere(..)), "{error:?}");
    }
}
