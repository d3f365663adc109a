//! Databases to test against, and the fixture "two worlds".

mod found;
mod talk;

pub(crate) use found::{container, find_in_both, guest, inventory};
pub(crate) use talk::{answer, ask, chat, talk_in_both, texts};

use authz::Editor;
use diesel::{Connection as _, PgConnection, SqliteConnection, connection::SimpleConnection as _};
use shared::{
    HostId, OrgId, Role, SECOND,
    metadata::{MetadataEdit, Subject},
    report::{DiskCounters, Filesystem, HostIdentity, NetworkCounters, Report, ReportBatch},
    token::{NewToken, TokenKind},
};
use std::{
    path::PathBuf,
    sync::mpsc::channel,
    time::{SystemTime, UNIX_EPOCH},
};
use store::{
    Config, Identity, IngestError, IngestOutcome, IngestWriter, NewOrgRecord, NewUser, OrgRef, OrgScope, Refused,
    Store, ValidBatch,
};
use tempfile::TempDir;

/// Names the superuser's URL.
const PG_VARIABLE: &str = "BULKHEAD_TEST_PG";

/// A store with a database of its own, which goes with it.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    Sqlite(TempDir),
    Postgres(PgDatabase),
}

/// A fresh, empty world for each backend.
pub(crate) fn worlds() -> Vec<World> {
    let mut worlds = vec![sqlite_world()];
    worlds.extend(postgres_world());
    worlds
}

pub(crate) fn sqlite_world() -> World {
    let folder = TempDir::new().expect("a temporary folder");
    let place = Place::Sqlite(folder);
    World { store: Store::open(place.config()).expect("a new folder opens"), place }
}

/// None where no server is named: such tests are skipped then, and say so.
pub(crate) fn postgres_world() -> Option<World> {
    let place = Place::Postgres(PgDatabase::create()?);
    Some(World { store: Store::open(place.config()).expect("a new database opens"), place })
}

impl Place {
    pub(crate) fn config(&self) -> Config {
        match self {
            Self::Sqlite(folder) => Config::Sqlite { data_dir: folder.path().to_owned(), max_open_orgs: 8 },
            Self::Postgres(database) => Config::Postgres {
                app_url: database.app_url.clone(),
                owner_url: Some(database.owner_url.clone()),
                pool_size: 4,
            },
        }
    }

    pub(crate) fn pg(&self) -> &PgDatabase {
        match self {
            Self::Postgres(database) => database,
            Self::Sqlite(_) => panic!("not a PostgreSQL world"),
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        match self {
            Self::Sqlite(folder) => folder.path().to_owned(),
            Self::Postgres(_) => panic!("not an SQLite world"),
        }
    }

    pub(crate) fn org_file(&self, org: OrgId) -> PathBuf {
        self.folder().join("orgs").join(format!("{org}.db"))
    }
}

impl World {
    /// The same data through another handle, as another process would open it.
    pub(crate) fn second_handle(&self) -> Store {
        Store::open(self.place.config()).expect("it opens twice")
    }

    /// Runs SQL on the tables of the directory, past the store.
    pub(crate) fn directory_sql(&self, sql: &str) {
        match &self.place {
            Place::Sqlite(folder) => sqlite(&folder.path().join("directory.db")).batch_execute(sql).expect(sql),
            Place::Postgres(database) => database.superuser().batch_execute(sql).expect(sql),
        }
    }
}

/// A plain connection to a file.
pub(crate) fn sqlite(path: &std::path::Path) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().expect("a UTF-8 path")).expect("it opens");
    connection.batch_execute("PRAGMA busy_timeout = 5000").expect("a pragma");
    connection
}

/// A database with an owner's role and a server's role, dropped when dropped.
pub(crate) struct PgDatabase {
    server: String,
    pub(crate) name: String,
    pub(crate) app_url: String,
    pub(crate) owner_url: String,
}

impl PgDatabase {
    pub(crate) fn create() -> Option<Self> {
        let Ok(server) = std::env::var(PG_VARIABLE) else {
            eprintln!("{PG_VARIABLE} is not set: PostgreSQL is not tested here");
            return None;
        };
        let name = format!("bulkhead_test_{}", uuid::Uuid::now_v7().simple());
        let mut superuser = PgConnection::establish(&server).expect("the server that the variable names");
        superuser
            .batch_execute(&format!(
                "CREATE ROLE {name}_owner LOGIN PASSWORD 'test'; CREATE ROLE {name}_app LOGIN PASSWORD 'test'"
            ))
            .expect("roles");
        superuser.batch_execute(&format!("CREATE DATABASE {name} OWNER {name}_owner")).expect("a database");
        let url = |user: &str| {
            let (_, host) = server.rsplit_once('@').expect("a URL with a user");
            let (host, _) = host.split_once('/').expect("a URL with a database");
            format!("postgres://{user}:test@{host}/{name}")
        };
        let (app_url, owner_url) = (url(&format!("{name}_app")), url(&format!("{name}_owner")));
        let database = Self { server, app_url, owner_url, name };
        database
            .superuser()
            .batch_execute(&format!("ALTER SCHEMA public OWNER TO {}_owner", database.name))
            .expect("the owner owns the schema");
        Some(database)
    }

