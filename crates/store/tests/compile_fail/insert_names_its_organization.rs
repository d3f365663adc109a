//! An insert that names its own organization: neither what is written nor the writer has a place for it.
use shared::{OrgId, report::ReportBatch};
use store::{IngestScope, IngestWriter, NewOrgRecord, ValidBatch};

fn in_the_body(org_id: OrgId, batch: ReportBatch) -> ReportBatch {
    let ReportBatch { sent_at, host, reports, inventory } = batch;
    ReportBatch { sent_at, host, reports, inventory, org_id }
}

fn in_the_record(id: OrgId) -> NewOrgRecord {
    NewOrgRecord {
        id,
        name: String::new(),
        slug: None,
        description: String::new(),
        colour: None,
        plan_key: String::new(),
    }
}

fn beside_the_batch(writer: &IngestWriter, org: OrgId, batch: ValidBatch) {
    writer.submit(org, batch, drop);
}

fn by_changing_the_scope(mut scope: IngestScope, org: OrgId) -> IngestScope {
    scope.org = org;
    scope
}

fn main() {}
