//! The store: what was told is there after the end of a server, whatever that was, and nothing is told that is not kept.

use std::{
    fs,
    io::{BufRead, BufReader, Write as _},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, SystemTime},
};

use game_core::Cell;
use net::{
    link::Transport,
    proto::{Command as Ask, Event, Phase, Reject, Snapshot},
};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, prlimit};
use server::{
    lobby::{Hold, KeptRoom},
    shell::{Keeping, Sockets},
    store::{Folder, Sqlite, Store as _, StoreError, Wanted, read_matches},
};
use tokio::time::timeout;

use crate::{
    memory_store::Memory,
    program::Program,
    table::{PATIENCE, Player, config, play, seated},
};

/// A server with a store in this folder.
fn start(folder: &Path) -> Program {
    start_at("127.0.0.1:0", folder)
}

fn start_at(listen: &str, folder: &Path) -> Program {
    Program::spawn(&mut command(listen, folder))
}

fn command(listen: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxo-server"));
    command.args(["--no-discovery", "--listen", listen, "--data-dir"]).arg(folder).stderr(Stdio::null());
    command
}

/// The run of a server that is to fail at its start.
fn refused(folder: &Path) -> (Option<i32>, String) {
    let Output { status, stderr, stdout } =
        command("127.0.0.1:0", folder).stderr(Stdio::piped()).output().unwrap();
    assert!(stdout.is_empty(), "it listens");
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn opened(folder: &Path) -> Sqlite {
    Sqlite::open(Folder::lock(folder).unwrap()).unwrap()
}

fn matches(folder: &Path, wanted: &Wanted) -> Vec<String> {
    let mut found = Vec::new();
    read_matches(folder, wanted, |kept| {
        let names = kept.finished.names;
        found.push(format!("{} {} {}", names.host, names.guest, kept.finished.record.moves().len()));
        true
    })
    .unwrap();
    found
}

const fn mv(ply: u16, digit: u8) -> Ask {
    Ask::Play { match_number: 1, branch: 0, ply, cell: Cell::from_numpad(digit).unwrap() }
}

/// Returns both players to their seats on a server that was started again.
async fn back(program: &Program, before: &[Player; 2]) -> [Player; 2] {
    let [ann, ben] = before.each_ref().map(|player| player.token);
    [
        Player::enter(program.addr, Transport::Tcp, "ann", Some(ann)).await,
        Player::enter(program.addr, Transport::Udp, "ben", Some(ben)).await,
    ]
}

/// Hears the next snapshot.
async fn snapshot(player: &mut Player) -> Snapshot {
    loop {
        if let Event::Snapshot(snapshot) = player.event().await {
            return *snapshot;
        }
    }
}

#[tokio::test]
async fn a_match_goes_on_after_its_server_was_killed_and_after_it_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = start(folder.path());
    let mut players = seated(program.addr, [Transport::Tcp, Transport::Udp]).await;
    play(&mut players, 0, 3).await;
    program.child.kill().unwrap();
    program.child.wait().unwrap();

    let mut program = start(folder.path());
    let mut players = back(&program, &players).await;
    for player in &mut players {
        let seen = snapshot(player).await;
        assert_eq!((seen.record.moves().len(), seen.phase), (3, Phase::Playing));
    }
    play(&mut players, 3, 5).await;
    // In order this time.
    kill_process(Pid::from_child(&program.child), Signal::TERM).unwrap();
    assert!(program.child.wait().unwrap().success());

    let program = start(folder.path());
    let mut players = back(&program, &players).await;
    play(&mut players, 5, 9).await;
    let end = matches(folder.path(), &Wanted::default());
    assert_eq!(end, ["ann ben 9"]);
}

#[test]
fn only_the_owner_may_read_what_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("state/oxo");
    drop(start(&folder));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_second_server_is_kept_out_of_the_folder_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path());
    let (code, said) = refused(folder.path());
    let expected =
        format!("oxo-server: another server keeps its games in {}\nhint: ", folder.path().display());
    assert!(said.ends_with("a server keeps nothing\n") && said.starts_with(&expected), "{said}");
    assert_eq!(code, Some(1));
    drop(first);
    drop(start(folder.path()));
}

/// Checks that a file is refused with a sentence that names it, and is left as it was.
#[track_caller]
fn check_refused(folder: &Path, sentence: &str) {
    let path = folder.join("oxo.db");
    let (bytes, changed) = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().mtime_nsec());
    let (code, said) = refused(folder);
    let line = said.lines().find(|line| line.starts_with("oxo-server: ")).unwrap_or_default();
    assert_eq!(line, format!("oxo-server: {} {sentence}", path.display()), "{said}");
    assert_eq!(code, Some(1));
    assert!(said.contains("hint: the file is left as it is"), "{said}");
    assert_eq!((fs::read(&path).unwrap(), fs::metadata(&path).unwrap().mtime_nsec()), (bytes, changed));
}

