//! Chat and the settings of the room.

use net::proto::{ChatLine, ChatMessage, Command, MAX_CHAT_COLUMNS, Name, Reject, Seat, Setting, Speaker};

use super::{Game, Role};
use crate::{chat::ChatEntry, keymap::Action, notice::Notice, overlay::Overlay, text_input::TextInput};

/// The most characters typed for a chat line: several times what it takes, so that a long text is counted and shortened, and
/// not cut.
const MAX_TYPED: usize = 4 * MAX_CHAT_COLUMNS;

impl Game {
    /// Opens the input for a chat line. A line that was refused can be sent again.
    pub(super) fn open_chat(&mut self) {
        if self.may_chat() {
            let refused = self.chat.refused.take();
            let text = refused.as_ref().map_or("", ChatLine::as_str);
            self.open(Overlay::Chat(TextInput::with_text(MAX_TYPED, text)));
        }
    }

    /// Shows the emotes.
    pub(super) fn open_emotes(&mut self) {
        if self.may_chat() {
            self.open(Overlay::Emotes);
        }
    }

    /// Tells whether chat is possible now; if not, notes the reason.
    fn may_chat(&mut self) -> bool {
        let refusal = if self.online().is_none() {
            Some(Notice::NobodyToChatWith)
        } else if self.down().is_some() {
            Some(Notice::ChatNeedsConnection)
        } else if !self.snapshot.is_chat_open && !self.is_watching() {
            Some(Notice::ChatIsClosed)
        } else if !self.is_heard() {
            Some(Notice::NobodyHears)
        } else {
            None
        };
        let may_chat = refusal.is_none();
        self.notices.set(refusal);
        may_chat
    }

    /// Tells whether somebody else in the room reads what is said here, as far as is known.
    pub(super) fn is_heard(&self) -> bool {
        self.is_watching() || self.snapshot.watchers > 0 || self.is_opponent_here()
    }

    /// Sends a chat line or an emote. A line that nobody would read is kept for the next time.
    pub(crate) fn say(&mut self, message: ChatMessage) {
        if let ChatMessage::Line(line) = &message {
            self.chat.unheard = Some(line.clone());
        }
        if self.may_chat() {
            self.send(Command::Say { message });
        } else {
            self.chat.refused = self.chat.unheard.take();
        }
    }

    /// Hides the chat of others, or shows it again. Muting declines an open offer.
    pub(super) fn mute(&mut self) {
        if self.online().is_none() {
            return;
        }
        if !self.is_muted {
            self.decline();
        }
        self.is_muted = !self.is_muted;
        self.notices.set(Notice::Muted(self.is_muted));
    }

    /// Blocks the other player, or the guest who has left, for the rooms of this one, or no longer.
    pub(super) fn block(&mut self) {
        if self.may_block() && self.down().is_none() {
            self.is_blocked = !self.is_blocked;
            self.notices.set(Notice::Blocked(self.is_blocked));
            self.send(Command::Set { setting: Setting::Block(self.is_blocked) });
        }
    }

    /// Changes a setting of the room.
    pub(super) fn change_setting(&mut self, action: Action) {
        if self.online().is_none() || self.is_watching() {
            return;
        }
        let snapshot = &self.snapshot;
        let setting = match action {
            Action::Watchable => Setting::Watchable(!snapshot.is_watchable),
            Action::WatchersTalk => Setting::WatchersMayChat(!snapshot.watchers_may_chat),
            _ => Setting::OpenChat,
        };
        let refusal = match setting {
            Setting::OpenChat => snapshot.is_chat_open.then_some(Notice::ChatIsOpen),
            _ => (!self.is_owner()).then_some(Notice::OwnerOnly),
        };
        match refusal {
            Some(refusal) => self.notices.set(refusal),
            None => self.send(Command::Set { setting }),
        }
    }

    /// Takes in a chat line or an emote.
    pub(super) fn handle_said(&mut self, speaker: Speaker, name: Name, message: ChatMessage) {
        let is_own = self.is_ours(speaker, name);
        if is_own {
            self.chat.unheard = None;
        }
        if is_own || !self.is_muted {
            self.chat.push(ChatEntry { name, is_watcher: speaker == Speaker::Watcher, message });
        }
    }

    /// Takes in that the server refused a chat line or an emote.
    pub(super) fn handle_unsaid(&mut self, reject: Reject) {
        self.chat.refused = self.chat.unheard.take();
        self.notices.set(Notice::NotSaid { reject, is_kept: self.chat.refused.is_some() });
    }

    fn is_ours(&self, speaker: Speaker, name: Name) -> bool {
        match (speaker, self.role) {
            (Speaker::Player(seat), Role::Player(own)) => seat == own,
            (Speaker::Watcher, Role::Watcher { .. }) => {
                self.online().is_some_and(|online| online.session.me == name)
            }
            (Speaker::Player(Seat::Host | Seat::Guest), Role::Watcher { .. })
            | (Speaker::Watcher, Role::Player(_)) => false,
        }
    }
}
