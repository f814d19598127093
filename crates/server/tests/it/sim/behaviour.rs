//! The behaviour of clients: anything, but mostly moves that carry a match forward.

use std::time::{Duration, Instant};

use game_core::{Cell, Rules};
use net::proto::{
    Access, Claim, Command, OfferKind, Passcode, Phase, RoomCode, Seat, Setting, Snapshot, Token,
};

use super::{
    choices,
    client::{Client, Place, View},
    dice::Dice,
};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Rooms that clients have told each other of, with the passcode if they know it.
pub(super) type Gossip = Vec<(RoomCode, Option<Passcode>)>;

/// One action of a client.
#[derive(Debug)]
pub(super) enum Action {
    Nothing,
    /// Opens a link with this token.
    Dial(Option<Token>),
    Say(Command),
    /// Sends a message over the link of the second process, if there is one.
    SayAsGhost(Command),
    /// Quits with a goodbye.
    Quit,
    /// Is killed, or its machine is switched off; files on disk remain.
    Die,
    /// Is started a second time while it runs.
    Twin,
    /// The path fails, up, down or both.
    Cut(bool, bool, Duration),
}

impl Client {
    /// The next action of a client, and the time of the one after it.
    pub(super) fn act(&mut self, now: Instant, gossip: &Gossip) -> Action {
        let busy = self.memory.view.is_some();
        self.acts_at = now + self.dice.pause(50 * MS, if busy { 2 * SECOND } else { 4 * SECOND });
        if let Some(again) = self.insist(now, gossip) {
            return Action::Say(again);
        }
        if self.ghost.is_some() && self.dice.percent(30) {
            return Action::SayAsGhost(anything(&mut self.dice, gossip, self.memory.view.as_ref()));
        }
        if self.link.is_none() {
            return self.come();
        }
        if !self.memory.is_welcome {
            return if self.dice.percent(3) { Action::Die } else { Action::Nothing };
        }
        if let Some(mishap) = self.mishap() {
            return mishap;
        }
        if self.dice.percent(4) {
            return Action::Say(anything(&mut self.dice, gossip, self.memory.view.as_ref()));
        }
        let command = match self.memory.place {
            None => self.look_for_a_room(gossip),
            Some(Place::Seat(_, seat)) => self.sit(now, seat),
            Some(Place::Watching(_)) => self.watch(),
        };
        command.map_or(Action::Nothing, Action::Say)
    }

    /// The way in which a client goes for good.
    pub(super) fn go(&mut self) -> Action {
        match self.dice.between(0, 3) {
            0 => Action::Quit,
            1 => Action::Die,
            _ => match (self.memory.place, &self.memory.view) {
                (Some(_), Some(view)) if view.room.phase == Phase::Playing => {
                    Action::Say(Command::Resign { match_number: view.room.match_number })
                }
                (Some(_), _) => Action::Say(Command::Leave),
                (None, _) => Action::Quit,
            },
        }
    }

    /// A command repeated many times in a row: chat, try one passcode after another, press a key twice.
    fn insist(&mut self, now: Instant, gossip: &Gossip) -> Option<Command> {
        let memory = &mut self.memory;
        if !memory.is_welcome {
            return None;
        }
        if memory.eager == 0 {
            memory.eager = if self.dice.percent(1) { 8 } else { 0 };
            return memory.last_play.clone().filter(|_| self.dice.percent(3));
        }
        memory.eager -= 1;
        self.acts_at = now + 100 * MS;
        if memory.place.is_some() {
            return Some(Command::Say { message: choices::chat_message(&mut self.dice) });
        }
        let (code, _) = gossip.iter().rev().find(|(_, passcode)| passcode.is_some())?;
        Some(Command::Join { code: *code, passcode: Some("wrong".parse().unwrap()) })
    }

    fn come(&mut self) -> Action {
        let own = self.token;
        match self.dice.between(0, 19) {
            0 | 1 => Action::Dial(None),
            2 => {
                let session = net::proto::SessionId(self.dice.between(1, 30));
                let mut secret = [0; net::proto::SECRET_BYTES];
                secret[..8].copy_from_slice(&self.dice.number().to_le_bytes());
                Action::Dial(Some(Token { session: own.map_or(session, |own| own.session), secret }))
            }
            3..=6 => Action::Nothing,
            _ => Action::Dial(own),
        }
    }

