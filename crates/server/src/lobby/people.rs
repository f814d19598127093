//! People, as far as a server can tell one from another, and short lists of them.

use std::collections::VecDeque;

use net::proto::{Name, SessionId};

use super::origin::Origin;

/// The person behind a session, who is the same in another one under this name from this origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) session: SessionId,
    /// `None` after a start of the server, until the session returns.
    pub(super) origin: Option<Origin>,
    pub(super) name: Name,
}

/// People who are not to come into a room, or not to be led there. When full, the first is forgotten.
#[derive(Debug, Default)]
pub(super) struct People(VecDeque<Person>);

/// People in one list: more than anybody meets in an evening.
const MOST: usize = 16;

/// People of one origin in a list who stand for all people of that origin: a new name for each visit is no way around it.
const HOUSEHOLD: usize = 3;

impl Person {
    fn is(&self, other: &Self) -> bool {
        self.session == other.session || (self.is_from(other.origin) && self.name == other.name)
    }

    fn is_from(&self, origin: Option<Origin>) -> bool {
        origin.is_some() && self.origin == origin
    }
}

impl People {
    pub(super) fn add(&mut self, person: Person) {
        self.remove(&person);
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(person);
    }

    pub(super) fn remove(&mut self, person: &Person) {
        self.0.retain(|other| !other.is(person));
    }

    pub(super) fn includes(&self, person: &Person) -> bool {
        self.0.iter().any(|other| other.is(person))
            || self.0.iter().filter(|other| other.is_from(person.origin)).count() >= HOUSEHOLD
    }

    /// The person added last.
    pub(super) fn last(&self) -> Option<Person> {
        self.0.back().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(session: u64, origin: u64, name: &str) -> Person {
        Person { session: SessionId(session), origin: Some(Origin(origin)), name: name.parse().unwrap() }
    }

    #[test]
    fn a_person_is_known_by_the_session_and_by_the_name_from_an_origin() {
        let mut people = People::default();
        people.add(person(1, 7, "ben"));
        for (other, is_included) in [
            (person(1, 8, "ben"), true),
            (person(2, 7, "ben"), true),
            (person(2, 7, "cat"), false),
            (person(2, 8, "ben"), false),
        ] {
            assert_eq!(people.includes(&other), is_included, "{other:?}");
        }
        people.remove(&person(2, 7, "ben"));
        assert!(!people.includes(&person(1, 7, "ben")));
    }

    #[test]
    fn three_people_stand_for_their_origin() {
        let mut people = People::default();
        people.add(person(1, 7, "a"));
        people.add(person(2, 7, "b"));
        people.add(person(2, 7, "b"));
        assert!(!people.includes(&person(4, 7, "d")), "two are not three");
        people.add(person(3, 7, "c"));
        assert!(people.includes(&person(4, 7, "d")));
        assert!(!people.includes(&person(4, 8, "d")));
    }

    #[test]
    fn a_full_list_forgets_the_first() {
        let mut people = People::default();
        for number in 0..=16 {
            people.add(person(number, number, "ben"));
        }
        assert!(!people.includes(&person(0, 0, "ben")));
        assert!(people.includes(&person(1, 1, "ben")));
        assert_eq!(people.last(), Some(person(16, 16, "ben")));
    }
}
