use org_client::OrgSession;

fn another(session: &OrgSession) -> OrgSession {
    OrgSession { ..session.clone() }
}

fn main() {
    let _ = another;
}
