//! White space that no reader sees and every diff does.

use super::tree::{File, Finding, Tree};

/// No tab, no white space at the end of a line, no carriage return; a text ends with one newline.
///
/// A licence is left as its authors wrote it.
pub(super) fn lines_are_clean(tree: &Tree) -> Vec<Finding> {
    let ours = tree.files().filter(|file| !file.path.starts_with("LICENSE") && !file.text.is_empty());
    ours.flat_map(file_is_clean).collect()
}

fn file_is_clean(file: File<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Not `str::lines`, which takes a carriage return for part of the line's end.
    for (number, line) in (1..).zip(file.text.split_terminator('\n')) {
        let mut broken = |what: &str| findings.push(Finding::new(file.path, number, what));
        if line.contains('\t') {
            broken("a tab; indent with spaces");
        }
        if line.ends_with('\r') {
            broken("a carriage return; lines end with a newline alone");
        } else if line.ends_with(char::is_whitespace) {
            broken("white space at the end of the line");
        }
    }
    let lines = file.text.lines().count();
    if !file.text.ends_with('\n') {
        findings.push(Finding::new(file.path, lines, "no newline at the end of the file"));
    } else if file.text.ends_with("\n\n") {
        findings.push(Finding::new(file.path, lines, "an empty line at the end of the file"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_finds(lines_are_clean, &[("f", text)], expected);
    }

    #[test]
    fn clean_lines_pass() {
        check("", &[]);
        check("a\n\n  b\n", &[]);
    }

    #[test]
    fn a_tab_is_found() {
        check("a\n\tb\n", &["f:2: a tab; indent with spaces"]);
    }

    #[test]
    fn a_licence_is_left_as_it_is() {
        assert_finds(lines_are_clean, &[("LICENSE-APACHE", "\ta")], &[]);
    }

    #[test]
    fn trailing_white_space_is_found() {
        check("a \nb\n", &["f:1: white space at the end of the line"]);
    }

    #[test]
    fn a_carriage_return_is_found() {
        check("a\r\n", &["f:1: a carriage return; lines end with a newline alone"]);
    }

    #[test]
    fn a_text_ends_with_one_newline() {
        check("a\nb", &["f:2: no newline at the end of the file"]);
        check("a\n\n", &["f:2: an empty line at the end of the file"]);
    }
}
