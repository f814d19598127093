//! Command lines and their meaning.

use game_core::{Level, Rules};
use net::proto::{BestOf, Terms};
use tui_client::{
    config::{Read, Transports},
    failure::Failure,
    new_game::{Field, Kind, NewGame},
    xray::Knob,
};

use super::*;

/// The settings of somebody who has none.
fn loaded() -> Loaded {
    Loaded { file: None, read: Read::default(), problems: Vec::new() }
}

#[test]
fn the_command_line_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn a_series_and_a_clock_reach_the_terms() {
    let args = Args::parse_from(["oxo", "host", "--best-of", "3", "--clock", "5m+3s"]);
    let (model, _) = args.meaning(0, None, &loaded()).unwrap();
    assert_eq!(model.new_game.terms.best_of, BestOf::new(3));
    assert_eq!(model.new_game.terms.time.to_string(), "5m+3s");
}

#[test]
fn a_join_asks_for_terms_only_if_some_were_given() {
    let quick_terms = |typed: &str| {
        let args = Args::parse_from(typed.split_whitespace());
        args.meaning(0, None, &loaded()).unwrap().0.quick_terms
    };
    assert_eq!(quick_terms("oxo join 192.168.1.7"), None);
    let time = "30s".parse().unwrap();
    let asked = Terms { time, ..Terms::default() };
    assert_eq!(quick_terms("oxo join 192.168.1.7 --clock 30s"), Some(asked));
    assert_eq!(quick_terms("oxo join 192.168.1.7 --board 3x3"), Some(Terms::default()));
}

#[test]
fn a_code_alone_is_where_it_was_found() {
    let args = |typed: &str| Args::parse_from(["oxo", "join", typed]);
    for typed in ["KITE-42", "kite42", "Kite 42"] {
        let code: RoomCode = "KITE-42".parse().unwrap();
        let machine = typed.parse().ok();
        assert_eq!(args(typed).code_to_find(), Some((code, machine)), "{typed}");
        let found: HostPort = "192.168.1.7".parse().unwrap();
        let place = FoundPlace::Game { target: found.clone(), addresses: Vec::new() };
        let (_, start) = args(typed).meaning(0, Some(place), &loaded()).unwrap();
        let Start::Connect(Goal::Join { target, key }) = start else { panic!("{start:?}") };
        assert_eq!((target, key.map(|key| key.code)), (found, Some(code)));
    }
    let words = Args::parse_from(["oxo", "join", "kite", "—", "42", "--passcode", "tuna"]);
    assert_eq!(words.code_to_find(), Some(("KITE-42".parse().unwrap(), None)));
    for typed in ["KITE-42@192.168.1.7", "192.168.1.7", "laptop", "kite-42:1952"] {
        assert_eq!(args(typed).code_to_find(), None, "{typed}");
    }
}

#[test]
fn a_code_may_be_the_name_of_a_machine() {
    let target: HostPort = "pine-64".parse().unwrap();
    for (command, expected) in [("join", false), ("watch", true)] {
        let args = Args::parse_from(["oxo", command, "pine-64"]);
        let (_, machine) = args.code_to_find().unwrap();
        assert_eq!(machine.as_ref(), Some(&target));
        let found = FoundPlace::Machine { target: target.clone(), tried: Failure::new("none") };
        let (_, start) = args.meaning(0, Some(found), &loaded()).unwrap();
        assert!(matches!(start, Start::Machine { watches, .. } if watches == expected), "{start:?}");
    }
    let args = Args::parse_from(["oxo", "join", "pine-64", "--passcode", "1952"]);
    assert!(args.code_to_find().unwrap().1.is_none(), "a passcode opens a game");
}

#[test]
fn names_and_who_begins_reach_the_game() {
    let opponent = |typed: &str| {
        let (_, start) =
            Args::try_parse_from(typed.split_whitespace()).ok()?.meaning(0, None, &loaded()).unwrap();
        let Start::Connect(Goal::Local { opponent }) = start else { panic!("{start:?}") };
        Some(opponent)
    };
    let names = ["ana", "ben"].map(|name| name.parse().unwrap());
    assert_eq!(opponent("oxo local --names ana ben"), Some(Opponent::Person { names }));
    assert_eq!(opponent("oxo local --names ana"), None);
    for (typed, expected) in
        [("oxo bot --first bot", true), ("oxo bot --first you", false), ("oxo bot", false)]
    {
        assert!(matches!(opponent(typed), Some(Opponent::Bot { begins, .. }) if begins == expected));
    }
}

#[test]
fn misere_reaches_the_rules() {
    let args = Args::parse_from(["oxo", "local", "--board", "5x5:4", "--misere"]);
    let (model, _) = args.meaning(0, None, &loaded()).unwrap();
    assert_eq!(model.new_game.terms.rules, "5x5:4".parse::<Rules>().unwrap().with_misere(true));
}

/// The words of a command, as a shell reads them.
fn shell_words(command: &str) -> Vec<String> {
    let (mut words, mut is_quoted) = (vec![String::new()], false);
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        let word = words.last_mut().unwrap();
        match character {
            '\'' => is_quoted = !is_quoted,
            '\\' if !is_quoted => word.extend(characters.next()),
            ' ' if !is_quoted => words.push(String::new()),
            other => word.push(other),
        }
    }
    words
}

