//! The half for Windows. A player's own folders have the rights there that modes give on Unix.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::windows::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use ratatui::layout::Size;
use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_logoff,
    ctrl_shutdown,
};

use super::call::Call;

/// The signals that the program answers. After the last three, Windows ends it within seconds.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: CtrlC,
    terminate: CtrlBreak,
    close: CtrlClose,
    logoff: CtrlLogoff,
    shutdown: CtrlShutdown,
}

impl Signals {
    /// Answers them from now on.
    pub(crate) fn open() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            terminate: ctrl_break()?,
            close: ctrl_close()?,
            logoff: ctrl_logoff()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Call {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => Call::Interrupt,
            _ = self.terminate.recv() => Call::End,
            _ = self.close.recv() => Call::End,
            _ = self.logoff.recv() => Call::End,
            _ = self.shutdown.recv() => Call::End,
        }
    }

    /// Returns at once: no shell of Windows resumes a program.
    #[expect(clippy::unused_async, reason = "it waits on Unix")]
    pub(crate) async fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The size of the console's window; `None` without a console.
pub(crate) fn terminal_size() -> Option<Size> {
    crossterm::terminal::size().map(Size::from).ok()
}

/// Options for files. No pipe has a name in a folder.
pub fn options() -> OpenOptions {
    OpenOptions::new()
}

/// Creates a file.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().create_new(true).read(true).write(true).open(path)
}

/// Creates a folder.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

/// Opens a file; `None` if it is a folder or a link.
pub(crate) fn open_own(path: &Path) -> Option<File> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).custom_flags(OPEN_REPARSE_POINT).open(path).ok()?;
    let metadata = file.metadata().ok()?;
    (metadata.is_file() && metadata.file_attributes() & REPARSE_POINT == 0).then_some(file)
}

/// Tells whether an open file has lost its name since.
pub(crate) fn is_removed(_file: &File, path: &Path) -> io::Result<bool> {
    // One that keeps its name as long as it is open cannot be found by it.
    Ok(!path.exists())
}

/// Opens a folder. It has no lock.
pub(crate) fn open_folder(folder: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(BACKUP_SEMANTICS).open(folder)
}

/// Returns at once: Windows keeps names in a journal, and has no call for those of a folder.
pub(crate) const fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Tells whether something that exists can be written. Opens it, and changes nothing.
pub(crate) fn is_writable(path: &Path) -> bool {
    OpenOptions::new().access_mode(WRITE_DATA).custom_flags(BACKUP_SEMANTICS).open(path).is_ok()
}

/// The right to write a file, or to add one to a folder (`FILE_WRITE_DATA`, `FILE_ADD_FILE`).
const WRITE_DATA: u32 = 2;

/// The flag without which no folder is opened (`FILE_FLAG_BACKUP_SEMANTICS`).
const BACKUP_SEMANTICS: u32 = 0x0200_0000;

/// The flag by which a link itself is opened (`FILE_FLAG_OPEN_REPARSE_POINT`).
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// The mark of a link (`FILE_ATTRIBUTE_REPARSE_POINT`).
const REPARSE_POINT: u32 = 0x400;
