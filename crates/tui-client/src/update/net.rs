//! What comes from the server: the way into a room, the room itself, and the way back into it.

use std::time::{Duration, Instant};

use game_core::{Cell, Rules};
use net::{
    link::Transport,
    proto::{AdjournedLine, Command, CommandKind, Event, Phase, Reject, Snapshot, Unseating, Welcome},
};

use crate::{
    clock::made_at,
    cmd::{Cmd, Opponent, SavedSeat},
    failure::Failure,
    model::{
        Connecting, Game, Goal, Joined, LinkState, Model, MoveId, Online, Overlay, Place, Role, Screen,
        Sending, Unconfirmed,
    },
    msg::NetMsg,
    talk::TalkLog,
    words,
};

impl Model {
    pub(super) fn hear(&mut self, now: Instant, message: NetMsg) -> Vec<Cmd> {
        match message {
            NetMsg::Connected(transport) => self.connected(transport),
            NetMsg::Welcome(welcome) => self.welcomed(&welcome),
            NetMsg::Event(event) => self.told(now, event),
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

    fn told(&mut self, now: Instant, event: Event) -> Vec<Cmd> {
        match event {
            Event::Seated { seat, .. } => self.placed(Role::Player(seat)),
            Event::Watching { .. } => self.watching(),
            Event::Snapshot(snapshot) => self.shown(now, *snapshot),
            Event::Rejected { command, reject } => self.rejected(command, reject),
            Event::Said { speaker, name, message } => self.said(speaker, name, message),
            Event::Rooms(part) => self.listed(now, part),
            Event::Adjourned(lines) => self.adjourned(lines),
            Event::Unseated(Unseating::Left) => {
                if let Some(online) = self.online_game_mut().and_then(Game::online_mut) {
                    online.is_in_room = false;
                }
                Vec::new()
            }
            Event::Unseated(Unseating::RoomClosed) => {
                let mut cmds = self.forget_seat(self.token());
                cmds.extend(self.fail(failure("The room was closed", Vec::new(), None)));
                cmds
            }
            Event::Unseated(Unseating::NotWatchable) => {
                self.fail(failure("The room was closed to watchers", Vec::new(), None))
            }
        }
    }

    fn connected(&mut self, transport: Transport) -> Vec<Cmd> {
        if let Some(online) = self.online_game_mut().and_then(Game::online_mut) {
            online.transport = transport;
        } else if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.arrival.transport = Some(transport);
        }
        Vec::new()
    }

    fn welcomed(&mut self, welcome: &Welcome) -> Vec<Cmd> {
        if let Some(game) = self.online_game_mut() {
            return game.welcomed_again(welcome);
        }
        let wish = self.wish();
        let Screen::Connecting(connecting) = &mut self.screen else { return Vec::new() };
        let Connecting { goal, arrival, .. } = &mut **connecting;
        arrival.session = Some(Joined {
            // Our own server is on this machine; its port is told with its addresses.
            target: goal.target().cloned(),
            server: welcome.server,
            me: welcome.name,
            token: welcome.token,
            grace: Duration::from_millis(welcome.grace_millis.into()),
        });
        goal.command(wish).map(Cmd::Send).into_iter().collect()
    }

    /// Notes what we are in the room that we come into, or come back to.
    pub(super) fn placed(&mut self, role: Role) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.arrival.role = Some(role);
        } else if let Some(game) = self.online_game_mut() {
            game.role = role;
            if let Some(online) = game.online_mut() {
                online.is_in_room = true;
            }
        }
        Vec::new()
    }

    /// The same for who watches.
    fn watching(&mut self) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &mut self.screen
            && let Goal::Watch { key, .. } = &connecting.goal
        {
            connecting.arrival.role = Some(Role::Watcher { passcode: key.passcode });
        }
        // After a return the role is what it was.
        Vec::new()
    }

    fn shown(&mut self, now: Instant, snapshot: Snapshot) -> Vec<Cmd> {
        if self.online_game().is_none() {
            return self.arrived(now, snapshot);
        }
        let is_seen = self.game().is_some_and(|game| game.online().is_some());
        self.drop_question(is_seen && snapshot.phase != Phase::Playing);
        self.online_game_mut().map_or_else(Vec::new, |game| game.show(now, snapshot))
    }

    /// Shows the room that we have come into.
    pub(super) fn arrived(&mut self, now: Instant, snapshot: Snapshot) -> Vec<Cmd> {
        let Screen::Connecting(connecting) = &self.screen else { return Vec::new() };
        let Some(game) = arrive(connecting, snapshot, now) else { return Vec::new() };
        let kept = game.saved_seat();
        if let Some(kept) = &kept {
            self.saved_seats.retain(|seat| !seat.is_of(&kept.token));
        }
        // Who comes back to an adjourned match wants to go on with it.
        let is_adjourned = game.snapshot.phase == Phase::Adjourned && !game.is_watching();
        let go_on = is_adjourned.then(|| game.send(game.join_again()));
        self.fails_fast = false;
        self.overlay = None;
        self.screen = Screen::Game(Box::new(game));
        kept.map(Cmd::KeepSeat).into_iter().chain(go_on).collect()
    }

    /// A question about a match ends with it.
    pub(super) fn drop_question(&mut self, is_over: bool) {
        if is_over {
            self.overlay.take_if(|overlay| matches!(overlay, Overlay::Confirm(_)));
        }
    }

    /// Takes in which matches are adjourned, and joins the one again that is returned to. A session that still sits in
    /// its room has been told so before.
    fn adjourned(&mut self, lines: Vec<AdjournedLine>) -> Vec<Cmd> {
        let is_on_screen = matches!(self.screen, Screen::Game(_));
        if self.has_lost_adjourned(&lines) {
            return self.end_adjourned();
        }
        if let Some(game) = self.online_game_mut() {
            if let Some(online) = game.online_mut() {
                online.adjourned = lines;
            }
            return if is_on_screen { game.rejoin() } else { Vec::new() };
        }
        let Screen::Connecting(connecting) = &self.screen else { return Vec::new() };
        let Goal::Return { seat, .. } = &connecting.goal else { return Vec::new() };
        if connecting.arrival.role.is_some() {
            return Vec::new();
        }
        if lines.iter().any(|line| line.code == seat.code) {
            return vec![Cmd::Send(Command::Join { code: seat.code, passcode: None })];
        }
        let token = seat.token;
        let mut cmds = self.forget_seat(Some(token));
        cmds.extend(self.fail(failure("That match is not kept any more", Vec::new(), None)));
        cmds
    }

    /// Whether the adjourned match that we have gone from is not kept any more.
    fn has_lost_adjourned(&self, lines: &[AdjournedLine]) -> bool {
        self.online_game().is_some_and(|game| {
            game.snapshot.phase == Phase::Adjourned
                && game.online().is_some_and(|online| !online.is_in_room && !online.adjourned.is_empty())
                && lines.iter().all(|line| line.code != game.snapshot.code)
        })
    }

    /// Says that the other player has ended the adjourned match, or that its time is over.
    fn end_adjourned(&mut self) -> Vec<Cmd> {
        let seat = self.online_game().and_then(Game::saved_seat);
        let mut cmds = self.forget_seat(seat.map(|seat| seat.token));
        let cause = "the other player has resigned it, or it was kept for as long as the server does";
        cmds.extend(self.fail(failure("Your adjourned match is over", vec![cause.into()], None)));
        cmds
    }

    /// Whether we are on the way back to a seat.
    fn is_returning(&self) -> bool {
        matches!(&self.screen, Screen::Connecting(connecting) if matches!(connecting.goal, Goal::Return { .. }))
    }

    fn rejected(&mut self, command: CommandKind, reject: Reject) -> Vec<Cmd> {
        if let Some(game) = self.online_game_mut() {
            if command == CommandKind::Watch {
                // After the link was lost, and so not again by itself.
                return self.fail(failure(
                    "The room cannot be watched any more",
                    vec![reject.to_string()],
                    None,
                ));
            }
            game.refused(command, reject);
            return Vec::new();
        }
        if let Screen::Rooms(rooms) = &mut self.screen {
            rooms.notice = Some(format!("Not done: {reject}."));
            return Vec::new();
        }
        // To join an adjourned match again and to have the seat already is as good.
        if reject == Reject::AlreadySeated && self.is_returning() {
            return Vec::new();
        }
        if let Some(cmds) = self.help_refused(reject) {
            return cmds;
        }
        let Screen::Connecting(connecting) = &self.screen else { return Vec::new() };
        let verb = if matches!(connecting.goal, Goal::Watch { .. }) { "watch" } else { "play" };
        let sentence = format!("Cannot {verb} on {}", connecting.what);
        let hint = (reject == Reject::NoSuchRoom)
            .then(|| "check the code, or leave it out to take any open game there".into());
        self.fail(failure(&sentence, vec![reject.to_string()], hint))
    }
}