    /// Events that befall every client now and then.
    fn mishap(&mut self) -> Option<Action> {
        Some(match self.dice.between(0, 199) {
            0 | 1 => Action::Die,
            2 => Action::Quit,
            3 => Action::Twin,
            4..=6 => {
                let (up, down) = *self.dice.pick(&[(true, true), (true, false), (false, true)]);
                Action::Cut(up, down, self.dice.pause(500 * MS, 25 * SECOND))
            }
            _ => return None,
        })
    }

    fn look_for_a_room(&mut self, gossip: &Gossip) -> Option<Command> {
        let dice = &mut self.dice;
        Some(match dice.between(0, 19) {
            0 | 1 => Command::Browse { rules: dice.percent(30).then(Rules::default) },
            2 => Command::StopBrowsing,
            3..=5 => Command::QuickMatch { terms: dice.percent(30).then(|| choices::terms(dice)) },
            6..=9 => Command::Create { terms: choices::terms(dice), access: access(dice) },
            10..=12 => {
                if let (true, false) = (dice.percent(40), self.memory.adjourned.is_empty()) {
                    Command::Join { code: *dice.pick(&self.memory.adjourned), passcode: None }
                } else {
                    let (code, passcode) = invitation(dice, gossip, &self.memory.listed)?;
                    Command::Join { code, passcode }
                }
            }
            13..=15 => {
                let (code, passcode) = invitation(dice, gossip, &self.memory.listed)?;
                Command::Join { code, passcode }
            }
            16 | 17 => {
                let (code, passcode) = invitation(dice, gossip, &self.memory.listed)?;
                Command::Watch { code, passcode }
            }
            _ => return None,
        })
    }

    fn watch(&mut self) -> Option<Command> {
        match self.dice.between(0, 19) {
            0 => Some(Command::Leave),
            1..=3 => Some(Command::Say { message: choices::chat_message(&mut self.dice) }),
            _ => None,
        }
    }

    fn sit(&mut self, now: Instant, seat: Seat) -> Option<Command> {
        let view = self.memory.view.as_ref()?;
        let dice = &mut self.dice;
        match dice.between(0, 19) {
            0 => return Some(Command::Say { message: choices::chat_message(dice) }),
            1 if dice.percent(40) => return Some(Command::Set { setting: setting(dice) }),
            _ => {}
        }
        let match_number = view.room.match_number;
        match view.room.phase {
            Phase::Waiting | Phase::Adjourned => dice.percent(4).then_some(Command::Leave),
            Phase::Over(_) if view.room.seats[seat.other()].occupant().is_none() => {
                dice.percent(40).then_some(Command::Leave)
            }
            Phase::Over(_) => match dice.between(0, 9) {
                0 => Some(Command::Leave),
                1..=5 => Some(Command::Rematch { match_number }),
                _ => None,
            },
            Phase::Playing => {
                let command = play(now, dice, view, seat);
                if matches!(command, Some(Command::Play { .. })) {
                    self.memory.unconfirmed.clone_from(&command);
                    self.memory.last_play.clone_from(&command);
                }
                command
            }
        }
    }
}

/// The action of a player in a running match.
fn play(now: Instant, dice: &mut Dice, view: &View, seat: Seat) -> Option<Command> {
    let View { room, seen_at } = view;
    let match_number = room.match_number;
    if let Some(claim) = room.claim.filter(|claim| claim.absent != seat) {
        let is_time = now >= *seen_at + Duration::from_millis(claim.in_millis.into());
        if dice.percent(if is_time { 40 } else { 8 }) {
            let claim = *dice.pick(&[Claim::Win, Claim::Draw, Claim::Adjourn]);
            return Some(Command::Claim { match_number, claim });
        }
    }
    if let Some(offer) = room.offer {
        let number = offer.number;
        let is_welcome = offer.kind == OfferKind::Adjourn && offer.by != seat;
        match dice.between(if is_welcome { 2 } else { 0 }, if is_welcome { 3 } else { 9 }) {
            0..=2 => return Some(Command::Accept { number }),
            3 => return Some(Command::Decline { number }),
            _ => {}
        }
    }
    match dice.between(0, 99) {
        0 => Some(Command::Resign { match_number }),
        1 => Some(Command::Claim { match_number, claim: Claim::Win }),
        2 => Some(Command::Leave),
        3..=8 => {
            let kind =
                dice.weighed(&[(2, OfferKind::Draw), (4, OfferKind::Takeback), (5, OfferKind::Adjourn)]);
            Some(Command::Offer { match_number, kind })
        }
        _ if room.to_move() == Some(seat) && dice.percent(80) => Some(a_move(dice, room)),
        _ => None,
    }
}

