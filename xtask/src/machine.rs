//! On which machine and from which sources the figures come.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::shell;
use crate::workspace;

/// A machine in words. What cannot be found out is left empty.
#[derive(Default)]
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    memory_mb: u64,
    kernel: String,
    filesystem: String,
    rustc: String,
    commit: String,
}

pub(crate) fn describe(data_dir: &Path) -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let ask = |command: &mut Command| shell::output(command).unwrap_or_default().trim().to_owned();
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--abbrev=12", "--dirty=+changes"]).current_dir(workspace::root());
    Machine {
        cpu: field(&read("/proc/cpuinfo"), "model name").unwrap_or_default(),
        cores: thread::available_parallelism().map_or(0, usize::from),
        memory_mb: field(&read("/proc/meminfo"), "MemTotal")
            .and_then(|total| total.strip_suffix(" kB")?.parse::<u64>().ok())
            .map_or(0, |kib| kib * 1_024 / 1_000_000),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        filesystem: ask(Command::new("stat").args(["-f", "-c", "%T"]).arg(data_dir)),
        rustc: ask(Command::new("rustc").arg("--version").current_dir(workspace::root())),
        commit: ask(&mut git),
    }
}

impl Machine {
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        vec![
            ("cpu", self.cpu.clone()),
            ("cores", self.cores.to_string()),
            ("memory", format!("{} MB", self.memory_mb)),
            ("kernel", self.kernel.clone()),
            ("filesystem", self.filesystem.clone()),
            ("rustc", self.rustc.clone()),
            ("commit", self.commit.clone()),
        ]
    }
}

/// The value of the first line `key : value`.
fn field(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == key).then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_the_kernels_tables_is_found() {
        let text = "processor\t: 0\nmodel name\t: A CPU @ 2.4 GHz: fast\nmodel name\t: another\n";
        assert_eq!(field(text, "model name").as_deref(), Some("A CPU @ 2.4 GHz: fast"));
        assert_eq!(field(text, "MemTotal"), None);
    }
}