    pub(crate) fn superuser_url(&self) -> String {
        let (start, _) = self.server.rsplit_once('/').expect("a URL with a database");
        format!("{start}/{}", self.name)
    }

    pub(crate) fn superuser(&self) -> PgConnection {
        PgConnection::establish(&self.superuser_url()).expect("the superuser connects")
    }

    /// A plain connection with the server's role.
    pub(crate) fn app(&self) -> PgConnection {
        PgConnection::establish(&self.app_url).expect("the server's role connects")
    }
}

impl Drop for PgDatabase {
    fn drop(&mut self) {
        let Ok(mut superuser) = PgConnection::establish(&self.server) else { return };
        let name = &self.name;
        for sql in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("DROP ROLE IF EXISTS {name}_owner"),
            format!("DROP ROLE IF EXISTS {name}_app"),
        ] {
            if let Err(error) = superuser.batch_execute(&sql) {
                eprintln!("{sql}: {error}");
            }
        }
    }
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_micros()).expect("before the year 290000")
}

pub(crate) fn new_user(email: &str) -> NewUser {
    let name = email.split('@').next().expect("a name").to_owned();
    NewUser { email: email.to_owned(), name, password_hash: format!("hash of {email}"), is_operator: false }
}

pub(crate) fn new_org(name: &str) -> NewOrgRecord {
    NewOrgRecord { name: name.to_owned(), plan_key: "free".to_owned(), ..NewOrgRecord::default() }
}

/// Makes an account and signs it in.
pub(crate) fn person(store: &Store, email: &str) -> Identity {
    let user = store.operator("test").create_user(new_user(email)).expect("a new account");
    let (_, secret) = store.directory().insert_session(user, "test", 3600).expect("a session");
    store.directory().identify_session(&secret).expect("the directory answers").expect("the session is known")
}

pub(crate) fn user_id(who: &Identity) -> shared::UserId {
    who.account().expect("a person").id
}

/// The same machine in two organizations: equal names, equal ids, distinct numbers.
pub(crate) const HOST: &str = "00000000-0000-4000-8000-000000000001";

pub(crate) fn host_id() -> HostId {
    HOST.parse().expect("an id")
}

/// Two organizations with equal names of hosts and colliding host ids.
pub(crate) struct TwoWorlds {
    pub(crate) a: OrgId,
    pub(crate) b: OrgId,
    pub(crate) a_owner: Identity,
    pub(crate) a_admin: Identity,
    pub(crate) a_editor: Identity,
    pub(crate) a_viewer: Identity,
    pub(crate) b_owner: Identity,
    /// Admin in A, viewer in B.
    pub(crate) ab: Identity,
    pub(crate) nobody: Identity,
    /// Secrets of agent tokens.
    pub(crate) agent_a: String,
    pub(crate) agent_b: String,
}

/// CPU of the machine as A and as B see it.
pub(crate) const CPU_A: f64 = 33.0;
pub(crate) const CPU_B: f64 = 77.0;

impl TwoWorlds {
    pub(crate) fn build(store: &Store) -> Self {
        let directory = store.directory();
        let a_owner = person(store, "a_owner@example.org");
        let b_owner = person(store, "b_owner@example.org");
        let a = directory.create_org(&a_owner, new_org("Acme")).expect("A").id;
        let b = directory.create_org(&b_owner, new_org("Acme")).expect("B").id;
        let mut members = Vec::new();
        for (name, role) in
            [("a_admin", Role::Admin), ("a_editor", Role::Editor), ("a_viewer", Role::Viewer), ("ab", Role::Admin)]
        {
            let email = format!("{name}@example.org");
            let who = person(store, &email);
            directory.add_member(&scope(store, &a_owner, a), &email, role, None).expect("a new member of A");
            members.push(who);
        }
        directory
            .add_member(&scope(store, &b_owner, b), "ab@example.org", Role::Viewer, None)
            .expect("a new member of B");
        let ab = members.pop().expect("four");
        let a_viewer = members.pop().expect("three");
        let a_editor = members.pop().expect("two");
        let a_admin = members.pop().expect("one");
        let agent_a = agent(store, &a_owner, a);
        let agent_b = agent(store, &b_owner, b);
        let nobody = person(store, "nobody@example.org");
        for (secret, cpu) in [(&agent_a, CPU_A), (&agent_b, CPU_B)] {
            let outcome = ingest(store, secret, batch(vec![report(now(), cpu)])).expect("it is kept");
            assert_eq!(outcome.accepted, 1);
        }
        Self { a, b, a_owner, a_admin, a_editor, a_viewer, b_owner, ab, nobody, agent_a, agent_b }
    }
}

