//! The file of the settings.

use std::{
    fmt,
    fs::{self, Permissions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    config::{Config, Read},
    setting::Place,
    system::{BaseFolder, create_private, make_private, open_folder, options},
};

/// The file of the settings, which need not exist.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Its path.
    pub path: PathBuf,
}

/// Bytes of a file at most: several times what all settings with remarks take.
const MAX_BYTES: u64 = 64 * 1024;

/// The settings as they were found.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Their file; `None` without a home folder.
    pub file: Option<ConfigFile>,
    /// Its content.
    pub read: Read,
    /// The mistakes in it in sentences, or the reason why it was not read.
    pub problems: Vec<String>,
}

impl Loaded {
    /// Reads the settings from the file at a path, or from the usual one.
    pub fn from(path: Option<PathBuf>) -> Self {
        let file = ConfigFile::at(path);
        let text = file.as_ref().map_or_else(|| Ok(String::new()), ConfigFile::read);
        let path = file.as_ref().map(|file| file.path.display().to_string()).unwrap_or_default();
        match text {
            Ok(text) => {
                let read = Config::parse(&text);
                let problems =
                    read.problems.iter().map(|(line, what)| format!("{path}, line {line}: {what}")).collect();
                Self { file, read, problems }
            }
            Err(error) => Self { file, read: Read::default(), problems: vec![format!("{path}: {error}")] },
        }
    }

    /// The first mistake, and the way to the rest.
    pub fn in_brief(&self) -> Option<String> {
        let first = self.problems.first()?;
        let more = if self.problems.len() > 1 { ". `oxo config` tells all" } else { "" };
        Some(format!("{first}{more}."))
    }
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            None => writeln!(f, "No home folder: nothing is kept"),
            Some(file) if file.path.exists() => writeln!(f, "{}", file.path.display()),
            Some(file) => writeln!(f, "{}  is not there yet", file.path.display()),
        }?;
        self.problems.iter().try_for_each(|problem| writeln!(f, "{problem}"))?;
        writeln!(f, "{}; `oxo config --print` prints all settings", count(self.problems.len()))
    }
}

/// A number of mistakes in words.
pub(crate) fn count(problems: usize) -> String {
    format!("{problems} problem{}", if problems == 1 { "" } else { "s" })
}

impl ConfigFile {
    /// The file at a path, or else `oxo/config.toml` in the player's folder of settings; `None` without a home folder.
    pub fn at(path: Option<PathBuf>) -> Option<Self> {
        let usual = || Some(BaseFolder::Config.ours()?.join("config.toml"));
        path.or_else(usual).map(|path| Self { path })
    }

    /// Reads its text: an empty one if there is no file yet.
    ///
    /// # Errors
    ///
    /// It is no text file of a usual size, or cannot be read.
    pub fn read(&self) -> io::Result<String> {
        let file = match options().read(true).open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
            file => file?,
        };
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(io::Error::other(format!("it has more than {MAX_BYTES} bytes")));
        }
        String::from_utf8(bytes).ok().ok_or_else(|| io::Error::other("it is not UTF-8"))
    }

    /// Writes changed settings. All else in the file stays, also what another run has written meanwhile.
    ///
    /// # Errors
    ///
    /// It cannot be read, is not TOML, or cannot be written.
    pub fn keep(&self, changes: &[(Place, String)]) -> io::Result<()> {
        // A link stays one, and its file is changed.
        let path = self.target();
        let folder =
            path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        make_private(folder)?;
        let lock = open_folder(folder)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                let what = "another oxo writes there at this moment";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, what));
            }
            // Where folders have no locks, two runs seldom write in one millisecond.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let before = self.read()?;
        let text = Config::edit(&before, changes).map_err(io::Error::other)?;
        if text == before {
            return Ok(());
        }
        let permissions = match fs::metadata(&path) {
            Ok(metadata) if metadata.permissions().readonly() => {
                return Err(io::Error::other("it is read-only"));
            }
            Ok(metadata) => Some(metadata.permissions()),
            Err(_) => None,
        };
        // A reader sees the old file or the new one, and so does the next start after a loss of power.
        let made = path.with_added_extension(format!("{}.tmp", std::process::id()));
        let written = write(&made, &text, permissions).and_then(|()| fs::rename(&made, &path));
        written.inspect_err(|_| drop(fs::remove_file(&made)))
    }

    /// The file that a link leads to, or the file itself.
    fn target(&self) -> PathBuf {
        let beside =
            |link: PathBuf| self.path.parent().map_or_else(|| link.clone(), |folder| folder.join(&link));
        fs::canonicalize(&self.path)
            // The file may still have to be made.
            .or_else(|_| fs::read_link(&self.path).map(beside))
            .unwrap_or_else(|_| self.path.clone())
    }
}

