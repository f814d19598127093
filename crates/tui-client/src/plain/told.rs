//! News in plain mode: compares the model with what has been told.

use std::{
    mem::{self, Discriminant},
    time::Instant,
};

use net::proto::{Ending, Phase, RoomCode, RoomLine, RoomState};
use server::phrases::{self, Reader};

use super::{answers, words};
use crate::{
    format,
    game::Game,
    history::KeptMatch,
    lan_games::LanGame,
    model::{Model, Screen},
    notice::ListNotice,
    online::LinkState,
    overlay::Overlay,
    status_line,
};

/// The part of the model that has been told already.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The kind of the screen.
    screen: Option<Discriminant<Screen>>,
    /// The state and the notice.
    status: String,
    /// The room and the match, once both players are there.
    game: Option<(RoomCode, Option<u32>)>,
    /// The number of moves, and whether the match was over.
    moves: usize,
    is_over: bool,
    /// The last request for a text.
    prompt: String,
    /// The way in for a friend.
    invitation: Vec<String>,
    /// The number of chat lines of this room.
    talk: u64,
    /// The games of the list that is shown.
    rows: Vec<RoomCode>,
    /// True once it was said how to name a cell.
    has_named_cells: bool,
}

impl Told {
    /// Tells what is new.
    pub(super) fn tell(&mut self, model: &Model, now: Instant, lines: &mut Vec<String>) {
        match model.game() {
            Some(game) => self.tell_game(model, game, lines),
            None => self.game = None,
        }
        self.tell_rows(model, lines);
        self.tell_replays(model, lines);
        let status = status(model, now);
        let screen = Some(mem::discriminant(&model.screen));
        if mem::replace(&mut self.screen, screen) != screen {
            self.status.clear();
        }
        // The state goes on behind a request for a text.
        if matches!(model.overlay, Some(Overlay::Chat(_) | Overlay::Cell(_) | Overlay::Emotes)) {
            if status != self.prompt {
                lines.push(status.clone());
                self.prompt = status;
            }
            return;
        }
        self.prompt.clear();
        // While a move is on its way, its confirmation says more.
        let is_same = words::without_times(&status) == words::without_times(&self.status);
        if is_same || model.game().is_some_and(is_on_its_way) {
            return;
        }
        // A notice that has passed says nothing new, and one that has come says all that is new.
        if words::before(&self.status, &status).is_none() {
            let news = words::before(&status, &self.status).unwrap_or(&status);
            lines.push(news.to_owned());
        }
        self.status = status;
    }

    fn tell_game(&mut self, model: &Model, game: &Game, lines: &mut Vec<String>) {
        let snapshot = &game.snapshot;
        let begun = (snapshot.phase != Phase::Waiting).then_some(snapshot.match_number);
        let id = (snapshot.code, begun);
        let is_other_room = self.game.is_none_or(|(code, _)| code != snapshot.code);
        if is_other_room {
            self.talk = game.chat.count();
        }
        if self.game != Some(id) {
            lines.push(title(game));
            if begun.is_some() && !mem::replace(&mut self.has_named_cells, true) {
                lines.push(format!("{}.", cells(game)));
            }
            self.moves = snapshot.record.moves().len();
            if self.moves > 0 {
                lines.push(format!("{} moves are played: `board` says them.", self.moves));
            }
            self.game = Some(id);
            self.is_over = false;
        }
        let invitation = invitation(model, game);
        lines.extend(invitation.iter().filter(|line| !self.invitation.contains(line)).cloned());
        self.invitation = invitation;
        let count = usize::try_from(game.chat.count().saturating_sub(self.talk)).unwrap_or(usize::MAX);
        let mut said: Vec<String> =
            game.chat.newest_first().take(count).map(crate::chat::ChatEntry::in_one_line).collect();
        said.reverse();
        lines.append(&mut said);
        self.talk = game.chat.count();
        self.tell_end(game, lines);
        self.moves = snapshot.record.moves().len();
    }

