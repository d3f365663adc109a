//! Ids that tie a label, a hint and an error to their control.

use std::sync::atomic::{AtomicU32, Ordering};

/// An id that no other element of this page has, such as `field-17`.
#[must_use]
pub fn unique_id(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
