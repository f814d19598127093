//! The keyboard on Windows, where the console makes keys of what is typed: a thread of its own waits for them.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: a thread waits for the console"
)]

use std::{io, thread};

use crossterm::event::{self, Event as ConsoleEvent, MouseButton, MouseEventKind};
use ratatui::layout::Position;
use tokio::sync::mpsc;

use crate::input::Event;

/// Events read ahead. When they are full, the console keeps the rest.
const AHEAD: usize = 64;

/// The console's input.
#[derive(Debug)]
pub(crate) struct Keyboard {
    events: mpsc::Receiver<Event>,
}

impl Keyboard {
    /// Begins to read the console.
    pub(crate) fn open() -> io::Result<Self> {
        let (tell, events) = mpsc::channel(AHEAD);
        // Nothing waits for it: it is blocked in a read when the program ends.
        thread::Builder::new().name("keys".into()).spawn(move || read(&tell))?;
        Ok(Self { events })
    }

    /// Waits for events, at least one. `None` is the end of the console.
    pub(crate) async fn next(&mut self) -> Option<Vec<Event>> {
        let mut events = Vec::new();
        (self.events.recv_many(&mut events, AHEAD).await > 0).then_some(events)
    }
}

/// Reads events until the console is gone, or nobody wants them.
fn read(tell: &mpsc::Sender<Event>) {
    while let Ok(event) = event::read() {
        if let Some(event) = translate(event)
            && tell.blocking_send(event).is_err()
        {
            return;
        }
    }
}

fn translate(event: ConsoleEvent) -> Option<Event> {
    match event {
        ConsoleEvent::Key(key) => Some(Event::Key(key.into())),
        ConsoleEvent::Mouse(mouse) if mouse.kind == MouseEventKind::Down(MouseButton::Left) => {
            Some(Event::Click(Position::new(mouse.column, mouse.row)))
        }
        ConsoleEvent::Mouse(_) => None,
        ConsoleEvent::Paste(text) => Some(Event::Paste(text)),
        ConsoleEvent::FocusGained => Some(Event::Focus(true)),
        ConsoleEvent::FocusLost => Some(Event::Focus(false)),
        // The size that it tells is one too small (crossterm 0.29), so that the console is asked.
        ConsoleEvent::Resize(..) => Some(Event::Resized),
    }
}
