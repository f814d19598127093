//! The edge of the program: the only place that reads the clock, the keys and the network, and draws.
//!
//! It waits for messages, gives all of them to the model, carries out the effects, and then draws once.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it reads the clock and asks the system"
)]

mod files;
mod tasks;

use std::{
    io::{self, Write as _},
    time::Instant,
};

use futures_util::future::OptionFuture;
use game_core::Bot;
use jiff::tz::TimeZone;
use net::{
    connect::TransportChoice,
    proto::{Name, RoomCode},
};
use tokio::{task::yield_now, time::sleep_until};

use self::{
    files::Files,
    tasks::{Tasks, WITHIN},
};
use crate::{
    buttons::Buttons,
    cmd::{Cmd, Dial, SavedSeat, Signal},
    config_file::ConfigFile,
    env::USUAL,
    failure::Failure,
    goal::Goal,
    input::Event,
    keyboard::Keyboard,
    keymap::Action,
    lines::Lines,
    local::LocalGame,
    model::Model,
    msg::Msg,
    plain,
    saved_seats::{self, SavedSeats},
    system::{self, Call, Signals},
    terminal::{self, Terminal},
    update::Start,
    view,
};

/// The exit code of a program that was ended by a signal, as shells expect of an interrupt.
pub const INTERRUPTED: u8 = 130;

/// The end of the program.
#[derive(Debug)]
pub enum Exit {
    /// As the player wished.
    Fine,
    /// By a signal, or because the terminal is gone.
    Interrupted,
    /// By a failure of what it was started for.
    Failed(Failure),
}

/// Tells whether standard input and output are a terminal.
pub fn has_terminal() -> bool {
    terminal::is_there()
}

/// Runs the program until its end, and leaves the terminal as it was.
///
/// # Errors
///
/// Errors of the terminal.
pub async fn run(mut model: Model, start: Start, config_file: Option<ConfigFile>) -> io::Result<Exit> {
    let is_plain = model.config.plain;
    let mut files = Files::open(config_file);
    // A game at this machine leaves saved seats to other runs of the program.
    if matches!(start, Start::Menu | Start::Games { .. } | Start::Connect(Goal::Join { .. })) {
        model.saved_seats = files.seats.as_mut().map(SavedSeats::take_orphans).unwrap_or_default();
    }
    files.read_history();
    if let Some(Msg::History(history)) = files.next_task().await {
        model.history = history;
    }
    model.zone = TimeZone::system();
    model.is_newcomer = !is_plain && saved_seats::is_newcomer();
    // Without a screen, nothing is left out for want of room.
    model.size = if is_plain { USUAL } else { terminal::size() };
    let mut front = if is_plain { Front::Lines(Lines::open()?) } else { Front::take_screen()? };
    // Nobody waits for the answer: the colours follow whenever it comes.
    let asked = (!is_plain && model.theme.depends_on_background()).then_some(Signal::AskBackground);
    let mut runtime = Runtime {
        model,
        files,
        tasks: Tasks::default(),
        exit: None,
        // The size may have changed before its signal was listened to.
        redraw: Redraw::Whole,
        buttons: Buttons::default(),
        to_terminal: asked.into_iter().collect(),
    };
    runtime.model.start(Instant::now(), start);
    runtime.carry_out();
    runtime.keep_files().await;
    let exit = runtime.main_loop(&mut front).await;
    runtime.keep_files().await;
    drop(front);
    if let (Ok(Exit::Fine), Some(line)) = (&exit, &runtime.model.parting) {
        let _closed = writeln!(io::stdout(), "{}", runtime.model.theme.text(line));
    }
    runtime.tasks.end().await;
    exit
}

/// A task for the terminal before the next frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Redraw {
    No,
    Whole,
    /// The program was stopped, and everything may have changed.
    AfterStop,
    AfterSuspend,
}

/// The way to the player.
#[derive(Debug)]
enum Front {
    Screen { terminal: Box<Terminal>, keyboard: Keyboard },
    Lines(Lines),
}

