//! The panel beside the board: the players, what is to be decided, the result, the moves and the chat.

use std::time::Instant;

use net::proto::{OfferKind, Phase, Presence, Seat};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::Style,
    text::Line,
    widgets::{Block, Paragraph},
};
use server::phrases;

use super::{chat, players, text::wrap, ui::Ui};
use crate::{
    format,
    game::{Game, Place},
    keymap,
    online::{Online, Retry},
    status_line,
    theme::{Role, Theme},
};

/// The width of the panel beside the board.
pub(super) const COLUMNS: u16 = 34;

/// A box with a title.
struct Boxed {
    title: String,
    lines: Vec<Line<'static>>,
    /// True if it asks for an answer: then its frame is double.
    is_question: bool,
}

impl Boxed {
    fn new(title: &str, lines: impl IntoIterator<Item = String>) -> Self {
        let lines = lines.into_iter().map(|line| Line::raw(format!(" {line}"))).collect();
        Self { title: title.to_owned(), lines, is_question: false }
    }

    fn height(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX).saturating_add(2)
    }

    fn draw(self, theme: Theme, area: Rect, frame: &mut Frame<'_>) {
        let border = if self.is_question { theme.double_border() } else { theme.border() };
        let style = if self.is_question { theme.style(Role::Strong) } else { Style::new() };
        let title = Line::styled(theme.text(&self.title), style);
        let block = Block::bordered().border_set(border).title(title);
        frame.render_widget(Paragraph::new(self.lines).block(block), area);
    }
}

/// The panel of the full layout.
pub(super) fn full(ui: &Ui, game: &Game, area: Rect, frame: &mut Frame<'_>) {
    let (theme, now) = (ui.theme, ui.now);
    let players = Seat::BOTH.into_iter().flat_map(|seat| players::boxed(ui, game, seat)).collect();
    let players = Boxed { title: String::new(), lines: players, is_question: false };
    let boxes = [
        Some(players),
        connection(game, now),
        absence(game, now),
        offer(game, now),
        adjourned(theme, game),
        result(theme, game, now),
    ];
    let talk = chat::rows_needed(theme, game, area.width).min(area.height);
    let mut area = area;
    for shown in boxes.into_iter().flatten() {
        let height = shown.height().min(area.height.saturating_sub(talk));
        let [here, rest] = area.layout(&Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]));
        shown.draw(theme, here, frame);
        area = rest;
    }
    let area = chat::panel(theme, game, area, frame);
    frame.render_widget(Paragraph::new(move_lines(game, area.height)), area);
}

/// The panel of the compact layout, fifteen columns wide.
pub(super) fn compact(ui: &Ui, game: &Game, area: Rect, frame: &mut Frame<'_>) {
    if let Some(shown) = compact_question(game, ui.now) {
        return shown.draw(ui.theme, area, frame);
    }
    let rules = game.snapshot.record.rules();
    let lines = match game.snapshot.phase {
        Phase::Over(_) => {
            vec![
                Line::styled(format!("{}.", game.reader().headline()), ui.theme.style(result_role(game))),
                Line::raw(format!("draws {}", game.snapshot.score.draws)),
            ]
        }
        Phase::Adjourned => vec![Line::styled("Adjourned", ui.theme.style(Role::Call))],
        Phase::Waiting | Phase::Playing => game
            .snapshot
            .record
            .last()
            .map(|last| Line::raw(format!("last: {}", phrases::short_cell(rules, last))))
            .into_iter()
            .collect(),
    };
    let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let used = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let rest = Rect { y: area.y + used, height: area.height - used, ..area };
    frame.render_widget(Paragraph::new(lines), area);
    chat::compact(ui.theme, game, rest, frame);
}

