//! Which hosts the list shows and in which order. Both stand in the address, so that a link shows the same.

use crate::ui::largest_first;
use org_client::Notes;
use shared::{
    Micros,
    host::{Health, HostSummary},
    metadata::Subject,
};

/// A column that the list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// What needs attention most comes first, then by name.
    #[default]
    Severity,
    /// Name.
    Name,
    /// CPU.
    Cpu,
    /// Memory.
    Memory,
    /// The fullest filesystem.
    Disk,
    /// Received.
    NetIn,
    /// Sent.
    NetOut,
    /// Time since the machine was started.
    Uptime,
}

impl SortBy {
    const ALL: [Self; 8] =
        [Self::Severity, Self::Name, Self::Cpu, Self::Memory, Self::Disk, Self::NetIn, Self::NetOut, Self::Uptime];

    /// The word in the address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Name => "name",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::NetIn => "in",
            Self::NetOut => "out",
            Self::Uptime => "uptime",
        }
    }

    /// Whether the largest comes first when the column is chosen.
    #[must_use]
    pub const fn starts_descending(self) -> bool {
        !matches!(self, Self::Severity | Self::Name)
    }
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Words that a host's name, system, description or tags must contain.
    pub query: String,
    /// Only hosts that are not healthy.
    pub attention_only: bool,
    /// The column that it is sorted by.
    pub sort: SortBy,
    /// The other way round than the column starts with.
    pub reversed: bool,
}

