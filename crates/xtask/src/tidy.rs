//! `cargo xtask tidy`: the house rules that neither the compiler, nor a lint, nor cargo can keep.
//!
//! A rule is a pure function from the [`Tree`] to its findings, each a line `path:line: what` that an editor can jump
//! to, and has a test that shows it fail. All rules run; the step fails if one of them finds something.

mod circles;
mod numbers;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::ensure;

use self::circles::code_lines;
use crate::shell;

/// Checks every file that git tracks, or would track if asked.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let paths = shell::output(&mut list)?;
    // A file that cannot be read was removed from the disk, and not yet from the index.
    let files = paths.split_terminator('\0').filter_map(|path| Some((path, fs::read(path).ok()?)));
    let tree: Tree =
        files.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap_or_default())).collect();
    let findings: Vec<_> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    for finding in &findings {
        println!("{finding}");
    }
    ensure!(findings.is_empty(), "{} places are not tidy", findings.len());
    println!("{} files keep {} rules", tree.0.len(), RULES.len());
    Ok(())
}

/// A house rule.
type Rule = fn(&Tree) -> Vec<String>;

const RULES: &[Rule] = &[
    lines_are_clean,
    sources_have_heads,
    only_the_codec_names_bincode,
    nothing_is_left_unfinished,
    tests_never_sleep,
    crates_depend_in_one_direction,
    links_lead_to_files,
    documents_are_linked,
    no_workplace_is_named,
    docs_begin_with_nouns,
    files_import_in_one_direction,
    numbers_in_the_report_have_a_source,
];

/// The texts of the project by path from its root. What is not text, such as a picture, is empty.
#[derive(Debug)]
struct Tree(BTreeMap<String, String>);

impl<P: Into<String>, T: Into<String>> FromIterator<(P, T)> for Tree {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.into(), text.into())).collect())
    }
}

impl Tree {
    /// The files whose paths end in `suffix`, but for this module, which spells what it forbids.
    fn files(&self, suffix: &str) -> impl Iterator<Item = (&str, &str)> {
        let files = self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        files.filter(move |(path, _)| path.ends_with(suffix) && !path.starts_with("crates/xtask/src/tidy"))
    }

    /// The lines of [`files`](Self::files): path, number from 1, and text.
    fn lines(&self, suffix: &str) -> impl Iterator<Item = (&str, usize, &str)> {
        self.files(suffix)
            .flat_map(|(path, text)| (1..).zip(text.lines()).map(move |(line, it)| (path, line, it)))
    }
}

/// The findings in these lines, each shown.
fn found<'a>(lines: impl Iterator<Item = (&'a str, usize, &'a str)>, what: &str) -> Vec<String> {
    lines.map(|(path, line, it)| format!("{path}:{line}: {what}: {}", it.trim())).collect()
}

/// No tab, no white space at the end of a line, and one newline at the end of a text. Licences stay as they are.
fn lines_are_clean(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, text) in tree.files("").filter(|(path, text)| !path.starts_with("LICENSE") && !text.is_empty())
    {
        for (line, it) in (1..).zip(text.split('\n')) {
            if it.contains('\t') || it.ends_with(char::is_whitespace) {
                findings.push(format!("{path}:{line}: a tab, or white space at the end"));
            }
        }
        if !text.ends_with('\n') || text.ends_with("\n\n") {
            findings.push(format!("{path}:{}: end with one newline", text.lines().count()));
        }
    }
    findings
}

/// Every source of a crate begins with a `//!` line.
fn sources_have_heads(tree: &Tree) -> Vec<String> {
    let sources = tree.files(".rs").filter(|(path, _)| path.contains("/src/"));
    let headless = sources.filter(|(_, text)| !text.starts_with("//! "));
    headless.map(|(path, _)| format!("{path}:1: begin with a `//!` line that describes the file")).collect()
}

/// One module knows the encoding of messages, so that it can be replaced there. Comments and tests may name it.
fn only_the_codec_names_bincode(tree: &Tree) -> Vec<String> {
    let sources =
        tree.lines(".rs").filter(|(path, ..)| path.contains("/src/") && !path.ends_with("/proto/codec.rs"));
    let naming = sources.filter(|(path, line, it)| {
        it.split("//").next().is_some_and(|code| code.contains("bincode"))
            && *line <= code_lines(&tree.0[*path])
    });
    found(naming, "only proto/codec.rs may name `bincode`")
}

