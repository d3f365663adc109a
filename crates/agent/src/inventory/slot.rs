//! The newest inventory on its way to the sender.

use shared::inventory::Inventory;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds the newest inventory until it is sent, in memory alone: an older one is of no use to anybody.
///
/// An inventory is of the token that the agent had when it began to look, told by its [mark](crate::token::Token::mark),
/// and goes out with no other: another token may be another organization's.
#[derive(Debug, Default)]
pub struct InventorySlot {
    newest: Mutex<Option<Found>>,
}

#[derive(Debug)]
struct Found {
    token: u32,
    inventory: Inventory,
}

impl InventorySlot {
    fn newest(&self) -> MutexGuard<'_, Option<Found>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts what was found in the place of what was found before. `token` is the mark of the token at the beginning of
    /// the look.
    pub fn put(&self, token: u32, inventory: Inventory) {
        *self.newest() = Some(Found { token, inventory });
    }

    /// Takes it out to be sent with a token. What was found under another one is dropped.
    #[must_use]
    pub fn take(&self, token: u32) -> Option<Inventory> {
        self.newest().take().filter(|found| found.token == token).map(|found| found.inventory)
    }

    /// Puts back what did not arrive, unless there is a newer one by now.
    pub fn put_back(&self, token: u32, inventory: Option<Inventory>) {
        let mut newest = self.newest();
        if newest.is_none() {
            *newest = inventory.map(|inventory| Found { token, inventory });
        }
    }

    /// Drops what was found.
    pub fn forget(&self) {
        *self.newest() = None;
    }
}
