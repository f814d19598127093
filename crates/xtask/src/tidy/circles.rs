//! The import rule: within a crate, no file imports one that imports it, by whatever way.
//!
//! A file imports what it names by a path, and a name that the file there only imports leads on to where it is defined. So a
//! child that names something defined in its parent's file closes a circle if the parent names the child. The tests inside
//! a file may name anything.

use std::collections::{BTreeMap, BTreeSet};

/// The files under check by module, such as `net::arq::packet`.
struct Modules<'a> {
    path_by_name: BTreeMap<String, &'a str>,
    imports_by_name: BTreeMap<String, Vec<String>>,
}

/// Finds the circles in the sources of all crates, each with its modules.
pub(super) fn find(files: &BTreeMap<String, String>) -> Vec<String> {
    let modules = Modules::of(files);
    let mut reached: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for name in modules.path_by_name.keys() {
        let (mut seen, mut left) = (BTreeSet::new(), vec![name.clone()]);
        while let Some(next) = left.pop() {
            left.extend(modules.imported_by(&next).into_iter().filter(|it| seen.insert(it.clone())));
        }
        reached.insert(name, seen);
    }
    let mut findings = Vec::new();
    for (name, path) in &modules.path_by_name {
        let mates = reached[name.as_str()].iter().filter(|mate| reached[mate.as_str()].contains(name));
        let circle: Vec<_> = mates.map(String::as_str).collect();
        if circle.len() > 1 && circle[0] == name {
            findings.push(format!("{path}:1: files import each other in a circle: {}", circle.join(", ")));
        }
    }
    findings
}

impl<'a> Modules<'a> {
    fn of(files: &'a BTreeMap<String, String>) -> Self {
        let mut modules = Self { path_by_name: BTreeMap::new(), imports_by_name: BTreeMap::new() };
        for (path, text) in files {
            let source =
                path.strip_prefix("crates/").and_then(|path| path.strip_suffix(".rs")?.split_once("/src/"));
            let Some((package, file)) =
                source.filter(|(_, file)| !file.split('/').any(|part| part == "tests"))
            else {
                continue;
            };
            // The binary beside a library is a crate of its own, which nothing imports.
            if file == "main" && files.contains_key(&format!("crates/{package}/src/lib.rs")) {
                continue;
            }
            let is_root = ["lib", "main"].contains(&file);
            let name =
                if is_root { package.to_owned() } else { format!("{package}::{}", file.replace('/', "::")) };
            modules.imports_by_name.insert(name.clone(), imports(text));
            modules.path_by_name.insert(name, path);
        }
        modules
    }

    /// The modules that the file of `name` imports.
    fn imported_by(&self, name: &str) -> BTreeSet<String> {
        let imports = self.imports_by_name[name].iter().filter_map(|path| self.resolve(name, path, 0));
        imports.filter(|it| it != name).collect()
    }

    /// The module whose file defines what `path` names in the file of `name`; `None` if it is not of this crate.
    fn resolve(&self, name: &str, path: &str, depth: u8) -> Option<String> {
        let mut parts = path.split("::").filter(|part| *part != "self").peekable();
        let mut module = name;
        while let Some(root) = parts.next_if(|part| ["crate", "super"].contains(part)) {
            let above = if root == "crate" { module.split_once("::") } else { module.rsplit_once("::") };
            module = above.map_or(module, |(above, _)| above);
        }
        let mut module = module.to_owned();
        while let Some(child) = parts.peek().map(|part| format!("{module}::{part}")) {
            if !self.path_by_name.contains_key(&child) {
                break;
            }
            module = child;
            parts.next();
        }
        if module == name {
            return None;
        }
        let rest: Vec<_> = parts.collect();
        let (item, inside) = rest.split_first().unwrap_or((&"*", &[]));
        // A module inside a file may import from that file what leads there.
        let is_back = |import: &str| depth > 0 && import.strip_prefix("super::") == Some(item);
        let leads_on =
            |import: &&String| *item != "*" && import.rsplit("::").next() == Some(item) && !is_back(import);
        let further = self.imports_by_name[&module].iter().find(leads_on).filter(|_| depth < DEEPEST);
        let further = further.map(|import| [&[import.as_str()], inside].concat().join("::"));
        further.and_then(|path| self.resolve(&module, &path, depth + 1)).or(Some(module))
    }
}

