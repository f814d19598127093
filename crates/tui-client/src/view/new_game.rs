//! The form for a new game.

use game_core::{Level, Mark};
use net::proto::{TimeControl, Visibility};
use ratatui::{Frame, layout::Rect, widgets::Paragraph};

use super::{
    form::{self, Row},
    text::wrap_within,
    ui::{Breakpoint, Ui},
};
use crate::{
    new_game::{Field, Kind, NewGame},
    new_game_form::NewGameForm,
    theme::Role,
};

/// Rows of a form with most space: six fields with free rows between them, and below two for the command.
pub(super) const ROWS: u16 = 15;

/// Columns of a label with the pointer before it.
const LABEL: u16 = 11;

/// Columns of a value with its arrows, where its meaning stands behind it: a name has sixteen.
const VALUE: u16 = 22;

pub(super) fn draw(ui: &Ui, form: &NewGameForm, frame: &mut Frame<'_>) {
    let title = match form.kind {
        Kind::Host => "host a game",
        Kind::Bot => "play the bot",
        Kind::Local => "two players",
    };
    ui.header(["", title, ui.me.as_str()], frame);
    let body = ui.body();
    let pitch = if ui.is_full() { 2 } else { 1 };
    let command_rows = match ui.breakpoint() {
        Breakpoint::Full => 2,
        Breakpoint::Compact => 1,
        Breakpoint::Tiny => 0,
    };
    let chosen = form.fields().position(|field| field == form.chosen).unwrap_or(0);
    let rows = form.fields().map(|field| row(ui, form, field)).collect();
    let list = Rect { height: body.height - command_rows, ..body };
    form::draw(ui, (rows, chosen), (LABEL, VALUE), (list, pitch), frame);
    let y = body.bottom() - command_rows;
    let place = Rect { x: body.x + 2, y, width: body.width - 4, height: command_rows };
    let lines = wrap_within(&ui.theme.text(&form.game.command(form.kind)), place.as_size());
    let lines = lines.into_iter().map(|line| ui.line(line, Role::Faint));
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), place);
}

/// `  Series     ◂ best of 3 ▸        won by 2 games`
fn row<'a>(ui: &Ui, form: &'a NewGameForm, field: Field) -> Row<'a> {
    let (label, meaning) = describe(field, &form.game);
    let role = match field {
        Field::X => Role::Mark(Mark::X),
        Field::O => Role::Mark(Mark::O),
        _ => Role::Plain,
    };
    let label = ui.span(label, role);
    let typed = form.input.as_ref().filter(|_| field == form.chosen);
    let (value, meaning) =
        if typed.is_some() { Default::default() } else { (value(field, &form.game), meaning) };
    let has_choice = field.choices(&form.game).len() > 1;
    Row { label, value, role: Role::Strong, meaning, has_choice, typed }
}

/// A value in words.
fn value(field: Field, game: &NewGame) -> String {
    match (field, game.terms.best_of) {
        (Field::Misere, _) if game.terms.rules.is_misere() => "loses".into(),
        (Field::Misere, _) => "wins".into(),
        (Field::BestOf, Some(best_of)) => format!("best of {best_of}"),
        _ => field.text(&NewGame { level: game.bot_level(), ..*game }),
    }
}

/// The label of a field, and the meaning of its value.
fn describe(field: Field, game: &NewGame) -> (&'static str, String) {
    let terms = game.terms;
    match field {
        Field::Board => ("Board", format!("{} in a row", terms.rules.in_row())),
        Field::Misere if terms.rules.is_misere() => ("A line", "the misere game".into()),
        Field::Misere => ("A line", "the usual game".into()),
        Field::BestOf => match terms.best_of {
            Some(best_of) => ("Series", format!("won by {} games", best_of.wins_needed())),
            None => ("Series", "one game after another".into()),
        },
        Field::Clock => match terms.time {
            TimeControl::Off => ("Clock", "no limit".into()),
            TimeControl::PerMove(_) => ("Clock", "for each move".into()),
            TimeControl::Fischer { increment, .. } => {
                ("Clock", format!("for a game, and {increment} s more a move"))
            }
        },
        Field::Visibility => match game.visibility {
            Visibility::Public => ("Room", "everybody on this network can join".into()),
            Visibility::Hidden => ("Room", "only people with the code can join".into()),
            Visibility::Locked => ("Room", "it asks for the passcode".into()),
        },
        Field::Passcode => ("Passcode", "tell it to your friend".into()),
        Field::Level => ("Strength", strength(game.bot_level()).into()),
        Field::First => ("Begins", "with X, in the first game".into()),
        Field::X => ("X", "begins the first game".into()),
        Field::O => ("O", String::new()),
    }
}

/// The strength of a bot in words.
pub(super) const fn strength(level: Level) -> &'static str {
    match level {
        Level::Easy => "it plays anywhere",
        Level::Perfect => "it never loses",
    }
}
