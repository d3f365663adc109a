//! Against a real podman and a real `virsh`, where they are installed.

use crate::{program::Machine, server::TestServer};
use agent::inventory::{EnginePlace, HypervisorPlace, Lookout, Places};
use shared::inventory::{ContainerReport, ContainerState, FoundContainers, GuestKind, GuestState};
use std::{
    fs,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Longest wait for something that must come. Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a test can run. Where it cannot, that is said, or is a failure where it has to.
fn is_possible(what: &str, missing: Option<&str>, required: &str) -> bool {
    let Some(missing) = missing else { return true };
    let is_required = std::env::var(required).is_ok_and(|value| value == "1");
    assert!(!is_required, "{required}=1, and {missing}");
    println!("left out: the test against {what}, because {missing}");
    false
}

fn runs(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn what_podman_lacks() -> Option<&'static str> {
    let is_root = || Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    match () {
        () if !runs("podman", &["--version"]) => Some("podman is not installed"),
        () if !runs("runc", &["--version"]) => Some("runc is not installed"),
        () if busybox().is_none() => Some("busybox-static is not installed"),
        () if !is_root() => Some("it is not run as root"),
        () => None,
    }
}

fn busybox() -> Option<PathBuf> {
    ["/bin/busybox", "/usr/bin/busybox"].iter().map(PathBuf::from).find(|path| path.exists())
}

/// A podman with a store of its own, which touches no other. What it started ends with it.
struct Podman {
    dir: tempfile::TempDir,
    service: Option<Child>,
}

impl Podman {
    fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut podman = Self { dir, service: None };
        podman.import_image();
        let address = format!("unix://{}", podman.socket().display());
        let mut service = podman.command();
        service.args(["system", "service", "--time=0", &address]);
        service.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        podman.service = Some(service.spawn().expect("it starts"));
        until("podman answers", || UnixStream::connect(podman.socket()).ok());
        podman
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn socket(&self) -> PathBuf {
        self.path("podman.sock")
    }

    fn command(&self) -> Command {
        let mut command = Command::new("podman");
        command.arg("--root").arg(self.path("root")).arg("--runroot").arg(self.path("run"));
        command.arg("--tmpdir").arg(self.path("tmp"));
        command.args(["--storage-driver", "vfs", "--runtime", "runc", "--cgroup-manager", "cgroupfs"]);
        command
    }

    fn call(&self, args: &[&str]) {
        let output = self.command().args(args).output().expect("it runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// An image with nothing but a shell.
    fn import_image(&self) {
        let (bin, tar) = (self.path("image/bin"), self.path("image.tar"));
        fs::create_dir_all(&bin).expect("created");
        fs::copy(busybox().expect("looked for before"), bin.join("sh")).expect("copied");
        let mut pack = Command::new("tar");
        pack.arg("-C").arg(self.path("image")).arg("-cf").arg(&tar).arg("bin");
        assert!(pack.status().expect("tar runs").success());
        self.call(&["import", "--quiet", &tar.to_string_lossy(), "localhost/shell:1"]);
    }

    /// Makes a container that runs a script; `how` are further options.
    fn make(&self, what: &str, name: &str, how: &[&str], script: &str) {
        let mut args = vec![what, "--name", name, "--network=none"];
        args.extend(["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]);
        args.extend(how);
        args.extend(["localhost/shell:1", "/bin/sh", "-c", script]);
        self.call(&args);
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        // By podman, which knows the processes that it started.
        let _ = self.command().args(["rm", "--all", "--force", "--time", "0"]).output();
        if let Some(mut service) = self.service.take() {
            let _ = service.kill();
            let _ = service.wait();
        }
    }
}

/// Tries again until something is there.
fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}, which does not come");
        std::thread::yield_now();
    }
}

fn lookout(engine: EnginePlace, hypervisor: HypervisorPlace) -> Lookout {
    Lookout::new(Places { engine, hypervisor }).expect("a runtime")
}

fn named<'a>(found: &'a FoundContainers, name: &str) -> &'a ContainerReport {
    found.items.iter().find(|item| item.name == name).expect("it is there")
}

