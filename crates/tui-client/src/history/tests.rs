//! Lines are read as they were written, and nothing else is taken for one.

use game_core::{Record, Rules, SplitMix64};
use net::proto::BestOf;
use proptest::prelude::*;

use super::*;

/// A match of random moves and its end, as a client keeps it.
pub(crate) fn random_match(seed: u64) -> KeptMatch {
    let rules = ["3x3", "3x3 misere", "5x4:4", "19x19:5"];
    match_of(rules[usize::try_from(seed % 4).unwrap()], seed)
}

/// Such a match by these rules.
pub(crate) fn match_of(rules: &str, seed: u64) -> KeptMatch {
    let (board, is_misere) = rules.strip_suffix(" misere").map_or((rules, false), |board| (board, true));
    let rules = board.parse::<Rules>().unwrap().with_misere(is_misere);
    let mut random = SplitMix64::new(seed);
    let mut pick = |count: usize| usize::try_from(random.below(count.try_into().unwrap())).unwrap();
    let mut record = Record::new(rules);
    let plies = pick(40);
    for _ in 0..plies {
        let moves: Vec<Cell> = record.position().legal_moves().collect();
        if moves.is_empty() {
            break;
        }
        record.play(moves[pick(moves.len())]).unwrap();
    }
    let seat = Seat::BOTH[pick(2)];
    let ending = match record.position().outcome() {
        Some(_) => Ending::OnBoard,
        None => [
            Ending::Resigned(seat),
            Ending::OutOfTime(seat),
            Ending::Abandoned(seat),
            Ending::DrawAgreed,
            Ending::DrawCalled(seat),
        ][pick(5)],
    };
    let x = Seat::BOTH[pick(2)];
    let place = [Played::Server, Played::Bot, Played::Keyboard][pick(3)];
    let names = ["ana", "Dad laptop", "\u{674e}\u{5c0f}\u{9f99}", "the bot", "{\"v\":2}"];
    let moves = record.moves().to_vec();
    KeptMatch {
        v: VERSION,
        ended: 1_795_430_520 + u64::try_from(pick(1_000_000)).unwrap(),
        place,
        code: "KITE-42".parse().unwrap(),
        match_number: u32::try_from(pick(9)).unwrap() + 1,
        game_number: 1,
        names: PerSeat { host: names[pick(5)].parse().unwrap(), guest: names[pick(5)].parse().unwrap() },
        x,
        own: (place != Played::Keyboard).then_some(seat),
        terms: Terms {
            rules,
            best_of: BestOf::new(3),
            time: ["off", "30s", "5m+3s"][pick(3)].parse().unwrap(),
        },
        ending,
        winner: ending.winner(&record, x),
        took_millis: moves.iter().map(|_| [None, Some(900), Some(u32::MAX)][pick(3)]).collect(),
        moves,
    }
}

#[test]
fn the_longest_match_fits_a_line_twice() {
    let kept = KeptMatch {
        terms: Terms { rules: "19x19:19".parse().unwrap(), ..random_match(1).terms },
        moves: vec!["s19".parse().unwrap(); 361],
        took_millis: vec![Some(u32::MAX); 361],
        names: PerSeat {
            host: "\u{674e}".repeat(8).parse().unwrap(),
            guest: "\u{674e}".repeat(8).parse().unwrap(),
        },
        ..random_match(1)
    };
    let length = kept.to_line().len();
    assert!(2 * length < MAX_LINE_BYTES, "{length}");
}

#[test]
fn a_line_that_is_no_match_is_told_from_one_of_a_newer_version() {
    let check = |change: fn(&mut serde_json::Value), expected: Result<(), BadLine>| {
        let mut line: serde_json::Value = serde_json::from_str(&random_match(7).to_line()).unwrap();
        change(&mut line);
        assert_eq!(KeptMatch::parse(&line.to_string()).map(drop), expected, "{line}");
    };
    check(|_| (), Ok(()));
    check(|line| line["more"] = "than today".into(), Ok(()));
    check(|line| line["v"] = 2.into(), Err(BadLine::Newer));
    check(|line| *line = serde_json::json!({"v": 3, "moves": {"a1": "X"}}), Err(BadLine::Newer));
    check(|line| line["v"] = 0.into(), Err(BadLine::Damaged));
    check(|line| line["took_millis"] = serde_json::json!([1]), Err(BadLine::Damaged));
    check(|line| line["moves"] = serde_json::json!(["b2", "b2"]), Err(BadLine::Damaged));
    check(|line| line["host"] = "a\u{1b}[2J".into(), Err(BadLine::Damaged));
    check(|line| line["ending"] = "by magic".into(), Err(BadLine::Damaged));
    let mut long = random_match(7).to_line();
    long.insert_str(1, &" ".repeat(MAX_LINE_BYTES));
    assert_eq!(KeptMatch::parse(&long), Err(BadLine::Damaged));
}

