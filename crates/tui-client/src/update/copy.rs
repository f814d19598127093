//! What can be put where other programs paste it from: the command that joins a room, the result of a match.

use net::proto::Phase;

use server::phrases;

use crate::{cmd::Cmd, model::Model, words};

impl Model {
    /// Copies the command for a friend, or the result.
    pub(super) fn copy(&mut self) -> Vec<Cmd> {
        let Some(game) = self.game_mut() else { return Vec::new() };
        let (text, what) = match game.snapshot.phase {
            Phase::Waiting => (words::join_command(game), "The command"),
            Phase::Over(_) => (phrases::result_to_copy(&game.snapshot), "The result"),
            Phase::Playing | Phase::Adjourned => return Vec::new(),
        };
        game.notice = Some(format!("{what} is copied, if your terminal allows it."));
        vec![Cmd::Copy(text)]
    }
}
