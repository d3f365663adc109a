//! A scope for a higher role than was proved: `lower` only goes down.
use authz::{Admin, Viewer};
use store::OrgScope;

fn up(scope: &OrgScope<Viewer>) -> OrgScope<Admin> {
    scope.lower::<Admin>()
}

fn main() {}
