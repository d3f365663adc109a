//! Against an engine of a few lines, which answers what no engine can be made to answer.

use super::*;
use shared::inventory::ContainerState;
use std::{
    io::{BufRead, BufReader, Write},
    ops::Range,
    os::unix::net::{UnixListener, UnixStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

pub(in super::super) struct FakeEngine {
    dir: tempfile::TempDir,
}

impl FakeEngine {
    /// An engine that answers a path with a body, or never.
    pub(in super::super) fn start(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let listener = UnixListener::bind(dir.path().join("socket")).expect("bound");
        thread::spawn(move || {
            // Connections that are never answered stay open.
            let mut open = Vec::new();
            for mut stream in listener.incoming().flatten() {
                let Some(path) = path_of(&stream) else { continue };
                if let Some(body) = answer(&path) {
                    let head =
                        format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
                } else {
                    open.push(stream);
                }
            }
        });
        Self { dir }
    }

    pub(in super::super) fn place(&self) -> EnginePlace {
        EnginePlace::At(self.dir.path().join("socket"))
    }

    fn engine(&self) -> Engine {
        Engine::new(self.place())
    }
}

/// What is asked for; none where the other end only knocked.
fn path_of(stream: &UnixStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    first.split(' ').nth(1).map(str::to_owned)
}

fn look(engine: &mut Engine, longest: Duration) -> Result<Option<FoundContainers>, EngineError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(engine.look(Instant::now() + longest))
}

fn found(engine: &mut Engine, longest: Duration) -> FoundContainers {
    look(engine, longest).expect("it answers").expect("an engine")
}

const PATIENCE: Duration = Duration::from_secs(30);
pub(in super::super) const VERSION: &str = r#"{"Version":"1","ApiVersion":"1.41"}"#;

/// Containers that have ended, the last by name first.
fn list_of(ids: Range<usize>) -> String {
    let item = |id: usize| format!(r#"{{"Id":"{id}","Names":["/n{id:05}"],"State":"exited"}}"#);
    let items: Vec<_> = ids.rev().map(item).collect();
    format!("[{}]", items.join(","))
}

#[test]
fn a_word_that_is_not_known_costs_nothing_but_itself() {
    let server = FakeEngine::start(|path| {
        Some(match path {
            "/version" => VERSION.to_owned(),
            path if path.starts_with("/containers/json") => {
                r#"[{"Id":"a","Names":["/one"],"State":"stopped"},{"Id":"b","Names":["/two"],"State":"running"},7]"#
                    .to_owned()
            }
            "/containers/a/json" => r#"{"State":{"Status":"stopped","ExitCode":3},"RestartCount":2}"#.to_owned(),
            _ => "{}".to_owned(),
        })
    });
    let found = found(&mut server.engine(), PATIENCE);
    let [one, two] = <[_; 2]>::try_from(found.items).expect("both");
    assert_eq!((one.state, one.exit_code, one.restarts), (ContainerState::Exited, Some(3), 2));
    assert_eq!((two.name.as_str(), two.state), ("two", ContainerState::Running));
}

#[test]
fn an_engine_that_hangs_is_left_in_time() {
    let server = FakeEngine::start(|_| None);
    let error = look(&mut server.engine(), Duration::from_millis(50)).expect_err("no list");
    assert!(matches!(error, EngineError::Late { .. }), "{error}");
}

#[test]
fn containers_that_hang_do_not_keep_the_others_from_being_told() {
    let exit_code = Arc::new(AtomicUsize::new(1));
    let told = Arc::clone(&exit_code);
    // The first ten by name hang: more than are looked at side by side.
    let server = FakeEngine::start(move |path| {
        let id = path.trim_start_matches("/containers/").split('/').next().unwrap_or_default();
        match path {
            "/version" => Some(VERSION.to_owned()),
            path if path.starts_with("/containers/json") => Some(list_of(10..30)),
            _ if id.starts_with('1') => None,
            _ => Some(format!(r#"{{"State":{{"Status":"exited","ExitCode":{}}}}}"#, told.load(Ordering::Relaxed))),
        }
    });
    let mut engine = Engine { longest_look: Duration::from_millis(400), ..server.engine() };
    let with = |found: &FoundContainers, code| found.items.iter().filter(|item| item.exit_code == Some(code)).count();
    let first = found(&mut engine, Duration::from_millis(50));
    assert_eq!((first.items.len(), with(&first, 1)), (20, 0), "there was no time for those behind");
    let second = found(&mut engine, PATIENCE);
    assert_eq!((second.items.len(), with(&second, 1)), (20, 10), "once the others were given up");
    exit_code.store(2, Ordering::Relaxed);
    let third = found(&mut engine, Duration::from_millis(350));
    assert_eq!((third.items.len(), with(&third, 2)), (20, 10), "those that hung are asked last");
}

#[test]
fn of_too_many_containers_the_first_by_name_are_told_and_the_rest_counted() {
    let server = FakeEngine::start(|path| {
        Some(match path {
            "/version" => VERSION.to_owned(),
            path if path.starts_with("/containers/json") => list_of(0..MAX_CONTAINERS + 7),
            _ => "{}".to_owned(),
        })
    });
    let found = found(&mut server.engine(), PATIENCE);
    assert_eq!((found.items.len(), found.left_out), (MAX_CONTAINERS, 7));
    assert_eq!(found.items.last().map(|item| item.name.as_str()), Some("n00999"));
}

#[test]
fn where_no_engine_is_nothing_is_told_and_where_one_should_be_it_is_missed() {
    let nowhere = look(&mut Engine::new(EnginePlace::Nowhere), PATIENCE).expect("no error");
    assert_eq!(nowhere, None);
    let missing = look(&mut Engine::new(EnginePlace::At("/no/such/socket".into())), PATIENCE).expect_err("missing");
    assert!(matches!(missing, EngineError::Missing { .. }), "{missing}");
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("socket");
    drop(UnixListener::bind(&path).expect("bound"));
    let dead = look(&mut Engine::new(EnginePlace::At(path)), PATIENCE).expect_err("nobody listens");
    assert!(matches!(dead, EngineError::Dead { .. }), "{dead}");
}
