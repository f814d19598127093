//! The panel beside the board: the players, what is to be decided, the result, the moves and the chat.

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
    ui::Ui,
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

    /// A title with lines below it.
    fn titled(ui: &Ui, title: &str, lines: impl IntoIterator<Item = String>) -> Self {
        let title = Line::styled(ui.text(title), ui.theme.style(Role::Strong));
        let lines = lines.into_iter().map(|line| Line::raw(ui.text(&line)));
        Self::new([title].into_iter().chain(lines))
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
    pub(super) fn wrapped(self, columns: u16) -> Self {
        let wrapped = self.lines.into_iter().flat_map(|line| {
            if line.width() <= usize::from(columns) {
                return vec![line];
            }
            let rows = wrap(&line.to_string(), columns.into()).into_iter();
            rows.map(|row| Line::styled(row, line.style)).collect()
        });
        Self { lines: wrapped.collect(), ..self }
    }

    pub(super) fn rows(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX)
    }

    pub(super) fn draw(self, ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
        let text = Rect { x: area.x + INDENT, width: area.width.saturating_sub(INDENT), ..area };
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
        rest = ruled(ui, rest, frame);
        let section = section.wrapped(columns);
        let rows = section.rows().min(rest.height);
        section.draw(ui, Rect { height: rows, ..rest }, frame);
        rest = below(rest, rows);
    }
    let chat = chat::panel(ui, game, columns);
    let chat_rows = u16::try_from(chat.len()).unwrap_or(u16::MAX);
    // What somebody has written goes first: the footer names the key too.
    if let Some(section) = lesson(ui, game).filter(|_| rest.height > 2 + chat_rows) {
        rest = ruled(ui, rest, frame);
        section.draw(ui, Rect { height: 1, ..rest }, frame);
        rest = below(rest, 1);
    }
    // The moves take what the chat leaves; of the chat, at least its last two lines and their rule stay.
    if chat_rows > 0 && rest.height > 1 {
        let most = if is_over { rest.height - 1 } else { (rest.height - 1).min(chat::MOST_ROWS) };
        let rows = chat_rows.min(most);
        let skipped = chat.len() - usize::from(rows);
        let here = Rect { y: rest.bottom() - rows, height: rows, ..rest };
        ruled(ui, Rect { y: here.y - 1, height: 1, ..rest }, frame);
        Section::new(chat.into_iter().skip(skipped)).draw(ui, here, frame);
        let text = Rect { x: here.x + INDENT, width: here.width.saturating_sub(INDENT), ..here };
        chat::note_hint(ui, game, Rect { y: here.bottom() - 1, height: 1, ..text });
        rest.height -= rows + 1;
    }
    if !is_over && rest.height > 1 && !game.snapshot.record.moves().is_empty() {
        rest = ruled(ui, rest, frame);
        Section::new(move_lines(ui, game, rest)).draw(ui, rest, frame);
    }
}

/// Draws a rule in the first row of an area, and returns the rest.
pub(super) fn ruled(ui: &Ui, area: Rect, frame: &mut Frame<'_>) -> Rect {
    ui.rule(Rect { height: area.height.min(1), ..area }, frame);
    below(area, 1)
}

pub(super) fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
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
    let text = Rect { x: area.x + INDENT, width: area.width.saturating_sub(INDENT), ..area };
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
        lines.extend(told.into_iter().map(|line| Line::styled(line, theme.style(Role::Faint))));
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
            Span::styled(format!("{mark} "), theme.style(Role::Mark(mark))),
            Span::styled(fit(&theme.text(game.name(seat)), name_columns), theme.style(Role::Strong)),
            Span::styled(format!(" {:<dots_columns$}", dots.join(" ")), theme.style(Role::Mark(mark))),
            Span::styled(players::wins_in_words(wins), theme.style(Role::Faint)),
        ])
    };
    let mut lines = Seat::BOTH.map(line).to_vec();
    if score.draws > 0 {
        let draws = format!("{} {}", score.draws, if score.draws == 1 { "draw" } else { "draws" });
        let blank = " ".repeat(name_columns + dots_columns + 3);
        lines.push(Line::styled(format!("{blank}{draws}"), theme.style(Role::Faint)));
    }
    lines
}

