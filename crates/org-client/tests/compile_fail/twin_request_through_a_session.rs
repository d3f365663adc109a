use org_client::OrgSession;

async fn members(session: &OrgSession) -> usize {
    session.client().members().await.map_or(0, |members| members.len())
}

fn main() {
    let _ = members;
}
