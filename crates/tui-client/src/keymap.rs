//! The command table. Dispatch, the footer, the help and the keys in sentences are made from it, so that no key is promised
//! that does nothing, and none works that is not listed.

mod binding;
mod context;
mod map;
mod names;
mod rebind;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use self::names::{offer_key, parse, replace_names};
pub use self::{
    binding::{Action, Binding, When},
    context::Context,
    map::Keymap,
};