impl Game {
    /// The server has taken us in over a new link.
    fn welcomed_again(&mut self, welcome: &Welcome) -> Vec<Cmd> {
        let role = self.role;
        let code = self.snapshot.code;
        let Some(online) = self.online_mut() else { return Vec::new() };
        online.link = LinkState::Up { rtt: None };
        online.is_returning = true;
        online.is_in_room = false;
        match role {
            Role::Player(_) => Vec::new(),
            Role::Watcher { passcode } => {
                // A new session: only who sits in a room is known again.
                online.joined.token = welcome.token;
                online.joined.me = welcome.name;
                vec![Cmd::Send(Command::Watch { code, passcode })]
            }
        }
    }

    /// Says why something was not done.
    pub(super) fn refused(&mut self, command: CommandKind, reject: Reject) {
        match command {
            CommandKind::Say => return self.talk_refused(reject),
            CommandKind::Play => match self.unconfirmed.take() {
                Some(mv) if reject == Reject::Paused && mv.sending == Sending::Sent => {
                    self.unconfirmed = Some(Unconfirmed { sending: Sending::Held, ..mv });
                    return;
                }
                Some(_) | None => {}
            },
            CommandKind::QuickMatch
            | CommandKind::Create
            | CommandKind::Join
            | CommandKind::Watch
            | CommandKind::Leave
            | CommandKind::Resign
            | CommandKind::Rematch
            | CommandKind::Offer
            | CommandKind::Accept
            | CommandKind::Decline
            | CommandKind::Claim
            | CommandKind::Set
            | CommandKind::Browse
            | CommandKind::StopBrowsing => {}
        }
        self.notice = Some(format!("Not done: {reject}."));
    }

