//! A harness for tests of the front end: a model and the lobby it plays against, without a network.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests need some instant to count from"
)]

mod lan;

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use game_core::{Cell, Level, Rules};
use net::{
    link::Transport,
    proto::{Command, Event, Hello, Name, OfferKind, RoomCode, ServerTime, SessionId, Terms, Token, Welcome},
    server_clock::ServerClock,
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    layout::{Position, Size},
};
use server::lobby::{Admission, DisconnectReason, Limits, Lobby, Origin};
use unicode_width::UnicodeWidthStr;

pub(crate) use self::lan::{LanRoom, lan_games, lan_room};
use crate::{
    cmd::{Cmd, Signal},
    env::ColorDepth,
    game::MoveId,
    goal::Goal,
    keymap::Keymap,
    local::LocalGame,
    model::Model,
    msg::{Msg, NetMsg},
    own_place::{OwnPlace, Reach},
    theme::{Theme, ThemeName},
    update::Start,
    view,
};

/// Ana plays at the model; ben is the other player, played by the test.
#[derive(Debug)]
pub(crate) struct Harness {
    pub(crate) model: Model,
    pub(crate) now: Instant,
    lobby: Lobby,
    /// The start of the lobby's time.
    began: Instant,
    ana: Option<SessionId>,
    ben: Option<Token>,
    local: Option<LocalGame>,
    /// The sessions that took a seat, and their rooms.
    seats: Vec<(SessionId, RoomCode)>,
    /// True while no connection can be made.
    pub(crate) is_cut: bool,
    /// The reason why matches cannot be saved, if they cannot.
    pub(crate) disk_problem: Option<String>,
    /// The effects that the harness does not carry out by itself.
    pub(crate) other_cmds: Vec<Cmd>,
}

/// Some instant to count from.
pub(crate) fn start() -> Instant {
    Instant::now()
}

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn model(width: u16, height: u16) -> Model {
    let theme = Theme { depth: ColorDepth::Sixteen, name: ThemeName::Dark, is_light: false, is_ascii: false };
    let mut model = Model::new(name("ana"), theme, 1, "0042".parse().unwrap());
    model.size = Size { width, height };
    model.new_game.level = Level::Easy;
    model
}

/// Other keys for every binding that can have others: letters that no key has by itself.
pub(crate) fn other_keys() -> Keymap {
    let mut letters = ('а'..='я')
        .chain('α'..='ω')
        .chain('ა'..='ჰ')
        .chain('ա'..='ֆ')
        .chain('à'..='ö')
        .chain('ѐ'..='џ')
        .chain('ɐ'..='ʯ')
        .map(String::from);
    let entries = Keymap::default().rows().into_iter().map(|(name, keys, _)| {
        let count = if keys.len() > 3 { keys.len() } else { 1 };
        let keys = if name == "everywhere.help" {
            vec!["F1".into()]
        } else {
            letters.by_ref().take(count).collect()
        };
        (name, keys)
    });
    let (keymap, problems) = Keymap::rebound(&entries.collect::<Vec<_>>());
    assert_eq!(problems, []);
    keymap
}

impl Harness {
    pub(crate) fn new(rules: Rules) -> Self {
        Self::with_terms(Terms { rules, ..Terms::default() })
    }

    /// A harness with these terms.
    pub(crate) fn with_terms(terms: Terms) -> Self {
        let mut model = model(80, 24);
        model.new_game.terms = terms;
        model.quick_terms = Some(terms);
        let now = start();
        let lobby = Lobby::new(now, Limits::default(), 7);
        Self {
            model,
            now,
            lobby,
            began: now,
            ana: None,
            ben: None,
            local: None,
            seats: Vec::new(),
            is_cut: false,
            disk_problem: None,
            other_cmds: Vec::new(),
        }
    }

    /// Ana joins a server and waits.
    pub(crate) fn join(mut self) -> Self {
        let target = "192.168.1.7".parse().unwrap();
        self.model.start(self.now, Start::Connect(Goal::Join { target, key: None }));
        self.carry_out();
        self
    }