/// Notes something about the machine in both, with the name of the organization as its description.
pub(crate) fn note_in_both(store: &Store, two: &TwoWorlds) {
    for (who, org, words) in [(&two.a_owner, two.a, "of A"), (&two.b_owner, two.b, "of B")] {
        let scope = scope::<Editor>(store, who, org);
        store
            .org(&scope)
            .put_metadata(Subject::Host(host_id()), None, describe(words), "somebody")
            .expect("it is noted");
    }
}

/// A note of a few words.
pub(crate) fn describe(words: &str) -> MetadataEdit {
    MetadataEdit { description: words.to_owned(), ..MetadataEdit::default() }
}

/// Enters with whatever role the caller asks for by type.
pub(crate) fn scope<R: authz::Level>(store: &Store, who: &Identity, org: OrgId) -> OrgScope<R> {
    store.directory().enter(who, &OrgRef::Id(org)).expect("a member with that role")
}

pub(crate) fn new_token(kind: TokenKind, role: Role) -> NewToken {
    NewToken { name: "test".to_owned(), kind, role, expires_in_s: None }
}

/// Makes an agent's token.
pub(crate) fn agent(store: &Store, who: &Identity, org: OrgId) -> String {
    let scope = scope(store, who, org);
    store.directory().create_token(&scope, new_token(TokenKind::Agent, Role::Viewer), None).expect("a token").secret
}

pub(crate) fn identify(store: &Store, secret: &str) -> Option<Identity> {
    store.directory().identify_token(secret).expect("the directory answers")
}

/// A report with one disk and one network interface, whose counters are those given.
pub(crate) fn report_with(taken_at: i64, uptime_s: i64, bytes: i64) -> Report {
    let disk = DiskCounters { name: "sda".to_owned(), read_bytes: bytes, written_bytes: 2 * bytes };
    let network = NetworkCounters { name: "eth0".to_owned(), received_bytes: 3 * bytes, sent_bytes: 4 * bytes };
    Report { uptime_s, disks: vec![disk], networks: vec![network], ..report(taken_at, 50.0) }
}

pub(crate) fn report(taken_at: i64, cpu_percent: f64) -> Report {
    let root = Filesystem {
        mount: "/".to_owned(),
        device: "/dev/sda1".to_owned(),
        kind: "ext4".to_owned(),
        total_bytes: 1_000,
        used_bytes: 250,
    };
    Report {
        taken_at,
        uptime_s: 10_000,
        cpu_percent: Some(cpu_percent),
        load: Some([0.5, 0.4, 0.3]),
        mem_total_bytes: Some(8_000),
        mem_used_bytes: Some(2_000),
        swap_total_bytes: Some(100),
        swap_used_bytes: Some(10),
        filesystems: vec![root],
        disks: Vec::new(),
        networks: Vec::new(),
        temperatures: Vec::new(),
    }
}

pub(crate) fn batch(reports: Vec<Report>) -> ReportBatch {
    batch_of(host_id(), reports)
}

pub(crate) fn batch_of(id: HostId, reports: Vec<Report>) -> ReportBatch {
    let host = HostIdentity {
        id,
        name: "web-1".to_owned(),
        os: "Debian GNU/Linux 12".to_owned(),
        kernel: "Linux 6.1".to_owned(),
        cpu_model: "A CPU".to_owned(),
        cpu_cores: 4,
        agent_version: "0.1.0".to_owned(),
    };
    ReportBatch { sent_at: now(), host, reports, inventory: None }
}

/// Has a batch written, and waits for the answer.
pub(crate) fn ingest(store: &Store, secret: &str, batch: ReportBatch) -> Result<IngestOutcome, IngestError> {
    let (valid, refused) = ValidBatch::new(batch, now()).expect("an acceptable machine");
    assert_eq!(refused, Refused::default(), "all of it is acceptable");
    ingest_valid(store, secret, valid)
}

pub(crate) fn ingest_valid(store: &Store, secret: &str, batch: ValidBatch) -> Result<IngestOutcome, IngestError> {
    let who = identify(store, secret).expect("the token works");
    let scope = store.directory().enter_ingest(&who).expect("an agent's token");
    let writer = IngestWriter::start(store.clone());
    let (sender, receiver) = channel();
    writer.submit(scope, batch, move |answer| sender.send(answer).expect("the test waits"));
    receiver.recv().expect("an answer")
}

/// A second later than another time.
pub(crate) fn later(at: i64, seconds: i64) -> i64 {
    at + seconds * SECOND
}
