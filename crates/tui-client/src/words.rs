//! What a screen says in words: whose turn it is, what happened last, and what can be done about it.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::{fmt::Write, time::Duration, time::Instant};

use game_core::{Cell, Mark, Outcome, Rules};
use net::proto::{Ending, Phase, Presence, Seat, Snapshot};

use crate::model::{Connecting, Down, Game, LinkState, Model, Overlay, Place, Question, Retry, Screen};

mod around;
mod watch;

pub use self::around::{called, join_command, result_to_tell};

/// The line at the bottom of every screen: what happened last and what can be done.
pub fn event_line(model: &Model, now: Instant) -> String {
    if let Some(Overlay::Confirm(question)) = &model.overlay {
        return ask(*question, model.game());
    }
    if let Some(line) = around::line(model) {
        return line;
    }
    match &model.screen {
        Screen::Menu(menu) => match (&menu.notice, &menu.background, &model.saved_seat) {
            (Some(notice), _, _) => notice.clone(),
            (None, Some(game), _) => format!("Enter returns to your game. {}", game_line(game, now)),
            (None, None, Some(seat)) => {
                format!("Your seat in {} at {} may still be kept. Enter returns.", seat.code, seat.target)
            }
            (None, None, None) => "Choose with the arrows and Enter, or press an entry's key.".into(),
        },
        Screen::JoinForm(form) => around::form_line(form),
        Screen::Passcode(form) => around::passcode_line(form),
        Screen::Rooms(rooms) => around::rooms_line(rooms),
        Screen::Connecting(connecting) => {
            let Connecting { what, since, .. } = &**connecting;
            format!("Waiting for {what}: {}. Esc gives up.", clock(now.saturating_duration_since(*since)))
        }
        Screen::Failed(failure) => {
            failure.hint.clone().map_or_else(|| "Esc goes back.".into(), |hint| format!("Hint: {hint}."))
        }
        Screen::Game(game) => game_line(game, now),
    }
}

/// How a finished match ended, from this player's side.
pub fn result(game: &Game) -> String {
    let Phase::Over(ending) = game.snapshot.phase else { return String::new() };
    let other = name(game, game.viewpoint().other());
    let headline = headline(game);
    match ending {
        Ending::Resigned(seat) if is_shared(game) => format!("{headline} {} resigned.", name(game, seat)),
        Ending::Resigned(seat) if seat == game.viewpoint() => format!("{headline} You resigned."),
        Ending::Resigned(_) => format!("{headline} {other} resigned."),
        Ending::Abandoned(seat) if is_shared(game) => format!("{} left. {headline}", name(game, seat)),
        Ending::Abandoned(seat) if seat == game.viewpoint() => format!("{headline} You left."),
        Ending::Abandoned(_) => format!("{other} left. {headline}"),
        Ending::OutOfTime(_) | Ending::DrawAgreed | Ending::DrawCalled(_) => headline,
        Ending::OnBoard => match how(&game.snapshot) {
            Some(how) => format!("{headline} {how}"),
            None => format!("{headline} The board is full."),
        },
    }
}

/// The first words of a result: `You won.`, `You lost.`, `Draw.`, or at one keyboard who won.
pub fn headline(game: &Game) -> String {
    match game.snapshot.winner() {
        None => "Draw.".into(),
        Some(seat) if is_shared(game) => format!("{} won.", name(game, seat)),
        Some(seat) if seat == game.viewpoint() => "You won.".into(),
        Some(_) => "You lost.".into(),
    }
}

/// What completed the deciding line, such as `X, the diagonal 7-5-3.`; `None` for a draw.
fn how(snapshot: &Snapshot) -> Option<String> {
    let rules = snapshot.record.rules();
    let Outcome::Win { winner, lines } = snapshot.record.position().outcome()? else { return None };
    let maker = if rules.is_misere() { winner.other() } else { winner };
    let line = lines.iter().next()?;
    let cells: Vec<String> = line.cells().map(|cell| short_cell(rules, cell)).collect();
    let direction = match (line.from().column() == line.to().column(), line.from().row() == line.to().row()) {
        (true, _) => "column",
        (_, true) => "row",
        (false, false) => "diagonal",
    };
    let verb = if rules.is_misere() { "completed" } else { "has" };
    Some(format!("{maker} {verb} the {direction} {}.", cells.join("-")))
}

