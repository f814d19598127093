//! The player's files: the settings, the saved seats, the finished matches, and recordings of them.

use std::{
    collections::VecDeque,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::task::spawn_blocking;

use crate::{
    config_file::ConfigFile,
    history::{History, KeptMatch},
    history_file::{self, HistoryFile},
    msg::Msg,
    saved_seats::SavedSeats,
    setting::Place,
};

/// The files of the player. Without a home folder there are none.
#[derive(Debug)]
pub(super) struct Files {
    config: Option<ConfigFile>,
    pub(super) seats: Option<SavedSeats>,
    history: Option<HistoryFile>,
    /// The tasks for the file of the finished matches, in their order: those of one message.
    tasks: VecDeque<HistoryTask>,
}

/// A task for the file of the finished matches.
#[derive(Debug)]
enum HistoryTask {
    Read,
    Keep(Box<KeptMatch>),
}

impl Files {
    pub(super) fn open(config: Option<ConfigFile>) -> Self {
        Self { config, seats: SavedSeats::open(), history: HistoryFile::usual(), tasks: VecDeque::new() }
    }

    /// Reads the finished matches, with the next task.
    pub(super) fn read_history(&mut self) {
        self.tasks.push_back(HistoryTask::Read);
    }

    /// Dates a match that is over, and keeps it with the next task.
    pub(super) fn keep_match(&mut self, mut kept: Box<KeptMatch>) {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        kept.ended = since_1970.as_secs();
        self.tasks.push_back(HistoryTask::Keep(kept));
    }

    /// Carries out the next task for the file of the finished matches, on a thread of its own: another program may hold the file, or
    /// it is large, and the connection must not wait for that.
    pub(super) async fn next_task(&mut self) -> Option<Msg> {
        let task = self.tasks.pop_front()?;
        let file = self.history.clone();
        // A panic has been reported by the hook.
        spawn_blocking(move || task.run(file.as_ref())).await.ok()
    }

    /// Writes a recording to this folder. Returns the outcome in a sentence.
    pub(super) fn export(name: &str, text: &str) -> String {
        match history_file::write_new(Path::new("."), name, "cast", text) {
            Ok(path) => format!("Written to {}; `asciinema play` shows it.", path.display()),
            Err(error) => format!("Not written to this folder: {error}."),
        }
    }

    /// Saves settings. What cannot be saved holds for this run, and the reason is returned.
    pub(super) fn keep_config(&self, changes: &[(Place, String)]) -> Option<Msg> {
        let kept = self.config.as_ref().map(|file| (file.path.display(), file.keep(changes)));
        let why = match kept {
            Some((_, Ok(()))) => return None,
            Some((path, Err(error))) => format!("{path}: {error}"),
            None => "There is no home folder for the settings".into(),
        };
        Some(Msg::ConfigNotKept(format!("{why}. The change holds for this run only.")))
    }
}

impl HistoryTask {
    /// Carries out the task. A match that cannot be saved is remembered for this run.
    fn run(self, file: Option<&HistoryFile>) -> Msg {
        match self {
            Self::Read => Msg::History(file.map_or_else(History::default, HistoryFile::read_or_tell)),
            Self::Keep(kept) => {
                let (is_new, problem) = match file.map(|file| file.append(&kept)) {
                    Some(Ok(is_new)) => (is_new, None),
                    Some(Err(error)) => (true, Some(error.to_string())),
                    None => (true, Some("there is no home folder".into())),
                };
                Msg::MatchKept { kept, is_new, problem }
            }
        }
    }
}