/// The panel of the compact layout, fifteen columns wide or more.
pub(super) fn compact(ui: &Ui, game: &Game, area: Rect, frame: &mut Frame<'_>) {
    if let Some(shown) = compact_question(ui, game) {
        return shown.draw(ui, area, frame);
    }
    let mut lines = match game.snapshot.phase {
        Phase::Over(_) => {
            vec![
                Line::styled(format!("{}.", game.reader().headline()), ui.theme.style(outcome_role(game))),
                Line::styled(format!("draws {}", game.snapshot.score.draws), ui.theme.style(Role::Faint)),
            ]
        }
        Phase::Adjourned => vec![Line::styled("Adjourned", ui.theme.style(Role::Strong))],
        Phase::Waiting | Phase::Playing => last_move(ui, game).into_iter().collect(),
    };
    lines.push(Line::default());
    let used = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let rest = Rect { y: area.y + used, height: area.height - used, ..area };
    frame.render_widget(Paragraph::new(lines), area);
    chat::compact(ui.theme, game, rest, frame);
}

/// `last O 4`
fn last_move(ui: &Ui, game: &Game) -> Option<Line<'static>> {
    let record = &game.snapshot.record;
    let cell = record.last()?;
    let mark = record.position().board().mark_at(cell)?;
    Some(Line::from(vec![
        Span::styled("last ", ui.theme.style(Role::Faint)),
        Span::styled(format!("{mark} "), ui.theme.style(Role::Mark(mark))),
        Span::raw(phrases::short_cell(record.rules(), cell)),
    ]))
}

fn compact_question(ui: &Ui, game: &Game) -> Option<Section> {
    let Some(offer) = game.incoming_offer() else {
        let left = game.claim_in(ui.now)?;
        let title = if left.is_zero() { "now".into() } else { format!("in {}", format::countdown(left)) };
        let [win, draw, adjourn] = status_line::CLAIM_KEYS;
        let keys = [format!("{win} win"), format!("{draw} draw"), format!("{adjourn} put it off")];
        return Some(Section::titled(ui, &title, keys));
    };
    let title = match offer.kind {
        OfferKind::Draw => "DRAW?",
        OfferKind::Takeback => "TAKEBACK?",
        OfferKind::Adjourn => "ADJOURN?",
    };
    let opens = game.left_of(offer.opens_in_millis, ui.now);
    let wait = if opens.is_zero() { "" } else { " in 1 s" };
    let shown = Section::titled(
        ui,
        title,
        [format!("<offer.accept> accept{wait}"), "<offer.decline> decline".into()],
    );
    Some(shown.lit(Role::Good))
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
    let if_it_runs = "if the server still runs";
    let seat: &[&str] = match game.snapshot.phase {
        _ if game.is_watching() => &[],
        _ if down.is_server_gone() => &["the server may have stopped"],
        Phase::Playing if online.is_seat_kept(now) => &[&format!("your seat is kept for {kept}"), if_it_runs],
        Phase::Playing => &["your seat may be gone"],
        Phase::Adjourned => &["your match is kept", if_it_runs],
        Phase::Waiting | Phase::Over(_) => &[],
    };
    let escape = if game.returns_behind_menu(now) { "Esc    menu, trying goes on" } else { "Esc    leave" };
    let mut lines = vec![format!("lost {ago} ago"), next];
    lines.extend(seat.iter().map(|line| (*line).to_owned()));
    lines.extend([String::new(), "<link-down.try-now>  try now".into(), escape.into()]);
    if game.unconfirmed.is_some() {
        lines.extend([String::new(), "sent? is sent again, once, when".into(), "the link is back.".into()]);
    }
    Some(Section::titled(ui, "Your connection", lines).lit(Role::Bad))
}

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
    let Some(left) = game.claim_in(now) else {
        return Some(
            Section::titled(
                ui,
                "What you can do",
                [what, "wait".into(), "<match.resign>  resign (asks)".into()],
            )
            .lit(Role::Bad),
        );
    };
    let [win, draw, adjourn] = status_line::CLAIM_KEYS;
    let lines = [
        what,
        if left.is_zero() {
            "wait; or now:".into()
        } else {
            format!("wait; in {} you can:", format::countdown(left))
        },
        format!("{win}  claim the win"),
        format!("{draw}  call it a draw"),
        format!("{adjourn}  put it off; both can go on"),
        "   later from the menu".into(),
    ];
    Some(Section::titled(ui, "What you can do", lines).lit(Role::Bad))
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
        let lines = [
            format!("<offer.accept>  {accept}"),
            "<offer.decline>  decline".into(),
            if game.may_move() { "or play on: that declines it" } else { "" }.into(),
            hint,
        ];
        return Some(Section::titled(ui, &title, lines).lit(Role::Good));
    }
    let offer = game.own_offer()?;
    let other = game.other_name();
    let left = format::countdown(game.left_of(offer.gone_in_millis, now));
    let lines =
        [format!("{other} has {left} to answer"), format!("{}  withdraw it", keymap::offer_key(offer.kind))];
    Some(Section::titled(ui, &format!("You {}", phrases::offers(offer.kind, true)), lines))
}

