//! Counters of network interfaces.
//!
//! Left out are the loopback, and what containers and virtual machines plug together inside the machine (`veth…`,
//! `docker0`, `br-…`, `cali…`, `tap…`, …): their traffic either never leaves the machine or passes a real interface as
//! well and would be counted twice, and they come and go with each container, so that a host would gather an endless
//! list of names. Bridges, bonds and VLANs that a person set up under their own names are told.

use super::{MAX_ENTRIES, clean};
use shared::report::NetworkCounters;
use sysinfo::Networks;

/// Beginnings of names that programs give.
const PLUMBING: [&str; 18] = [
    "veth", "docker", "br-", "cali", "cni", "flannel", "vnet", "tap", "fwbr", "fwpr", "fwln", "virbr", "lxcbr",
    "lxdbr", "podman", "kube-", "ifb", "dummy",
];

pub(super) fn read(networks: &mut Networks) -> Vec<NetworkCounters> {
    networks.refresh(true);
    let mut told: Vec<_> = networks
        .iter()
        .map(|(name, data)| (name.to_string_lossy().into_owned(), data))
        .filter(|(name, _)| is_told(name))
        .filter_map(|(name, data)| {
            Some(NetworkCounters {
                name: clean::text(&name),
                received_bytes: clean::count(data.total_received())?,
                sent_bytes: clean::count(data.total_transmitted())?,
            })
        })
        .collect();
    told.sort_by(|a, b| a.name.cmp(&b.name));
    told.truncate(MAX_ENTRIES);
    told
}

fn is_told(name: &str) -> bool {
    !matches!(name, "lo" | "lo0") && !PLUMBING.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_of_the_machine_are_told_and_plumbing_is_not() {
        for told in ["eth0", "enp3s0", "wlan0", "bond0", "vmbr0", "eth0.100", "br0", "wg0", "lonely"] {
            assert!(is_told(told), "{told}");
        }
        for left_out in ["lo", "veth1a2b3c", "docker0", "br-0123456789ab", "cali123", "tap100i0", "fwbr100i0", "ifb0"] {
            assert!(!is_told(left_out), "{left_out}");
        }
    }
}
