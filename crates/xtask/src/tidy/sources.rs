//! What Rust sources keep to: how a file begins, what it may name, what is never left in it.

use super::OWN_SOURCES;
use super::tree::{File, Finding, Tree};

/// A module's file bears the module's name: `foo.rs` beside `foo/`, so that no two tabs are called `mod.rs`.
pub(super) fn no_file_is_called_mod(tree: &Tree) -> Vec<Finding> {
    let called_mod = tree.files_with("rs").filter(|file| file.path.ends_with("/mod.rs"));
    called_mod
        .map(|file| Finding::new(file.path, 1, "name the file after its module, not `mod.rs`"))
        .collect()
}

/// Every source of a crate begins with a `//!` line that says what it is.
pub(super) fn heads_say_what_a_file_is(tree: &Tree) -> Vec<Finding> {
    let headless = crate_sources(tree).filter(|file| !file.text.starts_with("//! "));
    headless
        .map(|file| Finding::new(file.path, 1, "begin with a `//!` line that says what this is"))
        .collect()
}

/// The modules that decide cannot name a clock, a socket, a thread or a hash map: `clippy.toml` lists them, and
/// each pure module denies them for itself and for all below it.
pub(super) fn pure_modules_deny_the_world(tree: &Tree) -> Vec<Finding> {
    PURE.iter().filter_map(|path| denies_the_world(tree, path)).collect()
}

/// One place in the workspace knows the encoding of messages, so that it can be replaced there. Tests may compare.
pub(super) fn only_the_codec_knows_the_encoding(tree: &Tree) -> Vec<Finding> {
    crate_sources(tree)
        .filter(|file| file.path != CODEC)
        .flat_map(|file| {
            let code = file.lines().take(code_lines(file));
            let named = code.filter(|(_, line)| without_comment(line).contains("bincode"));
            let what = format!("only {CODEC} may name `bincode`");
            named.map(move |(number, _)| Finding::new(file.path, number, &*what))
        })
        .collect()
}

/// What is committed is finished, is run, and has no queue without a bound.
pub(super) fn nothing_is_left_unfinished(tree: &Tree) -> Vec<Finding> {
    own_rules_apart(tree)
        .flat_map(|file| {
            file.lines().flat_map(move |(number, line)| forbidden(file, number, line, UNFINISHED))
        })
        .collect()
}

/// A test waits for what it waits for; one that sleeps is slow on a fast machine and fails on a slow one.
pub(super) fn tests_never_sleep(tree: &Tree) -> Vec<Finding> {
    own_rules_apart(tree)
        .flat_map(|file| {
            let tests = file.lines().skip(code_lines(file));
            tests.flat_map(move |(number, line)| forbidden(file, number, line, SLEEPS))
        })
        .collect()
}

/// A word that may not be written, and what to do instead.
struct Word {
    word: &'static str,
    instead: &'static str,
}

/// The sources of the workspace's crates, their tests and benches left out.
fn crate_sources(tree: &Tree) -> impl Iterator<Item = File<'_>> {
    own_rules_apart(tree).filter(|file| {
        let in_crate = file.path.strip_prefix("crates/").and_then(|path| path.split_once('/'));
        in_crate.is_some_and(|(_, path)| path.starts_with("src/"))
    })
}

/// Every Rust source but those that spell out the rules.
fn own_rules_apart(tree: &Tree) -> impl Iterator<Item = File<'_>> {
    tree.files_with("rs").filter(|file| !file.path.starts_with(OWN_SOURCES))
}

/// What is wrong with the head of the pure module at `path`.
fn denies_the_world(tree: &Tree, path: &str) -> Option<Finding> {
    let Some(file) = tree.file(path) else {
        return Some(Finding::new(
            path,
            1,
            "listed as pure, but not there; correct the list `PURE` in xtask",
        ));
    };
    // rustfmt may break the attribute into lines.
    let head: String = file.text.lines().map(str::trim).take_while(|line| !begins_an_item(line)).collect();
    let denied = head.split("#![deny(").skip(1).filter_map(|rest| rest.split(")]").next());
    let denies_both = |lints: &str| DENIED_WHERE_PURE.iter().all(|lint| lints.contains(lint));
    if denied.into_iter().any(denies_both) {
        return None;
    }
    let what = format!("a pure module denies {} at its head", DENIED_WHERE_PURE.join(" and "));
    Some(Finding::new(path, 1, what))
}

