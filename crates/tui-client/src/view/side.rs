//! The panel beside the board: the players, what is to be decided, the result, the moves and the chat.

use std::iter;

use game_core::Mark;
use net::proto::{BestOf, OfferKind, Phase, Presence, Seat};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};
use server::phrases;
use unicode_width::UnicodeWidthStr as _;

use super::{
    chat, pixels, players,
    text::{fit, wrap},
    ui::{Ui, below, right_of},
};
use crate::{
    format,
    game::{Game, Place},
    keymap,
    online::{Online, Retry},
    status_line,
    theme::Role,
};

/// The columns at both sides of a panel's text.
pub(super) const INDENT: u16 = 2;

/// A part of the panel: lines, and the role of the pointer at their left if they ask for an answer.
#[derive(Debug)]
pub(super) struct Section {
    lines: Vec<Line<'static>>,
    pointer: Option<Role>,
    /// True if its lines tell of keys, without a pointer.
    has_keys: bool,
}

impl Section {
    pub(super) fn new(lines: impl IntoIterator<Item = Line<'static>>) -> Self {
        Self { lines: lines.into_iter().collect(), pointer: None, has_keys: false }
    }

    /// A title with lines below it, in one text.
    fn titled(ui: &Ui, text: &str) -> Self {
        let roles = [Role::Strong].into_iter().chain(iter::repeat(Role::Plain));
        Self::new(text.lines().zip(roles).map(|(line, role)| ui.line(ui.text(line), role)))
    }

    /// Makes the lines below the title less important.
    fn faint(mut self, ui: &Ui) -> Self {
        for line in self.lines.iter_mut().skip(1) {
            line.style = ui.theme.style(Role::Faint);
        }
        self
    }

    /// Makes buttons of the lines that tell of keys.
    fn with_keys(self) -> Self {
        Self { has_keys: true, ..self }
    }

    /// Lights the section, to say that it waits for an answer.
    fn lit(self, role: Role) -> Self {
        Self { pointer: Some(role), ..self }
    }

    /// Wraps the long lines of the section.
    fn wrapped(self, columns: u16) -> Self {
        let wrapped = self.lines.into_iter().flat_map(|line| {
            if line.width() <= usize::from(columns) {
                return vec![line];
            }
            let rows = wrap(&line.to_string(), columns.into()).into_iter();
            rows.map(|row| Line::styled(row, line.style)).collect()
        });
        Self { lines: wrapped.collect(), ..self }
    }

    /// Draws a rule at the top of an area, and the section below it. Returns the rest.
    fn draw_ruled(self, ui: &Ui, area: Rect, frame: &mut Frame<'_>) -> Rect {
        let area = ruled(ui, area, frame);
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX).min(area.height);
        self.draw(ui, Rect { height: rows, ..area }, frame);
        below(area, rows)
    }

    pub(super) fn draw(self, ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
        let text = right_of(area, INDENT);
        let lines: Vec<String> = self.lines.iter().map(ToString::to_string).collect();
        frame.render_widget(Paragraph::new(self.lines), text);
        if self.pointer.is_some() || self.has_keys {
            ui.note_keys(lines, area);
        }
        if let Some(role) = self.pointer {
            ui.choose(area, ui.theme.style(role), frame);
        }
    }
}

