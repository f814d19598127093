//! One client of the line protocol: from its first line to its end.
//!
//! It is a session of the lobby like any other, with two exceptions: nobody answers pings by hand, so the client is never
//! silent and its round trip is unknown.

use std::{future::pending, time::Duration};

use bytes::Bytes;
use net::{
    proto::{CloseReason, Hello, Name, codec},
    tcp::{Lines, LinesError},
    token_bucket::TokenBucket,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until, timeout_at},
};

use super::{
    ended::Ended,
    input::{Input, LinkId, ReadFrom},
    outlet::{Encoding, Inbox, Outlet},
    shared::Shared,
};
use crate::text::{Action, TextSession, Then, WAIT_SECONDS};

/// Serves one client until it ends. Its first line must be complete by `deadline`. One with a
/// `refusal` is told that.
pub(super) async fn serve(
    mut lines: Lines,
    id: LinkId,
    shared: &Shared,
    (deadline, refusal): (Instant, Option<CloseReason>),
) -> Ended {
    let first = match refusal {
        Some(reason) => Err(Ended::ByServer(reason)),
        None => match timeout_at(deadline, lines.recv()).await {
            Err(_elapsed) => Err(Ended::ByServer(CloseReason::HelloTimeout)),
            Ok(received) => understand(received),
        },
    };
    let ended = match first {
        Err(ended) => ended,
        Ok(first) => {
            let mut client = Client::new(id, shared);
            let ended = match client.run(&mut lines, first).await {
                Ok(never) => match never {},
                Err(ended) => ended,
            };
            client.part(ended).await;
            ended
        }
    };
    if let Ended::ByServer(reason) | Ended::ByClient(reason) = ended {
        let _gone = lines.send(TextSession::farewell(reason).as_bytes()).await;
        lines.close().await;
    }
    ended
}

/// Returns a received line, or the end.
fn understand(received: Result<Option<Bytes>, LinesError>) -> Result<Bytes, Ended> {
    match received {
        Ok(Some(line)) => Ok(line),
        Ok(None) | Err(LinesError::Io(_)) => Err(Ended::Broken),
        Err(LinesError::TooLong(_)) => Err(Ended::ByServer(CloseReason::FrameLength)),
        Err(LinesError::Unread) => Err(Ended::ByServer(CloseReason::SlowConsumer)),
    }
}

/// A client that has sent a line.
struct Client<'a> {
    id: LinkId,
    shared: &'a Shared,
    session: TextSession,
    /// The messages of the host task, once a session is open.
    inbox: Option<Inbox>,
    /// Limits the client's lines.
    bucket: TokenBucket,
    /// The end of the wait for news, if the last line waits.
    waits_until: Option<Instant>,
    /// The time at which the client has been silent for too long, or has sent no command for too long.
    idle_at: Instant,
}

impl<'a> Client<'a> {
    fn new(id: LinkId, shared: &'a Shared) -> Self {
        let now = Instant::now();
        let config = &shared.config;
        Self {
            id,
            shared,
            session: TextSession::default(),
            inbox: None,
            bucket: TokenBucket::new(now.into_std(), config.messages_per_second, config.message_burst),
            waits_until: None,
            idle_at: now + config.text_command_timeout,
        }
    }

    async fn run(&mut self, lines: &mut Lines, first: Bytes) -> Result<std::convert::Infallible, Ended> {
        self.hear(lines, &first).await?;
        loop {
            if self.session.has_news() && (self.session.is_pushing() || self.waits_until.is_some()) {
                self.reply(lines).await?;
            }
            let wakes_at = self.waits_until.map_or(self.idle_at, |until| until.min(self.idle_at));
            tokio::select! {
                received = lines.recv() => {
                    let line = understand(received)?;
                    // Every line gets its own reply, in order.
                    if self.waits_until.is_some() {
                        self.reply(lines).await?;
                    }
                    self.hear(lines, &line).await?;
                }
                message = ready(self.inbox.as_mut()) => {
                    if let Some(payload) = message {
                        self.take(&payload);
                    }
                    self.gather()?;
                }
                () = sleep_until(wakes_at) => {
                    if self.idle_at <= Instant::now() {
                        return Err(Ended::ByServer(CloseReason::Silent));
                    }
                    self.reply(lines).await?;
                }
            }
        }
    }

