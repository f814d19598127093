//! The match host of oxo: the [`lobby`], which decides every move; the [`shell`], which connects it to the network;
//! [`store`], what outlives it; [`text`], the line protocol for people without a client; [`logging`], which never holds up a match;
//! [`listed`], games in JSON; [`machine`], this machine's name; and [`manual`], what is printed about a program.

pub mod listed;
pub mod lobby;
pub mod logging;
pub mod machine;
pub mod manual;
pub mod phrases;
pub mod shell;
pub mod store;
pub mod text;
