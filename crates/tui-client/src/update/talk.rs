//! Talk: what is said in a room, by us and by others.

use net::proto::{
    ChatLine, ChatMessage, Command, Emote, MAX_CHAT_COLUMNS, Name, Phase, Reject, Seat, Setting, Snapshot,
    Speaker,
};

use crate::{
    cmd::Cmd,
    field::Field,
    keymap::Action,
    model::{Game, Model, Overlay, Role},
    talk::Spoken,
};

impl Model {
    /// Opens the field for a line, or says why nothing can be said.
    pub(super) fn open_talk(&mut self) -> Vec<Cmd> {
        if let Some(game) = self.talking_game() {
            // What was refused can be said again.
            let refused = game.talk.refused.take();
            let text = refused.as_ref().map_or("", ChatLine::as_str);
            self.overlay = Some(Overlay::Talk(Field::with_text(MAX_CHAT_COLUMNS, text)));
        }
        Vec::new()
    }

    /// Shows the emotes, or says why nothing can be said.
    pub(super) fn open_emotes(&mut self) -> Vec<Cmd> {
        if self.talking_game().is_some() {
            self.overlay = Some(Overlay::Emotes);
        }
        Vec::new()
    }

    /// Enter and Esc in the field for a line.
    pub(super) fn talk(&mut self, action: Action) -> Vec<Cmd> {
        let Some(Overlay::Talk(field)) = &mut self.overlay else { return Vec::new() };
        match action {
            Action::Select if field.text().trim().is_empty() => {
                self.overlay = None;
                Vec::new()
            }
            Action::Select => match ChatLine::parse_typed(field.text()) {
                Ok(line) => {
                    self.overlay = None;
                    if let Some(game) = self.game_mut() {
                        game.talk.unheard = Some(line.clone());
                    }
                    self.say(ChatMessage::Line(line))
                }
                Err(error) => {
                    field.error = Some(format!("Not said: {error}."));
                    Vec::new()
                }
            },
            Action::Back => {
                self.overlay = None;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// A key while the emotes are shown.
    pub(super) fn emote(&mut self, action: Action) -> Vec<Cmd> {
        match action {
            Action::Emote(number) => {
                self.overlay = None;
                let emote = usize::from(number).checked_sub(1).and_then(|index| Emote::ALL.get(index));
                emote.map_or_else(Vec::new, |emote| self.say(ChatMessage::Emote(*emote)))
            }
            Action::Back => {
                self.overlay = None;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Shows what others say, or does not any more. To mute answers an offer that is open.
    pub(super) fn mute(&mut self) -> Vec<Cmd> {
        let Some(game) = self.game_mut().filter(|game| game.online().is_some()) else { return Vec::new() };
        let cmds = if game.is_muted { Vec::new() } else { game.decline() };
        game.is_muted = !game.is_muted;
        game.notice = Some(match (game.is_muted, game.is_watching()) {
            (true, true) => "Muted: what others say is not shown. m hears them again.".into(),
            (true, false) => {
                "Muted: what others say is not shown, and offers are declined. m hears them again.".into()
            }
            (false, _) => "You hear the others again.".into(),
        });
        cmds
    }

    /// Changes something about the room.
    pub(super) fn set(&mut self, action: Action) -> Vec<Cmd> {
        let Some(game) = self.game_mut() else { return Vec::new() };
        if game.online().is_none() || game.is_watching() {
            return Vec::new();
        }
        let snapshot = &game.snapshot;
        let setting = match action {
            Action::OpenChat if snapshot.is_chat_open => {
                game.notice = Some("The talk is open: t says something.".into());
                return Vec::new();
            }
            Action::OpenChat => Setting::OpenChat,
            Action::Watchable => Setting::Watchable(!snapshot.is_watchable),
            Action::WatchersTalk => Setting::WatchersMayChat(!snapshot.watchers_may_chat),
            _ => return Vec::new(),
        };
        if !game.is_owner() && setting != Setting::OpenChat {
            game.notice = Some("Only who opened the room may do that.".into());
            return Vec::new();
        }
        vec![game.send(Command::Set { setting })]
    }

    /// Takes in what somebody in the room says.
    pub(super) fn said(&mut self, speaker: Speaker, name: Name, message: ChatMessage) -> Vec<Cmd> {
        if let Some(game) = self.online_game_mut() {
            let is_own = game.is_ours(speaker, name);
            if is_own {
                game.talk.unheard = None;
            }
            if is_own || !game.is_muted {
                game.talk.push(Spoken { name, is_watcher: speaker == Speaker::Watcher, talk: message });
            }
        }
        Vec::new()
    }

    /// Says something, unless the link was lost while it was typed: then it is kept for the next time.
    fn say(&mut self, message: ChatMessage) -> Vec<Cmd> {
        let Some(game) = self.game_mut() else { return Vec::new() };
        if game.down().is_some() {
            game.talk.refused = game.talk.unheard.take();
            game.notice = Some("Nothing can be said until the connection is back.".into());
            return Vec::new();
        }
        vec![game.send(Command::Say { message })]
    }

    /// The game in which something can be said now; else the notice says why not.
    fn talking_game(&mut self) -> Option<&mut Game> {
        let game = self.game_mut()?;
        game.notice = if game.online().is_none() {
            Some("There is nobody to talk to at this machine.".into())
        } else if game.down().is_some() {
            Some("Nothing can be said until the connection is back.".into())
        } else if !game.snapshot.is_chat_open && !game.is_watching() {
            Some("You are strangers, so the talk is off. o opens it for both of you.".into())
        } else {
            None
        };
        game.notice.is_none().then_some(game)
    }
}

impl Game {
    /// Says why what was said is not heard.
    pub(super) fn talk_refused(&mut self, reject: Reject) {
        self.talk.refused = self.talk.unheard.take();
        let next = match reject {
            Reject::ChatClosed => " o opens it.",
            Reject::TooFast if self.talk.refused.is_some() => " t tries it again.",
            _ => "",
        };
        self.notice = Some(format!("Not said: {reject}.{next}"));
    }

    /// What has changed about the room, in words, if something has that is not on the board.
    pub(super) fn change_to(&self, next: &Snapshot) -> Option<String> {
        let before = &self.snapshot;
        let changed = |was: bool, is: bool, on: &str, off: &str| {
            (was != is).then(|| if is { on.to_owned() } else { off.to_owned() })
        };
        // Who waits has all of this on the screen, and what a match begins with is no change.
        if before.phase == Phase::Waiting || next.phase == Phase::Waiting || next.code != before.code {
            return None;
        }
        let chat = changed(
            before.is_chat_open,
            next.is_chat_open,
            "The talk is open for both of you: t says something.",
            "The talk is off.",
        );
        let watching = changed(
            before.is_watchable,
            next.is_watchable,
            "Everybody may watch now.",
            "Nobody may watch any more.",
        );
        let heard = changed(
            before.watchers_may_chat,
            next.watchers_may_chat,
            "Those who watch are heard now.",
            "Those who watch are not heard any more.",
        );
        chat.or(watching).or(heard)
    }

    /// Whether it is us who speaks.
    fn is_ours(&self, speaker: Speaker, name: Name) -> bool {
        match (speaker, self.role) {
            (Speaker::Player(seat), Role::Player(own)) => seat == own,
            (Speaker::Watcher, Role::Watcher { .. }) => {
                self.online().is_some_and(|online| online.joined.me == name)
            }
            (Speaker::Player(Seat::Host | Seat::Guest), Role::Watcher { .. })
            | (Speaker::Watcher, Role::Player(_)) => false,
        }
    }
}
