//! One connection to a server, in a task of its own, and the server of our own.

use std::{
    net::{IpAddr, SocketAddr},
    thread,
    time::Duration,
};

use anyhow::Context as _;
use bytes::Bytes;
use net::{
    addr::{HostPort, ListenAddr},
    bind::bind_both,
    connect::{RaceConfig, TransportChoice, connect, dial_link},
    heartbeat::{Beat, Heartbeat},
    interfaces::{friend_addresses, source_towards},
    link::Link,
    proto::{ClientMessage, CloseReason, Command, Hello, Name, ServerMessage, Token, codec},
    server_clock::ServerClock,
};
use server::shell::{Config, Sockets};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tracing::{debug, warn};

use crate::msg::NetMsg;

/// Commands that may wait for the connection's task: one for each key that is taken in before it runs.
const COMMAND_QUEUE: usize = 64;

/// Messages that may wait for the runtime. When full, the connection waits, and with it the server.
const MESSAGE_QUEUE: usize = 64;

/// How long a try to return may take: the seat is kept 30 s, so several fit.
const RETURN_TIMEOUT: Duration = Duration::from_secs(3);

/// How long nothing may be heard before we look whether this machine has another address now, and how often from then
/// on. The server pings each second, so that on a link that works there is nothing to look at.
const LOOK_EVERY: Duration = Duration::from_millis(1500);

/// Addresses of our own server that are shown: as many as one looks at.
const SHOWN_ADDRESSES: usize = 4;

/// A connection under way or up. To drop it ends it with a goodbye.
#[derive(Debug)]
pub(crate) struct Connection {
    commands: mpsc::Sender<Command>,
    messages: mpsc::Receiver<NetMsg>,
    task: tokio::task::JoinHandle<()>,
}

/// Our own server, in a thread of its own, so that a slow terminal does not hold up the other player.
#[derive(Debug)]
pub(crate) struct OwnServer {
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
    /// Where this process reaches it.
    pub(crate) local: HostPort,
    /// What a friend can type, best first.
    pub(crate) addresses: Vec<String>,
}

/// Our own server, once it was asked to stop.
#[derive(Debug)]
pub(crate) struct StoppingServer(thread::JoinHandle<()>);

impl Connection {
    /// Begins to connect.
    pub(crate) fn dial(
        target: HostPort,
        transport: TransportChoice,
        name: Name,
        resume: Option<Token>,
    ) -> Self {
        let (commands, wanted) = mpsc::channel(COMMAND_QUEUE);
        let (out, messages) = mpsc::channel(MESSAGE_QUEUE);
        let task = tokio::spawn(async move {
            let last = carry(&target, transport, Hello { name, resume }, wanted, &out).await;
            // Without a runtime there is nobody left to tell.
            let _gone = out.send(last).await;
        });
        Self { commands, messages, task }
    }

    /// Asks for something. A connection that is lost says so itself.
    pub(crate) fn send(&self, command: Command) {
        if let Err(unsent) = self.commands.try_send(command) {
            debug!(command = ?unsent.into_inner(), "not sent, the connection is gone");
        }
    }

    /// Waits for the next messages, for ever once the connection has said its last.
    pub(crate) async fn next(&mut self) -> Vec<NetMsg> {
        let mut messages = Vec::new();
        if self.messages.recv_many(&mut messages, MESSAGE_QUEUE).await == 0 {
            std::future::pending::<()>().await;
        }
        messages
    }

    /// Says goodbye and waits until that is out.
    pub(crate) async fn hang_up(self) {
        drop(self.commands);
        drop(self.messages);
        // The task ends by itself; a panic in it has been reported by the hook.
        let _ended = self.task.await;
    }
}

impl OwnServer {
    /// Listens and serves, and announces its rooms to the network if that is wanted. The addresses are those of this
    /// machine.
    ///
    /// # Errors
    ///
    /// What keeps it from listening, with [`net::bind::BindError`] among the causes.
    pub(crate) fn start(listen: &ListenAddr, name: Name, is_announced: bool) -> anyhow::Result<Self> {
        let (tcp, udp) = bind_both(listen)?;
        let local = tcp.local;
        let (tcp, udp) = (tcp.socket.into_std()?, udp.socket.into_std()?);
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
        Ok(Self { stop, thread, local: local_target, addresses: typed_addresses(local) })
    }

    /// Asks it to stop. It listens no more as soon as it has heard.
    pub(crate) fn stop(self) -> StoppingServer {
        let _thread_is_gone = self.stop.send(());
        StoppingServer(self.thread)
    }
}

impl StoppingServer {
    /// Waits until every player has been told and the server has ended.
    pub(crate) async fn ended(self) {
        // A panic in the server's thread has been reported by the hook.
        let _ended = tokio::task::spawn_blocking(move || self.0.join()).await;
    }
}

