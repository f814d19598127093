//! The metrics in the text of `OpenMetrics`.

use std::{collections::BTreeMap, fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric as _, MetricEncoder, NoLabelSet, text},
    metrics::MetricType,
    registry::{Registry, Unit},
};
use serde::Serialize;

use crate::{
    logging::LogWriter,
    shell::{ended::Ended, figures::Figures, shared::Shared},
};

/// All figures of a server at one moment.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) figures: Box<Figures>,
    pub(super) shared: Arc<Shared>,
    pub(super) log: LogWriter,
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
        let help = "Time from the read of a move to the write of the position to its last receiver";
        let seconds = Some(&Unit::Seconds);
        let metric = encoder.encode_descriptor("move_latency", help, seconds, MetricType::Histogram)?;
        self.figures.latency.encode(metric)
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
        let Self { figures, shared, log } = self;
        let Figures { rooms, counts, .. } = &**figures;
        let sessions = plain(size(figures.sessions));
        let (links, unproven) = shared.crowd.counts();
        let links = [("yes", links - unproven), ("no", unproven)];
        let inputs = shared.inputs.max_capacity() - shared.inputs.capacity();
        let questions = shared.asked.max_capacity() - shared.asked.capacity();
        let queues = [("inputs", inputs), ("questions", questions), ("messages", figures.queued)];
        let queue_help =
            "Messages that wait: inputs and questions for the host task, its messages for lines and browsers";
        let rooms = rooms.iter().map(|(phase, count)| label("phase", phase, size(*count))).collect();
        let rejects = counts.rejects().map(|(reject, count)| label("reason", &name(reject), count));
        let tally = shared.reporter.tally();
        let (ends, others) = tally.counts();
        let others = Some((vec![("by", "other".to_owned()), ("reason", "other".to_owned())], others));
        let ends = merged(ends.map(|(ended, count)| (labels(ended), count)).chain(others));
        let ends_help = "Connections that ended, by the side that ended them and the reason";
        let answers = shared.answers.counts().into_iter();
        let answers = answers.map(|(status, count)| label("status", &status.to_string(), count));
        let bytes = [("tcp", &shared.tcp), ("udp", &shared.udp), ("web", &shared.web)];
        let bytes = bytes.map(|(transport, traffic)| (transport, traffic.counts()));
        let received = bytes.map(|(transport, (received, _))| label("transport", transport, received));
        let sent = bytes.map(|(transport, (_, sent))| label("transport", transport, sent));
        let (log_waiting, log_dropped) = log.counts();
        let log_waiting = plain(size(log_waiting));
        let of_size = |key| move |(is, count)| label(key, is, size(count));
        let in_bytes = Some(&Unit::Bytes);
        vec![
            (Gauge, None, "sessions", "Sessions, those with a lost connection included", sessions),
            (
                Gauge,
                None,
                "links",
                "Connections, by whether they carry a session",
                links.map(of_size("session")).into(),
            ),
            (Gauge, None, "rooms", "Rooms, by the phase of their match", rooms),
            (Gauge, None, "queue_depth", queue_help, queues.map(of_size("queue")).into()),
            (Gauge, in_bytes, "log_waiting", "Bytes of the log that wait to be written", log_waiting),
            (Counter, None, "commands", "Commands that the lobby handled", plain(figures.commands)),
            (Counter, None, "matches", "Matches in which a move was made", plain(counts.matches)),
            (Counter, None, "moves", "Moves that were made", plain(counts.moves)),
            (Counter, None, "rejects", "Commands that changed nothing, by the reason", rejects.collect()),
            (Counter, None, "links_ended", ends_help, ends.into_iter().collect()),
            (Counter, None, "http_answers", "Answers to browsers, by their status", answers.collect()),
            (Counter, in_bytes, "received", "Bytes received, by the transport", received.into()),
            (Counter, in_bytes, "sent", "Bytes sent, by the transport", sent.into()),
            (Counter, None, "log_lines_dropped", "Log lines that could not be written", plain(log_dropped)),
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