/// Whether `line` ends the head of a file. What is between is empty, a comment or an inner attribute.
fn begins_an_item(line: &str) -> bool {
    ["use ", "pub ", "pub(", "mod ", "extern ", "#["].iter().any(|start| line.starts_with(start))
}

/// How many of the file's lines come before its tests; all in a file without tests, none in a file of tests.
fn code_lines(file: File<'_>) -> usize {
    let is_all_tests = file.path.ends_with("/tests.rs") || file.path.split('/').any(|part| part == "tests");
    if is_all_tests {
        return 0;
    }
    let mut lines = file.lines().peekable();
    while let Some((number, line)) = lines.next() {
        let opens = lines.peek().is_some_and(|(_, next)| next.starts_with("mod ") && next.ends_with('{'));
        if line == "#[cfg(test)]" && opens {
            return number - 1;
        }
    }
    file.text.lines().count()
}

/// The words of `table` that `line` contains.
fn forbidden(file: File<'_>, number: usize, line: &str, table: &[Word]) -> Vec<Finding> {
    let found = table.iter().filter(|Word { word, .. }| line.contains(word));
    found
        .map(|Word { word, instead }| Finding::new(file.path, number, format!("`{word}`: {instead}")))
        .collect()
}

/// `line` up to its comment. A `//` in a string ends it too: more is then taken for a comment than is one.
fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

/// Files whose module, with all below it, decides without touching the world.
const PURE: &[&str] = &[
    "crates/game-core/src/lib.rs",
    "crates/net/src/addr.rs",
    "crates/net/src/arq.rs",
    "crates/net/src/discovery/advert.rs",
    "crates/net/src/discovery/table.rs",
    "crates/net/src/frame.rs",
    "crates/net/src/heartbeat.rs",
    "crates/net/src/line.rs",
    "crates/net/src/proto.rs",
    "crates/net/src/server_clock.rs",
    "crates/net/src/sim.rs",
    "crates/net/src/token_bucket.rs",
    "crates/server/src/lobby.rs",
    "crates/server/src/phrases.rs",
    "crates/server/src/text.rs",
    "crates/tui-client/src/field.rs",
    "crates/tui-client/src/lan_games.rs",
    "crates/tui-client/src/clock.rs",
    "crates/tui-client/src/doctor/firewall.rs",
    "crates/tui-client/src/doctor/local.rs",
    "crates/tui-client/src/doctor/report.rs",
    "crates/tui-client/src/doctor/terminal.rs",
    "crates/tui-client/src/doctor/remote.rs",
    "crates/tui-client/src/keymap.rs",
    "crates/tui-client/src/model.rs",
    "crates/tui-client/src/msg.rs",
    "crates/tui-client/src/notify.rs",
    "crates/tui-client/src/rooms.rs",
    "crates/tui-client/src/talk.rs",
    "crates/tui-client/src/theme.rs",
    "crates/tui-client/src/update.rs",
    "crates/tui-client/src/view.rs",
    "crates/tui-client/src/words.rs",
];

/// The lints behind the lists in `clippy.toml`.
const DENIED_WHERE_PURE: &[&str] = &["clippy::disallowed_methods", "clippy::disallowed_types"];

/// The only source that may name bincode.
const CODEC: &str = "crates/net/src/proto/codec.rs";

/// What no source contains, in code or in a comment.
const UNFINISHED: &[Word] = &[
    Word { word: "todo!", instead: "finish it before it is committed" },
    Word { word: "unimplemented!", instead: "finish it before it is committed" },
    Word { word: "FIXME", instead: "repair it, or open an issue" },
    // With its colon: three in a row is how a game of ours is won.
    Word { word: "XXX:", instead: "repair it, or open an issue" },
    Word { word: "dbg!", instead: "remove it, or trace the event" },
    Word { word: "#[ignore", instead: "a test runs, or is deleted" },
    Word { word: "unbounded_channel", instead: "every queue has a bound" },
];

