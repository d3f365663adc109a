//! What `virsh dumpxml` writes: how a guest is set up.

use super::stats::Stats;
use crate::measure::clean;
use roxmltree::{Document, Node};
use shared::inventory::{GuestDisk, GuestKind, GuestReport, GuestState, MAX_GUEST_DISKS};

/// More than any hypervisor gives.
const MOST_VCPUS: u64 = 65_536;

/// A guest as it is set up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Domain {
    /// Its UUID.
    pub(super) id: String,
    /// Its name as libvirt has it, by which its statistics are found.
    pub(super) raw_name: String,
    kind: GuestKind,
    vcpus: Option<u64>,
    memory_bytes: Option<u64>,
    disks: Vec<Disk>,
}

#[derive(Debug, Clone, PartialEq)]
struct Disk {
    target: String,
    source: String,
    /// A device of the host, which it takes as a whole.
    is_device: bool,
}

/// Reads the documents of several guests, one after another. One that cannot be read costs the others nothing.
pub(super) fn read_all(text: &str) -> Vec<Domain> {
    const END: &str = "</domain>";
    let mut domains = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(END) {
        let (document, after) = rest.split_at(end + END.len());
        domains.extend(read(document.trim_start()));
        rest = after;
    }
    domains
}

fn read(document: &str) -> Option<Domain> {
    let document = Document::parse(document).ok()?;
    let domain = document.root_element();
    let text = |name: &str| Some(child(domain, name)?.text()?.trim());
    // Of the programs that libvirt runs as a guest, `exe` is one without a machine of its own.
    let is_container = matches!(domain.attribute("type"), Some("lxc" | "openvz" | "vz"))
        && child(domain, "os").and_then(|os| child(os, "type")).and_then(|kind| kind.text()) == Some("exe");
    let vcpu = child(domain, "vcpu");
    let disks = child(domain, "devices").into_iter().flat_map(|devices| devices.children()).filter_map(disk);
    Some(Domain {
        id: text("uuid")?.to_owned(),
        raw_name: child(domain, "name")?.text()?.to_owned(),
        kind: if is_container { GuestKind::SystemContainer } else { GuestKind::Vm },
        vcpus: vcpu.and_then(|vcpu| vcpu.attribute("current").or(vcpu.text())?.trim().parse().ok()),
        memory_bytes: child(domain, "currentMemory").or_else(|| child(domain, "memory")).and_then(bytes),
        disks: disks.take(MAX_GUEST_DISKS).collect(),
    })
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// A disk that holds something: what can be put in and taken out is none.
fn disk<'a>(node: Node<'a, 'a>) -> Option<Disk> {
    if !node.has_tag_name("disk") || !matches!(node.attribute("device"), None | Some("disk" | "lun")) {
        return None;
    }
    let target = clean::text(child(node, "target")?.attribute("dev")?);
    (!target.is_empty()).then(|| Disk {
        target,
        source: child(node, "source").map(source).unwrap_or_default(),
        is_device: node.attribute("type") == Some("block"),
    })
}

/// A file, device or folder, or a volume in a pool, or something on the network.
fn source(node: Node<'_, '_>) -> String {
    let direct = ["file", "dev", "dir"].iter().find_map(|name| node.attribute(*name));
    let pool = || Some(format!("{}/{}", node.attribute("pool")?, node.attribute("volume")?));
    let network = || {
        let name = node.attribute("name")?;
        Some(node.attribute("protocol").map_or_else(|| name.to_owned(), |protocol| format!("{protocol}:{name}")))
    };
    clean::text(&direct.map(str::to_owned).or_else(pool).or_else(network).unwrap_or_default())
}

/// An amount of memory with its unit, which is KiB where none is said.
fn bytes(node: Node<'_, '_>) -> Option<u64> {
    let amount: u64 = node.text()?.trim().parse().ok()?;
    let unit = match node.attribute("unit").unwrap_or("KiB") {
        "b" | "bytes" => 1,
        "k" | "KiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        "T" | "TiB" => 1 << 40,
        _ => return None,
    };
    amount.checked_mul(unit)
}

impl Domain {
    /// The guest with its statistics, where there are some.
    pub(super) fn report(self, stats: Option<&Stats>) -> GuestReport {
        let state = stats.map_or(GuestState::Unknown, Stats::state);
        let memory = stats.and_then(|stats| stats.kib("balloon.current")).or(self.memory_bytes).and_then(clean::count);
        let used =
            stats.filter(|_| state == GuestState::Running).and_then(Stats::mem_used_bytes).and_then(clean::count);
        let vcpus = stats.and_then(|stats| stats.number("vcpu.current")).or(self.vcpus);
        let name = clean::text(&self.raw_name);
        GuestReport {
            name: if name.is_empty() { self.id.clone() } else { name },
            engine_id: self.id,
            kind: self.kind,
            state,
            vcpus: vcpus.filter(|vcpus| *vcpus <= MOST_VCPUS).and_then(clean::count),
            cpu_percent: None,
            mem_used_bytes: used.map(|used| memory.map_or(used, |memory| used.min(memory))),
            mem_total_bytes: memory,
            disks: self.disks.into_iter().map(|disk| disk.report(stats)).collect(),
            // Libvirt does not know it.
            uptime_s: None,
            autostart: None,
        }
    }
}

impl Disk {
    fn report(self, stats: Option<&Stats>) -> GuestDisk {
        let number = |what: &str| {
            let stats = stats?;
            let index = stats.block(&self.target)?;
            stats.number(&format!("block.{index}.{what}")).filter(|bytes| *bytes > 0)
        };
        // The two change roles: of a guest that runs, `allocation` is how far it has written, and `physical` what its
        // file takes; of one that is off, `physical` is how long the file is, holes and all. The smaller is the truth.
        let (allocation, physical) = (number("allocation"), number("physical"));
        let allocated = if self.is_device { physical } else { allocation.into_iter().chain(physical).min() };
        GuestDisk {
            capacity_bytes: number("capacity").and_then(clean::count),
            allocated_bytes: allocated.and_then(clean::count),
            target: self.target,
            source: self.source,
        }
    }
}
