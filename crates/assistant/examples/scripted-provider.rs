//! Serves the scripted provider of `assistant::scripted`, whose documentation lists the words that a question may hold:
//!
//! `cargo run -p assistant --example scripted-provider -- --listen 127.0.0.1:7799 --log requests.ndjson`
//!
//! `--script FILE` holds what is said to a question without a word. Prints its address once it listens.

use assistant::scripted::{Options, ScriptedProvider};
use std::{env, fs, process::ExitCode, thread};

const USAGE: &str = "usage: scripted-provider [--listen ADDRESS:PORT] [--script FILE] [--log FILE]";

fn main() -> ExitCode {
    let started = options()
        .and_then(|options| ScriptedProvider::start_with(options).map_err(|error| format!("cannot start: {error}")));
    match started {
        Ok(provider) => {
            println!("{}", provider.url());
            loop {
                thread::park();
            }
        }
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} takes a value"))?;
        match name.as_str() {
            "--listen" => options.listen = Some(value.parse().map_err(|error| format!("{value}: {error}"))?),
            "--script" => {
                options.answer =
                    Some(fs::read_to_string(&value).map_err(|error| format!("cannot read {value}: {error}"))?);
            }
            "--log" => options.log = Some(value.into()),
            _ => return Err(format!("{name} is no option")),
        }
    }
    Ok(options)
}