fn compact_question(game: &Game, now: Instant) -> Option<Boxed> {
    let Some(offer) = game.incoming_offer() else {
        let left = game.claim_in(now)?;
        let title = if left.is_zero() { " now ".into() } else { format!(" in {} ", format::countdown(left)) };
        let keys = ["W win", "D draw", "A adjourn"].map(String::from);
        return Some(Boxed::new(&title, keys));
    };
    let title = match offer.kind {
        OfferKind::Draw => " DRAW? ",
        OfferKind::Takeback => " TAKEBACK? ",
        OfferKind::Adjourn => " ADJOURN? ",
    };
    let opens = game.left_of(offer.opens_in_millis, now);
    let wait = if opens.is_zero() { "" } else { " in 1 s" };
    let shown = Boxed::new(title, [format!("Y accept{wait}"), "N decline".into()]);
    Some(Boxed { is_question: true, ..shown })
}

/// The choices while the connection is lost.
fn connection(game: &Game, now: Instant) -> Option<Boxed> {
    let (down, online) = (game.down()?, game.online()?);
    let ago = format::clock(now.saturating_duration_since(down.since));
    let kept = format::clock(down.kept_for(online.session.grace, now));
    let next = match &down.retry {
        Retry::At(at) => {
            format!("next try in {} s", at.saturating_duration_since(now).as_secs_f32().ceil())
        }
        Retry::UnderWay => format!("try {} is under way", down.tries),
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
    lines.extend([String::new(), "Enter  try now".into(), escape.into()]);
    if game.unconfirmed.is_some() {
        lines.extend([String::new(), "sent? is sent again, once, when".into(), "the link is back.".into()]);
    }
    Some(Boxed::new(" Your connection ", lines))
}

/// The choices while the other player is silent or away.
fn absence(game: &Game, now: Instant) -> Option<Boxed> {
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
        return Some(Boxed::new(" What you can do ", [what, "wait".into(), "R     resign (asks)".into()]));
    };
    let lines = [
        what,
        if left.is_zero() {
            "wait; or now:".into()
        } else {
            format!("wait; in {} you can:", format::countdown(left))
        },
        "W  claim the win".into(),
        "D  call it a draw".into(),
        "A  adjourn; both can resume it".into(),
        "   later from the menu".into(),
    ];
    Some(Boxed::new(" What you can do ", lines))
}

/// The open offer and its answers.
fn offer(game: &Game, now: Instant) -> Option<Boxed> {
    if let Some(offer) = game.incoming_offer() {
        let who = game.name(offer.by);
        let (title, accept) = match offer.kind {
            OfferKind::Draw => (format!(" {who} offers a DRAW "), "accept the draw"),
            OfferKind::Takeback => (format!(" {who} asks for a TAKEBACK "), "let them take back"),
            OfferKind::Adjourn => (format!(" {who} asks to ADJOURN "), "adjourn the match"),
        };
        let left = format::countdown(game.left_of(offer.gone_in_millis, now));
        let is_open = game.left_of(offer.opens_in_millis, now).is_zero();
        let hint = if is_open { format!("({left} to answer)") } else { "(Y works after 1 second)".into() };
        let lines = [
            format!(" Y  {accept}"),
            " N  decline".into(),
            if game.may_move() { " or play on: that declines it" } else { "" }.into(),
            format!(" {hint}"),
        ];
        return Some(Boxed { is_question: true, ..Boxed::new(&title, lines) });
    }
    let offer = game.own_offer()?;
    let other = game.other_name();
    let left = format::countdown(game.left_of(offer.gone_in_millis, now));
    let lines =
        [format!("{other} has {left} to answer"), format!("{}  withdraw it", keymap::offer_key(offer.kind))];
    Some(Boxed::new(&format!(" You {} ", phrases::offers(offer.kind, true)), lines))
}

/// The players in the room of an adjourned match, and the time for which it is kept.
fn adjourned(theme: Theme, game: &Game) -> Option<Boxed> {
    if game.snapshot.phase != Phase::Adjourned || game.is_watching() {
        return None;
    }
    let other = theme.text(game.other_name());
    let is_own_server = game.online().is_some_and(Online::is_own_server);
    let kept: &[&str] = if is_own_server {
        &["It is served from here, and ends", "with this program."]
    } else {
        &["Kept until the server stops: it", "does not outlive a restart."]
    };
    let state = match game.opponent_presence() {
        _ if game.is_awaited() => "wants to go on",
        Some(Presence::Present) => "here",
        Some(Presence::Silent { .. } | Presence::Away { .. }) | None => "awaited",
    };
    let lines = [
        "you  here".to_owned(),
        format!("{other}  {state}"),
        "Enter  go on, if both want to".into(),
        "Esc    menu; return from there".into(),
    ];
    let kept = kept.iter().map(|line| (*line).to_owned());
    Some(Boxed::new(" Adjourned ", lines.into_iter().chain(kept)))
}

