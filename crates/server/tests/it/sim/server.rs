//! A small, pure shell: it connects the lobby to sessions of the ARQ as `server::shell` connects it to sockets.
//!
//! Like `shell/conn.rs` and `shell/host.rs`, it opens or resumes a session for a hello and passes on commands; a
//! heartbeat finds silent and lost links, a goodbye is on purpose, and a newer link of a session replaces the older one,
//! which is ignored from then on.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use net::{
    arq::{self, Cid, Config, Endpoint, Packet, Path, Routed, SendError, Session},
    heartbeat::{Beat, Heartbeat, Pace, STOPPED_AFTER},
    proto::{
        ClientMessage, CloseReason, Command, Event, Hello, SECRET_BYTES, ServerMessage, ServerTime,
        SessionId, Snapshot, Token, Welcome, codec,
    },
    token_bucket::TokenBucket,
};
use server::lobby::{DisconnectReason, Effect, KeptRoom, Limits, Lobby, Origin};

use super::{
    coverage::Coverage,
    dice::Dice,
    mortal::{Item, Mortal, Out, OutKind},
    trace::Trace,
    wire::encoded,
    witness::{Call, Witness},
};

/// The time limit for a hello, and the messages per second and at once: the defaults of the shell.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
const MESSAGES_PER_SECOND: u32 = 50;
const MESSAGE_BURST: u32 = 100;

/// The delay of a busy server.
pub(super) const LATE: Duration = Duration::from_millis(50);

/// Messages in flight over a link from which on only the newest snapshot is kept.
const SHOWN_UNDER_WAY: usize = 4;

pub(super) struct SimServer {
    start: Instant,
    grace: Duration,
    grace_on_purpose: Duration,
    /// The server is late, and handles moves before deadlines that were due earlier.
    is_busy: bool,
    endpoint: Endpoint,
    lobby: Lobby,
    pub(super) witness: Witness,
    pub(super) trace: Trace,
    secrets: Dice,
    conns: BTreeMap<Cid, Conn>,
    /// The link that carries a session now.
    links: BTreeMap<SessionId, Cid>,
    /// The messages sent over each link that have not arrived, with the number of the room of each snapshot.
    told: BTreeMap<SocketAddr, VecDeque<(Bytes, u64)>>,
    outbox: Vec<(SocketAddr, Bytes)>,
    limits: Limits,
    /// The store, which outlives the server; `None` if it neither dies nor keeps anything.
    mortal: Option<Mortal>,
    /// The time at which a dead server starts again.
    down_until: Option<Instant>,
    /// It has died once: the witness, which knows of no death, looks no more.
    has_died: bool,
}

/// One link.
struct Conn {
    addr: SocketAddr,
    arq: Session,
    stage: Stage,
    /// The welcome has been sent: a pong from before would pass for a sign that it has arrived.
    is_welcome: bool,
    heartbeat: Heartbeat,
    bucket: TokenBucket,
    /// The newest snapshot that has not been sent.
    shown: Option<(Bytes, u64)>,
}

enum Stage {
    Stranger {
        hello_by: Instant,
    },
    Known(SessionId),
    /// The link is ending; further messages of the client are ignored.
    Ending,
}

/// The end of a link.
#[derive(Debug, Clone, Copy)]
enum Ended {
    ByClient,
    ByServer(CloseReason),
    Broken,
}

impl SimServer {
    pub(super) fn new(now: Instant, limits: Limits, seed: u64, trace: Trace, mortal: Option<Mortal>) -> Self {
        Self {
            start: now,
            grace: limits.grace,
            grace_on_purpose: limits.grace_on_purpose,
            is_busy: seed.is_multiple_of(2),
            endpoint: Endpoint::new(now, Config::default(), [7; 16]),
            witness: Witness::new(now, limits.clone()),
            lobby: Lobby::new(now, limits.clone(), seed),
            limits,
            mortal,
            down_until: None,
            has_died: false,
            trace,
            secrets: Dice::new(seed),
            conns: BTreeMap::new(),
            links: BTreeMap::new(),
            told: BTreeMap::new(),
            outbox: Vec::new(),
        }
    }

