//! The files under check, in memory, and what can be found wrong with them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::process::Command;

use anyhow::Context as _;

use crate::shell;

/// Every file of the project: its path from the root, and its text if it is one.
#[derive(Debug)]
pub(super) struct Tree {
    texts_by_path: BTreeMap<String, Option<String>>,
}

/// A file that holds text.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    /// From the root of the workspace, parts separated by `/`.
    pub(super) path: &'a str,
    /// All of it.
    pub(super) text: &'a str,
}

/// One broken rule, at one place; ordered by place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    path: String,
    /// Counted from 1.
    line: usize,
    what: String,
}

impl Tree {
    /// Reads what git tracks, and what it would track if asked: a file is judged before it is added.
    pub(super) fn read() -> anyhow::Result<Self> {
        let mut list = Command::new("git");
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let mut texts_by_path = BTreeMap::new();
        for path in shell::output(&mut list)?.split_terminator('\0') {
            match fs::read(path) {
                Ok(bytes) => texts_by_path.insert(path.to_owned(), String::from_utf8(bytes).ok()),
                // Removed from the disk, and not yet from the index.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error).with_context(|| format!("cannot read {path}")),
            };
        }
        Ok(Self { texts_by_path })
    }

    /// How many files there are, pictures and the like included.
    pub(super) fn len(&self) -> usize {
        self.texts_by_path.len()
    }

    /// Whether `path` is a file, or a directory with a file in it.
    pub(super) fn contains(&self, path: &str) -> bool {
        let is_below = |file: &String| {
            file.strip_prefix(path).is_some_and(|rest| path.is_empty() || rest.starts_with('/'))
        };
        self.texts_by_path.contains_key(path) || self.texts_by_path.keys().any(is_below)
    }

    /// The text file at exactly `path`.
    pub(super) fn file(&self, path: &str) -> Option<File<'_>> {
        let (path, text) = self.texts_by_path.get_key_value(path)?;
        Some(File { path, text: text.as_deref()? })
    }

    /// The text files, in the order of their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = File<'_>> {
        self.texts_by_path.iter().filter_map(|(path, text)| Some(File { path, text: text.as_deref()? }))
    }

    /// The text files whose names end in `.extension`.
    pub(super) fn files_with(&self, extension: &str) -> impl Iterator<Item = File<'_>> {
        self.files()
            .filter(move |file| file.path.strip_suffix(extension).is_some_and(|stem| stem.ends_with('.')))
    }
}

impl<'a> File<'a> {
    /// The lines with their numbers, counted from 1.
    pub(super) fn lines(self) -> impl Iterator<Item = (usize, &'a str)> {
        (1..).zip(self.text.lines())
    }
}

impl Finding {
    /// A rule broken in line `line` of `path`; a whole file's fault is put at its line 1.
    pub(super) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, what } = self;
        write!(f, "{path}:{line}: {what}")
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Tree {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(files: I) -> Self {
        let texts = files.into_iter().map(|(path, text)| (path.to_owned(), Some(text.to_owned())));
        Self { texts_by_path: texts.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_contains_its_files_and_their_directories() {
        let tree = Tree::from_iter([("docs/report/a.md", "")]);
        for path in ["docs/report/a.md", "docs/report", "docs", ""] {
            assert!(tree.contains(path), "{path:?}");
        }
        for path in ["docs/report/a", "doc", "a.md", "/docs"] {
            assert!(!tree.contains(path), "{path:?}");
        }
    }

    #[test]
    fn an_extension_is_what_follows_the_last_dot() {
        let tree = Tree::from_iter([("a.rs", ""), ("b.toml", ""), ("rs", "")]);
        assert_eq!(tree.files_with("rs").map(|file| file.path).collect::<Vec<_>>(), ["a.rs"]);
    }
}
