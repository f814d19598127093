//! The bots.

use game_core::{Bitboard, Bot, BotError, Level, Position, Rules, best_moves};

use crate::{classic::every_position, position_after, rules};

/// Enough seeds that each of nine equal moves is chosen by one of them.
const SEEDS: std::ops::Range<u64> = 0..50;

/// Returns the moves that bots of a level choose in a position, over many seeds.
#[track_caller]
fn choices(level: Level, position: &Position) -> Bitboard {
    let choose = |seed| Bot::new(level, &position.rules(), seed).unwrap().choose(position);
    SEEDS.filter_map(choose).collect()
}

#[test]
fn an_easy_bot_chooses_every_legal_move() {
    for moves in ["", "b2", "b2 a1 c3", "b2 a1 a2 c2 b1 b3 c1 a3"] {
        let position = position_after(rules("3x3"), moves);
        assert_eq!(choices(Level::Easy, &position), position.legal_moves().collect(), "after {moves:?}");
    }
}

#[test]
fn a_perfect_bot_chooses_every_best_move_and_no_other() {
    for moves in ["", "a1", "b2 a1", "a1 a2 b1 b2"] {
        let position = position_after(rules("3x3"), moves);
        assert_eq!(Some(choices(Level::Perfect, &position)), best_moves(&position), "after {moves:?}");
    }
}

#[test]
fn a_bot_moves_in_every_position_that_is_not_finished() {
    for misere in [false, true] {
        let rules = Rules::default().with_misere(misere);
        let mut easy = Bot::new(Level::Easy, &rules, 1).unwrap();
        let mut perfect = Bot::new(Level::Perfect, &rules, 1).unwrap();
        for position in every_position(misere) {
            let is_legal = |cell| position.legal_moves().any(|legal| legal == cell);
            let choices = [easy.choose(&position), perfect.choose(&position)];
            match position.outcome() {
                None => assert!(choices.iter().all(|choice| choice.is_some_and(is_legal)), "{position:?}"),
                Some(_) => assert_eq!(choices, [None, None], "{position:?}"),
            }
        }
    }
}

#[test]
fn equal_seeds_choose_equal_moves() {
    for level in [Level::Easy, Level::Perfect] {
        let mut first = Bot::new(level, &Rules::default(), 7).unwrap();
        let mut second = Bot::new(level, &Rules::default(), 7).unwrap();
        for position in every_position(false).iter().take(100) {
            assert_eq!(first.choose(position), second.choose(position), "{level:?} in {position:?}");
        }
    }
}

#[test]
fn a_perfect_bot_refuses_every_larger_board() {
    for columns in 3..=19 {
        for rows in 3..=19 {
            let rules = Rules::new(columns, rows, 3).unwrap();
            let refused = Bot::new(Level::Perfect, &rules, 0).err();
            let is_larger = rules != Rules::default();
            assert_eq!(refused, is_larger.then_some(BotError::BoardTooLarge), "{rules}");
            assert_eq!(Level::Perfect.supports(&rules), !is_larger, "{rules}");
            assert!(Bot::new(Level::Easy, &rules, 0).is_ok(), "{rules}");
        }
    }
    assert_eq!(BotError::BoardTooLarge.to_string(), "the perfect bot plays on the 3x3 board only");
}

#[test]
fn a_perfect_bot_does_not_move_on_a_board_it_was_not_made_for() {
    let mut bot = Bot::new(Level::Perfect, &Rules::default(), 0).unwrap();
    assert_eq!(bot.choose(&Position::new(rules("4x4"))), None);
}
