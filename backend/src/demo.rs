//! `--demo`: three organizations with simulated fleets. Only the machines are made up: their reports walk the same way as
//! those of real agents, and every page says that it shows a demo.

mod fleet;

use crate::{
    commands::made_up_password,
    files::write_private,
    passwords,
    plans::DEFAULT_PLAN,
    problem::Answer,
    state::{State, now},
    store_errors::chain,
};
use actix_web::{rt::time::interval, web::Data};
use fleet::SimulatedHost;
use futures_util::future::join_all;
use shared::{
    Micros, Role, SECOND,
    report::{Report, ReportBatch},
    token::{NewToken, TokenKind},
};
use std::{fs, io, path::Path, time::Duration};
use store::{NewOrgRecord, NewUser, OperatorError, Store, StoreError, ValidBatch};
use tokio::time::MissedTickBehavior;

/// Address of the account that owns the demo's organizations.
pub const EMAIL: &str = "demo@bulkhead.example";
const PASSWORD_FILE: &str = "password";

const REPORT_EVERY: Duration = Duration::from_secs(5);
/// History that a new demo starts with, and the time between its reports.
const HISTORY: Micros = 3_600 * SECOND;
const HISTORY_STEP: Micros = 15 * SECOND;

/// The demo cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// There is real data in the folder.
    #[error(
        "the data folder has accounts of its own, and a demo beside them would be mistaken for real. Give the demo its own folder: --data ./data-demo"
    )]
    NotEmpty,
    /// The database refused.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read or written.
    #[error("the demo's files in the data folder cannot be used")]
    File(#[from] io::Error),
}

/// The simulated machines.
pub struct Fleets {
    fleets: Vec<Fleet>,
    is_new: bool,
}

struct Fleet {
    slug: &'static str,
    secret: String,
    hosts: Vec<SimulatedHost>,
}

struct OrgPlan {
    slug: &'static str,
    name: &'static str,
    description: &'static str,
    colour: &'static str,
    plan: &'static str,
    /// What the machines are called, and how many there are of each.
    machines: &'static [(&'static str, usize)],
}

/// `web-01`, `db-01` and others stand in more than one of them, with equal host ids: what is equal by chance must not be
/// mixed up.
const ORGS: [OrgPlan; 3] = [
    OrgPlan {
        slug: "acme",
        name: "Acme Hosting",
        description: "Shared hosting and managed servers.",
        colour: "cobalt",
        plan: "business",
        machines: &[
            ("web", 12),
            ("app", 10),
            ("db", 6),
            ("edge", 4),
            ("cache", 4),
            ("build", 4),
            ("queue", 3),
            ("backup", 2),
            ("mail", 2),
            ("mon", 1),
        ],
    },
    OrgPlan {
        slug: "globex",
        name: "Globex Research",
        description: "Simulations, and where their results are kept.",
        colour: "moss",
        plan: DEFAULT_PLAN,
        machines: &[("sim", 6), ("web", 5), ("db", 3), ("gpu", 3), ("nas", 2)],
    },
    OrgPlan {
        slug: "northwind",
        name: "Northwind Clinic",
        description: "The clinic's own rack.",
        colour: "plum",
        plan: "team",
        machines: &[("db", 2), ("web", 2), ("pacs", 1), ("gate", 1), ("backup", 1), ("print", 1)],
    },
];

/// Makes the demo in an empty data folder, or finds the one that was made there before.
///
/// # Errors
/// See [`DemoError`].
pub fn prepare(store: &Store, data_dir: &Path) -> Result<Fleets, DemoError> {
    let folder = data_dir.join("demo");
    let is_new = store.directory().setup_needed()?;
    if !is_new && !folder.join(PASSWORD_FILE).exists() {
        return Err(DemoError::NotEmpty);
    }
    fs::create_dir_all(&folder)?;
    if is_new {
        make(store, &folder)?;
    }
    let password = fs::read_to_string(folder.join(PASSWORD_FILE))?;
    println!("Demo: sign in as {EMAIL} with the password {}", password.trim());
    let mut fleets = Vec::new();
    for org in &ORGS {
        let secret = fs::read_to_string(folder.join(org.slug))?.trim().to_owned();
        fleets.push(Fleet { slug: org.slug, secret, hosts: fleet::machines(org.slug, org.machines, now() - HISTORY) });
    }
    Ok(Fleets { fleets, is_new })
}

