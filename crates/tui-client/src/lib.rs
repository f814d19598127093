//! The terminal front end of oxo.
//!
//! Elm's shape: a [`model`] holds everything the screen depends on, [`update`] changes it by a [`msg::Msg`] and
//! returns the effects it wants as data ([`cmd::Cmd`]), and [`view`] draws it. All of that is pure. The
//! [`runtime`] alone touches the terminal, the network and the clock.

pub mod clock;
pub mod cmd;
mod connection;
pub mod doctor;
pub mod env;
pub mod failure;
pub mod field;
pub mod keymap;
pub mod lan_games;
pub mod lan_list;
pub mod lan_search;
pub mod local;
pub mod model;
pub mod msg;
pub mod notify;
mod own_server;
pub mod rooms;
pub mod runtime;
mod saved_seats;
#[cfg(test)]
mod stage;
pub mod talk;
mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod words;
