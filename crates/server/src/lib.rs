//! The match host of oxo: the [`lobby`], which decides every move; the [`shell`], which connects it to the network;
//! [`text`], the line protocol for people without a client; and [`logging`], which never holds up a match.

pub mod lobby;
pub mod logging;
pub mod phrases;
pub mod shell;
pub mod text;
