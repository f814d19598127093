//! The host task, which owns the lobby.

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use net::{
    heartbeat::Pace,
    proto::{
        ClientMessage, CloseReason, Hello, Name, SECRET_BYTES, ServerMessage, SessionId, Welcome, codec, json,
    },
    udp::Asked,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tracing::{debug, info, warn};

use super::{
    config::Config,
    crowd::Crowd,
    figures::{Figures, Latency},
    input::{Input, LinkId},
    limited::Limited,
    origins::Origins,
    outlet::{Encoding, Kind, Outlet},
    random::random,
    sleep::SleepWatch,
};
use crate::lobby::{DisconnectReason, Effect, Epoch, Lobby, Origin};

/// Inputs taken from the queue at a time.
const BATCH: usize = 64;

/// The lobby, and the links of its sessions.
#[derive(Debug)]
pub(super) struct Host {
    lobby: Lobby,
    origins: Origins,
    /// Knows which links have a session.
    crowd: Arc<Crowd>,
    server_name: Name,
    grace: Duration,
    grace_on_purpose: Duration,
    sessions_by_link: BTreeMap<LinkId, SessionId>,
    /// The current link of each session. Older links are ignored.
    links_by_session: BTreeMap<SessionId, (LinkId, Outlet)>,
    commands: u64,
    /// The beginning of the time that links tell.
    epoch: Epoch,
    /// Of the moves that were made.
    latency: Latency,
    /// The limits on log lines about sessions that come and go.
    opened: Limited,
    lost: Limited,
    sleep: SleepWatch,
}

impl Host {
    pub(super) fn new(now: std::time::Instant, config: &Config, origins: Origins, crowd: Arc<Crowd>) -> Self {
        let seed = u64::from_le_bytes(random());
        Self {
            lobby: Lobby::new(now, config.limits.clone(), seed),
            origins,
            crowd,
            server_name: config.name,
            grace: config.limits.grace,
            grace_on_purpose: config.limits.grace_on_purpose,
            sessions_by_link: BTreeMap::new(),
            links_by_session: BTreeMap::new(),
            commands: 0,
            epoch: Epoch::new(now),
            latency: Latency::default(),
            opened: Limited::new(now),
            lost: Limited::new(now),
            sleep: SleepWatch::new(now, SystemTime::now()),
        }
    }

    /// Serves until `stop` is sent, then closes every session. Returns the number of commands.
    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Input>,
        mut asked: mpsc::Receiver<Asked>,
        mut stop: oneshot::Receiver<()>,
    ) -> u64 {
        let mut inputs = Vec::with_capacity(BATCH);
        // Armed for the next deadline or for an earlier one, so that most inputs leave it alone.
        let mut timer = pin!(sleep_until(Instant::now()));
        loop {
            let look_at = self.sleep.poll_timeout();
            let deadline = Instant::from_std(self.lobby.poll_timeout().map_or(look_at, |at| at.min(look_at)));
            let mut question = None;
            if timer.is_elapsed() || deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            tokio::select! {
                biased;
                _stopped_or_dropped = &mut stop => break,
                count = queue.recv_many(&mut inputs, BATCH) => if count == 0 { break },
                () = timer.as_mut(), if !timer.is_elapsed() => {}
                // Last, since questions may come without end, and players come first.
                Some(asked) = asked.recv() => question = Some(asked),
            }
            let now = Instant::now().into_std();
            if let Some(slept) = self.sleep.look(now, SystemTime::now()) {
                warn!(?slept, "the server was not run for a time; absences count anew");
                self.lobby.handle_sleep(now, slept);
                self.drain();
            }
            if let Some(asked) = question {
                self.answer(now, asked);
            }
            for input in inputs.drain(..) {
                self.handle(now, input);
            }
            self.lobby.handle_timeout(now);
            self.drain();
        }
        queue.close();
        let now = Instant::now().into_std();
        while let Ok(input) = queue.try_recv() {
            match input {
                Input::Opened { outlet, .. } => outlet.close(CloseReason::ShuttingDown),
                Input::Asked { .. } | Input::Measured { .. } => {}
                // Requests from before the stop, such as to leave, still count.
                Input::Command { .. }
                | Input::Silence { .. }
                | Input::Rtt { .. }
                | Input::Settle { .. }
                | Input::Gone { .. } => self.handle(now, input),
            }
        }
        for (_, (_, outlet)) in std::mem::take(&mut self.links_by_session) {
            outlet.close(CloseReason::ShuttingDown);
        }
        info!(sessions = self.lobby.session_count(), rooms = self.lobby.room_count(), "lobby closed");
        self.commands
    }

    /// Handles an input, and sends what follows from it.
    fn handle(&mut self, now: std::time::Instant, input: Input) {
        match input {
            Input::Opened { link, hello, origin, outlet } => self.open(now, (link, outlet), &hello, origin),
            Input::Asked { question, origin, reply } => {
                if let Some(answer) = self.lobby.answer(now, origin, self.server_name, question) {
                    let _asker_is_gone = reply.send(answer);
                }
            }
            Input::Measured { reply } => {
                let _asker_is_gone = reply.send(Box::new(self.figures()));
            }
            Input::Command { from, command } => {
                if let Some(session) = self.current(from.link()) {
                    self.commands += 1;
                    debug!(%session, ?command, "command");
                    let moves = self.lobby.counts().moves;
                    self.lobby.handle(now, session, command);
                    self.drain();
                    if self.lobby.counts().moves != moves {
                        self.latency.add(from.elapsed(self.epoch, Instant::now().into_std()));
                    }
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
            Input::Gone { link, reason } => {
                if let Some(session) = self.sessions_by_link.remove(&link) {
                    self.lose(now, session, link, reason);
                }
            }
        }
        self.drain();
    }

    fn figures(&self) -> Figures {
        Figures {
            sessions: self.lobby.session_count(),
            rooms: self.lobby.room_counts(),
            counts: self.lobby.counts().clone(),
            commands: self.commands,
            latency: self.latency.clone(),
            queued: self.links_by_session.values().map(|(_, outlet)| outlet.queued()).sum(),
        }
    }

    /// Answers a question over UDP.
    fn answer(&mut self, now: std::time::Instant, asked: Asked) {
        let Ok(ClientMessage::Ask(question)) = codec::decode(&asked.message) else { return };
        let origin = self.origins.of(asked.peer());
        if let Some(answer) = self.lobby.answer(now, origin, self.server_name, question) {
            asked.answer(&codec::encode(&ServerMessage::Answer(answer)));
        }
    }

    /// The session of a link, unless a newer link carries it.
    fn current(&self, link: LinkId) -> Option<SessionId> {
        let session = *self.sessions_by_link.get(&link)?;
        self.links_by_session.get(&session).filter(|(current, _)| *current == link).map(|_| session)
    }

    /// Takes a session's link from it. Until the link has ended, it is one without a session.
    fn detach(&mut self, session: SessionId) -> Option<(LinkId, Outlet)> {
        let detached = self.links_by_session.remove(&session)?;
        self.crowd.set_proven(detached.0, false);
        Some(detached)
    }

    /// Handles the end of a link. It means nothing if a newer link carries the session.
    fn lose(&mut self, now: std::time::Instant, session: SessionId, link: LinkId, reason: DisconnectReason) {
        if self.links_by_session.get(&session).is_some_and(|(current, _)| *current != link) {
            return;
        }
        self.detach(session);
        if let Some(unlogged) = self.lost.take(now) {
            info!(%session, ?reason, unlogged, "session lost its link");
        }
        self.lobby.disconnect(now, session, reason);
    }

    fn open(
        &mut self,
        now: std::time::Instant,
        (link, outlet): (LinkId, Outlet),
        hello: &Hello,
        origin: Origin,
    ) {
        // Due events are for the links from before.
        self.lobby.handle_timeout(now);
        self.drain();
        match self.lobby.connect(now, hello, random::<SECRET_BYTES>(), origin) {
            Err(reason) => outlet.close(reason),
            Ok(admission) => {
                let session = admission.token.session;
                if let Some(unlogged) = self.opened.take(now) {
                    // As a string and not by `%`, so that a text log quotes it.
                    let name = admission.name.as_str();
                    info!(%session, name, is_return = admission.is_return, unlogged, "session opened");
                }
                if let Some((old, old_outlet)) = self.detach(session) {
                    self.sessions_by_link.remove(&old);
                    old_outlet.close(CloseReason::Replaced);
                }
                self.crowd.set_proven(link, true);
                self.sessions_by_link.insert(link, session);
                self.links_by_session.insert(session, (link, outlet));
                let welcome = ServerMessage::Welcome(Welcome {
                    token: admission.token,
                    name: admission.name,
                    server: self.server_name,
                    grace_millis: millis(self.grace),
                    grace_on_purpose_millis: millis(self.grace_on_purpose),
                });
                self.send(&[session], Kind::Ordinary, &welcome);
            }
        }
    }

    fn drain(&mut self) {
        while let Some(effect) = self.lobby.poll_effect() {
            let kind = match &effect {
                Effect::Tell { .. } => Kind::Ordinary,
                Effect::Show { .. } => Kind::Newest,
                Effect::Unseat { .. } => Kind::EndOfShow,
                Effect::Dismiss { session } => {
                    self.dismiss(*session);
                    continue;
                }
                Effect::Keep(_) => continue,
            };
            let Some((to, event)) = effect.into_event() else { continue };
            self.send(&to, kind, &ServerMessage::Event(event));
        }
    }

    /// Closes the link of a session that had to give way.
    fn dismiss(&mut self, session: SessionId) {
        if let Some((link, outlet)) = self.detach(session) {
            self.sessions_by_link.remove(&link);
            outlet.close(CloseReason::AddressFull);
        }
    }

    /// Sends a message to sessions, encoded once for each encoding of their links. A link that has no room for it is closed as
    /// a slow consumer; its task reports the end.
    fn send(&mut self, to: &[SessionId], kind: Kind, message: &ServerMessage) {
        let (mut binary, mut text) = (None, None);
        let pace = Pace::after(message);
        for session in to {
            let Some((_, outlet)) = self.links_by_session.get(session) else { continue };
            if let Some(pace) = pace {
                outlet.set_pace(pace);
            }
            let payload = match outlet.encoding() {
                Encoding::Binary => &**binary.get_or_insert_with(|| codec::encode(message)),
                Encoding::Json => text.get_or_insert_with(|| json::encode(message)).as_bytes(),
            };
            if outlet.send(kind, payload).is_err()
                && let Some((_, outlet)) = self.detach(*session)
            {
                outlet.close(CloseReason::SlowConsumer);
            }
        }
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
