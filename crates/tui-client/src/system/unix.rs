//! The half for Unix.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};

use ratatui::layout::Size;
use rustix::{
    fs::{Access, OFlags, access},
    process::{Signal as Number, geteuid, getpid, kill_process},
    termios::tcgetwinsize,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};

use super::call::Call;

/// The time in which a suspended program stops. It never does where no shell could resume it (POSIX, orphaned process groups).
const STOP_TIMEOUT: Duration = Duration::from_millis(100);

/// The signals that the program answers.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    quit: Signal,
    resize: Signal,
    continuation: Signal,
}

impl Signals {
    /// Answers them from now on.
    pub(crate) fn open() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            // Without a core dump: it would keep the terminal.
            quit: signal(SignalKind::quit())?,
            resize: signal(SignalKind::window_change())?,
            continuation: signal(SignalKind::from_raw(Number::CONT.as_raw()))?,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Call {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => Call::Interrupt,
            _ = self.terminate.recv() => Call::End,
            _ = self.hang_up.recv() => Call::End,
            _ = self.quit.recv() => Call::End,
            _ = self.continuation.recv() => Call::Continue,
            _ = self.resize.recv() => Call::Resize,
        }
    }

    /// Stops the program until the shell resumes it.
    pub(crate) async fn suspend(&mut self) -> io::Result<()> {
        kill_process(getpid(), Number::TSTP)?;
        let _nobody_stops_it = timeout(STOP_TIMEOUT, self.continuation.recv()).await;
        Ok(())
    }
}

/// The size that the terminal tells; `None` if it tells none.
pub(crate) fn terminal_size() -> Option<Size> {
    tcgetwinsize(io::stdout()).map(|told| Size::new(told.ws_col, told.ws_row)).ok()
}

/// Options for files of one owner. A pipe without a reader or writer is an error then, and not waited for.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    options
}

/// Creates a file that only its owner may read, whatever the umask.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create_new(true).read(true).write(true).mode(0o600).open(path)?;
    // A umask may have taken from its owner what a later run needs.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Creates a folder that only its owner may enter, whatever the umask.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Opens a file; `None` if it is not a file of our own. A pipe would be waited for without end, and through a link another
/// file would be written.
pub(crate) fn open_own(path: &Path) -> Option<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).ok()?;
    let metadata = file.metadata().ok()?;
    let is_own = metadata.is_file() && metadata.nlink() == 1 && metadata.uid() == geteuid().as_raw();
    is_own.then_some(file)
}

/// Tells whether an open file has lost its name since.
pub(crate) fn is_removed(file: &File, _path: &Path) -> io::Result<bool> {
    Ok(file.metadata()?.nlink() == 0)
}

/// Opens a folder, to lock it.
pub(crate) fn open_folder(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// Writes the names in a folder to disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Tells whether something that exists can be written.
pub(crate) fn is_writable(path: &Path) -> bool {
    access(path, Access::WRITE_OK).is_ok()
}
