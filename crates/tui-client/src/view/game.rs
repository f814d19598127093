//! A room: waiting for a friend, the match, and its end.

use game_core::{Cell, Rules};
use net::proto::{Passcode, Phase, Presence, Seat};
use ratatui::{
    Frame,
    layout::{Rect, Size},
    widgets::Paragraph,
};
use server::phrases;

use super::{
    board::BoardLayout,
    players, side,
    ui::{Breakpoint, Regions, Ui},
    waiting,
};
use crate::{
    buttons::Target,
    format,
    game::{Game, Place},
    online::LinkState,
};

/// The places of everything on the screen of a match: one block in the middle of the screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Composition {
    pub(super) regions: Regions,
    pub(super) board: BoardLayout,
    /// The players' lines, where the panel has no room for them.
    pub(super) players: Rect,
    pub(super) panel: Rect,
}

/// Columns of a panel, of the gap before it, and of the margins beside the block, the widest first. The last is for large
/// boards: one of 19x19 and a panel share 80 columns.
const PANELS: [(u16, u16, u16); 3] = [(38, 5, 4), (33, 2, 4), (18, 1, 1)];

/// Rows that a panel takes beside a low board.
const PANEL_ROWS: u16 = 17;

/// The panel of the compact layout, and the gap before it.
const COMPACT_PANEL: (u16, u16) = (15, 1);

impl Composition {
    /// The composition of a match on a screen; `None` if there is no board or no room for one.
    pub(super) fn of(game: &Game, area: Rect) -> Option<Self> {
        let rules = game.snapshot.record.rules();
        (game.snapshot.phase != Phase::Waiting).then(|| Self::of_board(rules, game.cursor, area))?
    }

    /// The composition of a board on a screen, and of a window around a cell where there is no room for all of it.
    pub(super) fn of_board(rules: Rules, around: Cell, area: Rect) -> Option<Self> {
        let regions = Regions::of(area, area.as_size())?;
        Some(match regions.breakpoint {
            Breakpoint::Full => Self::full(rules, around, area, regions),
            Breakpoint::Compact => Self::compact(rules, around, regions),
            Breakpoint::Tiny => {
                let board = BoardLayout::fitted(rules, around, regions.body.as_size()).centered(regions.body);
                Self { regions, board, players: Rect::ZERO, panel: Rect::ZERO }
            }
        })
    }

    /// The largest board that leaves room for a panel at its right, the widest panel beside it, and the line in words below.
    fn full(rules: Rules, around: Cell, area: Rect, regions: Regions) -> Self {
        // Between the bars.
        let rows = area.height - 2;
        let room = |(panel, gap, margins): (u16, u16, u16)| {
            // Below are a free row and the line in words.
            Size::new(area.width.saturating_sub(panel + gap + margins), rows - 2)
        };
        let narrowest = PANELS[PANELS.len() - 1];
        let (board, (panel, gap, _)) = BoardLayout::sizes(rules)
            .flat_map(|board| PANELS.map(|panel| (board, panel)))
            .find(|(board, panel)| board.fits(room(*panel)))
            .unwrap_or_else(|| (BoardLayout::window(rules, around, room(narrowest)), narrowest));
        let size = board.size();
        let height = size.height.max(PANEL_ROWS).min(rows - 2);
        let width = size.width + gap + panel;
        let spare = rows - height - 1;
        let above_words = if spare > 2 { 2 } else { 1 };
        let (x, y) = (area.x + (area.width - width) / 2, area.y + 1 + (spare - above_words) / 2);
        let block = Rect { x, y, width, height };
        let words = block.bottom() + above_words;
        // Text stays off the edge of the screen, also under the largest boards.
        let status = Rect::new(x.max(1), words, width.min(area.width - 2), regions.footer.y - words);
        Self {
            regions: Regions { status, ..regions },
            board: board.at(block.as_position()),
            players: Rect::ZERO,
            panel: Rect { x: block.right() - panel, width: panel, ..block },
        }
    }

    fn compact(rules: Rules, around: Cell, regions: Regions) -> Self {
        let (mut body, mut status) = (regions.body, regions.status);
        let fits = |rows: u16| BoardLayout::largest(rules, Size::new(body.width, rows)).is_some();
        // A board that lacks one row takes it from the line in words, as that of 5x5 does.
        if !fits(body.height - 2) && fits(body.height - 1) {
            body.height += 1;
            status = Rect { y: status.y + 1, height: status.height - 1, ..status };
        }
        let regions = Regions { body, status, ..regions };
        let players = Rect { height: 2, ..body };
        let below = Rect { y: body.y + 2, height: body.height - 2, ..body };
        let (columns, gap) = COMPACT_PANEL;
        let beside = Rect { width: below.width - columns - gap, ..below };
        let panel = Rect { x: below.right() - columns, width: columns, ..below };
        let none = Rect { height: 0, ..panel };
        let (board, panel) = BoardLayout::largest(rules, beside.as_size())
            .map(|board| {
                let board = board.centered(beside);
                // As near to the board as in the full layout.
                let x = panel.x.min(board.right() + 3);
                (board, Rect { x, width: panel.right() - x, ..panel })
            })
            .or_else(|| Some((BoardLayout::largest(rules, below.as_size())?.centered(below), none)))
            .unwrap_or_else(|| {
                (BoardLayout::window(rules, around, beside.as_size()).centered(beside), panel)
            });
        Self { regions, board, players, panel }
    }
}

