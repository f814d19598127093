//! The X-ray: opened and closed, and the dial of the link.

use net::proto::RoomCode;

use crate::{
    cmd::Cmd,
    game::Game,
    keymap::Action,
    model::{Model, Screen},
    notice::Notice,
    xray::{LinkDial, Sight},
};

impl Model {
    /// Opens or closes the X-ray, or turns the dial. Without a link to look at, nothing happens.
    pub(super) fn act_on_xray(&mut self, action: Action) -> Vec<Cmd> {
        if self.overlay.is_some() || self.game().is_none_or(|game| game.online().is_none()) {
            return Vec::new();
        }
        if action == Action::XRay {
            self.xray.is_open ^= true;
            return Vec::new();
        }
        if self.dial().is_none() {
            return Vec::new();
        }
        let Some(dial) = &mut self.xray.dial else { return Vec::new() };
        match action {
            Action::NextKnob => dial.choose_next(),
            Action::ResetDial => dial.reset(),
            _ => dial.turn(action == Action::TurnUp),
        }
        let notice = Notice::Turned(dial.knob, dial.value(dial.knob));
        if let Some(game) = self.game_mut() {
            game.notices.set(notice);
        }
        if action == Action::NextKnob { Vec::new() } else { self.degrade() }
    }

    /// The conditions of the link, if it has a dial.
    pub(super) fn degrade(&self) -> Vec<Cmd> {
        let conditions = self.xray.dial.as_ref().map(LinkDial::conditions);
        conditions.map(|(config, seed)| Cmd::Degrade(config, seed)).into_iter().collect()
    }

    /// Begins or ends to record the link, as the screen needs it.
    pub(super) fn observe(&mut self) -> Option<Cmd> {
        let has_link = |game: &Game| game.online().is_some();
        let is_wanted = self.xray.is_open && matches!(&self.screen, Screen::Game(game) if has_link(game));
        if !is_wanted {
            self.xray.sight = Sight::Unseen;
        }
        let is_changed = std::mem::replace(&mut self.xray.is_recording, is_wanted) != is_wanted;
        is_changed.then_some(Cmd::Observe(is_wanted))
    }

    /// Lets the bot join the room that was opened for a game with it.
    pub(super) fn seat_bot(&self, code: RoomCode) -> Option<Cmd> {
        self.xray.dial.as_ref().filter(|dial| dial.is_against_bot).map(|_| Cmd::SeatBot(code))
    }
}
