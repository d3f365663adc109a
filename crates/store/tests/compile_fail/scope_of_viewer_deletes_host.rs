//! A scope for a higher role than was proved: removing a host takes an editor.
use authz::Viewer;
use shared::HostId;
use store::{OrgScope, Store};

fn a_viewer_deletes_a_host(store: &Store, scope: &OrgScope<Viewer>, host: HostId) {
    let _ = store.org(scope).delete_host(host);
}

fn main() {}
