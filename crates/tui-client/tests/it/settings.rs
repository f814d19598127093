//! The settings: changed on their page, kept in their file, and never in the way.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use crate::screen::{CTRL_C, ESC, Launch, environment, home};

const LEFT: &str = "\x1b[D";
const RIGHT: &str = "\x1b[C";
const DOWN: &str = "\x1b[B";

#[test]
fn what_is_changed_takes_effect_at_once_and_is_there_at_the_next_start() {
    let home = home();
    let path = home.path().join("oxo/config.toml");
    fs::write(&path, "# mine\nbell = \"never\" # at night\n").unwrap();
    let mut screen = Launch::oxo("").home(&home).start();
    screen.wait_for("tester");
    screen.keys("s");
    screen.wait_for("Your name");
    screen.keys("zoe");
    screen.keys(DOWN);
    screen.wait_for("auto");
    screen.keys(&format!("{DOWN}{DOWN}"));
    screen.wait_for("\u{25c2} no \u{25b8}");
    screen.keys(RIGHT);
    screen.wait_for("< yes >");
    screen.keys(ESC);
    screen.wait_for("zoe");
    screen.keys(CTRL_C);
    assert_eq!(screen.exit_code(), Some(0));
    let kept = fs::read_to_string(&path).unwrap();
    assert_eq!(kept, "# mine\nbell = \"never\" # at night\nname = \"zoe\"\nascii = true\n");
    let mut again = Launch::oxo("").home(&home).start();
    again.wait_for("zoe");
    assert!(again.text().is_ascii(), "{}", again.text());
    again.keys(CTRL_C);
    // What is typed goes before it, for one run.
    let named = Launch::oxo("--name ben").home(&home).start();
    named.wait_for("ben");
    assert_eq!(fs::read_to_string(&path).unwrap(), kept);
}

#[test]
fn a_read_only_file_is_said_and_the_setting_holds_for_this_run() {
    let home = home();
    let path = home.path().join("oxo/config.toml");
    fs::write(&path, "bell = \"never\"\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let mut screen = Launch::oxo("").home(&home).start();
    screen.wait_for("tester");
    screen.keys("s");
    screen.wait_for("Your name");
    screen.keys(&format!("{DOWN}{DOWN}{DOWN}"));
    screen.wait_for("\u{25c2} no \u{25b8}");
    screen.keys(LEFT);
    screen.wait_for("it is read-only. The change holds for this run only.");
    screen.wait_for("< yes >");
    assert_eq!(fs::read_to_string(&path).unwrap(), "bell = \"never\"\n");
}

#[test]
fn mistakes_are_said_and_the_rest_counts() {
    let home = home();
    fs::write(home.path().join("oxo/config.toml"), "theme = \"blue\"\nthme = 1\nname = \"zoe\"\n").unwrap();
    let mut screen = Launch::oxo("").size(120, 40).home(&home).start();
    screen.wait_for("zoe");
    screen.wait_for("config.toml, line 1: `theme` takes auto, dark");
    screen.wait_for("`oxo config` tells all.");
    screen.keys(DOWN);
    screen.wait_while("line 1");
}

/// Runs `oxo` without a terminal. Returns its exit code, its output and its complaints.
fn oxo(home: &tempfile::TempDir, args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_oxo"))
        .args(args)
        .env_clear()
        .envs(environment(home.path()))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let [out, complaints] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code(), out, complaints)
}

#[test]
fn the_file_is_named_with_its_mistakes_and_a_whole_one_is_printed() {
    let home = home();
    let path = home.path().join("oxo/config.toml");
    let (code, told, _) = oxo(&home, &["config"]);
    assert!(code == Some(0) && told.contains("oxo/config.toml  is not there yet"), "{told}");
    let (code, printed, said) = oxo(&home, &["config", "--print"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    fs::write(&path, &printed).unwrap();
    let (code, told, _) = oxo(&home, &["config"]);
    assert!(code == Some(0) && told.contains("\n0 problems"), "{told}");
    fs::write(&path, printed.replace("\"when-away\"", "\"sometimes\"")).unwrap();
    let (code, told, _) = oxo(&home, &["config"]);
    assert!(code == Some(1) && told.contains(": `bell` takes never, when-away or always\n"), "{told}");
    let (_, report, _) = oxo(&home, &["doctor"]);
    assert!(report.contains("oxo/config.toml  1 problem"), "{report}");
}

#[test]
fn what_is_no_settings_file_hinders_nobody() {
    let home = home();
    let path = |name: &str| home.path().join(name).to_string_lossy().into_owned();
    assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    fs::write(path("large"), vec![b'x'; 10 << 20]).unwrap();
    fs::write(path("latin 1"), b"name = \"J\xf6rg\"").unwrap();
    for (name, why) in [
        ("pipe", "it is no file"),
        ("oxo", "it is no file"),
        ("large", "it has more than 65536 bytes"),
        ("latin 1", "it is not UTF-8"),
    ] {
        let (code, told, said) = oxo(&home, &["bot", "--plain", "--config", &path(name)]);
        assert_eq!(code, Some(0), "{told}{said}");
        assert_eq!(said, format!("oxo: {}: {why}\n", path(name)));
        assert!(told.contains("Your turn."), "{told}");
    }
}
