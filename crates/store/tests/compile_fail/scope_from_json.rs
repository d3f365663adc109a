//! A scope or an identity that somebody sends.
use authz::Owner;
use store::{Identity, OrgScope};

fn from_json(json: &str) {
    let _ = serde_json::from_str::<OrgScope<Owner>>(json);
    let _ = serde_json::from_str::<Identity>(json);
}

fn main() {}
