//! The host task: the one owner of the lobby.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use net::proto::{
    CloseReason, Command, Event, Hello, Name, SECRET_BYTES, ServerMessage, SessionId, Snapshot, Welcome,
    codec,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tracing::{debug, info};

use super::{
    Config,
    conn::LinkId,
    mailbox::{Full, Mailbox},
    notices::Notices,
    random,
};
use crate::lobby::{DisconnectReason, Effect, Lobby, Origin};

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
        origin: Origin,
        /// Where to put what is meant for it.
        mailbox: Mailbox,
    },
    /// A session asks for something.
    Said { link: LinkId, command: Command },
    /// Nothing has been heard over a link since then, or it is heard again.
    Silence { link: LinkId, since: Option<std::time::Instant> },
    /// The round trip of a link has changed.
    Rtt { link: LinkId, rtt: Duration },
    /// A link wants to know that all it has said before is done, and what comes of it in its mailbox.
    Settle { done: oneshot::Sender<()> },
    /// A link has ended.
    Gone { link: LinkId, parting: DisconnectReason },
}

/// The lobby, and which link carries which session.
#[derive(Debug)]
pub(super) struct Host {
    lobby: Lobby,
    notices: Notices,
    server_name: Name,
    grace: Duration,
    grace_on_purpose: Duration,
    sessions_by_link: BTreeMap<LinkId, SessionId>,
    /// The link that carries a session now. Older ones are not heard any more.
    links_by_session: BTreeMap<SessionId, (LinkId, Mailbox)>,
    commands: u64,
}

/// Puts an encoded message into a mailbox.
type Put = fn(&Mailbox, Arc<[u8]>) -> Result<(), Full>;

impl Host {
    pub(super) fn new(now: std::time::Instant, config: &Config, notices: Notices) -> Self {
        let seed = u64::from_le_bytes(random());
        Self {
            lobby: Lobby::new(now, config.limits.clone(), seed),
            notices,
            server_name: config.name,
            grace: config.limits.grace,
            grace_on_purpose: config.limits.grace_on_purpose,
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
            let notice = self.notices.poll_timeout(&self.lobby);
            let deadline = self.lobby.poll_timeout().into_iter().chain(notice).min();
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
            self.notices.handle_timeout(now, &self.lobby);
            // The links bring out what they were given before they are given more.
            tokio::task::yield_now().await;
        }
        queue.close();
        let now = Instant::now().into_std();
        while let Ok(input) = queue.try_recv() {
            match input {
                Input::Opened { mailbox, .. } => mailbox.close(CloseReason::ShuttingDown),
                // Who asked before the stop, such as to leave, has been heard.
                Input::Said { .. }
                | Input::Silence { .. }
                | Input::Rtt { .. }
                | Input::Settle { .. }
                | Input::Gone { .. } => {
                    self.handle(now, input);
                    self.drain();
                }
            }
        }
        for (_, (_, mailbox)) in std::mem::take(&mut self.links_by_session) {
            mailbox.close(CloseReason::ShuttingDown);
        }
        info!(sessions = self.lobby.session_count(), rooms = self.lobby.room_count(), "lobby closed");
        // After the links were told: they bring that out while we say goodbye to the network.
        self.notices.end().await;
        self.commands
    }

    fn handle(&mut self, now: std::time::Instant, input: Input) {
        match input {
            Input::Opened { link, hello, origin, mailbox } => self.open(now, (link, mailbox), &hello, origin),
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
            Input::Rtt { link, rtt } => {
                if let Some(session) = self.current(link) {
                    self.lobby.handle_rtt(session, rtt);
                }
            }
            Input::Settle { done } => {
                let _link_is_gone = done.send(());
            }
            Input::Gone { link, parting } => {
                if let Some(session) = self.sessions_by_link.remove(&link) {
                    self.lose(now, session, link, parting);
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
    fn lose(&mut self, now: std::time::Instant, session: SessionId, link: LinkId, parting: DisconnectReason) {
        if self.links_by_session.get(&session).is_some_and(|(current, _)| *current != link) {
            return;
        }
        self.links_by_session.remove(&session);
        info!(%session, ?parting, "session lost its link");
        self.lobby.disconnect(now, session, parting);
    }

    fn open(
        &mut self,
        now: std::time::Instant,
        (link, mailbox): (LinkId, Mailbox),
        hello: &Hello,
        origin: Origin,
    ) {
        // What is due is for the links that were there before.
        self.lobby.handle_timeout(now);
        self.drain();
        match self.lobby.connect(now, hello, random::<SECRET_BYTES>(), origin) {
            Err(reason) => mailbox.close(reason),
            Ok(admission) => {
                let session = admission.token.session;
                info!(%session, name = %admission.name, is_return = admission.is_return, "session opened");
                if let Some((old, old_mailbox)) = self.links_by_session.remove(&session) {
                    self.sessions_by_link.remove(&old);
                    old_mailbox.close(CloseReason::Replaced);
                }
                self.sessions_by_link.insert(link, session);
                self.links_by_session.insert(session, (link, mailbox));
                let welcome = ServerMessage::Welcome(Welcome {
                    token: admission.token,
                    name: admission.name,
                    server: self.server_name,
                    grace_millis: millis(self.grace),
                    grace_on_purpose_millis: millis(self.grace_on_purpose),
                });
                self.put(&[session], &welcome, Mailbox::tell);
            }
        }
    }

    fn drain(&mut self) {
        while let Some(effect) = self.lobby.poll_effect() {
            match effect {
                Effect::Tell { to, event } => self.put(&to, &ServerMessage::Event(event), Mailbox::tell),
                Effect::Show { to, snapshot } => self.show(&to, snapshot),
                Effect::Unseat { session, why } => {
                    let message = ServerMessage::Event(Event::Unseated(why));
                    self.put(&[session], &message, Mailbox::end_show);
                }
            }
        }
    }

    /// Gives a message to links. One whose mailbox is full is let go: its task closes the link as a slow consumer, and
    /// reports it gone.
    fn put(&mut self, to: &[SessionId], message: &ServerMessage, put: Put) {
        let payload: Arc<[u8]> = Arc::from(&*codec::encode(message));
        for session in to {
            let Some((_, mailbox)) = self.links_by_session.get(session) else { continue };
            if put(mailbox, Arc::clone(&payload)).is_err()
                && let Some((_, mailbox)) = self.links_by_session.remove(session)
            {
                mailbox.close(CloseReason::SlowConsumer);
            }
        }
    }

    /// Shows a snapshot to links, of which each brings out the newest that it has time for.
    fn show(&self, to: &[SessionId], snapshot: Box<Snapshot>) {
        let message = ServerMessage::Event(Event::Snapshot(snapshot));
        let payload: Arc<[u8]> = Arc::from(&*codec::encode(&message));
        for session in to {
            if let Some((_, mailbox)) = self.links_by_session.get(session) {
                mailbox.show(Arc::clone(&payload));
            }
        }
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

async fn sleep_until_or_forever(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(deadline) => sleep_until(Instant::from_std(deadline)).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A task keeps room for some inputs all its life, and the queue for a thousand.
    #[test]
    fn an_input_is_small() {
        assert!(size_of::<Input>() <= 64, "{} bytes", size_of::<Input>());
    }
}
