//! The conversation with the assistant, as a tab holds it: of one person in one organization, and gone with the organization's
//! owner. What is kept of it is the server's.

use crate::{AppEvent, ClientError, OrgCaches, OrgSession, RemoteData, Streaming, remote};
use futures_util::{
    StreamExt as _,
    future::{AbortHandle, Abortable},
};
use reactive_graph::{
    owner::{Owner, StoredValue, on_cleanup},
    spawn_local_scoped_with_cancellation,
    traits::{IsDisposed, SetValue, UpdateValue},
};
use shared::{
    ErrorCode, Problem,
    assistant::{Chat, ChatEvent, ChatMessage, ChatPatch, Lookup, Outcome, Speaker},
    metadata::Subject,
};

/// The place of a question that the server has not confirmed yet.
const UNCONFIRMED: i64 = i64::MAX;
/// The place of an answer that was stopped here: the server has its own idea of how far it came.
const STOPPED_HERE: i64 = i64::MAX - 1;

/// Where what was typed is kept when the session ends.
const KEPT_AS: &str = "assistant";

/// An answer while it comes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answering {
    /// What was said so far, as Markdown.
    pub text: String,
    /// What was looked at so far.
    pub lookups: Vec<Lookup>,
}

/// How far what was typed is on its way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    Idle,
    Sent,
    /// Something else was typed meanwhile, and goes next.
    SentAndMore,
}

/// The assistant of the organization on screen. A handle: copies are of the same conversation.
#[derive(Clone, Copy)]
pub struct Assistant {
    caches: OrgCaches,
    /// Attached before the conversation was loaded.
    attached_early: StoredValue<Vec<Subject>>,
    /// Ends the answer that is under way.
    running: StoredValue<Option<AbortHandle>>,
    /// Whether what was typed is on its way to the server.
    keeping: StoredValue<Keeping>,
    /// Of the organization: an answer goes on while its drawer is closed.
    owner: StoredValue<Owner>,
}

impl std::fmt::Debug for Assistant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assistant").finish_non_exhaustive()
    }
}

impl Assistant {
    /// Make it in the organization's owner.
    pub(crate) fn new(caches: OrgCaches) -> Self {
        let running = StoredValue::new(None::<AbortHandle>);
        let owner = StoredValue::new(Owner::current().unwrap_or_default());
        on_cleanup(move || {
            running.try_update_value(|running| {
                if let Some(answer) = running.take() {
                    answer.abort();
                }
            });
        });
        Self {
            caches,
            attached_early: StoredValue::new(Vec::new()),
            running,
            keeping: StoredValue::new(Keeping::Idle),
            owner,
        }
    }

    /// Loads the conversation into its cache, now and whenever frames were missed, for as long as the current owner lives.
    #[must_use]
    pub fn fill(&self, session: &OrgSession) -> RemoteData<()> {
        let (caches, this) = (self.caches, *self);
        self.survive_the_session(session);
        remote(session, move |client| async move {
            let chat = client.chat().await?;
            let session = client.session();
            // What is typed here is newer than what was kept of it.
            let typed = caches.chat.with_untracked(session, |chat| chat.map(|chat| (chat.id, chat.draft.clone())));
            let draft = typed.filter(|(id, _)| *id == chat.id).map(|(_, draft)| draft);
            caches.chat.put(session, Chat { draft: draft.unwrap_or_else(|| chat.draft.clone()), ..chat });
            this.attach_early(session);
            // What was typed or asked when the session ended, and the server never got.
            if let Some(text) = session.storage().take::<String>(KEPT_AS) {
                this.set_draft(session, text);
                this.keep(session);
            }
            Ok::<(), ClientError>(())
        })
    }

