//! Durable state: what outlives the server, as values that a store writes and reads.
//!
//! A room's whole state is one value, which replaces the one kept before. Serde writes it in formats for people the way
//! people read it: codes, names and moves as text, times in milliseconds. The clock on the wall is the store's business; a
//! lobby has none.

use std::sync::Arc;

use game_core::Record;
use net::proto::{
    Access, Ending, Name, Passcode, PerSeat, Phase, RoomCode, SECRET_BYTES, Score, Seat, SessionId, Terms,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// A change of the durable state. Those of one call of the lobby belong into one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// Keep this room, in place of whatever is kept under its code.
    Room(Arc<KeptRoom>),
    /// Keep no room under this code any longer.
    Gone(RoomCode),
    /// Keep a match that has ended, for good.
    Finished(Box<FinishedMatch>),
}

/// The durable state of a room in which a match is at stake, adjourned, or over with both players still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "settings and facts that do not depend on each other")]
pub struct KeptRoom {
    /// The code. No two kept rooms have the same.
    pub code: RoomCode,
    /// The number of the room. Codes are used again; the numbers of kept rooms are not.
    pub number: u64,
    /// The terms of the room.
    pub terms: Terms,
    /// The access to the room.
    pub access: KeptAccess,
    /// True if watching is allowed.
    pub is_watchable: bool,
    /// The chat between the players is open.
    pub is_chat_open: bool,
    /// True if the players hear the watchers.
    pub watchers_may_chat: bool,
    /// The phase, any but [`Phase::Waiting`].
    pub phase: Phase,
    /// Both players have moved, or a match has ended. It is not so only if a match was adjourned before.
    pub is_proven: bool,
    /// The results of the series so far.
    pub score: Score,
    /// The number of the match in the room, from 1.
    pub match_number: u32,
    /// The number of takebacks in this match.
    pub branch: u16,
    /// The seat that plays X in this match.
    pub x: Seat,
    /// The rules and the moves of this match.
    pub record: Record,
    /// The time that each move took, in milliseconds: as many as there are moves.
    pub took_millis: Vec<u32>,
    /// The clocks, if the terms have any. They stand until both players are back.
    pub clocks: Option<KeptClocks>,
    /// The number of the last offer, so that none is numbered like one that a player has seen.
    pub last_offer: u32,
    /// The two players.
    pub seats: PerSeat<KeptSeat>,
}

/// The access to a kept room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptAccess {
    /// Everybody may come in.
    Public,
    /// Anybody who knows the code may come in.
    Hidden,
    /// Anybody who knows the passcode may come in. Its hash keeps it out of sight, no more: a short one can be guessed from it.
    Locked(SecretHash),
}

/// Both clocks of a match, as remaining times. Those of the side to move are as of the last time that its clock stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptClocks {
    /// Milliseconds left.
    pub left_millis: PerSeat<u32>,
    /// Milliseconds left before the clock of each player's first move starts.
    pub grace_millis: PerSeat<u32>,
    /// Milliseconds of credit for network delay left in this match.
    pub lag_millis: PerSeat<u32>,
    /// Milliseconds of that credit used for the move to come.
    pub lag_used_millis: u32,
    /// Milliseconds that the mover had left after each move, for takebacks: as many as there are moves.
    pub after_moves_millis: Vec<u32>,
}

/// A player of a kept room. After a start of the server, everybody is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptSeat {
    /// The player's name, unique among the kept sessions.
    pub name: Name,
    /// The player's session.
    pub session: SessionId,
    /// The relation of the session to this seat.
    pub hold: Hold,
    /// The total of the player's absences in this match that are over, in milliseconds.
    pub absent_millis: u32,
    /// The player was away when the match was adjourned, so their return alone continues it.
    pub missed_adjournment: bool,
}

/// The relation of a session to a kept seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// The session is in the seat.
    Here(KeptSecrets),
    /// The match is adjourned, and its player has left the room.
    Elsewhere(KeptSecrets),
    /// The session had to give way to another one and does not exist any more. The other player can claim the match.
    Dismissed,
}

/// The hashes of the secrets with which a session can be resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptSecrets {
    /// That of the newest token.
    pub newest: SecretHash,
    /// That of the token which the last return has shown, until its successor is known to have arrived.
    pub shown: Option<SecretHash>,
}

/// A match that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishedMatch {
    /// The code of the room in which it was played.
    pub code: RoomCode,
    /// The number of the match in that room, from 1.
    pub match_number: u32,
    /// The terms.
    pub terms: Terms,
    /// The names of the players.
    pub names: PerSeat<Name>,
    /// The seat that played X.
    pub x: Seat,
    /// The rules and the moves.
    pub record: Record,
    /// The time that each move took, in milliseconds: as many as there are moves.
    pub took_millis: Vec<u32>,
    /// The end.
    pub ending: Ending,
}

/// The SHA-256 of a secret. It is written as 64 hexadecimal digits, and its `Debug` keeps it out of logs.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
#[debug("SecretHash(..)")]
#[serde(try_from = "String", into = "String")]
pub struct SecretHash([u8; 32]);

/// The error for a text that is no [`SecretHash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a hash is 64 hexadecimal digits")]
pub struct ParseSecretHashError;

impl FinishedMatch {
    /// Returns the winner; `None` for a draw.
    pub fn winner(&self) -> Option<Seat> {
        self.ending.winner(&self.record, self.x)
    }
}

impl KeptAccess {
    /// The access to a room of this number, without the passcode itself.
    pub(super) fn new(room: u64, access: Access) -> Self {
        match access {
            Access::Public => Self::Public,
            Access::Hidden => Self::Hidden,
            Access::Passcode(passcode) => Self::Locked(SecretHash::of_passcode(room, &passcode)),
        }
    }
}

impl SecretHash {
    /// The hash of a token's secret. Nobody finds 128 random bits from it, so it needs neither salt nor repetition.
    pub(super) fn of_secret(secret: &[u8; SECRET_BYTES]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// The hash of a passcode, which differs from room to room.
    pub(super) fn of_passcode(room: u64, passcode: &Passcode) -> Self {
        let salted = Sha256::new().chain_update(room.to_le_bytes()).chain_update(passcode.as_str());
        Self(salted.finalize().into())
    }

    /// Compares in a time that does not depend on the hashes.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl TryFrom<String> for SecretHash {
    type Error = ParseSecretHashError;

    fn try_from(text: String) -> Result<Self, ParseSecretHashError> {
        let digits: Option<Vec<u8>> = text.bytes().map(hex_digit).collect();
        let digits = digits.filter(|digits| digits.len() == 64).ok_or(ParseSecretHashError)?;
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self(hash))
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> Self {
        let (high, low) = hash.0.split_at(16);
        let number = |half: &[u8]| half.iter().fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
        format!("{:032x}{:032x}", number(high), number(low))
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
