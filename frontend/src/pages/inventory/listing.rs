//! Which rows a list shows, in which groups and order. All of it stands in the address, so that a link shows the same.

use super::item::{Item, SortBy};
use crate::ui::largest_first;
use org_client::Notes;
use shared::host::Health;
use std::{borrow::Borrow, cmp::Ordering, collections::HashMap};

/// Which of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Show {
    #[default]
    All,
    /// What is not healthy.
    Attention,
    /// What does not run.
    Stopped,
}

impl Show {
    pub(super) const ALL: [Self; 3] = [Self::All, Self::Attention, Self::Stopped];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Attention => "attention",
            Self::Stopped => "stopped",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Attention => "Attention",
            Self::Stopped => "Stopped",
        }
    }

    pub(super) fn takes(self, item: &Item) -> bool {
        match self {
            Self::All => true,
            Self::Attention => item.health != Health::Healthy,
            Self::Stopped => !item.is_running,
        }
    }
}

impl SortBy {
    const ALL: [Self; 5] = [Self::Severity, Self::Name, Self::Restarts, Self::Cpu, Self::Memory];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Name => "name",
            Self::Restarts => "restarts",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }

    /// Whether the largest comes first when the column is chosen.
    pub(super) const fn starts_descending(self) -> bool {
        !matches!(self, Self::Severity | Self::Name)
    }
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Listing {
    /// Words that a row's name, image, host, project, description or tags must contain.
    pub(super) query: String,
    pub(super) show: Show,
    pub(super) sort: SortBy,
    /// The other way round than the column starts with.
    pub(super) reversed: bool,
    /// Without groups.
    pub(super) flat: bool,
}

/// Rows that stand together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group<'a> {
    /// What they have in common; none in a flat list.
    pub(super) title: Option<String>,
    pub(super) items: Vec<&'a Item>,
}

