//! A session on a server, and the state of its connection: how it breaks, and when it is tried again.

use std::time::{Duration, Instant};

use net::{
    addr::HostPort,
    link::Transport,
    proto::{AdjournedLine, CloseReason, Name, Token},
    server_clock::ClockOffset,
};

use crate::{cmd::Dial, failure::Failure, own_place::OwnPlace, quick_match::Quick};

/// The network's part of a game.
#[derive(Debug)]
pub struct Online {
    /// The session.
    pub session: Session,
    /// The ways to our own server, if the game is there.
    pub own_place: Option<OwnPlace>,
    /// True if the player has hidden the QR code of the room.
    pub hides_qr_code: bool,
    /// The quick match that the room is for.
    pub quick: Option<Quick>,
    /// The transport of the connection, or of the last one.
    pub transport: Transport,
    /// The state of the connection.
    pub link: LinkState,
    /// The offset of the server's clock from ours.
    pub clock: Option<ClockOffset>,
    /// True while the player sits in the room: not while its match is adjourned and the menu is shown.
    pub is_in_room: bool,
    /// The adjourned matches of this session.
    pub adjourned: Vec<AdjournedLine>,
    /// True if the next snapshot is the first over a new connection, which shows the moves that were lost.
    pub is_returning: bool,
    /// The time since which the server cannot save, and so carries nothing out; the next snapshot ends it.
    pub not_saving_since: Option<Instant>,
    /// Tries since a connection last held, so that one that breaks at once is not dialled at once.
    pub tries: u32,
}

/// A session on a server.
#[derive(Debug, Clone)]
pub struct Session {
    /// The server; `None` for our own, in this process.
    pub target: Option<HostPort>,
    /// The name of the server.
    pub server: Name,
    /// The player's name there.
    pub me: Name,
    /// The token that resumes the session.
    pub token: Token,
    /// The time for which a seat is kept after a lost connection.
    pub grace: Duration,
    /// The time for which a seat is kept after a goodbye.
    pub grace_on_purpose: Duration,
}

/// The state of the connection to the server.
#[derive(Debug, Clone)]
pub enum LinkState {
    /// The connection works.
    Up {
        /// The last round trip that the server measured.
        rtt: Option<Duration>,
    },
    /// Nothing is received.
    Silent {
        /// The last sign of life.
        since: Instant,
    },
    /// The connection is lost.
    Down(Down),
}

/// A lost connection.
#[derive(Debug, Clone)]
pub struct Down {
    /// The instant of the loss.
    pub since: Instant,
    /// The server's reason, if it gave one.
    pub reason: Option<CloseReason>,
    /// True if nothing listened at the server's address when it was last tried.
    pub is_refused: bool,
    /// The next try.
    pub retry: Retry,
}

/// The next try to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retry {
    /// By itself at an instant.
    At(Instant),
    /// Under way.
    UnderWay,
    /// None, for this reason: there is nothing left to return to.
    Never(Failure),
}

/// The pause after each failed try of the [eager](EAGER) time: none at first, then longer ones, but never so long that a
/// working connection stays unused.
const BACK_OFF: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// The time after a loss in which tries follow each other quickly: twice the time for which a server keeps a seat.
const EAGER: Duration = Duration::from_mins(1);

/// The pause after each failed try after that: a host that wakes from an hour's sleep is found soon, and a screen that is
/// left open overnight troubles nobody.
const PATIENT: Duration = Duration::from_secs(10);

impl Online {
    /// The lost connection, while it is lost.
    pub const fn down(&self) -> Option<&Down> {
        let LinkState::Down(down) = &self.link else { return None };
        Some(down)
    }

    /// Tells whether the server is our own and ends with the program.
    pub const fn is_own_server(&self) -> bool {
        self.session.target.is_none()
    }

    /// Takes in the state of a connection that is not lost.
    pub fn handle_link(&mut self, link: LinkState) {
        if self.down().is_none() {
            self.link = link;
        }
    }

    /// Takes in a ping of the server.
    pub fn handle_ping(&mut self, rtt: Option<Duration>, clock: ClockOffset) {
        self.clock = Some(clock);
        // A connection that has carried a ping and its answer holds.
        if rtt.is_some() {
            self.tries = 0;
            self.handle_link(LinkState::Up { rtt });
        }
    }

    /// Takes in that the connection has ended, or a try to return.
    pub fn handle_loss(&mut self, now: Instant, reason: Option<CloseReason>) {
        if self.down().is_some() {
            return self.handle_failed_try(now, false);
        }
        let retry = Retry::At(now + pause(self.tries, Duration::ZERO));
        self.link = LinkState::Down(Down { since: now, reason, is_refused: false, retry });
    }

    /// Takes in that a try has failed. `is_refused` is true if nothing listens at the server's address.
    pub fn handle_failed_try(&mut self, now: Instant, is_refused: bool) {
        if let LinkState::Down(down) = &mut self.link
            && down.retry == Retry::UnderWay
        {
            down.is_refused = is_refused;
            down.retry = Retry::At(now + pause(self.tries, now.saturating_duration_since(down.since)));
        }
    }

    /// Ends the session: nothing leads back to it.
    pub fn end(&mut self, now: Instant, why: Failure) {
        let since = self.down().map_or(now, |down| down.since);
        let retry = Retry::Never(why);
        self.link = LinkState::Down(Down { since, reason: None, is_refused: false, retry });
    }

    /// The reason for which the session has ended, if it has.
    pub fn ended(&self) -> Option<&Failure> {
        let Retry::Never(why) = &self.down()?.retry else { return None };
        Some(why)
    }

    /// Tells whether the server may still keep the seat of a match for the player alone. After that time the other player
    /// may claim.
    pub fn is_seat_kept(&self, now: Instant) -> bool {
        self.down()
            .is_some_and(|down| !down.is_server_gone() && !down.kept_for(self.session.grace, now).is_zero())
    }

    /// The instant of the next try that begins by itself.
    pub fn retry_at(&self) -> Option<Instant> {
        let Retry::At(at) = self.down()?.retry else { return None };
        Some(at)
    }

    /// Begins a try, unless one is under way or useless. A player resumes the session; a spectator begins a new one.
    pub fn retry(&mut self, is_player: bool) -> Option<Dial> {
        let LinkState::Down(Down { retry: retry @ Retry::At(_), .. }) = &mut self.link else { return None };
        *retry = Retry::UnderWay;
        self.tries += 1;
        let resume = is_player.then_some(self.session.token);
        Some(Dial { target: self.session.target.clone(), resume })
    }
}

impl Down {
    /// The time for which the seat is still kept, counted from the loss as noticed here.
    pub fn kept_for(&self, grace: Duration, now: Instant) -> Duration {
        (self.since + grace).saturating_duration_since(now)
    }

    /// Tells whether the server is known to have stopped, or to be about to.
    pub fn is_server_gone(&self) -> bool {
        self.is_refused || self.reason == Some(CloseReason::ShuttingDown)
    }
}

/// The pause before the next try, by the time since the loss.
fn pause(tries: u32, since_loss: Duration) -> Duration {
    if since_loss >= EAGER {
        return PATIENT;
    }
    let step = usize::try_from(tries).unwrap_or(usize::MAX).min(BACK_OFF.len() - 1);
    BACK_OFF[step]
}