    /// Ben joins, and the match begins: ana plays X.
    pub(crate) fn with_ben(mut self) -> Self {
        self.ben = Some(self.somebody_new("ben"));
        self.ben_asks(Command::QuickMatch { terms: None });
        self
    }

    /// Ben joins by the code, as friends do.
    pub(crate) fn with_friend(mut self) -> Self {
        let code = self.model.online_game().unwrap().snapshot.code;
        self.ben = Some(self.somebody_new("ben"));
        self.ben_asks(Command::Join { code, passcode: None });
        self
    }

    /// Ana starts the program.
    pub(crate) fn begin(&mut self, start: Start) {
        self.model.start(self.now, start);
        self.carry_out();
    }

    /// Ana hosts on a server of her own.
    pub(crate) fn hosts(&mut self, reach: Reach, is_web_open: bool) {
        self.begin(Start::Connect(Goal::Host));
        let web = is_web_open.then(|| "http://192.168.1.9:1952".to_owned());
        self.tell(Msg::Serving(OwnPlace {
            addresses: vec!["192.168.1.9:1952".into()],
            reach,
            web,
            store: None,
        }));
        self.connects();
    }

    /// Another player on the same server.
    pub(crate) fn somebody(&mut self, called: &str) -> SessionId {
        self.somebody_new(called).session
    }

    fn somebody_new(&mut self, called: &str) -> Token {
        let hello = Hello { name: name(called), resume: None };
        self.lobby.connect(self.now, &hello, [2; 16], Origin(2)).unwrap().token
    }

    pub(crate) fn asks(&mut self, who: SessionId, command: Command) {
        self.lobby.handle(self.now, who, command);
        self.drain();
    }

    /// The room of a player.
    pub(crate) fn code_of(&self, who: SessionId) -> RoomCode {
        self.seats.iter().rev().find(|(session, _)| *session == who).map(|(_, code)| *code).unwrap()
    }

    pub(crate) fn ben_asks(&mut self, command: Command) {
        self.asks(self.ben(), command);
    }

    /// The number of rings since the last call.
    pub(crate) fn bells(&mut self) -> usize {
        let before = self.other_cmds.len();
        self.other_cmds.retain(|cmd| !matches!(cmd, Cmd::Signal(Signal::Bell)));
        before - self.other_cmds.len()
    }

    /// The title of the window, if it has one.
    pub(crate) fn title(&self) -> Option<&str> {
        self.other_cmds.iter().rev().find_map(|cmd| match cmd {
            Cmd::Signal(Signal::Title(title)) => Some(title.as_str()),
            _ => None,
        })
    }

    pub(crate) fn ben_plays(&mut self, cell: &str) {
        let snapshot = &self.model.game().unwrap().snapshot;
        let (match_number, branch, ply) =
            (snapshot.match_number, snapshot.branch, snapshot.record.position().ply());
        self.ben_asks(Command::Play { match_number, branch, ply, cell: cell.parse::<Cell>().unwrap() });
    }

    /// Both make a move, so that the match is worth keeping.
    pub(crate) fn both_move(&mut self) {
        for (who, ply, cell) in [(self.ana.unwrap(), 0, "c3"), (self.ben(), 1, "c1")] {
            let cell = cell.parse().unwrap();
            self.asks(who, Command::Play { match_number: 1, branch: 0, ply, cell });
        }
    }

    pub(crate) fn ben_drops(&mut self) {
        self.lobby.disconnect(self.now, self.ben(), DisconnectReason::Lost);
        self.drain();
    }

    /// Ben drops, and the news has not arrived yet.
    pub(crate) fn ben_drops_unseen(&mut self) {
        self.lobby.disconnect(self.now, self.ben(), DisconnectReason::Lost);
    }

    pub(crate) fn ben_quits(&mut self) {
        self.lobby.disconnect(self.now, self.ben(), DisconnectReason::OnPurpose);
        self.drain();
    }

    pub(crate) fn ben_is_silent(&mut self, seconds: u64) {
        let since = self.now;
        self.now += Duration::from_secs(seconds);
        self.lobby.handle_silence(self.now, self.ben(), Some(since));
        self.drain();
    }

