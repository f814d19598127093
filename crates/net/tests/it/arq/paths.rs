//! Named network paths for the simulations.

use std::time::Duration;

use net::sim::{Chance, LinkConfig, Loss, Outage, OutageKind};

/// A path in both directions.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) name: &'static str,
    pub(super) up: LinkConfig,
    pub(super) down: LinkConfig,
}

const MS: Duration = Duration::from_millis(1);

/// A path that only delays packets, by half of `rtt` each way.
pub(super) fn clean(rtt: Duration) -> LinkConfig {
    LinkConfig { delay: rtt / 2, ..LinkConfig::default() }
}

/// A path that loses packets independently.
pub(super) fn lossy(rtt: Duration, percent: u8) -> LinkConfig {
    LinkConfig { loss: Loss::Independent(Chance::percent(percent)), ..clean(rtt) }
}

/// Every kind of path that a session has to survive.
pub(super) fn all() -> Vec<Path> {
    let same = |name, config: LinkConfig| Path { name, up: config.clone(), down: config };
    let outage =
        |every, length, kind| LinkConfig { outage: Some(Outage { every, length, kind }), ..clean(4 * MS) };
    let bursts =
        Loss::Bursts { begin: Chance::percent(3), end: Chance::percent(20), loss: Chance::percent(90) };
    vec![
        same("perfect", clean(Duration::ZERO)),
        same("a LAN", clean(MS)),
        same("1% loss", lossy(2 * MS, 1)),
        same("5% loss, 40 ms", lossy(40 * MS, 5)),
        same("20% loss", lossy(2 * MS, 20)),
        same("50% loss", lossy(10 * MS, 50)),
        same("loss in bursts", LinkConfig { loss: bursts, ..clean(4 * MS) }),
        same("blackouts of 30 ms", outage(200 * MS, 30 * MS, OutageKind::Blackout)),
        same("blackouts of 300 ms", outage(1000 * MS, 300 * MS, OutageKind::Blackout)),
        same("stalls of 300 ms", outage(1000 * MS, 300 * MS, OutageKind::Stall)),
        same("jitter in order", LinkConfig { jitter: 30 * MS, ..clean(20 * MS) }),
        same("jitter that reorders", LinkConfig { jitter: 30 * MS, reorders: true, ..clean(20 * MS) }),
        same("30% doubled", LinkConfig { duplicates: Chance::percent(30), jitter: 3 * MS, ..clean(4 * MS) }),
        same("10% damaged", LinkConfig { corruption: Chance::percent(10), ..clean(4 * MS) }),
        Path { name: "loss from the client only", up: lossy(4 * MS, 30), down: clean(4 * MS) },
        Path { name: "loss from the server only", up: clean(4 * MS), down: lossy(4 * MS, 30) },
        same(
            "everything at once",
            LinkConfig {
                jitter: 20 * MS,
                reorders: true,
                duplicates: Chance::percent(10),
                corruption: Chance::percent(5),
                mtu: Some(net::arq::MAX_DATAGRAM),
                outage: Some(Outage { every: 700 * MS, length: 100 * MS, kind: OutageKind::Blackout }),
                ..lossy(10 * MS, 20)
            },
        ),
    ]
}
