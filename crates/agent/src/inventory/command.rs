//! A command that ends in bounded time with bounded output.

use std::{io, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time::timeout,
};

/// Most bytes of complaints that are read.
const MOST_COMPLAINTS: u64 = 64 << 10;

/// What a command wrote.
#[derive(Debug)]
pub(super) struct Output {
    /// Whether it says that it succeeded.
    pub(super) is_success: bool,
    /// What it wrote.
    pub(super) text: String,
    /// What it complained of.
    pub(super) complaints: String,
}

/// A command that did not get to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// It cannot be started.
    #[error("cannot start it: {0}")]
    Start(#[source] io::Error),
    /// It takes too long.
    #[error("it does not answer in time")]
    Late,
    /// It writes more than is read.
    #[error("it writes more than {0} bytes")]
    TooMuch(u64),
    /// What it writes cannot be read.
    #[error("cannot read what it writes: {0}")]
    Read(#[source] io::Error),
}

/// Runs a program with arguments, which no shell sees, and in English. It is ended when it takes longer than `longest`,
/// and when the future is dropped.
///
/// # Errors
/// When it cannot be started, takes too long or writes more than `most` bytes.
pub(super) async fn run(program: &str, args: &[&str], longest: Duration, most: u64) -> Result<Output, CommandError> {
    let mut child = Command::new(program)
        .args(args)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(CommandError::Start)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let whole = async {
        // Both at once: a pipe that nobody reads stops the command.
        let (text, complaints) = tokio::try_join!(read(stdout, most + 1), read(stderr, MOST_COMPLAINTS))?;
        if text.len() as u64 > most {
            return Err(CommandError::TooMuch(most));
        }
        let is_success = child.wait().await.map_err(CommandError::Read)?.success();
        Ok(Output { is_success, text: lossy(&text), complaints: lossy(&complaints) })
    };
    timeout(longest, whole).await.unwrap_or(Err(CommandError::Late))
}

async fn read(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(most).read_to_end(&mut bytes).await.map_err(CommandError::Read)?;
    }
    Ok(bytes)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_now(args: &[&str], longest: Duration, most: u64) -> Result<Output, CommandError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(run("sh", args, longest, most))
    }

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn both_outputs_and_the_end_are_told() {
        let output = run_now(&["-c", "echo $LC_ALL; echo no >&2; exit 3"], PATIENCE, 100).expect("it ends");
        assert_eq!((output.is_success, output.text.as_str(), output.complaints.as_str()), (false, "C\n", "no\n"));
    }

    #[test]
    fn a_command_that_hangs_or_never_stops_writing_is_ended() {
        let late = run_now(&["-c", "exec sleep 1000"], Duration::from_millis(50), 100).expect_err("it hangs");
        assert!(matches!(late, CommandError::Late), "{late}");
        let endless = run_now(&["-c", "exec yes"], PATIENCE, 1_000).expect_err("it does not stop");
        assert!(matches!(endless, CommandError::TooMuch(1_000)), "{endless}");
    }

    #[test]
    fn a_program_that_is_missing_is_said() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let missing = runtime.block_on(run("/no/such/program", &[], PATIENCE, 1)).expect_err("missing");
        assert!(matches!(missing, CommandError::Start(_)), "{missing}");
    }
}
