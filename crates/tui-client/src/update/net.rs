//! What comes from the server: the way into a room, the room itself, and the way back into it.

use std::time::{Duration, Instant};

use game_core::{Cell, Rules};
use net::{
    link::Transport,
    proto::{
        CloseReason, Command, CommandKind, Event, Phase, Presence, Reject, Snapshot, Unseating, Welcome,
    },
};

use crate::{
    cmd::{Cmd, Dial, Opponent, SavedSeat},
    model::{
        Connecting, Down, Game, Goal, Joined, LinkState, Model, Online, Overlay, Place, Retry, Role, Screen,
    },
    msg::{Failure, NetMsg},
    talk::TalkLog,
};

/// How long after a failed try the next one begins: at once, then rarer, but never so rare that a link which
/// works again stays unused for long.
const BACK_OFF: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

impl Model {
    pub(super) fn hear(&mut self, now: Instant, message: NetMsg) -> Vec<Cmd> {
        match message {
            NetMsg::Connected(transport) => self.connected(transport),
            NetMsg::Welcome(welcome) => self.welcomed(&welcome),
            NetMsg::Event(event) => self.told(now, event),
            NetMsg::Rtt(rtt) => {
                // A link that has carried a ping and its answer counts as one that holds.
                if let Some(online) = self.online_game_mut().and_then(Game::online_mut) {
                    online.tries = 0;
                }
                self.set_link(LinkState::Up { rtt: Some(rtt) })
            }
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
            Event::Said { speaker, name, talk } => self.said(speaker, name, talk),
            Event::Rooms(part) => self.listed(now, part),
            Event::Unseated(Unseating::Left) | Event::Adjourned(_) => Vec::new(),
            Event::Unseated(Unseating::RoomClosed) => {
                self.fail(failure("The room was closed", Vec::new(), None))
            }
            Event::Unseated(Unseating::NotWatchable) => {
                self.fail(failure("The room was closed to watchers", Vec::new(), None))
            }
        }
    }

    /// Tries to return to the seat if its time has come.
    pub(super) fn retry_if_due(&mut self, now: Instant) -> Vec<Cmd> {
        match self.down_mut() {
            Some(Down { retry: Retry::At(at), .. }) if *at <= now => self.retry_now(),
            Some(_) | None => Vec::new(),
        }
    }

    /// Tries to return to the seat.
    pub(super) fn retry_now(&mut self) -> Vec<Cmd> {
        let Some(game) = self.online_game_mut() else { return Vec::new() };
        // Who watches has no seat to return to, and comes as somebody new.
        let is_player = !game.is_watching();
        let Some(online) = game.online_mut() else { return Vec::new() };
        let resume = is_player.then_some(online.joined.token);
        let dial = Dial { target: online.joined.target.clone(), resume };
        match &mut online.link {
            LinkState::Down(down) if down.retry != Retry::UnderWay => {
                down.tries += 1;
                online.tries = down.tries;
                down.retry = Retry::UnderWay;
                vec![Cmd::Dial(dial)]
            }
            LinkState::Down(_) | LinkState::Up { .. } | LinkState::Silent { .. } => Vec::new(),
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
        let access = self.access();
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
        goal.command(access).map(Cmd::Send).into_iter().collect()
    }

    /// Notes what we are in the room that we come into, or come back to.
    pub(super) fn placed(&mut self, role: Role) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.arrival.role = Some(role);
        } else if let Some(game) = self.online_game_mut() {
            game.role = role;
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
        if kept.is_some() {
            self.saved_seat = None;
        }
        self.fails_fast = false;
        self.overlay = None;
        self.screen = Screen::Game(Box::new(game));
        kept.map(Cmd::KeepSeat).into_iter().collect()
    }

    /// A question about a match ends with it.
    pub(super) fn drop_question(&mut self, is_over: bool) {
        if is_over {
            self.overlay.take_if(|overlay| matches!(overlay, Overlay::Confirm(_)));
        }
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
        if self.is_helped(reject) {
            return Vec::new();
        }
        let Screen::Connecting(connecting) = &self.screen else { return Vec::new() };
        let verb = if matches!(connecting.goal, Goal::Watch { .. }) { "watch" } else { "play" };
        let sentence = format!("Cannot {verb} on {}", connecting.what);
        let hint = (reject == Reject::NoSuchRoom)
            .then(|| "check the code, or leave it out to take any open game there".into());
        self.fail(failure(&sentence, vec![reject.to_string()], hint))
    }