    /// Handles a datagram.
    pub(super) fn handle_datagram(&mut self, now: Instant, peer: SocketAddr, datagram: &[u8]) {
        if self.down_until.is_some() {
            return;
        }
        match self.endpoint.handle_datagram(now, Path { peer, local: None }, datagram) {
            Some(Routed::Session(cid)) => {
                let conn = self.conns.get_mut(&cid).expect("the endpoint knows whom we have");
                conn.arq.handle_datagram(now, datagram);
                self.drive(now, cid);
            }
            Some(Routed::Accepted(session)) => {
                assert!(matches!(Packet::decode(datagram), Ok(Packet::Hello(_))));
                let cid = session.local_cid();
                self.conns.insert(cid, Conn::new(now, peer, *session));
                self.drive(now, cid);
            }
            Some(Routed::Asked { .. }) | None => {}
        }
        while let Some(transmit) = self.endpoint.poll_transmit() {
            self.outbox.push((transmit.path.peer, transmit.datagram.freeze()));
        }
    }

    /// Notices a sleep, as the shell does.
    pub(super) fn wake(&mut self, now: Instant, slept: Duration) {
        if slept >= STOPPED_AFTER && self.down_until.is_none() {
            self.perform(now, &Call::Sleep { slept });
            self.witness.coverage.count("times that the server slept");
        }
    }

