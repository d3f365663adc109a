//! Whether an agent's reports can be kept.

use shared::{
    HostId, Micros,
    problem::FieldError,
    report::{HostIdentity, RejectedReport, Report, ReportBatch},
};

/// Reports of one machine that can be kept.
#[derive(Debug)]
pub struct ValidBatch {
    pub(crate) host: HostIdentity,
    pub(crate) reports: Vec<Report>,
    /// Agent's clock minus the server's, in microseconds; 0 where it is a little.
    pub(crate) skew: Micros,
    pub(crate) max_hosts: Option<i64>,
}

#[expect(clippy::missing_errors_doc, clippy::todo, unused_variables, reason = "skeleton")]
impl ValidBatch {
    /// Checks a batch. The error is for a batch of which nothing can be kept (422); else the refused reports are in
    /// the answer, beside the rest.
    pub fn new(batch: ReportBatch, now: Micros) -> Result<(Self, Vec<RejectedReport>), Vec<FieldError>> { todo!() }
    /// A host that is not known yet is refused where the organization has so many already (checked in the transaction).
    #[must_use]
    pub fn with_host_limit(mut self, max_hosts: Option<i64>) -> Self {
        self.max_hosts = max_hosts;
        self
    }
    /// The machine.
    #[must_use]
    pub fn host(&self) -> HostId {
        self.host.id
    }
}
