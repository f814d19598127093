//! A server, its clients and the paths between them, under one virtual clock.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use net::{
    heartbeat::Heartbeat,
    proto::{
        Access, ClientMessage, CloseReason, Command, Event, Hello, Phase, ServerMessage, Setting, Snapshot,
        Token,
    },
    sim::{Clock, Delivery},
};

use super::{
    behaviour::{Action, Gossip},
    choices,
    client::{Client, Consequence, Memory, WireId},
    coverage::Coverage,
    dice::Dice,
    mortal::{Mortal, Order},
    seeds::Run,
    server::SimServer,
    trace::Trace,
    wire::{News, Wire},
};

/// The whole simulated world.
pub(super) struct World {
    clock: Clock,
    start: Instant,
    dice: Dice,
    server: SimServer,
    clients: Vec<Client>,
    wires: BTreeMap<WireId, (usize, Wire)>,
    next_wire: WireId,
    gossip: Gossip,
    /// The end of each match as the first client saw it. All others must see the same.
    finals: BTreeMap<(u64, u32), Box<Snapshot>>,
    steps: u64,
}

/// The most steps that a seed may take: ten times the longest. More means that time stands still.
const MAX_STEPS: u64 = 2_000_000;

/// Steps at one instant before it counts as a loop without end.
const MAX_STEPS_AT_ONCE: u64 = 10_000;

impl World {
    /// Runs a seed and returns the counts of its events.
    pub(super) fn run(seed: u64, run: Run) -> Coverage {
        Self::run_with(seed, run, None)
    }

    /// Runs a seed in which the server dies and starts again.
    pub(super) fn run_mortal(seed: u64, run: Run) -> Coverage {
        Self::run_with(seed, run, Some(Order::CommitFirst))
    }

    /// Runs a seed in which the server dies, and tells people what it has not kept yet.
    pub(super) fn run_careless(seed: u64, run: Run) -> Coverage {
        Self::run_with(seed, run, Some(Order::TellFirst))
    }

    fn run_with(seed: u64, run: Run, order: Option<Order>) -> Coverage {
        let clock = Clock::new();
        let start = clock.now();
        let mut dice = Dice::new(seed);
        let limits = choices::limits(&mut dice);
        let mut trace = Trace::new(start, run == Run::Traced);
        trace.line(start, || format!("{limits:?}"));
        let server_seed = dice.number();
        let count = if dice.percent(85) { dice.between(2, 9) } else { dice.between(10, 40) };
        // Many people for a short time, few for a long one.
        let length = Duration::from_secs(12 + 240 / count);
        let mortal = order.map(|order| Mortal::new(start, length, order, Dice::new(!server_seed)));
        let server = SimServer::new(start, limits, server_seed, trace, mortal);
        let clients = (0..count).map(|index| {
            let index = usize::try_from(index).unwrap();
            let mut client = Client::new(start, index, dice.split());
            client.acts_at += client.dice.pause(Duration::from_millis(1), Duration::from_secs(4));
            client
        });
        let clients = clients.collect();
        let mut world = Self {
            clock,
            start,
            dice,
            server,
            clients,
            wires: BTreeMap::new(),
            next_wire: 1024,
            gossip: Vec::new(),
            finals: BTreeMap::new(),
            steps: 0,
        };
        world.live(length);
        let has_lost = world.server.has_lost();
        if !has_lost {
            world.end();
        }
        let steps = world.steps;
        let coverage = world.server.coverage();
        coverage.add("steps", steps);
        coverage.add("seeds in which something was lost", has_lost.into());
        std::mem::take(coverage)
    }

    fn live(&mut self, length: Duration) {
        if self.dice.percent(10) {
            self.run_for(length / 2);
            // The server's machine sleeps, and the clients find it unchanged.
            let slept = self.dice.pause(Duration::from_secs(1), Duration::from_mins(3));
            self.clock.advance(slept);
            self.server.wake(self.now(), slept);
            self.run_for(length / 2);
        } else {
            self.run_for(length);
        }
    }

    /// Lets every client go and time pass, then checks that nothing is left.
    fn end(&mut self) {
        for client in &mut self.clients {
            client.is_leaving = true;
        }
        self.run_until(self.now() + Duration::from_mins(2), |world| world.server.is_quiet());
        assert!(self.server.is_quiet(), "somebody cannot go");
        self.run_until(self.now() + Duration::from_hours(48), |_| false);
        self.server.check_empty();
    }

    const fn now(&self) -> Instant {
        self.clock.now()
    }

    fn run_for(&mut self, length: Duration) {
        self.run_until(self.now() + length, |world| world.server.has_lost());
    }

