//! The match host of oxo: the [`lobby`] that decides every move, the [`shell`] that carries it, and the [`text`] that it is
//! for who has no client.

pub mod lobby;
pub mod phrases;
pub mod shell;
pub mod text;