    /// Tells the move that has ended the match, which the result does not, and the score.
    fn tell_end(&mut self, game: &Game, lines: &mut Vec<String>) {
        let snapshot = &game.snapshot;
        let Phase::Over(ending) = snapshot.phase else { return };
        if mem::replace(&mut self.is_over, true) {
            return;
        }
        let is_moved = snapshot.record.moves().len() > self.moves && ending == Ending::OnBoard;
        if let Some(cell) = snapshot.record.last().filter(|_| is_moved)
            && let Some(mark) = snapshot.record.position().board().mark_at(cell)
        {
            let who = game.reader().name(snapshot.seat(mark)).to_owned();
            lines.push(format!("{who} played {}.", phrases::cell(snapshot.record.rules(), cell)));
        }
        if snapshot.best_of.is_some() || snapshot.match_number > 1 {
            lines.push(answers::score(game));
        }
    }

    /// Tells the list of matches, and the match of a replay, when they are opened.
    fn tell_replays(&self, model: &Model, lines: &mut Vec<String>) {
        if self.screen == Some(mem::discriminant(&model.screen)) {
            return;
        }
        match &model.screen {
            Screen::Replays(_) => lines.extend(list(model)),
            Screen::Replay(replay) => {
                let kept = &replay.kept;
                let date = format::date(kept.ended, &model.zone);
                lines.push(format!("{}, {date}, {}.", kept.players(), phrases::terms(&kept.terms)));
                lines.push(
                    "`next` and `previous` step, `run` runs, `mistake` goes to the next mistake.".into(),
                );
            }
            _ => {}
        }
    }

    /// Tells the games that have come to the list.
    fn tell_rows(&mut self, model: &Model, lines: &mut Vec<String>) {
        let rooms = rooms(model);
        for room in &rooms {
            if !self.rows.contains(&room.code) {
                lines.push(row(room));
            }
        }
        self.rows = rooms.iter().map(|room| room.code).collect();
    }
}

/// The sentence of the state, and a notice if there is one.
pub(super) fn status(model: &Model, now: Instant) -> String {
    let status = words::spoken(&model.keymap, &status_line::spoken(model, now));
    match (&model.overlay, &model.screen) {
        (Some(Overlay::Chat(input)), _) if input.error.is_none() => {
            "Type what you want to say; an empty line says nothing.".into()
        }
        (Some(Overlay::Cell(input)), _) if input.error.is_none() => "Name a cell, as in c4.".into(),
        (Some(Overlay::Emotes), _) => {
            format!("{}; `back` says nothing.", status_line::emotes(&model.keymap).join(", "))
        }
        (Some(Overlay::Checkup { report: None, .. }), _) => {
            "Checking the network. It takes some seconds.".into()
        }
        (None, Screen::Menu(menu)) if menu.game.is_none() && menu.notice.is_none() => {
            let seats = if model.saved_seats.is_empty() { String::new() } else { format!(" {status}") };
            format!(
                "Menu: quick, list, host, join PLACE, watch PLACE, bot, local, replays. `help` explains.{seats}"
            )
        }
        (None, Screen::Lan(list)) => list_status(model, list.notice, &status_line::search(&model.lan, now)),
        (None, Screen::Rooms(rooms)) if !rooms.is_lost => list_status(model, rooms.notice, ""),
        _ => status,
    }
}

fn list_status(model: &Model, notice: Option<ListNotice>, search: &str) -> String {
    let notice =
        notice.map(|notice| format!("{} ", words::spoken(&model.keymap, &status_line::list_notice(notice))));
    let state = match rooms(model).len() {
        0 => format!("No games yet; new ones are told. {search}").trim_end().to_owned(),
        1 => "1 game: `join` and its code, or `watch`.".into(),
        count => format!("{count} games: `join` and a code, or `watch`; `list` says them."),
    };
    format!("{}{state}", notice.unwrap_or_default())
}

