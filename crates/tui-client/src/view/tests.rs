//! Screens: whole and readable at each layout, and never a panic at any size.

mod layouts;
mod screens;
mod xray;

use std::collections::BTreeSet;

use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::Cell,
    layout::{Position, Size},
    style::Color,
};

use self::screens::{buffer_of, screens, seen, themes};
use crate::{
    buttons::{Buttons, Target},
    env::ColorDepth,
    keymap::{Action, Context},
    model::Screen,
    status_line,
    test_harness::{Harness, other_keys},
    theme::ThemeName,
    view,
};

/// Around every limit of a layout, and far from them.
const WIDTHS: [u16; 14] = [1, 2, 5, 12, 19, 20, 21, 39, 40, 41, 60, 79, 80, 140];
const HEIGHTS: [u16; 13] = [1, 2, 4, 6, 7, 8, 11, 12, 13, 18, 23, 24, 50];

#[test]
fn no_size_breaks_any_screen() {
    for mut harness in screens() {
        for (width, height) in WIDTHS.into_iter().flat_map(|width| HEIGHTS.map(|height| (width, height))) {
            seen(&mut harness, width, height);
        }
    }
}

#[test]
fn no_screen_names_a_key_that_is_bound_no_more() {
    let is_large = |harness: &Harness| match &harness.model.screen {
        Screen::Replay(replay) => replay.kept.terms.rules.cells() > 9,
        _ => harness.model.game().is_some_and(|game| game.snapshot.record.rules().cells() > 9),
    };
    // Of a large board the columns have letters.
    for mut harness in screens().into_iter().filter(|harness| !is_large(harness)) {
        harness.model.keymap = other_keys();
        let contexts = [harness.model.screen_context(), harness.model.context()];
        for (width, height) in [(80, 24), (40, 12)] {
            let text = seen(&mut harness, width, height);
            let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
            // Marks, an article, seconds, "v.", watchers and bytes.
            let is_letter =
                |word: &str| word.len() == 1 && word.parse::<u8>().is_err() && !"XOAasvwB".contains(word);
            let is_fixed = contexts.iter().any(|context| {
                context.is_typing()
                    || matches!(context, Context::JoinForm | Context::NewGame | Context::Match)
            });
            let is_before = |word: &str| is_letter(word) || word == "Enter" && !is_fixed || word == "hjkl";
            assert_eq!(words.find(|word| is_before(word)), None, "{text}");
        }
    }
}

#[test]
fn no_theme_changes_the_words_of_a_screen() {
    for mut harness in screens() {
        for (width, height) in [(80, 24), (40, 12), (20, 7), (18, 5)] {
            for is_ascii in [false, true] {
                let mut texts: [Option<String>; 8] = [const { None }; 8];
                for theme in themes(is_ascii) {
                    harness.model.theme = theme;
                    harness.model.size = Size { width, height };
                    let buffer = buffer_of(&harness);
                    let text: String = buffer.content.iter().map(Cell::symbol).collect();
                    assert!(!is_ascii || text.is_ascii(), "{buffer:?}");
                    let is_plain = |cell: &Cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset);
                    let is_mono = theme.depth == ColorDepth::Mono || theme.name == ThemeName::Mono;
                    assert!(!is_mono || buffer.content.iter().all(is_plain), "{buffer:?}");
                    // Where colours fill no cell, brackets stand in it; one theme draws its boards in dots; and without
                    // colours there is no QR code.
                    let facts = [theme.needs_brackets(), theme.is_dotted(), is_mono];
                    let kind = facts.into_iter().fold(0, |kind, fact| 2 * kind + usize::from(fact));
                    let expected = texts[kind].get_or_insert_with(|| text.clone());
                    assert_eq!(text, *expected, "{theme:?}");
                }
            }
        }
    }
}

/// A size of each layout, and of large screens.
const SIZES: [(u16, u16); 5] = [(20, 7), (40, 12), (80, 24), (120, 40), (220, 60)];

#[test]
fn no_text_touches_a_rule() {
    let is_rule = |cell: &Cell| "─│┼┌┐└┘".contains(cell.symbol());
    let is_text = |cell: &Cell| cell.symbol().chars().any(char::is_alphanumeric);
    for mut harness in screens() {
        for (width, height) in SIZES {
            harness.model.size = Size { width, height };
            let buffer = buffer_of(&harness);
            for row in buffer.content.chunks(width.into()) {
                let touch = row.windows(2).any(|pair| {
                    is_rule(&pair[0]) && is_text(&pair[1]) || is_text(&pair[0]) && is_rule(&pair[1])
                });
                assert!(!touch, "{buffer:?}");
            }
        }
    }
}

/// The words on a screen, as they stand between spaces.
fn words(harness: &mut Harness, (width, height): (u16, u16)) -> BTreeSet<String> {
    harness.model.size = Size { width, height };
    let buffer = buffer_of(harness);
    let rows = buffer.content.chunks(width.into());
    let rows = rows.map(|row| row.iter().map(Cell::symbol).collect::<String>());
    rows.flat_map(|row| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn no_word_is_clipped_without_a_mark() {
    let is_word =
        |word: &&String| word.chars().all(|letter| letter.is_ascii_alphabetic() || ".,:;?'".contains(letter));
    for mut harness in screens() {
        let large = words(&mut harness, (120, 40));
        for (width, height) in [(20, 7), (40, 12), (80, 24)] {
            // A word that is cut is another one where there is more room.
            let wider = [1, 9].map(|more| words(&mut harness, (width + more, height)));
            let known: BTreeSet<String> = wider.into_iter().flatten().chain(large.iter().cloned()).collect();
            let shown = words(&mut harness, (width, height));
            let clipped: Vec<&String> = shown.difference(&known).filter(is_word).collect();
            assert!(clipped.is_empty(), "{clipped:?} on\n{}", seen(&mut harness, width, height));
            let line = status_line::line(&harness.model, harness.now);
            let is_whole =
                line.split_whitespace().filter(|word| word.is_ascii()).all(|word| shown.contains(word));
            let is_marked = shown.iter().any(|word| word.ends_with('~'));
            let is_other = status_line::tiny_line(&harness.model, harness.now).is_some() && width == 20;
            assert!(
                is_whole || is_marked || is_other || harness.model.overlay.is_some(),
                "{line:?} on\n{}",
                seen(&mut harness, width, height)
            );
        }
    }
}

#[test]
fn every_button_is_on_the_screen_and_does_what_a_key_does() {
    for mut harness in screens() {
        for (width, height) in [(80, 24), (40, 12), (20, 7), (120, 40)] {
            harness.model.size = Size { width, height };
            let (model, now) = (&harness.model, harness.now);
            let is_bound = |action| match action {
                Action::GoToMatch => model.calling_game().is_some(),
                Action::ReturnTo(_) | Action::Emote(_) => true,
                _ => model.keymap.binding(model.context(), action).is_some(),
            };
            let places = (0..height).flat_map(|y| (0..width).map(move |x| Position::new(x, y)));
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            let mut buttons = Buttons::default();
            terminal.draw(|frame| buttons = view::draw(model, now, frame)).unwrap();
            let targets: Vec<Target> = places.filter_map(|place| buttons.at(place)).collect();
            for target in &targets {
                assert!(!matches!(target, Target::Act(action) if !is_bound(*action)), "{target:?}");
            }
            assert!(!targets.is_empty() || height < 24, "{}", harness.screen());
        }
    }
}