#[test]
fn a_file_that_cannot_be_used_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oxo.db");
    let fresh = || {
        for file in fs::read_dir(folder.path()).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        drop(opened(folder.path()));
    };
    let change = |statement: &str| {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(statement).unwrap();
    };
    fresh();
    change("PRAGMA user_version = 99");
    check_refused(
        folder.path(),
        "is from a newer version of oxo: its format is 99, and this version knows 1",
    );

    fresh();
    change("PRAGMA application_id = 1");
    check_refused(folder.path(), "is a database of another program");

    fresh();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    check_refused(folder.path(), "is damaged: database disk image is malformed");

    fs::write(&path, "no database at all, but a text that somebody has put here by mistake, longer than a header of SQLite is").unwrap();
    check_refused(folder.path(), "is damaged: file is not a database");

    fresh();
    change("INSERT INTO rooms VALUES ('KITE-42', '', '', '', '', '{}')");
    let (code, said) = refused(folder.path());
    assert!(said.contains("is damaged: room \"KITE-42\": missing field"), "{said}");
    assert_eq!(code, Some(1));
}

#[test]
fn a_folder_that_cannot_be_written_is_a_failure_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (code, said) = refused(&file.join("below"));
    assert!(said.contains("oxo-server: cannot keep games in "), "{said}");
    assert!(said.contains("\n  because: ") && said.contains("\nhint: `--data-dir`"), "{said}");
    assert_eq!(code, Some(1));
}

/// A server in this process whose store fails when it is told to.
struct Shaky {
    store: Memory,
    addr: std::net::SocketAddr,
    _stop: tokio::sync::oneshot::Sender<()>,
}

fn shaky() -> Shaky {
    let store = Memory::default();
    let net::bind::Bound { tcp, udp, local: addr, .. } =
        net::bind::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let sockets = Sockets { tcp: vec![tcp], udp: vec![udp], ..Sockets::default() };
    let mut config = config();
    config.is_announced = false;
    let keeping = Keeping::load(store.clone(), &mut config).unwrap();
    tokio::spawn(server::shell::run(sockets, config, Some(keeping), async {
        let _stopped = stopped.await;
    }));
    Shaky { store, addr, _stop: stop }
}

#[tokio::test]
async fn what_cannot_be_saved_is_not_told_and_told_when_it_can() {
    let Shaky { store, addr, _stop } = shaky();
    let mut players = seated(addr, [Transport::Tcp, Transport::Udp]).await;
    play(&mut players, 0, 2).await;
    store.fail(true);
    let [ann, ben] = &mut players;
    ann.ask(mv(2, 2));
    for player in [&mut *ann, &mut *ben] {
        assert_eq!(player.event().await, Event::NotSaving);
    }
    // A command that comes meanwhile is rejected, and nobody comes in.
    ben.ask(mv(3, 4));
    let expected = Event::Rejected { command: mv(3, 4).kind(), reject: Reject::NotSaving };
    assert_eq!(ben.event().await, expected);
    assert_eq!(turned_away(addr).await, net::proto::CloseReason::NotSaving);
    store.fail(false);
    // The move that was held is there once, and the match goes on.
    for player in [&mut *ann, &mut *ben] {
        let seen = timeout(PATIENCE, player.sees(3)).await.unwrap();
        assert_eq!(seen.record.moves().len(), 3);
    }
    play(&mut players, 3, 9).await;
    assert_eq!(store.finished().len(), 1);
}

async fn turned_away(addr: std::net::SocketAddr) -> net::proto::CloseReason {
    let candidate = net::connect::Candidate { addr, transport: Transport::Tcp };
    let mut link = net::connect::dial_link(candidate).await.unwrap();
    let hello = net::proto::Hello { name: "cyd".parse().unwrap(), resume: None };
    link.send(&net::proto::codec::encode(&net::proto::ClientMessage::Hello(hello))).unwrap();
    crate::table::close_reason(&mut link).await
}

#[tokio::test]
async fn no_clock_runs_while_nothing_can_be_saved() {
    let Shaky { store, addr, _stop } = shaky();
    let mut ann = Player::enter(addr, Transport::Tcp, "ann", None).await;
    ann.ask(Ask::Create {
        terms: net::proto::Terms { time: "1m+0s".parse().unwrap(), ..Default::default() },
        access: net::proto::Access::Public,
    });
    let code = ann.seat().await;
    let mut ben = Player::enter(addr, Transport::Tcp, "ben", None).await;
    ben.ask(crate::arena::join(code));
    let mut players = [ann, ben];
    play(&mut players, 0, 4).await;
    store.fail(true);
    players[0].ask(mv(4, 6));
    while players[1].event().await != Event::NotSaving {}
    let begun = std::time::Instant::now();
    let lasts = Duration::from_secs(3);
    while begun.elapsed() < lasts {
        // Both answer pings.
        let [ann, ben] = &mut players;
        let _events = tokio::join!(
            timeout(Duration::from_millis(100), ann.event()),
            timeout(Duration::from_millis(100), ben.event())
        );
    }
    store.fail(false);
    let seen = players[1].sees(5).await;
    let left = seen.clocks.unwrap().left_millis;
    assert!(left.guest > 59_000, "{left:?}");
}