#[test]
fn the_account_against_a_player_counts_their_matches_alone() {
    let kept = |guest: &str, ending: Ending, own: Option<Seat>| {
        let moves: Vec<Cell> = Vec::new();
        let winner = ending.winner(&Record::new(Rules::default()), Seat::Host);
        let usual = random_match(1);
        let names = PerSeat { guest: guest.parse().unwrap(), ..usual.names };
        let terms = Terms { rules: Rules::default(), ..usual.terms };
        let (place, took_millis, x) = (Played::Server, Vec::new(), Seat::Host);
        KeptMatch { place, names, x, own, terms, ending, winner, moves, took_millis, ..usual }
    };
    let own = Some(Seat::Host);
    let history = History {
        matches: vec![
            kept("ben", Ending::Resigned(Seat::Guest), own),
            kept("ben", Ending::Resigned(Seat::Host), own),
            kept("ben", Ending::DrawAgreed, own),
            kept("eve", Ending::OutOfTime(Seat::Guest), own),
            kept("ben", Ending::Resigned(Seat::Guest), None),
        ],
        ..History::default()
    };
    assert_eq!(history.against(&"ben".parse().unwrap()), Tally { won: 1, drawn: 1, lost: 1 });
    assert_eq!(history.tally(), Tally { won: 2, drawn: 1, lost: 1 });
    let said = history.record_against(&"eve".parse().unwrap());
    assert_eq!(said.as_deref(), Some("You v. eve: 1 won, 0 drawn, 0 lost"));
    assert_eq!(history.record_against(&"kim".parse().unwrap()), None);
}

proptest! {
    #[test]
    fn a_match_is_read_as_it_was_written(seed in any::<u64>()) {
        let kept = random_match(seed);
        prop_assert_eq!(KeptMatch::parse(&kept.to_line()), Ok(kept.clone()));
        // The sentences about it never fail.
        for plies in 0..=kept.moves.len() {
            let _snapshot = kept.snapshot(plies);
        }
        prop_assert!(!kept.to_line().contains('\n'));
    }

    #[test]
    fn garbage_between_the_lines_is_counted_and_costs_no_other_line(
        seeds in proptest::collection::vec(any::<u64>(), 0..6),
        garbage in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..60), 0..6),
    ) {
        let mut text = Vec::new();
        let mut expected = 0;
        for place in 0..6 {
            if let Some(seed) = seeds.get(place) {
                text.extend(random_match(*seed).to_line().into_bytes());
                text.push(b'\n');
            }
            if let Some(garbage) = garbage.get(place) {
                let line: Vec<u8> = garbage.iter().copied().filter(|byte| *byte != b'\n').collect();
                expected += usize::from(!line.trim_ascii().is_empty());
                text.extend(line);
                text.push(b'\n');
            }
        }
        let history = History::parse(&text);
        let matches: Vec<KeptMatch> = seeds.iter().map(|seed| random_match(*seed)).collect();
        prop_assert_eq!(&history.matches, &matches);
        prop_assert_eq!(history.damaged + history.newer, expected);
    }

    #[test]
    fn a_line_that_was_cut_or_changed_is_a_match_or_none_and_never_a_panic(
        seed in any::<u64>(), at in any::<proptest::sample::Index>(), byte in any::<u8>(), cuts in any::<bool>(),
    ) {
        let mut line = random_match(seed).to_line().into_bytes();
        let at = at.index(line.len());
        if cuts { line.truncate(at) } else { line[at] = byte }
        let history = History::parse(&line);
        for kept in &history.matches {
            prop_assert_eq!(KeptMatch::parse(&kept.to_line()), Ok(kept.clone()));
        }
    }
}
