//! The way into a room: a connection under way, and the passcode it may need.

use std::time::{Duration, Instant};

use net::{
    connect::ConnectError,
    heartbeat::LOST_AFTER,
    proto::{AdjournedLine, CloseReason, Command, Event, Passcode, Reject, RoomCode, Unseating, Welcome},
};

use crate::{
    arrival::Arrival,
    cmd::Cmd,
    failure::Failure,
    game::{Game, Role},
    goal::{Goal, Preferences},
    lan_list::LanList,
    msg::NetMsg,
    notice::ListNotice,
    online::Session,
    request::Request,
    rooms::Rooms,
    text_input::{InputError, TextInput},
};

/// A connection under way.
#[derive(Debug)]
pub struct Connecting {
    /// The start.
    pub since: Instant,
    /// The goal.
    pub goal: Goal,
    /// The time by which the server has to answer what it was asked for.
    pub answer_by: Option<Instant>,
    /// The session there, as far as it is known.
    pub arrival: Arrival,
    /// The list the room was chosen from, to which a refusal leads back.
    pub list: Option<List>,
    /// The failure of the search for a game whose code is the name of the machine.
    pub tried: Option<Failure>,
    /// The passcode of the room, while it is typed.
    pub passcode: Option<PasscodeForm>,
}

/// A list from which a room was chosen.
#[derive(Debug)]
pub enum List {
    /// The rooms of a server.
    Rooms(Box<Rooms>),
    /// The games on this network.
    Lan(Box<LanList>),
}

/// The passcode of a locked room, as it is typed.
#[derive(Debug)]
pub struct PasscodeForm {
    /// The text.
    pub input: TextInput,
    /// The room.
    pub code: RoomCode,
}

/// The next step of a connection.
#[derive(Debug)]
pub(crate) enum Step {
    /// The connection goes on, or ends in a failure.
    Requests(Vec<Request>),
    /// The room is there.
    Arrived(Box<Game>),
    /// The first part of a list is there.
    Listed(Box<Rooms>),
    /// The room refused us.
    Refused(Reject),
}

/// The time limit of an answer to what was asked for. A server that takes longer than its links live is stuck, though it
/// pings.
const ANSWER_TIMEOUT: Duration = LOST_AFTER;

/// The most characters of a passcode: the longest one takes one byte each.
const MAX_PASSCODE: usize = 32;

impl Connecting {
    /// A connection that begins.
    pub(crate) fn new(since: Instant, goal: Goal) -> Self {
        let arrival = Arrival::default();
        Self { since, goal, answer_by: None, arrival, list: None, tried: None, passcode: None }
    }

    /// Takes in a message of the connection.
    pub(crate) fn handle_net(&mut self, now: Instant, message: NetMsg, preferences: Preferences) -> Step {
        let mut requests = Vec::new();
        match message {
            NetMsg::Connected(transport) => self.arrival.transport = Some(transport),
            NetMsg::Welcome(welcome) => requests = self.handle_welcome(now, &welcome, preferences),
            NetMsg::Event(event) => return self.handle_event(now, event),
            NetMsg::Pinged { clock, .. } => self.arrival.clock = Some(clock),
            NetMsg::Silent { .. } | NetMsg::Heard | NetMsg::Seen(_) => {}
            NetMsg::Closed(reason) => requests = self.handle_close(reason),
            // A server that starts again may still keep the seat.
            NetMsg::Unreachable(error) => requests.push(Request::Fail(self.unreachable(&error))),
        }
        Step::Requests(requests)
    }

    /// Takes in an event before the first snapshot, of a server or of a game at this machine.
    pub(crate) fn handle_event(&mut self, now: Instant, event: Event) -> Step {
        let mut requests = Vec::new();
        match event {
            Event::Seated { seat, .. } => self.arrival.role = Some(Role::Player(seat)),
            Event::Watching { .. } => {
                if let Goal::Watch { key, .. } = &self.goal {
                    self.arrival.role = Some(Role::Watcher { passcode: key.passcode });
                }
            }
            Event::Snapshot(snapshot) => {
                if let Some(game) = self.arrival.enter(now, &self.goal, *snapshot) {
                    return Step::Arrived(Box::new(game));
                }
            }
            // A returning player who has the seat already is where they want to be.
            Event::Rejected { reject: Reject::AlreadySeated, .. }
                if matches!(self.goal, Goal::Return { .. }) => {}
            Event::Rejected { reject, .. } => match self.forget_seat() {
                // The seat is not there any more.
                Some(forget) => requests = vec![forget, Request::Fail(self.refusal(reject))],
                None => return Step::Refused(reject),
            },
            Event::Rooms(part) => {
                if let Some(List::Rooms(rooms)) = &mut self.list {
                    rooms.take_in(now, part);
                } else if let Goal::Browse { target } = &self.goal {
                    let mut rooms = Rooms::new(now, target.clone(), self.arrival.clone());
                    rooms.take_in(now, part);
                    return Step::Listed(Box::new(rooms));
                }
            }
            Event::Adjourned(lines) => requests = self.handle_adjourned(&lines),
            Event::Unseated(why) => {
                requests.extend(self.forget_seat().filter(|_| why == Unseating::RoomClosed));
                requests.extend(Failure::of_unseating(why).map(Request::Fail));
            }
            // The failure to be admitted tells it.
            Event::Said { .. } | Event::NotSaving => {}
        }
        Step::Requests(requests)
    }

