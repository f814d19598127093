//! Typed text is refused, or becomes a value whose text parses to the value again and holds nothing that could steer a
//! terminal.

#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use libfuzzer_sys::fuzz_target;
use net::addr::{HostPort, ListenAddr};
use net::proto::{BestOf, ChatLine, Name, Passcode, RoomCode, TimeControl};

fuzz_target!(|input: &str| {
    if let Ok(name) = input.parse::<Name>() {
        assert_eq!(name.as_str(), input);
        assert!(!input.chars().any(char::is_control));
        assert!(name.numbered(2).as_str().parse::<Name>().is_ok());
    }
    for name in [Name::parse_typed(input).ok(), Name::sanitize(input)].into_iter().flatten() {
        assert_eq!(name.as_str().parse(), Ok(name));
        assert_eq!(Name::parse_typed(name.as_str()), Ok(name));
    }
    if let Ok(code) = RoomCode::parse_typed(input) {
        assert_eq!(code.as_str().parse(), Ok(code));
    }
    if let Ok(line) = ChatLine::parse_typed(input) {
        assert!(!line.as_str().chars().any(char::is_control));
        assert_eq!(ChatLine::columns_typed(input), ChatLine::columns_typed(line.as_str()));
        assert_eq!(line.as_str().parse(), Ok(line));
    }
    if let Ok(passcode) = Passcode::parse_typed(input) {
        assert!(!passcode.as_str().chars().any(char::is_control));
        assert_eq!(passcode.as_str().parse(), Ok(passcode));
    }
    input.parse().map(assert_parses_again::<TimeControl>).ok();
    input.parse().map(assert_parses_again::<BestOf>).ok();
    input.parse().map(assert_parses_again::<ListenAddr>).ok();
    if let Err(error) = input.parse().map(assert_parses_again::<HostPort>) {
        assert!(!error.to_string().chars().any(char::is_control));
    }
});

/// Checks that the displayed `value` parses to itself.
fn assert_parses_again<T: Debug + Display + FromStr<Err: Debug> + PartialEq>(value: T) {
    assert_eq!(value.to_string().parse::<T>().expect("what is displayed parses"), value);
}
