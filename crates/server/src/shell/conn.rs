//! One connection: from its first bytes to its end.

use std::{fmt, net::SocketAddr, pin::pin, sync::Arc};

use bytes::Bytes;
use net::{
    addr::canonical,
    heartbeat::{Beat, Heartbeat},
    link::{Link, LinkError},
    proto::{ClientMessage, CloseReason, Hello, ServerMessage, codec},
    tcp::{self, Stranger},
    token_bucket::TokenBucket,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout_at},
};
use tracing::debug;

use super::{Arrival, Config, host::Input};

/// Messages that may wait for one link. When full, the link is closed.
///
/// The host task handles a whole [`super::host::BATCH`] before a link's task runs, and answers a command by
/// three messages at most. The queue takes room only as it fills.
const OUTBOUND_QUEUE: usize = 3 * super::host::BATCH;

/// The number of a link, unique for the life of a server. A session may have several, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkId(pub(super) u64);

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// It was none of our clients.
    Stranger(Stranger),
    /// The client said its goodbye.
    ByClient,
    /// We closed it.
    ByServer(CloseReason),
    /// The stream ended or broke without a word.
    Broken,
}

/// What a link's task leaves behind.
#[derive(Debug)]
pub(super) struct Report {
    /// Who it was, if the system still knew.
    pub(super) peer: Option<SocketAddr>,
    pub(super) ended: Ended,
}

/// What the host task wants of a link.
#[derive(Debug)]
pub(super) enum Outbound {
    /// Send this message, already encoded. As an `Arc`, which is half as large as `Bytes`: a queue keeps 32 places.
    Message(Arc<[u8]>),
    /// End the link.
    Close(CloseReason),
}

/// Serves one connection until it ends.
pub(super) async fn serve(
    arrival: Arrival,
    id: LinkId,
    config: Arc<Config>,
    inputs: mpsc::Sender<Input>,
    epoch: std::time::Instant,
) -> Report {
    let deadline = Instant::now() + config.hello_timeout;
    let (peer, opened) = match arrival {
        Arrival::Link(link) => (Some(link.peer()), Ok(link)),
        Arrival::Stream(stream) => {
            let peer = stream.peer_addr().ok().map(canonical);
            net::connect::configure_tcp(&stream).ok();
            (peer, tcp::accept(stream, deadline).await)
        }
    };
    let ended = match opened {
        Err(stranger) => Ended::Stranger(stranger),
        Ok(mut link) => {
            let ended = converse(&mut link, id, &config, &inputs, deadline, epoch).await;
            if let Ended::ByServer(reason) = ended {
                let _full = link.send(&codec::encode(&ServerMessage::Close(reason)));
            }
            if ended != Ended::Broken {
                link.close().await;
            }
            ended
        }
    };
    Report { peer, ended }
}

/// Hears the hello, introduces the link to the host task, and carries messages until one side ends it.
async fn converse(
    link: &mut Link,
    id: LinkId,
    config: &Config,
    inputs: &mpsc::Sender<Input>,
    deadline: Instant,
    epoch: std::time::Instant,
) -> Ended {
    let hello = match timeout_at(deadline, hear_hello(link)).await {
        Err(_elapsed) => return Ended::ByServer(CloseReason::HelloTimeout),
        Ok(Err(ended)) => return ended,
        Ok(Ok(hello)) => hello,
    };
    let (outbound, queue) = mpsc::channel(OUTBOUND_QUEUE);
    if inputs.send(Input::Opened { link: id, hello: Box::new(hello), outbound }).await.is_err() {
        return Ended::ByServer(CloseReason::ShuttingDown);
    }
    let now = Instant::now().into_std();
    let mut conn = Conn {
        id,
        epoch,
        inputs,
        heartbeat: Heartbeat::pinging(now),
        bucket: TokenBucket::new(now, config.messages_per_second, config.message_burst),
    };
    let ended = conn.run(link, queue).await;
    // A host task that is gone has forgotten the link already.
    let _host_is_gone = inputs.send(Input::Gone { link: id }).await;
    ended
}

async fn hear_hello(link: &mut Link) -> Result<Hello, Ended> {
    match understand(link.recv().await)? {
        ClientMessage::Hello(hello) => Ok(hello),
        ClientMessage::Close(_) => Err(Ended::ByClient),
        ClientMessage::Command(_) | ClientMessage::Pong { .. } => {
            Err(Ended::ByServer(CloseReason::OutOfTurn))
        }
    }
}

/// Makes a message, or the end of the link, of what was received.
fn understand(received: Result<Option<Bytes>, LinkError>) -> Result<ClientMessage, Ended> {
    match received {
        Ok(Some(payload)) => codec::decode(&payload).map_err(|error| {
            debug!(%error, "undecodable message");
            Ended::ByServer(CloseReason::Malformed)
        }),
        Ok(None) | Err(LinkError::Truncated | LinkError::Io(_) | LinkError::Session(_)) => Err(Ended::Broken),
        Err(LinkError::Frame(_)) => Err(Ended::ByServer(CloseReason::FrameLength)),
        Err(LinkError::FrameTimeout) => Err(Ended::ByServer(CloseReason::FrameTimeout)),
    }
}

