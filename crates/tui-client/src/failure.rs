//! A failure as a person reads it.

use net::{
    connect::ConnectError,
    discovery::DiscoveryError,
    proto::{CloseReason, Unseating},
};

/// A failure as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// One sentence, without a full stop.
    pub sentence: String,
    /// The causes, one line each.
    pub causes: Vec<String>,
    /// Advice, if there is any.
    pub hint: Option<String>,
}

impl Failure {
    /// Creates a failure with neither causes nor a hint.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), causes: Vec::new(), hint: None }
    }

    /// The failure of a search, and then of a connection to a machine whose name was sought as the code of a game.
    #[must_use]
    pub fn then(&self, error: &ConnectError) -> Self {
        let sentence = format!("{}; as a machine: {error}", self.sentence);
        let causes = error.causes().into_iter().chain(self.causes.iter().cloned()).collect();
        Self { sentence, causes, hint: self.hint.clone() }
    }

    /// The failure of a player or spectator who was removed from a room.
    pub fn of_unseating(why: Unseating) -> Option<Self> {
        match why {
            Unseating::Left => None,
            Unseating::RoomClosed => Some(Self::new("The room was closed")),
            Unseating::NotWatchable => Some(Self::new("The room was closed to watchers")),
            Unseating::MadeRoom => Some(Self::new("Your place as a watcher went to somebody else")),
            Unseating::Blocked => Some(Self::new("The player who opened the room has blocked you")),
        }
    }

    /// The failure of a session that the server has closed.
    pub fn of_close(reason: CloseReason) -> Self {
        let (sentence, hint) = match reason {
            CloseReason::UnknownSession => (
                "Your seat is gone",
                Some(
                    "the server was restarted without its games, or you were away for longer than it keeps a seat; join again",
                ),
            ),
            CloseReason::Replaced => ("Your game goes on in another window", None),
            _ => ("The server closed the connection", None),
        };
        Self { causes: vec![reason.to_string()], hint: hint.map(str::to_owned), ..Self::new(sentence) }
    }
}

impl From<&ConnectError> for Failure {
    fn from(error: &ConnectError) -> Self {
        Self { sentence: error.to_string(), causes: error.causes(), hint: Some(error.hint()) }
    }
}

impl From<DiscoveryError> for Failure {
    fn from(error: DiscoveryError) -> Self {
        let hint = Some(error.hint().to_owned());
        Self { hint, ..Self::new(format!("Cannot search for games: {error}")) }
    }
}
