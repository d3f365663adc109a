//! A database of its own for each test, in the cluster that `BULKHEAD_TEST_PG` names, with the two roles of a real
//! installation.

use std::process::{Command, Stdio};
use uuid::Uuid;

/// A database that is dropped with this value.
pub(crate) struct Database {
    cluster: String,
    name: String,
}

impl Database {
    /// None where there is no cluster.
    pub(crate) fn create() -> Option<Self> {
        let cluster = std::env::var("BULKHEAD_TEST_PG").ok().filter(|url| !url.is_empty())?;
        let database = Self { cluster, name: format!("api_{}", Uuid::now_v7().simple()) };
        let name = &database.name;
        database.sql(&[
            format!("CREATE ROLE {name}_owner LOGIN PASSWORD 'test'"),
            format!("CREATE ROLE {name}_app LOGIN PASSWORD 'test'"),
            format!("CREATE DATABASE {name} OWNER {name}_owner"),
        ]);
        Some(database)
    }

    pub(crate) fn owner_url(&self) -> String {
        self.url("owner")
    }

    pub(crate) fn app_url(&self) -> String {
        self.url("app")
    }

    /// The cluster's URL with another user and database. Parameters behind a question mark stay.
    fn url(&self, role: &str) -> String {
        let (scheme, rest) = self.cluster.split_once("://").expect("a URL");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit('@').next().expect("rsplit yields something");
        let parameters = path.split_once('?').map(|(_, parameters)| format!("?{parameters}")).unwrap_or_default();
        format!("{scheme}://{name}_{role}:test@{host}/{name}{parameters}", name = self.name)
    }

    fn sql(&self, statements: &[String]) {
        let mut command = Command::new("psql");
        command.args(["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-d", &self.cluster]);
        // One -c each: CREATE DATABASE cannot stand in a transaction with others.
        for statement in statements {
            command.args(["-c", statement]);
        }
        let status = command.stdout(Stdio::null()).status().expect("psql can be run");
        assert!(status.success(), "psql failed: {statements:?}");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = &self.name;
        self.sql(&[
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("DROP ROLE IF EXISTS {name}_app"),
            format!("DROP ROLE IF EXISTS {name}_owner"),
        ]);
    }
}