    fn run_until(&mut self, end: Instant, mut is_so: impl FnMut(&Self) -> bool) {
        let mut at_once = 0;
        loop {
            self.settle();
            if is_so(self) {
                return;
            }
            let Some(next) = self.next_instant().filter(|next| *next <= end) else {
                self.clock.advance_to(end);
                return;
            };
            at_once = if next > self.now() { 0 } else { at_once + 1 };
            assert!(at_once < MAX_STEPS_AT_ONCE, "time stands still: a deadline does not move on");
            self.steps += 1;
            assert!(self.steps < MAX_STEPS, "it never ends");
            self.clock.advance_to(next);
        }
    }

    /// The time of the next event. Timers fire on whole milliseconds, as tokio's do.
    fn next_instant(&self) -> Option<Instant> {
        let round = |deadline: Instant| {
            let since = deadline.saturating_duration_since(self.start);
            self.start + Duration::from_millis(u64::try_from(since.as_nanos().div_ceil(1_000_000)).unwrap())
        };
        let wires = self
            .wires
            .values()
            .filter_map(|(_, wire)| wire.poll_timeout().into_iter().chain(wire.up.poll_timeout()).min());
        let clients = self.clients.iter().filter(|client| client.is_about()).map(Client::poll_timeout);
        wires.chain(clients).chain(self.server.poll_timeout()).min().map(round)
    }

    /// Handles everything that is due at this instant.
    fn settle(&mut self) {
        let now = self.now();
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let ids: Vec<WireId> = self.wires.keys().copied().collect();
        for id in ids {
            let Some((owner, wire)) = self.wires.get_mut(&id) else { continue };
            let owner = *owner;
            while let Some(Delivery { packet, is_corrupt }) = wire.up.poll(now) {
                if !is_corrupt {
                    self.server.handle_datagram(now, wire.addr, &packet);
                }
            }
            if is_due(wire.poll_timeout()) {
                for news in wire.drive(now) {
                    self.bring(owner, id, news);
                }
            }
            self.forget_wire(id);
        }
        for index in 0..self.clients.len() {
            let client = &mut self.clients[index];
            if client.is_about() && client.poll_timeout() <= now {
                if client.link.is_some() && client.is_lost(now) {
                    self.lose_link(index);
                }
                if self.clients[index].acts_at <= now {
                    self.act(index);
                }
            }
        }
        let tokens = self.clients.iter().filter(|client| !client.has_twin).filter_map(|client| client.token);
        self.server.start_again(now, tokens);
        if self.server.handle_timeout(now) {
            self.outlive_server();
        }
        for (addr, datagram) in self.server.take_outbox() {
            if let Some((_, wire)) = self.wires.get_mut(&addr.port()) {
                wire.down.send(now, datagram);
            }
        }
    }

    /// Lets some clients learn at once that the server is gone; the others wait for it to be heard.
    fn outlive_server(&mut self) {
        for index in 0..self.clients.len() {
            if self.clients[index].link.is_some() && self.dice.percent(60) {
                self.lose_link(index);
            }
        }
    }

    fn forget_wire(&mut self, id: WireId) {
        let is_over =
            self.wires.get(&id).is_some_and(|(_, wire)| wire.is_gone() && wire.up.poll_timeout().is_none());
        if is_over && let Some((_, wire)) = self.wires.remove(&id) {
            self.server.forget_told(wire.addr);
        }
    }

    /// Handles an event of a link.
    fn bring(&mut self, owner: usize, id: WireId, news: News) {
        let now = self.now();
        let is_link = self.clients[owner].link == Some(id);
        match news {
            News::Open if is_link => {
                let client = &mut self.clients[owner];
                client.memory.heartbeat = Some(Heartbeat::listening(now));
                let hello = ClientMessage::Hello(Hello { name: client.name, resume: client.resume });
                self.say(id, &hello);
            }
            News::Open => {}
            News::Message(message, bytes) => {
                let addr = self.wires[&id].1.addr;
                let room = self.server.heard(addr, &bytes);
                if let ServerMessage::Event(Event::Snapshot(snapshot)) = &*message {
                    self.compare(room, snapshot);
                }
                if is_link {
                    let client = &mut self.clients[owner];
                    for consequence in client.hear(now, *message, self.server.coverage()) {
                        self.follow(owner, id, consequence);
                    }
                } else if matches!(&*message, ServerMessage::Close(_)) {
                    self.hang_up(id);
                }
            }
            News::Closed if is_link => self.lose_link(owner),
            News::Closed => {
                let ghost = &mut self.clients[owner].ghost;
                *ghost = ghost.filter(|ghost| *ghost != id);
            }
        }
    }

    fn follow(&mut self, owner: usize, id: WireId, consequence: Consequence) {
        match consequence {
            Consequence::Say(message) => {
                if matches!(message, ClientMessage::Command(_)) {
                    self.server.coverage().count("moves said again");
                }
                self.say(id, &message);
            }
            Consequence::GiveUp => {
                self.hang_up(id);
                self.clients[owner].link = None;
                self.lose_link(owner);
            }
            Consequence::Opened(code, passcode) => {
                if !self.gossip.iter().any(|(known, _)| *known == code) {
                    self.gossip.push((code, passcode));
                }
            }
        }
    }

