//! A query on tenant data without a scope.
use shared::OrgId;
use store::Store;

fn a_query_without_a_scope(store: &Store, org: OrgId) {
    let _ = store.org(&org).list_hosts(10, None);
}

fn main() {}
