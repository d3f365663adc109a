//! Recorded from libvirt 9.0.0 with QEMU 7.2: one guest that runs and one that is off.

use super::*;
use shared::inventory::{GuestDisk, GuestKind};

const LIST: &str = include_str!("recorded/list.txt");
const STATS: &str = include_str!("recorded/domstats.txt");
const XML: &str = include_str!("recorded/dumpxml.txt");

fn reports(stats: &str, xml: &str) -> Vec<GuestReport> {
    let stats = stats::read(stats);
    domain::read_all(xml)
        .into_iter()
        .map(|domain| {
            let stats = stats.get(&domain.raw_name);
            domain.report(stats)
        })
        .collect()
}

#[test]
fn the_list_and_the_version_are_read_from_one_answer() {
    let names: Vec<_> = listed(LIST).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["db & co", "off"]);
    assert_eq!(engine(LIST), "libvirt 9.0.0");
    assert_eq!((listed("\nnonsense; destroy off\n"), engine("")), (Vec::new(), "libvirt".to_owned()));
}

#[test]
fn guests_of_qemu_are_read() {
    let [runs, off] = <[_; 2]>::try_from(reports(STATS, XML)).expect("two");
    let disk = |target: &str, source: &str, capacity, allocated| GuestDisk {
        target: target.to_owned(),
        source: source.to_owned(),
        capacity_bytes: Some(capacity),
        allocated_bytes: Some(allocated),
    };
    let small = disk("vdb", "/tmp/inv/nb/b.raw", 10 << 20, 4_096);
    let expected = GuestReport {
        engine_id: "c25546a8-d924-4753-993d-80324309b75e".to_owned(),
        name: "db & co".to_owned(),
        kind: GuestKind::Vm,
        state: GuestState::Running,
        vcpus: Some(2),
        cpu_percent: None,
        mem_used_bytes: None,
        mem_total_bytes: Some(128 << 20),
        disks: vec![disk("vda", "/tmp/inv/nb/a.qcow2", 1 << 30, 200_704), small.clone()],
        uptime_s: None,
        autostart: None,
    };
    assert_eq!(runs, expected, "the CD drive is no disk");
    assert_eq!((off.name.as_str(), off.state, &off.disks[..]), ("off", GuestState::Stopped, &[small][..]));
}

#[test]
fn a_guest_without_statistics_is_told_from_its_description() {
    let [runs, _] = <[_; 2]>::try_from(reports("", XML)).expect("two");
    assert_eq!((runs.state, runs.vcpus, runs.mem_total_bytes), (GuestState::Unknown, Some(2), Some(128 << 20)));
    assert_eq!(runs.disks.len(), 2);
}

#[test]
fn memory_in_use_is_told_once_the_guest_tells_it() {
    let used = |lines: &str| {
        let text = format!("Domain: 'a'\n  state.state=1\n{lines}");
        stats::read(&text)["a"].mem_used_bytes()
    };
    let told = "  balloon.last-update=1795656900\n  balloon.available=1000\n";
    assert_eq!(used(&format!("{told}  balloon.usable=600\n  balloon.unused=100\n")), Some(400 << 10));
    assert_eq!(used(&format!("{told}  balloon.unused=100\n  balloon.disk_caches=300\n")), Some(600 << 10));
    assert_eq!(used(told), None);
    assert_eq!(used("  balloon.last-update=0\n  balloon.available=1000\n  balloon.unused=1\n"), None, "never asked");
    assert_eq!(used("  balloon.current=1000\n  balloon.rss=400\n"), None, "what the host sees is not what it uses");
}

#[test]
fn every_state_of_libvirt_has_its_meaning() {
    let states = [
        GuestState::Unknown,
        GuestState::Running,
        GuestState::Running,
        GuestState::Paused,
        GuestState::ShuttingDown,
        GuestState::Stopped,
        GuestState::Crashed,
        GuestState::Suspended,
        GuestState::Unknown,
    ];
    for (number, expected) in states.into_iter().enumerate() {
        assert_eq!(stats::read(&format!("Domain: 'a'\n  state.state={number}\n"))["a"].state(), expected, "{number}");
    }
}

#[test]
fn a_name_with_quotes_and_one_that_looks_like_a_value_are_found() {
    let stats = stats::read("Domain: 'it's'\n  state.state=1\n\nDomain: 'a=b'\n  state.state=5\n");
    assert_eq!([stats["it's"].state(), stats["a=b"].state()], [GuestState::Running, GuestState::Stopped]);
}