    /// Executes a line, and replies unless it waits.
    async fn hear(&mut self, lines: &mut Lines, line: &[u8]) -> Result<(), Ended> {
        let now = Instant::now();
        if !self.bucket.take(now.into_std()) {
            return Err(Ended::ByServer(CloseReason::Flood));
        }
        let Action { opens, then } = self.session.handle_line(line);
        if self.session.is_useful() {
            self.idle_at = now + self.shared.config.text_idle_timeout;
        }
        if let Some(name) = opens {
            self.open(lines, name).await?;
        }
        match then {
            Then::Reply => {}
            Then::Ask(commands) => {
                let from = ReadFrom::new(self.id, self.shared.epoch, now.into_std());
                for command in commands {
                    self.shared.tell_host(Input::Command { from, command }).await?;
                }
            }
            Then::Wait => {
                self.waits_until = Some(now + Duration::from_secs(WAIT_SECONDS));
                return self.settle().await;
            }
            Then::Quit => return Err(Ended::ByClient(CloseReason::Goodbye)),
        }
        self.settle().await?;
        self.reply(lines).await
    }

    /// Opens a session under a name, which replaces the previous one.
    async fn open(&mut self, lines: &Lines, name: Name) -> Result<(), Ended> {
        if self.inbox.is_some() {
            self.shared
                .tell_host(Input::Gone { link: self.id, reason: crate::lobby::DisconnectReason::OnPurpose })
                .await?;
        }
        let (outlet, inbox) = Outlet::to_queue(Encoding::Binary);
        self.inbox = Some(inbox);
        let hello = Box::new(Hello { name, resume: None });
        let origin = self.shared.origins.of(lines.peer());
        self.shared.tell_host(Input::Opened { link: self.id, hello, origin, outlet }).await
    }

    /// Waits until the lobby has handled all commands, and takes in its messages.
    async fn settle(&mut self) -> Result<(), Ended> {
        let (done, settled) = oneshot::channel();
        self.shared.tell_host(Input::Settle { done }).await?;
        // A host task that ends has left the reason in the inbox.
        let _host_is_gone = settled.await;
        self.gather()
    }

    /// Takes in all messages that wait.
    fn gather(&mut self) -> Result<(), Ended> {
        while let Some(inbox) = &mut self.inbox
            && let Some(payload) = inbox.take().map_err(Ended::ByServer)?
        {
            self.take(&payload);
        }
        Ok(())
    }

    fn take(&mut self, payload: &[u8]) {
        let message = codec::decode(payload).expect("the host task encodes its messages");
        self.session.handle_message(message);
    }

    async fn reply(&mut self, lines: &mut Lines) -> Result<(), Ended> {
        self.waits_until = None;
        let reply = self.session.reply(self.shared.epoch.time(Instant::now().into_std()));
        understand(lines.send(reply.as_bytes()).await.map(|()| Some(Bytes::new()))).map(drop)
    }

    /// Tells the host task that the link has ended.
    async fn part(&self, ended: Ended) {
        if self.inbox.is_some() {
            let reason = ended.disconnect_reason();
            // A host task that is gone has forgotten the link already.
            let _host_is_gone = self.shared.tell_host(Input::Gone { link: self.id, reason }).await;
        }
    }
}

/// Waits for the host task; forever if there is no session yet.
async fn ready(inbox: Option<&mut Inbox>) -> Option<Box<[u8]>> {
    match inbox {
        Some(inbox) => inbox.ready().await,
        None => pending().await,
    }
}
