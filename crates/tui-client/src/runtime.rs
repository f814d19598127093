//! The edge of the program: the one place that reads the clock, the keys and the network, and draws.
//!
//! It waits for anything to happen, takes in all that has happened, carries out what the model wants, and
//! then draws once.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it reads the clock and asks the system"
)]

use std::{
    future::poll_fn,
    io,
    process::ExitCode,
    task::Poll,
    time::{Duration, Instant},
};

use crossterm::event::{Event as TerminalEvent, EventStream, MouseButton, MouseEventKind};
use futures_util::StreamExt;
use net::{addr::ListenAddr, bind::BindError, connect::TransportChoice, link::Transport, proto::Name};
use ratatui::layout::{Position, Size};
use rustix::process::{getpid, kill_process};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::{JoinSet, yield_now},
    time::sleep_until,
};

use crate::{
    cmd::{Cmd, Dial, Signal},
    connection::Connection,
    failure::Failure,
    goal::Goal,
    hangup::{INTERRUPTED, is_terminal_gone, terminal_gone},
    lan_games::LanGames,
    lan_search::LanSearch,
    local::LocalGame,
    model::Model,
    msg::{Msg, NetMsg},
    own_server::OwnServer,
    saved_seats::SavedSeats,
    terminal::{self, Terminal},
    update::Start,
    view,
};

/// Messages taken in before a frame is drawn, so that a flood of keys cannot keep the screen from showing.
const BATCH: usize = 64;

/// What carries messages within the process: nothing is lost there that would have to be sent again.
const WITHIN: TransportChoice = TransportChoice::Only(Transport::Tcp);

/// How long ending the connection may hold up the end of the program.
const HANG_UP_TIMEOUT: Duration = Duration::from_secs(3);

/// What the runtime itself has to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where our own server listens.
    pub listen: ListenAddr,
    /// Whether the rooms of our own server are announced to the network.
    pub is_announced: bool,
    /// What may carry a connection to another machine.
    pub transport: TransportChoice,
    /// Whether the mouse places marks.
    pub has_mouse: bool,
}

/// How the program ended.
#[derive(Debug)]
pub enum Exit {
    /// As the player wished.
    Fine,
    /// By a signal, or because the terminal is gone.
    Interrupted,
    /// It could not do what it was started for.
    Failed(Failure),
}

/// Whether there is a terminal to play in.
pub fn has_terminal() -> bool {
    terminal::is_there()
}

/// Runs the program until its end. The terminal is as it was before when this returns.
///
/// # Errors
///
/// What the terminal reports.
pub async fn run(mut model: Model, start: Start, settings: Settings) -> io::Result<Exit> {
    let mut seats = SavedSeats::open();
    // A game at this machine leaves a kept seat to whoever wants it.
    if matches!(start, Start::Menu | Start::Games { .. } | Start::Connect(Goal::Join { .. })) {
        model.saved_seats = seats.as_mut().map(SavedSeats::take_orphans).unwrap_or_default();
    }
    let mut terminal = Terminal::take(settings.has_mouse)?;
    let size = terminal.screen.size()?;
    model.size = size;
    let mut runtime = Runtime {
        model,
        settings,
        seats,
        local: None,
        online: None,
        own_server: None,
        search: None,
        closing: JoinSet::new(),
        connections: 0,
        is_to_serve: false,
        exit: None,
        redraw: Redraw::No,
        to_terminal: Vec::new(),
    };
    let cmds = runtime.model.start(Instant::now(), start);
    runtime.carry_out(cmds);
    let exit = runtime.main_loop(&mut terminal).await;
    drop(terminal);
    runtime.end().await;
    exit
}

/// What the terminal is to do before the next frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Redraw {
    No,
    Whole,
    AfterSuspend,
}

/// What ended a wait.
#[derive(Debug)]
enum Woken {
    Terminal(Vec<Option<io::Result<TerminalEvent>>>),
    Net(Vec<NetMsg>),
    Lan(LanGames),
    Time,
    /// A goodbye is said.
    Closed,
    Ended,
}

