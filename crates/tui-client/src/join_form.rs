//! The form for a place: a code, an address, or both.

use net::proto::RoomCode;

use crate::{
    goal::{Goal, Purpose, RoomKey},
    keymap::Action,
    request::Request,
    text_input::{InputError, TextInput},
    typed_place::{TypedPlace, parse_place},
};

/// A place, as it is typed.
#[derive(Debug)]
pub struct JoinForm {
    /// The purpose.
    pub purpose: Purpose,
    /// The text.
    pub input: TextInput,
}

/// The most characters of a place: a host name has at most 253 (RFC 1035 section 2.3.4).
const MAX_TYPED: usize = 280;

impl JoinForm {
    /// An empty form.
    pub(crate) fn new(purpose: Purpose) -> Self {
        Self { purpose, input: TextInput::new(MAX_TYPED) }
    }

    /// Does what a key asks for.
    pub(crate) fn handle_action(&mut self, action: Action) -> Vec<Request> {
        match action {
            Action::Back => vec![Request::Menu],
            Action::Select => match self.submit() {
                Ok(request) => vec![request],
                Err(error) => {
                    self.input.error = Some(error);
                    Vec::new()
                }
            },
            _ => Vec::new(),
        }
    }

    fn submit(&self) -> Result<Request, InputError> {
        let key = |code: RoomCode| RoomKey { code, passcode: None };
        Ok(match (parse_place(self.input.text()).map_err(InputError::Place)?, self.purpose) {
            (TypedPlace::Code { machine: Some(target), .. }, Purpose::Browse) => {
                Request::Connect(Goal::Browse { target })
            }
            (TypedPlace::Code { code, machine: None }, Purpose::Browse) => {
                return Err(InputError::NotAServer(code));
            }
            (TypedPlace::Code { code, machine }, purpose) => {
                Request::Seek { code, machine, watches: purpose == Purpose::Watch }
            }
            (TypedPlace::Server { target, code }, Purpose::Join) => {
                Request::Connect(Goal::Join { target, key: code.map(key) })
            }
            (TypedPlace::Server { target, code: Some(code) }, Purpose::Watch) => {
                Request::Connect(Goal::Watch { target, key: key(code) })
            }
            (TypedPlace::Server { target, .. }, Purpose::Watch | Purpose::Browse) => {
                Request::Connect(Goal::Browse { target })
            }
        })
    }
}
