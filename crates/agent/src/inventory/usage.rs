//! CPU use from a counter of CPU time that only grows.

use std::time::{Duration, Instant};

/// Readings that are closer together say more about the clock than about what runs.
const SHORTEST: Duration = Duration::from_millis(200);

/// How much CPU time something had used, and when that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CpuReading {
    pub(super) at: Instant,
    pub(super) used_ns: u64,
}

impl CpuReading {
    /// Cores in use since an earlier reading; none where that was too short ago, or where the counter has begun anew
    /// because what runs was started again.
    pub(super) fn cores_since(&self, before: Option<&Self>) -> Option<f64> {
        let before = before?;
        let passed = self.at.checked_duration_since(before.at).filter(|passed| *passed >= SHORTEST)?;
        let used = self.used_ns.checked_sub(before.used_ns)?;
        Some(Duration::from_nanos(used).as_secs_f64() / passed.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_in_use_are_the_difference_of_two_readings() {
        let start = Instant::now();
        let reading = |ms, used_ns| CpuReading { at: start + Duration::from_millis(ms), used_ns };
        let before = reading(0, 1_000);
        assert_eq!(reading(2_000, 3_000_001_000).cores_since(Some(&before)), Some(1.5));
        assert_eq!(reading(2_000, 1_000).cores_since(Some(&before)), Some(0.0));
        for (later, why) in
            [(reading(2_000, 999), "begun anew"), (reading(100, 2_000), "too short"), (reading(0, 2_000), "at once")]
        {
            assert_eq!(later.cores_since(Some(&before)), None, "{why}");
        }
        assert_eq!(before.cores_since(None), None);
    }
}