impl Front {
    fn take_screen() -> io::Result<Self> {
        let terminal = Box::new(Terminal::take()?);
        // The terminal is given back if this fails.
        Ok(Self::Screen { terminal, keyboard: Keyboard::open()? })
    }

    /// Waits for events of the terminal; `None` is its end. Lines that have come wait to be taken in.
    async fn next(&mut self) -> Option<Vec<Event>> {
        match self {
            Self::Screen { keyboard, .. } => keyboard.next().await,
            Self::Lines(lines) => {
                lines.wait().await;
                Some(Vec::new())
            }
        }
    }
}

struct Runtime {
    model: Model,
    files: Files,
    tasks: Tasks,
    exit: Option<Exit>,
    redraw: Redraw,
    /// Those of the frame on the screen.
    buttons: Buttons,
    /// The signals for the terminal.
    to_terminal: Vec<Signal>,
}

impl Runtime {
    async fn main_loop(&mut self, front: &mut Front) -> io::Result<Exit> {
        let mut signals = Signals::open()?;
        server::logging::outlive_size_limit()?;
        loop {
            if let Some(exit) = self.exit.take() {
                return Ok(exit);
            }
            let is_shown = match front {
                Front::Screen { terminal, .. } => self.draw(terminal, &mut signals).await,
                Front::Lines(lines) => self.converse(lines).await,
            };
            if is_shown.is_err() {
                // A terminal that cannot be drawn on, or a pipe that nobody reads, is gone.
                return Ok(Exit::Interrupted);
            }
            if self.exit.is_some() {
                continue;
            }

            let timeout = self.poll_timeout(Instant::now());
            tokio::select! {
                biased;
                call = signals.next() => self.obey(call).await,
                // The terminal last: it alone can be ready all the time. Time comes once a second, and messages come
                // only from tasks that run while we wait.
                Some(()) = OptionFuture::from(timeout.map(|at| sleep_until(at.into()))) => self.handle_timeout().await,
                told = self.tasks.next() => self.take_in(told).await,
                typed = front.next() => {
                    self.take_in_typed(typed).await;
                    // While keys come without a pause, this loop never waits, and the connection's task would not run.
                    yield_now().await;
                }
            }
        }
    }

    /// Draws the screen.
    async fn draw(&mut self, terminal: &mut Terminal, signals: &mut Signals) -> io::Result<()> {
        let redraw = std::mem::replace(&mut self.redraw, Redraw::No);
        match redraw {
            Redraw::No => {}
            Redraw::Whole => terminal.forget()?,
            Redraw::AfterStop => terminal.restore()?,
            Redraw::AfterSuspend => suspend(terminal, signals).await?,
        }
        if redraw != Redraw::No {
            self.tell(Instant::now(), Msg::Resize(terminal::size()));
        }
        for signal in self.to_terminal.drain(..) {
            terminal.tell(signal)?;
        }
        let now = Instant::now();
        terminal.draw(|frame| {
            let mut buttons = view::draw(&self.model, now, frame);
            buttons.limit(self.model.config.mouse);
            buttons.follow(&self.buttons);
            self.buttons = buttons;
            !self.buttons.is_empty()
        })
    }

    /// Tells what is new, and takes in the lines that have come.
    async fn converse(&mut self, lines: &mut Lines) -> io::Result<()> {
        loop {
            self.keep_files().await;
            lines.plain.tell(&mut self.model, Instant::now());
            let is_settled = self.model.cmds.is_empty();
            self.carry_out();
            lines.write(self.to_terminal.drain(..), self.model.theme)?;
            if !is_settled {
                continue;
            }
            let is_busy = plain::is_busy(&self.model);
            let now = Instant::now();
            if let Some(line) = lines.take_if(|line| !is_busy || plain::is_urgent(line)) {
                lines.plain.handle_line(&mut self.model, now, &line);
                self.carry_out();
                self.drain_local(now);
                if self.exit.is_none() {
                    continue;
                }
            } else if lines.have_ended() && !is_busy {
                // The second one answers the question of the first.
                self.tell(now, Msg::Act(Action::Quit));
                self.tell(now, Msg::Act(Action::Quit));
            }
            return Ok(());
        }
    }

