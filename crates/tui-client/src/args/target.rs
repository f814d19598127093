//! The place of a game, as typed.

use clap::Args as ClapArgs;
use net::{
    addr::HostPort,
    proto::{Passcode, RoomCode},
};
use tui_client::{
    config::Transports,
    goal::{Goal, RoomKey},
    model::Model,
    typed_place::{TypedPlace, parse_place},
    update::Start,
};

use crate::list::FoundPlace;

#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct TargetArgs {
    /// CODE for a game on this network, HOST or HOST:PORT of a server, or CODE@ before either
    #[arg(value_name = "PLACE")]
    place: Vec<String>,
    /// The passcode of a locked game
    #[arg(long, value_name = "WORD", value_parser = Passcode::parse_typed)]
    passcode: Option<Passcode>,
    /// The transport of the connection [default: auto]
    #[arg(long)]
    pub(super) transport: Option<Transports>,
}

impl TargetArgs {
    /// The place as typed, if one was. A code may be two words, as it is said.
    pub(super) fn typed(&self) -> Option<String> {
        (!self.place.is_empty()).then(|| self.place.join(" "))
    }

    /// The second word of the place, unless both make a code.
    pub(super) fn unexpected(&self) -> Option<&str> {
        self.place.get(1).map(String::as_str).filter(|_| self.code().is_none())
    }

    /// The code, if nothing else was typed, and the machine that may be meant. A passcode opens a game and no machine.
    pub(super) fn code(&self) -> Option<(RoomCode, Option<HostPort>)> {
        match parse_place(&self.typed()?) {
            Ok(TypedPlace::Code { code, machine }) => {
                Some((code, machine.filter(|_| self.passcode.is_none())))
            }
            Ok(TypedPlace::Server { .. }) | Err(_) => None,
        }
    }

    /// The start of the program at the place that was typed. `found` is the place of a code alone.
    ///
    /// # Errors
    ///
    /// A sentence about a place that makes no sense.
    pub(super) fn start(
        &self,
        model: &mut Model,
        found: Option<FoundPlace>,
        watches: bool,
    ) -> Result<Start, String> {
        model.config.transport = self.transport.unwrap_or(model.config.transport);
        match found {
            Some(FoundPlace::Machine { target, tried }) => {
                return Ok(Start::Machine { target, watches, tried });
            }
            Some(FoundPlace::Game { target, addresses }) => model.dialled = Some((target, addresses)),
            None => {}
        }
        let place =
            self.typed().as_deref().map(parse_place).transpose().map_err(|error| error.to_string())?;
        let (target, code) = match place {
            None => (None, None),
            Some(TypedPlace::Server { target, code }) => (Some(target), code),
            Some(TypedPlace::Code { code, .. }) => {
                let host = model.dialled.as_ref().map(|(target, _)| target.clone());
                (Some(host.ok_or_else(|| format!("the host of {code} was not looked for"))?), Some(code))
            }
        };
        let passcode = self.passcode;
        if passcode.is_some() && code.is_none() {
            return Err("a passcode opens one game: name it, as in KITE-42@192.168.1.7".into());
        }
        let Some(target) = target else { return Ok(Start::Games { watches }) };
        let key = code.map(|code| RoomKey { code, passcode });
        Ok(Start::Connect(match (key, watches) {
            (key, false) => Goal::Join { target, key },
            (Some(key), true) => Goal::Watch { target, key },
            (None, true) => Goal::Browse { target },
        }))
    }
}