    /// Checks that all clients see the same end of a match. The rooms of a server that has died have no number.
    fn compare(&mut self, room: u64, seen: &Snapshot) {
        if room == 0 || !matches!(seen.phase, Phase::Over(_)) {
            return;
        }
        let first = self.finals.entry((room, seen.match_number)).or_insert_with(|| Box::new(seen.clone()));
        assert_eq!(
            (first.record.moves(), first.phase, first.score, first.branch),
            (seen.record.moves(), seen.phase, seen.score, seen.branch),
            "two saw different ends of match {} in {}",
            seen.match_number,
            seen.code
        );
    }

    fn act(&mut self, index: usize) {
        let now = self.now();
        let client = &mut self.clients[index];
        let action = if client.is_leaving {
            client.acts_at = now + client.dice.pause(Duration::from_millis(100), Duration::from_secs(1));
            client.go()
        } else {
            client.act(now, &self.gossip)
        };
        if !matches!(action, Action::Nothing) {
            self.server.trace.line(now, || format!("client {index}: {action:?}"));
        }
        match action {
            Action::Nothing => {}
            Action::Dial(token) => self.dial(index, token),
            Action::Say(command) => {
                self.note(index, &command);
                if let Some(id) = self.clients[index].link {
                    self.say(id, &ClientMessage::Command(command));
                }
            }
            Action::SayAsGhost(command) => {
                if let Some(id) = self.clients[index].ghost {
                    self.say(id, &ClientMessage::Command(command));
                }
            }
            Action::Quit => {
                if let Some(id) = self.clients[index].link.take() {
                    self.say(id, &ClientMessage::Close(CloseReason::Goodbye));
                    self.hang_up(id);
                }
                self.forget_process(index);
            }
            Action::Die => self.die(index),
            Action::Twin => {
                let client = &mut self.clients[index];
                let (token, ghost) = (client.token, client.link.take());
                client.has_twin = true;
                if let Some(older) = std::mem::replace(&mut client.ghost, ghost) {
                    self.abandon(older);
                }
                self.forget_process(index);
                self.dial(index, token);
            }
            Action::Cut(up, down, length) => {
                if let Some(id) = self.clients[index].link
                    && let Some((_, wire)) = self.wires.get_mut(&id)
                {
                    wire.cut(up, down, now + length);
                }
            }
        }
    }

    /// Passes on the code and the passcode of a new room to other clients.
    fn note(&mut self, index: usize, command: &Command) {
        let (Command::Create { access, .. } | Command::Set { setting: Setting::Access(access) }) = command
        else {
            return;
        };
        let Access::Passcode(passcode) = access else { return };
        let memory = &mut self.clients[index].memory;
        let own = memory.view.as_ref().map(|view| view.room.code);
        match self.gossip.iter_mut().find(|(code, _)| Some(*code) == own) {
            Some((_, told)) => *told = Some(*passcode),
            // The code comes with the answer.
            None => memory.opening = Some(*passcode),
        }
    }

    fn dial(&mut self, index: usize, token: Option<Token>) {
        let now = self.now();
        let client = &mut self.clients[index];
        client.resume = token;
        let id = self.next_wire;
        self.next_wire += 1;
        let addr = SocketAddr::from((Ipv4Addr::new(10, 0, 0, client.household), id));
        let paths = [choices::path(&mut client.dice), choices::path(&mut client.dice)];
        let mut wire = Wire::new(now, addr, paths, self.dice.number());
        wire.drive(now);
        self.wires.insert(id, (index, wire));
        self.clients[index].link = Some(id);
    }

    fn say(&mut self, id: WireId, message: &ClientMessage) {
        let now = self.now();
        if let Some((_, wire)) = self.wires.get_mut(&id) {
            wire.say(now, message);
        }
    }

    /// Ends a link in order.
    fn hang_up(&mut self, id: WireId) {
        let now = self.now();
        if let Some((_, wire)) = self.wires.get_mut(&id) {
            wire.finish(now);
        }
    }

    fn abandon(&mut self, id: WireId) {
        if let Some((_, wire)) = self.wires.get_mut(&id) {
            wire.abandon();
        }
    }

    /// Notes that a process has lost its link and kept its memory.
    fn lose_link(&mut self, index: usize) {
        if let Some(id) = self.clients[index].link.take() {
            self.abandon(id);
        }
        let memory = &mut self.clients[index].memory;
        memory.is_welcome = false;
        memory.heartbeat = None;
    }

    fn die(&mut self, index: usize) {
        let client = &mut self.clients[index];
        for id in [client.link.take(), client.ghost.take()].into_iter().flatten() {
            self.abandon(id);
        }
        self.forget_process(index);
    }

    fn forget_process(&mut self, index: usize) {
        self.clients[index].memory = Memory::default();
    }
}

impl Client {
    /// The process is running or will be.
    const fn is_about(&self) -> bool {
        !self.is_leaving || self.link.is_some() || self.ghost.is_some()
    }
}
