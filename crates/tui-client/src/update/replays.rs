//! The finished matches: the list, the replay of one, and the way back to the screen below.

use std::time::Instant;

use game_core::Level;
use net::proto::{Phase, Terms, TimeControl};

use crate::{
    cast,
    cmd::Cmd,
    connecting::Connecting,
    game::Game,
    goal::Goal,
    history::{History, KeptMatch},
    keymap::Action,
    model::{Model, Screen},
    new_game::NewGame,
    notice::Notice,
    replay::Replay,
    replays::Replays,
};

impl Model {
    /// Begins with the list of finished matches, or with the replay of one.
    pub(super) fn start_replays(&mut self, list: Option<(String, History)>, opened: Option<usize>) {
        let list = list.map_or_else(Replays::default, |(name, history)| Replays::of_file(name, history));
        self.cover(Screen::Replays(list));
        if let Some(number) = opened {
            self.open_replay(number);
        }
    }

    /// Shows the list of finished matches, as they are now.
    pub(super) fn show_replays(&mut self) {
        self.cover(Screen::Replays(Replays::default()));
        self.cmds.push(Cmd::ReadHistory);
    }

    /// Replays the match that has just ended.
    pub(super) fn replay_finished(&mut self) {
        let kept = self.game().and_then(|game| game.finished.as_ref()).map(|finished| finished.kept.clone());
        if let Some(kept) = kept {
            self.cover(Screen::Replay(Box::new(Replay::new(kept).at_turning_point())));
        }
    }

    pub(super) fn act_on_replays(&mut self, now: Instant, action: Action) {
        match (&mut self.screen, action) {
            (_, Action::Branch) => self.branch(now),
            (Screen::Replays(_) | Screen::Replay(_), Action::Back) => self.uncover(),
            (Screen::Replays(list), Action::Select) => {
                let number = list.chosen(list.history(&self.history)) + 1;
                self.open_replay(number);
            }
            (Screen::Replays(list), _) => {
                let matches = list.history(&self.history).matches.len();
                list.move_by(action, matches);
            }
            (Screen::Replay(replay), Action::Export) => {
                let text = cast::of(now, &replay.kept, &self.zone);
                self.cmds.push(Cmd::Export { name: cast::name(&replay.kept, &self.zone), text });
            }
            (Screen::Replay(replay), _) => replay.handle_action(now, action),
            _ => {}
        }
    }

    /// Replays a match of the list that is shown, by its number: 1 is the newest.
    pub(crate) fn open_replay(&mut self, number: usize) {
        let Screen::Replays(list) = &mut self.screen else { return };
        let Some(kept) = list.history(&self.history).numbered(number).cloned() else { return };
        list.choose(number - 1);
        self.cover(Screen::Replay(Box::new(Replay::new(kept))));
    }

    /// Shows a screen over the one that is shown.
    fn cover(&mut self, screen: Screen) {
        self.overlay = None;
        let below = std::mem::replace(&mut self.screen, screen);
        self.below.push(below);
    }

    /// Shows the screen below.
    fn uncover(&mut self) {
        if let Some(below) = self.below.pop() {
            self.overlay = None;
            self.screen = below;
        }
    }

    /// Goes back from the replays to a match that has begun.
    pub(super) fn return_to_match(&mut self) {
        let begins =
            |screen: &Screen| matches!(screen, Screen::Game(game) if game.snapshot.phase == Phase::Playing);
        while self.below.iter().any(begins) {
            self.uncover();
        }
    }

    /// Tells whether the position of the replay can be played on: not while that would end another game.
    pub(crate) fn may_branch(&self) -> bool {
        let Screen::Replay(replay) = &self.screen else { return false };
        let is_free = self.background_game.is_none()
            && self.game().is_none_or(|game| game.online().is_none() && !game.is_running());
        is_free && replay.snapshot.record.position().outcome().is_none()
    }

    /// Plays on from the position of the replay, against the bot, on the side that is to move there.
    fn branch(&mut self, now: Instant) {
        let Screen::Replay(replay) = &self.screen else { return };
        if !self.may_branch() {
            return;
        }
        let moves = replay.kept.moves[..replay.plies].to_vec();
        let rules = replay.kept.terms.rules;
        let terms = Terms { rules, best_of: None, time: TimeControl::Off };
        let best = NewGame { terms, level: Level::Perfect, ..self.new_game };
        let opponent = self.next_bot(best.bot_level(), moves.len() % 2 == 1);
        self.show(Screen::Connecting(Box::new(Connecting::new(now, Goal::Local { opponent }))));
        self.cmds.extend([Cmd::EndLocal, Cmd::PlayLocal { terms, opponent, moves }]);
    }

    /// Takes in that a match was kept, or only for this run.
    pub(super) fn handle_kept(&mut self, kept: &KeptMatch, is_new: bool, problem: Option<String>) {
        if is_new {
            self.history.matches.push(kept.clone());
        }
        if problem.is_some() {
            self.unsaved.push(kept.clone());
        }
        let tally = kept.opponent().map(|name| self.history.against(name)).unwrap_or_default();
        let game = self.games_mut().find_map(|game| game.handle_kept(kept, tally).then_some(game));
        if let (Some(game), Some(problem)) = (game, problem) {
            game.notices.set(Notice::MatchNotKept(format!("The match is not saved: {problem}")));
        }
    }

    /// The game below the replays, if there is one.
    pub(crate) fn covered_game(&self) -> Option<&Game> {
        self.game().filter(|_| matches!(self.screen, Screen::Replays(_) | Screen::Replay(_)))
    }
}