/// The players in the room of an adjourned match, and the time for which it is kept.
fn adjourned(ui: &Ui, game: &Game) -> Option<Section> {
    if game.snapshot.phase != Phase::Adjourned || game.is_watching() {
        return None;
    }
    let other = game.other_name();
    let is_own_server = game.online().is_some_and(Online::is_own_server);
    let kept: &[&str] = if is_own_server {
        &["It is served from here, and", "ends with this program."]
    } else {
        &["The server keeps it until both", "of you want to go on."]
    };
    let state = match game.opponent_presence() {
        _ if game.is_awaited() => "wants to go on",
        Some(Presence::Present) => "here",
        Some(Presence::Silent { .. } | Presence::Away { .. }) | None => "awaited",
    };
    let lines = [
        "you  here".to_owned(),
        format!("{other}  {state}"),
        "<adjourned.go-on>  go on, if both want to".into(),
        "Esc    menu; return from there".into(),
    ];
    let kept = kept.iter().map(|line| (*line).to_owned());
    Some(Section::titled(ui, "Adjourned", lines.into_iter().chain(kept)))
}

/// The next step after a match, lit where a key takes it.
fn next_step(ui: &Ui, game: &Game) -> Option<Section> {
    let Phase::Over(_) = game.snapshot.phase else { return None };
    let theme = ui.theme;
    let starter = theme.text(game.name(game.snapshot.x.other()));
    let next = if game.series_goes_on() { "next game" } else { "rematch" };
    let title = format!("<over.rematch>  {next}, {starter} starts");
    let mut lines = vec![title];
    let left = |seat: Seat| game.rematch_left(seat, ui.now).map(format::countdown);
    let other = game.other_name();
    match (left(game.viewpoint()), left(game.other())) {
        _ if game.is_watching() => return None,
        _ if matches!(game.place, Place::Keyboard) => {}
        _ if game.may_host_again() => {
            let left = if game.is_ended() { "this room is gone".into() } else { format!("{other} left") };
            let lines = ["   with the same terms".into(), format!("   {left}")];
            return Some(Section::titled(ui, "<over.rematch>  host again", lines).faint(ui).lit(Role::Good));
        }
        _ if !game.is_opponent_here() => {
            return Some(Section::titled(ui, &format!("{other} is gone"), ["Esc  leave".into()]));
        }
        (Some(left), _) => lines.push(format!("   waiting for {other}, {left}")),
        (None, Some(left)) => lines.push(format!("   {other} is ready, {left} left")),
        (None, None) => lines.push(format!("   {other} has not asked yet")),
    }
    let title = lines.remove(0);
    Some(Section::titled(ui, &title, lines).faint(ui).lit(Role::Good))
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
    Some(Section::titled(ui, &format!("<over.replay>  {text}"), []).with_keys())
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
            let mut spans = vec![Span::styled(format!("{number:<4}"), ui.theme.style(Role::Faint))];
            for (mark, cell) in [Mark::X, Mark::O].into_iter().zip(pair) {
                let cell = phrases::short_cell(rules, *cell);
                spans.push(Span::styled(format!("{mark} "), ui.theme.style(Role::Mark(mark))));
                spans.push(Span::raw(format!("{cell:<move_columns$}")));
            }
            Line::from(spans)
        })
        .collect();
    let first = pairs.len().saturating_sub(area.height.into());
    pairs.into_iter().skip(first).collect()
}
