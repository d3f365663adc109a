//! A scope for a higher role than was proved: changing an organization takes an admin.
use authz::Editor;
use shared::org::OrgPatch;
use store::{OrgScope, Store};

fn an_editor_changes_the_organization(store: &Store, scope: &OrgScope<Editor>, patch: OrgPatch) {
    let _ = store.directory().patch_org(scope, None, patch);
}

fn main() {}
