//! What people note about a host, container or guest: shown, and edited in its place.

mod merge;
mod refused;

use crate::{
    context::{ToastTone, app},
    shell::{live_mark::offset_s, permission::needs},
    ui::{
        Badge, Button, ButtonKind, Card, CardBody, CardHead, DescriptionList, Fact, FormProblem, IconName,
        ProblemNotice, SkeletonLines, TextArea, TextField, field_error, format,
    },
};
use authz::{Action, Thing};
use leptos::prelude::*;
use merge::{Changed, Field};
use org_client::{AppEvent, ClientError, NoteDraft, OrgCaches, OrgClient, OrgSession, Remote, RemoteData, act, remote};
use refused::Refused;
use shared::{
    ErrorCode, Problem,
    metadata::{Metadata, MetadataEdit, Subject},
};
use std::collections::BTreeMap;

/// What is being typed.
#[derive(Debug, Clone, PartialEq)]
struct Draft {
    /// The version that it replaces.
    version: i64,
    /// What that version says.
    before: MetadataEdit,
    url: String,
    description: String,
    /// With blanks between them.
    tags: String,
    notes: String,
    /// What somebody else noted meanwhile: it is shown beside the draft, for the person to decide.
    theirs: Option<Metadata>,
}

impl Draft {
    fn of(metadata: &Metadata) -> Self {
        Self::continuing(metadata.version, metadata.to_edit(), metadata.to_edit())
    }

    /// What was typed so far over a version.
    fn continuing(version: i64, before: MetadataEdit, typed: MetadataEdit) -> Self {
        let MetadataEdit { url, description, tags, notes } = typed;
        let (url, tags) = (url.unwrap_or_default(), tags.join(" "));
        Self { version, before, url, description, tags, notes, theirs: None }
    }

    fn to_edit(&self) -> MetadataEdit {
        MetadataEdit {
            url: Some(self.url.trim().to_owned()).filter(|url| !url.is_empty()),
            description: self.description.clone(),
            tags: self.tags.split_whitespace().map(str::to_owned).collect(),
            notes: self.notes.clone(),
        }
    }

    fn to_kept(&self) -> NoteDraft {
        NoteDraft { version: self.version, before: self.before.clone(), typed: self.to_edit() }
    }
}

impl From<NoteDraft> for Draft {
    fn from(NoteDraft { version, before, typed }: NoteDraft) -> Self {
        Self::continuing(version, before, typed)
    }
}

/// What the card holds. Belongs to the body of the page, and so to the organization.
#[derive(Clone)]
struct Notes {
    /// Of the card: the form is gone before the answer to what was sent in it comes.
    owner: Owner,
    session: OrgSession,
    /// What lists show of it.
    caches: OrgCaches,
    subject: Subject,
    noted: RemoteData<Metadata>,
    /// Sent and not confirmed yet: shown at once.
    sent: RwSignal<Option<Draft>>,
    draft: RwSignal<Option<Draft>>,
    problem: RwSignal<Option<Problem>>,
}

impl Notes {
    /// Where what was typed is kept when the session ends.
    fn kept_as(&self) -> String {
        format!("notes:{}:{}", self.subject.kind(), self.subject.id())
    }

    /// What was typed when the session ended is there again after signing in.
    fn survive_the_session(&self) {
        if let Some(kept) = self.session.storage().take::<NoteDraft>(&self.kept_as()) {
            self.draft.set(Some(kept.into()));
        }
        let this = self.clone();
        app().bus.subscribe("notes", move |event| {
            if matches!(event, AppEvent::SessionEnded)
                && let Some(draft) = this.draft.get_untracked().or_else(|| this.sent.get_untracked())
            {
                this.session.storage().put(&this.kept_as(), &draft.to_kept());
            }
        });
    }

    /// What is typed is there again when the card is opened anew in the same stay: another row, another page and back.
    fn remember_the_draft(&self) {
        let (drafts, session, subject, draft) = (self.caches.drafts, self.session.clone(), self.subject, self.draft);
        let typed = drafts.with_untracked(&session, |drafts| drafts.and_then(|drafts| drafts.get(&subject).cloned()));
        if let Some(typed) = typed
            && draft.with_untracked(Option::is_none)
        {
            draft.set(Some(typed.into()));
        }
        Effect::new(move |_| {
            let typed = draft.with(|draft| draft.as_ref().map(Draft::to_kept));
            if drafts.with_untracked(&session, |drafts| drafts.is_none()) {
                drafts.put(&session, BTreeMap::new());
            }
            drafts.update(&session, |drafts| match typed {
                Some(typed) => drop(drafts.insert(subject, typed)),
                None => drop(drafts.remove(&subject)),
            });
        });
    }