/// Committed code is finished, its tests run, and its queues have bounds. Clippy finds `todo!` and the like.
fn nothing_is_left_unfinished(tree: &Tree) -> Vec<String> {
    // With a colon: three in a row is how a game of ours is won.
    let words = ["FIXME", "XXX:", "#[ignore", "unbounded_channel"];
    let lines = tree.lines(".rs").filter(|(.., it)| words.iter().any(|word| it.contains(word)));
    found(lines, "unfinished, ignored or unbounded")
}

/// A test waits for an event; one that sleeps is slow on a fast machine and fails on a slow one.
fn tests_never_sleep(tree: &Tree) -> Vec<String> {
    let sleeping =
        tree.lines(".rs").filter(|(.., it)| it.contains("thread::sleep") || it.contains("time::sleep("));
    let tested = sleeping.filter(|(path, line, _)| {
        path.contains("/tests/") || path.ends_with("/tests.rs") || *line > code_lines(&tree.0[*path])
    });
    found(tested, "wait for the event, or move a virtual clock")
}

/// A crate knows those of ours that [`MAY_KNOW`] names, and takes every version from the root's manifest. Cargo itself
/// refuses circles, but not between tests.
fn crates_depend_in_one_direction(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    let mut table = "";
    for (path, line, it) in tree.lines("/Cargo.toml") {
        let Some(name) = path.strip_prefix("crates/").and_then(|rest| rest.strip_suffix("/Cargo.toml"))
        else {
            continue;
        };
        if it.starts_with('[') {
            table = it;
        }
        let (key, value) = it.split_once('=').map_or((it, ""), |(key, value)| (key.trim(), value));
        let (dependency, suffix) = key.split_once('.').unwrap_or((key, ""));
        let is_listed = table.ends_with("dependencies]") && !value.is_empty() && !it.starts_with(['[', '#']);
        if it.starts_with('[') && it.contains("dependencies.")
            || is_listed && suffix != "workspace" && !value.contains("workspace = true")
        {
            findings.push(format!("{path}:{line}: write `workspace = true`, and the version in the root"));
        }
        let is_ours = MAY_KNOW.iter().any(|(ours, _)| *ours == dependency);
        let known = MAY_KNOW.iter().find(|(ours, _)| *ours == name).map_or(&[][..], |(_, known)| known);
        if is_listed && is_ours && dependency != name && !known.contains(&dependency) {
            findings.push(format!("{path}:{line}: `{name}` may not know `{dependency}`"));
        }
    }
    findings
}

/// Our crates, and those of them that each may know.
const MAY_KNOW: [(&str, &[&str]); 6] = [
    ("game-core", &[]),
    ("net", &["game-core"]),
    ("server", &["game-core", "net"]),
    ("tui-client", &["game-core", "net", "server", "pty-driver"]),
    ("pty-driver", &[]),
    ("xtask", &["net", "pty-driver"]),
];

/// Within a crate, no file imports one that imports it.
fn files_import_in_one_direction(tree: &Tree) -> Vec<String> {
    circles::find(&tree.0)
}

/// No number in a chapter of the report is typed. The files beside the chapters draw and look up.
fn numbers_in_the_report_have_a_source(tree: &Tree) -> Vec<String> {
    let beside = ["data.typ", "style.typ", "drawings.typ", "report.typ"];
    let is_chapter =
        |path: &str| path.starts_with("docs/report/") && !beside.iter().any(|it| path.ends_with(it));
    numbers::find(tree.files(".typ").filter(|(path, _)| is_chapter(path)))
}

