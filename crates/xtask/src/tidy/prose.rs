//! What documents keep to: a reader can follow every link, find every page, and needs nobody's machine.

use std::collections::BTreeSet;

use super::OWN_SOURCES;
use super::tree::{File, Finding, Tree};

/// A link to a file of the project leads to one that is there.
pub(super) fn links_lead_somewhere(tree: &Tree) -> Vec<Finding> {
    let links = tree.files_with("md").flat_map(links);
    let broken = links.filter(|link| link.path.as_ref().is_none_or(|path| !tree.contains(path)));
    broken.map(|link| Finding::new(link.from, link.line, format!("no such file: {}", link.target))).collect()
}

/// A page of `docs/` that nothing links to is a page nobody reads.
pub(super) fn documents_are_linked(tree: &Tree) -> Vec<Finding> {
    let from_elsewhere =
        tree.files_with("md").flat_map(links).filter(|link| link.path.as_deref() != Some(link.from));
    let linked: BTreeSet<_> = from_elsewhere.filter_map(|link| link.path).collect();
    tree.files_with("md")
        .filter(|file| file.path.starts_with("docs/") && !linked.contains(file.path))
        .map(|file| Finding::new(file.path, 1, "no other document links to this one"))
        .collect()
}

/// No text names a place on the machine it was written on.
pub(super) fn no_workplace_is_named(tree: &Tree) -> Vec<Finding> {
    let files = tree.files().filter(|file| !file.path.starts_with(OWN_SOURCES));
    let lines = files.flat_map(|file| file.lines().map(move |(number, line)| (file, number, line)));
    lines
        .filter_map(|(file, number, line)| {
            let place = WORKPLACES.iter().find(|place| names_absolutely(line, place))?;
            Some(Finding::new(file.path, number, format!("names a place of one machine: {place}")))
        })
        .collect()
}

/// A link to something of ours, as written in a document.
#[derive(Debug)]
struct Link<'a> {
    from: &'a str,
    line: usize,
    target: String,
    /// The target from the root of the workspace; `None` where it leaves the workspace.
    path: Option<String>,
}

/// The links of `file` to other files, whole addresses and places in the same page left out.
fn links(file: File<'_>) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    let mut is_fenced = false;
    for (line, text) in file.lines() {
        let is_fence = text.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        if is_fence || is_fenced {
            continue;
        }
        for target in targets(&without_code(text)) {
            let is_ours =
                !target.contains("://") && !target.starts_with("mailto:") && !target.starts_with('#');
            if is_ours {
                let path = resolved(file.path, &target);
                found.push(Link { from: file.path, line, target, path });
            }
        }
    }
    found
}

/// `line` with its code spans emptied: every second piece between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// Where a line of Markdown points: `[text](target)`, `[label]: target`, and the `src` and `href` of tags.
fn targets(line: &str) -> Vec<String> {
    let label = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    let labelled = label.map(|(_, target)| target);
    let enclosed = [("](", ')'), ("src=\"", '"'), ("href=\"", '"')].into_iter().flat_map(|(open, close)| {
        line.split(open).skip(1).filter_map(move |rest| rest.split_once(close)).map(|(target, _)| target)
    });
    // A title may follow: `[text](target "title")`.
    labelled
        .into_iter()
        .chain(enclosed)
        .filter_map(|target| target.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// The path from the root of what a document at `from` calls `target`.
fn resolved(from: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap_or(target);
    if target.starts_with('/') {
        return None;
    }
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

/// Whether `line` has the absolute path `place` in it, rather than a longer path that ends so.
fn names_absolutely(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        !before.ends_with(|c: char| c.is_alphanumeric() || "/._-~*}".contains(c))
    })
}

/// Where people keep their work and programs their scratch: true on one machine, or for one day.
const WORKPLACES: &[&str] = &["/work/", "/tmp/", "/home/", "/root/"];

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_found() {
        let files = [
            (
                "README.md",
                "[a](docs/A.md)\n[b](docs/B.md \"title\") ![c](c.png)\n[d](/docs/A.md)\n[l]: l.md\n",
            ),
            ("docs/A.md", "[home](../README.md#top) [up](../../x.md)\n<img src=\"e.png\">\n[all](..)\n"),
        ];
        let expected = [
            "README.md:2: no such file: docs/B.md",
            "README.md:2: no such file: c.png",
            "README.md:3: no such file: /docs/A.md",
            "README.md:4: no such file: l.md",
            "docs/A.md:1: no such file: ../../x.md",
            "docs/A.md:2: no such file: e.png",
        ];
        assert_finds(links_lead_somewhere, &files, &expected);
    }

    #[test]
    fn addresses_places_in_the_page_and_code_are_not_links_to_files() {
        let text = "<https://a.org/b> [a](https://a.org/b.md) [m](mailto:a@b)\n[t](#top)\n`[c](c.md)`\n```\n[f](f.md)\n```\n";
        assert_finds(links_lead_somewhere, &[("README.md", text)], &[]);
    }

    #[test]
    fn a_link_whose_text_is_code_is_a_link() {
        assert_finds(links_lead_somewhere, &[("a.md", "[`b`](b.md)\n")], &["a.md:1: no such file: b.md"]);
    }

    #[test]
    fn a_document_that_nothing_else_links_to_is_found() {
        let files = [
            ("README.md", "[a](docs/A.md)\n"),
            ("docs/A.md", "[b](B.md)\n"),
            ("docs/B.md", ""),
            ("docs/C.md", "[myself](C.md)\n"),
        ];
        assert_finds(documents_are_linked, &files, &["docs/C.md:1: no other document links to this one"]);
    }

    #[test]
    fn a_workplace_is_found() {
        let files = [("README.md", "see it\nin /work/main\n"), ("a.sh", "cd ../tmp/a\ncd \"/tmp/a\"\n")];
        let expected = [
            "README.md:2: names a place of one machine: /work/",
            "a.sh:2: names a place of one machine: /tmp/",
        ];
        assert_finds(no_workplace_is_named, &files, &expected);
    }

    #[test]
    fn a_longer_path_that_ends_like_a_workplace_is_none() {
        for line in ["docs/work/a", "$HOME/tmp/a", "${base}/tmp/a", "https://a.org/home/b", "~/work/a"] {
            assert!(WORKPLACES.iter().all(|place| !names_absolutely(line, place)), "{line}");
        }
    }
}