/// The list that is shown, in lines: all games, or the newest matches.
pub(super) fn list(model: &Model) -> Vec<String> {
    /// More than anybody listens to.
    const MOST: usize = 20;
    let Screen::Replays(list) = &model.screen else { return rooms(model).iter().map(row).collect() };
    let history = list.history(&model.history);
    let shown =
        (1..=history.matches.len().min(MOST)).filter_map(|number| Some((number, history.numbered(number)?)));
    let line = |(number, kept): (usize, &KeptMatch)| {
        let against = kept.opponent().map(|opponent| format!("against {opponent}"));
        let against = against.unwrap_or_else(|| kept.players());
        let date = format::date(kept.ended, &model.zone);
        format!(
            "{number}: {against}, {date}, {}. {}",
            phrases::rules(kept.terms.rules),
            status_line::result(kept)
        )
    };
    let mut lines: Vec<String> = shown.map(line).collect();
    if lines.is_empty() {
        lines.push("No match is kept yet.".into());
    } else {
        let count = history.matches.len();
        let matches = if count == 1 { "match" } else { "matches" };
        lines.push(format!("{count} {matches}: {}.", history.tally()));
    }
    lines
}

/// The games of the list that is shown.
pub(super) fn rooms(model: &Model) -> Vec<RoomLine> {
    match &model.screen {
        Screen::Lan(list) => list.rows(&model.lan).iter().map(|game: &LanGame<'_>| *game.room).collect(),
        Screen::Rooms(rooms) => rooms.rows().to_vec(),
        _ => Vec::new(),
    }
}

fn row(room: &RoomLine) -> String {
    let what = match (&room.guest, room.state()) {
        (Some(guest), _) => format!("{} plays {guest}", room.host),
        (None, RoomState::Locked) => format!("{} waits, with a passcode", room.host),
        (None, _) => format!("{} waits", room.host),
    };
    format!("{}: {what}, {}.", room.code, phrases::terms(&room.terms))
}

/// The room, or the players of the match.
fn title(game: &Game) -> String {
    let snapshot = &game.snapshot;
    let terms = phrases::terms(&snapshot.terms());
    if snapshot.phase == Phase::Waiting {
        return format!("Room {}: {terms}.", snapshot.code);
    }
    let [x, o] = [(snapshot.x, true), (snapshot.x.other(), false)].map(|(seat, begins_sentence)| {
        let verb = if game.is_own(seat) { "play" } else { "plays" };
        let reader = Reader { begins_sentence, ..game.reader() };
        format!("{} {verb} {}", reader.name(seat), snapshot.mark(seat))
    });
    format!("Game {}, {terms}. {x}, {o}.", snapshot.game_number())
}

/// The way to name a cell.
pub(super) fn cells(game: &Game) -> String {
    let rules = game.snapshot.record.rules();
    if rules.cells() == 9 {
        "1 to 9: play a cell; 7 is top left, 3 bottom right".into()
    } else {
        let last = char::from(b'a' + rules.columns() - 1);
        format!("a1 to {last}{}: play a cell; a1 is bottom left", rules.rows())
    }
}

/// The way in for a friend, while the room waits for one.
fn invitation(model: &Model, game: &Game) -> Vec<String> {
    if game.snapshot.phase != Phase::Waiting || game.is_watching() {
        return Vec::new();
    }
    let mut lines = vec![format!("Your friend types: {}", game.join_command())];
    lines.extend(game.page_url().map(|url| format!("Or in a browser: {url}")));
    lines.extend(status_line::who_may_come(game, model.new_game.shown_passcode()));
    lines.push(status_line::watchers(game));
    lines
}

fn is_on_its_way(game: &Game) -> bool {
    let is_up = game.online().is_none_or(|online| matches!(online.link, LinkState::Up { .. }));
    game.unconfirmed.is_some() && is_up
}
