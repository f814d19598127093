//! A client: a process with a link, its files on disk, and the messages it has received.

use std::time::Instant;

use net::{
    heartbeat::{Beat, Heartbeat, Pace},
    proto::{
        ClientMessage, CloseReason, Command, CommandKind, Event, Name, Passcode, Reject, RoomCode, Seat,
        ServerMessage, Snapshot, Token,
    },
};

use super::{coverage::Coverage, dice::Dice};

/// The number of a link, which is its port.
pub(super) type WireId = u16;

/// A client and the person at its keyboard.
pub(super) struct Client {
    pub(super) name: Name,
    pub(super) dice: Dice,
    /// Its address, one of a few.
    pub(super) household: u8,
    pub(super) link: Option<WireId>,
    /// The link of a second process of the same session, which does not know of the first.
    pub(super) ghost: Option<WireId>,
    /// It has been started twice at once, and the other process may have the newer token.
    pub(super) has_twin: bool,
    /// Kept on disk, so it outlives the process.
    pub(super) token: Option<Token>,
    /// The token that the running process shows in its hello.
    pub(super) resume: Option<Token>,
    pub(super) memory: Memory,
    pub(super) acts_at: Instant,
    /// The client goes for good as soon as it can.
    pub(super) is_leaving: bool,
}

/// The memory of a process.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) is_welcome: bool,
    pub(super) heartbeat: Option<Heartbeat>,
    pub(super) place: Option<Place>,
    pub(super) view: Option<View>,
    /// The last move sent and not yet confirmed.
    pub(super) unconfirmed: Option<Command>,
    /// A move that was rejected since the match was paused.
    pub(super) put_off: Option<Command>,
    /// The last move sent, confirmed or not.
    pub(super) last_play: Option<Command>,
    /// The number of chat messages to send, or passcodes to try, without a pause.
    pub(super) eager: u8,
    /// The link is new, and an unconfirmed move must be sent again.
    pub(super) is_back: bool,
    pub(super) adjourned: Vec<RoomCode>,
    pub(super) listed: Vec<RoomCode>,
    /// The passcode of the room that it opens.
    pub(super) opening: Option<Passcode>,
}

/// The client's place, as the server has told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Seat(RoomCode, Seat),
    Watching(RoomCode),
}

/// The last snapshot.
#[derive(Debug)]
pub(super) struct View {
    pub(super) room: Box<Snapshot>,
    pub(super) seen_at: Instant,
}

/// The consequence of a message for the world around the client.
#[derive(Debug)]
pub(super) enum Consequence {
    /// A message to send.
    Say(ClientMessage),
    /// The link is no longer of use.
    GiveUp,
    /// A room was opened, and its code is passed on to other clients.
    Opened(RoomCode, Option<Passcode>),
}

impl Client {
    pub(super) fn new(now: Instant, index: usize, mut dice: Dice) -> Self {
        // Two in three have a name like that of others, or one that looks like it.
        let name =
            ["ann", "bob", "a name of 16 ch.", "ann", "bоb", "а name of 16 ch."][index % 6].parse().unwrap();
        let household = u8::try_from(dice.between(0, 4)).unwrap();
        Self {
            name,
            dice,
            household,
            link: None,
            ghost: None,
            has_twin: false,
            token: None,
            resume: None,
            memory: Memory::default(),
            acts_at: now,
            is_leaving: false,
        }
    }

    /// Handles a message.
    pub(super) fn hear(
        &mut self,
        now: Instant,
        message: ServerMessage,
        coverage: &mut Coverage,
    ) -> Vec<Consequence> {
        if let Some(heartbeat) = &mut self.memory.heartbeat {
            heartbeat.handle_message(now);
            if let Some(pace) = Pace::after(&message) {
                heartbeat.set_pace(now, pace);
            }
        }
        match message {
            ServerMessage::Welcome(welcome) => {
                if self.resume.is_some_and(|token| token.session == welcome.session()) {
                    coverage.count("returns by token");
                    self.memory.is_back = true;
                    // Whoever has a seat is told so next.
                    self.memory.place = None;
                } else {
                    self.memory = Memory { heartbeat: self.memory.heartbeat.take(), ..Memory::default() };
                }
                self.token = Some(welcome.token);
                self.memory.is_welcome = true;
                Vec::new()
            }
            ServerMessage::Ping { nonce, .. } => vec![Consequence::Say(ClientMessage::Pong { nonce })],
            ServerMessage::Close(reason) => {
                if reason == CloseReason::UnknownSession {
                    coverage.count("tokens refused");
                    self.token = None;
                }
                vec![Consequence::GiveUp]
            }
            ServerMessage::Event(event) => self.learn(now, event),
            ServerMessage::Answer(_) => unreachable!("nobody here asks"),
        }
    }

