//! A strict reader of the text format of `OpenMetrics` 1.0, for what a server tells.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Index,
};

/// A text that keeps to the rules.
#[derive(Debug)]
pub(crate) struct Exposition {
    pub(crate) families: Vec<Family>,
    /// The values by name and labels.
    samples: BTreeMap<String, f64>,
}

/// One metric.
#[derive(Debug)]
pub(crate) struct Family {
    name: String,
    help: String,
    kind: String,
    unit: Option<String>,
    labels: BTreeSet<String>,
}

impl Index<&str> for Exposition {
    type Output = f64;

    fn index(&self, sample: &str) -> &f64 {
        // What has not occurred yet may have no sample.
        let is_known = |family: &Family| sample.starts_with(&family.name);
        assert!(self.families.iter().any(is_known), "no metric for {sample}");
        self.samples.get(sample).unwrap_or(&0.0)
    }
}

impl Family {
    /// The row of a table of metrics.
    pub(crate) fn row(&self) -> String {
        let Self { name, kind, help, labels, .. } = self;
        let suffix = if kind == "counter" { "_total" } else { "" };
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        format!("| `{name}{suffix}` | {kind} | {} | {help} |", labels.join(", ")).replace("|  |", "| |")
    }

    fn suffixes(&self) -> &'static [&'static str] {
        match self.kind.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "histogram" => &["_bucket", "_sum", "_count"],
            other => panic!("{} is a {other}", self.name),
        }
    }
}

/// Reads a text, or panics at the first rule that it breaks.
pub(crate) fn parse(text: &str) -> Exposition {
    let body = text.strip_suffix("# EOF\n").expect("it ends with # EOF");
    assert!(body.ends_with('\n') && !body.contains("# EOF") && !body.contains('\r'), "{text}");
    let mut families: Vec<Family> = Vec::new();
    let mut samples = BTreeMap::new();
    for line in body.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            assert!(is_name(name) && families.iter().all(|family| family.name != name), "{line}");
            assert!(!help.is_empty() && !help.contains(['\\', '"']), "{line}");
            let (name, help) = (name.to_owned(), help.to_owned());
            let (kind, unit, labels) = (String::new(), None, BTreeSet::new());
            families.push(Family { name, help, kind, unit, labels });
            continue;
        }
        let family = families.last_mut().expect("a family comes first");
        let is_empty = family.kind.is_empty() || !samples.keys().any(|sample: &String| named(sample, family));
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            assert!(family.kind.is_empty() && is_empty, "{line}");
            kind.strip_prefix(&format!("{} ", family.name)).unwrap().clone_into(&mut family.kind);
        } else if let Some(unit) = line.strip_prefix("# UNIT ") {
            assert!(family.unit.is_none() && is_empty, "{line}");
            let unit = unit.strip_prefix(&format!("{} ", family.name)).unwrap();
            assert!(family.name.ends_with(&format!("_{unit}")), "{line}");
            family.unit = Some(unit.to_owned());
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
            assert!(is_name(name) && named(name, family), "{line} in {family:?}");
            for label in labels.strip_suffix('}').unwrap().split_terminator(',') {
                let (key, value) = label.split_once('=').unwrap();
                let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
                assert!(is_name(key) && !value.contains(['"', '\\', '{', ' ']), "{line}");
                if key != "le" {
                    family.labels.insert(key.to_owned());
                }
            }
            let value: f64 = value.parse().unwrap();
            assert!(value >= 0.0, "{line}");
            assert!(samples.insert(sample.to_owned(), value).is_none(), "{line} comes twice");
            if let Some(bound) = sample.strip_prefix(&format!("{}_bucket{{le=", family.name)) {
                check_bucket(&family.name, bound, &samples);
            }
        }
    }
    for family in &families {
        assert!(samples.keys().any(|sample| named(sample, family)), "nothing of {family:?}");
    }
    Exposition { families, samples }
}

/// Checks that no bucket has less than those below it, and that the last one has all.
fn check_bucket(name: &str, bound: &str, samples: &BTreeMap<String, f64>) {
    let number = |bound: &str| bound.trim_matches(['"', '}']).replace("+Inf", "inf").parse::<f64>().unwrap();
    let start = format!("{name}_bucket{{le=");
    let buckets =
        samples.iter().filter_map(|(sample, value)| Some((number(sample.strip_prefix(&start)?), value)));
    let value = samples[&format!("{start}{bound}")];
    for (lower, below) in buckets {
        assert!(lower <= number(bound) && *below <= value, "{name} {bound}");
    }
    assert!(number(bound).is_finite() || value == samples[&format!("{name}_count")], "{name}");
}

fn named(sample: &str, family: &Family) -> bool {
    let name = sample.split('{').next().unwrap();
    family.suffixes().iter().any(|suffix| name.strip_suffix(suffix) == Some(&family.name))
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