/// A disk that can be full: a small file system that the environment names (`cargo xtask store` makes one), or else a limit
/// on the size of files.
enum Disk {
    Small(PathBuf),
    Limited(tempfile::TempDir),
}

impl Disk {
    fn new() -> Self {
        std::env::var_os("OXO_STORE_DISK")
            .map_or_else(|| Self::Limited(tempfile::tempdir().unwrap()), |disk| Self::Small(disk.into()))
    }

    fn folder(&self) -> PathBuf {
        match self {
            Self::Small(disk) => disk.join("oxo"),
            Self::Limited(folder) => folder.path().into(),
        }
    }

    fn fill(&self, program: &Program) {
        match self {
            Self::Small(disk) => {
                let mut filler = fs::File::create(disk.join("filler")).unwrap();
                while filler.write_all(&[0; 512]).is_ok() {}
            }
            Self::Limited(_) => limit(program, Some(0)),
        }
    }

    fn free(&self, program: &Program) {
        match self {
            Self::Small(disk) => fs::remove_file(disk.join("filler")).unwrap(),
            Self::Limited(_) => limit(program, None),
        }
    }
}

fn limit(program: &Program, current: Option<u64>) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Fsize);
    let pid = Pid::from_child(&program.child);
    prlimit(Some(pid), Resource::Fsize, Rlimit { current: current.or(maximum), maximum }).unwrap();
}

