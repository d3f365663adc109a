//! Runs commands so that a person sees what happens: a title, the elapsed time, a sign of life while it takes long, and the output
//! only when it is of use, which is when the command failed.

use std::fmt;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::workspace;

/// Why a task could not be done, in words for the person who typed the command.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// The result of a task or of a part of it.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Says what could not be done with which file.
pub(crate) trait IoContext<T> {
    /// Turns an I/O error into a sentence: "cannot {act} {path}: {error}".
    fn or_cannot(self, act: &str, path: &Path) -> Result<T>;
}

impl<T> IoContext<T> for std::io::Result<T> {
    fn or_cannot(self, act: &str, path: &Path) -> Result<T> {
        self.map_err(|error| Failure::new(format!("cannot {act} {}: {error}", path.display())))
    }
}

/// The cargo that runs this task, so that the toolchain stays the same.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// How long a step may be silent before a line says that it is still at work (where lines cannot be overwritten).
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// How much of the output of a failed command is shown; the beginning of a long one is seldom what explains the failure.
const SHOWN_LINES: usize = 200;

/// What a finished command printed.
pub(crate) struct Finished {
    status: ExitStatus,
    lines: Vec<String>,
}

impl Finished {
    pub(crate) fn success(&self) -> bool {
        self.status.success()
    }

    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }
}

/// Runs a command under a title. Its output is shown when it fails.
///
/// # Errors
/// When the command cannot be started or ends with something else than 0.
pub(crate) fn step(title: &str, command: &mut Command) -> Result<()> {
    let finished = observe(title, command)?;
    if finished.success() {
        return Ok(());
    }
    show_failure(title, finished.lines());
    Err(Failure::new(format!("{title}: `{}` ended with {}", shown(command), finished.status)))
}

/// Runs a command under a title and hands back what it printed, whether it failed or not.
///
/// # Errors
/// When the command cannot be started.
pub(crate) fn observe(title: &str, command: &mut Command) -> Result<Finished> {
    let mut progress = Progress::start(title);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::new(format!("cannot start `{}`: {error}", shown(command))))?;

    // Both streams into one list, in the order in which their lines arrive. The channel closes when both are at their end.
    let (sender, receiver) = mpsc::channel();
    let out = child.stdout.take().map(|stream| forward(stream, sender.clone()));
    let err = child.stderr.take().map(|stream| forward(stream, sender.clone()));
    drop(sender);

    let mut lines: Vec<String> = Vec::new();
    loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => lines.push(line),
            Err(RecvTimeoutError::Timeout) => progress.still_at_work(lines.last().map_or("", String::as_str)),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    for reader in [out, err].into_iter().flatten() {
        // A reader only ends early when its stream is broken; the exit status then says more than the missing lines.
        let _ = reader.join();
    }
    let status = child.wait().map_err(|error| Failure::new(format!("lost sight of `{}`: {error}", shown(command))))?;
    progress.finish(status.success());
    Ok(Finished { status, lines })
}

/// Runs a command silently and hands back its standard output.
///
/// # Errors
/// When the command cannot be started or fails; the message carries what it printed on standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::new(format!("cannot start `{}`: {error}", shown(command))))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!(
            "`{}` ended with {}\n{}",
            shown(command),
            output.status,
            complaint.trim_end()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a command can be started and ends with 0. Prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Prints the end of a failed command's output, indented, so that it cannot be taken for xtask's own words. Where that is not all of it,
/// the whole is left in a file.
pub(crate) fn show_failure(title: &str, lines: &[String]) {
    let skipped = lines.len().saturating_sub(SHOWN_LINES);
    if skipped > 0 {
        let log = workspace::notes_dir().join(format!("{}.log", title.replace(' ', "-")));
        let written =
            std::fs::create_dir_all(workspace::notes_dir()).and_then(|()| std::fs::write(&log, lines.join("\n")));
        let place = if written.is_ok() { format!(", all in {}", log.display()) } else { String::new() };
        println!("      … {skipped} lines before{place}");
    }
    for line in &lines[skipped..] {
        println!("      {line}");
    }
}

/// A duration as people read it: `0.4 s`, `12.3 s`, `3 min 5 s`.
pub(crate) fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 100 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn forward(stream: impl Read + Send + 'static, sender: mpsc::Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n') {
            let Ok(line) = line else { break };
            if sender.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                break;
            }
        }
    })
}

/// The line on the screen that belongs to one step.
pub(crate) struct Progress {
    title: String,
    started_at: Instant,
    last_sign_at: Instant,
    /// On a terminal the line is overwritten in place; in a log each sign of life is a line of its own.
    in_place: bool,
}

impl Progress {
    pub(crate) fn start(title: &str) -> Self {
        let now = Instant::now();
        let progress = Self {
            title: title.to_owned(),
            started_at: now,
            last_sign_at: now,
            in_place: std::io::stdout().is_terminal(),
        };
        if progress.in_place {
            print!("  …    {title}");
            let _ = std::io::stdout().flush();
        }
        progress
    }

    fn still_at_work(&mut self, last_line: &str) {
        let elapsed = human(self.started_at.elapsed());
        if self.in_place {
            let last_line: String = last_line.trim().chars().take(60).collect();
            print!("\r\x1b[2K  …    {} ({elapsed}) \x1b[2m{last_line}\x1b[0m", self.title);
            // Nothing is lost when a progress line cannot be shown.
            let _ = std::io::stdout().flush();
        } else if self.last_sign_at.elapsed() >= SIGN_OF_LIFE {
            self.last_sign_at = Instant::now();
            println!("  …    {} ({elapsed}) {}", self.title, last_line.trim());
        }
    }

    pub(crate) fn finish(self, success: bool) {
        let clear = if self.in_place { "\r\x1b[2K" } else { "" };
        let mark = if success { "ok" } else { "FAIL" };
        println!("{clear}  {mark:<4} {} ({})", self.title, human(self.started_at.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_streams_of_a_failed_command_are_kept() {
        let finished =
            observe("a step that fails", &mut sh("echo on out; echo on err >&2; exit 3")).expect("sh starts");
        assert!(!finished.success());
        let mut lines = finished.lines().to_vec();
        lines.sort();
        assert_eq!(lines, ["on err", "on out"]);
    }

    #[test]
    fn a_failed_step_names_its_title_and_its_status() {
        let failure = step("count to three", &mut sh("exit 3")).expect_err("exit 3 is a failure");
        assert!(failure.to_string().contains("count to three"), "{failure}");
        assert!(failure.to_string().contains("exit status: 3"), "{failure}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = output(&mut Command::new("no-such-program-anywhere")).expect_err("it does not exist");
        assert!(failure.to_string().contains("no-such-program-anywhere"), "{failure}");
    }

    #[test]
    fn durations_are_read_by_people() {
        assert_eq!(human(Duration::from_millis(440)), "0.4 s");
        assert_eq!(human(Duration::from_secs(185)), "3 min 5 s");
    }
}
