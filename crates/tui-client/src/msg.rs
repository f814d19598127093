//! Messages to the model.

use std::time::{Duration, Instant};

use game_core::Cell;
use net::{
    connect::ConnectError,
    link::Transport,
    proto::{CloseReason, Event, Welcome},
    server_clock::ClockOffset,
};
use ratatui::layout::{Position, Size};

use crate::{
    buttons::Target,
    failure::Failure,
    history::{History, KeptMatch},
    key::Key,
    keymap::Action,
    lan_games::LanGames,
    own_place::OwnPlace,
    xray::Sight,
};

/// One message.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// An action was asked for by its name.
    Act(Action),
    /// A mark is to be placed on this cell, which was asked for by its name.
    Place(Cell),
    /// The left mouse button was pressed.
    Click {
        /// The place.
        position: Position,
        /// Its meaning in the frame that the player saw.
        target: Target,
    },
    /// Text was pasted.
    Paste(String),
    /// The terminal has a new size.
    Resize(Size),
    /// A deadline of [`crate::model::Model::poll_timeout`] has come.
    Tick,
    /// The window got the focus (`true`) or lost it. Many terminals never report it.
    Focus(bool),
    /// The terminal has told the colour of its background.
    Background(String),
    /// The connection has a message.
    Net(NetMsg),
    /// The search of the network has news; these are all games found so far.
    Lan(LanGames),
    /// The game at this machine has an event.
    Local(Event),
    /// Our own server listens, and these are the ways to it now.
    Serving(OwnPlace),
    /// A check of the network is over, with this report.
    Checked(String),
    /// Settings were not saved, for this reason.
    ConfigNotKept(String),
    /// The finished matches were read.
    History(History),
    /// A match has been kept, or was kept before.
    MatchKept {
        /// The match, with its date.
        kept: Box<KeptMatch>,
        /// True if it was not there yet.
        is_new: bool,
        /// The reason why it could not be saved, so that it is forgotten with this run.
        problem: Option<String>,
    },
    /// A recording was written to a file, or not, in a sentence.
    Exported(String),
    /// An effect has failed.
    Failed(Failure),
}

/// One message of a connection.
#[derive(Debug)]
pub enum NetMsg {
    /// The connection stands, over the transport that answered first.
    Connected(Transport),
    /// The server has admitted us.
    Welcome(Welcome),
    /// The lobby has an event.
    Event(Event),
    /// The server has pinged.
    Pinged {
        /// The last round trip that it measured.
        rtt: Option<Duration>,
        /// The offset of its clock from ours.
        clock: ClockOffset,
    },
    /// The server is silent.
    Silent {
        /// The last sign of life.
        since: Instant,
    },
    /// The server is no longer silent.
    Heard,
    /// The server closed the connection, or the connection was lost (`None`).
    Closed(Option<CloseReason>),
    /// The link looks different than before; only while somebody looks.
    Seen(Sight),
    /// No address answered.
    Unreachable(ConnectError),
}