    fn learn(&mut self, now: Instant, event: Event) -> Vec<Consequence> {
        let memory = &mut self.memory;
        match event {
            Event::Seated { code, seat } => {
                memory.place = Some(Place::Seat(code, seat));
                if memory.view.as_ref().is_some_and(|view| view.room.code != code) {
                    memory.view = None;
                }
                return if seat == Seat::Host {
                    vec![Consequence::Opened(code, memory.opening.take())]
                } else {
                    Vec::new()
                };
            }
            Event::Watching { code } => memory.place = Some(Place::Watching(code)),
            Event::Unseated(_) => {
                memory.place = None;
                memory.view = None;
                memory.unconfirmed = None;
                memory.put_off = None;
            }
            Event::Snapshot(room) => {
                let (code, said) = (room.code, self.see(now, room));
                let is_there = matches!(
                    self.memory.place,
                    Some(Place::Seat(mine, _) | Place::Watching(mine)) if mine == code
                );
                assert!(is_there, "shown the room {code}, and is at {:?}", self.memory.place);
                return said
                    .map(|again| Consequence::Say(ClientMessage::Command(again)))
                    .into_iter()
                    .collect();
            }
            Event::Rejected { command, reject } => {
                if command == CommandKind::Play {
                    let unconfirmed = memory.unconfirmed.take();
                    if reject == Reject::Paused {
                        memory.put_off = unconfirmed;
                    }
                }
            }
            Event::Said { .. } | Event::NotSaving => {}
            Event::Rooms(list) => {
                if list.first == 0 {
                    memory.listed.clear();
                }
                memory.listed.extend(list.rooms.iter().map(|line| line.code));
            }
            Event::Adjourned(lines) => memory.adjourned = lines.iter().map(|line| line.code).collect(),
        }
        Vec::new()
    }

    /// Handles a snapshot. Returns the move that must be sent again.
    fn see(&mut self, now: Instant, room: Box<Snapshot>) -> Option<Command> {
        let memory = &mut self.memory;
        let waits_for = |play: &Command| match play {
            Command::Play { match_number, branch, ply, .. } => {
                room.match_number == *match_number
                    && room.branch == *branch
                    && room.record.position().ply() == *ply
                    && room.to_move().is_some()
            }
            _ => false,
        };
        if !memory.unconfirmed.as_ref().is_some_and(waits_for) {
            memory.unconfirmed = None;
        }
        let is_back = std::mem::take(&mut memory.is_back);
        let mut again = memory.unconfirmed.clone().filter(|_| is_back);
        if !room.is_paused()
            && let Some(put_off) = memory.put_off.take_if(|put_off| waits_for(put_off))
        {
            memory.unconfirmed = Some(put_off.clone());
            again = Some(put_off);
        }
        memory.view = Some(View { room, seen_at: now });
        again
    }

    /// `true` if the link is to be given up because it is silent.
    pub(super) fn is_lost(&mut self, now: Instant) -> bool {
        let Some(heartbeat) = &mut self.memory.heartbeat else { return false };
        while let Some(beat) = heartbeat.handle_timeout(now) {
            if beat == Beat::Lost {
                return true;
            }
        }
        false
    }

    pub(super) fn poll_timeout(&self) -> Instant {
        let heartbeat = self.memory.heartbeat.as_ref().map(Heartbeat::poll_timeout);
        heartbeat.into_iter().fold(self.acts_at, Instant::min)
    }
}
