//! Answers to questions about the rooms, from people without a session.

use std::time::Instant;

use net::proto::{Answer, Name, Question, ROOMS_PER_ANSWER, RoomLine, codec};

use super::{room::Room, rooms::Rooms};

/// Answers a question in the name of a server with so many people. A code that leads nowhere gets no room.
pub(super) fn answer(
    now: Instant,
    rooms: &Rooms,
    (server, people): (Name, usize),
    question: Question,
) -> Answer {
    let line = |room: &Room| Some(RoomLine { seconds: room.seconds(now), ..room.summary()? });
    let listed: Vec<&Room> = rooms.listed().collect();
    let (first, wanted): (u16, Vec<&Room>) = match question {
        Question::Rooms { first } => {
            (first, listed.iter().skip(first.into()).take(ROOMS_PER_ANSWER).copied().collect())
        }
        Question::Code(code) => (0, rooms.get(code).into_iter().collect()),
    };
    let number = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let rooms = wanted.into_iter().filter_map(line).collect();
    codec::fitted(Answer { server, people: number(people), first, total: number(listed.len()), rooms })
}