#[tokio::test]
async fn a_full_disk_is_told_in_words_and_the_match_goes_on_when_there_is_room() {
    let disk = Disk::new();
    let mut program = Program::spawn(command("127.0.0.1:0", &disk.folder()).stderr(Stdio::piped()));
    let mut log = BufReader::new(program.child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut players = seated(program.addr, [Transport::Tcp, Transport::Udp]).await;
    play(&mut players, 0, 4).await;
    disk.fill(&program);
    // What is still free in the log takes some moves; then one is not told.
    let mut match_number = 1;
    let mut told = (1, 4);
    while play_on(&mut players, match_number, &mut told).await {
        match_number += 1;
    }
    let line = log.by_ref().find(|line| line.contains("games cannot be saved")).unwrap();
    assert!(line.contains("cannot use the database"), "{line}");
    disk.free(&program);
    let end = log.by_ref().find(|line| line.contains("games are saved again")).unwrap();
    assert!(!end.contains("cannot"), "{end}");
    // The move that was held is told now, and was not lost.
    let [ann, ben] = &mut players;
    for player in [ann, ben] {
        let seen = snapshot(player).await;
        assert!((seen.match_number, seen.record.moves().len()) > told, "{told:?} was told before");
    }
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    let program = start(&disk.folder());
    let mut players = back(&program, &players).await;
    let seen = snapshot(&mut players[0]).await;
    assert!((seen.match_number, seen.record.moves().len()) > told, "{told:?} was told");
}

/// Plays a match from where it stands, and asks for the next one; `false` once the server cannot save.
async fn play_on(players: &mut [Player; 2], match_number: u32, told: &mut (u32, usize)) -> bool {
    const DRAW: [u8; 9] = [1, 3, 2, 4, 6, 5, 7, 8, 9];
    let from = if match_number == told.0 { told.1 } else { 0 };
    for (ply, digit) in (0..).zip(DRAW).skip(from) {
        let mover = usize::from(ply % 2 != 0) ^ usize::from(match_number.is_multiple_of(2));
        let cell = Cell::from_numpad(digit).unwrap();
        players[mover].ask(Ask::Play { match_number, branch: 0, ply, cell });
        if !both_see(players, (match_number, usize::from(ply) + 1), told).await {
            return false;
        }
    }
    for player in &mut *players {
        player.ask(Ask::Rematch { match_number });
    }
    both_see(players, (match_number + 1, 0), told).await
}

/// Waits until both see as many moves of a match; `false` if the server cannot save.
async fn both_see(players: &mut [Player; 2], awaited: (u32, usize), told: &mut (u32, usize)) -> bool {
    let mut is_saving = true;
    for player in players {
        loop {
            match player.event().await {
                Event::NotSaving => {
                    is_saving = false;
                    break;
                }
                Event::Snapshot(seen) => {
                    let seen = (seen.match_number, seen.record.moves().len());
                    *told = (*told).max(seen);
                    if seen == awaited {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    is_saving
}

#[tokio::test]
async fn matches_are_printed_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let program = start(folder.path());
    let mut players = seated(program.addr, [Transport::Tcp, Transport::Tcp]).await;
    play(&mut players, 0, 9).await;
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_oxo-server"))
            .args(args)
            .arg("--data-dir")
            .arg(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&["matches"]);
    assert!(text.ends_with("ann v. ben: a draw, on the board, 9 moves (3x3, no clock)\n"), "{text}");
    let line: serde_json::Value = serde_json::from_str(&run(&["matches", "--json"])).unwrap();
    assert_eq!((&line["names"]["host"], &line["winner"]), (&"ann".into(), &serde_json::Value::Null));
    assert_eq!(line["record"]["moves"].as_array().unwrap().len(), 9);
    assert_eq!(line["took_millis"].as_array().unwrap().len(), 9);
    let csv = run(&["matches", "--csv", "--since", "7d", "--player", "ANN"]);
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(csv.lines().nth(1).unwrap().contains("\"ann\",\"ben\",\"ann\",\"\",\"on the board\""), "{csv}");
    assert_eq!(run(&["matches", "--player", "cyd"]), "");
}

/// The commands of `docs/OPERATING.md` do what it says, also with a newer database in the place of the old one.
#[cfg(unix)]
#[tokio::test]
async fn a_backup_is_made_and_restored_by_the_commands_of_the_document() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".local/state/oxo/server");
    let programs = home.path().join("bin");
    fs::create_dir_all(&programs).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_oxo-server"), programs.join("oxo-server")).unwrap();
    fs::create_dir(home.path().join("backup")).unwrap();
    let run_block_after = |words: &str| {
        let (_, rest) = include_str!("../../../../docs/OPERATING.md").split_once(words).unwrap();
        let (block, _) = rest.strip_prefix("\n\n```console\n").unwrap().split_once("\n```").unwrap();
        for command in block.lines().map(|line| line.strip_prefix("$ ").unwrap()) {
            let command = command.replace("/srv", home.path().to_str().unwrap());
            let path = format!("{}:/usr/bin:/bin", programs.display());
            let mut shell = Command::new("sh");
            shell
                .args(["-ec", &command])
                .env("HOME", home.path())
                .env("PATH", path)
                .env_remove("XDG_STATE_HOME");
            let output = shell.output().unwrap();
            assert!(output.status.success(), "{command}: {output:?}");
        }
    };

    let program = start(&folder);
    let mut players = seated(program.addr, [Transport::Tcp, Transport::Tcp]).await;
    play(&mut players, 0, 9).await;
    run_block_after("To back it up, also while the server runs:");
    // Another match, of which the backup knows nothing.
    let mut players = seated(program.addr, [Transport::Tcp, Transport::Tcp]).await;
    play(&mut players, 0, 9).await;
    drop(program);
    assert_eq!(matches(&folder, &Wanted::default()).len(), 2);
    run_block_after("To restore it while the server is stopped:");
    assert_eq!(matches(&folder, &Wanted::default()).len(), 1);
    drop(start(&folder));
}

/// Names are data: what is in a file goes to nobody's terminal before it was parsed.
#[tokio::test]
async fn a_name_that_would_steer_a_terminal_is_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let program = start(folder.path());
    let mut players = seated(program.addr, [Transport::Tcp, Transport::Tcp]).await;
    play(&mut players, 0, 9).await;
    drop(program);
    let connection = rusqlite::Connection::open(folder.path().join("oxo.db")).unwrap();
    connection
        .execute_batch("UPDATE matches SET record = replace(record, '\"ann\"', '\"\\u001b[2Jx\"')")
        .unwrap();
    let found = read_matches(folder.path(), &Wanted::default(), |_| true);
    assert!(matches!(found, Err(StoreError::Damaged { .. })), "{found:?}");
    assert!(!found.unwrap_err().to_string().contains('\u{1b}'));
}

/// The database that version 1 of the format has written, with one room and one finished match.
#[test]
fn a_database_of_every_version_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/store-1.db");
    fs::copy(data, folder.path().join("oxo.db")).unwrap();
    let rooms = opened(folder.path()).load().unwrap();
    let [KeptRoom { code, record, seats, phase, .. }] = &rooms[..] else { panic!("{rooms:?}") };
    assert_eq!((record.moves().len(), *phase), (4, Phase::Playing), "{code}");
    assert!(matches!((&seats.host.hold, &seats.guest.hold), (Hold::Here(_), Hold::Here(_))));
    assert_eq!(matches(folder.path(), &Wanted::default()), ["ann ben 9"]);
    let recent = Wanted { since: Some(Duration::from_secs(1)), ..Wanted::default() };
    assert!(matches(folder.path(), &recent).is_empty(), "{:?}", SystemTime::now());
}
