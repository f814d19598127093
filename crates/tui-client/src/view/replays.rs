//! The list of finished matches.

use game_core::Mark;
use jiff::tz::TimeZone;
use net::proto::MAX_NAME_COLUMNS;
use ratatui::{
    Frame,
    widgets::{Paragraph, Wrap},
};
use server::phrases;
use unicode_width::UnicodeWidthStr;

use super::{
    table::{Areas, Table, place},
    text::fit,
    ui::{Breakpoint, Ui},
};
use crate::{
    buttons::Target,
    format,
    history::{History, KeptMatch, Standing},
    replays::Replays,
    status_line,
    theme::Role,
};

/// The titles of the columns. That of the numbers needs none.
const TITLES: [&str; 5] = ["", "against", "result", "board", "date"];

/// Rows of the explanation below the list in the full layout.
const EXPLAINED: u16 = 3;

pub(super) fn draw(ui: &Ui, (list, history, zone): (&Replays, &History, &TimeZone), frame: &mut Frame<'_>) {
    let count = history.matches.len();
    let chosen = list.chosen(history);
    let place = place(chosen, count);
    let title = ui.theme.text(list.other.as_ref().map_or("replays", |(name, _)| name));
    // A file may have a long name. The program's name, the gaps, and a place or a name stand beside it.
    let within = |beside| fit(&title, usize::from(ui.regions.header.width).saturating_sub(beside));
    match ui.breakpoint() {
        Breakpoint::Full => {
            let title = within(2 * (MAX_NAME_COLUMNS + 3));
            ui.header(["", title.trim_end(), ui.me.as_str()], frame);
        }
        Breakpoint::Compact => ui.header([within(9 + place.width()).trim_end(), "", &place], frame),
        Breakpoint::Tiny if count > 0 => ui.header(["", "", &format!("{}/{count}", chosen + 1)], frame),
        Breakpoint::Tiny => ui.header([&title, "", ""], frame),
    }
    let areas = Areas::of(ui, count == 0, EXPLAINED, false, 0);
    let Some(kept) = history.numbered(chosen + 1) else {
        let advice = if ui.is_full() { ADVICE } else { NOTHING_KEPT };
        return frame.render_widget(Paragraph::new(advice).wrap(Wrap { trim: false }), areas.rows);
    };
    let widths = widths(ui.breakpoint(), areas.rows.width, count);
    let row = |row: usize, is_chosen: bool| {
        let kept = history.numbered(row + 1).unwrap_or(kept);
        (cells(kept, row + 1, (is_chosen, widths[4]), zone), Target::Row(row))
    };
    let table = Table {
        columns: std::array::from_fn(|nth| (TITLES[nth], widths[nth])),
        lines: (0..count).map(Some).collect(),
        chosen,
        row: &row,
        title: String::new(),
        explained: &explained(ui, history, kept),
    };
    if ui.is_full() {
        let tally = ui.line(format!("All games: {}", history.tally()), Role::Faint);
        frame.render_widget(tally, areas.foot);
    }
    table.draw(ui, areas, frame);
}

const NOTHING_KEPT: &str = "No match is kept yet.";

/// The words in an empty list.
const ADVICE: &str = "
No match is kept yet.

Each match that you play is kept on this machine when it is over: with the time of
each move, and what it was worth.";

/// The widths of the columns: the number, the opponent, the result, the board, the date.
fn widths(breakpoint: Breakpoint, width: u16, matches: usize) -> [u16; 5] {
    let number = u16::try_from(matches.to_string().len()).unwrap_or(u16::MAX);
    let [number, result, board, date] = match breakpoint {
        Breakpoint::Full => [number, 6, 20, 16],
        Breakpoint::Compact => [number, 5, 0, 10],
        Breakpoint::Tiny => [0, 5, 0, 0],
    };
    let fixed: u16 =
        [number, result, board, date].iter().filter(|width| **width > 0).map(|width| width + 1).sum();
    [number, width.saturating_sub(fixed).min(36), result, board, date]
}

/// The cells of a match, with its date in so many columns.
fn cells(
    kept: &KeptMatch,
    number: usize,
    (is_chosen, date_columns): (bool, u16),
    zone: &TimeZone,
) -> [(String, Role); 5] {
    let against = match kept.opponent() {
        Some(opponent) => opponent.to_string(),
        None => kept.players(),
    };
    let result = match (kept.standing(), kept.winner()) {
        (Some(Standing::Won), _) => ("won".to_owned(), Role::Good),
        (Some(Standing::Lost), _) => ("lost".to_owned(), Role::Faint),
        (Some(Standing::Drawn), _) | (None, None) => ("draw".to_owned(), Role::Plain),
        (None, Some(mark)) => (format!("{mark} won"), Role::Mark(mark)),
    };
    let [plain, faint] = if is_chosen { [Role::Strong, Role::Plain] } else { [Role::Plain, Role::Faint] };
    let date = if date_columns < 16 { format::date } else { format::date_and_time };
    [
        (number.to_string(), faint),
        (against, plain),
        result,
        (phrases::rules(kept.terms.rules), faint),
        (date(kept.ended, zone), faint),
    ]
}

/// The result of a match in words, and the account of all matches against the same player.
fn explained(ui: &Ui, history: &History, kept: &KeptMatch) -> Vec<String> {
    let result = status_line::result(kept);
    let met = kept.opponent().and_then(|name| history.record_against(name)).map(|met| format!("{met}."));
    if !ui.is_full() {
        return vec![met.unwrap_or(result)];
    }
    let [x, o] = [Mark::X, Mark::O].map(|mark| kept.player(mark));
    let moves = kept.moves.len();
    let what = format!("{x} (X) v. {o} (O), {}, {moves} moves.", phrases::terms(&kept.terms));
    [format!("{what} {result}")].into_iter().chain(met).collect()
}
