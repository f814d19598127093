//! Files of settings: what counts, what is told, and what a change leaves alone.

use game_core::SplitMix64;

use super::*;

#[track_caller]
fn check(text: &str, problems: &[&str]) -> Read {
    let read = Config::parse(text);
    let told: Vec<String> = read.problems.iter().map(|(line, what)| format!("line {line}: {what}")).collect();
    assert_eq!(told, problems, "{text}");
    read
}

#[test]
fn the_printed_file_names_every_setting_and_is_the_default() {
    let text = Config::default_file();
    let read = check(&text, &[]);
    assert_eq!(read.config, Config::default());
    assert_eq!(read.new_game, Read::default().new_game);
    for field in Field::KEPT {
        assert!(text.contains(&format!("\n{} = ", field.key())), "{field:?}");
    }
    // Its lines of keys are remarks, and they are the keys without a file.
    let rows = |text: &str| Config::parse(text).keymap.rows();
    let bound: Vec<&str> = text.lines().skip_while(|line| *line != "[keys]").collect();
    assert_eq!(rows(&bound.join("\n").replace("\n# ", "\n")), rows(""));
    assert_eq!(check(&bound.join("\n").replace("\n# ", "\n"), &[]).keymap.rows().len(), bound.len() - 1);
    for setting in Setting::value_variants().iter().copied() {
        assert!(text.contains(&format!("\n{} = ", setting.key())), "{setting:?}");
        assert!(text.contains(&setting.meaning()), "{setting:?}");
    }
}

#[test]
fn every_choice_is_set_written_and_read_again() {
    for setting in Setting::value_variants().iter().copied() {
        let typed: &[&str] = match setting {
            Setting::Name => &["ana", "", "true", "7", "\"\\"],
            Setting::Listen => &["[::]:0", "192.168.1.7:1952", ""],
            _ => &[],
        };
        for choice in Config::choices(setting).iter().map(String::as_str).chain(typed.iter().copied()) {
            let mut config = Config::default();
            config.set(setting, choice).unwrap();
            assert_eq!(config.text(setting), choice);
            let text = Config::edit("", &[(Place::Top(setting), config.text(setting))]).unwrap();
            assert_eq!(check(&text, &[]).config, config, "{text}");
        }
    }
}

#[test]
fn a_mistake_is_one_sentence_with_its_line_and_the_rest_counts() {
    let theme = "`theme` takes auto, dark, light, high-contrast, mono or edsac";
    let read = check("theme = \"blue\"\nascii = true\n", &[&format!("line 1: {theme}")]);
    assert!(read.config.ascii);
    check("\n\ntheme = [\"dark\"]", &[&format!("line 3: {theme}")]);
    check("# a remark\nthme = \"dark\"", &["line 2: there is no setting `thme`"]);
    check("[theme]\nname = 1", &[&format!("line 1: {theme}")]);
    check("[colours]\nx = 1", &["line 1: there is no setting `colours`"]);
    check(
        "name = \"a name that is too long\"",
        &["line 1: `name` takes a name of at most 16 columns, or nothing"],
    );
    check("listen = \"here\"", &["line 1: `listen` takes an address such as [::]:1952, or nothing"]);
    check("bell = 3", &["line 1: `bell` takes never, when-away or always"]);
}

#[test]
fn a_line_that_is_no_toml_is_left_out() {
    let read = Config::parse(
        "name = \"ana\"\r\ntheme =\r\nwhat is this\nascii = true\nascii = false\nmouse = 1\nbell = \"\"\"",
    );
    let lines: Vec<usize> = read.problems.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 5, 6, 7], "{:?}", read.problems);
    assert_eq!((read.config.name.unwrap().as_str(), read.config.ascii), ("ana", true));
}

#[test]
fn what_a_file_says_can_steer_no_terminal() {
    let read = Config::parse("\"\\u001b[2J\\u202e\\nx\" = 1");
    assert_eq!(read.problems[0].1, "there is no setting `\\u{1b}[2J\\u{202e}\\nx`");
    let long = format!("{} = 1", "x".repeat(5000));
    assert!(Config::parse(&long).problems[0].1.len() < 200);
}

