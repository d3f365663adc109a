//! A scripted browser: requests wait until the test answers them, live channels carry what the test sends.

use event_bus::Bus;
use futures_channel::{mpsc, oneshot};
use futures_util::{FutureExt as _, StreamExt as _, future::LocalBoxFuture, stream::LocalBoxStream};
use org_client::{
    Account, AccountClient, AppEvent, Cause, Disconnected, FetchError, Platform, Request, Response, Streamed,
    Streaming, Switcher, Walls,
};
use reactive_graph::owner::Owner;
use shared::{
    ContainerId, HostId, Micros, OrgId, Role, UserId,
    account::{Account as Person, Me},
    assistant::ChatEvent,
    feature::PlanInfo,
    host::{Health, HostSummary, HostTotals},
    inventory::{Container, ContainerState},
    live::{LiveEvent, LiveFrame},
    org::{Bootstrap, Org, OrgStatus, OrgSummary},
    summary::Summary,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use uuid::Uuid;

/// A request that waits for the test's answer.
pub(crate) struct Pending {
    pub(crate) request: Request,
    answer: oneshot::Sender<Result<Response, FetchError>>,
}

impl Pending {
    /// Whether the app gave it up.
    pub(crate) fn is_aborted(&self) -> bool {
        self.answer.is_canceled()
    }

    pub(crate) fn answer(self, org: Option<OrgId>, status: u16, body: impl Into<String>) {
        let response = Response { status, org: org.map(|org| org.to_string()), body: body.into() };
        // An aborted request has nobody to answer.
        let _ = self.answer.send(Ok(response));
    }
}

/// A live channel that the app opened.
pub(crate) struct Channel {
    pub(crate) path: String,
    send: mpsc::UnboundedSender<Result<String, Disconnected>>,
}

impl Channel {
    pub(crate) fn is_closed(&self) -> bool {
        self.send.is_closed()
    }

    /// The server closes it.
    pub(crate) fn close(&self) {
        self.send.close_channel();
    }

    pub(crate) fn send(&self, org: OrgId, event: LiveEvent) {
        let frame = LiveFrame { org, server_time: 0, event };
        let json = serde_json::to_string(&frame).expect("a frame serializes");
        // A closed channel has nobody to hear it.
        let _ = self.send.unbounded_send(Ok(json));
    }
}

/// An answer that comes in parts, as the test sends them.
#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) request: Request,
    send: mpsc::UnboundedSender<Result<Streamed, FetchError>>,
}

impl Stream {
    /// Whether the app gave it up.
    pub(crate) fn is_aborted(&self) -> bool {
        self.send.is_closed()
    }

    pub(crate) fn head(&self, org: OrgId, status: u16, body: &str) {
        let head = Response { status, org: Some(org.to_string()), body: body.to_owned() };
        let _ = self.send.unbounded_send(Ok(Streamed::Head(head)));
    }

    pub(crate) fn event(&self, event: &ChatEvent) {
        let line = serde_json::to_string(event).expect("an event serializes");
        let _ = self.send.unbounded_send(Ok(Streamed::Line(line)));
    }

    /// The server closes it.
    pub(crate) fn close(&self) {
        self.send.close_channel();
    }
}

#[derive(Default)]
pub(crate) struct Script {
    pub(crate) streams: Mutex<Vec<Stream>>,
    pub(crate) is_awake: AtomicBool,
    pub(crate) pending: Mutex<Vec<Pending>>,
    pub(crate) channels: Mutex<Vec<Channel>>,
    pub(crate) log: Mutex<Vec<String>>,
    pub(crate) storage: Mutex<BTreeMap<String, String>>,
}

pub(crate) struct Browser(pub(crate) Arc<Script>);

impl Streaming for Browser {
    fn stream(&self, request: Request) -> LocalBoxStream<'static, Result<Streamed, FetchError>> {
        let (send, receive) = mpsc::unbounded();
        self.0.log.lock().expect("not poisoned").push(format!("STREAM {}", request.path));
        self.0.streams.lock().expect("not poisoned").push(Stream { request, send });
        receive.boxed_local()
    }
}