#[test]
fn the_command_of_a_form_means_the_game_of_the_form() {
    let seed = 1952;
    let mut random = SplitMix64::new(seed);
    let mut pick = |texts: &[&str]| {
        let index = random.below(u64::try_from(texts.len()).unwrap());
        texts[usize::try_from(index).unwrap()].to_owned()
    };
    let names = [
        "Player 1",
        "ann",
        "ann bo",
        "o'neil",
        "-x",
        "--clock",
        "$(id)",
        "a\\b",
        "\"",
        "\u{674e}\u{5c0f}",
        "'",
    ];
    // The game that was played last, which the command does not mean.
    let mut last = NewGame::new("0042".parse().unwrap());
    for case in 0..400 {
        let mut game = NewGame::new("0042".parse().unwrap());
        let values = [
            (Field::Board, pick(&["3x3", "5x5:4", "7x6:4", "19x19:5", "3x19:19"])),
            (Field::Misere, pick(&["true", "false"])),
            (Field::BestOf, pick(&["off", "1", "3", "99"])),
            (Field::Clock, pick(&["off", "1s", "5m+3s", "60m+255s"])),
            (Field::Visibility, pick(&["public", "hidden", "locked"])),
            (Field::Passcode, pick(&["1952", "-tuna", "o'neil", "$HOME", "a\\b;", "\u{674e}"])),
            (Field::Level, pick(&["easy", "perfect"])),
            (Field::First, pick(&["you", "bot"])),
            (Field::X, pick(&names)),
            (Field::O, pick(&names)),
        ];
        for (field, text) in &values {
            field.set(&mut game, text).unwrap();
            assert_eq!(field.text(&game), *text);
        }
        for kind in [Kind::Host, Kind::Bot, Kind::Local] {
            check_command(kind, &game, last, &format!("case {case} of seed {seed}"));
        }
        last = game;
    }
}

/// Asserts that the command of a game means it, whatever was played last.
#[track_caller]
fn check_command(kind: Kind, game: &NewGame, last: NewGame, case: &str) {
    let command = game.command(kind);
    let args = Args::try_parse_from(shell_words(&command))
        .unwrap_or_else(|error| panic!("{case}, {command}: {error}"));
    let mut loaded = loaded();
    loaded.read.new_game = last;
    let (model, start) = args.meaning(0, None, &loaded).unwrap();
    assert_eq!(model.new_game.terms, game.terms, "{case}, {command}");
    match start {
        Start::Connect(Goal::Host) => {
            assert_eq!((kind, model.new_game.visibility), (Kind::Host, game.visibility), "{command}");
            let is_locked = game.visibility == Visibility::Locked;
            assert!(!is_locked || model.new_game.passcode == game.passcode, "{command}");
        }
        Start::Connect(Goal::Local { opponent: Opponent::Bot { level, begins, .. } }) => {
            assert!(level.supports(&game.terms.rules), "{command}");
            assert!(level == game.level || level == Level::Easy, "{command}");
            assert_eq!((kind, begins), (Kind::Bot, game.bot_begins), "{command}");
        }
        Start::Connect(Goal::Local { opponent: Opponent::Person { names } }) => {
            assert_eq!((kind, names), (Kind::Local, game.names), "{command}");
        }
        other => panic!("{command}: {other:?}"),
    }
}

#[test]
fn a_lab_is_against_the_bot_or_on_another_machine_over_udp() {
    let lab = |typed: &str| {
        let args = Args::try_parse_from(typed.split_whitespace()).map_err(|error| error.to_string())?;
        args.meaning(7, None, &loaded())
    };
    for (typed, bot) in
        [("oxo lab", true), ("oxo lab bot --transport tcp", true), ("oxo lab 192.168.1.7", false)]
    {
        let (model, start) = lab(typed).unwrap();
        let dial = model.xray.dial.unwrap();
        assert_eq!((dial.is_against_bot, dial.seed), (bot, 7), "{typed}");
        assert_eq!(matches!(start, Start::Connect(Goal::Host)), bot, "{start:?}");
        let expected = if typed.contains("tcp") { Transports::Tcp } else { Transports::Udp };
        assert_eq!(model.config.transport, expected);
    }
    let all = "oxo lab --loss 20% --delay 30ms --jitter 1s --reorder --duplicate 1% --damage 2.5% --seed 3";
    let dial = lab(all).unwrap().0.xray.dial.unwrap();
    let values = Knob::ALL.map(|knob| dial.value(knob));
    assert_eq!(values, ["20%", "30 ms", "1000 ms", "yes", "1%", "2.50%"]);
    assert_eq!(dial.seed, 3);
    for wrong in ["oxo lab --delay 2s", "oxo lab --delay 30", "oxo lab --loss 101%", "oxo lab host host"] {
        assert!(lab(wrong).is_err(), "{wrong}");
    }
    assert!(lab("oxo lab --transport tcp --loss 1%").unwrap_err().contains("over TCP the link is as it is"));
    assert!(lab("oxo lab --delay 1001ms").unwrap_err().contains("a time is from 0ms to 1s"));
}