    pub(crate) fn ben_is_heard(&mut self) {
        self.lobby.handle_silence(self.now, self.ben(), None);
        self.drain();
    }

    pub(crate) fn ben_returns(&mut self) {
        let hello = Hello { name: name("ben"), resume: self.ben };
        self.lobby.connect(self.now, &hello, [2; 16], Origin(2)).unwrap();
        self.drain();
    }

    /// Ben makes an offer.
    pub(crate) fn ben_offers(&mut self, kind: OfferKind) {
        let match_number = self.model.game().unwrap().snapshot.match_number;
        self.ben_asks(Command::Offer { match_number, kind });
    }

    /// The server answers the last try to return.
    pub(crate) fn ana_returns(&mut self) {
        let last = self.other_cmds.iter().rposition(|cmd| matches!(cmd, Cmd::Dial(_)));
        let Cmd::Dial(dial) = self.other_cmds.remove(last.unwrap()) else { panic!("a dial") };
        self.connect(&Hello { name: self.model.me, resume: dial.resume });
    }

    /// The lobby learns that ana's link is lost.
    pub(crate) fn ana_is_lost(&mut self) {
        self.lobby.disconnect(self.now, self.ana.unwrap(), DisconnectReason::Lost);
        self.drain();
    }

    /// The server pings, and the ping takes no time.
    pub(crate) fn ping(&mut self) {
        let at = u64::try_from(self.now.saturating_duration_since(self.began).as_millis()).unwrap();
        let clock = ServerClock::new(self.now).handle_ping(self.now, ServerTime(at), None);
        self.net(NetMsg::Pinged { rtt: None, clock });
    }

    /// Ben plays, and the news takes so many seconds.
    pub(crate) fn ben_plays_and_it_comes_late(&mut self, cell: &str, seconds: u64) {
        let MoveId { match_number, branch, ply } = self.model.game().unwrap().move_id();
        let command = Command::Play { match_number, branch, ply, cell: cell.parse().unwrap() };
        self.lobby.handle(self.now, self.ben(), command);
        self.now += Duration::from_secs(seconds);
        self.drain();
    }

    /// Tells whether the model returned an effect that the harness does not carry out by itself.
    pub(crate) fn wanted(&self, is_it: impl Fn(&Cmd) -> bool) -> bool {
        self.other_cmds.iter().any(is_it)
    }

    fn ben(&self) -> SessionId {
        self.ben.unwrap().session
    }