impl Platform for Browser {
    fn fetch(&self, request: Request) -> LocalBoxFuture<'static, Result<Response, FetchError>> {
        let (answer, answered) = oneshot::channel();
        self.0.log.lock().expect("not poisoned").push(format!("{} {}", request.method.as_str(), request.path));
        self.0.pending.lock().expect("not poisoned").push(Pending { request, answer });
        async move { answered.await.unwrap_or_else(|_| Err(FetchError("no answer".to_owned()))) }.boxed_local()
    }

    fn connect(&self, path: String) -> LocalBoxStream<'static, Result<String, Disconnected>> {
        let (send, receive) = mpsc::unbounded();
        self.0.log.lock().expect("not poisoned").push(format!("CONNECT {path}"));
        self.0.channels.lock().expect("not poisoned").push(Channel { path, send });
        receive.boxed_local()
    }

    fn sleep(&self, _milliseconds: u32) -> LocalBoxFuture<'static, ()> {
        // Time does not pass by itself: who sleeps goes on at once, or never.
        if self.0.is_awake.load(Ordering::SeqCst) {
            std::future::ready(()).boxed_local()
        } else {
            std::future::pending().boxed_local()
        }
    }

    fn now(&self) -> Micros {
        0
    }

    fn keep(&self, key: &str, text: &str) {
        self.0.storage.lock().expect("not poisoned").insert(key.to_owned(), text.to_owned());
    }

    fn kept(&self, key: &str) -> Option<String> {
        self.0.storage.lock().expect("not poisoned").get(key).cloned()
    }

    fn forget(&self, key: &str) {
        self.0.storage.lock().expect("not poisoned").remove(key);
    }

    fn kept_keys(&self) -> Vec<String> {
        self.0.storage.lock().expect("not poisoned").keys().cloned().collect()
    }
}

pub(crate) struct World {
    pub(crate) script: Arc<Script>,
    pub(crate) app: Owner,
    pub(crate) switcher: Switcher,
    pub(crate) account: Account,
    pub(crate) bus: Bus<AppEvent>,
}

pub(crate) const A: OrgId = OrgId::from_uuid(Uuid::from_u128(0xA));
pub(crate) const B: OrgId = OrgId::from_uuid(Uuid::from_u128(0xB));
/// The same host in both organizations, with the same name.
pub(crate) const HOST: HostId = HostId::from_uuid(Uuid::from_u128(1));

impl World {
    pub(crate) fn new(walls: Walls) -> Self {
        // Only the first test of a process sets it; that is enough for all.
        let _ = any_spawner::Executor::init_tokio();
        let script = Arc::new(Script::default());
        let app = Owner::new();
        let log = Arc::clone(&script);
        let (switcher, account, bus) = app.with(|| {
            let platform: Arc<dyn Platform> = Arc::new(Browser(Arc::clone(&script)));
            let bus = Bus::new(|name, error| panic!("{name} failed: {error}"));
            let account = Account::new(AccountClient::new(Arc::clone(&platform)));
            account.signed_in(me());
            let switcher = Switcher::new(platform, bus.clone(), account.clone(), walls);
            (switcher, account, bus)
        });
        switcher
            .on_navigate(move |org, _| log.log.lock().expect("not poisoned").push(format!("NAVIGATE {}", org.slug)));
        Self { script, app, switcher, account, bus }
    }

    /// Lets everything run that can run.
    pub(crate) async fn settle(&self) {
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }

    /// From now on, whoever sleeps goes on at once.
    pub(crate) fn wake_sleepers(&self) {
        self.script.is_awake.store(true, Ordering::SeqCst);
    }

    /// Takes the oldest request whose path ends so.
    pub(crate) fn take(&self, ending: &str) -> Pending {
        let mut pending = self.script.pending.lock().expect("not poisoned");
        let position = pending.iter().position(|p| p.request.path.ends_with(ending));
        let Some(position) = position else {
            let waiting: Vec<_> = pending.iter().map(|p| p.request.path.clone()).collect();
            panic!("no request ends with {ending}; waiting: {waiting:?}")
        };
        pending.remove(position)
    }

    pub(crate) fn channel(&self, index: usize) -> Channel {
        let channels = self.script.channels.lock().expect("not poisoned");
        let channel = &channels[index];
        Channel { path: channel.path.clone(), send: channel.send.clone() }
    }