/// The panel of the full layout: the players or the result, what is to be decided, the moves, and the chat.
pub(super) fn full(ui: &Ui, game: &Game, area: Rect, frame: &mut Frame<'_>) {
    let is_over = matches!(game.snapshot.phase, Phase::Over(_));
    let head = if is_over { draw_result(ui, game, area, frame) } else { draw_players(ui, game, area, frame) };
    let mut rest = below(area, head);
    let columns = area.width.saturating_sub(INDENT);
    let question =
        [connection(ui, game), absence(ui, game), offer(ui, game), adjourned(ui, game), next_step(ui, game)];
    if let Some(section) = question.into_iter().flatten().next() {
        rest = section.wrapped(columns).draw_ruled(ui, rest, frame);
    }
    let chat = chat::panel(ui, game, columns);
    let chat_rows = u16::try_from(chat.len()).unwrap_or(u16::MAX);
    // What somebody has written goes first: the footer names the key too.
    if let Some(section) = lesson(ui, game).filter(|_| rest.height > 2 + chat_rows) {
        rest = section.draw_ruled(ui, rest, frame);
    }
    // The moves take what the chat leaves; of the chat, at least its last two lines and their rule stay.
    if chat_rows > 0 && rest.height > 1 {
        let most = if is_over { rest.height - 1 } else { (rest.height - 1).min(chat::MOST_ROWS) };
        let rows = chat_rows.min(most);
        let skipped = chat.len() - usize::from(rows);
        let here = Rect { y: rest.bottom() - rows, height: rows, ..rest };
        ruled(ui, Rect { y: here.y - 1, height: 1, ..rest }, frame);
        Section::new(chat.into_iter().skip(skipped)).draw(ui, here, frame);
        chat::note_hint(ui, game, right_of(below(here, rows - 1), INDENT));
        rest.height -= rows + 1;
    }
    if !is_over && rest.height > 1 && !game.snapshot.record.moves().is_empty() {
        Section::new(move_lines(ui, game, below(rest, 1))).draw_ruled(ui, rest, frame);
    }
}

/// Draws a rule in the first row of an area, and returns the rest.
pub(super) fn ruled(ui: &Ui, area: Rect, frame: &mut Frame<'_>) -> Rect {
    ui.rule(Rect { height: area.height.min(1), ..area }, frame);
    below(area, 1)
}

/// Draws both players, and returns the rows that they take.
fn draw_players(ui: &Ui, game: &Game, area: Rect, frame: &mut Frame<'_>) -> u16 {
    for (y, seat) in [area.y, area.y + 3].into_iter().zip(Seat::BOTH) {
        players::block(ui, game, seat, Rect { y, height: 2, ..area }, frame);
    }
    6
}

/// Draws the outcome as a large word and the score, and returns the rows that they take.
fn draw_result(ui: &Ui, game: &Game, area: Rect, frame: &mut Frame<'_>) -> u16 {
    let theme = ui.theme;
    let text = right_of(area, INDENT);
    let word = match game.snapshot.winner() {
        None => "DRAW".to_owned(),
        Some(winner) if game.is_own(winner) => "YOU WON".to_owned(),
        Some(winner) if game.is_shared() => format!("{} WON", game.snapshot.mark(winner)),
        Some(_) => "YOU LOST".to_owned(),
    };
    let role = outcome_role(game);
    let place = Rect { height: pixels::WORD_ROWS, ..text }.intersection(area);
    pixels::draw_word(&word, place, theme.style(role), theme.is_ascii, frame.buffer_mut());
    // The line in words gives the reason.
    let score = ruled(ui, below(area, pixels::WORD_ROWS + 1), frame);
    let mut lines = score_lines(ui, game, usize::from(text.width));
    if let Some((opponent, tally)) = game.tally() {
        let whole = ["against", "v."].map(|word| theme.text(&format!("{word} {opponent}: {tally}")));
        let whole = whole.into_iter().find(|line| line.width() <= usize::from(text.width));
        let told = whole.map_or_else(
            || vec![theme.text(&format!("against {opponent}:")), tally.to_string()],
            |line| vec![line],
        );
        lines.extend(told.into_iter().map(|line| ui.line(line, Role::Faint)));
    }
    let score_rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    Section::new(lines).draw(ui, score, frame);
    pixels::WORD_ROWS + 2 + score_rows
}

/// The role of the outcome: a win has the colour of its mark, a loss and a draw have none.
fn outcome_role(game: &Game) -> Role {
    match game.snapshot.winner() {
        None => Role::Plain,
        Some(winner) if game.is_shared() || game.is_own(winner) => Role::Mark(game.snapshot.mark(winner)),
        Some(_) => Role::Dimmed,
    }
}

/// Columns of a number of wins, with a space before it.
const WINS_COLUMNS: usize = 8;

