//! `tshark` with the dissector and with nobody's settings.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use tempfile::TempDir;

/// The dissector, from the workspace's root.
const DISSECTOR: &str = "assets/wireshark/oxo.lua";

/// Seconds that one capture may take: all take less than one, unless the dissector does not end.
const TIMEOUT: &str = "60";

/// A `tshark` that has a home of its own, so that no plugin or setting of its user is there.
#[derive(Debug)]
pub(super) struct Tshark {
    home: TempDir,
}

impl Tshark {
    /// Makes the home.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { home: tempfile::tempdir().context("cannot make a home for tshark")? })
    }

    /// Reads a capture, and returns what is printed, line by line.
    ///
    /// # Errors
    ///
    /// Says what tshark or Lua complained of.
    pub(super) fn read(&self, file: &Path, arguments: &[&str]) -> anyhow::Result<Vec<String>> {
        let file = file.to_str().context("a path is UTF-8")?;
        self.run(&[&["-X", &format!("lua_script:{DISSECTOR}"), "-n", "-r", file], arguments].concat())
    }

    /// Reads a capture, and returns these fields of the packets that a filter lets through.
    ///
    /// # Errors
    ///
    /// Says what tshark or Lua complained of.
    pub(super) fn fields(
        &self,
        file: &Path,
        filter: &str,
        fields: &[&str],
    ) -> anyhow::Result<Vec<Vec<String>>> {
        let mut arguments = vec!["-Y", filter, "-T", "fields"];
        arguments.extend(fields.iter().flat_map(|field| ["-e", field]));
        let lines = self.read(file, &arguments)?;
        Ok(lines.iter().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
    }

    /// The names of the fields that the dissector has.
    ///
    /// # Errors
    ///
    /// Says what tshark or Lua complained of.
    pub(super) fn declared(&self) -> anyhow::Result<Vec<String>> {
        let lines = self.run(&["-G", "fields", "-X", &format!("lua_script:{DISSECTOR}")])?;
        let fields = lines.iter().filter_map(|line| line.strip_prefix("F\t")?.split('\t').nth(1));
        Ok(fields.filter(|field| field.starts_with("oxo.")).map(str::to_owned).collect())
    }

    fn run(&self, arguments: &[&str]) -> anyhow::Result<Vec<String>> {
        let mut command = Command::new("timeout");
        command.args([TIMEOUT, "tshark"]).args(arguments);
        command.env("HOME", self.home.path()).env("WIRESHARK_CONFIG_DIR", self.home.path());
        command.env("LC_ALL", "C.UTF-8");
        let output = command.output().context("cannot start tshark")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        let line = format!("tshark {}", arguments.join(" "));
        ensure!(output.status.success(), "`{line}` failed ({}): {}", output.status, complaint.trim());
        let printed = String::from_utf8_lossy(&output.stdout);
        let shown = printed.lines().find(|line| line.contains("Lua Error:"));
        let said = complaint.lines().find(|line| line.contains("Lua"));
        if let Some(error) = shown.or(said) {
            bail!("`{line}`: {}", error.trim());
        }
        Ok(printed.lines().map(str::to_owned).collect())
    }
}