    /// Asks. The answer comes into [`OrgCaches::answering`] and, when it has ended, into [`OrgCaches::chat`]. `failed` is told
    /// why there was none.
    pub fn ask(
        &self,
        session: &OrgSession,
        wire: impl Streaming + 'static,
        text: String,
        failed: impl Fn(Problem) + 'static,
    ) {
        let caches = self.caches;
        let Some(chat) = caches.chat.with_untracked(session, |chat| chat.map(|chat| chat.id)) else { return };
        let (handle, registration) = AbortHandle::new_pair();
        self.replace_running(Some(handle));
        caches.answering.put(session, Some(Answering::default()));
        // Before anything is awaited, so that it is seen at once; the server's own takes its place.
        let asked = ChatMessage {
            seq: UNCONFIRMED,
            speaker: Speaker::Person,
            text: text.clone(),
            lookups: Vec::new(),
            outcome: Outcome::Complete,
            at: session.now(),
        };
        let asked_text = text.trim();
        caches.chat.update(session, |chat| {
            chat.messages.push(asked);
            if chat.draft.trim() == asked_text {
                chat.draft.clear();
            }
        });
        let asking = session.clone();
        let listen = async move {
            let mut events = Box::pin(asking.client().ask(&wire, chat, &text));
            let mut refused = None;
            let mut has_ended = false;
            while let Some(event) = events.next().await {
                match event {
                    Ok(event) => has_ended |= apply(&asking, caches, event, &mut refused),
                    Err(ClientError::Left) => return,
                    Err(error) => refused = Some(error.to_problem()),
                }
            }
            if !asking.admits() {
                return;
            }
            if !has_ended {
                give_back(&asking, caches, &text);
                refused.get_or_insert_with(|| {
                    Problem::new(ErrorCode::Unavailable, "The answer was cut off")
                        .detail("The connection to the server broke. Ask again.")
                });
            }
            caches.answering.put(&asking, None);
            if let Some(problem) = refused {
                failed(problem);
            }
        };
        // Dropped with the organization, and by whoever stops it; either way the server hears of it.
        self.in_owner(move || {
            spawn_local_scoped_with_cancellation(async move {
                let _ = Abortable::new(listen, registration).await;
            });
        });
    }

    /// Stops the answer that is under way. What was said by then stays.
    pub fn stop(&self, session: &OrgSession) {
        self.replace_running(None);
        let said = self.caches.answering.with_untracked(session, |answering| answering.cloned().flatten());
        self.caches.answering.put(session, None);
        if let Some(Answering { text, lookups }) = said {
            let (seq, speaker, outcome, at) = (STOPPED_HERE, Speaker::Assistant, Outcome::Stopped, session.now());
            let message = ChatMessage { seq, speaker, text, lookups, outcome, at };
            self.caches.chat.update(session, |chat| chat.messages.push(message));
        }
    }

    /// What is being typed. Shown at once; [`Assistant::keep`] sends it to the server.
    pub fn set_draft(&self, session: &OrgSession, draft: String) {
        self.caches.chat.update(session, |chat| chat.draft = draft);
    }

    /// Attaches a thing to the conversation, or takes it away.
    pub fn set_context(&self, session: &OrgSession, subject: Subject, attached: bool) {
        if attached && self.caches.chat.with_untracked(session, |chat| chat.is_none()) {
            self.attached_early.try_update_value(|early| early.push(subject));
            return;
        }
        self.caches.chat.update(session, |chat| {
            chat.context.retain(|known| *known != subject);
            if attached {
                chat.context.push(subject);
            }
        });
    }

    /// What is typed, or asked and not confirmed, is kept when the session ends, until the current owner is cleaned up.
    fn survive_the_session(&self, session: &OrgSession) {
        let (caches, of) = (self.caches, session.clone());
        session.inner.bus.subscribe("assistant", move |event| {
            if !matches!(event, AppEvent::SessionEnded) {
                return;
            }
            let text = caches.chat.with_untracked(&of, |chat| {
                let chat = chat?;
                let unconfirmed = chat.messages.iter().find(|message| message.seq == UNCONFIRMED);
                let typed = Some(chat.draft.clone()).filter(|draft| !draft.trim().is_empty());
                typed.or_else(|| unconfirmed.map(|message| message.text.clone()))
            });
            if let Some(text) = text {
                of.storage().put(KEPT_AS, &text);
            }
        });
    }

