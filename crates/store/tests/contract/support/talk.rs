//! Conversations with the assistant.

use super::{TwoWorlds, scope};
use authz::Viewer;
use shared::{
    OrgId,
    assistant::{Chat, Outcome},
};
use store::{ChatError, Identity, KeptMessage, NewAnswer, Store};

/// Has the same person, who is a member of both, ask and be answered in both, with the name of the organization in all
/// that is said.
pub(crate) fn talk_in_both(store: &Store, two: &TwoWorlds) {
    for (org, words) in [(two.a, "of A"), (two.b, "of B")] {
        ask(store, &two.ab, org, words, None).expect("it is asked");
        let chat = chat(store, &two.ab, org);
        let scope = scope::<Viewer>(store, &two.ab, org);
        store.org(&scope).answer(chat.id, answer(words)).expect("it is answered");
    }
}

/// The caller's conversation.
pub(crate) fn chat(store: &Store, who: &Identity, org: OrgId) -> Chat {
    let scope = scope::<Viewer>(store, who, org);
    store.org(&scope).chat().expect("a conversation")
}

/// Asks in the caller's present conversation.
pub(crate) fn ask(
    store: &Store,
    who: &Identity,
    org: OrgId,
    text: &str,
    limit: Option<i64>,
) -> Result<KeptMessage, ChatError> {
    let scope = scope::<Viewer>(store, who, org);
    let id = store.org(&scope).chat()?.id;
    store.org(&scope).ask(id, text, limit)
}

/// What the assistant said.
pub(crate) fn answer(text: &str) -> NewAnswer {
    NewAnswer { text: text.to_owned(), lookups: Vec::new(), outcome: Outcome::Complete }
}

/// All that was said, oldest first.
pub(crate) fn texts(chat: &Chat) -> Vec<&str> {
    chat.messages.iter().map(|message| message.text.as_str()).collect()
}
