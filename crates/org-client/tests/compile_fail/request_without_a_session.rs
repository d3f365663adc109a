use org_client::OrgClient;

fn main() {
    let _ = OrgClient::of;
    let _ = OrgClient::default();
}
