//! Other programs: each is shown before it runs, timed, and named when it fails.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};

/// A `cargo` that has yet to run.
///
/// It is looked up by name rather than taken from `$CARGO`: only rustup's proxy understands `+nightly`.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments);
    command
}

/// Runs `command` to its end; its output goes where our own goes.
///
/// # Errors
///
/// Names the command when it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = line(command);
    println!("$ {line}");
    let start = Instant::now();
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    println!("  took {:.1} s: {line}", start.elapsed().as_secs_f64());
    Ok(())
}

/// Runs `command` silently and returns its output; its standard error is part of ours when it fails.
///
/// # Errors
///
/// As for [`run`], and when the output is not UTF-8.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let line = line(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{line}` failed ({}): {}", output.status, said.trim());
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed what is not UTF-8"))
}

/// Installs the Debian package of each of these commands that does not exist.
///
/// # Errors
///
/// Names the missing packages when we are not root, and the command when `apt-get` fails.
pub(crate) fn ensure(commands: &[(&str, &str)]) -> anyhow::Result<()> {
    let missing = commands.iter().filter(|(command, _)| find(command).is_none());
    let mut packages: Vec<_> = missing.map(|&(_, package)| package).collect();
    packages.dedup();
    if packages.is_empty() {
        return Ok(());
    }
    let install = format!("apt-get install {}", packages.join(" "));
    if find("apt-get").is_none() || output(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!("this step needs programs that are not installed\nhint: as root, `{install}`");
    }
    run(Command::new("apt-get").arg("update"))?;
    run(Command::new("apt-get")
        .args(["install", "-y", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Installs a program of crates.io at this version, unless it is there in any.
///
/// # Errors
///
/// Names the command when cargo fails.
pub(crate) fn ensure_by_cargo(program: &str, version: &str) -> anyhow::Result<()> {
    if find(program).is_some() {
        return Ok(());
    }
    // Without optimization: it is run a few times, and built on every new machine.
    run(&mut cargo(&["install", program, "--debug", "--locked", "--version", version]))
}

/// The build directory, which holds this program, too.
pub(crate) fn target() -> anyhow::Result<PathBuf> {
    let own = env::current_exe().context("cannot tell where this program is")?;
    Ok(own.ancestors().nth(2).context("this program is in a directory of a profile")?.to_owned())
}

/// `PATH` with the programs and examples of this workspace before all others.
pub(crate) fn path() -> anyhow::Result<String> {
    let ours = target()?.join("debug");
    Ok(format!("{0}:{0}/examples:{1}", ours.display(), env::var("PATH")?))
}

/// The folder of cargo, in which its registry is.
pub(crate) fn cargo_home() -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// The file that `command` would start, looked up in `PATH`.
pub(crate) fn find(command: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(command)).find(|file| file.is_file())
}

/// `command` as one would type it, with the variables set for it alone.
fn line(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}='{}'", name.display(), value?.display())));
    let words = [command.get_program()].into_iter().chain(command.get_args());
    variables.chain(words.map(|word| word.display().to_string())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = cargo(&["doc", "--no-deps"]);
        command.env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(line(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
    }

    #[test]
    fn a_failed_command_is_named() {
        let error = run(Command::new("false").arg("on-purpose")).unwrap_err();
        assert_eq!(error.to_string(), "`false on-purpose` failed (exit status: 1)");
    }

    #[test]
    fn a_command_that_does_not_exist_is_named() {
        let error = output(&mut Command::new("no-such-command")).unwrap_err();
        assert_eq!(error.to_string(), "cannot start `no-such-command`");
    }

    #[test]
    fn output_is_returned_as_printed() {
        assert_eq!(output(Command::new("printf").arg("a\\nb\\n")).unwrap(), "a\nb\n");
    }

    #[test]
    fn a_command_is_found_in_the_path_or_not_at_all() {
        assert!(find("sh").is_some_and(|file| file.ends_with("sh")));
        assert_eq!(find("no-such-command"), None);
    }

    #[test]
    fn nothing_is_installed_for_a_command_that_exists() {
        ensure(&[("sh", "no-such-package")]).unwrap();
    }
}