    async fn obey(&mut self, call: Call) {
        match call {
            // As the key does on a screen.
            Call::Interrupt if self.model.config.plain && Lines::are_typed() => {
                self.handle(Msg::Act(Action::Quit)).await;
            }
            Call::Interrupt | Call::End => self.exit = Some(Exit::Interrupted),
            Call::Continue => self.redraw = Redraw::AfterStop,
            Call::Resize => self.redraw = Redraw::Whole,
        }
    }

    async fn handle_timeout(&mut self) {
        if let Some(game) = &mut self.tasks.local {
            game.handle_timeout(Instant::now());
        }
        self.handle(Msg::Tick).await;
    }

    /// Takes in the messages of the tasks beside the loop, or starts our own server, if it can start now.
    async fn take_in(&mut self, told: Option<Vec<Msg>>) {
        let Some(messages) = told else {
            let seat = self.tasks.waiting.take();
            return self.serve(Instant::now(), seat);
        };
        let connection = self.tasks.connections;
        for message in messages {
            self.handle(message).await;
            if self.tasks.connections != connection {
                // The rest came over a connection that has been replaced.
                break;
            }
        }
    }

    async fn take_in_typed(&mut self, typed: Option<Vec<Event>>) {
        if typed.is_none() {
            self.exit = Some(Exit::Interrupted);
        }
        for event in typed.into_iter().flatten() {
            if let Some(msg) = self.translate(Instant::now(), event) {
                self.handle(msg).await;
            }
        }
    }

    /// Gives the model a message, and what comes of it in the file of the finished matches: a result is on disk before the
    /// next message, and before it is on the screen.
    async fn handle(&mut self, msg: Msg) {
        self.tell(Instant::now(), msg);
        self.keep_files().await;
    }

    async fn keep_files(&mut self) {
        while let Some(told) = self.files.next_task().await {
            self.tell(Instant::now(), told);
        }
    }

    fn tell(&mut self, now: Instant, msg: Msg) {
        self.model.update(now, msg);
        self.carry_out();
        self.drain_local(now);
    }

    fn carry_out(&mut self) {
        for cmd in self.model.take_cmds() {
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
            Cmd::Serve(seat) => self.serve(now, seat),
            Cmd::Dial(Dial { target, resume }) => {
                let transport = if target.is_some() { self.chosen() } else { self.within() };
                if let Some(target) = target.or_else(|| self.tasks.own_server()) {
                    let also = self.model.more_addresses(&target).to_vec();
                    self.tasks.connect((target, also), transport, (self.model.me, resume));
                }
            }
            Cmd::PlayLocal { terms, opponent, moves } => {
                match LocalGame::new(now, self.model.me, terms, opponent) {
                    Ok(mut game) => {
                        game.play_to(now, &moves);
                        self.tasks.local = Some(Box::new(game));
                        self.drain_local(now);
                    }
                    Err(error) => {
                        let hint = "`--level easy` plays on every board".to_owned();
                        let failure =
                            Failure { sentence: error.to_string(), causes: Vec::new(), hint: Some(hint) };
                        self.tell(now, Msg::Failed(failure));
                    }
                }
            }
            Cmd::Send(command) => self.tasks.send(command),
            Cmd::Observe(is_open) => self.tasks.lens.send_modify(|lens| lens.is_open = is_open),
            Cmd::Degrade(config, seed) => {
                self.tasks.lens.send_modify(|lens| lens.conditions = Some((config, seed)));
            }
            Cmd::SeatBot(code) => self.seat_bot(code),
            Cmd::SendLocal { seat, command } => {
                if let Some(game) = &mut self.tasks.local {
                    game.handle(now, seat, command);
                }
            }
            Cmd::HangUp => self.tasks.hang_up(),
            Cmd::EndLocal => self.tasks.local = None,
            Cmd::NotePlayed => saved_seats::note_played(),
            Cmd::KeepMatch(kept) => self.files.keep_match(kept),
            Cmd::ReadHistory => self.files.read_history(),
            Cmd::Export { name, text } => self.tell(now, Msg::Exported(Files::export(&name, &text))),
            Cmd::KeepConfig(changes) => {
                if let Some(told) = self.files.keep_config(&changes) {
                    self.tell(now, told);
                }
            }
            Cmd::Search => self.tasks.search(),
            Cmd::Seek(code) => self.tasks.seek(code),
            Cmd::EndSearch => self.tasks.end_search(),
            Cmd::CheckNetwork => self.tasks.check_network(),
            Cmd::Signal(signal) => self.to_terminal.push(signal),
            Cmd::KeepSeat(seat) => {
                if let Some(seats) = &mut self.files.seats {
                    seats.keep(&seat);
                }
            }
            Cmd::ForgetSeat(token) => {
                if let Some(seats) = &mut self.files.seats {
                    seats.forget(&token);
                }
            }
        }
    }

