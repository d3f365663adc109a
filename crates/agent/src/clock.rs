//! The time of day, behind a trait so that tests set it.

use shared::Micros;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time of day.
pub trait Clock {
    /// Now, in microseconds since the Unix epoch.
    fn now(&self) -> Micros;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// A clock that stands before 1970 reads as 0: such a machine has no usable time yet, and the server corrects skew.
    fn now(&self) -> Micros {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| Micros::try_from(since.as_micros()).ok())
            .unwrap_or(0)
    }
}
