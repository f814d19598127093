//! The match host of oxo: the [`lobby`] that decides every move, and the [`shell`] that carries it.

pub mod lobby;
pub mod shell;
