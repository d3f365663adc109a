//! A query that works with another organization than its scope's: the data takes no organization, and its field is
//! private.
use authz::Viewer;
use shared::OrgId;
use store::{OrgData, OrgScope, Store};

fn another_organization(store: &Store, scope: &OrgScope<Viewer>, other: OrgId) {
    let _ = store.org(scope).list_hosts_of(other, 10, None);
    let _ = store.read_org(other, |_| Ok::<(), store::StoreError>(()));
}

fn by_hand<'a>(store: &'a Store, scope: &'a OrgScope<Viewer>) -> OrgData<'a, Viewer> {
    OrgData { store, scope }
}

fn main() {}