struct Runtime {
    model: Model,
    settings: Settings,
    seats: Option<SavedSeats>,
    /// The game at this machine.
    local: Option<Box<LocalGame>>,
    /// The way to a server. Both go on at once while a room waits.
    online: Option<Connection>,
    own_server: Option<OwnServer>,
    /// The search for games on the network, while somebody wants to know.
    search: Option<LanSearch>,
    /// Connections, servers and searches that are saying their goodbyes.
    closing: JoinSet<()>,
    /// Connections begun and ended so far, so that what comes over an earlier one is not taken for the present one's.
    connections: u64,
    /// Whether to serve once they are said: our own server may still hold the port.
    is_to_serve: bool,
    exit: Option<Exit>,
    redraw: Redraw,
    /// What the terminal is told besides the screen.
    to_terminal: Vec<Signal>,
}

impl Runtime {
    async fn main_loop(&mut self, terminal: &mut Terminal) -> io::Result<Exit> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let gone = terminal_gone();
        tokio::pin!(gone);
        let mut events = EventStream::new();
        loop {
            if let Some(exit) = self.exit.take() {
                return Ok(exit);
            }
            match std::mem::replace(&mut self.redraw, Redraw::No) {
                Redraw::No => {}
                Redraw::Whole => {
                    if terminal.forget().is_err() {
                        return Ok(Exit::Interrupted);
                    }
                }
                Redraw::AfterSuspend => {
                    // Nobody may read keys while the shell does.
                    drop(events);
                    suspend(terminal)?;
                    events = EventStream::new();
                    self.resized(terminal.screen.size()?);
                }
            }
            for signal in self.to_terminal.drain(..) {
                terminal.tell(signal)?;
            }
            let now = Instant::now();
            if terminal.screen.draw(|frame| view::draw(&self.model, now, frame)).is_err() {
                // What cannot be drawn on is gone.
                return Ok(Exit::Interrupted);
            }

            let timeout = self.poll_timeout(now);
            let woken = tokio::select! {
                biased;
                _ = interrupt.recv() => Woken::Ended,
                _ = terminate.recv() => Woken::Ended,
                _ = hang_up.recv() => Woken::Ended,
                () = &mut gone => Woken::Ended,
                // The terminal last: it alone can have something to say all the time. Time comes once a second, and
                // messages only from a task that runs while we wait.
                () = sleep_until_or_forever(timeout) => Woken::Time,
                messages = next_messages(&mut self.online) => Woken::Net(messages),
                Some(_) = self.closing.join_next(), if self.is_to_serve => Woken::Closed,
                games = next_found(&mut self.search) => Woken::Lan(games),
                events = all_ready(&mut events) => Woken::Terminal(events),
            };
            let is_typed = matches!(woken, Woken::Terminal(_));
            if !self.take_in(woken) {
                return Ok(Exit::Interrupted);
            }
            if is_typed {
                // While keys come without a pause we never wait, and the connection's task would not run.
                yield_now().await;
            }
        }
    }

    /// Takes in what happened; `false` when the program has to end.
    fn take_in(&mut self, woken: Woken) -> bool {
        match woken {
            Woken::Ended => return false,
            Woken::Time => {
                let now = Instant::now();
                if let Some(game) = &mut self.local {
                    game.handle_timeout(now);
                }
                self.tell(now, Msg::Tick);
            }
            Woken::Closed => self.serve(Instant::now()),
            Woken::Net(messages) => {
                let connection = self.connections;
                for message in messages {
                    self.tell(Instant::now(), Msg::Net(message));
                    if self.connections != connection {
                        // The rest was said over a connection that is of no more interest.
                        break;
                    }
                }
            }
            Woken::Lan(games) => self.tell(Instant::now(), Msg::Lan(games)),
            Woken::Terminal(events) => {
                for event in events {
                    let Some(Ok(event)) = event else { return false };
                    if let Some(msg) = translate(event) {
                        self.tell(Instant::now(), msg);
                    }
                }
            }
        }
        true
    }

    fn tell(&mut self, now: Instant, msg: Msg) {
        let cmds = self.model.update(now, msg);
        self.carry_out(cmds);
        self.drain_local(now);
    }

    fn resized(&mut self, size: Size) {
        self.tell(Instant::now(), Msg::Resize(size));
    }

    fn carry_out(&mut self, cmds: Vec<Cmd>) {
        for cmd in cmds {
            self.carry_out_one(cmd);
        }
    }

    fn carry_out_one(&mut self, cmd: Cmd) {
        let now = Instant::now();
        match cmd {
            Cmd::Quit => self.exit = Some(Exit::Fine),
            Cmd::Fail(failure) => self.exit = Some(Exit::Failed(failure)),
            Cmd::Suspend => self.redraw = Redraw::AfterSuspend,
            Cmd::Redraw => self.redraw = Redraw::Whole,
            Cmd::Serve => self.serve(now),
            Cmd::Dial(Dial { target, resume }) => {
                let own = self.own_server.as_ref().map(|server| (server.local.clone(), WITHIN));
                let there = target.map(|target| (target, self.settings.transport));
                self.connections += 1;
                if let Some((target, transport)) = there.or(own) {
                    self.online = Some(Connection::dial(target, transport, self.model.me, resume));
                }
            }
            Cmd::PlayLocal { terms, opponent } => match LocalGame::new(now, self.model.me, terms, opponent) {
                Ok(game) => {
                    self.local = Some(Box::new(game));
                    self.drain_local(now);
                }
                Err(error) => {
                    let hint = "`--level easy` plays on every board".to_owned();
                    let failure =
                        Failure { sentence: error.to_string(), causes: Vec::new(), hint: Some(hint) };
                    self.tell(now, Msg::Failed(failure));
                }
            },
            Cmd::Send(command) => {
                if let Some(connection) = &self.online {
                    connection.send(command);
                }
            }
            Cmd::SendLocal { seat, command } => {
                if let Some(game) = &mut self.local {
                    game.handle(now, seat, command);
                }
            }
            Cmd::HangUp => self.hang_up(),
            Cmd::EndLocal => self.local = None,
            Cmd::Search => {
                self.end_search();
                self.search = Some(LanSearch::start());
            }
            Cmd::EndSearch => self.end_search(),
            Cmd::Signal(signal) => self.to_terminal.push(signal),
            Cmd::KeepSeat(seat) => {
                if let Some(seats) = &mut self.seats {
                    seats.keep(&seat);
                }
            }
            Cmd::ForgetSeat(token) => {
                if let Some(seats) = &mut self.seats {
                    seats.forget(&token);
                }
            }
        }
    }

    /// Starts our own server and connects to it.
    fn serve(&mut self, now: Instant) {
        while self.closing.try_join_next().is_some() {}
        self.is_to_serve = !self.closing.is_empty();
        if self.is_to_serve {
            return;
        }
        match OwnServer::start(&self.settings.listen, self.model.me, self.settings.is_announced) {
            Ok(server) => {
                self.online = Some(Connection::dial(server.local.clone(), WITHIN, self.model.me, None));
                let (addresses, is_announced) = (server.addresses.clone(), server.is_announced);
                self.own_server = Some(server);
                self.tell(now, Msg::Serving { addresses, is_announced });
            }
            Err(error) => {
                let causes = error.chain().skip(1).map(ToString::to_string).collect();
                let hint = error.downcast_ref::<BindError>().and_then(BindError::hint);
                let sentence = format!("Cannot host: {error}");
                self.tell(now, Msg::Failed(Failure { sentence, causes, hint }));
            }
        }
    }

    /// Ends the search. Its sockets are closed meanwhile.
    fn end_search(&mut self) {
        if let Some(search) = self.search.take() {
            self.closing.spawn(search.stop());
        }
    }

    /// Gives the model what the local game has to say.
    fn drain_local(&mut self, now: Instant) {
        while let Some(event) = self.local.as_mut().and_then(|game| game.poll_event()) {
            let cmds = self.model.update(now, Msg::Local(event));
            self.carry_out(cmds);
        }
    }

    fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let local = self.local.as_ref().and_then(|game| game.poll_timeout());
        local.into_iter().chain(self.model.poll_timeout(now)).min()
    }

    /// Ends the connection, and the server if it is ours. The goodbyes go out meanwhile.
    fn hang_up(&mut self) {
        self.is_to_serve = false;
        self.connections += 1;
        let online = self.online.take();
        let server = self.own_server.take();
        self.closing.spawn(async move {
            if let Some(connection) = online {
                connection.hang_up().await;
            }
            if let Some(server) = server {
                // Only now: a stop would overtake a leave that is still on its way.
                server.stop().ended().await;
            }
        });
        // Those that have ended are of no more interest.
        while self.closing.try_join_next().is_some() {}
    }

    /// Ends what goes on, and waits until the goodbyes are out.
    async fn end(mut self) {
        self.hang_up();
        self.end_search();
        let all = async { while self.closing.join_next().await.is_some() {} };
        let _too_slow = tokio::time::timeout(HANG_UP_TIMEOUT, all).await;
    }
}