/// A link that has been introduced to the host task.
struct Conn<'a> {
    id: LinkId,
    epoch: std::time::Instant,
    inputs: &'a mpsc::Sender<Input>,
    heartbeat: Heartbeat,
    /// Bounds what the peer sends.
    bucket: TokenBucket,
}

impl Conn<'_> {
    async fn run(&mut self, link: &mut Link, mut queue: mpsc::Receiver<Outbound>) -> Ended {
        // Set again only when it fires: most messages move the true deadline a little further away.
        let mut beat = pin!(sleep_until(Instant::from_std(self.heartbeat.poll_timeout())));
        loop {
            let result = tokio::select! {
                received = link.recv() => match self.hear(received) {
                    Ok(news) => self.tell_host(news).await,
                    Err(ended) => Err(ended),
                },
                wanted = queue.recv() => say(link, wanted),
                () = &mut beat => {
                    let result = self.beat(link).await;
                    beat.as_mut().reset(Instant::from_std(self.heartbeat.poll_timeout()));
                    result
                }
            };
            if let Err(ended) = result {
                return ended;
            }
        }
    }

    /// Takes in what was received. Returns what the host task is to be told of it.
    fn hear(&mut self, received: Result<Option<Bytes>, LinkError>) -> Result<[Option<Input>; 2], Ended> {
        let message = understand(received)?;
        let now = Instant::now().into_std();
        if !self.bucket.take(now) {
            return Err(Ended::ByServer(CloseReason::Flood));
        }
        let was_silent = self.heartbeat.handle_message(now);
        let silence = was_silent.then_some(Input::Silence { link: self.id, since: None });
        match message {
            ClientMessage::Command(command) => Ok([silence, Some(Input::Said { link: self.id, command })]),
            ClientMessage::Pong { nonce } => {
                self.heartbeat.handle_pong(now, nonce);
                Ok([silence, None])
            }
            ClientMessage::Close(_) => Err(Ended::ByClient),
            ClientMessage::Hello(_) => Err(Ended::ByServer(CloseReason::OutOfTurn)),
        }
    }

    async fn beat(&mut self, link: &mut Link) -> Result<(), Ended> {
        let now = Instant::now().into_std();
        while let Some(beat) = self.heartbeat.handle_timeout(now) {
            match beat {
                Beat::Ping { nonce } => {
                    let rtt_micros = self.heartbeat.rtt().and_then(|rtt| rtt.as_micros().try_into().ok());
                    let ping = codec::encode(&ServerMessage::Ping {
                        nonce,
                        rtt_micros,
                        at: net::proto::ServerTime(
                            u64::try_from(now.saturating_duration_since(self.epoch).as_millis())
                                .unwrap_or(u64::MAX),
                        ),
                    });
                    say(link, Some(Outbound::Message((*ping).into())))?;
                }
                Beat::Silent { since } => {
                    self.tell_host([Some(Input::Silence { link: self.id, since: Some(since) }), None])
                        .await?;
                }
                Beat::Lost => return Err(Ended::ByServer(CloseReason::Silent)),
            }
        }
        Ok(())
    }

    async fn tell_host(&self, news: [Option<Input>; 2]) -> Result<(), Ended> {
        for input in news.into_iter().flatten() {
            // As a place and then the input: `send` would keep room for several of them in each link's task.
            let place = self.inputs.reserve().await;
            place.map_err(|_gone| Ended::ByServer(CloseReason::ShuttingDown))?.send(input);
        }
        Ok(())
    }
}

/// Does what the host task wants. It drops the queue of a link that does not keep up.
fn say(link: &mut Link, wanted: Option<Outbound>) -> Result<(), Ended> {
    match wanted {
        Some(Outbound::Message(payload)) => {
            link.send(&payload).map_err(|_full| Ended::ByServer(CloseReason::SlowConsumer))
        }
        Some(Outbound::Close(reason)) => Err(Ended::ByServer(reason)),
        None => Err(Ended::ByServer(CloseReason::SlowConsumer)),
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger(Stranger::Http) => formatter.write_str("a stranger: an HTTP request"),
            Self::Stranger(Stranger::Tls) => formatter.write_str("a stranger: a TLS hello"),
            Self::Stranger(Stranger::Text) => formatter.write_str("a stranger: a line of text"),
            Self::Stranger(Stranger::Rubbish) => formatter.write_str("a stranger: rubbish"),
            Self::Stranger(Stranger::Mute) => formatter.write_str("a stranger: nothing was said"),
            Self::Stranger(Stranger::OtherVersion(theirs)) => {
                write!(formatter, "another version: protocol {theirs}")
            }
            Self::ByClient => formatter.write_str("the client said goodbye"),
            Self::ByServer(reason) => write!(formatter, "closed: {reason}"),
            Self::Broken => formatter.write_str("the connection broke"),
        }
    }
}