/// The role of a result: a loss and a draw are no call for joy.
fn result_role(game: &Game) -> Role {
    let is_loss = !game.is_shared() && game.snapshot.winner() != Some(game.viewpoint());
    if is_loss || game.snapshot.winner().is_none() { Role::Strong } else { Role::Call }
}

/// The result, the rematch requests and the score. What matters least is last, where long talk may cover it.
fn result(theme: Theme, game: &Game, now: Instant) -> Option<Boxed> {
    let Phase::Over(_) = game.snapshot.phase else { return None };
    let columns = usize::from(COLUMNS - 4);
    let style = theme.style(result_role(game));
    let call = |text: String| {
        let lines = wrap(&theme.text(&text), columns).into_iter();
        lines.map(move |line| Line::styled(format!(" {line}"), style))
    };
    let mut lines: Vec<Line<'static>> = call(status_line::result(game)).collect();
    lines.extend(status_line::series_result(game).into_iter().flat_map(call));
    lines.extend(rematch(theme, game, now));
    let score = game.snapshot.score;
    let name = |seat| theme.text(game.name(seat));
    lines.push(Line::raw(format!(
        " {} {}  {} {}  draws {}",
        name(Seat::Host),
        score.wins.host,
        name(Seat::Guest),
        score.wins.guest,
        score.draws
    )));
    let starter = name(game.snapshot.x.other());
    lines.push(Line::raw(format!(" Next: {}, {starter} starts", status_line::next_game(game))));
    Some(Boxed { title: " Result ".into(), lines, is_question: false })
}

/// The rematch requests of both players.
fn rematch(theme: Theme, game: &Game, now: Instant) -> Vec<Line<'static>> {
    if game.down().is_some() || matches!(game.place, Place::Keyboard) {
        return Vec::new();
    }
    let line = |seat: Seat| {
        let is_own = game.is_own(seat);
        let who = if is_own { "you".into() } else { theme.text(game.name(seat)) };
        let left = game.rematch_left(seat, now).map(format::countdown);
        let presence = game.snapshot.seats[seat].occupant().map(|occupant| occupant.presence);
        match (left, presence) {
            (_, None) => format!("{who}  left"),
            (Some(left), Some(_)) => format!("{who}  READY ({left} left)"),
            (None, Some(Presence::Away { .. })) => format!("{who}  away"),
            (None, Some(_)) if is_own && game.is_opponent_here() => format!("{who}  press r"),
            (None, Some(_)) => format!("{who}  -"),
        }
    };
    [game.other(), game.viewpoint()].map(|seat| Line::raw(format!(" {}", line(seat)))).into()
}

/// The last moves that fit: `1  X 7         O 8`.
fn move_lines(game: &Game, height: u16) -> Vec<Line<'static>> {
    let rules = game.snapshot.record.rules();
    let moves = game.snapshot.record.moves();
    let pairs: Vec<String> = (1..)
        .zip(moves.chunks(2))
        .map(|(number, pair)| {
            let text = |index: usize| pair.get(index).map(|cell| phrases::short_cell(rules, *cell));
            let answer = text(1).map(|cell| format!("O {cell}")).unwrap_or_default();
            format!(" {number:>3}  X {:<9} {answer}", text(0).unwrap_or_default())
        })
        .collect();
    let room = usize::from(height).saturating_sub(1);
    let first = pairs.len().saturating_sub(room);
    let title = if moves.is_empty() { None } else { Some(Line::raw(" Moves")) };
    title.into_iter().chain(pairs[first..].iter().cloned().map(Line::raw)).collect()
}