fn translate(event: TerminalEvent) -> Option<Msg> {
    match event {
        TerminalEvent::Key(key) => Some(Msg::Key(key)),
        TerminalEvent::Resize(width, height) => Some(Msg::Resize(Size { width, height })),
        TerminalEvent::Paste(text) => Some(Msg::Paste(text)),
        TerminalEvent::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                Some(Msg::Click(Position::new(mouse.column, mouse.row)))
            }
            _ => None,
        },
        TerminalEvent::FocusGained => Some(Msg::Focus(true)),
        TerminalEvent::FocusLost => Some(Msg::Focus(false)),
    }
}

/// Everything that the terminal has to say, at least one thing; `None` is its end.
///
/// All of it is asked for in one poll: the stream remembers only the first waker that it was given.
async fn all_ready(events: &mut EventStream) -> Vec<Option<io::Result<TerminalEvent>>> {
    poll_fn(|context| {
        // Its end must not be read; see `terminal_gone`.
        if is_terminal_gone(Some(Duration::ZERO)) {
            return Poll::Ready(vec![None]);
        }
        let mut ready = Vec::new();
        while ready.len() < BATCH {
            match events.poll_next_unpin(context) {
                Poll::Ready(event) => ready.push(event),
                Poll::Pending if ready.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(ready)
    })
    .await
}

/// Waits for news of the search; pends for ever without one.
async fn next_found(search: &mut Option<LanSearch>) -> LanGames {
    match search {
        Some(search) => search.next().await,
        None => std::future::pending().await,
    }
}

async fn next_messages(online: &mut Option<Connection>) -> Vec<NetMsg> {
    match online {
        Some(connection) => connection.next().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until_or_forever(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// Gives the terminal to the shell and stops; goes on when the shell says so.
fn suspend(terminal: &mut Terminal) -> io::Result<()> {
    terminal.lend()?;
    kill_process(getpid(), rustix::process::Signal::TSTP)?;
    terminal.retake()
}

impl Exit {
    /// The exit code that says it.
    pub fn code(&self) -> ExitCode {
        match self {
            Self::Fine => ExitCode::SUCCESS,
            Self::Interrupted => ExitCode::from(INTERRUPTED),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

/// The default name of a player: the login name, made fit, else something to say.
///
/// # Panics
///
/// Never: the name that stands in is one.
pub fn login_name() -> Name {
    let login = std::env::var("USER").or_else(|_unset| std::env::var("LOGNAME")).unwrap_or_default();
    Name::sanitize(&login).unwrap_or_else(|| "player".parse().expect("six letters"))
}
