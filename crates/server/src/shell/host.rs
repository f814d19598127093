//! The host task: the one owner of the lobby.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use net::proto::{CloseReason, Command, Hello, Name, SECRET_BYTES, ServerMessage, SessionId, Welcome, codec};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tracing::{debug, info};

use super::{
    Config,
    conn::{LinkId, Outbound},
};
use crate::lobby::{Effect, Lobby};

/// Inputs taken from the queue at a time. Between two batches the task lets the links speak.
pub(super) const BATCH: usize = 8;

/// What links tell the host task.
#[derive(Debug)]
pub(super) enum Input {
    /// A link has said its hello.
    Opened {
        link: LinkId,
        /// Boxed, since it would make every input as large as itself.
        hello: Box<Hello>,
        /// Where to send what is meant for it.
        outbound: mpsc::Sender<Outbound>,
    },
    /// A session asks for something.
    Said { link: LinkId, command: Command },
    /// Nothing has been heard over a link since then, or it is heard again.
    Silence { link: LinkId, since: Option<std::time::Instant> },
    /// A link has ended.
    Gone { link: LinkId },
}

/// The lobby, and which link carries which session.
#[derive(Debug)]
pub(super) struct Host {
    lobby: Lobby,
    server_name: Name,
    grace: Duration,
    sessions_by_link: BTreeMap<LinkId, SessionId>,
    /// The link that carries a session now. Older ones are not heard any more.
    links_by_session: BTreeMap<SessionId, (LinkId, mpsc::Sender<Outbound>)>,
    commands: u64,
}

impl Host {
    pub(super) fn new(config: &Config, epoch: std::time::Instant) -> Self {
        let seed = u64::from_le_bytes(random());
        Self {
            lobby: Lobby::new(epoch, config.limits.clone(), seed),
            server_name: config.name,
            grace: config.limits.grace,
            sessions_by_link: BTreeMap::new(),
            links_by_session: BTreeMap::new(),
            commands: 0,
        }
    }

    /// Serves until `stop` is sent, then tells every session. Returns how many commands there were.
    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Input>,
        mut stop: oneshot::Receiver<()>,
    ) -> u64 {
        let mut inputs = Vec::with_capacity(BATCH);
        loop {
            let deadline = self.lobby.poll_timeout();
            tokio::select! {
                biased;
                _stopped_or_dropped = &mut stop => break,
                count = queue.recv_many(&mut inputs, BATCH) => if count == 0 { break },
                () = sleep_until_or_forever(deadline) => {}
            }
            let now = Instant::now().into_std();
            for input in inputs.drain(..) {
                self.handle(now, input);
                self.drain();
            }
            self.lobby.handle_timeout(now);
            self.drain();
            // The links bring out what they were given before they are given more.
            tokio::task::yield_now().await;
        }
        queue.close();
        let now = Instant::now().into_std();
        while let Ok(input) = queue.try_recv() {
            match input {
                Input::Opened { outbound, .. } => {
                    let _link_is_gone = outbound.try_send(Outbound::Close(CloseReason::ShuttingDown));
                }
                // Who asked before the stop, such as to leave, has been heard.
                Input::Said { .. } | Input::Silence { .. } | Input::Gone { .. } => {
                    self.handle(now, input);
                    self.drain();
                }
            }
        }
        for (_, outbound) in self.links_by_session.values() {
            // A full queue means a link that is as good as closed.
            let _full = outbound.try_send(Outbound::Close(CloseReason::ShuttingDown));
        }
        info!(sessions = self.lobby.session_count(), rooms = self.lobby.room_count(), "lobby closed");
        self.commands
    }

    fn handle(&mut self, now: std::time::Instant, input: Input) {
        match input {
            Input::Opened { link, hello, outbound } => self.open(now, link, &hello, outbound),
            Input::Said { link, command } => {
                if let Some(session) = self.current(link) {
                    self.commands += 1;
                    debug!(%session, ?command, "command");
                    self.lobby.handle(now, session, command);
                }
            }
            Input::Silence { link, since } => {
                if let Some(session) = self.current(link) {
                    self.lobby.handle_silence(now, session, since);
                }
            }
            Input::Gone { link } => {
                if let Some(session) = self.sessions_by_link.remove(&link) {
                    self.lose(now, session, link);
                }
            }
        }
    }

    /// The session that a link carries, unless it goes on over another.
    fn current(&self, link: LinkId) -> Option<SessionId> {
        let session = *self.sessions_by_link.get(&link)?;
        self.links_by_session.get(&session).filter(|(current, _)| *current == link).map(|_| session)
    }

    /// The link of a session has ended. If the session has gone on over another meanwhile, nothing is lost.
    fn lose(&mut self, now: std::time::Instant, session: SessionId, link: LinkId) {
        if self.links_by_session.get(&session).is_some_and(|(current, _)| *current != link) {
            return;
        }
        self.links_by_session.remove(&session);
        info!(%session, "session lost its link");
        self.lobby.disconnect(now, session, crate::lobby::Parting::Lost);
    }

    fn open(
        &mut self,
        now: std::time::Instant,
        link: LinkId,
        hello: &Hello,
        outbound: mpsc::Sender<Outbound>,
    ) {
        match self.lobby.connect(now, hello, random::<SECRET_BYTES>(), crate::lobby::Origin(0)) {
            Err(reason) => {
                let _link_is_gone = outbound.try_send(Outbound::Close(reason));
            }
            Ok(admission) => {
                let session = admission.token.session;
                info!(%session, name = %admission.name, is_return = admission.is_return, "session opened");
                if let Some((old, old_outbound)) = self.links_by_session.remove(&session) {
                    self.sessions_by_link.remove(&old);
                    let _link_is_gone = old_outbound.try_send(Outbound::Close(CloseReason::Replaced));
                }
                self.sessions_by_link.insert(link, session);
                self.links_by_session.insert(session, (link, outbound));
                let welcome = ServerMessage::Welcome(Welcome {
                    token: admission.token,
                    name: admission.name,
                    server: self.server_name,
                    grace_millis: self.grace.as_millis().try_into().unwrap_or(u32::MAX),
                });
                self.send(&[session], &welcome);
            }
        }
    }

    fn drain(&mut self) {
        while let Some(effect) = self.lobby.poll_effect() {
            match effect {
                Effect::Tell { to, event } | Effect::Show { to, event } => {
                    self.send(&to, &ServerMessage::Event(event));
                }
            }
        }
    }

    /// Gives a message to links. One whose queue is full is let go: its task sees the queue end, closes the
    /// link as a slow consumer, and reports it gone.
    fn send(&mut self, to: &[SessionId], message: &ServerMessage) {
        let payload = Arc::from(&*codec::encode(message));
        for session in to {
            if let Some((_, outbound)) = self.links_by_session.get(session)
                && let Err(mpsc::error::TrySendError::Full(_)) =
                    outbound.try_send(Outbound::Message(Arc::clone(&payload)))
            {
                self.links_by_session.remove(session);
            }
        }
    }
}

async fn sleep_until_or_forever(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(deadline) => sleep_until(Instant::from_std(deadline)).await,
        None => std::future::pending().await,
    }
}

/// Bytes from the system's random source.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}