    fn attach_early(&self, session: &OrgSession) {
        let early = self.attached_early.try_update_value(std::mem::take).unwrap_or_default();
        for subject in &early {
            self.set_context(session, *subject, true);
        }
        if !early.is_empty() {
            self.keep(session);
        }
    }

    /// Sends what was typed and attached to the server. Nobody waits for it. One at a time: of two that are on their way at
    /// once, the older one may come last.
    pub fn keep(&self, session: &OrgSession) {
        let before = self.keeping.try_update_value(|keeping| {
            let before = *keeping;
            *keeping = if before == Keeping::Idle { Keeping::Sent } else { Keeping::SentAndMore };
            before
        });
        if before != Some(Keeping::Idle) {
            return;
        }
        let patch = self.caches.chat.with_untracked(session, |chat| {
            chat.map(|chat| ChatPatch { draft: Some(chat.draft.clone()), context: Some(chat.context.clone()) })
        });
        let Some(patch) = patch else {
            self.keeping.try_update_value(|keeping| *keeping = Keeping::Idle);
            return;
        };
        let (this, session) = (*self, session.clone());
        self.in_owner(move || {
            let again = session.clone();
            let then = move |_answer: Result<Chat, ClientError>| {
                let more = this.keeping.try_update_value(|keeping| std::mem::replace(keeping, Keeping::Idle));
                if more == Some(Keeping::SentAndMore) {
                    this.keep(&again);
                }
            };
            crate::act(&session, move |client| async move { client.patch_chat(&patch).await }, then);
        });
    }

    fn replace_running(&self, next: Option<AbortHandle>) {
        if self.running.is_disposed() {
            return;
        }
        self.running.update_value(|running| {
            if let Some(before) = running.take() {
                before.abort();
            }
        });
        self.running.set_value(next);
    }

    fn in_owner(&self, act: impl FnOnce()) {
        use reactive_graph::traits::WithValue as _;
        if let Some(owner) = self.owner.try_with_value(Clone::clone) {
            owner.with(act);
        }
    }
}

/// One event of the stream. True where it is the last one.
fn apply(session: &OrgSession, caches: OrgCaches, event: ChatEvent, refused: &mut Option<Problem>) -> bool {
    let keep = |message: ChatMessage| {
        caches.chat.update(session, |chat| {
            // In the place of what was shown before the server had it.
            chat.messages.retain(|known| known.seq != UNCONFIRMED || known.speaker != message.speaker);
            chat.messages.push(message);
        });
    };
    let said = |change: &dyn Fn(&mut Answering)| {
        caches.answering.update(session, |answering| {
            if let Some(answering) = answering {
                change(answering);
            }
        });
    };
    match event {
        ChatEvent::Asked { message } => keep(message),
        ChatEvent::Looked { lookup } => said(&|answering| answering.lookups.push(lookup.clone())),
        ChatEvent::Text { text } => said(&|answering| answering.text.push_str(&text)),
        ChatEvent::Done { message, used } => {
            keep(message);
            caches.chat.update(session, |chat| chat.used = used);
            return true;
        }
        ChatEvent::Failed { problem, message } => {
            if let Some(message) = message {
                keep(message);
            }
            *refused = Some(*problem);
            return true;
        }
    }
    false
}

/// The question was not kept: it stands in the field again, unless something else was typed meanwhile.
fn give_back(session: &OrgSession, caches: OrgCaches, text: &str) {
    caches.chat.update(session, |chat| {
        let before = chat.messages.len();
        chat.messages.retain(|known| known.seq != UNCONFIRMED);
        if before != chat.messages.len() && chat.draft.is_empty() {
            text.clone_into(&mut chat.draft);
        }
    });
}