    /// The command of the goal, over the connection that stands.
    pub(crate) fn ask(&mut self, now: Instant, preferences: Preferences) -> Option<Command> {
        self.answer_by = Some(now + ANSWER_TIMEOUT);
        self.goal.command(preferences)
    }

    /// Asks the player for the passcode of a room.
    pub(crate) fn ask_passcode(&mut self, code: RoomCode, error: Option<InputError>) {
        let mut input = TextInput::new(MAX_PASSCODE);
        input.error = error;
        self.passcode = Some(PasscodeForm { input, code });
        self.answer_by = None;
    }

    /// Adds the typed passcode to the goal, and tells whether it is one.
    pub(crate) fn unlock(&mut self) -> bool {
        let Some(PasscodeForm { input, .. }) = &mut self.passcode else { return false };
        match Passcode::parse_typed(input.text()) {
            Ok(passcode) => {
                self.goal.unlock(passcode);
                self.passcode = None;
            }
            Err(error) => input.error = Some(InputError::Passcode(error)),
        }
        self.passcode.is_none()
    }

    /// Ends in the failure of a server that has not answered in time, once it has not.
    pub(crate) fn handle_timeout(&self, now: Instant) -> Vec<Request> {
        if self.answer_by.is_none_or(|answer_by| now < answer_by) {
            return Vec::new();
        }
        // A server that pings, and shows a player who returns neither a room nor a match, has none for them.
        if let Some(forget) = self.forget_seat().filter(|_| self.arrival.clock.is_some()) {
            return vec![forget, not_kept()];
        }
        let hint = Some("the host may be stuck: start `oxo host` there again".into());
        vec![Request::Fail(Failure { hint, ..Failure::new(format!("No answer from {}", self.goal.place())) })]
    }

    fn handle_welcome(&mut self, now: Instant, welcome: &Welcome, preferences: Preferences) -> Vec<Request> {
        self.arrival.session = Some(Session {
            // Our own server is on this machine; its port comes with its addresses.
            target: self.goal.target().cloned(),
            server: welcome.server,
            me: welcome.name,
            token: welcome.token,
            grace: Duration::from_millis(welcome.grace_millis.into()),
            grace_on_purpose: Duration::from_millis(welcome.grace_on_purpose_millis.into()),
        });
        let renew = match &mut self.goal {
            Goal::Return { seat, .. } => {
                let old = std::mem::replace(&mut seat.token, welcome.token);
                Some(Request::RenewSeat { old, seat: seat.clone() })
            }
            _ => None,
        };
        let ask = self.ask(now, preferences).map(|command| Cmd::Send(command).into());
        renew.into_iter().chain(ask).collect()
    }

    fn handle_close(&mut self, reason: Option<CloseReason>) -> Vec<Request> {
        if reason == Some(CloseReason::UnknownSession)
            && let Goal::Return { seat, otherwise } = &mut self.goal
            && let Some(goal) = otherwise.take()
        {
            return vec![Request::ForgetSeat(seat.token), Request::Connect(*goal)];
        }
        let is_gone = matches!(reason, Some(CloseReason::UnknownSession | CloseReason::Replaced));
        let forget = self.forget_seat().filter(|_| is_gone);
        let failure =
            reason.map_or_else(|| Failure::new("The server closed the connection"), Failure::of_close);
        forget.into_iter().chain([Request::Fail(failure)]).collect()
    }

    /// Joins the adjourned match that is returned to. A session that still sits in its room has been told so before.
    fn handle_adjourned(&self, lines: &[AdjournedLine]) -> Vec<Request> {
        let Goal::Return { seat, .. } = &self.goal else { return Vec::new() };
        if self.arrival.role.is_some() {
            return Vec::new();
        }
        if lines.iter().any(|line| line.code == seat.code) {
            return vec![Cmd::Send(Command::Join { code: seat.code, passcode: None }).into()];
        }
        vec![Request::ForgetSeat(seat.token), not_kept()]
    }

    /// The failure to reach the server, after that of the search before, if there was one.
    fn unreachable(&self, error: &ConnectError) -> Failure {
        self.tried.as_ref().map_or_else(|| Failure::from(error), |tried| tried.then(error))
    }

    const fn forget_seat(&self) -> Option<Request> {
        if let Goal::Return { seat, .. } = &self.goal { Some(Request::ForgetSeat(seat.token)) } else { None }
    }

    /// The failure that a refusal without another way on ends in.
    pub(crate) fn refusal(&self, reject: Reject) -> Failure {
        let verb = if matches!(self.goal, Goal::Watch { .. }) { "watch" } else { "play" };
        let hint = match (reject, &self.goal) {
            (Reject::NoSuchRoom, _) => {
                Some("check the code, or leave it out to take any open game there".into())
            }
            (Reject::RoomFull, Goal::Join { target, key: Some(key) }) => {
                Some(format!("watch it: `oxo watch {}@{target}`", key.code))
            }
            _ => None,
        };
        let place = self.goal.target().map_or_else(|| self.goal.place(), ToString::to_string);
        let failure = Failure::new(format!("Cannot {verb} on {place}"));
        Failure { causes: vec![reject.to_string()], hint, ..failure }
    }
}

fn not_kept() -> Request {
    Request::Fail(Failure::new("That match is not kept any more"))
}

impl List {
    /// Notes something in the list.
    pub(crate) fn set_notice(&mut self, notice: ListNotice) {
        match self {
            Self::Rooms(rooms) => rooms.notice = Some(notice),
            Self::Lan(list) => list.notice = Some(notice),
        }
    }
}
