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
    pub(super) fn act_on_xray(&mut self, action: Action) {
        if self.overlay.is_some() || self.game().is_none_or(|game| game.online().is_none()) {
            return;
        }
        if action == Action::XRay {
            self.xray.is_open ^= true;
            return;
        }
        if self.dial().is_none() {
            return;
        }
        let Some(dial) = &mut self.xray.dial else { return };
        match action {
            Action::NextKnob => dial.choose_next(),
            Action::ResetDial => dial.reset(),
            _ => dial.turn(action == Action::TurnUp),
        }
        let notice = Notice::Turned(dial.knob, dial.value(dial.knob));
        if let Some(game) = self.game_mut() {
            game.notices.set(notice);
        }
        if action != Action::NextKnob {
            self.degrade();
        }
    }

    /// Puts the link under the conditions of its dial, if it has one.
    pub(super) fn degrade(&mut self) {
        let conditions = self.xray.dial.as_ref().map(LinkDial::conditions);
        self.cmds.extend(conditions.map(|(config, seed)| Cmd::Degrade(config, seed)));
    }

    /// Begins or ends to record the link, as the screen needs it.
    pub(super) fn observe(&mut self) {
        let has_link = |game: &Game| game.online().is_some();
        let is_wanted = self.xray.is_open && matches!(&self.screen, Screen::Game(game) if has_link(game));
        if !is_wanted {
            self.xray.sight = Sight::Unseen;
        }
        let is_changed = std::mem::replace(&mut self.xray.is_recording, is_wanted) != is_wanted;
        self.cmds.extend(is_changed.then_some(Cmd::Observe(is_wanted)));
    }

    /// Lets the bot join the room that was opened for a game with it.
    pub(super) fn seat_bot(&mut self, code: RoomCode) {
        if self.xray.dial.as_ref().is_some_and(|dial| dial.is_against_bot) {
            self.cmds.push(Cmd::SeatBot(code));
        }
    }
}