    /// Does what is due; `true` if the server has died of it.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        if self.down_until.is_some() {
            return false;
        }
        let due: Vec<Cid> = self
            .conns
            .iter()
            .filter(|(_, conn)| conn.poll_timeout().is_some_and(|at| at <= now))
            .map(|(cid, _)| *cid)
            .collect();
        for cid in due {
            self.drive(now, cid);
        }
        if self.wakes_at().is_some_and(|at| at <= now) {
            self.perform(now, &Call::Timeout);
        }
        self.work(now)
    }

    /// Commits and tells what is due; `true` if the server has died of it.
    fn work(&mut self, now: Instant) -> bool {
        let Some(mortal) = &mut self.mortal else { return false };
        let (outs, dies) = mortal.work(now, &mut self.witness.coverage);
        for out in outs {
            self.let_go(now, out);
        }
        if dies {
            self.die(now);
        }
        dies
    }

    fn die(&mut self, now: Instant) {
        self.trace.line(now, || String::from("the server dies"));
        self.conns.clear();
        self.links.clear();
        self.has_died = true;
        if let Some(mortal) = &mut self.mortal {
            mortal.die(&mut self.witness.coverage);
            let down = mortal.dice.pause(Duration::from_millis(100), Duration::from_secs(20));
            self.down_until = Some(now + down);
        }
    }

    /// Starts a dead server again if it is time. The tokens that clients have must be good, where their sessions are kept.
    pub(super) fn start_again(&mut self, now: Instant, tokens: impl Iterator<Item = Token>) {
        if self.down_until.is_none_or(|until| until > now) {
            return;
        }
        self.down_until = None;
        let Some(mortal) = &mut self.mortal else { return };
        self.trace.line(now, || String::from("the server starts again"));
        let seed = mortal.dice.number();
        let rooms: Vec<KeptRoom> = mortal.store.rooms.values().map(|room| KeptRoom::clone(room)).collect();
        let restore = || Lobby::restore(now, self.limits.clone(), seed, rooms.clone());
        self.lobby = restore().expect("what is kept can be restored");
        assert_eq!(self.lobby.poll_effect(), None, "a start changes nothing");
        let mut trial = restore().expect("what was restored once");
        let known: Vec<Token> = tokens.filter(|token| mortal.knows(token)).collect();
        for token in known {
            let hello = Hello { name: "any".parse().unwrap(), resume: Some(token) };
            self.witness.coverage.count("tokens that outlived a server");
            if trial.connect(now, &hello, [0; SECRET_BYTES], Origin(0)).is_err() {
                mortal.note_loss(format!("the token of {}", token.session));
            }
        }
        self.endpoint = Endpoint::new(now, Config::default(), [8; 16]);
    }

    /// Something that was told is not kept.
    pub(super) fn has_lost(&self) -> bool {
        self.mortal.as_ref().is_some_and(Mortal::has_lost)
    }

    /// The time at which the server handles the next deadline of the lobby: late if it is busy.
    fn wakes_at(&self) -> Option<Instant> {
        let late = if self.is_busy { LATE } else { Duration::ZERO };
        self.lobby.poll_timeout().map(|at| at + late)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        if self.down_until.is_some() {
            return self.down_until;
        }
        let commit = self.mortal.as_ref().and_then(Mortal::poll_timeout);
        self.conns.values().filter_map(Conn::poll_timeout).chain(self.wakes_at()).chain(commit).min()
    }

    /// The datagrams to send.
    pub(super) fn take_outbox(&mut self) -> Vec<(SocketAddr, Bytes)> {
        std::mem::take(&mut self.outbox)
    }

    /// Checks that a client has received the next message sent to it. Returns the number of the room.
    pub(super) fn heard(&mut self, addr: SocketAddr, message: &Bytes) -> u64 {
        let told = self.told.get_mut(&addr).and_then(VecDeque::pop_front);
        let (bytes, room) = told.expect("nothing is heard that was not said");
        assert_eq!(bytes, message, "what is heard is what was said, in its order");
        room
    }

    /// Forgets the messages sent over a link that nobody reads.
    pub(super) fn forget_told(&mut self, addr: SocketAddr) {
        self.told.remove(&addr);
    }

    /// Checks that there are no sessions, rooms or deadlines.
    pub(super) fn check_empty(&self) {
        assert!(self.conns.is_empty() && self.links.is_empty(), "a link is left");
        assert_eq!((self.lobby.session_count(), self.lobby.room_count()), (0, 0), "something is left");
        assert_eq!(self.lobby.poll_timeout(), None, "the lobby waits for something");
        if let Some(mortal) = &self.mortal {
            assert!(mortal.store.rooms.is_empty(), "a room is kept for ever");
        }
    }

    pub(super) const fn coverage(&mut self) -> &mut Coverage {
        &mut self.witness.coverage
    }

    /// Nobody has a link.
    pub(super) fn is_quiet(&self) -> bool {
        self.conns.is_empty() && self.down_until.is_none() && self.mortal.as_ref().is_none_or(Mortal::is_idle)
    }

    /// Handles the messages of a link, then its heartbeat.
    fn drive(&mut self, now: Instant, cid: Cid) {
        loop {
            let Some(conn) = self.conns.get_mut(&cid) else { return };
            conn.arq.handle_timeout(now);
            let result = match conn.arq.poll_event() {
                Some(arq::Event::Message(payload)) => self.hear(now, cid, &payload),
                Some(arq::Event::Closed(_)) => Err(Ended::Broken),
                None => match self.beat(now, cid) {
                    Ok(()) => break,
                    Err(ended) => Err(ended),
                },
            };
            if let Err(ended) = result {
                self.end(now, cid, ended);
            }
        }
        self.transmit(now, cid);
    }

    fn hear(&mut self, now: Instant, cid: Cid, payload: &[u8]) -> Result<(), Ended> {
        let conn = self.conns.get_mut(&cid).expect("it is being driven");
        let session = match conn.stage {
            Stage::Ending => return Ok(()),
            Stage::Stranger { .. } => None,
            Stage::Known(session) => Some(session),
        };
        let message = codec::decode(payload).map_err(|_malformed| Ended::ByServer(CloseReason::Malformed))?;
        let Some(session) = session else {
            return match message {
                ClientMessage::Hello(hello) => self.open(now, cid, &hello),
                ClientMessage::Close(_) => Err(Ended::ByClient),
                ClientMessage::Command(_) | ClientMessage::Pong { .. } | ClientMessage::Ask(_) => {
                    Err(Ended::ByServer(CloseReason::OutOfTurn))
                }
            };
        };
        if !conn.bucket.take(now) {
            return Err(Ended::ByServer(CloseReason::Flood));
        }
        let was_silent = conn.heartbeat.handle_message(now);
        if let ClientMessage::Pong { nonce } = message {
            conn.heartbeat.handle_pong(now, nonce);
        }
        let rtt = conn.heartbeat.rtt();
        if was_silent {
            self.perform(now, &Call::Silence { session, since: None });
        }
        match message {
            ClientMessage::Command(command) => {
                self.perform(now, &Call::Handle { session, link: cid, command });
            }
            ClientMessage::Pong { .. } => {
                if let Some(rtt) = rtt {
                    self.perform(now, &Call::Rtt { session, rtt });
                }
            }
            ClientMessage::Close(_) => return Err(Ended::ByClient),
            ClientMessage::Hello(_) | ClientMessage::Ask(_) => {
                return Err(Ended::ByServer(CloseReason::OutOfTurn));
            }
        }
        Ok(())
    }

    fn open(&mut self, now: Instant, cid: Cid, hello: &Hello) -> Result<(), Ended> {
        let addr = self.conns[&cid].addr;
        let mut secret = [0; SECRET_BYTES];
        secret[..8].copy_from_slice(&self.secrets.number().to_le_bytes());
        secret[8..].copy_from_slice(&self.secrets.number().to_le_bytes());
        let call = Call::Connect { hello: *hello, link: cid, secret, origin: origin(addr) };
        let (admission, effects) = self.call(now, &call);
        let admission = admission.expect("a hello is answered").map_err(Ended::ByServer)?;
        let session = admission.token.session;
        if let Some(old) = self.links.insert(session, cid) {
            self.witness.coverage.count("links evicted by a newer one");
            self.conns.get_mut(&old).expect("it is let go only here").stage = Stage::Ending;
            self.close(now, old, CloseReason::Replaced);
            self.transmit(now, old);
        }
        let conn = self.conns.get_mut(&cid).expect("it is being driven");
        conn.stage = Stage::Known(session);
        let welcome = ServerMessage::Welcome(Welcome {
            token: admission.token,
            name: admission.name,
            server: "sim".parse().unwrap(),
            grace_millis: u32::try_from(self.grace.as_millis()).unwrap(),
            grace_on_purpose_millis: u32::try_from(self.grace_on_purpose.as_millis()).unwrap(),
        });
        if let Some(mortal) = &mut self.mortal {
            mortal.admit(&admission, &mut self.witness.coverage);
        }
        let payload = encoded(&welcome);
        let kind = OutKind::Welcome;
        self.put(now, Item::Out(Out { cid, payload, room: 0, pace: Some(Pace::Idle), kind }));
        self.bring_out(now, effects);
        Ok(())
    }

    fn beat(&mut self, now: Instant, cid: Cid) -> Result<(), Ended> {
        loop {
            let conn = self.conns.get_mut(&cid).expect("it is being driven");
            let session = match conn.stage {
                Stage::Ending => return Ok(()),
                Stage::Stranger { hello_by } if now < hello_by => return Ok(()),
                Stage::Stranger { .. } => return Err(Ended::ByServer(CloseReason::HelloTimeout)),
                Stage::Known(_) if !conn.is_welcome => return Ok(()),
                Stage::Known(session) => session,
            };
            match conn.heartbeat.handle_timeout(now) {
                None => return Ok(()),
                Some(Beat::Ping { nonce }) => {
                    let rtt_micros = conn.heartbeat.rtt().and_then(|rtt| rtt.as_micros().try_into().ok());
                    let at = ServerTime(u64::try_from((now - self.start).as_millis()).unwrap());
                    let ping = encoded(&ServerMessage::Ping { nonce, rtt_micros, at });
                    self.say(now, cid, &ping, 0);
                }
                Some(Beat::Silent { since }) => {
                    self.perform(now, &Call::Silence { session, since: Some(since) });
                }
                Some(Beat::Lost) => return Err(Ended::ByServer(CloseReason::Silent)),
            }
        }
    }

    /// Handles the end of a link. If it carries a session, the lobby is told.
    fn end(&mut self, now: Instant, cid: Cid, ended: Ended) {
        let conn = self.conns.get_mut(&cid).expect("it is being driven");
        let stage = std::mem::replace(&mut conn.stage, Stage::Ending);
        match ended {
            Ended::ByServer(reason) => self.close(now, cid, reason),
            Ended::ByClient | Ended::Broken => conn.arq.finish(now),
        }
        if let Stage::Known(session) = stage {
            self.trace.line(now, || format!("{session} loses its link: {ended:?}"));
            self.links.remove(&session);
            let reason = match ended {
                Ended::ByClient => DisconnectReason::OnPurpose,
                Ended::ByServer(_) | Ended::Broken => DisconnectReason::Lost,
            };
            self.perform(now, &Call::Disconnect { session, reason });
        }
    }

    fn close(&mut self, now: Instant, cid: Cid, reason: CloseReason) {
        self.say(now, cid, &encoded(&ServerMessage::Close(reason)), 0);
        if let Some(conn) = self.conns.get_mut(&cid) {
            conn.arq.finish(now);
        }
    }

    /// Calls the lobby and sends its effects.
    fn perform(&mut self, now: Instant, call: &Call) {
        let (_, effects) = self.call(now, call);
        self.bring_out(now, effects);
    }

    /// Handles due deadlines first, so that each effect has one cause. Only on a busy server may a move precede a due flag.
    fn call(&mut self, now: Instant, call: &Call) -> (Option<super::witness::Admitted>, Vec<Effect>) {
        let is_due = self.lobby.poll_timeout().is_some_and(|at| at <= now);
        let is_racing = matches!(call, Call::Handle { command: Command::Play { .. }, .. }) && self.is_busy;
        if is_due && !is_racing && !matches!(call, Call::Timeout | Call::Sleep { .. }) {
            self.perform(now, &Call::Timeout);
        }
        self.trace.line(now, || call.to_string());
        let admitted = call.make(now, &mut self.lobby);
        let effects: Vec<Effect> = std::iter::from_fn(|| self.lobby.poll_effect()).collect();
        for effect in &effects {
            let Some((to, event)) = effect.clone().into_event() else { continue };
            self.trace.line(now, || super::trace::event(&to, &event));
        }
        let told: Vec<Effect> =
            effects.iter().filter(|effect| !matches!(effect, Effect::Keep(_))).cloned().collect();
        if !self.has_died {
            self.witness.see((now, call), admitted.as_ref(), &told, &self.lobby);
        }
        (admitted, effects)
    }

    /// Makes messages for links of the effects, and sends them unless they have to wait for a commit.
    fn bring_out(&mut self, now: Instant, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Keep(keep) => self.put(now, Item::Keep(keep)),
                Effect::Dismiss { session } => self.dismiss(now, session),
                Effect::Tell { .. } | Effect::Show { .. } | Effect::Unseat { .. } => {
                    let Some((to, event)) = effect.into_event() else { continue };
                    let room = if self.has_died { 0 } else { self.witness.number_of(&event) };
                    let shown = if let Event::Snapshot(snapshot) = &event {
                        Some(Arc::new(Snapshot::clone(snapshot)))
                    } else {
                        None
                    };
                    let message = ServerMessage::Event(event);
                    let (payload, pace) = (encoded(&message), Pace::after(&message));
                    let cids: Vec<Cid> =
                        to.iter().filter_map(|session| self.links.get(session)).copied().collect();
                    for cid in cids {
                        let kind = shown.clone().map_or(OutKind::Plain, OutKind::Shown);
                        let out = Out { cid, payload: payload.clone(), room, pace, kind };
                        self.put(now, Item::Out(out));
                    }
                }
            }
        }
    }

    /// Sends a message, or puts it into the batch that is to be kept first.
    fn put(&mut self, now: Instant, item: Item) {
        let out = match (&mut self.mortal, item) {
            (Some(mortal), item) => mortal.take(item, &mut self.witness.coverage),
            (None, Item::Out(out)) => Some(out),
            (None, Item::Keep(_)) => None,
        };
        if let Some(out) = out {
            self.let_go(now, out);
        }
    }

    /// Sends a message over its link, if that is still there.
    fn let_go(&mut self, now: Instant, out: Out) {
        let Out { cid, payload, room, pace, kind } = out;
        let Some(conn) = self.conns.get_mut(&cid) else { return };
        match kind {
            OutKind::Dismissal => {
                self.close(now, cid, CloseReason::AddressFull);
                return self.transmit(now, cid);
            }
            OutKind::Welcome => {
                conn.is_welcome = true;
                conn.heartbeat = Heartbeat::pinging(now);
            }
            OutKind::Plain | OutKind::Shown(_) => {}
        }
        if let Some(pace) = pace {
            conn.heartbeat.set_pace(now, pace);
            conn.arq.expect_silence(pace.leniency());
        }
        let is_shown = matches!(kind, OutKind::Shown(_));
        if is_shown && conn.arq.undelivered() >= SHOWN_UNDER_WAY {
            self.witness.coverage.count("snapshots that were passed over for newer ones");
            conn.shown = Some((payload, room));
            return;
        }
        if let Some((shown, room)) = conn.shown.take().filter(|_| !is_shown) {
            self.say(now, cid, &shown, room);
        }
        self.say(now, cid, &payload, room);
        self.transmit(now, cid);
    }

    /// Closes the link of a session that had to give way, after what it was told before.
    fn dismiss(&mut self, now: Instant, session: SessionId) {
        if let Some(cid) = self.links.remove(&session) {
            self.conns.get_mut(&cid).expect("a session's link is there").stage = Stage::Ending;
            let kind = OutKind::Dismissal;
            self.put(now, Item::Out(Out { cid, payload: Bytes::new(), room: 0, pace: None, kind }));
        }
    }

    /// Sends a message over a link. A link that does not keep up is closed the next time it is driven.
    fn say(&mut self, now: Instant, cid: Cid, payload: &Bytes, room: u64) {
        let Some(conn) = self.conns.get_mut(&cid) else { return };
        match conn.arq.send(now, payload.clone()) {
            Ok(()) => {
                self.told.entry(conn.addr).or_default().push_back((payload.clone(), room));
            }
            Err(SendError::Full) => {
                self.witness.coverage.count("links closed since they did not keep up");
                conn.arq.close(now, arq::CloseCode::Done);
            }
            Err(SendError::Closed) => {}
            Err(SendError::Length) => panic!("{} bytes are no message", payload.len()),
        }
    }

    fn transmit(&mut self, now: Instant, cid: Cid) {
        let Some(conn) = self.conns.get_mut(&cid) else { return };
        if conn.arq.undelivered() < SHOWN_UNDER_WAY
            && let Some((shown, room)) = conn.shown.take()
        {
            self.say(now, cid, &shown, room);
        }
        let Some(conn) = self.conns.get_mut(&cid) else { return };
        let mut datagram = BytesMut::new();
        while conn.arq.poll_transmit(now, &mut datagram) {
            self.outbox.push((conn.addr, datagram.split().freeze()));
        }
        if conn.arq.is_over() && matches!(conn.stage, Stage::Ending) {
            self.conns.remove(&cid);
            self.endpoint.forget(now, cid);
        }
    }
}

impl Conn {
    fn new(now: Instant, addr: SocketAddr, arq: Session) -> Self {
        Self {
            addr,
            arq,
            stage: Stage::Stranger { hello_by: now + HELLO_TIMEOUT },
            is_welcome: false,
            heartbeat: Heartbeat::pinging(now),
            bucket: TokenBucket::new(now, MESSAGES_PER_SECOND, MESSAGE_BURST),
            shown: None,
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let own = match self.stage {
            Stage::Stranger { hello_by } => Some(hello_by),
            Stage::Known(_) if self.is_welcome => Some(self.heartbeat.poll_timeout()),
            Stage::Known(_) | Stage::Ending => None,
        };
        own.into_iter().chain(self.arq.poll_timeout()).min()
    }
}

/// The origin of an address; several clients share one.
fn origin(addr: SocketAddr) -> Origin {
    match addr {
        SocketAddr::V4(addr) => Origin(u64::from(addr.ip().to_bits())),
        SocketAddr::V6(_) => unreachable!("everybody here has an IPv4 address"),
    }
}