    fn save(&self) {
        let Some(draft) = self.draft.get_untracked() else { return };
        let edit = draft.to_edit();
        self.problem.set(None);
        self.draft.set(None);
        self.sent.set(Some(draft.clone()));
        let (this, context, subject, version) = (self.clone(), app(), self.subject, draft.version);
        let send = move |client: OrgClient| async move { client.put_metadata(subject, version, &edit).await };
        let then = move |answer: Result<Metadata, ClientError>| {
            this.sent.set(None);
            match answer {
                Ok(metadata) => {
                    this.keep(metadata);
                    context.toast(ToastTone::Success, "Noted", "", None);
                }
                // Back to what it was; what was typed is not lost.
                Err(error) => {
                    let is_stale = error.code() == Some(ErrorCode::PreconditionFailed);
                    this.draft.set(Some(draft));
                    if is_stale {
                        this.show_theirs();
                    } else {
                        this.problem.set(Some(error.to_problem()));
                    }
                }
            }
        };
        self.owner.with(|| act(&self.session, send, then));
    }

    /// Somebody else was faster: loads what they noted, for the person to decide.
    fn show_theirs(&self) {
        let (this, subject) = (self.clone(), self.subject);
        let then = move |answer: Result<Metadata, ClientError>| match answer {
            Ok(theirs) => {
                this.keep(theirs.clone());
                this.draft.update(|draft| {
                    if draft.as_ref().is_some_and(|draft| adds_nothing(draft, &theirs)) {
                        *draft = None;
                    } else if let Some(draft) = draft {
                        draft.theirs = Some(theirs);
                    }
                });
            }
            Err(error) => this.problem.set(Some(error.to_problem())),
        };
        self.owner.with(|| act(&self.session, move |client| async move { client.metadata(subject).await }, then));
    }

    /// The server's word: here, and in lists.
    fn keep(&self, metadata: Metadata) {
        self.caches.notes.update(&self.session, |notes| notes.set(self.subject, metadata.clone()));
        self.noted.set(metadata);
    }
}

/// Whether all that was typed stands there already: there is nothing to decide.
fn adds_nothing(draft: &Draft, theirs: &Metadata) -> bool {
    let (mine, theirs) = (draft.to_edit(), theirs.to_edit());
    Field::ALL
        .into_iter()
        .all(|field| matches!(field.changed(&draft.before, &mine, &theirs), Changed::Alike | Changed::Theirs))
}

/// The card.
#[component]
pub(super) fn NotesCard(session: OrgSession, caches: OrgCaches, subject: Subject) -> impl IntoView {
    let notes = Notes {
        owner: Owner::current().unwrap_or_default(),
        noted: remote(&session, move |client| async move { client.metadata(subject).await }),
        session: session.clone(),
        caches,
        subject,
        sent: RwSignal::new(None),
        draft: RwSignal::new(None),
        problem: RwSignal::new(None),
    };
    notes.survive_the_session();
    notes.remember_the_draft();
    let thing = match subject {
        Subject::Host(_) => Thing::Host,
        Subject::Container(_) => Thing::Container,
        Subject::Guest(_) => Thing::Guest,
    };
    let may_edit = needs(&session, Action::Update, thing);
    // What is on its way is answered first: an edit of what is not confirmed would conflict with itself.
    let may_edit = {
        let sent = notes.sent;
        Signal::derive(move || if sent.with(Option::is_some) { Some("Being saved".to_owned()) } else { may_edit.get() })
    };
    let noted = notes.noted.clone();
    let edit = move |()| {
        if let Remote::Ready(metadata) = noted.get() {
            notes.problem.set(None);
            notes.draft.set(Some(Draft::of(&metadata)));
        }
    };
    // None while nothing is typed; else whether somebody else was faster.
    let editing = Memo::new(move |_| notes.draft.with(|draft| draft.as_ref().map(|draft| draft.theirs.is_some())));
    let (shown, edited) = (notes.clone(), notes.clone());
    view! {
        <Card label="Notes">
            <CardHead title="Notes">
                {move || {
                    editing
                        .get()
                        .is_none()
                        .then(|| {
                            view! { <Button icon=IconName::Edit reason=may_edit on_press=edit.clone()>"Edit"</Button> }
                                .into_any()
                        })
                }}
            </CardHead>
            {move || {
                let both = edited.draft.get_untracked().and_then(|draft| draft.theirs.clone().zip(Some(draft)));
                match (editing.get(), both) {
                    (None, _) => view! { <Shown notes=shown.clone() /> }.into_any(),
                    (Some(true), Some((theirs, draft))) => {
                        view! { <Refused notes=edited.clone() draft theirs /> }.into_any()
                    }
                    (Some(_), _) => view! { <Form notes=edited.clone() /> }.into_any(),
                }
            }}
        </Card>
    }
}

