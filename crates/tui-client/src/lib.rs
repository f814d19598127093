//! The terminal front end of oxo.
//!
//! Elm's shape: a [`model`] holds everything the screen depends on, [`update`] changes it by a [`msg::Msg`] and
//! queues the effects it wants as data ([`cmd::Cmd`]), and [`view`] draws it. All of that is pure. Only the
//! [`runtime`] and the tasks that it starts touch the terminal, the network and the clock.

pub mod analysis;
pub mod arrival;
mod bot_player;
pub mod buttons;
pub mod cast;
pub mod chat;
pub mod cmd;
pub mod config;
pub mod config_file;
pub mod connecting;
mod connection;
pub mod doctor;
pub mod env;
pub mod failure;
pub mod format;
pub mod game;
pub mod game_search;
pub mod goal;
pub mod history;
pub mod history_file;
mod hosted;
pub mod input;
mod intake;
pub mod join_form;
pub mod key;
#[cfg(windows)]
#[path = "console.rs"]
mod keyboard;
#[cfg(not(windows))]
mod keyboard;
pub mod keymap;
pub mod lan_games;
pub mod lan_list;
pub mod lan_search;
mod lines;
pub mod local;
pub mod menu;
pub mod model;
pub mod move_times;
pub mod msg;
pub mod new_game;
pub mod new_game_form;
pub mod notice;
pub mod notify;
mod observer;
pub mod online;
pub mod overlay;
pub mod own_place;
mod own_server;
pub mod plain;
pub mod quick_match;
pub mod replay;
pub mod replays;
mod request;
pub mod rooms;
pub mod runtime;
mod saved_seats;
pub mod setting;
pub mod settings_page;
pub mod status_line;
pub mod system;
mod terminal;
#[cfg(test)]
mod test_harness;
pub mod text_input;
pub mod theme;
mod ticks;
pub mod typed_place;
pub mod update;
pub mod view;
pub mod xray;