impl Listing {
    /// Reads an address's query; what it does not know is ignored.
    #[must_use]
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let sort = get("sort").and_then(|word| SortBy::ALL.into_iter().find(|sort| sort.as_str() == word));
        Self {
            query: get("q").unwrap_or_default(),
            attention_only: get("show").as_deref() == Some("attention"),
            sort: sort.unwrap_or_default(),
            reversed: get("order").as_deref() == Some("reversed"),
        }
    }

    /// The address's query, with its question mark; empty where nothing was chosen.
    #[must_use]
    pub fn write(&self, encode: impl Fn(&str) -> String) -> String {
        let mut parts = Vec::new();
        if !self.query.trim().is_empty() {
            parts.push(format!("q={}", encode(self.query.trim())));
        }
        if self.attention_only {
            parts.push("show=attention".to_owned());
        }
        if self.sort != SortBy::default() {
            parts.push(format!("sort={}", self.sort.as_str()));
        }
        if self.reversed {
            parts.push("order=reversed".to_owned());
        }
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The listing after a press on a column's head.
    #[must_use]
    pub fn sorted_by(&self, sort: SortBy) -> Self {
        let reversed = self.sort == sort && !self.reversed;
        Self { sort, reversed, ..self.clone() }
    }

    /// The hosts that it shows, in order. `now` is the server's clock.
    #[must_use]
    pub fn apply<'a>(&self, hosts: &'a [HostSummary], notes: &Notes, now: Micros) -> Vec<&'a HostSummary> {
        let words: Vec<String> = self.query.split_whitespace().map(str::to_lowercase).collect();
        let mut shown: Vec<&HostSummary> = hosts
            .iter()
            .filter(|host| !self.attention_only || host.health_at(now) != Health::Healthy)
            .filter(|host| {
                let mut text = format!("{} {}", host.name, host.os);
                if let Some(noted) = notes.about(Subject::Host(host.id)) {
                    text.push_str(&format!(" {} {}", noted.description, noted.tags.join(" ")));
                }
                let text = text.to_lowercase();
                words.iter().all(|word| text.contains(word.as_str()))
            })
            .collect();
        shown.sort_by(|a, b| {
            let order = match self.sort {
                SortBy::Severity => b.health_at(now).cmp(&a.health_at(now)),
                SortBy::Name => a.name.cmp(&b.name),
                SortBy::Cpu => largest_first(a.cpu_percent, b.cpu_percent),
                SortBy::Memory => largest_first(a.mem_percent(), b.mem_percent()),
                SortBy::Disk => largest_first(a.disk_percent, b.disk_percent),
                SortBy::NetIn => largest_first(a.net_in_bps, b.net_in_bps),
                SortBy::NetOut => largest_first(a.net_out_bps, b.net_out_bps),
                SortBy::Uptime => b.uptime_s.cmp(&a.uptime_s),
            };
            let order = if self.reversed { order.reverse() } else { order };
            // Equal ones keep an order of their own, so that rows do not dance as numbers change.
            order.then_with(|| a.name.cmp(&b.name)).then_with(|| a.id.cmp(&b.id))
        });
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{
        HostId,
        metadata::{Metadata, Noted},
    };

    fn host(name: &str, cpu_percent: Option<f64>) -> HostSummary {
        // The id only has to differ.
        let id = format!("00000000-0000-0000-0000-{:012x}", name.bytes().map(u64::from).sum::<u64>());
        HostSummary {
            id: id.parse::<HostId>().expect("an id"),
            name: name.to_owned(),
            os: "Debian 12".to_owned(),
            health: Health::Healthy,
            cpu_percent,
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

    fn names(listing: &Listing, hosts: &[HostSummary]) -> Vec<String> {
        listing.apply(hosts, &Notes::default(), 0).into_iter().map(|host| host.name.clone()).collect()
    }

    #[test]
    fn what_needs_attention_comes_first_unless_something_else_was_chosen() {
        let hosts = [host("a", Some(10.0)), host("b", Some(99.0)), host("c", None), host("d", Some(90.0))];
        assert_eq!(names(&Listing::default(), &hosts), ["b", "d", "a", "c"]);
        let by_cpu = Listing::default().sorted_by(SortBy::Cpu);
        assert_eq!(names(&by_cpu, &hosts), ["b", "d", "a", "c"]);
        assert_eq!(names(&by_cpu.sorted_by(SortBy::Cpu), &hosts), ["c", "a", "d", "b"]);
        let attention = Listing { attention_only: true, ..Listing::default() };
        assert_eq!(names(&attention, &hosts), ["b", "d"]);
    }

    #[test]
    fn every_word_of_a_query_has_to_be_found() {
        let hosts = [host("web-1", None), host("web-2", None), host("db-1", None)];
        let query = |text: &str| Listing { query: text.to_owned(), ..Listing::default() };
        assert_eq!(names(&query("WEB debian"), &hosts), ["web-1", "web-2"]);
        assert_eq!(names(&query("web freebsd"), &hosts), Vec::<String>::new());
    }

    #[test]
    fn a_host_is_found_by_what_is_noted_about_it() {
        let hosts = [host("web-1", None), host("web-2", None)];
        let metadata =
            Metadata { description: "Front end".to_owned(), tags: vec!["rack:b2".to_owned()], ..Metadata::default() };
        let notes = Notes::new(vec![Noted { subject: Subject::Host(hosts[1].id), metadata }]);
        for query in ["front web", "RACK:b2"] {
            let listing = Listing { query: query.to_owned(), ..Listing::default() };
            let found = listing.apply(&hosts, &notes, 0);
            assert_eq!(found.iter().map(|host| host.name.as_str()).collect::<Vec<_>>(), ["web-2"], "{query}");
        }
    }

    #[test]
    fn an_address_is_read_back_as_it_was_written() {
        let listing = Listing { query: "web".to_owned(), attention_only: true, sort: SortBy::Memory, reversed: true };
        let written = listing.write(str::to_owned);
        assert_eq!(written, "?q=web&show=attention&sort=memory&order=reversed");
        let pairs: Vec<(&str, &str)> = written[1..].split('&').filter_map(|pair| pair.split_once('=')).collect();
        let get = |key: &str| pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned());
        assert_eq!(Listing::read(get), listing);
        assert_eq!(Listing::read(|_| Some("nonsense".to_owned())).sort, SortBy::Severity);
    }
}