/// A link from a document to a file of the project leads to one.
fn links_lead_to_files(tree: &Tree) -> Vec<String> {
    let is_there = |it: &str| {
        it.is_empty()
            || tree.0.keys().any(|path| {
                path.strip_prefix(it).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    };
    let broken = links(tree).into_iter().filter(|link| link.to.as_ref().is_none_or(|to| !is_there(to)));
    broken.map(|Link { from, line, target, .. }| format!("{from}:{line}: no such file: {target}")).collect()
}

/// Another document links to each page of `docs`, since nobody reads one that cannot be found.
fn documents_are_linked(tree: &Tree) -> Vec<String> {
    let links = links(tree);
    let is_linked =
        |path: &str| links.iter().any(|link| link.from != path && link.to.as_deref() == Some(path));
    let pages = tree.files(".md").filter(|(path, _)| path.starts_with("docs/") && !is_linked(path));
    pages.map(|(path, _)| format!("{path}:1: no other document links to this one")).collect()
}

/// A link from a document to something of ours.
struct Link<'a> {
    from: &'a str,
    line: usize,
    target: String,
    /// The target from the root; `None` when it leaves the project.
    to: Option<String>,
}

/// The links between files: `[text](target)`, `[label]: target`, `src="target"` and `href="target"` outside of code.
fn links(tree: &Tree) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    let mut is_fenced = false;
    for (from, line, it) in tree.lines(".md") {
        is_fenced ^= it.trim_start().starts_with("```");
        if is_fenced {
            continue;
        }
        // Every second piece between backticks is code; the text of a link may be code, too.
        let prose = it.split('`').step_by(2).collect::<Vec<_>>().join("``");
        let openings = ["](", "]: ", "src=\"", "href=\""].into_iter();
        for rest in openings.flat_map(|opening| prose.split(opening).skip(1)) {
            let target = rest.split([')', '"', ' ']).next().unwrap_or_default();
            if !target.contains(':') && !target.starts_with('#') {
                links.push(Link { from, line, target: target.to_owned(), to: resolved(from, target) });
            }
        }
    }
    links
}

