//! What comes from the server: the way into a room, the room itself, and the way back into it.

use std::time::{Duration, Instant};

use game_core::{Cell, Rules};
use net::{
    link::Transport,
    proto::{
        Access, AdjournedLine, Command, CommandKind, Event, Phase, Reject, Seat, Snapshot, Unseating, Welcome,
    },
};

use crate::{
    clock::made_at,
    cmd::{Cmd, Opponent, SavedSeat},
    model::{
        Connecting, Game, Goal, Joined, LinkState, Model, MoveId, Online, Overlay, Place, Screen, Sending,
        Unconfirmed,
    },
    msg::{Failure, NetMsg},
    words,
};

impl Model {
    pub(super) fn hear(&mut self, now: Instant, message: NetMsg) -> Vec<Cmd> {
        match message {
            NetMsg::Connected(transport) => self.connected(transport),
            NetMsg::Welcome(welcome) => self.welcomed(&welcome),
            NetMsg::Event(Event::Seated { seat, .. }) => self.seated(seat),
            NetMsg::Event(Event::Snapshot(snapshot)) => self.shown(now, *snapshot),
            NetMsg::Event(Event::Rejected { command, reject }) => self.rejected(command, reject),
            NetMsg::Event(
                Event::Unseated(Unseating::NotWatchable)
                | Event::Watching { .. }
                | Event::Said { .. }
                | Event::Rooms(_),
            ) => Vec::new(),
            NetMsg::Event(Event::Adjourned(lines)) => self.adjourned(lines),
            NetMsg::Event(Event::Unseated(Unseating::Left)) => {
                if let Some(online) = self.game_mut().and_then(Game::online_mut) {
                    online.is_in_room = false;
                }
                Vec::new()
            }
            NetMsg::Event(Event::Unseated(Unseating::RoomClosed)) => {
                let mut cmds = self.forget_seat(self.token());
                cmds.extend(self.fail(failure("The room was closed", Vec::new(), None)));
                cmds
            }
            NetMsg::Pinged { rtt, clock } => self.pinged(rtt, clock),
            NetMsg::Silent { since } => self.set_link(LinkState::Silent { since }),
            NetMsg::Heard => self.set_link(LinkState::Up { rtt: None }),
            NetMsg::Closed(reason) => self.closed(now, reason),
            NetMsg::Unreachable(error) => match self.down_mut() {
                Some(_) => self.try_failed(now),
                None => self.fail(Failure::from(&error)),
            },
        }
    }

    fn connected(&mut self, transport: Transport) -> Vec<Cmd> {
        if let Some(online) = self.game_mut().and_then(Game::online_mut) {
            online.transport = transport;
        } else if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.arrival.transport = Some(transport);
        }
        Vec::new()
    }

    fn welcomed(&mut self, welcome: &Welcome) -> Vec<Cmd> {
        if let Some(online) = self.game_mut().and_then(Game::online_mut) {
            online.link = LinkState::Up { rtt: None };
            online.is_returning = true;
            online.is_in_room = false;
            return Vec::new();
        }
        let Screen::Connecting(connecting) = &mut self.screen else { return Vec::new() };
        let Connecting { goal, arrival, .. } = &mut **connecting;
        let (target, command) = match goal {
            // Our own server is on this machine; its port is told with its addresses.
            Goal::Host => (None, Some(Command::Create { terms: self.terms, access: Access::Public })),
            Goal::Join { target, code: Some(code) } => {
                (Some(target.clone()), Some(Command::Join { code: *code, passcode: None }))
            }
            Goal::Join { target, code: None } => {
                (Some(target.clone()), Some(Command::QuickMatch { terms: self.quick_terms }))
            }
            Goal::Return { seat, .. } => (Some(seat.target.clone()), None),
            Goal::Local { .. } => return Vec::new(),
        };
        arrival.session = Some(Joined {
            target,
            server: welcome.server,
            token: welcome.token,
            grace: Duration::from_millis(welcome.grace_millis.into()),
        });
        command.map(|command| Cmd::Send { seat: Seat::Host, command }).into_iter().collect()
    }

    fn seated(&mut self, seat: Seat) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.arrival.seat = Some(seat);
        } else if let Some(game) = self.game_mut() {
            game.seat = seat;
            if let Some(online) = game.online_mut() {
                online.is_in_room = true;
            }
        }
        Vec::new()
    }

    fn shown(&mut self, now: Instant, snapshot: Snapshot) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &self.screen {
            let Some(game) = arrive(connecting, snapshot, now) else { return Vec::new() };
            let kept = game.saved_seat();
            if let Some(kept) = &kept {
                self.saved_seats.retain(|seat| !seat.is_of(&kept.token));
            }
            self.fails_fast = false;
            self.overlay = None;
            self.screen = Screen::Game(Box::new(game));
            return kept.map(Cmd::KeepSeat).into_iter().collect();
        }
        // A question about a match ends with it.
        if snapshot.phase != Phase::Playing {
            self.overlay.take_if(|overlay| matches!(overlay, Overlay::Confirm(_)));
        }
        match self.game_mut() {
            Some(game) => game.show(now, snapshot),
            None => Vec::new(),
        }
    }

    /// Takes in which matches are adjourned, and joins the one again that is returned to. A session that still sits in
    /// its room has been told so before.
    fn adjourned(&mut self, lines: Vec<AdjournedLine>) -> Vec<Cmd> {
        let is_on_screen = matches!(self.screen, Screen::Game(_));
        if let Some(game) = self.game_mut() {
            if let Some(online) = game.online_mut() {
                online.adjourned = lines;
            }
            return if is_on_screen { game.rejoin() } else { Vec::new() };
        }
        let Screen::Connecting(connecting) = &self.screen else { return Vec::new() };
        let Goal::Return { seat, .. } = &connecting.goal else { return Vec::new() };
        if connecting.arrival.seat.is_some() {
            return Vec::new();
        }
        if lines.iter().any(|line| line.code == seat.code) {
            let command = Command::Join { code: seat.code, passcode: None };
            return vec![Cmd::Send { seat: Seat::Host, command }];
        }
        let token = seat.token;
        let mut cmds = self.forget_seat(Some(token));
        cmds.extend(self.fail(failure("That match is not kept any more", Vec::new(), None)));
        cmds
    }

    fn rejected(&mut self, command: CommandKind, reject: Reject) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &self.screen {
            // To join an adjourned match again and to have the seat already is as good.
            if reject == Reject::AlreadySeated && matches!(connecting.goal, Goal::Return { .. }) {
                return Vec::new();
            }
            let sentence = format!("Cannot play on {}", connecting.what);
            let hint = (reject == Reject::NoSuchRoom)
                .then(|| "check the code, or leave it out to take any open game there".into());
            return self.fail(failure(&sentence, vec![reject.to_string()], hint));
        }
        if let Some(game) = self.game_mut() {
            if command == CommandKind::Play
                && let Some(mv) = game.unconfirmed.take()
                && reject == Reject::Paused
                && mv.sending == Sending::Sent
            {
                game.unconfirmed = Some(Unconfirmed { sending: Sending::Held, ..mv });
                return Vec::new();
            }
            game.notice = Some(format!("Not done: {reject}."));
        }
        Vec::new()
    }
}

