//! The near twins of the cases beside this file. They only have to compile.
#![expect(dead_code, reason = "nothing calls them: that they compile is the test")]

use authz::{Admin, Editor, Owner, Viewer};
use shared::{HostId, OrgId, org::OrgPatch, report::ReportBatch};
use store::{Directory, Identity, IngestScope, IngestWriter, OrgData, OrgRef, OrgScope, Store, ValidBatch};

/// Of `query_without_scope.rs`.
fn a_query_with_a_scope(store: &Store, scope: &OrgScope<Viewer>) {
    let _ = store.org(scope).list_hosts(10, None);
}

/// Of `query_on_a_table.rs`: the names of tables are private, the data is not.
fn data_of_an_organization(data: &OrgData<'_, Viewer>) {
    let _ = data.host_count();
}

/// Of `scope_from_a_literal.rs`, `scope_from_default.rs` and `scope_from_json.rs`.
fn a_scope_from_the_directory(directory: Directory<'_>, who: &Identity, org: OrgId) -> Option<OrgScope<Owner>> {
    directory.enter::<Owner>(who, &OrgRef::Id(org)).ok()
}

/// Of `scope_from_json.rs`: what is meant to come from outside does.
fn a_patch_from_json(json: &str) -> Option<OrgPatch> {
    serde_json::from_str::<OrgPatch>(json).ok()
}

/// Of `scope_of_viewer_deletes_host.rs`.
fn an_editor_deletes_a_host(store: &Store, scope: &OrgScope<Editor>, host: HostId) {
    let _ = store.org(scope).delete_host(host);
}

/// Of `scope_of_editor_patches_org.rs`.
fn an_admin_changes_the_organization(store: &Store, scope: &OrgScope<Admin>, patch: OrgPatch) {
    let _ = store.directory().patch_org(scope, None, patch);
}

/// Of `scope_of_viewer_lowered_to_admin.rs`.
fn a_lower_scope(scope: &OrgScope<Admin>) -> OrgScope<Viewer> {
    scope.lower::<Viewer>()
}

/// Of `insert_names_its_organization.rs`.
fn a_batch_goes_where_its_scope_says(writer: &IngestWriter, scope: IngestScope, batch: ValidBatch) {
    writer.submit(scope, batch, drop);
}

/// Of `insert_names_its_organization.rs`.
fn a_batch_names_no_organization(batch: ReportBatch) -> ReportBatch {
    let ReportBatch { sent_at, host, reports, inventory } = batch;
    ReportBatch { sent_at, host, reports, inventory }
}
