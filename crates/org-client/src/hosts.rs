//! The list of hosts as a client keeps it.

use shared::{
    HostId, Micros,
    host::{Health, HostSummary, HostTotals},
    org::Bootstrap,
};

/// Hosts of one organization with the server's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct HostList {
    /// By name, then by id.
    hosts: Vec<HostSummary>,
    /// How far the server's clock is ahead of this machine's.
    clock_ahead: Micros,
    /// Whether all hosts are here, or only the first ones of the bootstrap.
    complete: bool,
    /// Sums as the server gave them, for as long as the list is not complete.
    totals: HostTotals,
}

impl HostList {
    /// What a bootstrap brought. `now` is this machine's clock.
    #[must_use]
    pub fn from_bootstrap(bootstrap: &Bootstrap, now: Micros) -> Self {
        let mut list = Self {
            hosts: bootstrap.hosts.clone(),
            clock_ahead: bootstrap.server_time - now,
            complete: usize::try_from(bootstrap.summary.hosts.hosts) == Ok(bootstrap.hosts.len()),
            totals: bootstrap.summary.hosts,
        };
        list.sort();
        list
    }

    /// Takes the place of whatever was known.
    pub fn replace_all(&mut self, hosts: Vec<HostSummary>, server_time: Micros, now: Micros) {
        self.hosts = hosts;
        self.clock_ahead = server_time - now;
        self.complete = true;
        self.sort();
    }

    /// Puts newer states of hosts in place and adds hosts that are new.
    pub fn upsert(&mut self, hosts: Vec<HostSummary>, server_time: Micros, now: Micros) {
        self.clock_ahead = server_time - now;
        let mut grew = false;
        for host in hosts {
            match self.hosts.iter_mut().find(|known| known.id == host.id) {
                Some(known) => {
                    grew |= known.name != host.name;
                    *known = host;
                }
                None => {
                    self.hosts.push(host);
                    grew = true;
                }
            }
        }
        if grew {
            self.sort();
        }
    }

    /// A host was removed.
    pub fn remove(&mut self, host: HostId) {
        self.hosts.retain(|known| known.id != host);
    }

    /// All hosts, by name, then by id.
    #[must_use]
    pub fn hosts(&self) -> &[HostSummary] {
        &self.hosts
    }

    /// One host.
    #[must_use]
    pub fn host(&self, id: HostId) -> Option<&HostSummary> {
        self.hosts.iter().find(|host| host.id == id)
    }

    /// Whether all hosts are here, or only the first ones of the bootstrap.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// The server's clock at a time of this machine's.
    #[must_use]
    pub const fn server_time(&self, now: Micros) -> Micros {
        now + self.clock_ahead
    }

    /// Sums over the hosts at a time of this machine's clock.
    #[must_use]
    pub fn totals(&self, now: Micros) -> HostTotals {
        if !self.complete {
            return self.totals;
        }
        let server_now = self.server_time(now);
        let mut totals = HostTotals::default();
        for host in &self.hosts {
            totals.hosts += 1;
            match host.health_at(server_now) {
                Health::Healthy => totals.healthy += 1,
                Health::Warning => totals.warning += 1,
                Health::Critical => totals.critical += 1,
                Health::NotReporting => totals.not_reporting += 1,
            }
        }
        totals
    }

    fn sort(&mut self) {
        self.hosts.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    }
}
