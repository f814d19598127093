//! Pictures of a link, for tests of what is made of them.

use net::{
    arq::{Seq, SessionCounts, Vitals, Window},
    sim::{Counts, LinkConfig},
    xray::{Conditions, Decoded, Fate, Field, Kind, LinkPicture, Picture, Tally, TcpPicture, Traced, Way},
};

use super::*;

const MS: Duration = Duration::from_millis(1);

/// A dial against the bot.
pub(crate) fn dial() -> LinkDial {
    LinkDial { config: LinkConfig::default(), knob: Knob::Loss, seed: 1, is_against_bot: true }
}

/// A session over UDP that has lost some packets.
pub(crate) fn udp() -> Sight {
    let traced = |(at, way, number, kind, fate): (u32, Way, u32, Kind, Fate)| Traced {
        at: MS * at,
        way,
        number: (number > 0).then_some(number),
        kind,
        fate,
        bytes: 45,
    };
    let packets = [
        (12_301, Way::Out, 38, Kind::Messages, Fate::Acknowledged(MS * 31)),
        (12_332, Way::In, 41, Kind::Acknowledgement, Fate::Arrived),
        (12_402, Way::In, 42, Kind::Messages, Fate::Arrived),
        (12_402, Way::Out, 39, Kind::Acknowledgement, Fate::Unknown),
        (13_001, Way::Out, 40, Kind::Messages, Fate::Lost),
        (13_005, Way::Out, 41, Kind::EarlyCopy, Fate::Lost),
        (13_060, Way::Out, 42, Kind::SentAgain, Fate::Acknowledged(MS * 32)),
        (13_091, Way::In, 43, Kind::Missing, Fate::Lost),
        (13_092, Way::In, 44, Kind::SentAgain, Fate::Arrived),
        (13_100, Way::In, 0, Kind::Dropped, Fate::Arrived),
        (14_592, Way::Out, 43, Kind::Question, Fate::Unknown),
        (14_700, Way::Out, 0, Kind::Control("CLOSE"), Fate::Unknown),
    ];
    let field =
        |start: usize, end: usize, name, value: &str| Field { range: start..end, name, value: value.into() };
    let fields = vec![
        field(0, 1, "type", "DATA"),
        field(1, 9, "receiver's cid", "5152535455565758"),
        field(9, 13, "number of the packet", "43"),
        field(13, 17, "largest packet that has arrived", "44"),
        field(17, 19, "time since then", "96 µs"),
        field(19, 23, "packets before it", "42-38, 36"),
        field(23, 27, "first message that has not arrived", "19"),
        field(27, 31, "messages after it", "none"),
        field(31, 32, "to be acknowledged", "yes"),
        field(32, 36, "number of the message", "12"),
        field(36, 38, "length", "7"),
        field(38, 45, "message", "Command Play"),
    ];
    let window = |messages| Window { next: Seq::FIRST, messages, bytes: 24 * messages, most: 64 };
    let picture = Picture {
        age: MS * 14_700,
        packets: packets.map(traced).to_vec(),
        round_trips: (0..80).map(|nth| MS * (20 + nth % 13 * 4)).collect(),
        tally: Tally { lost: 6, missing: 3, ..Tally::default() },
        vitals: Vitals {
            srtt: Some(MS * 31),
            rttvar: Some(MS * 2),
            interval: MS * 39,
            outbound: window(1),
            inbound: window(0),
            counts: SessionCounts {
                sent: 43,
                sent_bytes: 1_690,
                copies: 7,
                received: 41,
                received_bytes: 2_950,
                invalid: 5,
                flooded: 4,
                duplicates: 2,
            },
        },
        conditions: Some(Conditions {
            outbound: Counts { lost: 5, corrupted: 1, ..Counts::default() },
            inbound: Counts { lost: 3, ..Counts::default() },
        }),
        newest: Some(Decoded { way: Way::Out, bytes: (0..45).collect(), fields }),
    };
    Sight::Seen(LinkPicture::Udp(Box::new(picture)))
}

/// A connection over TCP that has lost some segments.
pub(crate) fn tcp() -> Sight {
    Sight::Seen(LinkPicture::Tcp(TcpPicture {
        rtt: MS * 31,
        rttvar: MS * 2,
        interval: MS * 232,
        retransmits_now: 1,
        retransmits: 8,
        unacknowledged: 3,
        window: 10,
        bytes_acknowledged: 1_690,
        bytes_received: 2_950,
    }))
}
