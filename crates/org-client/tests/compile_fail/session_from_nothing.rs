use org_client::{Epoch, OrgSession};

fn main() {
    let _ = OrgSession::default();
    let _ = Epoch(1);
}
