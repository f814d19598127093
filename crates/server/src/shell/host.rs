//! The host task, which owns the lobby.

use std::{
    collections::BTreeMap,
    iter::from_fn,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use net::{
    proto::{
        ClientMessage, CloseReason, Event, Hello, Name, Reject, SECRET_BYTES, ServerMessage, SessionId,
        Welcome, codec,
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
    figures::Figures,
    input::{Input, LinkId},
    keeper::Outcome,
    limited::Limited,
    links::Links,
    origins::Origins,
    outbox::{Outbox, Telling, deliver},
    outlet::{Kind, Outlet},
    random::random,
    sleep::SleepWatch,
    trouble::Trouble,
};
use crate::lobby::{Effect, Lobby, Origin};

/// Inputs taken from the queue at a time.
const BATCH: usize = 64;

/// The lobby, and the links of its sessions.
#[derive(Debug)]
pub(super) struct Host {
    lobby: Lobby,
    outbox: Outbox,
    /// The time in which nothing can be kept, while it lasts.
    trouble: Option<Trouble>,
    /// Round trips of links whose welcome waits to be kept. To the lobby, one shows that the welcome has arrived.
    early: BTreeMap<LinkId, Duration>,
    origins: Origins,
    server_name: Name,
    grace: Duration,
    grace_on_purpose: Duration,
    links: Links,
    commands: u64,
    /// The limits on log lines about sessions that come and go.
    opened: Limited,
    lost: Limited,
    sleep: SleepWatch,
}

impl Host {
    pub(super) fn new(
        now: std::time::Instant,
        config: &Config,
        (lobby, outbox): (Lobby, Outbox),
        origins: Origins,
        crowd: Arc<Crowd>,
    ) -> Self {
        Self {
            lobby,
            outbox,
            trouble: None,
            early: BTreeMap::new(),
            origins,
            server_name: config.name,
            grace: config.limits.grace,
            grace_on_purpose: config.limits.grace_on_purpose,
            links: Links::new(crowd),
            commands: 0,
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
            let deadline = Instant::from_std(self.poll_timeout());
            let (mut question, mut outcome) = (None, None);
            if timer.is_elapsed() || deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            tokio::select! {
                biased;
                _stopped_or_dropped = &mut stop => break,
                news = self.outbox.outcome() => outcome = Some(news),
                count = queue.recv_many(&mut inputs, BATCH), if self.takes_inputs() => if count == 0 { break },
                () = timer.as_mut(), if !timer.is_elapsed() => {}
                // Last, since questions may come without end, and players come first.
                Some(asked) = asked.recv() => question = Some(asked),
            }
            let now = Instant::now().into_std();
            if let Some(news) = outcome {
                self.take_outcome(now, news);
            }
            self.look_at_clocks(now);
            if self.trouble.is_some() {
                inputs.drain(..).for_each(|input| self.turn_away(input));
                continue;
            }
            if let Some(asked) = question {
                self.answer(now, asked);
            }
            for input in inputs.drain(..) {
                self.handle(now, input);
            }
            self.lobby.handle_timeout(now);
            self.drain();
            self.outbox.flush(now);
        }
        self.close(queue).await;
        self.commands
    }

    /// The time at which something is due without an input.
    fn poll_timeout(&self) -> std::time::Instant {
        let look_at = self.sleep.poll_timeout();
        if self.trouble.is_some() {
            return look_at;
        }
        [self.lobby.poll_timeout(), self.outbox.late_at()].into_iter().flatten().fold(look_at, Ord::min)
    }

    /// Tests for room for what follows from inputs; without it the links wait.
    const fn takes_inputs(&self) -> bool {
        self.trouble.is_some() || !self.outbox.is_full()
    }

    /// Notices a sleep of this machine, and a store that takes too long.
    fn look_at_clocks(&mut self, now: std::time::Instant) {
        let slept = self.sleep.look(now, SystemTime::now());
        if self.trouble.is_some() {
            // The end of the trouble excuses everybody.
            return;
        }
        if let Some(slept) = slept {
            warn!(?slept, "the server was not run for a time; absences count anew");
            self.lobby.handle_sleep(now, slept);
            self.drain();
        }
        if self.outbox.late_at().is_some_and(|late_at| late_at <= now) {
            self.begin_trouble(now, "it takes too long");
        }
    }

    /// Closes every session, once what was handled is kept.
    async fn close(&mut self, mut queue: mpsc::Receiver<Input>) {
        queue.close();
        let now = Instant::now().into_std();
        while let Ok(input) = queue.try_recv() {
            if self.trouble.is_some() {
                self.turn_away(input);
                continue;
            }
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
        if self.trouble.is_none() {
            self.outbox.finish(now).await;
        }
        self.links.outlets().for_each(|outlet| outlet.close(CloseReason::ShuttingDown));
        self.outbox.close().await;
        info!(sessions = self.lobby.session_count(), rooms = self.lobby.room_count(), "lobby closed");
    }

    /// Handles an input, and sends what follows from it.
    fn handle(&mut self, now: std::time::Instant, input: Input) {
        let mut made = None;
        match input {
            Input::Opened { link, hello, origin, outlet } => {
                self.open(now, (link, Arc::new(outlet)), &hello, origin);
            }
            Input::Asked { question, origin, reply } => {
                if let Some(answer) = self.lobby.answer(now, origin, self.server_name, question) {
                    self.outbox.tell(Telling::Answer(reply, answer));
                }
            }
            Input::Measured { reply } => {
                let _asker_is_gone = reply.send(Box::new(self.figures()));
            }
            Input::Command { from, command } => {
                if let Some(session) = self.links.session(from.link()) {
                    self.commands += 1;
                    debug!(%session, ?command, "command");
                    let moves = self.lobby.counts().moves;
                    self.lobby.handle(now, session, command);
                    made = (self.lobby.counts().moves != moves).then_some(from);
                }
            }
            Input::Silence { link, since } => {
                if let Some(session) = self.links.session(link) {
                    self.lobby.handle_silence(now, session, since);
                }
            }
            Input::Rtt { link, rtt } => {
                if let Some(session) = self.links.session(link) {
                    if self.links.outlet(link).is_some_and(|outlet| outlet.is_welcomed()) {
                        self.lobby.handle_rtt(session, rtt);
                    } else {
                        self.early.insert(link, rtt);
                    }
                }
            }
            Input::Settle { done } => self.outbox.tell(Telling::Settled(done)),
            Input::Gone { link, reason } => {
                if let Some(session) = self.links.end(link) {
                    if let Some(unlogged) = self.lost.take(now) {
                        info!(%session, ?reason, unlogged, "session lost its link");
                    }
                    self.lobby.disconnect(now, session, reason);
                }
            }
        }
        self.drain();
        if let Some(read) = made {
            self.outbox.tell(Telling::Moved(read));
        }
    }

    /// Takes in news of the store.
    fn take_outcome(&mut self, now: std::time::Instant, news: Option<Outcome>) {
        match news {
            Some(Outcome::Kept) => {
                self.outbox.release();
                if let Some(trouble) = self.trouble.take() {
                    self.end_trouble(now, trouble);
                }
                for (link, rtt) in std::mem::take(&mut self.early) {
                    self.handle(now, Input::Rtt { link, rtt });
                }
                self.outbox.flush(now);
            }
            // With its causes.
            Some(Outcome::Failed(error)) => {
                self.begin_trouble(now, &format!("{:#}", anyhow::Error::from(error)));
            }
            None => self.begin_trouble(now, "its thread has failed"),
        }
    }

    /// Stops to carry out commands: what they change could not be kept. Time stands still for the lobby.
    fn begin_trouble(&mut self, now: std::time::Instant, reason: &str) {
        if self.trouble.is_some() {
            return;
        }
        warn!(reason, "games cannot be saved, so nothing is carried out; tried again every second");
        self.outbox.turn_away();
        self.early.clear();
        deliver(self.links.outlets(), Kind::Ordinary, &ServerMessage::Event(Event::NotSaving));
        self.trouble = Some(Trouble::new(self.outbox.since().unwrap_or(now)));
    }

    /// Goes on where the trouble has begun. No clock has run meanwhile, and everybody is shown their room.
    fn end_trouble(&mut self, now: std::time::Instant, trouble: Trouble) {
        let lasted = now.saturating_duration_since(trouble.since);
        info!(?lasted, "games are saved again");
        self.lobby.handle_sleep(now, lasted);
        self.drain();
        for input in trouble.into_inputs() {
            self.handle(now, input);
        }
    }

    /// Takes in an input while nothing can be kept: a command is rejected, and news of links waits.
    fn turn_away(&mut self, input: Input) {
        match input {
            Input::Opened { outlet, .. } => outlet.close(CloseReason::NotSaving),
            Input::Command { from, command } => {
                let (command, reject) = (command.kind(), Reject::NotSaving);
                let rejected = ServerMessage::Event(Event::Rejected { command, reject });
                deliver(self.links.outlet(from.link()).into_iter(), Kind::Ordinary, &rejected);
            }
            Input::Measured { reply } => {
                let _asker_is_gone = reply.send(Box::new(self.figures()));
            }
            Input::Settle { done } => {
                let _link_is_gone = done.send(());
            }
            Input::Silence { .. } | Input::Gone { .. } => {
                if let Some(trouble) = &mut self.trouble {
                    trouble.defer(input);
                }
            }
            // A question is asked again, and a round trip is measured again.
            Input::Asked { .. } | Input::Rtt { .. } => {}
        }
    }

    fn figures(&self) -> Figures {
        Figures {
            sessions: self.lobby.session_count(),
            rooms: self.lobby.room_counts(),
            counts: self.lobby.counts().clone(),
            commands: self.commands,
            latency: self.outbox.latency().clone(),
            queued: self.links.outlets().map(|outlet| outlet.queued()).sum(),
        }
    }

    /// Answers a question over UDP.
    fn answer(&mut self, now: std::time::Instant, asked: Asked) {
        let Ok(ClientMessage::Ask(question)) = codec::decode(&asked.message) else { return };
        let origin = self.origins.of(asked.peer());
        if let Some(answer) = self.lobby.answer(now, origin, self.server_name, question) {
            self.outbox.tell(Telling::Reply(asked, answer));
        }
    }

    fn open(
        &mut self,
        now: std::time::Instant,
        (link, outlet): (LinkId, Arc<Outlet>),
        hello: &Hello,
        origin: Origin,
    ) {
        // Due events are for the links from before.
        self.lobby.handle_timeout(now);
        self.drain();
        match self.lobby.connect(now, hello, random::<SECRET_BYTES>(), origin) {
            Err(reason) => self.outbox.tell(Telling::Close(outlet, reason)),
            Ok(admission) => {
                let session = admission.token.session;
                if let Some(unlogged) = self.opened.take(now) {
                    // As a string and not by `%`, so that a text log quotes it.
                    let name = admission.name.as_str();
                    info!(%session, name, is_return = admission.is_return, unlogged, "session opened");
                }
                // The new secret is kept before it is told, and the welcome is told before all else.
                let effects: Vec<Effect> = from_fn(|| self.poll_effect()).collect();
                if let Some(old) = self.links.attach(session, link, outlet) {
                    self.outbox.tell(Telling::Close(old, CloseReason::Replaced));
                }
                let welcome = ServerMessage::Welcome(Welcome {
                    token: admission.token,
                    name: admission.name,
                    server: self.server_name,
                    grace_millis: millis(self.grace),
                    grace_on_purpose_millis: millis(self.grace_on_purpose),
                });
                self.send(&[session], Kind::Ordinary, welcome);
                for effect in effects {
                    self.pass_on(effect);
                }
            }
        }
    }

    fn drain(&mut self) {
        while let Some(effect) = self.poll_effect() {
            self.pass_on(effect);
        }
    }

    /// The next effect to tell. What has to be kept before goes into the outbox.
    fn poll_effect(&mut self) -> Option<Effect> {
        loop {
            match self.lobby.poll_effect()? {
                Effect::Keep(change) => self.outbox.keep(change),
                effect => return Some(effect),
            }
        }
    }

    fn pass_on(&mut self, effect: Effect) {
        let kind = match &effect {
            Effect::Tell { .. } => Kind::Ordinary,
            Effect::Show { .. } => Kind::Newest,
            Effect::Unseat { .. } => Kind::EndOfShow,
            Effect::Dismiss { session } => return self.dismiss(*session),
            Effect::Keep(_) => return,
        };
        if let Some((to, event)) = effect.into_event() {
            self.send(&to, kind, ServerMessage::Event(event));
        }
    }

    /// Closes the link of a session that had to give way.
    fn dismiss(&mut self, session: SessionId) {
        if let Some(outlet) = self.links.detach(session) {
            self.outbox.tell(Telling::Close(outlet, CloseReason::AddressFull));
        }
    }

    /// Sends a message to the links of sessions.
    fn send(&mut self, to: &[SessionId], kind: Kind, message: ServerMessage) {
        self.outbox.send(self.links.outlets_of(to), kind, message);
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