/// Where this process reaches its own listener.
fn reach(local: SocketAddr) -> SocketAddr {
    let mut target = local;
    if local.ip().is_unspecified() {
        target.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    target
}

/// What a friend can type to reach a listener: its own address, or each of this machine's.
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

/// Connects, says hello and carries messages. Returns the last thing to tell.
async fn carry(
    target: &HostPort,
    transport: TransportChoice,
    hello: Hello,
    mut wanted: mpsc::Receiver<Command>,
    out: &mpsc::Sender<NetMsg>,
) -> NetMsg {
    let mut race = RaceConfig::default();
    if hello.resume.is_some() {
        race.timeout = RETURN_TIMEOUT;
    }
    let connecting = connect(target, transport, race, dial_link);
    let mut link = tokio::select! {
        result = connecting => match result {
            Ok((_, link)) => link,
            Err(error) => return NetMsg::Unreachable(error),
        },
        // Given up before it was there.
        () = abandoned(&mut wanted) => return NetMsg::Closed(None),
    };
    if out.send(NetMsg::Connected(link.transport())).await.is_err() {
        return NetMsg::Closed(None);
    }
    let result = converse(&mut link, hello, &mut wanted, out).await;
    match result {
        Ok(()) => {
            // What was asked for last, such as to leave, still goes out before the goodbye.
            while let Ok(command) = wanted.try_recv() {
                let _full = link.send(&codec::encode(&ClientMessage::Command(command)));
            }
            let _full = link.send(&codec::encode(&ClientMessage::Close(CloseReason::Goodbye)));
            link.close().await;
            NetMsg::Closed(None)
        }
        Err(reason) => NetMsg::Closed(reason),
    }
}

async fn abandoned(wanted: &mut mpsc::Receiver<Command>) {
    while wanted.recv().await.is_some() {}
}

/// Carries messages until we hang up (`Ok`) or the other side does.
async fn converse(
    link: &mut Link,
    hello: Hello,
    wanted: &mut mpsc::Receiver<Command>,
    out: &mpsc::Sender<NetMsg>,
) -> Result<(), Option<CloseReason>> {
    let mut heartbeat = Heartbeat::listening(Instant::now().into_std());
    let mut clock = ServerClock::new(Instant::now().into_std());
    let source = source_towards(link.peer()).ok();
    let mut look_at = Instant::now() + LOOK_EVERY;
    link.send(&codec::encode(&ClientMessage::Hello(hello))).map_err(|_full| None)?;
    loop {
        let deadline = Instant::from_std(heartbeat.poll_timeout());
        tokio::select! {
            received = link.recv() => {
                let payload = received.map_err(|error| { debug!(%error, "connection lost"); None })?.ok_or(None)?;
                look_at = Instant::now() + LOOK_EVERY;
                if heartbeat.handle_message(Instant::now().into_std()) && out.send(NetMsg::Heard).await.is_err() {
                    return Ok(());
                }
                if let Some(message) = understand(link, &mut clock, &payload)?
                    && out.send(message).await.is_err()
                {
                    return Ok(());
                }
            }
            command = wanted.recv() => match command {
                Some(command) => {
                    link.send(&codec::encode(&ClientMessage::Command(command))).map_err(|_full| None)?;
                }
                None => return Ok(()),
            },
            () = sleep_until(look_at) => {
                if has_moved(source, link.peer()) {
                    return Err(None);
                }
                look_at = Instant::now() + LOOK_EVERY;
            }
            () = sleep_until(deadline) => match heartbeat.handle_timeout(Instant::now().into_std()) {
                Some(Beat::Silent { since }) => if out.send(NetMsg::Silent { since }).await.is_err() {
                    return Ok(());
                },
                Some(Beat::Lost) => return Err(None),
                Some(Beat::Ping { .. }) | None => {}
            }
        }
    }
}

/// Whether this machine has left `source`, from which it reached `peer`, for another address. Then neither transport gets
/// an answer any more, nor an error, and a new connection does. While no way leads there, we may still come back.
fn has_moved(source: Option<IpAddr>, peer: SocketAddr) -> bool {
    let Ok(now) = source_towards(peer) else { return false };
    let has_moved = source.is_some_and(|source| source != now);
    if has_moved {
        debug!(?source, %now, "this machine has another address");
    }
    has_moved
}

fn understand(
    link: &mut Link,
    clock: &mut ServerClock,
    payload: &Bytes,
) -> Result<Option<NetMsg>, Option<CloseReason>> {
    match codec::decode(payload) {
        Ok(ServerMessage::Welcome(welcome)) => Ok(Some(NetMsg::Welcome(welcome))),
        Ok(ServerMessage::Event(event)) => Ok(Some(NetMsg::Event(event))),
        Ok(ServerMessage::Ping { nonce, rtt_micros, at }) => {
            link.send(&codec::encode(&ClientMessage::Pong { nonce })).map_err(|_full| None)?;
            let rtt = rtt_micros.map(|micros| Duration::from_micros(micros.into()));
            let clock = clock.handle_ping(Instant::now().into_std(), at, rtt);
            Ok(Some(NetMsg::Pinged { rtt, clock }))
        }
        Ok(ServerMessage::Close(reason)) => Err(Some(reason)),
        Err(error) => {
            warn!(%error, "the server sent something that is no message");
            Err(Some(CloseReason::Malformed))
        }
    }
}