/// A move that is legal most of the time.
fn a_move(dice: &mut Dice, room: &Snapshot) -> Command {
    let legal: Vec<Cell> = room.record.position().legal_moves().collect();
    let (match_number, branch) = (room.match_number, room.branch);
    let ply = room.record.position().ply();
    let cell = *dice.pick(&legal);
    let play = |match_number, branch, ply, cell| Command::Play { match_number, branch, ply, cell };
    match dice.between(0, 39) {
        0 => play(match_number, branch, ply, Cell::new(18, 18).unwrap()),
        1 => play(match_number, branch, ply, room.record.last().unwrap_or(cell)),
        2 => play(match_number, branch, ply + 1, cell),
        3 => play(match_number, branch + 1, ply, cell),
        4 => play(match_number + 1, branch, ply, cell),
        _ => play(match_number, branch, ply, cell),
    }
}

/// A known or listed room to go to, with a passcode that may be wrong.
fn invitation(dice: &mut Dice, gossip: &Gossip, listed: &[RoomCode]) -> Option<(RoomCode, Option<Passcode>)> {
    if !listed.is_empty() && dice.percent(30) {
        return Some((*dice.pick(listed), dice.percent(20).then(|| choices::passcode(dice))));
    }
    if gossip.is_empty() {
        return None;
    }
    let recent = &gossip[gossip.len().saturating_sub(6)..];
    let (code, told) = *dice.pick(recent);
    let passcode = match dice.between(0, 5) {
        0 => Some(choices::passcode(dice)),
        1 => None,
        _ => told,
    };
    Some((code, passcode))
}

fn access(dice: &mut Dice) -> Access {
    match dice.between(0, 5) {
        0 | 1 => Access::Hidden,
        2 | 3 => Access::Passcode(choices::passcode(dice)),
        _ => Access::Public,
    }
}

fn setting(dice: &mut Dice) -> Setting {
    match dice.between(0, 9) {
        0 => Setting::Access(access(dice)),
        1 | 2 => Setting::Watchable(dice.percent(50)),
        3 | 4 => Setting::WatchersMayChat(dice.percent(50)),
        5 | 6 => Setting::Block(dice.percent(80)),
        _ => Setting::OpenChat,
    }
}

/// A command that need not make sense.
fn anything(dice: &mut Dice, gossip: &Gossip, view: Option<&View>) -> Command {
    let match_number = view.map_or(1, |view| view.room.match_number) + u32::from(dice.percent(20));
    let number =
        view.and_then(|view| view.room.offer).map_or(1, |offer| offer.number) + u32::from(dice.percent(30));
    let (code, passcode) = invitation(dice, gossip, &[])
        .unwrap_or_else(|| (RoomCode::nth(4_321), Some(choices::passcode(dice))));
    match dice.between(0, 15) {
        0 => Command::QuickMatch { terms: None },
        1 => Command::Create { terms: choices::terms(dice), access: access(dice) },
        2 => Command::Join { code, passcode },
        3 => Command::Watch { code, passcode },
        4 => Command::Leave,
        5 | 6 => {
            let ply = u16::try_from(dice.between(0, 8)).unwrap();
            let side = |dice: &mut Dice| u8::try_from(dice.between(0, 3)).unwrap();
            let cell = Cell::new(side(dice), side(dice)).unwrap();
            Command::Play { match_number, branch: 0, ply, cell }
        }
        7 => Command::Resign { match_number },
        8 => Command::Rematch { match_number },
        9 => {
            let kind = *dice.pick(&[OfferKind::Draw, OfferKind::Takeback, OfferKind::Adjourn]);
            Command::Offer { match_number, kind }
        }
        10 => Command::Accept { number },
        11 => Command::Decline { number },
        12 => Command::Claim { match_number, claim: Claim::Draw },
        13 => Command::Say { message: choices::chat_message(dice) },
        14 => Command::Set { setting: setting(dice) },
        _ if dice.percent(50) => Command::StopBrowsing,
        _ => Command::Browse { rules: None },
    }
}
