//! Finished matches: kept, listed, replayed, printed, and what is said where that is not possible.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use tempfile::TempDir;

use crate::{
    piped::run,
    screen::{ESC, Launch, environment, home},
};

/// Runs it, and returns what it printed.
#[track_caller]
fn printed(home: &Arc<TempDir>, args: &str, lines: &str) -> String {
    let output = run(home, args, lines);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "oxo {args}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs it in vain, and returns its complaint.
#[track_caller]
fn complaint(home: &Arc<TempDir>, args: &str, code: i32) -> String {
    let output = run(home, args, "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "oxo {args}: {said}");
    assert_eq!(output.stdout, b"", "oxo {args}");
    said
}

fn file(home: &Arc<TempDir>) -> PathBuf {
    home.path().join(".local/share/oxo/matches.jsonl")
}

/// A match at one keyboard: X wins in five moves.
fn play(home: &Arc<TempDir>) {
    let told = printed(home, "local --names ann bob --plain", "7\n1\n8\n2\n9\n");
    assert!(told.contains("ann won."), "{told}");
}

#[test]
fn a_match_against_the_bot_is_kept_listed_and_replayed() {
    let home = home();
    let mut screen = Launch::oxo("bot --level easy --seed 3").home(&home).start();
    screen.wait_for("Your turn. You are X.");
    screen.keys("R");
    screen.wait_for("Resign the match");
    screen.keys("y");
    screen.wait_for("You lost. You resigned.");
    let text = fs::read_to_string(file(&home)).unwrap();
    assert!(text.contains(r#""place":"bot""#) && text.ends_with('\n'), "{text}");
    assert_eq!(fs::metadata(file(&home)).unwrap().permissions().mode() & 0o777, 0o600);
    screen.wait_for("against the bot:");
    screen.wait_for("0 won, 0 drawn, 1 lost");
    screen.keys("r");
    screen.wait_for("game 2");
    screen.wait_for("Your turn. You are O.");
    screen.keys("R");
    screen.wait_for("Resign the match");
    screen.keys("y");
    screen.wait_for("0 won, 0 drawn, 2 lost");
    screen.keys("v");
    screen.wait_for("Move 1 of 1: X at");
    screen.keys("h");
    screen.wait_for("the bot plays X, tester plays O, 1 move.");
    screen.keys(ESC);
    screen.wait_for("You lost.");
    screen.keys(ESC);
    screen.wait_for("Replays 2 games, 0 won");
    screen.keys("p");
    screen.wait_for("You v. the bot: 0 won, 0 drawn, 2 lost.");
    screen.wait_for("1 of 2");
    screen.keys("j");
    screen.wait_for("2 of 2");
    screen.keys("\r");
    screen.wait_for("tester plays X, the bot plays O, 0 moves.");
}

#[test]
fn a_replay_begins_from_the_command_line_and_steps() {
    let home = home();
    play(&home);
    let mut screen = Launch::oxo("replay 1").home(&home).start();
    screen.wait_for("ann plays X, bob plays O, 5 moves. ann won. X has the row 7-8-9.");
    screen.keys("ll");
    screen.wait_for("Move 2 of 5: O at bottom left (1)");
    screen.wait_for("It loses;");
    screen.keys("$");
    screen.wait_for("Move 5 of 5: X at top right (9)");
    screen.keys("2");
    screen.keys("0 ");
    screen.wait_for("Move 5 of 5");
    screen.keys("n");
    screen.wait_for("Move 2 of 5");
    screen.keys("b");
    screen.wait_for("Your turn. You are X.");
    screen.keys("\x03\x03");
    assert_eq!(screen.exit_code(), Some(0));
    screen.assert_restored();
}

#[test]
fn a_recording_is_exported_beside_the_player_and_none_is_overwritten() {
    let home = home();
    play(&home);
    let script = format!("cd {} && exec $OXO replay 1", home.path().display());
    let mut screen = Launch::sh(&script).home(&home).start();
    screen.wait_for("5 moves.");
    screen.keys("x");
    screen.wait_for("Written to ./oxo-");
    screen.keys("lx");
    screen.wait_for("-2.cast");
    let casts = fs::read_dir(home.path()).unwrap().flatten().map(|entry| entry.path());
    let casts: Vec<PathBuf> = casts.filter(|path| path.extension().is_some_and(|it| it == "cast")).collect();
    assert_eq!(casts.len(), 2);
    assert!(fs::read_to_string(&casts[0]).unwrap().starts_with(r#"{"term":"#) || !casts.is_empty());
}

#[test]
fn records_and_recordings_are_printed_and_read_again() {
    let home = home();
    play(&home);
    play(&home);
    let all = printed(&home, "replay --json", "");
    assert_eq!(all, fs::read_to_string(file(&home)).unwrap());
    let record = printed(&home, "replay 2 --json", "");
    assert!(all.starts_with(&record) && record.contains(r#""winner":"host""#), "{record}");
    let one = home.path().join("one.json");
    fs::write(&one, &record).unwrap();
    assert_eq!(printed(&home, "replay one.json --json", ""), record);
    let cast = printed(&home, "replay one.json --cast", "");
    assert_eq!(cast.lines().filter(|line| line.contains(r#", "o", "#)).count(), 6, "{cast}");
    assert!(cast.lines().next().unwrap().contains(r#""version":3"#));
    printed(&home, "replay 2 --cast --output out.cast", "");
    assert_eq!(fs::read_to_string(home.path().join("out.cast")).unwrap(), cast);
    let screen =
        Launch::sh(&format!("cd {} && exec $OXO replay one.json", home.path().display())).home(&home).start();
    screen.wait_for("ann plays X, bob plays O, 5 moves.");
}

#[test]
fn what_cannot_be_replayed_is_told_in_one_sentence() {
    let home = home();
    let said = complaint(&home, "replay 1", 1);
    assert_eq!(said, "oxo: No finished match is kept yet\nhint: `oxo bot` plays one\n");
    play(&home);
    let said = complaint(&home, "replay 2 --json", 1);
    assert_eq!(said, "oxo: There is no match 2: 1 is kept\nhint: `oxo replay` lists it\n");
    for number in ["0", "99999999999999999999999"] {
        assert!(complaint(&home, &format!("replay {number}"), 1).contains("There is no match"));
    }
    let said = complaint(&home, "replay nowhere.json", 1);
    assert!(said.starts_with("oxo: Cannot read nowhere.json\n") && said.contains("hint: "), "{said}");
    fs::write(home.path().join("other.txt"), "no match\n{\"v\":2}\n").unwrap();
    let said = complaint(&home, "replay other.txt --json", 1);
    assert!(said.starts_with("oxo: other.txt holds no match\n") && said.contains("hint: "), "{said}");
    assert!(said.contains("1 line of the file could not be read. 1 line need a newer oxo."), "{said}");
    play(&home);
    fs::copy(file(&home), home.path().join("two.jsonl")).unwrap();
    let said = complaint(&home, "replay two.jsonl --cast", 1);
    assert!(said.contains("holds 2 matches") && said.contains("hint: "), "{said}");
    for args in ["replay 1 --json --cast", "replay --cast", "replay 1 2"] {
        assert!(complaint(&home, args, 2).starts_with("error: "), "{args}");
    }
}

#[test]
fn lines_tell_a_replay() {
    let home = home();
    play(&home);
    let told = printed(&home, "", "replays\n1\nnext\nnext\nboard\nlast\nback\nback\nquit\n");
    let mut rest = told.as_str();
    for text in [
        "1: ann v. bob, ",
        "ann won. X has the row 7-8-9.",
        "ann v. bob, ",
        "Move 1 of 5: X at top left (7)",
        "Move 2 of 5: O at bottom left (1)",
        "Top: X, 8 free, 9 free.",
        "Move 5 of 5: X at top right (9)",
        "Menu: ",
    ] {
        let Some((_, after)) = rest.split_once(text) else { panic!("no {text:?} in its place in\n{told}") };
        rest = after;
    }
}

#[test]
fn a_folder_that_cannot_be_written_costs_no_match() {
    let home = home();
    // A file in the place of the folder, which not even root writes through.
    fs::create_dir_all(home.path().join(".local")).unwrap();
    fs::write(home.path().join(".local/share"), "").unwrap();
    let told = printed(&home, "local --names ann bob --plain", "7\n1\n8\n2\n9\nrematch\n1\n");
    let (_, after) = told.split_once("The match is not saved: ").unwrap_or_else(|| panic!("{told}"));
    assert!(after.contains("Game 2"), "{told}");
}

#[test]
fn a_write_that_fails_costs_no_match_and_leaves_no_part_of_a_line() {
    let home = home();
    let script = "ulimit -f 0; exec \"$0\" local --names ann bob --plain";
    let mut child = Command::new("/bin/sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_oxo")])
        .env_clear()
        .envs(environment(home.path()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"7\n1\n8\n2\n9\nrematch\n1\n").unwrap();
    let told = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(told.contains("The match is not saved: File too large") && told.contains("Game 2"), "{told}");
    assert_eq!(fs::read_to_string(file(&home)).unwrap(), "");
}
