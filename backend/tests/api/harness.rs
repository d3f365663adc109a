//! A server for a test, and clients of every kind. A test reads: this caller asks for that and is answered so.

use crate::{
    http::{Client, Credential},
    postgres::Database,
};
use actix_web::{dev::ServerHandle, rt::System, web::Data};
use backend::{live, serve, settings::Settings, state::State, web_app::WebApp};
use shared::{
    ContainerId, GuestId, HostId, Micros, OrgId, Role, UserId,
    inventory::{
        ContainerHealth, ContainerPage, ContainerReport, ContainerState, FoundContainers, FoundGuests, GuestKind,
        GuestPage, GuestReport, GuestState, Inventory,
    },
    org::Org,
    report::{HostIdentity, Report, ReportBatch},
    token::{NewToken, TokenKind},
};
use std::{
    net::{SocketAddr, TcpListener},
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use store::{Config, NewOrgRecord, NewUser, Store};
use tempfile::TempDir;
use uuid::Uuid;

/// A hash that no password has; accounts of tests get their sessions without one.
const NO_PASSWORD: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A running server.
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    pub(crate) state: Data<State>,
    pub(crate) data: TempDir,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    _database: Option<Database>,
}

/// Runs a test against a fresh server on each database that there is.
pub(crate) fn each(test: impl Fn(&App)) {
    each_with(|settings| settings, test);
}

/// The same with other settings.
pub(crate) fn each_with(change: impl Fn(Settings) -> Settings, test: impl Fn(&App)) {
    test(&App::start(change(Settings::default()), None));
    if let Some(database) = Database::create() {
        eprintln!("the same on PostgreSQL");
        test(&App::start(change(Settings::default()), Some(database)));
    }
}

/// An account with a session.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) client: Client,
}

impl App {
    fn start(settings: Settings, database: Option<Database>) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let config = match &database {
            Some(database) => {
                Config::Postgres { app_url: database.app_url(), owner_url: Some(database.owner_url()), pool_size: 8 }
            }
            None => Config::Sqlite { data_dir: data.path().to_owned(), max_open_orgs: 16 },
        };
        let inline = database.is_none();
        let store = Store::open(config).expect("the store opens");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("it has an address");
        let settings = settings.in_folder(data.path()).at(address).reading_inline(inline);
        let state = Data::new(State::new(store, settings));
        let (ready, started) = mpsc::channel();
        let serving = state.clone();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let server = serve::server(serving.clone(), WebApp::None, listener, 2).expect("the server starts");
                ready.send(server.handle()).expect("the test waits");
                actix_web::rt::spawn(live::watch(serving));
                server.await.expect("the server ends well");
            });
        });
        let handle = started.recv().expect("the server started");
        Self { address, state, data, handle, thread: Some(thread), _database: database }
    }

    pub(crate) fn store(&self) -> &Store {
        self.state.store()
    }

    pub(crate) fn client(&self, credential: Credential) -> Client {
        Client { address: self.address, credential, headers: Vec::new() }
    }

    pub(crate) fn anonymous(&self) -> Client {
        self.client(Credential::Nobody)
    }

    /// A new account that is signed in.
    pub(crate) fn person(&self, name: &str) -> Person {
        let email = format!("{}@example.org", name.to_lowercase());
        let user = NewUser {
            email: email.clone(),
            name: name.to_owned(),
            password_hash: NO_PASSWORD.to_owned(),
            is_operator: false,
        };
        let id = self.store().operator("test").create_user(user).expect("the account is new");
        Person { id, email, client: self.sign_in(id, 3_600) }
    }

    /// A session of an account.
    pub(crate) fn sign_in(&self, user: UserId, ttl_s: i64) -> Client {
        let (_, secret) = self.store().directory().insert_session(user, "test", ttl_s).expect("a session");
        self.client(Credential::Session(secret.expose().to_owned()))
    }

    /// A new organization.
    pub(crate) fn org(&self, slug: &str, owner: &Person) -> Org {
        let record = NewOrgRecord {
            name: format!("The {slug} organization"),
            slug: Some(slug.to_owned()),
            colour: Some("teal".to_owned()),
            plan_key: "community".to_owned(),
            ..NewOrgRecord::default()
        };
        self.store().operator("test").create_org(&owner.email, record).expect("the slug is free")
    }

    /// A new account that is a member.
    pub(crate) fn member(&self, org: &Org, name: &str, role: Role) -> Person {
        let person = self.person(name);
        self.store().operator("test").add_member(&org.slug, &person.email, role).expect("it can be added");
        person
    }

    /// A token of the organization, made by the operator.
    pub(crate) fn token(&self, org: &Org, kind: TokenKind, role: Role) -> Client {
        let new = NewToken { name: "test".to_owned(), kind, role, expires_in_s: None };
        let created = self.store().operator("test").create_token(&org.slug, new).expect("a token");
        self.client(Credential::Token(created.secret))
    }

    pub(crate) fn agent(&self, org: &Org) -> Client {
        self.token(org, TokenKind::Agent, Role::Viewer)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the server panicked");
        }
        self.state.stop_ingest();
        assert_eq!(self.state.hub().violations() + Store::isolation_violations(), 0, "something crossed a wall");
    }
}