/// The board in words, for ears.
pub fn board(snapshot: &Snapshot) -> String {
    let rules = snapshot.record.rules();
    let position = snapshot.record.position();
    let mut text = String::new();
    for row in (0..rules.rows()).rev() {
        let cells: Vec<String> = (0..rules.columns())
            .filter_map(|column| Cell::new(column, row))
            .map(|cell| match position.board().mark_at(cell) {
                Some(mark) => mark.to_string(),
                None => format!("{} free", short_cell(rules, cell)),
            })
            .collect();
        let label = match (rules.rows(), row) {
            (3, 2) => "Top".into(),
            (3, 1) => "Middle".into(),
            (3, 0) => "Bottom".into(),
            _ => format!("Row {}", row + 1),
        };
        // Writing to a string does not fail.
        let _written = write!(text, "{label}: {}. ", cells.join(", "));
    }
    if let Some(last) = snapshot.record.last() {
        let mark = if snapshot.record.moves().len() % 2 == 1 { Mark::X } else { Mark::O };
        let _written = write!(text, "Last: {mark} at {}.", short_cell(rules, last));
    }
    text.trim_end().to_owned()
}

/// A cell as a person calls it: `left middle (4)` on 3x3, `c4` elsewhere.
pub fn cell(rules: Rules, cell: Cell) -> String {
    const NAMES: [&str; 9] = [
        "bottom left",
        "bottom middle",
        "bottom right",
        "left middle",
        "the center",
        "right middle",
        "top left",
        "top middle",
        "top right",
    ];
    match cell.numpad() {
        Some(digit) if rules.cells() == 9 => format!("{} ({digit})", NAMES[usize::from(digit - 1)]),
        Some(_) | None => cell.to_string(),
    }
}

/// A cell in one or two characters: the numpad's digit on 3x3, `c4` elsewhere.
pub fn short_cell(rules: Rules, cell: Cell) -> String {
    match cell.numpad() {
        Some(digit) if rules.cells() == 9 => digit.to_string(),
        Some(_) | None => cell.to_string(),
    }
}

/// The rules in words: `3x3`, `5x5, 4 in a row`, `3x3, a line loses`.
pub fn rules(rules: Rules) -> String {
    let mut text = format!("{}x{}", rules.columns(), rules.rows());
    if rules.cells() != 9 {
        let _written = write!(text, ", {} in a row", rules.in_row());
    }
    if rules.is_misere() {
        text.push_str(", a line loses");
    }
    text
}

/// A time as `m:ss`, rounded down.
pub fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// How the other player fares: for how long the server has not heard them, as far as it is known now.
pub fn unheard_for(game: &Game, now: Instant) -> Option<(Presence, Duration)> {
    seat_unheard_for(game, game.viewpoint().other(), now)
}

/// The same for either seat.
pub fn seat_unheard_for(game: &Game, seat: Seat, now: Instant) -> Option<(Presence, Duration)> {
    let occupant = game.snapshot.seats[seat].occupant();
    // Over a lost link nothing is known of the other player.
    let presence = occupant.map(|occupant| occupant.presence).filter(|_| game.down().is_none())?;
    match presence {
        Presence::Present => None,
        Presence::Silent { millis } | Presence::Away { millis, .. } => {
            let since_shown = now.saturating_duration_since(game.shown_at);
            Some((presence, Duration::from_millis(millis.into()) + since_shown))
        }
    }
}

/// The name of a seat, or what stands for one.
pub fn name(game: &Game, seat: Seat) -> String {
    game.snapshot.seats[seat].name().map_or_else(|| "nobody".into(), ToString::to_string)
}

/// Whether neither player is to be called "you": both look at this screen, or who looks at it only watches.
pub const fn is_shared(game: &Game) -> bool {
    matches!(game.place, Place::Keyboard) || game.is_watching()
}

fn ask(question: Question, game: Option<&Game>) -> String {
    let against = game.map(|game| name(game, game.viewpoint().other())).unwrap_or_default();
    match question {
        Question::Quit if game.is_some_and(|game| game.down().is_some()) => {
            "Quit? Your seat is kept for a while. y quits, n waits.".into()
        }
        Question::Quit => format!("Quit? It loses the match against {against}. y quits, n plays on."),
        Question::Resign => format!("Resign the match against {against}? y resigns, n plays on."),
    }
}