/// The score of both players. In a series, filled dots are games won and empty ones those still needed.
fn score_lines(ui: &Ui, game: &Game, columns: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let score = game.snapshot.score;
    // At most four dots, each with a space before it.
    let needed = game.snapshot.best_of.map_or(0, BestOf::wins_needed).min(4);
    let dots_columns = usize::from(needed) * 2;
    let name_columns = columns.saturating_sub(2 + dots_columns + WINS_COLUMNS).max(4);
    let line = |seat: Seat| {
        let mark = game.snapshot.mark(seat);
        let wins = score.wins[seat];
        let [full, empty] = if theme.is_ascii { ["*", "."] } else { ["●", "○"] };
        let dots: Vec<&str> = (0..needed).map(|game| if game < wins { full } else { empty }).collect();
        Line::from(vec![
            ui.span(format!("{mark} "), Role::Mark(mark)),
            ui.span(fit(&theme.text(game.name(seat)), name_columns), Role::Strong),
            ui.span(format!(" {:<dots_columns$}", dots.join(" ")), Role::Mark(mark)),
            ui.span(format::counted(wins.into(), "win"), Role::Faint),
        ])
    };
    let mut lines = Seat::BOTH.map(line).to_vec();
    if score.draws > 0 {
        let draws = format::counted(score.draws.into(), "draw");
        let blank = " ".repeat(name_columns + dots_columns + 3);
        lines.push(ui.line(format!("{blank}{draws}"), Role::Faint));
    }
    lines
}

/// The panel of the compact layout, fifteen columns wide or more.
pub(super) fn compact(ui: &Ui, game: &Game, area: Rect, frame: &mut Frame<'_>) {
    if let Some(shown) = compact_question(ui, game) {
        return shown.draw(ui, area, frame);
    }
    let lines = match game.snapshot.phase {
        Phase::Over(_) => vec![
            ui.line(format!("{}.", game.reader().headline()), outcome_role(game)),
            ui.line(format!("draws {}", game.snapshot.score.draws), Role::Faint),
        ],
        Phase::Adjourned => vec![ui.line("Adjourned", Role::Strong)],
        Phase::Waiting | Phase::Playing => last_move(ui, game).into_iter().collect(),
    };
    let used = u16::try_from(lines.len() + 1).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(lines), area);
    chat::compact(ui.theme, game, below(area, used), frame);
}

/// `last O 4`
fn last_move(ui: &Ui, game: &Game) -> Option<Line<'static>> {
    let record = &game.snapshot.record;
    let cell = record.last()?;
    let mark = record.position().board().mark_at(cell)?;
    Some(Line::from(vec![
        ui.span("last ", Role::Faint),
        ui.span(format!("{mark} "), Role::Mark(mark)),
        Span::raw(phrases::short_cell(record.rules(), cell)),
    ]))
}

fn compact_question(ui: &Ui, game: &Game) -> Option<Section> {
    let Some(offer) = game.incoming_offer() else {
        let left = game.claim_in(ui.now)?;
        let title = if left.is_zero() { "now".into() } else { format!("in {}", format::countdown(left)) };
        let [win, draw, adjourn] = status_line::CLAIM_KEYS;
        return Some(Section::titled(ui, &format!("{title}\n{win} win\n{draw} draw\n{adjourn} put it off")));
    };
    let what = status_line::offer_briefly(offer.kind);
    let opens = game.left_of(offer.opens_in_millis, ui.now);
    let wait = if opens.is_zero() { "" } else { " in 1 s" };
    let text = format!("{what}?\n<offer.accept> accept{wait}\n<offer.decline> decline");
    Some(Section::titled(ui, &text).lit(Role::Good))
}

