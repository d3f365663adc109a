//! What `virsh domstats` writes: for each guest its name, and a line for each value.

use shared::inventory::GuestState;
use std::collections::HashMap;

/// Values of one guest.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Stats(HashMap<String, String>);

impl Stats {
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.text(key)?.parse().ok()
    }

    /// A number of KiB, in bytes.
    pub(super) fn kib(&self, key: &str) -> Option<u64> {
        self.number(key)?.checked_mul(1_024)
    }

    /// Libvirt's numbers for states.
    pub(super) fn state(&self) -> GuestState {
        match self.number("state.state") {
            // Blocked is waiting for a device.
            Some(1 | 2) => GuestState::Running,
            Some(3) => GuestState::Paused,
            Some(4) => GuestState::ShuttingDown,
            Some(5) => GuestState::Stopped,
            Some(6) => GuestState::Crashed,
            Some(7) => GuestState::Suspended,
            _ => GuestState::Unknown,
        }
    }

    /// Memory in use as the guest sees it. The driver in the guest tells it only when it was asked to; until then some
    /// of its numbers are there all the same, and stand still.
    pub(super) fn mem_used_bytes(&self) -> Option<u64> {
        if self.number("balloon.last-update")? == 0 {
            return None;
        }
        let available = self.kib("balloon.available")?;
        let free = self.kib("balloon.usable").or_else(|| {
            let caches = self.kib("balloon.disk_caches").unwrap_or(0);
            Some(self.kib("balloon.unused")?.saturating_add(caches))
        });
        Some(available.saturating_sub(free?))
    }

    /// The number of the disk that the guest sees under a name.
    pub(super) fn block(&self, target: &str) -> Option<usize> {
        let count = self.number("block.count")?.min(1_000);
        (0..usize::try_from(count).ok()?).find(|index| self.text(&format!("block.{index}.name")) == Some(target))
    }
}

/// All guests by name.
pub(super) fn read(text: &str) -> HashMap<String, Stats> {
    let mut all: HashMap<String, Stats> = HashMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("Domain: '").and_then(|rest| rest.strip_suffix('\'')) {
            current = Some(all.entry(name.to_owned()).or_default());
        } else if let (Some(stats), Some((key, value))) = (current.as_mut(), line.trim_start().split_once('=')) {
            stats.0.insert(key.to_owned(), value.to_owned());
        }
    }
    all
}
