//! The server's clock.

use shared::Micros;
use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the Unix epoch. A clock before 1970 counts as 1970.
pub(crate) fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}
