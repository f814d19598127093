//! The programs for Windows, run by wine in the chroot.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::debian::{Debian, FOLDER, PACKAGES, WINDOWS};
use crate::{lan, netns, shell};

/// Runs the tests, and then matches between the two systems.
pub(super) fn run(debian: &Debian, here: &Path) -> anyhow::Result<()> {
    netns::prepare()?;
    debian.install("wine", &["wine", "wine64"])?;
    let runner = format!("CARGO_TARGET_{}_RUNNER", WINDOWS.replace('-', "_").to_uppercase());
    prepare_wine(debian, here)?;
    let test = |what: &[&str], names: &[&str]| {
        let mut tests = debian.cargo(here, &["test", "--locked", "--target", WINDOWS, "--no-fail-fast"]);
        let skipped = WINES_FAULTS.map(|test| format!("--skip={test}"));
        shell::run(tests.args(what).env(&runner, "/wine/run").arg("--").args(names).args(skipped))
    };
    let packages = PACKAGES.map(|package| format!("--package={package}"));
    let units: Vec<&str> = packages.iter().map(String::as_str).chain(["--lib", "--bins"]).collect();
    test(&units, &[])?;
    // Peers that do not read: another bound holds there.
    test(&["--package=server", "--test=it"], &["does_not_read"])?;
    debian.build_windows(here)?;
    let mut example = debian.cargo(here, &["build", "--locked", "--release", "--target", WINDOWS]);
    shell::run(example.args(["--package=net", "--example=upper_echo"]))?;
    lan::meet_windows(&programs(debian, here)?)
}

/// Makes a Windows to copy, and ends its server, which would keep the network that it was started in.
fn prepare_wine(debian: &Debian, here: &Path) -> anyhow::Result<()> {
    let script = "rm -rf /wine; mkdir /wine; wineboot --init; /usr/lib/*/wine/wineserver --wait; rm -f $WINEPREFIX/wineserver; \
        printf %s \"$0\" >/wine/run; chmod +x /wine/run";
    let mut prepare = debian.command(here, "sh");
    prepare.env("WINEDEBUG", "-all").env("WINEPREFIX", "/wine/new");
    shell::output(prepare.args(["-ec", script, WINE])).map(drop)
}

/// Makes a folder with a command for each program, by the names that they have here.
fn programs(debian: &Debian, here: &Path) -> anyhow::Result<PathBuf> {
    let folder = here.join(FOLDER).join("programs");
    fs::create_dir_all(&folder)?;
    for (name, program) in PROGRAMS {
        let built = Path::new("/work").join(FOLDER).join("build").join(WINDOWS).join("release").join(program);
        let command = debian.words(here, &["/wine/run", &built.display().to_string()]);
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\nexec {command} \"$@\"\n"))?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).context("cannot make a command")?;
    }
    Ok(folder)
}

/// The command in the chroot that runs a program for Windows.
const WINE: &str = include_str!("wine.sh");

/// The commands, and the files of their programs.
const PROGRAMS: [(&str, &str); 3] =
    [("oxo", "oxo.exe"), ("oxo-server", "oxo-server.exe"), ("upper_echo", "examples/upper_echo.exe")];

/// Tests that fail by the fault of wine, by parts of their names.
const WINES_FAULTS: [&str; 13] = [
    // quinn-udp asks a socket of IPv4 for an option of IPv6, which Windows has and wine 10 has not.
    "a_server_over_udp_is_asked_without_a_link",
    "the_last_of_sixteen_addresses_answers_before_the_first_is_given_up",
    "a_socket_that_stays_readable",
    "udp::probe::tests",
    "a_watcher_who_does_not_read_over_udp",
    // It gives every socket a receive buffer of 64 KiB at least, which holds all that these do not read.
    "a_watcher_who_does_not_read_over_tcp",
    "a_socket_that_does_not_read",
    // It has no number of an interface for IPv6 (`Ipv6IfIndex`).
    "a_link_local_address_of_ours_needs_no_scope",
    "a_link_local_address_is_reached_by_the_name_of_its_interface",
    "every_interface_of_this_machine_is_found_by_name_and_number",
    // Its time limit of 5 s may end two milliseconds early.
    "a_server_that_pings_and_never_welcomes_is_given_up",
    // A file that is removed keeps its name as long as it is open, as on Windows before 10.
    "a_file_that_is_removed_before_it_is_locked_is_not_kept",
    "runs_that_start_meanwhile_take_no_seat",
];