    pub(crate) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.script.log.lock().expect("not poisoned"))
    }

    /// Switches and answers the confirmation.
    pub(crate) async fn enter(&self, slug: &str, bootstrap: &Bootstrap) {
        self.switcher.switch_to(slug, Cause::Choice);
        self.settle().await;
        self.confirm(slug, bootstrap);
        self.settle().await;
    }

    pub(crate) fn confirm(&self, slug: &str, bootstrap: &Bootstrap) {
        let body = serde_json::to_string(bootstrap).expect("a bootstrap serializes");
        self.take(&format!("/{slug}/bootstrap")).answer(Some(bootstrap.org.id), 200, body);
    }

    /// What the list of hosts shows: their operating systems, which are the canaries.
    pub(crate) fn shown(&self) -> Vec<String> {
        let Some(active) = self.switcher.active_untracked() else { return Vec::new() };
        active.caches.hosts.with_untracked(&active.session, |list| {
            list.map(|list| list.hosts().iter().map(|host| host.os.clone()).collect()).unwrap_or_default()
        })
    }
}

pub(crate) fn me() -> Me {
    let id = UserId::from_uuid(Uuid::from_u128(9));
    Me {
        account: Person { id, email: "p@example.com".to_owned(), name: "P".to_owned(), is_operator: false },
        orgs: vec![summary(A, "a"), summary(B, "b")],
        demo: false,
    }
}

fn summary(id: OrgId, slug: &str) -> OrgSummary {
    OrgSummary {
        id,
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        colour: "iris".to_owned(),
        monogram: "X".to_owned(),
        status: OrgStatus::Active,
        role: Role::Owner,
        plan: "Community".to_owned(),
    }
}

pub(crate) fn host(canary: &str) -> HostSummary {
    HostSummary {
        id: HOST,
        name: "web-01".to_owned(),
        os: canary.to_owned(),
        health: Health::Healthy,
        cpu_percent: None,
        mem_used_bytes: None,
        mem_total_bytes: None,
        disk_percent: None,
        disk_read_bps: None,
        disk_write_bps: None,
        net_in_bps: None,
        net_out_bps: None,
        uptime_s: None,
        last_report_at: Some(0),
    }
}

pub(crate) fn bootstrap(id: OrgId, slug: &str, hosts: Vec<HostSummary>) -> Bootstrap {
    Bootstrap {
        org: Org {
            id,
            slug: slug.to_owned(),
            name: slug.to_uppercase(),
            description: String::new(),
            colour: "iris".to_owned(),
            monogram: "X".to_owned(),
            status: OrgStatus::Active,
            created_at: 0,
            version: 1,
        },
        role: Role::Owner,
        plan: PlanInfo {
            key: "community".to_owned(),
            name: "Community".to_owned(),
            hosts: None,
            members: None,
            tokens: None,
            assistant_messages: None,
            sharing: false,
        },
        features: Vec::new(),
        summary: Summary {
            hosts: HostTotals { hosts: i64::try_from(hosts.len()).expect("few"), ..HostTotals::default() },
            ..Summary::default()
        },
        hosts,
        server_time: 0,
    }
}

/// A container of [`HOST`] with the same id in both organizations.
pub(crate) fn container(canary: &str) -> Container {
    Container {
        id: ContainerId::from_uuid(Uuid::from_u128(1)),
        host: HOST,
        host_name: "web-01".to_owned(),
        engine_id: "e".to_owned(),
        name: canary.to_owned(),
        image: "i".to_owned(),
        state: ContainerState::Running,
        health: None,
        exit_code: None,
        restarts: 0,
        created_at: None,
        started_at: None,
        cpu_percent: None,
        mem_used_bytes: None,
        mem_limit_bytes: None,
        net_in_bps: None,
        net_out_bps: None,
        project: None,
        service: None,
        seen_at: 0,
    }
}

pub(crate) fn containers_page(containers: &[Container]) -> String {
    serde_json::json!({ "items": containers, "server_time": 0 }).to_string()
}

pub(crate) fn page(hosts: &[HostSummary]) -> String {
    serde_json::json!({ "items": hosts, "server_time": 0 }).to_string()
}

/// Runs a test on one thread with local tasks, as a browser does.
pub(crate) fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    tokio::task::LocalSet::new().block_on(&runtime, test);
}