/// The choices while the connection is lost.
fn connection(ui: &Ui, game: &Game) -> Option<Section> {
    let now = ui.now;
    let (down, online) = (game.down()?, game.online()?);
    let ago = format::clock(now.saturating_duration_since(down.since));
    let kept = format::clock(down.kept_for(online.session.grace, now));
    let next = match &down.retry {
        Retry::At(at) => {
            format!("next try in {} s", at.saturating_duration_since(now).as_secs_f32().ceil())
        }
        Retry::UnderWay => format!("try {} is under way", online.tries),
        // The status line says why.
        Retry::Never(_) => return None,
    };
    let seat = match game.snapshot.phase {
        _ if game.is_watching() => String::new(),
        _ if down.is_server_gone() => "the server may have stopped\n".into(),
        Phase::Playing if online.is_seat_kept(now) => {
            format!("your seat is kept for {kept}\nif the server still runs\n")
        }
        Phase::Playing => "your seat may be gone\n".into(),
        Phase::Adjourned => "your match is kept\nif the server still runs\n".into(),
        Phase::Waiting | Phase::Over(_) => String::new(),
    };
    let escape = if game.returns_behind_menu(now) { "menu, trying goes on" } else { "leave" };
    let again = if game.unconfirmed.is_some() { SENT_AGAIN } else { "" };
    let keys = format!("<link-down.try-now>  try now\nEsc    {escape}");
    let text = format!("Your connection\nlost {ago} ago\n{next}\n{seat}\n{keys}{again}");
    Some(Section::titled(ui, &text).lit(Role::Bad))
}

/// Said of a move that is not confirmed.
const SENT_AGAIN: &str = "\n\nsent? is sent again, once, when\nthe link is back.";

/// The choices while the other player is silent or away.
fn absence(ui: &Ui, game: &Game) -> Option<Section> {
    let now = ui.now;
    if game.snapshot.phase != Phase::Playing || game.is_watching() {
        return None;
    }
    let (presence, time) = game.unheard_for(game.other(), now)?;
    let what = match presence {
        Presence::Away { is_on_purpose: true, .. } => format!("left {} ago", format::clock(time)),
        Presence::Away { .. } => format!("connection lost {} ago", format::clock(time)),
        Presence::Present | Presence::Silent { .. } => format!("no answer for {} s", time.as_secs()),
    };
    let choices = match game.claim_in(now) {
        None => "wait\n<match.resign>  resign (asks)".into(),
        Some(left) => {
            let when = format!("in {} you can:", format::countdown(left));
            let when = if left.is_zero() { "or now:" } else { &when };
            let [win, draw, adjourn] = status_line::CLAIM_KEYS;
            let ends = format!("{win}  claim the win\n{draw}  call it a draw");
            format!("wait; {when}\n{ends}\n{adjourn}  put it off; both can go on\n   later from the menu")
        }
    };
    Some(Section::titled(ui, &format!("What you can do\n{what}\n{choices}")).lit(Role::Bad))
}

/// The open offer and its answers.
fn offer(ui: &Ui, game: &Game) -> Option<Section> {
    let now = ui.now;
    if let Some(offer) = game.incoming_offer() {
        let who = game.name(offer.by);
        let (title, accept) = match offer.kind {
            OfferKind::Draw => (format!("{who} offers a DRAW"), "accept the draw"),
            OfferKind::Takeback => (format!("{who} asks for a TAKEBACK"), "let them take back"),
            OfferKind::Adjourn => (format!("{who} asks to ADJOURN"), "adjourn the match"),
        };
        let left = format::countdown(game.left_of(offer.gone_in_millis, now));
        let is_open = game.left_of(offer.opens_in_millis, now).is_zero();
        let hint = if is_open {
            format!("({left} to answer)")
        } else {
            "(<offer.accept> works after 1 second)".into()
        };
        let declines = if game.may_move() { "or play on: that declines it" } else { "" };
        let keys = format!("<offer.accept>  {accept}\n<offer.decline>  decline");
        return Some(Section::titled(ui, &format!("{title}\n{keys}\n{declines}\n{hint}")).lit(Role::Good));
    }
    let offer = game.own_offer()?;
    let (what, other) = (phrases::offers(offer.kind, true), game.other_name());
    let left = format::countdown(game.left_of(offer.gone_in_millis, now));
    let key = keymap::offer_key(offer.kind);
    Some(Section::titled(ui, &format!("You {what}\n{other} has {left} to answer\n{key}  withdraw it")))
}