impl Game {
    /// Takes in the room as it is now.
    fn show(&mut self, now: Instant, snapshot: Snapshot) -> Vec<Cmd> {
        let kept_before = self.saved_seat().map(|seat| (seat.opponent, seat.is_adjourned));
        let (move_before, shown_before) = (self.move_id(), self.shown_at);
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        self.shown_at = self.made_at(self.snapshot.at, now);
        let news = words::news(&before, shown_before, self);
        if news.is_some() || move_before != self.move_id() || before.phase != self.snapshot.phase {
            self.notice = news;
        }
        if !self.snapshot.record.rules().contains(self.cursor) {
            self.cursor = middle(self.snapshot.record.rules());
        }
        let mut cmds = self.send_on();
        cmds.extend(self.decline_if_muted());
        let kept = self.saved_seat();
        if kept.as_ref().map(|seat| (seat.opponent, seat.is_adjourned)) != kept_before {
            cmds.extend(kept.map(Cmd::KeepSeat));
        }
        cmds
    }

    /// Forgets a move that the room does not wait for any more, and sends one that was held back.
    fn send_on(&mut self) -> Vec<Cmd> {
        let is_returning = self.online_mut().is_some_and(|online| std::mem::take(&mut online.is_returning));
        let Some(mv) = self.unconfirmed.filter(|mv| self.awaits(mv.id)) else {
            self.unconfirmed = None;
            return Vec::new();
        };
        // Over a new link nothing is known of what was sent over the old one.
        let is_held = is_returning || mv.sending == Sending::Held;
        if !is_held {
            return Vec::new();
        }
        if self.snapshot.is_paused() {
            self.unconfirmed = Some(Unconfirmed { sending: Sending::Held, ..mv });
            return Vec::new();
        }
        self.unconfirmed = Some(Unconfirmed { sending: Sending::SentAgain, ..mv });
        vec![Cmd::Send { seat: self.seat, command: mv.command() }]
    }

    /// Whether the room still waits for this half-move: the server never had it.
    fn awaits(&self, id: MoveId) -> bool {
        self.snapshot.phase == Phase::Playing && self.move_id() == id
    }

    /// What a later run of the program needs to return to this seat. Not on our own server: it would end
    /// with us.
    pub(super) fn saved_seat(&self) -> Option<SavedSeat> {
        let joined = &self.online()?.joined;
        Some(SavedSeat {
            target: joined.target.clone()?,
            code: self.snapshot.code,
            token: joined.token,
            opponent: self.snapshot.seats[self.seat.other()].name().copied(),
            is_adjourned: self.snapshot.phase == Phase::Adjourned,
        })
    }
}

/// Makes a game of the first snapshot, once it is known where and in which seat.
fn arrive(connecting: &Connecting, snapshot: Snapshot, now: Instant) -> Option<Game> {
    let arrival = &connecting.arrival;
    let place = match &connecting.goal {
        Goal::Local { opponent: Opponent::Person } => Place::Keyboard,
        Goal::Local { opponent: Opponent::Bot { .. } } => Place::Bot,
        Goal::Host | Goal::Join { .. } | Goal::Return { .. } => Place::Server(Box::new(Online {
            joined: arrival.session.clone()?,
            addresses: arrival.addresses.clone(),
            transport: arrival.transport?,
            link: LinkState::Up { rtt: None },
            clock: arrival.clock,
            is_in_room: true,
            adjourned: Vec::new(),
            is_returning: false,
            tries: 0,
        })),
    };
    let cursor = middle(snapshot.record.rules());
    let shown_at = made_at(arrival.clock.and_then(|clock| clock.instant(snapshot.at)), now);
    Some(Game {
        place,
        seat: arrival.seat?,
        snapshot,
        shown_at,
        cursor,
        unconfirmed: None,
        notice: None,
        is_muted: false,
        declined: None,
        rung_for: None,
    })
}

const fn middle(rules: Rules) -> Cell {
    Cell::new(rules.columns() / 2, rules.rows() / 2).expect("the middle of a board is on it")
}

fn failure(sentence: &str, causes: Vec<String>, hint: Option<String>) -> Failure {
    Failure { sentence: sentence.into(), causes, hint }
}