fn game_line(game: &Game, now: Instant) -> String {
    if let Some(online) = game.online() {
        match &online.link {
            LinkState::Down(_) if is_told_over(game) => {
                let has_left = game.snapshot.seats[game.viewpoint().other()].occupant().is_none();
                return if has_left {
                    over_line(game)
                } else {
                    format!("{} The server has stopped. Esc leaves.", result(game))
                };
            }
            LinkState::Down(down) if game.is_watching() => return watch::down_line(down),
            LinkState::Down(down) => return down_line(down, online.joined.grace, now),
            LinkState::Silent { since } => {
                let silence = now.saturating_duration_since(*since).as_secs();
                return format!("Waiting for the server: no answer for {silence} s.");
            }
            LinkState::Up { .. } => {}
        }
    }
    if game.is_watching() {
        return watch::line(game, now);
    }
    let state = match (unheard_for(game, now), game.snapshot.phase) {
        (_, Phase::Over(_)) => over_line(game),
        (Some((presence, time)), _) => {
            let other = name(game, game.viewpoint().other());
            let next = if game.may_move() { " You can still play your turn." } else { "" };
            match presence {
                Presence::Away { .. } => {
                    let ago = clock(time);
                    format!(
                        "{other} lost the connection {ago} ago. The seat is kept.{next} Esc for the menu."
                    )
                }
                Presence::Present | Presence::Silent { .. } => {
                    format!("Waiting for {other}: no answer for {} s.{next}", time.as_secs())
                }
            }
        }
        (None, Phase::Waiting) => {
            "Waiting for a friend. A bell and the window's title call you when somebody comes.".into()
        }
        (None, Phase::Playing) => turn(game),
        (None, Phase::Adjourned) => "Adjourned.".into(),
    };
    match &game.notice {
        Some(notice) => format!("{notice} {state}"),
        None => state,
    }
}

/// Whether a lost link no longer matters: the match is over, and the server has stopped.
fn is_told_over(game: &Game) -> bool {
    let is_over = matches!(game.snapshot.phase, Phase::Over(_));
    is_over && game.down().is_some_and(|down| down.retry == Retry::OnDemand)
}

fn down_line(down: &Down, grace: Duration, now: Instant) -> String {
    let kept = down.kept_for(grace, now);
    let why = down.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    match down.retry {
        Retry::OnDemand => {
            format!("RECONNECTING stopped{why}: your seat may be gone. Enter tries once more, Esc leaves.")
        }
        Retry::At(_) | Retry::UnderWay => {
            format!("RECONNECTING, try {}{why}. Your seat is kept {}.", down.tries.max(1), clock(kept))
        }
    }
}

fn over_line(game: &Game) -> String {
    let wants = |seat: Seat| game.snapshot.seats[seat].occupant().map(|occupant| occupant.wants_rematch());
    let other = name(game, game.viewpoint().other());
    let next = match (wants(game.viewpoint()), wants(game.viewpoint().other())) {
        _ if is_shared(game) => "Press r for the next game.".into(),
        (_, None) if matches!(game.snapshot.phase, Phase::Over(Ending::Abandoned(_))) => "Esc leaves.".into(),
        (_, None) => format!("{other} left. Esc leaves."),
        (Some(true), _) => format!("Waiting for {other} to want a rematch."),
        (_, Some(true)) => format!("{other} is ready: r for game {}.", game.snapshot.match_number + 1),
        _ => "Press r for a rematch.".into(),
    };
    format!("{} {next}", result(game))
}

/// Whose turn it is and what was played last.
fn turn(game: &Game) -> String {
    let snapshot = &game.snapshot;
    let rules = snapshot.record.rules();
    let Some(to_move) = snapshot.to_move() else { return String::new() };
    let last = snapshot.record.last().map(|last| {
        let mover = to_move.other();
        let who =
            if mover == game.viewpoint() && !is_shared(game) { "You".into() } else { name(game, mover) };
        format!(" {who} played {}.", cell(rules, last))
    });
    let last = last.unwrap_or_default();
    let mark = snapshot.mark(to_move);
    match game.unconfirmed {
        Some(mv) => format!("Waiting for the server to confirm {}.", cell(rules, mv.cell)),
        None if is_shared(game) => format!("Your turn, {}. You are {mark}.{last}", name(game, to_move)),
        None if to_move == game.viewpoint() => format!("Your turn. You are {mark}.{last}"),
        None => format!("Waiting for {} to play {mark}.{last}", name(game, to_move)),
    }
}
