//! The metrics in the text of `OpenMetrics`.

use std::{collections::BTreeMap, fmt};

use net::tcp::Stranger;
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

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.encode_state(&mut encoder)?;
        self.encode_play(&mut encoder)?;
        self.encode_links(&mut encoder)
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

    fn encode_state(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let Self { figures, links: (links, unproven), .. } = self;
        let rooms = figures.rooms;
        gauge(
            encoder,
            ("sessions", "Sessions, those with a lost connection included"),
            plain(size(figures.sessions)),
        )?;
        gauge(
            encoder,
            ("links", "Connections, by whether they carry a session"),
            [("yes", links - unproven), ("no", *unproven)]
                .map(|(is, count)| label("session", is, size(count))),
        )?;
        gauge(
            encoder,
            ("rooms", "Rooms, by the phase of their match"),
            [
                ("waiting", rooms.waiting),
                ("playing", rooms.playing),
                ("adjourned", rooms.adjourned),
                ("over", rooms.over),
            ]
            .map(|(phase, count)| label("phase", phase, count)),
        )?;
        gauge(
            encoder,
            (
                "queue_depth",
                "Messages that wait: inputs and questions for the host task, its messages for lines and browsers",
            ),
            [("inputs", self.waiting), ("questions", self.outside.questions), ("messages", figures.queued)]
                .map(|(queue, depth)| label("queue", queue, size(depth))),
        )?;
        let help = "Bytes of the log that wait to be written";
        encoder
            .encode_descriptor("log_waiting", help, Some(&Unit::Bytes), MetricType::Gauge)?
            .encode_gauge(&size(self.log.0))
    }

    fn encode_play(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let Figures { counts, commands, latency, .. } = &self.figures;
        counter(encoder, ("commands", "Commands that the lobby handled"), None, plain(*commands))?;
        counter(encoder, ("matches", "Matches in which a move was made"), None, plain(counts.matches))?;
        counter(encoder, ("moves", "Moves that were made"), None, plain(counts.moves))?;
        counter(
            encoder,
            ("rejects", "Commands that changed nothing, by the reason"),
            None,
            counts.rejects().map(|(reject, count)| label("reason", &name(reject), count)),
        )?;
        let (sum, count, buckets) = latency.histogram();
        let help = "Time from the read of a move to the write of the position to its last receiver";
        encoder
            .encode_descriptor("move_latency", help, Some(&Unit::Seconds), MetricType::Histogram)?
            .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn encode_links(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let (ends, others) = self.outside.tally.counts();
        let others = Some((vec![("by", "other".to_owned()), ("reason", "other".to_owned())], others));
        counter(
            encoder,
            ("links_ended", "Connections that ended, by the side that ended them and the reason"),
            None,
            merged(ends.map(|(ended, count)| (labels(ended), count)).chain(others)),
        )?;
        counter(
            encoder,
            ("http_answers", "Answers to browsers, by their status"),
            None,
            self.answers.iter().map(|(status, count)| label("status", &status.to_string(), *count)),
        )?;
        let bytes = [("tcp", self.tcp), ("udp", self.outside.udp), ("web", self.web)];
        counter(
            encoder,
            ("received", "Bytes received, by the transport"),
            Some(&Unit::Bytes),
            bytes.map(|(transport, (received, _))| label("transport", transport, received)),
        )?;
        counter(
            encoder,
            ("sent", "Bytes sent, by the transport"),
            Some(&Unit::Bytes),
            bytes.map(|(transport, (_, sent))| label("transport", transport, sent)),
        )?;
        counter(
            encoder,
            ("log_lines_dropped", "Log lines that could not be written"),
            None,
            plain(self.log.1),
        )
    }
}

const fn plain(value: u64) -> [Sample; 1] {
    [(Vec::new(), value)]
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    samples: impl IntoIterator<Item = Sample>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    each(&mut metric, samples, |metric, value| metric.encode_gauge(&value))
}

fn counter(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    unit: Option<&Unit>,
    samples: impl IntoIterator<Item = Sample>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, unit, MetricType::Counter)?;
    each(&mut metric, samples, |metric, value| metric.encode_counter::<NoLabelSet, _, u64>(&value, None))
}

fn each(
    metric: &mut MetricEncoder<'_>,
    samples: impl IntoIterator<Item = Sample>,
    encode: impl Fn(&mut MetricEncoder<'_>, u64) -> fmt::Result,
) -> fmt::Result {
    for (labels, value) in samples {
        if labels.is_empty() {
            encode(metric, value)?;
        } else {
            encode(&mut metric.encode_family(&labels)?, value)?;
        }
    }
    Ok(())
}

fn label(key: &'static str, value: &str, count: u64) -> Sample {
    (vec![(key, value.to_owned())], count)
}

/// The labels of the end of a link. The versions that strangers make up are one.
fn labels(ended: Ended) -> Labels {
    let (by, reason) = match ended {
        Ended::ByClient(reason) => ("client", name(reason)),
        Ended::ByServer(reason) => ("server", name(reason)),
        Ended::Stranger(stranger) => ("stranger", of_stranger(stranger).to_owned()),
        Ended::Answered => ("server", "answered".to_owned()),
        Ended::Browsed => ("server", "browsed".to_owned()),
        Ended::GaveWay => ("server", "gave-way".to_owned()),
        Ended::Broken => ("nobody", "broken".to_owned()),
    };
    vec![("by", by.to_owned()), ("reason", reason)]
}

const fn of_stranger(stranger: Stranger) -> &'static str {
    match stranger {
        Stranger::Http => "http",
        Stranger::Http2 => "http2",
        Stranger::Tls => "tls",
        Stranger::Ssh => "ssh",
        Stranger::Rubbish => "rubbish",
        Stranger::Mute => "mute",
        Stranger::OtherVersion(_) => "other-version",
    }
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
