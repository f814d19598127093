//! The goals of a connection, and the settings of the rooms opened for them.

use net::{
    addr::HostPort,
    proto::{Access, Command, Passcode, RoomCode, Terms},
};

use crate::cmd::{Opponent, SavedSeat};

/// The goal of a connection.
#[derive(Debug, Clone)]
pub enum Goal {
    /// To open a room on our own server.
    Host,
    /// To play on a server: in one room, or in any.
    Join {
        /// The server.
        target: HostPort,
        /// The room.
        key: Option<RoomKey>,
    },
    /// To watch a room.
    Watch {
        /// The server.
        target: HostPort,
        /// The room.
        key: RoomKey,
    },
    /// To see the rooms of a server.
    Browse {
        /// The server.
        target: HostPort,
    },
    /// To return to a seat.
    Return {
        /// The seat.
        seat: SavedSeat,
        /// The goal if the server no longer knows the seat.
        otherwise: Option<Box<Self>>,
    },
    /// To play at this machine.
    Local {
        /// The other player.
        opponent: Opponent,
    },
}

/// The purpose for which a place is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To play there.
    Join,
    /// To see the games there.
    Browse,
    /// To watch a game there.
    Watch,
}

/// A room and its passcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomKey {
    /// The code.
    pub code: RoomCode,
    /// The passcode, if it is known.
    pub passcode: Option<Passcode>,
}

/// The settings of rooms opened from here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Preferences {
    /// The terms of a new room.
    pub(crate) terms: Terms,
    /// The terms of a quick match; `None` takes any.
    pub(crate) quick_terms: Option<Terms>,
    /// The access to a new room.
    pub(crate) access: Access,
}

impl Goal {
    /// The room that is meant, if one is.
    pub(crate) const fn key(&self) -> Option<RoomKey> {
        match self {
            Self::Join { key, .. } => *key,
            Self::Watch { key, .. } => Some(*key),
            Self::Host | Self::Browse { .. } | Self::Return { .. } | Self::Local { .. } => None,
        }
    }

    /// Adds the passcode of the room.
    pub(crate) const fn unlock(&mut self, passcode: Passcode) {
        if let Self::Join { key: Some(key), .. } | Self::Watch { key, .. } = self {
            key.passcode = Some(passcode);
        }
    }

    /// The command to send once the server has welcomed us. A return has none: the hello resumes the session.
    pub(crate) const fn command(&self, preferences: Preferences) -> Option<Command> {
        match self {
            Self::Host => Some(Command::Create { terms: preferences.terms, access: preferences.access }),
            Self::Join { key: Some(RoomKey { code, passcode }), .. } => {
                Some(Command::Join { code: *code, passcode: *passcode })
            }
            Self::Join { key: None, .. } => Some(Command::QuickMatch { terms: preferences.quick_terms }),
            Self::Watch { key: RoomKey { code, passcode }, .. } => {
                Some(Command::Watch { code: *code, passcode: *passcode })
            }
            Self::Browse { .. } => Some(Command::Browse { rules: None }),
            Self::Return { .. } | Self::Local { .. } => None,
        }
    }

    /// The server; `None` for our own, and for a game at this machine.
    pub(crate) const fn target(&self) -> Option<&HostPort> {
        match self {
            Self::Join { target, .. } | Self::Watch { target, .. } | Self::Browse { target } => Some(target),
            // That of a room of our own is this process.
            Self::Return { seat, .. } if seat.hosted.is_none() => Some(&seat.target),
            Self::Host | Self::Local { .. } | Self::Return { .. } => None,
        }
    }

    /// The place in words: `192.168.1.7:1952`, `our own server`.
    pub(crate) fn place(&self) -> String {
        let place = match self {
            Self::Host => "our own server".into(),
            Self::Local { .. } => "the board".into(),
            Self::Return { seat, .. } => format!("{} at {}", seat.code, seat.target),
            Self::Join { target, .. } | Self::Watch { target, .. } | Self::Browse { target } => {
                target.to_string()
            }
        };
        match self.key() {
            Some(key) => format!("{} at {place}", key.code),
            None => place,
        }
    }
}
