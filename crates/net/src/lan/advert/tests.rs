//! Records that are written, read, and refused.

use proptest::prelude::*;

use super::*;

fn room() -> Advert {
    Advert {
        code: "KITE-42".parse().unwrap(),
        host: "ana".parse().unwrap(),
        guest: None,
        terms: Terms {
            rules: "5x5:4".parse().unwrap(),
            best_of: BestOf::new(3),
            time: "5m+3s".parse().unwrap(),
        },
        is_locked: false,
        is_watchable: true,
        protocol: PROTOCOL,
    }
}

fn written(advert: Advert) -> Vec<String> {
    advert
        .to_txt()
        .into_iter()
        .map(|(key, value)| value.map_or_else(|| key.to_owned(), |value| format!("{key}={value}")))
        .collect()
}

fn read<T: AsRef<[u8]>>(strings: &[T]) -> Result<Advert, AdvertError> {
    Advert::from_txt(strings.iter().map(|string| {
        let string = string.as_ref();
        match string.iter().position(|&byte| byte == b'=') {
            Some(at) => (str::from_utf8(&string[..at]).unwrap(), Some(&string[at + 1..])),
            None => (str::from_utf8(string).unwrap(), None),
        }
    }))
}

/// Reads the record of [`room`] with some strings before the others.
#[track_caller]
fn check(first: &[&[u8]], expected: Result<Advert, AdvertError>) {
    let rest = written(room());
    let strings: Vec<&[u8]> = first.iter().copied().chain(rest.iter().map(String::as_bytes)).collect();
    assert_eq!(read(&strings), expected, "{}", String::from_utf8_lossy(&first.concat()));
}

#[test]
fn a_record_says_everything_in_short_keys() {
    assert_eq!(
        written(room()),
        [
            "txtvers=1",
            "protovers=2",
            "code=KITE-42",
            "host=ana",
            "state=open",
            "rules=5x5:4",
            "clock=5m+3s",
            "series=3",
            "watch"
        ]
    );
    let misere = Terms { rules: room().terms.rules.with_misere(true), ..room().terms };
    let full = Advert { guest: "ben".parse().ok(), terms: misere, ..room() }.to_txt();
    assert_eq!(full.len(), 11);
    for (key, _) in full {
        assert!(key.len() <= 9, "{key}");
    }
}

#[test]
fn every_room_is_read_as_it_is_written() {
    let guest = "ben".parse().ok();
    let misere = Terms { rules: Rules::default().with_misere(true), ..Terms::default() };
    for advert in [
        room(),
        Advert { guest, is_watchable: false, ..room() },
        Advert { guest, is_locked: true, ..room() },
        Advert { is_locked: true, terms: misere, ..room() },
        Advert { protocol: ProtocolRange { oldest: 2, newest: 7 }, ..room() },
    ] {
        assert_eq!(read(&written(advert)), Ok(advert));
    }
}

#[test]
fn the_first_of_equal_keys_counts_and_unknown_ones_do_not() {
    let ben = Advert { host: "ben".parse().unwrap(), ..room() };
    check(&[b"HOST=ben", b"x=y", b"=z", b"\xc3\xa9=1"], Ok(ben));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (bad, key) in [
        (&b"code=KIT-42"[..], KEY_CODE),
        (b"code", KEY_CODE),
        (b"host=", KEY_HOST),
        (b"host=\x1b\x07", KEY_HOST),
        (b"host=\xff\xfe", KEY_HOST),
        (b"state=shut", KEY_STATE),
        (b"guest=ben", KEY_GUEST),
        (b"rules=2x2", KEY_RULES),
        (b"series=2", KEY_SERIES),
        (b"clock=1h", KEY_CLOCK),
        (b"protovers=2-1", KEY_PROTOCOL),
        (b"protovers=+1", KEY_PROTOCOL),
        (b"protovers=", KEY_PROTOCOL),
        (b"txtvers=2", KEY_VERSION),
    ] {
        check(&[bad], Err(AdvertError::Value(key)));
    }
    check(&[b"state=playing"], Err(AdvertError::Missing(KEY_GUEST)));
    assert_eq!(read::<&[u8]>(&[]), Err(AdvertError::Missing(KEY_VERSION)));
    assert_eq!(read(&written(room())[..5]), Err(AdvertError::Missing(KEY_RULES)));
}

#[test]
fn a_name_that_could_steer_a_terminal_is_made_harmless() {
    let harmless = Advert { host: "[2Jana".parse().unwrap(), ..room() };
    check(&["host=\u{1b}[2J\u{202e}ana".as_bytes()], Ok(harmless));
}

#[test]
fn only_so_many_keys_are_looked_at() {
    let junk: Vec<&[u8]> = vec![b"x"; MAX_KEYS];
    check(&junk, Err(AdvertError::Missing(KEY_VERSION)));
}

#[test]
fn a_name_fits_a_label_and_has_no_point_in_it() {
    #[track_caller]
    fn check(host: &str, expected: &str) {
        let advert = Advert { host: host.parse().unwrap(), ..room() };
        let instance = advert.instance(0x1a2b_3c4d);
        assert_eq!(instance, expected);
        assert!(instance.len() <= 63);
    }
    check("ana", "kite-42 ana 1a2b3c4d");
    check("Dad. Laptop", "kite-42 dad laptop 1a2b3c4d");
    check("...", "kite-42 1a2b3c4d");
    check("李李李李李李李李", "kite-42 李李李李李李李李 1a2b3c4d");
    assert_eq!(room().host_name(7), "oxo-00000007-kite-42.local.");
}

proptest! {
    #[test]
    fn any_record_is_read_or_refused(strings in prop::collection::vec(
        ("[a-z]{0,3}|code|host|state|rules|clock|txtvers|protovers", prop::option::of(any::<Vec<u8>>())),
        0..40,
    )) {
        let strings = strings.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
        if let Ok(advert) = Advert::from_txt(strings) {
            prop_assert_eq!(read(&written(advert)), Ok(advert));
        }
    }

    #[test]
    fn any_instance_fits(name in any::<String>()) {
        let Some(host) = Name::sanitize(&name) else { return Ok(()) };
        let instance = Advert { host, ..room() }.instance(u32::MAX);
        prop_assert!(instance.len() <= 63 && !instance.contains(['.', '\\']));
    }
}