    /// Takes in the room as it is now.
    pub(super) fn show(&mut self, now: Instant, snapshot: Snapshot) -> Vec<Cmd> {
        let kept_before = self.saved_seat().map(|seat| (seat.opponent, seat.is_adjourned));
        let (move_before, shown_before) = (self.move_id(), self.shown_at);
        let change = self.change_to(&snapshot);
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        self.shown_at = self.made_at(self.snapshot.at, now);
        self.talk.is_news = false;
        let news = words::news(&before, shown_before, self).or(change);
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
        vec![self.send(mv.command())]
    }

    /// Whether the room still waits for this half-move: the server never had it.
    fn awaits(&self, id: MoveId) -> bool {
        self.snapshot.phase == Phase::Playing && self.move_id() == id
    }

    /// What a later run of the program needs to return to this seat. Not on our own server: it would end
    /// with us.
    pub(super) fn saved_seat(&self) -> Option<SavedSeat> {
        let joined = &self.online().filter(|_| !self.is_watching())?.joined;
        Some(SavedSeat {
            target: joined.target.clone()?,
            code: self.snapshot.code,
            token: joined.token,
            opponent: self.snapshot.seats[self.viewpoint().other()].name().copied(),
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
        // A list is no room.
        Goal::Browse { .. } => return None,
        Goal::Host | Goal::Join { .. } | Goal::Watch { .. } | Goal::Return { .. } => {
            Place::Server(Box::new(Online {
                joined: arrival.session.clone()?,
                addresses: arrival.addresses.clone(),
                transport: arrival.transport?,
                link: LinkState::Up { rtt: None },
                clock: arrival.clock,
                is_in_room: true,
                adjourned: Vec::new(),
                is_returning: false,
                tries: 0,
            }))
        }
    };
    let cursor = middle(snapshot.record.rules());
    let shown_at = made_at(arrival.clock.and_then(|clock| clock.instant(snapshot.at)), now);
    Some(Game {
        place,
        role: arrival.role?,
        snapshot,
        shown_at,
        cursor,
        unconfirmed: None,
        notice: None,
        notice_until: None,
        passing_notice: None,
        talk: TalkLog::default(),
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
