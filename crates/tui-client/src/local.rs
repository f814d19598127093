//! A game at this machine: the lobby of a server, with both seats held here.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it reads the clock and asks the system"
)]

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use game_core::{Bot, BotError, Cell};
use net::proto::{Access, Command, Event, Hello, Name, OfferKind, PerSeat, Seat, SessionId, Snapshot, Terms};
use server::lobby::{Limits, Lobby, Origin};

use crate::{bot_player, cmd::Opponent};

/// Both players of a local game, and the lobby that decides it. Follows the lobby's drain rule.
#[derive(Debug)]
pub struct LocalGame {
    lobby: Lobby,
    sessions: PerSeat<SessionId>,
    /// The seat of the player; at one keyboard the host's stands for both.
    own: Seat,
    /// The bot in the other seat, if no person sits there.
    bot: Option<Bot>,
    /// The next command of a seat that nobody plays by keys, and its time: the bot's, or the consent to a takeback.
    plan: Option<(Instant, Seat, Command)>,
    events: VecDeque<Event>,
}

impl LocalGame {
    /// Seats both players and begins the first match.
    ///
    /// # Errors
    ///
    /// [`BotError`] if there is no bot of that level for these rules.
    ///
    /// # Panics
    ///
    /// Never: an empty lobby takes two sessions.
    pub fn new(now: Instant, me: Name, terms: Terms, opponent: Opponent) -> Result<Self, BotError> {
        let (names, own, bot) = match opponent {
            Opponent::Person { names } => (names, Seat::Host, None),
            Opponent::Bot { level, seed, begins } => {
                let bot = Some(Bot::new(level, &terms.rules, seed)?);
                let its_name = bot_player::name();
                // The host plays X in the first match.
                if begins { ([its_name, me], Seat::Guest, bot) } else { ([me, its_name], Seat::Host, bot) }
            }
        };
        let mut limits = Limits::default();
        if bot.is_none() {
            // Two people at one screen see an offer as soon as it is made.
            limits.offer_opens_after = Duration::ZERO;
        }
        let mut lobby = Lobby::new(now, limits, 0);
        let [host, guest] = names.map(|name| {
            let hello = Hello { name, resume: None };
            lobby.connect(now, &hello, [0; 16], Origin(0)).expect("an empty lobby takes two").token.session
        });
        let mut game =
            Self { lobby, sessions: PerSeat { host, guest }, own, bot, plan: None, events: VecDeque::new() };
        game.handle(now, Seat::Host, Command::Create { terms, access: Access::Public });
        game.handle(now, Seat::Guest, Command::QuickMatch { terms: None });
        Ok(game)
    }

    /// Plays the moves of another match, to go on from there. Of what happens then, only the end is told.
    pub fn play_to(&mut self, now: Instant, moves: &[Cell]) {
        for (ply, cell) in (0..).zip(moves) {
            // The host plays X in the first match.
            let seat = if ply % 2 == 0 { Seat::Host } else { Seat::Guest };
            let command = Command::Play { match_number: 1, branch: 0, ply, cell: *cell };
            self.handle(now, seat, command);
        }
        let last = self.events.iter().rposition(|event| matches!(event, Event::Snapshot(_)));
        let mut places = 0..;
        self.events.retain(|event| {
            let place = places.next();
            !matches!(event, Event::Snapshot(_)) || place == last
        });
    }

    /// Handles a command of a seat.
    pub fn handle(&mut self, now: Instant, seat: Seat, command: Command) {
        self.lobby.handle(now, self.sessions[seat], command);
        self.drain(now);
        if self.bot.is_none() {
            self.follow_plan(now);
        }
    }

    /// Lets the bot and the lobby do what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.follow_plan(now);
        self.lobby.handle_timeout(now);
        self.drain(now);
    }

    /// The next event of the lobby; `None` once there is none.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The time of the next call of [`handle_timeout`](Self::handle_timeout).
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let planned = self.plan.as_ref().map(|(at, ..)| *at);
        planned.into_iter().chain(self.lobby.poll_timeout()).min()
    }

    fn follow_plan(&mut self, now: Instant) {
        if let Some((_, seat, command)) = self.plan.take_if(|(at, ..)| *at <= now) {
            self.handle(now, seat, command);
        }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(effect) = self.lobby.poll_effect() {
            let Some((to, event)) = effect.into_event() else { continue };
            if let Event::Snapshot(snapshot) = &event {
                self.plan = match &mut self.bot {
                    Some(bot) => {
                        let seat = self.own.other();
                        let planned = bot_player::plan(bot, snapshot, seat);
                        planned.map(|(after, command)| (now + after, seat, command))
                    }
                    None => consent(snapshot).map(|(seat, command)| (now, seat, command)),
                };
            }
            // At one keyboard the screen stands for both seats: it shows the host's events and the guest's rejects.
            let is_mine = to.contains(&self.sessions[self.own]);
            if is_mine || matches!(event, Event::Rejected { .. }) {
                self.events.push_back(event);
            }
        }
    }
}

/// The consent to a takeback between two people at one keyboard: they have agreed before the key is pressed.
fn consent(snapshot: &Snapshot) -> Option<(Seat, Command)> {
    let offer = snapshot.offer.filter(|offer| offer.kind == OfferKind::Takeback)?;
    Some((offer.by.other(), Command::Accept { number: offer.number }))
}

