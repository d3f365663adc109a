//! What is being typed and sent about things, for as long as the stay: a card that is closed loses none of it.

use super::merge::{Changed, Field};
use crate::context::{AppContext, ToastTone, app};
use leptos::prelude::*;
use org_client::{AppEvent, ClientError, NoteDraft, Notes, OrgCaches, OrgClient, OrgSession, act};
use shared::{
    ErrorCode,
    metadata::{Metadata, Subject},
};

/// Where drafts are kept when the session ends.
const KEPT_AS: &str = "drafts";

/// The drafts of the stay.
#[derive(Clone)]
pub(super) struct Drafts {
    context: AppContext,
    /// Of the stay: answers come to it, also when the card that asked is closed.
    owner: Owner,
    session: OrgSession,
    caches: OrgCaches,
}

impl Drafts {
    /// The first card of a stay brings back what was typed when the session ended.
    pub(super) fn of_the_stay(session: &OrgSession, caches: OrgCaches) -> Self {
        let context = app();
        let active = context.switcher.active_untracked().filter(|active| active.session == *session);
        let owner = active.map(|active| active.owner).or_else(Owner::current).unwrap_or_default();
        let this = Self { context, owner, session: session.clone(), caches };
        if caches.drafts.with_untracked(session, |drafts| drafts.is_none()) {
            let kept: Vec<(Subject, NoteDraft)> = session.storage().take(KEPT_AS).unwrap_or_default();
            caches.drafts.put(session, kept.into_iter().collect());
            let (bus, session) = (this.context.bus.clone(), session.clone());
            this.owner.with(|| {
                bus.subscribe("drafts of notes", move |event| {
                    if matches!(event, AppEvent::SessionEnded) {
                        let drafts =
                            caches.drafts.with_untracked(&session, |drafts| drafts.cloned().unwrap_or_default());
                        session.storage().put(KEPT_AS, &drafts.into_iter().collect::<Vec<_>>());
                    }
                });
            });
        }
        this
    }

    /// The draft about a thing.
    pub(super) fn get(&self, subject: Subject) -> Option<NoteDraft> {
        self.caches.drafts.with(&self.session, |drafts| drafts.and_then(|drafts| drafts.get(&subject).cloned()))
    }

    /// What is noted about a thing, where lists know it.
    pub(super) fn noted(&self, subject: Subject) -> Option<Metadata> {
        self.caches.notes.with_untracked(&self.session, |notes| notes.and_then(|notes| notes.about(subject).cloned()))
    }

    pub(super) fn set(&self, subject: Subject, draft: NoteDraft) {
        self.caches.drafts.update(&self.session, |drafts| drop(drafts.insert(subject, draft)));
    }

    pub(super) fn remove(&self, subject: Subject) {
        self.caches.drafts.update(&self.session, |drafts| drop(drafts.remove(&subject)));
    }

    /// Sends a draft. It stays until the server has it. What comes back changes the draft, which cards follow; where
    /// none is open (`is_shown`), a message says it.
    pub(super) fn send(&self, subject: Subject, draft: NoteDraft, is_shown: impl Fn() -> bool + 'static) {
        let draft = NoteDraft { sent: true, theirs: None, problem: None, ..draft };
        self.set(subject, draft.clone());
        let (this, version, edit) = (self.clone(), draft.version, draft.typed.clone());
        let send = move |client: OrgClient| async move { client.put_metadata(subject, version, &edit).await };
        let then = move |answer: Result<Metadata, ClientError>| match answer {
            Ok(metadata) => this.done(subject, metadata),
            Err(error) if error.code() == Some(ErrorCode::PreconditionFailed) => this.compare(subject, draft, is_shown),
            Err(error) => this.refuse(subject, draft, &error, &is_shown),
        };
        self.owner.with(|| act(&self.session, send, then));
    }

    /// Somebody else was faster: loads what they noted, for the person to decide.
    fn compare(&self, subject: Subject, draft: NoteDraft, is_shown: impl Fn() -> bool + 'static) {
        let this = self.clone();
        let then = move |answer: Result<Metadata, ClientError>| match answer {
            Ok(theirs) if adds_nothing(&draft, &theirs) => this.done(subject, theirs),
            Ok(theirs) => {
                this.keep(subject, &theirs);
                this.set(subject, NoteDraft { sent: false, theirs: Some(theirs), ..draft });
                if !is_shown() {
                    let words = "What you typed is kept. Open the notes again to decide between the two versions.";
                    this.context.toast(ToastTone::Failure, "Somebody else changed these notes", words, None);
                }
            }
            Err(error) => this.refuse(subject, draft, &error, &is_shown),
        };
        self.owner.with(|| act(&self.session, move |client| async move { client.metadata(subject).await }, then));
    }

    fn refuse(&self, subject: Subject, draft: NoteDraft, error: &ClientError, is_shown: &impl Fn() -> bool) {
        self.set(subject, NoteDraft { sent: false, problem: Some(error.to_problem()), ..draft });
        if !is_shown() {
            let words = format!("{error}. What you typed is kept: open the notes again to send it.");
            self.context.toast(ToastTone::Failure, "Notes are not saved", words, None);
        }
    }

    fn done(&self, subject: Subject, metadata: Metadata) {
        self.keep(subject, &metadata);
        self.remove(subject);
        self.context.toast(ToastTone::Success, "Noted", "", None);
    }

    /// The server's word, for lists.
    fn keep(&self, subject: Subject, metadata: &Metadata) {
        if self.caches.notes.with_untracked(&self.session, |notes| notes.is_none()) {
            self.caches.notes.put(&self.session, Notes::default());
        }
        self.caches.notes.update(&self.session, |notes| notes.set(subject, metadata.clone()));
    }
}

/// Whether all that was typed stands there already: there is nothing to decide.
fn adds_nothing(draft: &NoteDraft, theirs: &Metadata) -> bool {
    let theirs = theirs.to_edit();
    Field::ALL
        .into_iter()
        .all(|field| matches!(field.changed(&draft.before, &draft.typed, &theirs), Changed::Alike | Changed::Theirs))
}