/// What no test contains.
const SLEEPS: &[Word] = &[
    Word { word: "thread::sleep", instead: "wait for the event, or move a virtual clock" },
    Word { word: "time::sleep(", instead: "wait for the event, or move a virtual clock" },
];

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[test]
    fn a_file_called_mod_is_found() {
        let files = [("crates/net/src/proto/mod.rs", ""), ("crates/net/src/model.rs", "")];
        let expected = ["crates/net/src/proto/mod.rs:1: name the file after its module, not `mod.rs`"];
        assert_finds(no_file_is_called_mod, &files, &expected);
    }

    #[test]
    fn a_source_without_a_head_is_found() {
        let files = [
            ("crates/net/benches/b.rs", "fn main() {}\n"),
            ("crates/net/src/a.rs", "//! Frames.\n"),
            ("crates/net/src/b.rs", "use std::fmt;\n//! Too late.\n"),
        ];
        let expected = ["crates/net/src/b.rs:1: begin with a `//!` line that says what this is"];
        assert_finds(heads_say_what_a_file_is, &files, &expected);
    }

    /// Asserts whether a pure module that reads `text` is as it must be.
    #[track_caller]
    fn check_pure(text: &str, is_pure: bool) {
        let finding = denies_the_world(&[("pure.rs", text)].into_iter().collect(), "pure.rs");
        assert_eq!(finding.is_none(), is_pure, "{finding:?}");
    }

    #[test]
    fn a_pure_module_denies_both_lists_at_its_head() {
        check_pure("//! Pure.\n\n#![deny(clippy::disallowed_methods, clippy::disallowed_types)]\n", true);
        check_pure(
            "//! Pure.\n#![no_std]\n#![deny(\n    clippy::disallowed_methods,\n    clippy::disallowed_types,\n    reason = \"x\"\n)]\n",
            true,
        );
        check_pure("//! Not pure.\n\nuse std::fmt;\n", false);
        check_pure("//! Half pure.\n#![deny(clippy::disallowed_methods)]\n", false);
        check_pure("//! Warned.\n#![warn(clippy::disallowed_methods, clippy::disallowed_types)]\n", false);
        check_pure(
            "//! One module of it.\nmod a {\n#![deny(clippy::disallowed_methods, clippy::disallowed_types)]\n}\n",
            false,
        );
    }

    #[test]
    fn a_pure_module_that_is_not_there_is_found() {
        let finding = denies_the_world(&Tree::from_iter([]), "gone.rs").unwrap();
        let expected = "gone.rs:1: listed as pure, but not there; correct the list `PURE` in xtask";
        assert_eq!(finding.to_string(), expected);
    }

    #[test]
    fn bincode_is_named_by_the_codec_by_comments_and_by_tests_alone() {
        let files = [
            ("crates/net/src/a.rs", "//! Not bincode.\nuse bincode::serde; // why\n"),
            ("crates/net/src/b.rs", "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use bincode::serde;\n}\n"),
            (CODEC, "use bincode::serde;\n"),
            ("crates/net/tests/it/main.rs", "use bincode::serde;\n"),
        ];
        let expected = [format!("crates/net/src/a.rs:2: only {CODEC} may name `bincode`")];
        assert_finds(only_the_codec_knows_the_encoding, &files, &expected.each_ref().map(String::as_str));
    }

    #[test]
    fn unfinished_work_is_found() {
        for Word { word, instead } in UNFINISHED {
            let text = format!("fn f() {{\n    {word}\n}}\n");
            let expected = format!("fuzz/a.rs:2: `{word}`: {instead}");
            assert_finds(nothing_is_left_unfinished, &[("fuzz/a.rs", &text)], &[&expected]);
        }
    }

    #[test]
    fn a_row_that_wins_is_not_unfinished_work() {
        assert_finds(
            nothing_is_left_unfinished,
            &[("a.rs", "// XXX\nconst WON: &str = \"XXX/OO.\";\n")],
            &[],
        );
    }

    #[test]
    fn a_sleep_is_found_in_tests_alone() {
        let sleep = "tokio::time::sleep(RETRY).await;";
        let inline = format!("{sleep}\n#[cfg(test)]\nmod tests {{\n    {sleep}\n}}\n");
        let files = [("crates/net/src/a.rs", inline.as_str()), ("crates/net/tests/it/main.rs", sleep)];
        let what = "`time::sleep(`: wait for the event, or move a virtual clock";
        let expected =
            [format!("crates/net/src/a.rs:4: {what}"), format!("crates/net/tests/it/main.rs:1: {what}")];
        assert_finds(tests_never_sleep, &files, &expected.each_ref().map(String::as_str));
    }

    #[test]
    fn an_item_only_for_tests_does_not_begin_the_tests() {
        let text = "#[cfg(test)]\nfn f() {}\nfn g() {}\n";
        assert_eq!(code_lines(File { path: "a.rs", text }), 3);
    }
}