impl Listing {
    /// Reads an address's query; what it does not know is ignored.
    pub(super) fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let word = |key: &str| get(key).unwrap_or_default();
        Self {
            query: word("q"),
            show: Show::ALL.into_iter().find(|show| show.as_str() == word("show")).unwrap_or_default(),
            sort: SortBy::ALL.into_iter().find(|sort| sort.as_str() == word("sort")).unwrap_or_default(),
            reversed: word("order") == "reversed",
            flat: word("group") == "none",
        }
    }

    /// The address's query, with its question mark; empty where nothing was chosen.
    pub(super) fn write(&self, encode: impl Fn(&str) -> String) -> String {
        let mut parts = Vec::new();
        if !self.query.trim().is_empty() {
            parts.push(format!("q={}", encode(self.query.trim())));
        }
        if self.show != Show::default() {
            parts.push(format!("show={}", self.show.as_str()));
        }
        if self.sort != SortBy::default() {
            parts.push(format!("sort={}", self.sort.as_str()));
        }
        if self.reversed {
            parts.push("order=reversed".to_owned());
        }
        if self.flat {
            parts.push("group=none".to_owned());
        }
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The listing after a press on a column's head.
    pub(super) fn sorted_by(&self, sort: SortBy) -> Self {
        let reversed = self.sort == sort && !self.reversed;
        Self { sort, reversed, ..self.clone() }
    }

    /// The rows that it shows, in groups by name, those without a project last.
    pub(super) fn apply<'a>(&self, items: &'a [impl Borrow<Item>], notes: &Notes) -> Vec<Group<'a>> {
        let words: Vec<String> = self.query.split_whitespace().map(str::to_lowercase).collect();
        let mut shown: Vec<&Item> = items
            .iter()
            .map(Borrow::borrow)
            .filter(|item| self.show.takes(item))
            .filter(|item| {
                if words.is_empty() {
                    return true;
                }
                let noted = notes.about(item.subject).map_or_else(String::new, |noted| {
                    format!("{} {}", noted.description, noted.tags.join(" ")).to_lowercase()
                });
                words.iter().all(|word| item.text.contains(word.as_str()) || noted.contains(word.as_str()))
            })
            .collect();
        shown.sort_by(|a, b| self.order(a, b));
        if self.flat {
            return if shown.is_empty() { Vec::new() } else { vec![Group { title: None, items: shown }] };
        }
        let mut groups: Vec<Group<'a>> = Vec::new();
        let mut places: HashMap<(&str, bool), usize> = HashMap::new();
        for item in shown {
            let at = *places.entry((&item.group, item.group_is_project)).or_insert(groups.len());
            match groups.get_mut(at) {
                Some(group) => group.items.push(item),
                None => groups.push(Group { title: Some(item.group.clone()), items: vec![item] }),
            }
        }
        // Where the person chose no order, groups keep their places while their rows' states change.
        groups.sort_by(|a, b| {
            let key = |group: &Group<'_>| (!group.items[0].group_is_project, group.items[0].group.clone());
            key(a).cmp(&key(b))
        });
        groups
    }

    fn order(&self, a: &Item, b: &Item) -> Ordering {
        let order = match self.sort {
            SortBy::Severity => b.health.cmp(&a.health),
            SortBy::Name => Ordering::Equal,
            SortBy::Restarts => b.restarts.cmp(&a.restarts),
            SortBy::Cpu => largest_first(a.cpu, b.cpu),
            SortBy::Memory => b.memory.cmp(&a.memory),
        };
        let by_name = || a.name.cmp(&b.name);
        let order = match (self.sort, self.reversed) {
            (SortBy::Name, false) => by_name(),
            (SortBy::Name, true) => by_name().reverse(),
            (_, false) => order,
            (_, true) => order.reverse(),
        };
        // Equal ones keep an order of their own, so that rows do not dance as numbers change.
        let by_host = || a.host_name.cmp(&b.host_name);
        order.then_with(by_name).then_with(by_host).then_with(|| a.subject.cmp(&b.subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::metadata::{Metadata, Noted, Subject};

    fn item(number: u32, name: &str, project: Option<&str>, health: Health) -> Item {
        Item {
            subject: Subject::Container(format!("00000000-0000-0000-0000-{number:012x}").parse().expect("an id")),
            name: name.to_owned(),
            small: String::new(),
            host: "00000000-0000-0000-0000-000000000001".parse().expect("an id"),
            host_name: "node".to_owned(),
            group: project.unwrap_or("node").to_owned(),
            group_is_project: project.is_some(),
            health,
            is_running: health != Health::NotReporting,
            text: format!("{name} {} node", project.unwrap_or_default()),
            cells: Vec::new(),
            cpu: Some(f64::from(number)),
            memory: None,
            restarts: 0,
            facts: Vec::new(),
        }
    }

    fn names(listing: &Listing, items: &[Item]) -> Vec<(Option<String>, Vec<String>)> {
        let groups = listing.apply(items, &Notes::default());
        let names = |group: &Group<'_>| group.items.iter().map(|item| item.name.clone()).collect();
        groups.iter().map(|group| (group.title.clone(), names(group))).collect()
    }

    #[test]
    fn rows_stand_under_their_project_and_what_needs_attention_comes_first_in_it() {
        let items = [
            item(1, "lone", None, Health::Healthy),
            item(2, "web", Some("shop"), Health::Healthy),
            item(3, "worker", Some("shop"), Health::Warning),
            item(4, "mail", Some("mail"), Health::Healthy),
        ];
        let expected = [("mail", vec!["mail"]), ("shop", vec!["worker", "web"]), ("node", vec!["lone"])];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(title, names)| (Some(title.to_owned()), names.into_iter().map(str::to_owned).collect::<Vec<_>>()))
            .collect();
        assert_eq!(names(&Listing::default(), &items), expected);
        let flat = Listing { flat: true, ..Listing::default() }.sorted_by(SortBy::Cpu);
        assert_eq!(names(&flat, &items)[0].1, ["mail", "worker", "web", "lone"]);
        let attention = Listing { show: Show::Attention, ..Listing::default() };
        assert_eq!(names(&attention, &items).len(), 1);
    }

    #[test]
    fn a_row_is_found_by_what_is_noted_about_it() {
        let items = [item(1, "web", None, Health::Healthy), item(2, "db", None, Health::Healthy)];
        let metadata = Metadata { tags: vec!["role:postgres".to_owned()], ..Metadata::default() };
        let notes = Notes::new(vec![Noted { subject: items[1].subject, metadata }]);
        let listing = Listing { query: "ROLE:postgres node".to_owned(), ..Listing::default() };
        let groups = listing.apply(&items, &notes);
        assert_eq!(groups[0].items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["db"]);
    }

    #[test]
    fn an_address_is_read_back_as_it_was_written() {
        let listing =
            Listing { query: "web".to_owned(), show: Show::Stopped, sort: SortBy::Cpu, reversed: true, flat: true };
        let written = listing.write(str::to_owned);
        assert_eq!(written, "?q=web&show=stopped&sort=cpu&order=reversed&group=none");
        let pairs: Vec<(&str, &str)> = written[1..].split('&').filter_map(|pair| pair.split_once('=')).collect();
        let get = |key: &str| pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned());
        assert_eq!(Listing::read(get), listing);
        assert_eq!(Listing::read(|_| Some("nonsense".to_owned())).show, Show::All);
    }
}