#[test]
fn a_system_container_and_sources_of_all_kinds_are_read() {
    let xml = "<domain type='lxc'><name>ct</name><uuid>u1</uuid><memory unit='GiB'>1</memory><vcpu current='1'>4</vcpu>
        <os><type>exe</type></os></domain>
        <domain type='broken'><name>gone</domain>
        <domain type='kvm'><name>vm\u{7f}</name><uuid>u2</uuid><devices>
        <disk type='block'><source dev='/dev/vg/a'/><target dev='vda'/></disk>
        <disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdb'/></disk>
        <disk type='network' device='lun'><source protocol='rbd' name='pool/img'/><target dev='sda'/></disk>
        <disk type='file' device='floppy'><source file='/f'/><target dev='fda'/></disk>
        <disk type='file'><target dev='vdc'/></disk></devices></domain>";
    let [ct, vm] = <[_; 2]>::try_from(reports("", xml)).expect("what is broken is left out alone");
    assert_eq!((ct.kind, ct.vcpus, ct.mem_total_bytes), (GuestKind::SystemContainer, Some(1), Some(1 << 30)));
    let sources: Vec<_> = vm.disks.iter().map(|disk| (disk.target.as_str(), disk.source.as_str())).collect();
    assert_eq!(sources, [("vda", "/dev/vg/a"), ("vdb", "p/v"), ("sda", "rbd:pool/img"), ("vdc", "")]);
    assert_eq!((vm.kind, vm.name.as_str(), vm.mem_total_bytes), (GuestKind::Vm, "vm", None));
}

#[test]
fn a_device_of_the_host_is_taken_as_a_whole() {
    let xml = "<domain><name>a</name><uuid>u</uuid><devices><disk type='block'><source dev='/dev/vg/a'/>
        <target dev='vda'/></disk></devices></domain>";
    let stats = "Domain: 'a'\n  block.count=1\n  block.0.name=vda\n  block.0.allocation=5\n  block.0.capacity=20\n  block.0.physical=20\n";
    assert_eq!(reports(stats, xml)[0].disks[0].allocated_bytes, Some(20));
}

/// What `virsh` would be asked, played by a shell script.
fn look(script: &str) -> Result<Option<FoundGuests>, HypervisorError> {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a temporary folder");
    let program = dir.path().join("virsh");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("set");
    let place = HypervisorPlace::At("qemu:///system".to_owned());
    let mut hypervisor = Hypervisor { program: program.to_string_lossy().into_owned(), ..Hypervisor::new(place) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(hypervisor.look())
}

#[test]
fn a_guest_that_goes_meanwhile_is_gone_and_a_hypervisor_that_goes_takes_none_with_it() {
    let id = "c25546a8-d924-4753-993d-80324309b75e";
    let script = |complaint: &str| {
        format!("case \"$5\" in version*) echo '{id} a';; dumpxml*) echo \"error: {complaint}\" >&2; exit 1;; esac")
    };
    let gone = look(&script(&format!("failed to get domain '{id}'"))).expect("no error").expect("a hypervisor");
    assert_eq!((gone.items, gone.left_out), (Vec::new(), 0));
    let error = look(&script("failed to connect to the hypervisor")).expect_err("nobody knows");
    assert!(matches!(error, HypervisorError::Failed { .. }), "{error}");
}

#[test]
fn why_it_does_not_connect_is_said() {
    let denied = look("echo 'error: authentication unavailable: no polkit agent' >&2; exit 1").expect_err("denied");
    assert!(matches!(denied, HypervisorError::Denied { .. }), "{denied}");
    let failed = look("echo 'error: no such driver' >&2; exit 1").expect_err("fails").to_string();
    assert!(failed.contains("no such driver"), "{failed}");
    let mut missing = Hypervisor::new(HypervisorPlace::At("qemu:///system".to_owned()));
    "/no/such/virsh".clone_into(&mut missing.program);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    assert!(matches!(runtime.block_on(missing.look()), Err(HypervisorError::NoVirsh)));
}

#[test]
fn of_too_many_guests_the_first_by_name_are_told_and_the_rest_counted() {
    let script = r#"case "$5" in
        version*) i=0; while [ $i -lt 507 ]; do printf '%08d-0000-4000-8000-000000000000 n%05d\n' $i $i; i=$((i+1)); done;;
        dumpxml*) echo "$5" | tr ';' '\n' | while read -r _ id; do
            echo "<domain><name>n$id</name><uuid>$id</uuid></domain>"; done;;
        esac"#;
    let found = look(script).expect("no error").expect("a hypervisor");
    assert_eq!((found.items.len(), found.left_out), (MAX_GUESTS, 7));
    assert_eq!(found.items.last().map(|guest| guest.engine_id.as_str()), Some("00000499-0000-4000-8000-000000000000"));
}