    fn closed(&mut self, now: Instant, reason: Option<CloseReason>) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &mut self.screen
            && reason == Some(CloseReason::UnknownSession)
            && let Goal::Return { otherwise, .. } = &mut connecting.goal
            && let Some(goal) = otherwise.take()
        {
            let mut cmds = vec![Cmd::ForgetSeat];
            cmds.extend(self.connect(now, *goal));
            return cmds;
        }
        let sentence = match (reason, self.online_game().is_some()) {
            (Some(CloseReason::UnknownSession), _) => "Your seat is gone",
            (Some(CloseReason::Replaced), _) => "Your game goes on in another window",
            (_, false) => "The server closed the connection",
            (_, true) => return self.lost(now, reason),
        };
        let causes = reason.map(|reason| reason.to_string()).into_iter().collect();
        let hint = (reason == Some(CloseReason::UnknownSession)).then(|| {
            "the server was restarted, or you were away for longer than it keeps a seat; join again".into()
        });
        let is_gone = matches!(reason, Some(CloseReason::UnknownSession | CloseReason::Replaced));
        let mut cmds: Vec<Cmd> = is_gone.then_some(Cmd::ForgetSeat).into_iter().collect();
        if is_gone {
            self.saved_seat = None;
        }
        cmds.extend(self.fail(failure(sentence, causes, hint)));
        cmds
    }

    fn lost(&mut self, now: Instant, reason: Option<CloseReason>) -> Vec<Cmd> {
        if self.down_mut().is_some() {
            return self.try_failed(now);
        }
        let is_over = self.online_game().is_some_and(|game| matches!(game.snapshot.phase, Phase::Over(_)));
        let Some(online) = self.online_game_mut().and_then(Game::online_mut) else { return Vec::new() };
        // After the match there is nothing to return to but a server that still stands.
        let retry = if is_over && reason == Some(CloseReason::ShuttingDown) {
            Retry::OnDemand
        } else {
            Retry::At(now + back_off(online.tries))
        };
        online.link = LinkState::Down(Down { since: now, reason, tries: online.tries, retry });
        Vec::new()
    }

    fn try_failed(&mut self, now: Instant) -> Vec<Cmd> {
        let grace =
            self.online_game().and_then(Game::online).map_or(Duration::ZERO, |online| online.joined.grace);
        if let Some(down) = self.down_mut() {
            let is_kept = down.kept_for(grace, now) > Duration::ZERO;
            down.retry = if is_kept { Retry::At(now + back_off(down.tries)) } else { Retry::OnDemand };
        }
        Vec::new()
    }

    fn set_link(&mut self, link: LinkState) -> Vec<Cmd> {
        if let Some(online) = self.online_game_mut().and_then(Game::online_mut)
            && !matches!(online.link, LinkState::Down(_))
        {
            online.link = link;
        }
        Vec::new()
    }

    fn down_mut(&mut self) -> Option<&mut Down> {
        match &mut self.online_game_mut()?.online_mut()?.link {
            LinkState::Down(down) => Some(down),
            LinkState::Up { .. } | LinkState::Silent { .. } => None,
        }
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
            CommandKind::Play => self.unconfirmed = None,
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
        let was_out =
            matches!(self.opponent_presence(), Some(Presence::Silent { .. } | Presence::Away { .. }));
        let change = self.change_to(&snapshot);
        self.snapshot = snapshot;
        self.shown_at = now;
        self.talk.is_news = false;
        let is_back = was_out && self.opponent_presence() == Some(Presence::Present);
        let opponent = self.snapshot.seats[self.viewpoint().other()].name();
        self.notice = opponent.filter(|_| is_back).map(|name| format!("{name} is back.")).or(change);
        if !self.snapshot.record.rules().contains(self.cursor) {
            self.cursor = middle(self.snapshot.record.rules());
        }
        let is_returning = self.online_mut().is_some_and(|online| std::mem::take(&mut online.is_returning));
        match self.unconfirmed {
            Some(mv) if !is_returning && self.awaits(mv.match_number, mv.ply) => Vec::new(),
            Some(mv) if self.awaits(mv.match_number, mv.ply) => {
                let command = Command::Play {
                    match_number: mv.match_number,
                    branch: mv.branch,
                    ply: mv.ply,
                    cell: mv.cell,
                };
                vec![self.send(command)]
            }
            _ => {
                self.unconfirmed = None;
                Vec::new()
            }
        }
    }

    /// Whether the room still waits for this half-move: the server never had it.
    fn awaits(&self, match_number: u32, ply: u16) -> bool {
        self.snapshot.phase == Phase::Playing
            && self.snapshot.match_number == match_number
            && self.snapshot.record.position().ply() == ply
    }

    /// What a later run of the program needs to return to this seat. Not on our own server: it would end
    /// with us.
    pub(super) fn saved_seat(&self) -> Option<SavedSeat> {
        let joined = &self.online().filter(|_| !self.is_watching())?.joined;
        Some(SavedSeat { target: joined.target.clone()?, code: self.snapshot.code, token: joined.token })
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
        Goal::Host { .. } | Goal::Join { .. } | Goal::Watch { .. } | Goal::Return { .. } => {
            Place::Server(Box::new(Online {
                joined: arrival.session.clone()?,
                addresses: arrival.addresses.clone(),
                transport: arrival.transport?,
                link: LinkState::Up { rtt: None },
                is_returning: false,
                tries: 0,
            }))
        }
    };
    let cursor = middle(snapshot.record.rules());
    Some(Game {
        place,
        role: arrival.role?,
        snapshot,
        shown_at: now,
        cursor,
        unconfirmed: None,
        notice: None,
        talk: TalkLog::default(),
        is_muted: false,
    })
}

/// How long to wait before the next try, after so many.
fn back_off(tries: u32) -> Duration {
    let step = usize::try_from(tries).unwrap_or(usize::MAX).min(BACK_OFF.len() - 1);
    BACK_OFF[step]
}

const fn middle(rules: Rules) -> Cell {
    Cell::new(rules.columns() / 2, rules.rows() / 2).expect("the middle of a board is on it")
}

fn failure(sentence: &str, causes: Vec<String>, hint: Option<String>) -> Failure {
    Failure { sentence: sentence.into(), causes, hint }
}
