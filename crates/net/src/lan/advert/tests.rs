//! Records that are written, read, and refused.

use proptest::prelude::*;

use super::*;
use crate::proto::PROTOCOL;

fn den() -> Advert {
    Advert { name: "den".parse().unwrap(), protocol: PROTOCOL }
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

/// Reads the record of [`den`] with some strings before the others.
#[track_caller]
fn check(first: &[&[u8]], expected: Result<Advert, AdvertError>) {
    let rest = den().to_txt();
    let strings: Vec<&[u8]> = first.iter().copied().chain(rest.iter().map(String::as_bytes)).collect();
    assert_eq!(read(&strings), expected, "{}", String::from_utf8_lossy(&first.concat()));
}

#[test]
fn a_record_says_what_never_changes_in_short_keys() {
    assert_eq!(den().to_txt(), ["txtvers=1", "protovers=3", "name=den"]);
    let newer = Advert { protocol: ProtocolRange { oldest: 2, newest: 7 }, ..den() };
    assert_eq!(newer.to_txt()[1], "protovers=2-7");
    for advert in [den(), newer, Advert { name: "李小龙 = x".parse().unwrap(), ..den() }] {
        assert_eq!(read(&advert.to_txt()), Ok(advert));
    }
}

#[test]
fn the_first_of_equal_keys_counts_and_unknown_ones_do_not() {
    let ben = Advert { name: "ben".parse().unwrap(), ..den() };
    check(&[b"NAME=ben", b"x=y", b"=z", b"\xc3\xa9=1"], Ok(ben));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (bad, key) in [
        (&b"name="[..], KEY_NAME),
        (b"name", KEY_NAME),
        (b"name=\x1b\x07", KEY_NAME),
        (b"name=\xff\xfe", KEY_NAME),
        (b"protovers=2-1", KEY_PROTOCOL),
        (b"protovers=+1", KEY_PROTOCOL),
        (b"protovers=", KEY_PROTOCOL),
        (b"txtvers=2", KEY_VERSION),
    ] {
        check(&[bad], Err(AdvertError::Value(key)));
    }
    assert_eq!(read::<&[u8]>(&[]), Err(AdvertError::Missing(KEY_VERSION)));
    assert_eq!(read(&den().to_txt()[..2]), Err(AdvertError::Missing(KEY_NAME)));
}

#[test]
fn a_name_that_could_steer_a_terminal_is_made_harmless() {
    let harmless = Advert { name: "[2Jana".parse().unwrap(), ..den() };
    check(&["name=\u{1b}[2J\u{202e}ana".as_bytes()], Ok(harmless));
}

#[test]
fn only_so_many_keys_are_looked_at() {
    let junk: Vec<&[u8]> = vec![b"x"; MAX_KEYS];
    check(&junk, Err(AdvertError::Missing(KEY_VERSION)));
}

#[test]
fn a_name_fits_a_label_and_has_no_point_in_it() {
    #[track_caller]
    fn check(name: &str, expected: &str) {
        let instance = Advert { name: name.parse().unwrap(), ..den() }.instance(0x1a2b_3c4d);
        assert_eq!(instance, expected);
    }
    check("ana", "ana 1a2b3c4d");
    check("Dad. Laptop", "dad laptop 1a2b3c4d");
    check("...", "1a2b3c4d");
    check("李李李李李李李李", "李李李李李李李李 1a2b3c4d");
}

proptest! {
    #[test]
    fn any_record_is_read_or_refused(strings in prop::collection::vec(
        ("[a-z]{0,3}|name|txtvers|protovers", prop::option::of(any::<Vec<u8>>())),
        0..12,
    )) {
        let strings = strings.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
        if let Ok(advert) = Advert::from_txt(strings) {
            prop_assert_eq!(read(&advert.to_txt()), Ok(advert));
        }
    }

    #[test]
    fn any_instance_fits(name in any::<String>()) {
        let Some(name) = Name::sanitize(&name) else { return Ok(()) };
        let instance = Advert { name, ..den() }.instance(u32::MAX);
        prop_assert!(instance.len() <= 63 && !instance.contains(['.', '\\']));
    }
}
