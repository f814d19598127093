//! The link to the server: how it is, how it breaks, and how one comes back.

use std::time::{Duration, Instant};

use net::{
    proto::{CloseReason, Phase, Token},
    server_clock::ClockOffset,
};

use crate::{
    cmd::{Cmd, Dial},
    failure::Failure,
    model::{Down, Game, Goal, LinkState, Model, Retry, Screen},
};

/// How long after a failed try the next one begins: at once, then rarer, but never so rare that a link which
/// works again stays unused for long.
const BACK_OFF: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

impl Model {
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

    /// The server has pinged: the link holds, and tells its round trip and its clock.
    pub(super) fn pinged(&mut self, rtt: Option<Duration>, clock: ClockOffset) -> Vec<Cmd> {
        if let Some(online) = self.online_game_mut().and_then(Game::online_mut) {
            online.clock = Some(clock);
            // A link that has carried a ping and its answer counts as one that holds.
            if rtt.is_some() {
                online.tries = 0;
            }
        } else if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.arrival.clock = Some(clock);
        }
        if rtt.is_some() { self.set_link(LinkState::Up { rtt }) } else { Vec::new() }
    }

    pub(super) fn set_link(&mut self, link: LinkState) -> Vec<Cmd> {
        if let Some(online) = self.online_game_mut().and_then(Game::online_mut)
            && !matches!(online.link, LinkState::Down(_))
        {
            online.link = link;
        }
        Vec::new()
    }

    /// The connection has ended.
    pub(super) fn closed(&mut self, now: Instant, reason: Option<CloseReason>) -> Vec<Cmd> {
        if let Screen::Rooms(rooms) = &mut self.screen {
            rooms.is_lost = true;
            return Vec::new();
        }
        if let Screen::Connecting(connecting) = &mut self.screen
            && reason == Some(CloseReason::UnknownSession)
            && let Goal::Return { seat, otherwise } = &mut connecting.goal
            && let Some(goal) = otherwise.take()
        {
            let token = seat.token;
            let mut cmds = self.forget_seat(Some(token));
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
        let token = self.token().filter(|_| is_gone);
        let mut cmds = self.forget_seat(token);
        cmds.extend(self.fail(Failure { sentence: sentence.into(), causes, hint }));
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

    pub(super) fn try_failed(&mut self, now: Instant) -> Vec<Cmd> {
        let grace =
            self.online_game().and_then(Game::online).map_or(Duration::ZERO, |online| online.joined.grace);
        if let Some(down) = self.down_mut() {
            let is_kept = down.kept_for(grace, now) > Duration::ZERO;
            down.retry = if is_kept { Retry::At(now + back_off(down.tries)) } else { Retry::OnDemand };
        }
        Vec::new()
    }

    pub(super) fn down_mut(&mut self) -> Option<&mut Down> {
        match &mut self.online_game_mut()?.online_mut()?.link {
            LinkState::Down(down) => Some(down),
            LinkState::Up { .. } | LinkState::Silent { .. } => None,
        }
    }

    /// Forgets a seat, here and where the next start would find it.
    pub(super) fn forget_seat(&mut self, token: Option<Token>) -> Vec<Cmd> {
        let Some(token) = token else { return Vec::new() };
        self.saved_seats.retain(|seat| !seat.is_of(&token));
        vec![Cmd::ForgetSeat(token)]
    }

    /// What proves the session that is being returned to or played in.
    pub(super) fn token(&self) -> Option<Token> {
        if let Screen::Connecting(connecting) = &self.screen {
            return match &connecting.goal {
                Goal::Return { seat, .. } => Some(seat.token),
                Goal::Host
                | Goal::Join { .. }
                | Goal::Watch { .. }
                | Goal::Browse { .. }
                | Goal::Local { .. } => None,
            };
        }
        Some(self.online_game()?.online()?.joined.token)
    }
}

/// How long to wait before the next try, after so many.
fn back_off(tries: u32) -> Duration {
    let step = usize::try_from(tries).unwrap_or(usize::MAX).min(BACK_OFF.len() - 1);
    BACK_OFF[step]
}