pub(super) fn draw(
    ui: &Ui,
    (game, composition): (&Game, Option<Composition>),
    passcode: Option<Passcode>,
    is_seen_through: bool,
    frame: &mut Frame<'_>,
) {
    let state = connection(ui, game);
    let Some(Composition { board, players, panel, .. }) = composition else {
        ui.header(["", "waiting for a friend", &state], frame);
        return waiting::draw(ui, game, passcode, frame);
    };
    let code = game.online().map(|_| game.snapshot.code.to_string()).unwrap_or_default();
    let series = phrases::series(&game.snapshot.terms());
    let dot = ui.theme.dot();
    let subject = format!("{series} {dot} game {}", game.snapshot.game_number());
    match ui.breakpoint() {
        Breakpoint::Tiny => {
            frame.render_widget(Paragraph::new(players::tiny(ui, game)), ui.regions.header);
        }
        // An alarm needs the room.
        Breakpoint::Compact if !state.starts_with('!') => {
            ui.header([&compact_title(game), "", &state], frame);
        }
        Breakpoint::Full | Breakpoint::Compact => ui.header([&code, &subject, &state], frame),
    }
    // It shows where a key places a mark, so it is hidden while none does.
    let has_cursor = game.context().takes_moves() && game.may_move();
    board.draw(game.into(), has_cursor.then_some(game.cursor), ui.theme, frame.buffer_mut());
    if game.snapshot.phase == Phase::Playing && !game.is_watching() {
        for cell in board.shown_cells() {
            ui.note(board.area(cell), Target::Cell(cell));
        }
    }
    if has_cursor && ui.has_focus {
        frame.set_cursor_position(board.middle(game.cursor));
    }
    if is_seen_through {
        return;
    }
    match ui.breakpoint() {
        Breakpoint::Full => side::full(ui, game, panel, frame),
        Breakpoint::Compact => {
            for (y, seat) in (players.y..).zip(Seat::BOTH) {
                players::line(ui, game, seat, Rect { y, height: 1, ..players }, frame);
            }
            side::compact(ui, game, panel, frame);
        }
        Breakpoint::Tiny => {}
    }
}

/// The state of the connection, or the trouble of the other player.
fn connection(ui: &Ui, game: &Game) -> String {
    let is_adjourned = game.snapshot.phase == Phase::Adjourned;
    if let Some((presence, time)) = game.unheard_for(game.other(), ui.now).filter(|_| !is_adjourned) {
        let (other, time) = (game.other_name(), format::clock(time));
        return match presence {
            Presence::Away { is_on_purpose: true, .. } => format!("! {other} left {time}"),
            Presence::Away { .. } => format!("! {other}'s link is down {time}"),
            Presence::Present | Presence::Silent { .. } => format!("! {other}: no answer {time}"),
        };
    }
    let link = match &game.place {
        Place::Keyboard => "at this keyboard".into(),
        Place::Bot => "against the bot".into(),
        Place::Server(online) => match &online.link {
            LinkState::Up { rtt: Some(rtt) } => {
                format!("* {} {}", online.transport, format::milliseconds(*rtt))
            }
            LinkState::Up { rtt: None } => format!("* {}", online.transport),
            LinkState::Silent { since } => {
                format!("! no answer {} s", ui.now.saturating_duration_since(*since).as_secs())
            }
            LinkState::Down(_) if game.is_ended() => "! no connection".into(),
            LinkState::Down(_) => format!("! RECONNECTING, try {}", online.tries.max(1)),
        },
    };
    match game.snapshot.watchers {
        // An alarm needs the room.
        _ if link.starts_with('!') => link,
        0 => link,
        watchers if ui.regions.header.width < 80 => format!("{link} | {watchers} w"),
        watchers => format!("{link} | {watchers} watching"),
    }
}

/// `KITE-42 g2 bo3`
fn compact_title(game: &Game) -> String {
    let code = game.online().map_or_else(|| "oxo".into(), |_| game.snapshot.code.to_string());
    let series = game.snapshot.best_of.map(|best_of| format!(" bo{best_of}")).unwrap_or_default();
    format!("{code} g{}{series}", game.snapshot.game_number())
}
