//! What runs on the hosts of an organization, as a client keeps it.

use shared::{
    HostId, Micros,
    inventory::{Container, Guest},
};
use std::collections::BTreeMap;

/// Something that was found on a host.
pub trait Found {
    /// The host.
    fn host(&self) -> HostId;
}

impl Found for Container {
    fn host(&self) -> HostId {
        self.host
    }
}

impl Found for Guest {
    fn host(&self) -> HostId {
        self.host
    }
}

/// Everything of one kind that was found, host by host, with the server's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundList<T> {
    by_host: BTreeMap<HostId, OfHost<T>>,
    /// How far the server's clock is ahead of this machine's.
    clock_ahead: Micros,
    /// Whether all is here; an organization with very much of it is not kept whole.
    complete: bool,
}

/// What was found on a host.
#[derive(Debug, Clone, PartialEq)]
struct OfHost<T> {
    /// The server's clock when it came.
    at: Micros,
    items: Vec<T>,
}

impl<T: Found> FoundList<T> {
    /// What was loaded. `now` is this machine's clock.
    #[must_use]
    pub fn new(items: Vec<T>, complete: bool, server_time: Micros, now: Micros) -> Self {
        let mut by_host: BTreeMap<HostId, OfHost<T>> = BTreeMap::new();
        for item in items {
            let of_host = by_host.entry(item.host()).or_insert_with(|| OfHost { at: server_time, items: Vec::new() });
            of_host.items.push(item);
        }
        Self { by_host, clock_ahead: server_time - now, complete }
    }

    /// Puts what was found on a host now in the place of all that was known of it.
    pub fn replace_host(&mut self, host: HostId, items: Vec<T>, server_time: Micros, now: Micros) {
        self.clock_ahead = server_time - now;
        // What is of another host than it says is not put under it.
        let items: Vec<T> = items.into_iter().filter(|item| item.host() == host).collect();
        self.by_host.insert(host, OfHost { at: server_time, items });
    }

    /// A host was removed, and what ran on it with it.
    pub fn remove_host(&mut self, host: HostId) {
        self.by_host.remove(&host);
    }

    /// All of it, host by host.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.by_host.values().flat_map(|of_host| &of_host.items)
    }

    /// The same in parts: a host, the server's clock when what was found on it came, and what it was. As long as that
    /// time is the same, so is the part.
    pub fn hosts(&self) -> impl Iterator<Item = (HostId, Micros, &[T])> {
        self.by_host.iter().map(|(host, of_host)| (*host, of_host.at, of_host.items.as_slice()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_host.values().map(|of_host| of_host.items.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all is here.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// The server's clock at a time of this machine's.
    #[must_use]
    pub const fn server_time(&self, now: Micros) -> Micros {
        now + self.clock_ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{
        GuestId,
        inventory::{GuestKind, GuestState},
    };
    use uuid::Uuid;

    fn host(number: u128) -> HostId {
        HostId::from_uuid(Uuid::from_u128(number))
    }

    fn guest(host: HostId, name: &str) -> Guest {
        Guest {
            id: GuestId::from_uuid(Uuid::from_u128(7)),
            host,
            host_name: String::new(),
            engine_id: String::new(),
            name: name.to_owned(),
            kind: GuestKind::Vm,
            state: GuestState::Running,
            vcpus: None,
            cpu_percent: None,
            mem_used_bytes: None,
            mem_total_bytes: None,
            disks: Vec::new(),
            uptime_s: None,
            autostart: None,
            seen_at: 0,
        }
    }

    #[test]
    fn what_is_found_on_a_host_takes_the_place_of_what_was_known_of_that_host_alone() {
        let mut list = FoundList::new(vec![guest(host(1), "a"), guest(host(2), "b")], true, 100, 40);
        list.replace_host(host(1), vec![guest(host(1), "c"), guest(host(2), "stranger")], 200, 100);
        assert_eq!(list.iter().map(|guest| guest.name.as_str()).collect::<Vec<_>>(), ["c", "b"]);
        assert_eq!(list.server_time(10), 110);
        assert_eq!(list.hosts().map(|(_, at, found)| (at, found.len())).collect::<Vec<_>>(), [(200, 1), (100, 1)]);
        list.remove_host(host(2));
        assert_eq!(list.len(), 1);
    }
}