    pub(crate) fn key(&mut self, code: KeyCode) {
        self.tell(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE).into()));
    }

    /// Types; `\r` is Enter.
    pub(crate) fn keys(&mut self, text: &str) {
        for character in text.chars() {
            self.key(if character == '\r' { KeyCode::Enter } else { KeyCode::Char(character) });
        }
    }

    /// Clicks on the first place where the screen says this, as soon as it is there.
    #[track_caller]
    pub(crate) fn click(&mut self, text: &str) {
        let screen = self.screen();
        let place = screen.lines().zip(0..).find_map(|(line, y)| {
            let before = line.trim_start_matches('"').split_once(text)?.0;
            Some(Position::new(u16::try_from(before.width()).unwrap(), y))
        });
        let place = place.unwrap_or_else(|| panic!("no {text:?} on\n{screen}"));
        self.click_at(place);
    }

    pub(crate) fn click_at(&mut self, position: Position) {
        if let Some(target) = view::target_at(&self.model, self.now, position) {
            self.tell(Msg::Click { position, target });
        }
    }

    pub(crate) fn ctrl_c(&mut self) {
        self.tell(Msg::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL).into()));
    }

    pub(crate) fn net(&mut self, message: NetMsg) {
        self.tell(Msg::Net(message));
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.lobby.handle_timeout(self.now);
        self.drain();
        self.tell(Msg::Tick);
    }

    /// The screen as text.
    pub(crate) fn screen(&self) -> String {
        draw(&self.model, self.now)
    }

    /// Asserts that the screen shows a text. Line ends and runs of spaces count as one space.
    #[track_caller]
    pub(crate) fn sees(&self, text: &str) {
        let screen = self.screen();
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_there = squeeze(&screen.replace('"', " ")).contains(&squeeze(text));
        assert!(is_there, "no {text:?} on\n{screen}");
    }

    pub(crate) fn tell(&mut self, msg: Msg) {
        self.model.update(self.now, msg);
        self.carry_out();
    }

    pub(crate) fn carry_out(&mut self) {
        for cmd in self.model.take_cmds() {
            match cmd {
                Cmd::Dial(dial) => {
                    if dial.resume.is_some() || self.is_cut {
                        self.other_cmds.push(Cmd::Dial(dial));
                        continue;
                    }
                    self.connect(&Hello { name: self.model.me, resume: None });
                }
                Cmd::HangUp => {
                    if let Some(ana) = self.ana.take() {
                        self.lobby.disconnect(self.now, ana, DisconnectReason::OnPurpose);
                    }
                    self.other_cmds.push(Cmd::HangUp);
                }
                Cmd::Send(command) => {
                    if let Some(ana) = self.ana {
                        self.lobby.handle(self.now, ana, command);
                        self.drain();
                    }
                }
                Cmd::PlayLocal { terms, opponent, moves } => {
                    self.local = LocalGame::new(self.now, self.model.me, terms, opponent).ok();
                    if let Some(game) = &mut self.local {
                        game.play_to(self.now, &moves);
                    }
                    self.drain_local();
                }
                Cmd::KeepMatch(mut kept) => {
                    // 2026-11-23 10:42 in UTC.
                    kept.ended = 1_795_430_520;
                    self.tell(Msg::MatchKept { kept, is_new: true, problem: self.disk_problem.clone() });
                }
                Cmd::SendLocal { seat, command } => {
                    if let Some(game) = &mut self.local {
                        game.handle(self.now, seat, command);
                    }
                    self.drain_local();
                }
                Cmd::EndLocal => self.local = None,
                other => self.other_cmds.push(other),
            }
        }
    }

    /// The server that ana connects to admits her.
    pub(crate) fn connects(&mut self) {
        self.connect(&Hello { name: self.model.me, resume: None });
    }

    fn connect(&mut self, hello: &Hello) {
        let admission = self.lobby.connect(self.now, hello, [1; 16], Origin(1)).unwrap();
        self.ana = Some(admission.token.session);
        self.welcome(&admission);
        self.drain();
    }

    /// The server that ana connects to admits her, and then does nothing that it is asked for.
    pub(crate) fn connects_in_vain(&mut self) {
        let hello = Hello { name: self.model.me, resume: None };
        let admission = self.lobby.connect(self.now, &hello, [1; 16], Origin(1)).unwrap();
        self.welcome(&admission);
    }

    fn welcome(&mut self, admission: &Admission) {
        self.net(NetMsg::Connected(Transport::Tcp));
        self.net(NetMsg::Welcome(Welcome {
            token: admission.token,
            name: admission.name,
            server: name("den"),
            grace_millis: 30_000,
            grace_on_purpose_millis: 10_000,
        }));
    }

    fn drain_local(&mut self) {
        while let Some(event) = self.local.as_mut().and_then(LocalGame::poll_event) {
            self.tell(Msg::Local(event));
        }
    }

    fn drain(&mut self) {
        let mut events: Vec<Event> = Vec::new();
        while let Some(effect) = self.lobby.poll_effect() {
            let Some((to, event)) = effect.into_event() else { continue };
            if let Event::Seated { code, .. } = &event {
                self.seats.extend(to.iter().map(|session| (*session, *code)));
            }
            if self.ana.is_some_and(|ana| to.contains(&ana)) {
                events.push(event);
            }
        }
        for event in events {
            self.net(NetMsg::Event(event));
        }
    }
}

/// Draws a model at its size. Returns the screen as text.
pub(crate) fn draw(model: &Model, now: Instant) -> String {
    let mut terminal = Terminal::new(TestBackend::new(model.size.width, model.size.height)).unwrap();
    terminal.draw(|frame| drop(view::draw(model, now, frame))).unwrap();
    terminal.backend().to_string()
}