fn write(path: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<()> {
    let mut file = create_private(path)?;
    permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::{
        os::unix::fs::{PermissionsExt as _, symlink},
        thread,
    };

    use super::*;
    use crate::setting::Setting;

    fn theme(name: &str) -> [(Place, String); 1] {
        [(Place::Top(Setting::Theme), name.to_owned())]
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_file_is_made_for_its_owner_alone_and_keeps_the_mode_it_was_given() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config/oxo/config.toml");
        let file = ConfigFile::at(Some(path.clone())).unwrap();
        assert_eq!(file.read().unwrap(), "");
        file.keep(&theme("dark")).unwrap();
        assert_eq!(file.read().unwrap(), "theme = \"dark\"\n");
        let inode = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(&path).unwrap());
        let written = inode();
        file.keep(&theme("dark")).unwrap();
        assert_eq!(inode(), written, "nothing new is not written");
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        file.keep(&theme("light")).unwrap();
        assert_eq!((mode(&path), file.read().unwrap().as_str()), (0o644, "theme = \"light\"\n"));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_link_stays_one_and_its_file_is_changed() {
        let home = tempfile::tempdir().unwrap();
        let (link, dotfiles) = (home.path().join("config.toml"), home.path().join("dotfiles"));
        fs::create_dir(&dotfiles).unwrap();
        symlink("dotfiles/oxo.toml", &link).unwrap();
        let file = ConfigFile::at(Some(link.clone())).unwrap();
        for name in ["dark", "light"] {
            // At first its file is still missing.
            file.keep(&theme(name)).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(
                fs::read_to_string(dotfiles.join("oxo.toml")).unwrap(),
                format!("theme = \"{name}\"\n")
            );
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_settings_file_is_neither_waited_for_nor_changed() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        mknodat(CWD, path("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        symlink(path("pipe"), path("link to a pipe")).unwrap();
        fs::create_dir(path("folder")).unwrap();
        fs::write(path("large"), vec![b'#'; 10 << 20]).unwrap();
        fs::write(path("latin 1"), b"name = \"J\xf6rg\"").unwrap();
        fs::write(path("broken"), "theme =").unwrap();
        fs::write(path("read-only"), "ascii = true\n").unwrap();
        fs::set_permissions(path("read-only"), Permissions::from_mode(0o444)).unwrap();
        for (name, why) in [
            ("pipe", "it is no file"),
            ("link to a pipe", "it is no file"),
            ("folder", "it is no file"),
            ("large", "it has more than 65536 bytes"),
            ("latin 1", "it is not UTF-8"),
            ("broken", "its line 1 is not TOML"),
            ("read-only", "it is read-only"),
        ] {
            let before = fs::metadata(path(name)).unwrap().len();
            let error = ConfigFile::at(Some(path(name))).unwrap().keep(&theme("dark")).unwrap_err();
            assert_eq!(error.to_string(), why, "{name}");
            assert_eq!(fs::metadata(path(name)).unwrap().len(), before, "{name}");
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 7, "nothing else is left");
    }

    #[test]
    fn two_runs_keep_each_other_s_settings() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        let write = |setting: Setting, values: [&str; 2]| {
            let file = ConfigFile::at(Some(path.clone())).unwrap();
            for round in 0..40 {
                let change = [(Place::Top(setting), values[round % 2].to_owned())];
                while let Err(error) = file.keep(&change) {
                    assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{error}");
                }
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| write(Setting::Theme, ["light", "dark"]));
            scope.spawn(|| write(Setting::Bell, ["always", "never"]));
        });
        let read = Config::parse(&fs::read_to_string(&path).unwrap());
        assert_eq!(read.problems, []);
        assert_eq!(
            (read.config.text(Setting::Theme), read.config.text(Setting::Bell)),
            ("dark".into(), "never".into())
        );
    }
}
