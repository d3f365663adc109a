use super::{
    containers::tests::{FakeEngine, VERSION},
    *,
};
use crate::{
    spool::{Limits, Spool},
    token::Token,
};
use shared::{HostId, report::HostIdentity};
use std::{fs, path::Path, thread};
use uuid::Uuid;

fn outbox(dir: &Path) -> Arc<Outbox> {
    let text = String::new;
    let host = HostIdentity {
        id: HostId::from_uuid(Uuid::from_u128(7)),
        name: "h".to_owned(),
        os: text(),
        kernel: text(),
        cpu_model: text(),
        cpu_cores: 1,
        agent_version: text(),
    };
    Outbox::new(Spool::open(&dir.join("spool"), Limits::default()).expect("the spool opens"), host)
}

#[test]
fn a_look_is_of_the_token_that_there_was_at_its_beginning() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("token");
    fs::write(&path, "bh_agt_a").expect("written");
    let replaced = path.clone();
    let engine = FakeEngine::start(move |asked| match asked {
        "/version" => {
            // The token is replaced while the engine is asked.
            fs::write(&replaced, "bh_agt_b").expect("written");
            Some(VERSION.to_owned())
        }
        _ => Some("[]".to_owned()),
    });
    let outbox = outbox(dir.path());
    let (stop, stopped) = oneshot::channel();
    let looking = {
        let places = Places { engine: engine.place(), hypervisor: HypervisorPlace::Nowhere };
        let (outbox, token) = (Arc::clone(&outbox), TokenSource::File(path));
        thread::spawn(move || Lookout::new(places).expect("a runtime").keep_looking(&outbox, &token, stopped))
    };
    let mark = Token::parse("bh_agt_a").expect("a token").mark();
    let deadline = Instant::now() + Duration::from_secs(30);
    // What is of another token is dropped by this, and would never come.
    while outbox.inventory().take(mark).is_none() {
        assert!(Instant::now() < deadline, "what was found does not come");
        thread::yield_now();
    }
    drop(stop);
    looking.join().expect("it ends when it is told to");
}

#[test]
fn where_nothing_is_found_nothing_is_sent() {
    let places = Places { engine: EnginePlace::Nowhere, hypervisor: HypervisorPlace::Nowhere };
    let mut lookout = Lookout::new(places).expect("a runtime");
    assert_eq!(lookout.look().inventory(1), None);
    // An engine without containers is something that was found.
    let engine = FakeEngine::start(|asked| Some(if asked == "/version" { VERSION } else { "[]" }.to_owned()));
    let places = Places { engine: engine.place(), hypervisor: HypervisorPlace::At("test:///\u{0}".to_owned()) };
    let found = Lookout::new(places).expect("a runtime").look().inventory(5).expect("an engine");
    assert_eq!((found.taken_at, found.containers.map(|found| found.items.len())), (5, Some(0)));
    assert_eq!(found.guests, None, "what fails on one side costs nothing on the other");
}

#[test]
fn what_is_there_twice_is_told_once() {
    let mut items: Vec<_> = ["a", "b", "a", "c"].map(str::to_owned).into();
    each_once(&mut items, |item| item);
    assert_eq!(items, ["a", "b", "c"]);
    assert_eq!([left_out(3, 5), left_out(7, 5), left_out(usize::MAX, 5)], [0, 2, 1_000_000]);
}
