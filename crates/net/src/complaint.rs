//! What a person is told when something failed.

use std::error::Error;
use std::fmt;
use std::io;

use crate::addr::{ParseAddrError, ParseListenError};
use crate::bind::BindError;
use crate::connect::{ConnectError, Program};

/// Why something failed: one sentence, then its causes, then what to do about it.
///
/// It is for the end of a program. Every error of this crate that a person can do something about becomes one, so that `?`
/// suffices on the way there. Its `Display` is the whole, a line each.
///
/// # Examples
///
/// ```
/// use net::{addr::HostPort, complaint::Complaint};
///
/// let complaint = Complaint::from("laptop:0".parse::<HostPort>().unwrap_err());
/// assert_eq!(
///     complaint.to_string(),
///     "nobody can be reached on port 0\n\
///      hint: `192.168.1.7`, `laptop.local:1952` and `[fd4d::5]:1952` are addresses"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What failed.
    pub sentence: String,
    /// Why, a line each.
    pub causes: Vec<String>,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
}

impl Complaint {
    /// Tells of any error: it is the sentence, and what is behind it are the causes.
    pub fn new(error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(error.source(), |&error| error.source());
        Self { sentence: error.to_string(), causes: causes.map(ToString::to_string).collect(), hint: None }
    }

    /// The same, with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Tells why `program` has no connection.
    pub fn unreached(error: &ConnectError, program: Program) -> Self {
        let hint = Some(error.hint_for(program));
        Self { sentence: error.to_string(), causes: error.causes(), hint }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sentence, causes, hint } = self;
        f.write_str(sentence)?;
        causes.iter().try_for_each(|cause| write!(f, "\n  {cause}"))?;
        hint.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

impl From<ParseAddrError> for Complaint {
    fn from(error: ParseAddrError) -> Self {
        Self::new(&error).with_hint(error.hint())
    }
}

impl From<ParseListenError> for Complaint {
    fn from(error: ParseListenError) -> Self {
        Self::new(&error).with_hint(error.hint())
    }
}

impl From<BindError> for Complaint {
    fn from(error: BindError) -> Self {
        Self { hint: error.hint(), ..Self::new(&error) }
    }
}

impl From<io::Error> for Complaint {
    fn from(error: io::Error) -> Self {
        Self::new(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_a_sentence_then_causes_then_a_hint() {
        let source = io::Error::from(io::ErrorKind::AddrInUse);
        let error = BindError::PortBusy { addr: "[::]:7".parse().unwrap(), source };
        assert_eq!(
            Complaint::from(error).to_string(),
            "port 7 is already in use\n  address in use\nhint: `--listen '[::]:0'` asks the system for a free port"
        );
    }

    #[test]
    fn an_error_without_a_cause_is_one_sentence() {
        assert_eq!(Complaint::from(io::Error::other("it is too late")).to_string(), "it is too late");
    }
}
