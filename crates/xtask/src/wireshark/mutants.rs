//! Golden vectors with some of their bytes changed, from a seed.

use game_core::SplitMix64;

use super::pcap::{Pcap, Side};
use super::vectors::Vector;
use super::{OUR_PORT, PREFACE, data, framed};

/// Datagrams, each with who sends it: packets that were changed, and packets whose message was.
pub(super) fn datagrams(packets: &[Vector], messages: &[Vector]) -> Vec<(Side, Vec<u8>)> {
    let mut rng = SplitMix64::new(SEED);
    let mut datagrams = Vec::new();
    for number in 1..=COUNT {
        let message = pick(&mut rng, messages);
        datagrams.push((message.from, data(message.from, number, &changed(&mut rng, &message.bytes))));
        let whole = data(message.from, number, &message.bytes);
        datagrams.push((message.from, changed(&mut rng, &whole)));
        let packet = pick(&mut rng, packets);
        datagrams.push((packet.from, changed(&mut rng, &packet.bytes)));
    }
    // Nothing is no datagram that anyone dissects.
    datagrams.retain(|(_, bytes)| !bytes.is_empty());
    datagrams
}

/// A stream of changed messages in good frames, and behind them changed frames, in segments of any length.
pub(super) fn streams(messages: &[Vector]) -> Pcap {
    let mut rng = SplitMix64::new(SEED);
    let mut streams = [PREFACE.to_vec(), PREFACE.to_vec()];
    for number in 0..2 * COUNT {
        let message = pick(&mut rng, messages);
        let frame = if number < COUNT {
            framed(&changed(&mut rng, &message.bytes))
        } else {
            changed(&mut rng, &framed(&message.bytes))
        };
        streams[message.from as usize].extend(frame);
    }
    let mut pcap = Pcap::new(OUR_PORT);
    for (from, stream) in [Side::Client, Side::Server].into_iter().zip(&streams) {
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let (segment, behind) = rest.split_at(rest.len().min(1 + below(&mut rng, 90)));
            pcap.tcp(from, segment);
            rest = behind;
        }
    }
    pcap
}

/// Bytes of which one to three are set, flipped, added or cut off.
fn changed(rng: &mut SplitMix64, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=rng.below(3) {
        let place = below(rng, bytes.len());
        match rng.below(4) {
            0 if place < bytes.len() => bytes[place] = *pick(rng, &TELLING),
            1 if place < bytes.len() => bytes[place] ^= 1 << rng.below(8),
            2 => bytes.insert(place, *pick(rng, &TELLING)),
            _ => bytes.truncate(place),
        }
    }
    bytes
}

fn pick<'a, T>(rng: &mut SplitMix64, list: &'a [T]) -> &'a T {
    &list[below(rng, list.len())]
}

/// A number below `count`, or 0.
fn below(rng: &mut SplitMix64, count: usize) -> usize {
    let count = u64::try_from(count.max(1)).expect("a length fits 64 bits");
    usize::try_from(rng.below(count)).expect("it is below a length")
}

/// How many there are of each kind: all of them take tshark a second.
const COUNT: u32 = 300;

const SEED: u64 = 1952;

/// Bytes at which something changes: numbers of every length begin with the last but one of them.
const TELLING: [u8; 10] = [0, 1, 2, 9, 18, 250, 251, 252, 253, 255];
