//! The alarm behind the walls: a row of another organization where none can be.

use shared::OrgId;
use std::sync::atomic::{AtomicU64, Ordering};

static VIOLATIONS: AtomicU64 = AtomicU64::new(0);

/// Counts and logs a row or file of another organization. Whoever finds one drops it; this makes it known.
pub(crate) fn report_violation(expected: &str, found: &str, place: &str) {
    VIOLATIONS.fetch_add(1, Ordering::Relaxed);
    tracing::error!(expected, found, place, "ISOLATION VIOLATION: data of another organization was found and dropped");
}

pub(crate) fn violations() -> u64 {
    VIOLATIONS.load(Ordering::Relaxed)
}

/// A row that says whose it is.
pub(crate) trait OfOrg {
    /// The organization's id as the row has it.
    fn org_id(&self) -> &str;
}

/// Keeps the rows of this organization. The queries and the database's own wall see to it that there are no others,
/// so this should never drop one; it is here because "should" is not enough.
pub(crate) fn keep_own<T: OfOrg>(org: OrgId, mut rows: Vec<T>, place: &str) -> Vec<T> {
    let expected = org.to_string();
    rows.retain(|row| {
        let own = row.org_id() == expected;
        if !own {
            report_violation(&expected, row.org_id(), place);
        }
        own
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(String);

    impl OfOrg for Row {
        fn org_id(&self) -> &str {
            &self.0
        }
    }

    #[test]
    fn a_row_of_another_organization_is_dropped_and_counted() {
        let (own, other) = (OrgId::from_uuid(uuid::Uuid::now_v7()), OrgId::from_uuid(uuid::Uuid::now_v7()));
        let before = violations();
        let kept = keep_own(own, vec![Row(other.to_string()), Row(own.to_string())], "test");
        assert_eq!(kept.iter().map(|row| row.0.clone()).collect::<Vec<_>>(), [own.to_string()]);
        assert!(violations() > before);
    }
}