#[test]
fn containers_of_podman_are_told_with_what_they_use() {
    if !is_possible("podman", what_podman_lacks(), "BULKHEAD_REQUIRE_PODMAN") {
        return;
    }
    let podman = Podman::start();
    let labels = ["--label", "com.docker.compose.project=shop", "--label", "com.docker.compose.service=web"];
    podman.make("run", "busy", &[&["--detach", "--memory", "64m"][..], &labels].concat(), "while :; do :; done");
    podman.make("run", "failed", &["--detach"], "exit 3");
    podman.make("create", "made", &[], "exit 0");
    let mut lookout = lookout(EnginePlace::At(podman.socket()), HypervisorPlace::Nowhere);
    let found = until("the busy one uses CPU and the other ends", || {
        let found = lookout.look().containers.expect("it answers").expect("an engine");
        let is_there = named(&found, "busy").cpu_percent.is_some_and(|percent| percent > 1.0)
            && named(&found, "failed").state == ContainerState::Exited;
        is_there.then_some(found)
    });
    assert!(found.engine.starts_with("Podman "), "{}", found.engine);
    let names: Vec<_> = found.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!((names, found.left_out), (vec!["busy", "failed", "made"], 0));
    let busy = named(&found, "busy");
    assert_eq!((busy.state, busy.exit_code, busy.restarts), (ContainerState::Running, None, 0));
    assert_eq!((busy.image.as_str(), busy.mem_limit_bytes), ("localhost/shell:1", Some(64 << 20)));
    assert_eq!([busy.project.as_deref(), busy.service.as_deref()], [Some("shop"), Some("web")]);
    assert!(busy.mem_used_bytes.is_some_and(|bytes| bytes > 0), "{busy:?}");
    assert!(busy.started_at >= busy.created_at && busy.created_at.is_some(), "{busy:?}");
    assert_eq!(named(&found, "failed").exit_code, Some(3));
    assert_eq!(named(&found, "made").state, ContainerState::Created);

    podman.call(&["pause", "busy"]);
    podman.call(&["rm", "made"]);
    let found = lookout.look().containers.expect("it answers").expect("an engine");
    assert_eq!(named(&found, "busy").state, ContainerState::Paused);
    assert_eq!(found.items.len(), 2);
    podman.call(&["unpause", "busy"]);
}

fn what_virsh_lacks() -> Option<&'static str> {
    (!runs("virsh", &["--version"])).then_some("virsh is not installed")
}

#[test]
fn guests_of_libvirt_are_told() {
    if !is_possible("virsh", what_virsh_lacks(), "BULKHEAD_REQUIRE_VIRSH") {
        return;
    }
    let mut lookout = lookout(EnginePlace::Nowhere, HypervisorPlace::At("test:///default".to_owned()));
    let found = lookout.look().guests.expect("it answers").expect("a hypervisor");
    assert!(found.engine.starts_with("libvirt "), "{}", found.engine);
    let [guest] = &found.items[..] else { panic!("the one that is built in: {found:?}") };
    assert_eq!((guest.name.as_str(), guest.kind, guest.state), ("test", GuestKind::Vm, GuestState::Running));
    assert_eq!((guest.vcpus, guest.mem_total_bytes, guest.autostart), (Some(2), Some(2 << 30), Some(false)));
    assert_eq!(guest.engine_id.len(), 36, "{guest:?}");
}

#[test]
fn guests_of_a_hypervisor_that_was_set_up_are_told_by_name() {
    if !is_possible("virsh", what_virsh_lacks(), "BULKHEAD_REQUIRE_VIRSH") {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary folder");
    let node = dir.path().join("node.xml");
    fs::write(&node, NODE).expect("written");
    let uri = format!("test://{}", Path::new(&node).display());
    let mut lookout = lookout(EnginePlace::Nowhere, HypervisorPlace::At(uri));
    let found = lookout.look().guests.expect("it answers").expect("a hypervisor");
    let told: Vec<_> = found.items.iter().map(|guest| (guest.name.as_str(), guest.state, guest.disks.len())).collect();
    assert_eq!(told, [("a; echo 'x' & b", GuestState::Running, 2), ("off", GuestState::Stopped, 0)]);
}

/// Of libvirt's driver for tests: a name that a shell would stumble over, and a guest that is off.
const NODE: &str = "<node>
  <domain type='test'><name>off</name><uuid>22222222-f6a4-4304-89aa-97f2502e1931</uuid><memory>1024</memory>
    <os><type>hvm</type></os>
    <test:runstate xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>5</test:runstate></domain>
  <domain type='test'><name>a; echo 'x' &amp; b</name><uuid>11111111-f6a4-4304-89aa-97f2502e1931</uuid>
    <memory>8388608</memory><vcpu current='1'>2</vcpu><os><type>hvm</type></os><devices>
    <disk type='file' device='disk'><source file='/a.img'/><target dev='vda'/></disk>
    <disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdb'/></disk>
    <disk type='file' device='cdrom'><target dev='sda'/></disk></devices></domain>
</node>
";

#[test]
fn the_program_sends_what_it_finds_beside_its_reports() {
    if !is_possible("virsh", what_virsh_lacks(), "BULKHEAD_REQUIRE_VIRSH") {
        return;
    }
    let (machine, server) = (Machine::new(), TestServer::honest());
    let running = machine.run_with(&server.url, &["--interval-s", "1"], "test:///default");
    let batch = until("an inventory", || Some(server.next().batch).filter(|batch| batch.inventory.is_some()));
    assert!(!batch.reports.is_empty(), "it never goes alone");
    let guests = batch.inventory.and_then(|inventory| inventory.guests).expect("guests");
    assert_eq!(guests.items[0].name, "test");
    assert_eq!(running.end("-TERM").0, Some(0));
}
