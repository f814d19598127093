//! A connection to a server, in a task of its own.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::future::OptionFuture;
use net::{
    addr::HostPort,
    connect::{
        Attempt, Candidate, ConnectCause, ConnectError, Failure, RaceConfig, TransportChoice, connect,
        dial_link,
    },
    heartbeat::{Beat, Heartbeat, Pace},
    interfaces::source_towards,
    link::Link,
    proto::{ClientMessage, CloseReason, Command, Hello, Name, ServerMessage, Token, codec},
    server_clock::ServerClock,
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use tracing::{debug, warn};

use crate::{intake::Intake, msg::NetMsg, observer::Observer, xray::Lens};

/// Commands that may wait for the connection's task: one for each key taken in before it runs.
const COMMAND_QUEUE: usize = 64;

/// Messages that may wait for the runtime. When full, the connection waits, and with it the server.
const MESSAGE_QUEUE: usize = 64;

/// The time limit of an attempt to return: the seat is kept for 30 s, in which several fit.
const RETURN_TIMEOUT: Duration = Duration::from_secs(3);

/// The time limit of the welcome, from the hello on. A server answers a hello within a round trip.
const WELCOME_TIMEOUT: Duration = Duration::from_secs(5);

/// The silence after which to look whether this machine has another address now, and the interval of further looks. During
/// a match, pings come before it on a link that works.
const LOOK_EVERY: Duration = Duration::from_millis(1500);

/// The end of a connection by the other side.
#[derive(Debug)]
enum End {
    /// The server closed the connection, or it was lost (`None`).
    Closed(Option<CloseReason>),
    /// The server never admitted us.
    Unwelcome,
}

/// A connection under way or up. Dropping it ends it with a goodbye.
#[derive(Debug)]
pub(crate) struct Connection {
    commands: mpsc::Sender<Command>,
    messages: mpsc::Receiver<NetMsg>,
    task: tokio::task::JoinHandle<()>,
}

impl Connection {
    /// Starts to connect to a server, which may have `also` more addresses than its target, and to resume a session if there is
    /// a token. Its link is looked at through `lens`.
    pub(crate) fn dial(
        (target, also): (HostPort, Vec<SocketAddr>),
        transport: TransportChoice,
        (name, resume): (Name, Option<Token>),
        lens: watch::Receiver<Lens>,
    ) -> Self {
        let (commands, wanted) = mpsc::channel(COMMAND_QUEUE);
        let (out, messages) = mpsc::channel(MESSAGE_QUEUE);
        let task = tokio::spawn(async move {
            let hello = Hello { name, resume };
            let observer = Observer::new(lens);
            let last = carry((&target, &also), transport, (hello, observer), wanted, &out).await;
            // Without a runtime there is no reader left.
            let _gone = out.send(last).await;
        });
        Self { commands, messages, task }
    }

    /// Sends a command. A lost connection reports itself.
    pub(crate) fn send(&self, command: Command) {
        if let Err(unsent) = self.commands.try_send(command) {
            debug!(command = ?unsent.into_inner(), "not sent, the connection is gone");
        }
    }

    /// Waits for the next messages; pends for ever after the last one.
    pub(crate) async fn next(&mut self) -> Vec<NetMsg> {
        let mut messages = Vec::new();
        if self.messages.recv_many(&mut messages, MESSAGE_QUEUE).await == 0 {
            std::future::pending::<()>().await;
        }
        messages
    }

    /// Says goodbye and waits until that is sent.
    pub(crate) async fn hang_up(self) {
        drop(self.commands);
        drop(self.messages);
        // The task ends by itself; a panic in it has been reported by the hook.
        let _ended = self.task.await;
    }
}

/// Connects, says hello and carries messages. Returns the last message for the runtime.
async fn carry(
    (target, also): (&HostPort, &[SocketAddr]),
    transport: TransportChoice,
    (hello, observer): (Hello, Observer),
    mut wanted: mpsc::Receiver<Command>,
    out: &mpsc::Sender<NetMsg>,
) -> NetMsg {
    let mut race = RaceConfig::default();
    if hello.resume.is_some() {
        race.timeout = RETURN_TIMEOUT;
    }
    let connecting = connect(target, also, transport, race, dial_link);
    let mut link = tokio::select! {
        result = connecting => match result {
            Ok((_, link)) => link,
            Err(error) => return NetMsg::Unreachable(error),
        },
        // Given up before it was up.
        () = abandoned(&mut wanted) => return NetMsg::Closed(None),
    };
    tell(out, NetMsg::Connected(link.transport())).await;
    match converse(&mut link, (hello, observer), &mut wanted, out).await {
        Ok(()) => {
            // The last commands, such as to leave, still go out before the goodbye.
            while let Ok(command) = wanted.try_recv() {
                let _full = send(&mut link, &ClientMessage::Command(command));
            }
            let _full = send(&mut link, &ClientMessage::Close(CloseReason::Goodbye));
            link.close().await;
            NetMsg::Closed(None)
        }
        Err(End::Closed(reason)) => NetMsg::Closed(reason),
        Err(End::Unwelcome) => {
            let candidate = Candidate { addr: link.peer(), transport: link.transport() };
            let attempt = Attempt { candidate, failure: Failure::NoWelcome };
            let cause = ConnectCause::Attempts(vec![attempt]);
            NetMsg::Unreachable(ConnectError { target: target.clone(), cause })
        }
    }
}

/// Gives the runtime a message. A runtime that is gone needs no error here: its commands have ended too, which ends the
/// conversation.
async fn tell(out: &mpsc::Sender<NetMsg>, message: NetMsg) {
    let _gone = out.send(message).await;
}

async fn abandoned(wanted: &mut mpsc::Receiver<Command>) {
    while wanted.recv().await.is_some() {}
}

/// Carries messages until we hang up (`Ok`) or the server does.
async fn converse(
    link: &mut Link,
    (hello, mut observer): (Hello, Observer),
    wanted: &mut mpsc::Receiver<Command>,
    out: &mpsc::Sender<NetMsg>,
) -> Result<(), End> {
    let now = Instant::now();
    let mut heartbeat = Heartbeat::listening(now.into_std());
    let mut clock = ServerClock::new(now.into_std());
    let mut intake = Intake::new(now.into_std());
    let mut welcome_by = Some(now + WELCOME_TIMEOUT);
    let source = source_towards(link.peer()).ok();
    let mut look_at = now + LOOK_EVERY;
    send(link, &ClientMessage::Hello(hello))?;
    loop {
        let deadline = Instant::from_std(heartbeat.poll_timeout());
        let ready_at = Instant::from_std(intake.ready_at());
        let is_ready = ready_at <= Instant::now();
        let held_until = intake.poll_timeout().map(Instant::from_std);
        let mut taken_in = Vec::new();
        tokio::select! {
            received = link.recv(), if is_ready => {
                let received = received.inspect_err(|error| debug!(%error, "connection lost")).ok().flatten();
                let payload = received.ok_or(End::Closed(None))?;
                let now = Instant::now();
                look_at = now + LOOK_EVERY;
                if heartbeat.handle_message(now.into_std()) {
                    tell(out, NetMsg::Heard).await;
                }
                let message = decode(&payload)?;
                if let Some(pace) = Pace::after(&message) {
                    heartbeat.set_pace(now.into_std(), pace);
                    link.set_pace(pace);
                }
                welcome_by = welcome_by.filter(|_| !matches!(message, ServerMessage::Welcome(_)));
                taken_in.extend(intake.handle(now.into_std(), message));
            }
            () = sleep_until(ready_at), if !is_ready => {}
            Some(()) = OptionFuture::from(held_until.map(sleep_until)) => {
                taken_in.extend(intake.handle_timeout(Instant::now().into_std()));
            }
            Some(()) = OptionFuture::from(welcome_by.map(sleep_until)) => return Err(End::Unwelcome),
            command = wanted.recv() => match command {
                Some(command) => send(link, &ClientMessage::Command(command))?,
                None => return Ok(()),
            },
            () = observer.wait() => {
                if let Some(sight) = observer.look(link) {
                    tell(out, NetMsg::Seen(sight)).await;
                }
            }
            () = sleep_until(look_at) => {
                if has_moved(source, link.peer()) {
                    return Err(End::Closed(None));
                }
                look_at = Instant::now() + LOOK_EVERY;
            }
            () = sleep_until(deadline) => match heartbeat.handle_timeout(Instant::now().into_std()) {
                Some(Beat::Silent { since }) => tell(out, NetMsg::Silent { since }).await,
                Some(Beat::Lost) => return Err(End::Closed(None)),
                Some(Beat::Ping { .. }) | None => {}
            }
        }
        for message in taken_in {
            if let Some(message) = understand(link, &mut clock, message)? {
                tell(out, message).await;
            }
        }
    }
}

/// Tells whether this machine has left `source`, from which it reached `peer`, for another address. The connection then
/// gets neither an answer nor an error any more, but a new one would. Without any route the old address may still come back.
fn has_moved(source: Option<IpAddr>, peer: SocketAddr) -> bool {
    let Ok(now) = source_towards(peer) else { return false };
    let has_moved = source.is_some_and(|source| source != now);
    if has_moved {
        debug!(?source, %now, "this machine has another address");
    }
    has_moved
}

fn send(link: &mut Link, message: &ClientMessage) -> Result<(), End> {
    link.send(&codec::encode(message)).map_err(|_full| End::Closed(None))
}

fn decode(payload: &[u8]) -> Result<ServerMessage, End> {
    codec::decode(payload).map_err(|error| {
        warn!(%error, "the server sent something that is no message");
        End::Closed(Some(CloseReason::Malformed))
    })
}

fn understand(
    link: &mut Link,
    clock: &mut ServerClock,
    message: ServerMessage,
) -> Result<Option<NetMsg>, End> {
    Ok(Some(match message {
        ServerMessage::Welcome(welcome) => NetMsg::Welcome(welcome),
        ServerMessage::Event(event) => NetMsg::Event(event),
        ServerMessage::Ping { nonce, rtt_micros, at } => {
            send(link, &ClientMessage::Pong { nonce })?;
            let rtt = rtt_micros.map(|micros| Duration::from_micros(micros.into()));
            let clock = clock.handle_ping(Instant::now().into_std(), at, rtt);
            NetMsg::Pinged { rtt, clock }
        }
        ServerMessage::Close(reason) => return Err(End::Closed(Some(reason))),
        // We have asked nothing.
        ServerMessage::Answer(_) => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use net::{
        frame,
        link::Transport,
        proto::{Event, PREFACE_BYTES, PROTOCOL, Preface, ServerTime, SessionId, Unseating, Welcome},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::test_harness::name;

    /// A connection to a server that has shaken hands and leaves the rest to the test. From here on, time passes only while
    /// everything waits.
    async fn connected() -> (Connection, TcpStream) {
        let (_, lens) = watch::channel(Lens::default());
        connected_through(lens).await
    }

    async fn connected_through(lens: watch::Receiver<Lens>) -> (Connection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target: HostPort = listener.local_addr().unwrap().to_string().parse().unwrap();
        let transport = TransportChoice::Only(Transport::Tcp);
        let connection = Connection::dial((target, Vec::new()), transport, (name("ana"), None), lens);
        let (mut server, _) = listener.accept().await.unwrap();
        // What is held back would come after the time has passed.
        server.set_nodelay(true).unwrap();
        server.read_exact(&mut [0; PREFACE_BYTES]).await.unwrap();
        server.write_all(&Preface(PROTOCOL).encode()).await.unwrap();
        // The hello follows the handshake.
        server.read_u8().await.unwrap();
        tokio::time::pause();
        (connection, server)
    }

    async fn send(server: &mut TcpStream, messages: &[ServerMessage]) {
        let mut frames = BytesMut::new();
        for message in messages {
            frames.extend_from_slice(&frame::encode(&codec::encode(message)));
        }
        server.write_all(&frames).await.unwrap();
    }

    #[tokio::test]
    async fn a_server_that_pings_and_never_welcomes_is_given_up() {
        let (mut connection, mut server) = connected().await;
        let begin = Instant::now();
        let mut pinged = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = pinged.tick() => {
                    let at = ServerTime(0);
                    send(&mut server, &[ServerMessage::Ping { nonce: 1, rtt_micros: None, at }]).await;
                }
                messages = connection.next() => match messages.last() {
                    Some(NetMsg::Unreachable(error)) => {
                        assert!(error.causes()[0].ends_with("answered, but does not let anybody in"));
                        break;
                    }
                    Some(NetMsg::Connected(_) | NetMsg::Pinged { .. }) => {}
                    other => panic!("told {other:?}"),
                },
            }
        }
        let waited = begin.elapsed();
        assert!((WELCOME_TIMEOUT..WELCOME_TIMEOUT + Duration::from_secs(1)).contains(&waited), "{waited:?}");
    }

    #[tokio::test]
    async fn a_link_is_told_of_while_somebody_looks_and_not_otherwise() {
        let (lens, held) = watch::channel(Lens::default());
        let (mut connection, _server) = connected_through(held).await;
        let is_seen = |messages: &[NetMsg]| messages.iter().any(|message| matches!(message, NetMsg::Seen(_)));
        assert!(!is_seen(&connection.next().await), "it stands, and nobody looks");
        for _ in 0..2 * COMMAND_QUEUE {
            lens.send_modify(|lens| lens.is_open ^= true);
        }
        lens.send_modify(|lens| lens.is_open = true);
        assert!(is_seen(&connection.next().await));
        lens.send_modify(|lens| lens.is_open = false);
        let quiet = tokio::time::timeout(Duration::from_secs(1), connection.next()).await;
        assert!(quiet.is_err(), "{quiet:?}");
    }

    #[tokio::test]
    async fn a_server_that_floods_is_read_slowly() {
        const FLOOD: usize = 1_100;
        let (mut connection, mut server) = connected().await;
        let token = Token { session: SessionId(1), secret: [1; 16] };
        let (name, server_name) = (name("ana"), name("den"));
        let welcome =
            Welcome { token, name, server: server_name, grace_millis: 0, grace_on_purpose_millis: 0 };
        let begin = Instant::now();
        send(&mut server, &[ServerMessage::Welcome(welcome)]).await;
        send(&mut server, &vec![ServerMessage::Event(Event::Unseated(Unseating::Left)); FLOOD]).await;
        let mut count = 0;
        while count < FLOOD {
            for message in connection.next().await {
                match message {
                    NetMsg::Event(_) => count += 1,
                    NetMsg::Connected(_) | NetMsg::Welcome(_) => {}
                    other => panic!("told {other:?} after {count}"),
                }
            }
        }
        // A hundred at once, then fifty a second.
        let waited = begin.elapsed();
        assert!((Duration::from_secs(19)..Duration::from_secs(22)).contains(&waited), "{waited:?}");
    }
}