/// The number of lines before the tests inside a source.
pub(super) fn code_lines(text: &str) -> usize {
    let begins =
        |next: &str| next.trim_start_matches("pub(crate) ").starts_with("mod ") && next.ends_with('{');
    let mut lines = text.lines().zip(text.lines().skip(1));
    let tests = lines.position(|(it, next)| it == "#[cfg(test)]" && begins(next));
    tests.unwrap_or_else(|| text.lines().count())
}

/// The paths that a source imports or names, without those of its tests.
fn imports(text: &str) -> Vec<String> {
    let code = text.lines().take(code_lines(text));
    let code: Vec<_> = code.map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut paths = Vec::new();
    for statement in code.split(';') {
        let begins_line = |before: &str| {
            let before = before.rsplit('\n').next().unwrap_or_default().trim();
            before.is_empty() || before.starts_with("pub")
        };
        let mut uses = statement.rmatch_indices("use ").map(|(at, _)| statement.split_at(at));
        let (body, tree) = uses.find(|(before, _)| begins_line(before)).unwrap_or((statement, ""));
        expand("", tree.trim_start_matches("use "), &mut paths);
        let mut before = "";
        for path in body.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c)) {
            // Not the scope of a visibility, and not what is left of `<T as Trait>::method`.
            if path.contains("::") && !path.starts_with(':') && !path.ends_with(':') && before != "in" {
                paths.push(path.to_owned());
            }
            before = path;
        }
    }
    paths
}

/// Adds the paths of a tree of imports behind `prefix`, such as `a::b` and `a::c::d` of `a::{b, c::{d}}`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, inner)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        return paths.extend((!path.is_empty()).then(|| format!("{prefix}{path}")));
    };
    let prefix = format!("{prefix}{}", head.trim());
    let inner = inner.rsplit_once('}').map_or(inner, |(inner, _)| inner);
    let (mut depth, mut part) = (0, String::new());
    for c in inner.chars().chain([',']) {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            expand(&prefix, &part, paths);
            part.clear();
        } else {
            part.push(c);
        }
    }
}

/// Imports of imports that are followed: more than there are, and fewer than a circle of them takes.
const DEEPEST: u8 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let files = files.iter().map(|(file, text)| (format!("crates/x/src/{file}.rs"), (*text).to_owned()));
        assert_eq!(find(&files.collect()), expected);
    }

    #[test]
    fn siblings_that_import_each_other_are_found() {
        let a = "use std::fmt;\nuse crate::{\n    b::{self, B},\n    c::C, // why\n};\n";
        let expected = "crates/x/src/a.rs:1: files import each other in a circle: x::a, x::b";
        check(&[("a", a), ("b", "fn f() -> super::a::A {}\n"), ("c", ""), ("lib", "mod a;\n")], &[expected]);
    }

    #[test]
    fn a_child_that_imports_what_its_parent_defines_is_found() {
        let expected = "crates/x/src/a.rs:1: files import each other in a circle: x::a, x::a::b";
        check(
            &[("a", "mod b;\nstruct A;\nfn f() -> b::B {}\n"), ("a/b", "use super::A;\n"), ("main", "")],
            &[expected],
        );
    }

    #[test]
    fn a_longer_circle_is_found_once() {
        let files =
            [("a", "use crate::b::B;\n"), ("b", "use crate::c;\n"), ("c", "use crate::a::A;\n"), ("lib", "")];
        check(&files, &["crates/x/src/a.rs:1: files import each other in a circle: x::a, x::b, x::c"]);
    }

    #[test]
    fn a_name_leads_to_where_it_is_defined() {
        let files = [
            ("lib", "mod a;\nmod c;\npub use self::a::{A, D};\n"),
            ("a", "struct A;\n"),
            ("c", "use crate::A;\n"),
        ];
        check(&files, &[]);
    }

    #[test]
    fn tests_and_comments_may_name_anything() {
        let a = "// crate::b::B\n#[cfg(test)]\nmod tests {\n    use crate::b::B;\n}\n";
        let b = "use crate::a::A;\npub(in crate::b) struct B;\n";
        check(&[("a", a), ("a/tests", "use crate::b::B;\n"), ("b", b), ("lib", "")], &[]);
    }
}