#[cfg(test)]
mod tests {
    use game_core::Level;
    use net::proto::Phase;

    use super::*;
    use crate::test_harness::name;

    #[test]
    fn the_bot_answers_every_move_until_the_end_and_takes_a_rematch() {
        let mut now = Instant::now();
        let opponent = Opponent::Bot { level: Level::Perfect, seed: 1, begins: false };
        let mut game = LocalGame::new(now, name("ana"), Terms::default(), opponent).unwrap();
        let mut snapshot = last_snapshot(&mut game).unwrap();
        for _ in 0..40 {
            let match_number = snapshot.match_number;
            let position = *snapshot.record.position();
            if let Some(at) = game.poll_timeout() {
                now = at;
                game.handle_timeout(now);
            } else if let Some(cell) = position.legal_moves().next() {
                game.handle(
                    now,
                    Seat::Host,
                    Command::Play { match_number, branch: 0, ply: position.ply(), cell },
                );
            } else {
                game.handle(now, Seat::Host, Command::Rematch { match_number });
            }
            snapshot = last_snapshot(&mut game).unwrap();
        }
        assert!(snapshot.match_number > 1, "a rematch was played");
        assert_eq!(snapshot.score.wins.host, 0, "the perfect bot never loses");
    }

    fn bot_game() -> (Instant, LocalGame) {
        let now = Instant::now();
        let opponent = Opponent::Bot { level: Level::Easy, seed: 1, begins: false };
        (now, LocalGame::new(now, name("ana"), Terms::default(), opponent).unwrap())
    }

    /// Lets the bot act until it has nothing left to do.
    fn answer(now: &mut Instant, game: &mut LocalGame) -> Snapshot {
        let mut snapshot = None;
        while let Some(at) = game.poll_timeout() {
            *now = at;
            game.handle_timeout(at);
            snapshot = last_snapshot(game).or(snapshot);
        }
        snapshot.unwrap()
    }

    #[test]
    fn the_bot_declines_a_draw_at_once_and_lets_a_move_be_taken_back() {
        let (mut now, mut game) = bot_game();
        let offer = |kind| Command::Offer { match_number: 1, kind };
        game.handle(now, Seat::Host, offer(OfferKind::Draw));
        assert_eq!(game.poll_timeout(), Some(now));
        assert_eq!(answer(&mut now, &mut game).offer, None);

        let cell = "b2".parse().unwrap();
        game.handle(now, Seat::Host, Command::Play { match_number: 1, branch: 0, ply: 0, cell });
        assert_eq!(answer(&mut now, &mut game).record.moves().len(), 2);
        game.handle(now, Seat::Host, offer(OfferKind::Takeback));
        let snapshot = answer(&mut now, &mut game);
        assert_eq!((snapshot.branch, snapshot.record.moves().len()), (1, 0));
    }

    #[test]
    fn a_bot_that_begins_plays_x_and_then_o() {
        let mut now = Instant::now();
        let opponent = Opponent::Bot { level: Level::Perfect, seed: 1, begins: true };
        let mut game = LocalGame::new(now, name("ana"), Terms::default(), opponent).unwrap();
        let snapshot = answer(&mut now, &mut game);
        assert_eq!((snapshot.x, snapshot.record.moves().len()), (Seat::Host, 1));
        assert_eq!(snapshot.seats.guest.name(), Some(&name("ana")));
        let cell = snapshot.record.position().legal_moves().next().unwrap();
        game.handle(now, Seat::Guest, Command::Play { match_number: 1, branch: 0, ply: 1, cell });
        answer(&mut now, &mut game);
        game.handle(now, Seat::Guest, Command::Resign { match_number: 1 });
        game.handle(now, Seat::Guest, Command::Rematch { match_number: 1 });
        let snapshot = answer(&mut now, &mut game);
        assert_eq!((snapshot.match_number, snapshot.to_move()), (2, Some(Seat::Guest)));
    }

    #[test]
    fn the_bot_is_there_however_long_one_thinks() {
        let (now, mut game) = bot_game();
        let snapshot = last_snapshot(&mut game).unwrap();
        assert_eq!(snapshot.claim, None);
        assert_eq!(game.poll_timeout(), None);
        game.handle_timeout(now + Duration::from_hours(1));
        assert!(last_snapshot(&mut game).is_none_or(|snapshot| snapshot.claim.is_none()));
    }

    #[test]
    fn a_clock_at_one_keyboard_runs_out() {
        let now = Instant::now();
        let terms = Terms { time: "30s".parse().unwrap(), ..Terms::default() };
        let opponent = Opponent::Person { names: ["ana", "ben"].map(name) };
        let mut game = LocalGame::new(now, name("ana"), terms, opponent).unwrap();
        let at = game.poll_timeout().unwrap();
        assert_eq!(at, now + Duration::from_secs(40), "ten seconds are free before the first move");
        game.handle_timeout(at);
        let snapshot = last_snapshot(&mut game).unwrap();
        assert_eq!(snapshot.phase, Phase::Over(net::proto::Ending::OutOfTime(Seat::Host)));
    }

    fn last_snapshot(game: &mut LocalGame) -> Option<Snapshot> {
        std::iter::from_fn(|| game.poll_event())
            .filter_map(|event| match event {
                Event::Snapshot(snapshot) => Some(*snapshot),
                _ => None,
            })
            .last()
    }
}
