//! What happens to the model.

use std::time::{Duration, Instant};

use crossterm::event::KeyEvent;
use net::{
    connect::ConnectError,
    link::Transport,
    proto::{CloseReason, Event, Welcome},
    server_clock::ClockOffset,
};
use ratatui::layout::{Position, Size};

use crate::{failure::Failure, lan_games::LanGames};

/// One thing that happened.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The left mouse button was pressed somewhere.
    Click(Position),
    /// Text was pasted.
    Paste(String),
    /// The terminal has a new size.
    Resize(Size),
    /// A deadline of [`crate::model::Model::poll_timeout`] has come.
    Tick,
    /// The window is looked at (`true`) or not any more. Many terminals never say.
    Focus(bool),
    /// Something came from the server.
    Net(NetMsg),
    /// The search for games on the network has news; these are all games found so far.
    Lan(LanGames),
    /// The game at this machine tells something.
    Local(Event),
    /// Our own server listens, and these are the addresses that a friend can type, best first.
    Serving {
        /// The addresses, with the port.
        addresses: Vec<String>,
        /// Whether it tells the network of its games.
        is_announced: bool,
    },
    /// What was asked for cannot be done.
    Failed(Failure),
}

/// One thing that a connection has to say.
#[derive(Debug)]
pub enum NetMsg {
    /// There is a link, over the transport that answered first.
    Connected(Transport),
    /// The server has welcomed us.
    Welcome(Welcome),
    /// The lobby tells something.
    Event(Event),
    /// The server has pinged.
    Pinged {
        /// The last round trip that it measured.
        rtt: Option<Duration>,
        /// How its clock stands to ours.
        clock: ClockOffset,
    },
    /// Nothing has been heard since then.
    Silent {
        /// When something was heard last.
        since: Instant,
    },
    /// Something is heard again.
    Heard,
    /// The server closed the connection, or the connection was lost (`None`).
    Closed(Option<CloseReason>),
    /// There is no connection to be had.
    Unreachable(ConnectError),
}
