//! What people note about a host, container or guest: shown, and edited in its place.

mod drafts;
mod merge;
mod refused;

use crate::{
    shell::{live_mark::offset_s, permission::needs},
    ui::{
        Badge, Button, ButtonKind, Card, CardBody, CardHead, DescriptionList, Fact, FormProblem, IconName,
        ProblemNotice, SkeletonLines, TextArea, TextField, field_error, format,
    },
};
use authz::{Action, Thing};
use drafts::Drafts;
use leptos::{prelude::*, wasm_bindgen::JsCast as _};
use org_client::{NoteDraft, OrgCaches, OrgSession, Remote, RemoteData, remote};
use refused::Refused;
use shared::{
    Problem,
    metadata::{Metadata, MetadataEdit, Subject},
};

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
        NoteDraft {
            version: self.version,
            before: self.before.clone(),
            typed: self.to_edit(),
            theirs: self.theirs.clone(),
            ..NoteDraft::default()
        }
    }
}

impl From<NoteDraft> for Draft {
    fn from(NoteDraft { version, before, typed, theirs, .. }: NoteDraft) -> Self {
        Self { theirs, ..Self::continuing(version, before, typed) }
    }
}

/// What the card holds. Belongs to the body of the page, and so to the organization.
#[derive(Clone)]
struct Notes {
    /// What outlives the card.
    drafts: Drafts,
    subject: Subject,
    noted: RemoteData<Metadata>,
    /// Sent and not confirmed yet: shown at once.
    sent: RwSignal<Option<Draft>>,
    draft: RwSignal<Option<Draft>>,
    problem: RwSignal<Option<Problem>>,
}

impl Notes {
    /// What is typed is there again when the card is opened anew in the same stay: another row, another page and back.
    fn remember_the_draft(&self) {
        let (draft, sent) = (self.draft, self.sent);
        if let Some(known) = untrack(|| self.drafts.get(self.subject)) {
            self.problem.set(known.problem.clone());
            let place = if known.sent { sent } else { draft };
            place.set(Some(known.into()));
        }
        let this = self.clone();
        Effect::new(move |_| match draft.with(|draft| draft.as_ref().map(Draft::to_kept)) {
            Some(typed) => this.drafts.set(this.subject, typed),
            // What is on its way is kept until it has arrived.
            None if sent.with_untracked(Option::is_none) => this.drafts.remove(this.subject),
            None => {}
        });
    }

    /// Follows what was sent: it arrives, or comes back. What was typed is not lost then.
    fn follow_what_was_sent(&self) {
        let (this, drafts, subject) = (self.clone(), self.drafts.clone(), self.subject);
        let known = Memo::new(move |_| drafts.get(subject));
        Effect::new(move |_| {
            let known = known.get();
            if this.sent.with_untracked(Option::is_none) {
                return;
            }
            match known {
                Some(known) if known.sent => {}
                Some(refused) => {
                    this.problem.set(refused.problem.clone());
                    if let Some(theirs) = &refused.theirs {
                        this.noted.set(theirs.clone());
                    }
                    this.draft.set(Some(refused.into()));
                    this.sent.set(None);
                }
                None => {
                    match this.drafts.noted(this.subject) {
                        Some(metadata) => this.noted.set(metadata),
                        None => this.noted.reload(),
                    }
                    this.sent.set(None);
                }
            }
        });
    }

    fn save(&self) {
        let Some(draft) = self.draft.get_untracked() else { return };
        self.problem.set(None);
        self.sent.set(Some(draft.clone()));
        let sent = self.sent;
        self.drafts.send(self.subject, draft.to_kept(), move || !sent.is_disposed());
        self.draft.set(None);
    }
}

/// Gives the focus to *Edit* where the form took it along.
fn focus_edit() {
    let lost = document().active_element().is_none_or(|focused| focused.tag_name() == "BODY");
    if lost
        && let Ok(Some(edit)) = document().query_selector("section[aria-label=Notes] .card-head button")
        && let Ok(edit) = edit.dyn_into::<web_sys::HtmlElement>()
    {
        drop(edit.focus());
    }
}

/// The card.
#[component]
pub(super) fn NotesCard(session: OrgSession, caches: OrgCaches, subject: Subject) -> impl IntoView {
    let notes = Notes {
        drafts: Drafts::of_the_stay(&session, caches),
        noted: remote(&session, move |client| async move { client.metadata(subject).await }),
        subject,
        sent: RwSignal::new(None),
        draft: RwSignal::new(None),
        problem: RwSignal::new(None),
    };
    notes.remember_the_draft();
    notes.follow_what_was_sent();
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
    // Who leaves the form by keyboard goes on at the button that opened it.
    Effect::new(move |before: Option<bool>| {
        let is_open = editing.with(Option::is_some);
        if before == Some(true) && !is_open {
            request_animation_frame(focus_edit);
        }
        is_open
    });
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
