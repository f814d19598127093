//! Games of random moves by random rules.

use game_core::{Bot, Level, Position, Record, Rules, SplitMix64};
use proptest::{prelude::*, sample::Index};

use crate::brute_force;

/// Rules of every kind, half of them on boards small enough to be filled.
fn any_rules() -> impl Strategy<Value = Rules> {
    let side = || prop_oneof![3..=6_u8, 3..=19_u8];
    (side(), side(), any::<Index>(), any::<bool>()).prop_map(|(columns, rows, in_row, misere)| {
        let choices = usize::from(columns.max(rows) - 2);
        let in_row = 3 + u8::try_from(in_row.index(choices)).unwrap();
        Rules::new(columns, rows, in_row).unwrap().with_misere(misere)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each game is played to its end, and each position of it checked.
    #[test]
    fn every_position_of_a_game_says_what_its_marks_say(rules in any_rules(), seed: u64) {
        let mut rng = SplitMix64::new(seed);
        let mut record = Record::new(rules);
        brute_force::check(record.position());
        while record.position().outcome().is_none() {
            let legal_moves: Vec<_> = record.position().legal_moves().collect();
            let choice = rng.below(legal_moves.len().try_into().unwrap());
            record.play(legal_moves[usize::try_from(choice).unwrap()]).unwrap();
            brute_force::check(record.position());
        }
    }

    #[test]
    fn an_easy_bot_plays_every_game_to_its_end(rules in any_rules(), seed: u64) {
        let mut bot = Bot::new(Level::Easy, &rules, seed).unwrap();
        let mut position = Position::new(rules);
        while let Some(cell) = bot.choose(&position) {
            position.play(cell).unwrap();
        }
        prop_assert!(position.outcome().is_some());
    }
}
