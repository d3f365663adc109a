use org_client::OrgClient;
use shared::OrgId;

async fn members_of(client: &OrgClient, other: OrgId) {
    let _ = client.members(other).await;
}

fn main() {
    let _ = members_of;
}