    /// Lets the bot join a room on our own server, at a level that there is for the board.
    fn seat_bot(&mut self, code: RoomCode) {
        let game = &self.model.new_game;
        if let Ok(bot) = Bot::new(game.bot_level(), &game.terms.rules, self.model.bot_seed) {
            self.tasks.seat_bot(code, bot);
        }
    }

    /// The transport to another machine.
    fn chosen(&self) -> TransportChoice {
        self.model.config.transport.into()
    }

    /// The transport to our own server: the usual one, or in a lab the one that is looked at.
    fn within(&self) -> TransportChoice {
        if self.model.xray.dial.is_some() { self.chosen() } else { WITHIN }
    }

    /// Starts our own server and connects to it, or goes on with the room of a seat.
    fn serve(&mut self, now: Instant, seat: Option<SavedSeat>) {
        let Model { config, xray, me, .. } = &self.model;
        // The room of a lab ends with it.
        let is_kept = xray.dial.is_none();
        if let Some(told) = self.tasks.serve((config, is_kept), self.within(), *me, seat) {
            self.tell(now, told);
        }
    }

    /// Gives the model the events of the local game.
    fn drain_local(&mut self, now: Instant) {
        while let Some(event) = self.tasks.local.as_mut().and_then(|game| game.poll_event()) {
            self.model.update(now, Msg::Local(event));
            self.carry_out();
        }
    }

    fn translate(&mut self, now: Instant, event: Event) -> Option<Msg> {
        Some(match event {
            Event::Key(key) => Msg::Key(key),
            Event::Click(position) => Msg::Click { position, target: self.buttons.seen_at(now, position)? },
            Event::Paste(text) => Msg::Paste(text),
            Event::Focus(is_focused) => Msg::Focus(is_focused),
            Event::Background(color) => Msg::Background(color),
            Event::Resized => {
                self.redraw = Redraw::Whole;
                return None;
            }
        })
    }

    fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let local = self.tasks.local.as_ref().and_then(|game| game.poll_timeout());
        local.into_iter().chain(self.model.poll_timeout(now)).min()
    }
}

/// Gives the terminal to the shell and stops until the shell resumes the program.
async fn suspend(terminal: &mut Terminal, signals: &mut Signals) -> io::Result<()> {
    terminal.lend()?;
    signals.suspend().await?;
    terminal.retake()
}

/// The default name of a player: the login name without what names cannot hold, or else `player`.
///
/// # Panics
///
/// Never: `player` is a name.
pub fn login_name() -> Name {
    Name::sanitize(&system::login().unwrap_or_default())
        .unwrap_or_else(|| "player".parse().expect("six letters"))
}