/// The players in the room of an adjourned match, and the time for which it is kept.
fn adjourned(ui: &Ui, game: &Game) -> Option<Section> {
    if game.snapshot.phase != Phase::Adjourned || game.is_watching() {
        return None;
    }
    let other = game.other_name();
    let is_own_server = game.online().is_some_and(Online::is_own_server);
    let kept = if is_own_server {
        "It is served from here, and\nends with this program."
    } else {
        "The server keeps it until both\nof you want to go on."
    };
    let state = match game.opponent_presence() {
        _ if game.is_awaited() => "wants to go on",
        Some(Presence::Present) => "here",
        Some(Presence::Silent { .. } | Presence::Away { .. }) | None => "awaited",
    };
    let keys = "<adjourned.go-on>  go on, if both want to\nEsc    menu; return from there";
    Some(Section::titled(ui, &format!("Adjourned\nyou  here\n{other}  {state}\n{keys}\n{kept}")))
}

/// The next step after a match, lit where a key takes it.
fn next_step(ui: &Ui, game: &Game) -> Option<Section> {
    let Phase::Over(_) = game.snapshot.phase else { return None };
    let starter = game.name(game.snapshot.x.other());
    let next = if game.series_goes_on() { "next game" } else { "rematch" };
    let title = format!("<over.rematch>  {next}, {starter} starts");
    let left = |seat: Seat| game.rematch_left(seat, ui.now).map(format::countdown);
    let other = game.other_name();
    let text = match (left(game.viewpoint()), left(game.other())) {
        _ if game.is_watching() => return None,
        _ if matches!(game.place, Place::Keyboard) => title,
        _ if game.may_host_again() => {
            let left = if game.is_ended() { "this room is gone".into() } else { format!("{other} left") };
            format!("<over.rematch>  host again\n   with the same terms\n   {left}")
        }
        _ if !game.is_opponent_here() => {
            return Some(Section::titled(ui, &format!("{other} is gone\nEsc  leave")));
        }
        (Some(left), _) => format!("{title}\n   waiting for {other}, {left}"),
        (None, Some(left)) => format!("{title}\n   {other} is ready, {left} left"),
        (None, None) => format!("{title}\n   {other} has not asked yet"),
    };
    Some(Section::titled(ui, &text).faint(ui).lit(Role::Good))
}

/// The way to the replay, with the move that lost the match, where that is certain.
fn lesson(ui: &Ui, game: &Game) -> Option<Section> {
    game.finished.as_ref()?;
    let text = match game.lost_by() {
        Some((number, _, cell)) => {
            let cell = phrases::short_cell(game.snapshot.record.rules(), cell);
            format!("replay: {cell} at move {number} lost it")
        }
        None => "replay".to_owned(),
    };
    Some(Section::titled(ui, &format!("<over.replay>  {text}")).with_keys())
}

/// The last moves that fit: `1  X 7   O 8`, in as many columns as there is room for.
fn move_lines(ui: &Ui, game: &Game, area: Rect) -> Vec<Line<'static>> {
    let rules = game.snapshot.record.rules();
    let moves = game.snapshot.record.moves();
    // The narrowest panel, beside the largest board, has room for two names of three letters.
    let move_columns = if rules.cells() == 9 || area.width < 20 { 4 } else { 6 };
    let pairs: Vec<Line<'static>> = (1..)
        .zip(moves.chunks(2))
        .map(|(number, pair)| {
            let mut spans = vec![ui.span(format!("{number:<4}"), Role::Faint)];
            for (mark, cell) in [Mark::X, Mark::O].into_iter().zip(pair) {
                let cell = phrases::short_cell(rules, *cell);
                spans.push(ui.span(format!("{mark} "), Role::Mark(mark)));
                spans.push(Span::raw(format!("{cell:<move_columns$}")));
            }
            Line::from(spans)
        })
        .collect();
    let first = pairs.len().saturating_sub(area.height.into());
    pairs.into_iter().skip(first).collect()
}
