//! The metrics in the text of `OpenMetrics`.

use std::{collections::BTreeMap, fmt};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text},
    metrics::MetricType,
    registry::{Registry, Unit},
};
use serde::Serialize;

use crate::shell::{
    ended::Ended,
    figures::{Figures, Outside},
};

/// All figures of a server at one moment.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) figures: Figures,
    pub(super) outside: Outside,
    /// Inputs that wait for the host task.
    pub(super) waiting: usize,
    /// All links, and those without a session.
    pub(super) links: (usize, usize),
    /// Bytes received and sent.
    pub(super) tcp: (u64, u64),
    pub(super) web: (u64, u64),
    /// Answers to browsers by their status.
    pub(super) answers: BTreeMap<u16, u64>,
    /// Bytes of the log that wait, and lines dropped.
    pub(super) log: (usize, u64),
}

/// A value, and the labels that tell it from the others of its metric. No label holds anything that a peer has made up.
type Sample = (Labels, u64);

type Labels = Vec<(&'static str, String)>;

/// A gauge or a counter: its unit, its name, its meaning, and its samples.
type Family = (MetricType, Option<&'static Unit>, &'static str, &'static str, Vec<Sample>);

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (kind, unit, name, help, samples) in self.families() {
            let mut metric = encoder.encode_descriptor(name, help, unit, kind)?;
            for (labels, value) in samples {
                if labels.is_empty() {
                    encode(&mut metric, kind, value)?;
                } else {
                    encode(&mut metric.encode_family(&labels)?, kind, value)?;
                }
            }
        }
        let (sum, count, buckets) = self.figures.latency.histogram();
        let help = "Time from the read of a move to the write of the position to its last receiver";
        encoder
            .encode_descriptor("move_latency", help, Some(&Unit::Seconds), MetricType::Histogram)?
            .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }
}

impl Metrics {
    /// The text; `None` cannot happen, since a string takes everything.
    pub(super) fn into_text(self) -> Option<String> {
        let mut registry = Registry::with_prefix("oxo");
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        text::encode(&mut text, &registry).ok().map(|()| text)
    }

    /// Everything but the histogram.
    fn families(&self) -> Vec<Family> {
        use MetricType::{Counter, Gauge};
        let Self { figures, links: (links, unproven), .. } = self;
        let Figures { rooms, counts, .. } = figures;
        let links = [("yes", links - unproven), ("no", *unproven)];
        let queues =
            [("inputs", self.waiting), ("questions", self.outside.questions), ("messages", figures.queued)];
        let queue_help =
            "Messages that wait: inputs and questions for the host task, its messages for lines and browsers";
        let rejects = counts.rejects().map(|(reject, count)| label("reason", &name(reject), count));
        let (ends, others) = self.outside.tally.counts();
        let others = Some((vec![("by", "other".to_owned()), ("reason", "other".to_owned())], others));
        let ends = merged(ends.map(|(ended, count)| (labels(ended), count)).chain(others));
        let answers = self.answers.iter().map(|(status, count)| label("status", &status.to_string(), *count));
        let bytes = [("tcp", self.tcp), ("udp", self.outside.udp), ("web", self.web)];
        let received = bytes.map(|(transport, (received, _))| label("transport", transport, received));
        let sent = bytes.map(|(transport, (_, sent))| label("transport", transport, sent));
        let of_size = |key| move |(is, count)| label(key, is, size(count));
        let in_bytes = Some(&Unit::Bytes);
        vec![
            (
                Gauge,
                None,
                "sessions",
                "Sessions, those with a lost connection included",
                plain(size(figures.sessions)),
            ),
            (
                Gauge,
                None,
                "links",
                "Connections, by whether they carry a session",
                links.map(of_size("session")).into(),
            ),
            (
                Gauge,
                None,
                "rooms",
                "Rooms, by the phase of their match",
                rooms.iter().map(|(phase, count)| label("phase", phase, size(*count))).collect(),
            ),
            (Gauge, None, "queue_depth", queue_help, queues.map(of_size("queue")).into()),
            (
                Gauge,
                in_bytes,
                "log_waiting",
                "Bytes of the log that wait to be written",
                plain(size(self.log.0)),
            ),
            (Counter, None, "commands", "Commands that the lobby handled", plain(figures.commands)),
            (Counter, None, "matches", "Matches in which a move was made", plain(counts.matches)),
            (Counter, None, "moves", "Moves that were made", plain(counts.moves)),
            (Counter, None, "rejects", "Commands that changed nothing, by the reason", rejects.collect()),
            (
                Counter,
                None,
                "links_ended",
                "Connections that ended, by the side that ended them and the reason",
                ends.into_iter().collect(),
            ),
            (Counter, None, "http_answers", "Answers to browsers, by their status", answers.collect()),
            (Counter, in_bytes, "received", "Bytes received, by the transport", received.into()),
            (Counter, in_bytes, "sent", "Bytes sent, by the transport", sent.into()),
            (Counter, None, "log_lines_dropped", "Log lines that could not be written", plain(self.log.1)),
        ]
    }
}

fn plain(value: u64) -> Vec<Sample> {
    vec![(Vec::new(), value)]
}

fn encode(metric: &mut MetricEncoder<'_>, kind: MetricType, value: u64) -> fmt::Result {
    match kind {
        MetricType::Gauge => metric.encode_gauge(&value),
        _ => metric.encode_counter::<NoLabelSet, _, u64>(&value, None),
    }
}

fn label(key: &'static str, value: &str, count: u64) -> Sample {
    (vec![(key, value.to_owned())], count)
}

/// The labels of the end of a link. The versions that strangers make up are one.
fn labels(ended: Ended) -> Labels {
    let (by, reason) = match ended {
        Ended::ByClient(reason) => ("client", name(reason)),
        Ended::ByServer(reason) => ("server", name(reason)),
        Ended::Stranger(stranger) => ("stranger", <&str>::from(stranger).to_owned()),
        Ended::Answered => ("server", "answered".to_owned()),
        Ended::Browsed => ("server", "browsed".to_owned()),
        Ended::GaveWay => ("server", "gave-way".to_owned()),
        Ended::Broken => ("nobody", "broken".to_owned()),
    };
    vec![("by", by.to_owned()), ("reason", reason)]
}

/// Adds up the samples of the same labels.
fn merged(samples: impl Iterator<Item = Sample>) -> BTreeMap<Labels, u64> {
    let mut sums = BTreeMap::new();
    samples.for_each(|(labels, count)| *sums.entry(labels).or_default() += count);
    sums
}

/// The name of a reason, as messages in JSON have it.
fn name(reason: impl Serialize) -> String {
    let json = serde_json::to_value(reason).ok();
    json.as_ref().and_then(|json| json.as_str()).unwrap_or_default().to_owned()
}

fn size(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}
