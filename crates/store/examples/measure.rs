//! Prints how long the store's hot paths take: `cargo run --release -p store --example measure [postgres-app-url owner-url]`.
//!
//! The read path is what the list of hosts costs below HTTP: identify the session, enter, list 10 hosts. The write path
//! is reports acknowledged after the commit, from 10 and from 1,000 hosts, in one organization and in many.

use shared::{
    HostId, Role,
    report::{DiskCounters, Filesystem, HostIdentity, NetworkCounters, Report, ReportBatch},
    token::{NewToken, TokenKind},
};
use std::{
    sync::mpsc::channel,
    time::{Instant, SystemTime, UNIX_EPOCH},
};
use store::{Config, IngestWriter, NewOrgRecord, NewUser, OrgRef, Secret, Store, ValidBatch};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folder = tempfile::TempDir::new()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let config = match arguments.as_slice() {
        [app_url, owner_url] => {
            Config::Postgres { app_url: app_url.clone(), owner_url: Some(owner_url.clone()), pool_size: 8 }
        }
        _ => Config::Sqlite { data_dir: folder.path().to_owned(), max_open_orgs: 256 },
    };
    let store = Store::open(config)?;
    println!("backend {}", store.backend_name());
    let fixture = Fixture::build(&store)?;
    fixture.read(&store, 1)?;
    fixture.read(&store, 4)?;
    for (orgs, hosts) in [(1, 10), (1, 1_000), (100, 10)] {
        write(&store, orgs, hosts)?;
    }
    Ok(())
}

struct Fixture {
    secret: Secret,
    org: OrgRef,
}

impl Fixture {
    fn build(store: &Store) -> Result<Self, Failure> {
        let (token, slug, secret) = organization(store, "reader")?;
        let writer = IngestWriter::start(store.clone());
        send(store, &writer, &[token], 10, now()?)?;
        Ok(Self { secret, org: OrgRef::Slug(slug) })
    }

    fn read(&self, store: &Store, threads: u32) -> Result<(), Failure> {
        const ROUNDS: u32 = 20_000;
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..ROUNDS / threads).try_for_each(|_| self.read_once(store)).expect("it reads"));
            }
        });
        let each = started.elapsed() / ROUNDS;
        println!("identify + enter + list 10 hosts, {threads} thread(s): {each:?} each");
        let started = Instant::now();
        for _ in 0..ROUNDS {
            store.directory_version()?;
        }
        println!("directory_version: {:?}", started.elapsed() / ROUNDS);
        Ok(())
    }

    fn read_once(&self, store: &Store) -> Result<(), store::EnterError> {
        let who = store.directory().identify_session(&self.secret)?.ok_or(store::EnterError::NotFound)?;
        let scope = store.directory().enter::<authz::Viewer>(&who, &self.org)?;
        assert_eq!(store.org(&scope).list_hosts(100, None)?.items.len(), 10);
        Ok(())
    }
}

/// An organization with an agent's token, its slug, and a session of its owner.
fn organization(store: &Store, name: &str) -> Result<(String, String, Secret), Failure> {
    let (operator, email) = (store.operator("measuring"), format!("{name}@example.org"));
    let user =
        NewUser { email: email.clone(), name: name.to_owned(), password_hash: String::new(), is_operator: false };
    let user = operator.create_user(user)?;
    let new = NewOrgRecord { name: name.to_owned(), plan_key: "free".to_owned(), ..NewOrgRecord::default() };
    let org = operator.create_org(&email, new)?;
    let token = NewToken { name: name.to_owned(), kind: TokenKind::Agent, role: Role::Viewer, expires_in_s: None };
    let token = operator.create_token(&org.slug, token)?;
    let (_, secret) = store.directory().insert_session(user, "", 3600)?;
    Ok((token.secret, org.slug, secret))
}

fn write(store: &Store, orgs: usize, hosts: u128) -> Result<(), Failure> {
    let mut tokens = Vec::new();
    for number in 0..orgs {
        tokens.push(organization(store, &format!("writer{orgs}-{hosts}-{number}"))?.0);
    }
    let writer = IngestWriter::start(store.clone());
    let start = now()?;
    send(store, &writer, &tokens, hosts, start)?;
    let rounds = i64::try_from(20_000 / (tokens.len() as u128 * hosts)).unwrap_or(1).max(3);
    let started = Instant::now();
    for round in 1..=rounds {
        send(store, &writer, &tokens, hosts, start + round)?;
    }
    let reports = rounds as f64 * tokens.len() as f64 * hosts as f64;
    let per_second = reports / started.elapsed().as_secs_f64();
    println!("{orgs} organization(s) of {hosts} hosts: {per_second:.0} reports/s acknowledged after the commit");
    writer.stop();
    Ok(())
}

/// One report of each host, each with its token checked as the server does, and all acknowledged.
fn send(store: &Store, writer: &IngestWriter, tokens: &[String], hosts: u128, at: i64) -> Result<(), Failure> {
    let (sender, receiver) = channel();
    for number in 0..hosts {
        for token in tokens {
            let who = store.directory().identify_token(token)?.ok_or("the token works")?;
            let scope = store.directory().enter_ingest(&who)?;
            let id = HostId::from_uuid(uuid::Uuid::from_u128(number));
            let (batch, _) = ValidBatch::new(batch(id, at), now()?).map_err(|errors| format!("{errors:?}"))?;
            let sender = sender.clone();
            writer.submit(scope, batch, move |answer| {
                let _ = sender.send(answer.is_ok());
            });
        }
    }
    drop(sender);
    if receiver.iter().all(|kept| kept) { Ok(()) } else { Err("a report was not kept".into()) }
}

fn now() -> Result<i64, Failure> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?)
}

fn batch(id: HostId, taken_at: i64) -> ReportBatch {
    let filesystem = |mount: &str| Filesystem {
        mount: mount.to_owned(),
        device: "/dev/sda1".to_owned(),
        kind: "ext4".to_owned(),
        total_bytes: 1_000_000,
        used_bytes: 400_000,
    };
    let report = Report {
        taken_at,
        uptime_s: 1_000,
        cpu_percent: Some(12.0),
        load: Some([0.1, 0.2, 0.3]),
        mem_total_bytes: Some(1 << 34),
        mem_used_bytes: Some(1 << 33),
        swap_total_bytes: Some(0),
        swap_used_bytes: Some(0),
        filesystems: ["/", "/home", "/var"].map(filesystem).to_vec(),
        disks: vec![DiskCounters { name: "sda".to_owned(), read_bytes: taken_at, written_bytes: taken_at }],
        networks: vec![NetworkCounters { name: "eth0".to_owned(), received_bytes: taken_at, sent_bytes: taken_at }],
        temperatures: Vec::new(),
    };
    let host = HostIdentity {
        id,
        name: format!("host-{}", id.as_uuid().as_u128()),
        os: "Debian GNU/Linux 12".to_owned(),
        kernel: "Linux 6.1".to_owned(),
        cpu_model: "A CPU".to_owned(),
        cpu_cores: 8,
        agent_version: "0.1.0".to_owned(),
    };
    ReportBatch { sent_at: taken_at, host, reports: vec![report], inventory: None }
}
