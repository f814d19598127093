//! What the crates' `Cargo.toml` files keep to.
//!
//! They are read line by line, as far as these rules go, because a finding has to name its line.

use super::tree::{File, Finding, Tree};

/// A crate knows only those before it in [`ORDER`]: the rules never learn of the network. One that has no place
/// there knows what [`BESIDE`] says.
pub(super) fn crates_know_only_those_before_them(tree: &Tree) -> Vec<Finding> {
    members(tree)
        .flat_map(|(name, file)| {
            let unknown = dependencies(file).into_iter().filter(move |it| !may_know(name, it.name));
            unknown.map(move |it| {
                let what = format!("`{name}` may not know `{}`: {}", it.name, ORDER.join(" <- "));
                Finding::new(file.path, it.line, what)
            })
        })
        .collect()
}

/// A member names no version of its own: all are in the workspace's manifest, each once.
pub(super) fn versions_are_the_workspaces(tree: &Tree) -> Vec<Finding> {
    members(tree)
        .flat_map(|(_, file)| {
            let own = dependencies(file).into_iter().filter(|it| !it.is_inherited);
            own.map(move |it| {
                let what = format!("write `workspace = true` for `{}`, and its version in the root", it.name);
                Finding::new(file.path, it.line, what)
            })
        })
        .collect()
}

/// A crate that another one names in its manifest.
#[derive(Debug, PartialEq, Eq)]
struct Dependency<'a> {
    name: &'a str,
    /// Whether the workspace's manifest says which version.
    is_inherited: bool,
    /// Where it is named, counted from 1.
    line: usize,
}

/// The manifests of the workspace's crates, each with the crate's name.
fn members(tree: &Tree) -> impl Iterator<Item = (&str, File<'_>)> {
    tree.files_with("toml").filter_map(|file| {
        let name = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
        Some((name, file))
    })
}

/// Whether the crate `name` may depend on `other`, which need not be ours. On itself it may, as a test does that
/// wants one of the crate's features.
fn may_know(name: &str, other: &str) -> bool {
    let place = |name| ORDER.iter().position(|it| *it == name);
    match (place(name), place(other)) {
        (_, None) => true,
        (None, Some(_)) => BESIDE.contains(&(name, other)),
        (Some(place), Some(before)) => before <= place,
    }
}

/// The dependencies of every kind, in the order of the file.
fn dependencies(file: File<'_>) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let mut is_listing = false;
    for (line, text) in file.lines() {
        let text = text.split('#').next().unwrap_or(text).trim();
        if let Some(header) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let (table, name) = header.rsplit_once('.').unwrap_or(("", header));
            is_listing = name.ends_with("dependencies");
            // `[dependencies.tokio]`: the header is the entry, and none of its lines says enough alone.
            if table.ends_with("dependencies") {
                found.push(Dependency { name, is_inherited: false, line });
            }
        } else if let (true, Some((key, value))) = (is_listing, text.split_once('=')) {
            let key = key.trim();
            let (name, suffix) = key.split_once('.').unwrap_or((key, ""));
            let is_inherited = match suffix {
                "workspace" => value.trim() == "true",
                _ => value.contains("workspace = true"),
            };
            found.push(Dependency { name, is_inherited, line });
        }
    }
    found
}

/// Our crates in the order in which they may know each other.
const ORDER: &[&str] = &["game-core", "net", "server", "tui-client"];

/// What a crate beside that order may know of it: the tool that runs the simulated network between real machines
/// has it from where it is defined.
const BESIDE: &[(&str, &str)] = &[("xtask", "game-core"), ("xtask", "net")];

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[test]
    fn a_crate_that_knows_a_later_one_is_found() {
        let files = [
            ("crates/another/Cargo.toml", "[dependencies]\nnet.workspace = true\n"),
            ("crates/game-core/Cargo.toml", "[dev-dependencies]\nnet.workspace = true\n"),
            (
                "crates/net/Cargo.toml",
                "[dependencies]\ngame-core.workspace = true\n[dev-dependencies]\nnet.workspace = true\n",
            ),
            (
                "crates/xtask/Cargo.toml",
                "[dependencies]\nnet.workspace = true\nserver = { workspace = true }\n",
            ),
        ];
        let expected = [
            "crates/another/Cargo.toml:2: `another` may not know `net`: game-core <- net <- server <- tui-client",
            "crates/game-core/Cargo.toml:2: `game-core` may not know `net`: game-core <- net <- server <- tui-client",
            "crates/xtask/Cargo.toml:3: `xtask` may not know `server`: game-core <- net <- server <- tui-client",
        ];
        assert_finds(crates_know_only_those_before_them, &files, &expected);
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let text =
            "[package]\nversion = \"1\"\n[dependencies]\nserde = \"1\"\ntokio = { workspace = true }\n";
        let expected =
            ["crates/net/Cargo.toml:4: write `workspace = true` for `serde`, and its version in the root"];
        assert_finds(versions_are_the_workspaces, &[("crates/net/Cargo.toml", text)], &expected);
        assert_finds(versions_are_the_workspaces, &[("fuzz/Cargo.toml", text)], &[]);
    }

    /// Asserts which dependencies a manifest has, as `(name, is_inherited)`.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, bool)]) {
        let found = dependencies(File { path: "Cargo.toml", text });
        assert_eq!(found.iter().map(|it| (it.name, it.is_inherited)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_way_to_write_a_dependency_is_read() {
        check("[dependencies]\na.workspace = true # why\n", &[("a", true)]);
        check("[dependencies]\na = { workspace = true, features = [\n    \"f\",\n] }\n", &[("a", true)]);
        check("[dependencies]\na = { version = \"1\" }\n", &[("a", false)]);
        check("[dependencies.a]\nworkspace = true\n", &[("a", false)]);
        check("[target.'cfg(unix)'.dev-dependencies]\na = \"1\"\n", &[("a", false)]);
        check("[build-dependencies]\na = \"1\"\n[features]\nb = []\n", &[("a", false)]);
    }
}