/// The path from the root that a document at `from` calls `target`.
fn resolved(from: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().filter(|target| !target.starts_with('/'))?;
    let mut parts: Vec<_> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// No text names a place of the machine on which it was written.
fn no_workplace_is_named(tree: &Tree) -> Vec<String> {
    let places = ["/work/", "/tmp/", "/home/", "/root/"];
    // A longer path may end like one of them.
    let is_longer = |c: char| c.is_alphanumeric() || "/._-~*}".contains(c);
    let names =
        |it: &str, place| it.match_indices(place).any(|(at, _)| !it.split_at(at).0.ends_with(is_longer));
    let lines = tree.lines("").filter(|(.., it)| places.iter().any(|place| names(it, place)));
    found(lines, "names a place of one machine")
}

/// Documentation names a thing or an act first: few of its lines begin with What, Whether and the like.
fn docs_begin_with_nouns(tree: &Tree) -> Vec<String> {
    let is_doc = |it: &str| it.starts_with("///") || it.starts_with("//!");
    let docs: Vec<_> = tree.lines(".rs").filter(|(.., it)| is_doc(it.trim_start())).collect();
    let begins_so = |it: &str| {
        let text = it.trim_start().trim_start_matches(['/', '!', ' ']);
        let word = text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        QUESTIONS.contains(&word) || text.starts_with("The same")
    };
    let begun_so: Vec<_> = docs.iter().copied().filter(|(.., it)| begins_so(it)).collect();
    if begun_so.len() * 100 <= docs.len() * PERCENT_OF_QUESTIONS {
        return Vec::new();
    }
    found(begun_so.into_iter(), "begin with a noun or a verb")
}

const QUESTIONS: [&str; 9] = ["What", "Who", "Whose", "Whom", "Whether", "How", "Why", "Where", "When"];

/// Lines of documentation that may begin so, of a hundred.
const PERCENT_OF_QUESTIONS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts the findings of `rule` in a tree of these `(path, text)` files, each up to its last colon.
    #[track_caller]
    fn check(rule: Rule, files: &[(&str, &str)], expected: &[&str]) {
        let findings = rule(&files.iter().copied().collect());
        let places = findings.iter().map(|finding| finding.split(": ").next().unwrap_or_default());
        assert_eq!(places.collect::<Vec<_>>(), expected, "{findings:#?}");
    }

    #[test]
    fn white_space_that_only_a_diff_shows_is_found() {
        let dirty = ("a", "a\tb\nc \nd\r\n\n  e\n");
        let files = [dirty, ("b", "no end"), ("c", "end\n\n"), ("LICENSE-MIT", "\t"), ("picture", "")];
        check(lines_are_clean, &files, &["a:1", "a:2", "a:3", "b:1", "c:2"]);
    }

    #[test]
    fn a_source_without_a_head_is_found() {
        let files =
            [("x/src/a.rs", "//! Frames.\n"), ("x/src/b.rs", "use c;\n//! Late.\n"), ("x/benches/d.rs", "")];
        check(sources_have_heads, &files, &["x/src/b.rs:1"]);
    }

    #[test]
    fn bincode_outside_of_the_codec_is_found() {
        let used =
            "//! Not bincode.\nuse bincode::serde; // why\n#[cfg(test)]\nmod tests {\n    use bincode;\n}\n";
        let files = [("n/src/a.rs", used), ("n/src/proto/codec.rs", used), ("n/tests/it/b.rs", used)];
        check(only_the_codec_names_bincode, &files, &["n/src/a.rs:2"]);
    }

    #[test]
    fn unfinished_and_unbounded_work_is_found() {
        let text =
            "// FIXME\n// XXX: b\n#[ignore]\nlet (a, b) = unbounded_channel();\nlet won = \"XXX/OO.\";\n";
        check(nothing_is_left_unfinished, &[("a.rs", text)], &["a.rs:1", "a.rs:2", "a.rs:3", "a.rs:4"]);
    }

    #[test]
    fn a_sleep_is_found_in_tests_alone() {
        let sleep = "time::sleep(RETRY);\n";
        let inline = format!("{sleep}#[cfg(test)]\nfn f() {{}}\n#[cfg(test)]\nmod tests {{\n{sleep}}}\n");
        let files =
            [("x/src/a.rs", inline.as_str()), ("x/src/a/tests.rs", sleep), ("x/tests/it/b.rs", sleep)];
        check(tests_never_sleep, &files, &["x/src/a.rs:6", "x/src/a/tests.rs:1", "x/tests/it/b.rs:1"]);
    }

    #[test]
    fn a_crate_that_knows_too_much_or_has_a_version_of_its_own_is_found() {
        let core = "[package]\nversion = \"1\"\n[dev-dependencies]\nnet.workspace = true\n# a = b\n";
        let other =
            "[dependencies]\nnet = { workspace = true }\na = \"1\"\n[dependencies.b]\nversion = \"1\"\n";
        let files = [
            ("crates/game-core/Cargo.toml", core),
            ("crates/other/Cargo.toml", other),
            ("fuzz/Cargo.toml", other),
        ];
        let expected = [
            "crates/game-core/Cargo.toml:4",
            "crates/other/Cargo.toml:2",
            "crates/other/Cargo.toml:3",
            "crates/other/Cargo.toml:4",
        ];
        check(crates_depend_in_one_direction, &files, &expected);
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_found() {
        let readme = "[a](docs/A.md \"b\") [c](c)\n![d](d.png) [`e`](e.md)\n[f](/docs/A.md)\n[g]: g.md\n<img src=\"h\">\n";
        let fine = "[up](../README.md#top) [all](..) [a](#a) <https://a.org> [b](https://a.org/b.md)\n`[c](c)`\n```\n[d](d)\n```\n";
        let files = [("README.md", readme), ("docs/A.md", fine), ("docs/B.md", "[out](../../x)\n")];
        let expected = [
            "README.md:1",
            "README.md:2",
            "README.md:2",
            "README.md:3",
            "README.md:4",
            "README.md:5",
            "docs/B.md:1",
        ];
        check(links_lead_to_files, &files, &expected);
    }

    #[test]
    fn a_document_that_no_other_links_to_is_found() {
        let files = [("README.md", "[a](docs/A.md)\n"), ("docs/A.md", ""), ("docs/C.md", "[myself](C.md)\n")];
        check(documents_are_linked, &files, &["docs/C.md:1"]);
    }

    #[test]
    fn a_workplace_is_found() {
        let fine = "docs/work/a $HOME/tmp/a ${base}/tmp/a https://a.org/home/b ~/work/a ../tmp/a\n";
        check(
            no_workplace_is_named,
            &[("a", "see\nin /work/b\ncd \"/tmp/a\"\n"), ("b", fine)],
            &["a:2", "a:3"],
        );
    }

    #[test]
    fn questions_are_found_when_there_are_too_many() {
        let docs = "/// What it is.\n    //! The same.\n/// Whatever.\n// Why\n";
        check(docs_begin_with_nouns, &[("a.rs", docs)], &["a.rs:1", "a.rs:2"]);
        check(docs_begin_with_nouns, &[("a.rs", &("/// How.\n".to_owned() + &"/// A.\n".repeat(99)))], &[]);
    }
}
