//! Numbers in the chapters of the report: each comes from the data or from the sources, and none is typed.
//!
//! A function of `data.typ` or `style.typ` puts a number into the text: `#rate("100", "oxo TCP")`. So the prose has no digit, but
//! in code between backticks, in labels, in names such as IPv6, in lengths of the layout, and in the arguments of those functions; and no number in words
//! before a unit of what is measured.

/// The findings in the chapters, each `path:line: what`.
pub(super) fn find<'a>(chapters: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, text) in chapters {
        let prose = prose(text);
        for (line, it) in (1..).zip(prose.lines()) {
            let words: Vec<_> =
                it.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
            let typed = words.iter().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
            let spelled = words.windows(2).find(|it| has(COUNTS, it[0]) && has(UNITS, it[1]));
            if let Some(number) = typed.map(|it| (*it).to_owned()).or_else(|| spelled.map(|it| it.join(" ")))
            {
                findings
                    .push(format!("{path}:{line}: take this number from the data or the sources: {number}"));
            }
        }
    }
    findings
}

/// The text without its comments, code, labels and calls that give numbers, line by line.
fn prose(text: &str) -> String {
    let mut prose = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = skipped(rest, prose.chars().next_back());
        let (skip, keep) = if skipped > 0 { (skipped, false) } else { (next.len_utf8(), true) };
        let (piece, after) = rest.split_at(skip);
        if keep {
            prose.push_str(piece);
        } else {
            // The lines keep their numbers.
            prose.extend(piece.chars().filter(|c| *c == '\n'));
        }
        rest = after;
    }
    prose
}

/// The bytes at the beginning that are no prose.
fn skipped(rest: &str, before: Option<char>) -> usize {
    let until = |end: &str, from: usize| {
        rest.get(from..).and_then(|it| it.find(end)).map_or(rest.len(), |at| from + at + end.len())
    };
    if rest.starts_with("//") && before != Some(':') {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("#import") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with('`') {
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        return if ticks == 2 { 2 } else { until(rest.split_at(ticks).0, ticks) };
    }
    if let Some(unit) = rest.strip_prefix(|c: char| c.is_ascii_digit())
        && !before.is_some_and(char::is_alphanumeric)
    {
        // A length of the layout, such as 2.5cm or 1fr.
        let unit = unit.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        return if ["cm", "fr", "em", "pt"].iter().any(|it| unit.starts_with(it)) {
            rest.len() - unit.len() + 2
        } else {
            0
        };
    }
    let is_of_name = |c: char| c.is_alphanumeric() || c == '-';
    if let Some(label) = rest.strip_prefix(['@', '<']) {
        return rest.len() - label.trim_start_matches(is_of_name).len();
    }
    let is_inner = before.is_some_and(|c| is_of_name(c) || c == '.');
    let name = rest.strip_prefix('#').unwrap_or(rest);
    let after = name.trim_start_matches(is_of_name);
    let (name, _) = name.split_at(name.len() - after.len());
    if !is_inner && after.starts_with('(') && has(SOURCED, name) {
        return rest.len() - after.len() + closed(after);
    }
    0
}

/// The bytes of a call's arguments, with their brackets; text in quotes may have any.
fn closed(arguments: &str) -> usize {
    let (mut depth, mut is_text) = (0_usize, false);
    for (at, c) in arguments.char_indices() {
        match c {
            '"' => is_text = !is_text,
            '(' if !is_text => depth += 1,
            ')' if !is_text => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    arguments.len()
}

/// Tells whether a list of words has this one.
fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|it| it.eq_ignore_ascii_case(word))
}

/// The functions that take a number from the data, from the sources or from a title, and the one that places a picture.
const SOURCED: &str = "browser-time bytes-a-move case-time cpu datagrams-a-move frame-time link-count link-factor link-time lost \
                       median-time memory ratio rate rfc screen setting slow-time slowest stored-rate stored-time trip";

const COUNTS: &str = "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy \
                      eighty ninety hundred hundreds thousand million";

const UNITS: &str =
    "microseconds millisecond milliseconds seconds minutes percent KiB MiB kilobytes megabytes moves times";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let findings = find([("a.typ", text)].into_iter());
        let places: Vec<_> =
            findings.iter().map(|it| it.split(": take").next().unwrap_or_default()).collect();
        assert_eq!(places, expected, "{findings:#?}");
    }

    #[test]
    fn a_number_that_was_typed_is_found() {
        check(
            "It takes 12 ms.\nIt takes #rate(\"100\", \"oxo TCP\") moves\nor 3.\n",
            &["a.typ:1", "a.typ:3"],
        );
        check("It takes twelve milliseconds,\nand ten thousand worlds.\n", &["a.typ:1"]);
        check("caption: [At 5 % of loss], alt: \"7 lines\"\n", &["a.typ:1"]);
    }

    #[test]
    fn names_code_labels_and_sources_may_have_digits() {
        check("// 5 ms\nIPv6 and UTF8, `5`, @figure-2 <table-3>, #rfc(\"6298\", \"2.4\"): x\n", &[]);
        check("#figure(screen(\"a.svg\", width: 7.6cm, alt: \"(a)\"), caption: [a])\n", &[]);
        check("#words-table((2.5cm, 1fr), a)\n", &[]);
        check("```\n5\n``` 6\n", &["a.typ:3"]);
        check("a unit#setting(\"net/src/a.rs\", \"B\")5\n", &["a.typ:1"]);
    }
}