#[test]
fn keys_are_named_in_every_form_that_toml_has() {
    let read = check(
        "[keys]\nmatch.hint = [\"g\", \"F1\"]\n\"menu.host\" = \"F2\"\nover.rematch = 5\n[keys.lan]\nfilter = [\"/\", 1]\n",
        &[
            "line 4: `over.rematch` takes a key such as \"g\", or several",
            "line 6: `lan.filter` takes a key such as \"g\", or several",
        ],
    );
    let rows = read.keymap.rows();
    let keys = |name: &str| rows.iter().find(|(row, ..)| row == name).map(|(_, keys, _)| keys.join(" "));
    assert_eq!([keys("match.hint").unwrap(), keys("menu.host").unwrap()], ["g F1", "F2"]);
}

/// Text as a broken disk or a hurried editor leaves it: seeded, so that a failure can be seen again.
#[test]
fn no_text_breaks_the_reader() {
    let whole = Config::default_file().into_bytes();
    for seed in 0..300 {
        let mut random = SplitMix64::new(seed);
        let mut bytes = whole.clone();
        for _ in 0..=random.below(6) {
            let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
            let piece = ["", "\"", "\"\"\"", "[", "]", "=", "\n", "\u{0}", "{", "\u{feff}"];
            let piece = piece[usize::try_from(random.below(10)).unwrap()];
            let end = (at + usize::try_from(random.below(40)).unwrap()).min(bytes.len());
            bytes.splice(at..end, piece.bytes());
        }
        let text = String::from_utf8_lossy(&bytes);
        let read = Config::parse(&text);
        assert!(read.problems.len() <= MAX_PROBLEMS + Setting::value_variants().len(), "seed {seed}");
        let is_plain = |(_, what): &(usize, String)| !what.chars().any(char::is_control);
        assert!(read.problems.iter().all(is_plain), "seed {seed}: {:?}", read.problems);
        let changed = Config::edit(&text, &[(Place::Top(Setting::Bell), "always".into())]);
        assert!(
            changed.is_err() || Config::parse(&changed.unwrap()).config.bell == Bell::Always,
            "seed {seed}"
        );
    }
}

#[test]
fn a_change_leaves_remarks_order_and_other_keys_alone() {
    let before = "# mine\n\nbell = 'never'  # at night\n# colours\ntheme=\"light\"\nstranger = 1\n\n[keys]\nmatch.hint = \"g\"\n";
    let changes = [
        (Place::Top(Setting::Theme), "dark".into()),
        (Place::Top(Setting::Ascii), "true".into()),
        (Place::Top(Setting::Bell), "always".into()),
    ];
    let after = Config::edit(before, &changes).unwrap();
    assert_eq!(
        after,
        "# mine\n\nbell = \"always\"  # at night\n# colours\ntheme=\"dark\"\nstranger = 1\nascii = true\n\n[keys]\nmatch.hint = \"g\"\n"
    );
    assert_eq!(Config::edit("ok = 1\nnot toml\n", &changes), Err("its line 2 is not TOML".into()));
}

#[test]
fn the_last_new_game_is_kept_in_a_table_of_its_own() {
    let mut game = Read::default().new_game;
    for (field, text) in [
        (Field::Board, "5x5:4"),
        (Field::Misere, "true"),
        (Field::BestOf, "3"),
        (Field::Clock, "5m+3s"),
        (Field::Visibility, "locked"),
        (Field::Level, "easy"),
        (Field::First, "bot"),
        (Field::X, "7"),
        (Field::O, "true"),
    ] {
        field.set(&mut game, text).unwrap();
    }
    let changes = Field::KEPT.map(|field| (Place::NewGame(field), field.text(&game)));
    for before in
        ["", "new-game = 1\n", "new-game.board = \"3x3\"\n", "[new-game] # the last\nclock = 'off'\n"]
    {
        let text = Config::edit(before, &changes).unwrap();
        assert_eq!(check(&text, &[]).new_game, game, "{text}");
    }
    assert_eq!(
        Config::edit("", &changes[..3]).unwrap(),
        "[new-game]\nboard = \"5x5:4\"\nmisere = true\nbest-of = 3\n"
    );
    check(
        "[new-game]\nboard = \"0x0\"\npasscode = \"1952\"\nlevel = [1]\nfirst = \"me\"",
        &[
            "line 2: `new-game.board`: a board has from 3 to 19 columns",
            "line 3: there is no setting `new-game.passcode`",
            "line 4: `new-game.level` takes one value",
            "line 5: `new-game.first`: the value is you or bot",
        ],
    );
}