#[component]
fn Shown(notes: Notes) -> impl IntoView {
    let (retry, notes_of) = (notes.noted.clone(), notes.subject);
    move || match (notes.sent.get(), notes.noted.get()) {
        (Some(sent), _) => {
            let MetadataEdit { url, description, tags, notes } = sent.to_edit();
            let metadata = Metadata { url, description, tags, notes, ..Metadata::default() };
            view! { <div class="unconfirmed" aria-busy="true">{facts(metadata, notes_of)}</div> }.into_any()
        }
        (None, Remote::Loading) => view! { <CardBody><SkeletonLines /></CardBody> }.into_any(),
        (None, Remote::Failed(error)) => {
            let retry = retry.clone();
            view! { <ProblemNotice problem=error.to_problem() on_retry=Callback::new(move |()| retry.reload()) /> }
                .into_any()
        }
        (None, Remote::Ready(metadata)) => facts(metadata, notes_of),
    }
}

/// What is noted, as names and values; what is empty is left out.
fn facts(metadata: Metadata, what: Subject) -> AnyView {
    let Metadata { url, description, tags, notes, updated_at, updated_by, .. } = metadata;
    if url.is_none() && description.is_empty() && tags.is_empty() && notes.is_empty() {
        return view! {
            <CardBody>
                <p class="tone-3">{match what {
                    Subject::Host(_) => "What is this machine for, and where is its own console? Note it for the next person.",
                    _ => "What is it for, and where is its own page? Note it for the next person.",
                }}</p>
            </CardBody>
        }
        .into_any();
    }
    let changed = updated_by.zip(updated_at).map(|(by, at)| format!("{by}, {}", format::date(at, offset_s())));
    // The server keeps no other links. If it did, they would be text here.
    let link = url.map(|url| {
        if is_page(&url) {
            let words = url.clone();
            view! { <a href=url target="_blank" rel="noopener noreferrer">{words}</a> }.into_any()
        } else {
            url.into_any()
        }
    });
    let tags = (!tags.is_empty()).then(|| {
        let tags = tags.into_iter().map(|tag| view! { <Badge>{tag}</Badge> }.into_any()).collect_view();
        view! { <span class="tags">{tags}</span> }.into_any()
    });
    let text = |text: String| (!text.is_empty()).then(|| view! { <span class="lines">{text}</span> }.into_any());
    let rows = [
        ("Description", text(description)),
        ("Link", link),
        ("Tags", tags),
        ("Notes", text(notes)),
        ("Changed", changed.map(|changed| changed.into_any())),
    ];
    let rows = rows
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| view! { <Fact name>{value}</Fact> }.into_any()))
        .collect_view();
    view! { <CardBody><DescriptionList>{rows}</DescriptionList></CardBody> }.into_any()
}

/// Whether a link opens a page and nothing else.
pub(super) fn is_page(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

#[component]
fn Form(notes: Notes) -> impl IntoView {
    let (draft, problem) = (notes.draft, notes.problem);
    let field = move |get: fn(&Draft) -> String| {
        Signal::derive(move || draft.with(|draft| draft.as_ref().map(get).unwrap_or_default()))
    };
    let change = move |set: fn(&mut Draft, String)| {
        Callback::new(move |text: String| {
            draft.update(|draft| {
                if let Some(draft) = draft {
                    set(draft, text);
                }
            });
        })
    };
    let changed =
        move || draft.with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.to_edit() != draft.before));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        notes.save();
    };
    view! {
        <form
            class="card-body stack"
            data-gap="small"
            on:submit=save
            // Escape would close what is around it: it leaves the form where nothing was typed, and does nothing else.
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.prevent_default();
                    if !changed() {
                        draft.set(None);
                    }
                }
            }
        >
            <TextField
                label="Description"
                optional=true
                autofocus=true
                value=field(|draft| draft.description.clone())
                on_input=change(|draft, text| draft.description = text)
                error=field_error(problem, "/description")
            />
            <TextField
                label="Link"
                optional=true
                kind="url"
                placeholder="https://"
                value=field(|draft| draft.url.clone())
                on_input=change(|draft, text| draft.url = text)
                error=field_error(problem, "/url")
            />
            <TextField
                label="Tags"
                optional=true
                hint="With blanks between them: web rack:b2"
                value=field(|draft| draft.tags.clone())
                on_input=change(|draft, text| draft.tags = text)
                error=field_error(problem, "/tags")
            />
            <TextArea
                label="Notes"
                optional=true
                value=field(|draft| draft.notes.clone())
                on_input=change(|draft, text| draft.notes = text)
                error=field_error(problem, "/notes")
            />
            <FormProblem problem=problem />
            <div class="cluster">
                <Button kind=ButtonKind::Primary submit=true>"Save"</Button>
                <Button kind=ButtonKind::Ghost on_press=move |()| draft.set(None)>"Cancel"</Button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_what_is_sent() {
        let metadata = Metadata { tags: vec!["a".to_owned(), "b:c".to_owned()], version: 3, ..Metadata::default() };
        let mut draft = Draft::of(&metadata);
        assert_eq!((draft.version, draft.tags.as_str()), (3, "a b:c"));
        draft.tags = "  web \n rack:b2 ".to_owned();
        draft.url = "   ".to_owned();
        let edit = draft.to_edit();
        assert_eq!((edit.url, edit.tags), (None, vec!["web".to_owned(), "rack:b2".to_owned()]));
    }
}
