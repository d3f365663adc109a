//! Why one may not do something here, in the words of the button that stays disabled.

use crate::context::app;
use authz::{Action, Thing};
use leptos::prelude::*;
use org_client::OrgSession;

/// The role that it takes, or that the server cannot be reached; nothing where one may. Follows both as they change.
pub fn needs(session: &OrgSession, action: Action, thing: Thing) -> Signal<Option<String>> {
    let (context, session) = (app(), session.clone());
    Signal::derive(move || {
        if context.offline_since().is_some() {
            return Some("Offline".to_owned());
        }
        let role = session.role();
        let required = authz::required_role(action, thing).filter(|required| role < *required);
        required.map(|required| format!("Needs {required}, you are {role}"))
    })
}
