//! `cargo xtask tidy`: the house rules that neither the compiler nor a lint can keep.
//!
//! Every check is a pure function from the [`Tree`] to its findings, and has tests that show it fail. A finding
//! is one line, `path:line: what`, that an editor can jump to. All checks run; then the step fails if one
//! found something.

mod manifests;
mod prose;
mod sources;
mod tree;
mod white_space;

use anyhow::ensure;

use tree::{Finding, Tree};

/// Checks every file that git knows or would take.
pub(crate) fn run() -> anyhow::Result<()> {
    let tree = Tree::read()?;
    let mut findings: Vec<_> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    ensure!(findings.is_empty(), "{} places are not tidy", findings.len());
    println!("{} files keep {} rules", tree.len(), CHECKS.len());
    Ok(())
}

/// A check: what it finds wrong in the tree, in any order.
type Check = fn(&Tree) -> Vec<Finding>;

/// Every check, the most local first.
const CHECKS: &[Check] = &[
    white_space::lines_are_clean,
    sources::no_file_is_called_mod,
    sources::heads_say_what_a_file_is,
    sources::pure_modules_deny_the_world,
    sources::only_the_codec_knows_the_encoding,
    sources::nothing_is_left_unfinished,
    sources::tests_never_sleep,
    manifests::crates_know_only_those_before_them,
    manifests::versions_are_the_workspaces,
    prose::links_lead_somewhere,
    prose::documents_are_linked,
    prose::no_workplace_is_named,
];

/// The sources of the checks themselves, which have to spell what they forbid.
const OWN_SOURCES: &str = "crates/xtask/src/tidy/";

/// Asserts that `check` finds exactly `expected` in a tree of these `(path, text)` files.
#[cfg(test)]
#[track_caller]
fn assert_finds(check: Check, files: &[(&str, &str)], expected: &[&str]) {
    let findings = check(&files.iter().copied().collect());
    assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}