/// Waits until something is so, and fails when it does not come.
#[track_caller]
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < until, "it never came: {what}");
        thread::yield_now();
    }
}

pub(crate) fn path(org: OrgId, rest: &str) -> String {
    format!("/api/v1/orgs/{org}{rest}")
}

pub(crate) fn now() -> Micros {
    backend::state::now()
}

/// The host of that number; the same id in every organization.
pub(crate) fn host_id(number: u128) -> HostId {
    HostId::from_uuid(Uuid::from_u128((0x4_u128 << 76) | (0x8_u128 << 60) | number))
}

/// One report of a host.
pub(crate) fn report(taken_at: Micros) -> Report {
    Report {
        taken_at,
        uptime_s: 1_000,
        cpu_percent: Some(12.5),
        load: Some([0.5, 0.4, 0.3]),
        mem_total_bytes: Some(8_000_000_000),
        mem_used_bytes: Some(2_000_000_000),
        swap_total_bytes: None,
        swap_used_bytes: None,
        filesystems: Vec::new(),
        disks: Vec::new(),
        networks: Vec::new(),
        temperatures: Vec::new(),
    }
}

/// A batch of one report.
pub(crate) fn batch(number: u128, name: &str, taken_at: Micros) -> ReportBatch {
    ReportBatch {
        sent_at: taken_at,
        host: HostIdentity {
            id: host_id(number),
            name: name.to_owned(),
            os: "Debian GNU/Linux 12".to_owned(),
            kernel: String::new(),
            cpu_model: String::new(),
            cpu_cores: 4,
            agent_version: "0.1.0".to_owned(),
        },
        reports: vec![report(taken_at)],
        inventory: None,
    }
}

/// The same with a container and a guest of that name. What tells them apart in two organizations is the image.
pub(crate) fn batch_with(number: u128, host: &str, taken_at: Micros, name: &str, image: &str) -> ReportBatch {
    let inventory = Inventory {
        taken_at,
        containers: Some(FoundContainers {
            engine: "Docker 28.2.2".to_owned(),
            items: vec![ContainerReport { image: image.to_owned(), ..container(name) }],
            left_out: 0,
        }),
        guests: Some(FoundGuests { engine: "libvirt 9.0.0".to_owned(), items: vec![guest(name)], left_out: 0 }),
    };
    ReportBatch { inventory: Some(inventory), ..batch(number, host, taken_at) }
}

/// A container that runs. The engine's id follows from the name.
pub(crate) fn container(name: &str) -> ContainerReport {
    ContainerReport {
        engine_id: format!("{:064x}", name.len()) + name,
        name: name.to_owned(),
        image: "postgres:16.4".to_owned(),
        state: ContainerState::Running,
        health: Some(ContainerHealth::Healthy),
        exit_code: None,
        restarts: 0,
        created_at: Some(1_700_000_000_000_000),
        started_at: Some(1_700_000_000_000_000),
        cpu_percent: Some(12.5),
        mem_used_bytes: Some(400_000_000),
        mem_limit_bytes: Some(2_000_000_000),
        received_bytes: Some(1_000_000_000),
        sent_bytes: Some(2_000_000_000),
        project: Some("shop".to_owned()),
        service: Some("db".to_owned()),
    }
}

/// A guest that runs. The hypervisor's id follows from the name.
pub(crate) fn guest(name: &str) -> GuestReport {
    GuestReport {
        engine_id: format!("domain of {name}"),
        name: name.to_owned(),
        kind: GuestKind::Vm,
        state: GuestState::Running,
        vcpus: Some(2),
        cpu_percent: Some(30.0),
        mem_used_bytes: None,
        mem_total_bytes: Some(4_000_000_000),
        disks: Vec::new(),
        uptime_s: Some(60),
        autostart: Some(true),
    }
}

/// The ids of the container and the guest of that name.
pub(crate) fn ids_of(client: &Client, org: &Org, name: &str) -> (ContainerId, GuestId) {
    let containers: ContainerPage = client.get(&path(org.id, "/containers")).ok();
    let guests: GuestPage = client.get(&path(org.id, "/guests")).ok();
    let container = containers.items.iter().find(|item| item.name == name).expect("it runs");
    (container.id, guests.items.iter().find(|item| item.name == name).expect("it runs").id)
}

/// Sends a batch that is kept.
#[track_caller]
pub(crate) fn ingest(agent: &Client, batch: &ReportBatch) {
    let body = serde_json::to_string(batch).expect("a batch is JSON");
    let answer = agent.post("/api/v1/ingest/reports", &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
}