fn make(store: &Store, folder: &Path) -> Result<(), DemoError> {
    let operator = store.operator("make the demo");
    let password = made_up_password();
    operator.create_user(NewUser {
        email: EMAIL.to_owned(),
        name: "Demo".to_owned(),
        password_hash: passwords::hash(&password),
        is_operator: false,
    })?;
    for org in &ORGS {
        operator.create_org(
            EMAIL,
            NewOrgRecord {
                name: org.name.to_owned(),
                slug: Some(org.slug.to_owned()),
                description: org.description.to_owned(),
                colour: Some(org.colour.to_owned()),
                plan_key: org.plan.to_owned(),
            },
        )?;
        let token = NewToken {
            name: "simulated machines".to_owned(),
            kind: TokenKind::Agent,
            role: Role::Viewer,
            expires_in_s: None,
        };
        let created = operator.create_token(org.slug, token)?;
        write_private(&folder.join(org.slug), &format!("{}\n", created.secret))?;
    }
    // Last, since it says that the demo is whole.
    write_private(&folder.join(PASSWORD_FILE), &format!("{password}\n"))?;
    Ok(())
}

/// Reports for all simulated machines for as long as the server runs.
pub async fn keep_reporting(state: Data<State>, mut fleets: Fleets) {
    if fleets.is_new {
        for fleet in &mut fleets.fleets {
            if let Err(refusal) = backfill(&state, fleet).await {
                tracing::warn!("the history of {} is incomplete: {refusal}", fleet.slug);
            }
        }
        tracing::info!("the demo has an hour of history");
    }
    let mut ticks = interval(REPORT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let at = now();
        for fleet in &mut fleets.fleets {
            let batches = fleet.hosts.iter_mut().filter_map(|host| {
                let reports = vec![host.report(at)?];
                let inventory = Some(host.inventory(at));
                Some(ReportBatch { sent_at: at, host: host.identity.clone(), reports, inventory })
            });
            let batches = batches.collect();
            if let Err(refusal) = send(&state, &fleet.secret, batches).await {
                tracing::warn!("the simulated machines of {} did not report: {refusal}", fleet.slug);
            }
        }
    }
}

async fn backfill(state: &Data<State>, fleet: &mut Fleet) -> Answer<()> {
    let end = now();
    let mut batches = Vec::new();
    for host in &mut fleet.hosts {
        let times = (1..HISTORY / HISTORY_STEP).map(|step| end - HISTORY + step * HISTORY_STEP);
        let reports: Vec<Report> = times.filter_map(|at| host.report(at)).collect();
        // The one that fell silent keeps what was found on it then.
        let inventory = reports.last().map(|last| host.inventory(last.taken_at));
        batches.push(ReportBatch { sent_at: end, host: host.identity.clone(), reports, inventory });
    }
    send(state, &fleet.secret, batches).await
}

/// The way of every report: a token, a scope, a checked batch, the writer.
async fn send(state: &Data<State>, secret: &str, batches: Vec<ReportBatch>) -> Answer<()> {
    let secret = secret.to_owned();
    let ready = state
        .write(move |store| {
            let directory = store.directory();
            let who = directory.identify_token(&secret)?.ok_or_else(crate::problem::Refusal::unauthenticated)?;
            let mut ready = Vec::new();
            for batch in batches {
                match ValidBatch::new(batch, now()) {
                    Ok((batch, _)) => ready.push((directory.enter_ingest(&who)?, batch)),
                    Err(errors) => tracing::error!("a simulated report is not valid: {errors:?}"),
                }
            }
            Ok(ready)
        })
        .await?;
    for outcome in join_all(ready.into_iter().map(|(scope, batch)| state.submit(scope, batch))).await {
        if let Err(error) = outcome {
            tracing::warn!("a simulated report was not kept: {}", chain(&error));
        }
    }
    Ok(())
}
