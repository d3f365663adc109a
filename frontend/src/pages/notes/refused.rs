//! Somebody else noted something meanwhile: both versions side by side, for a person to decide.

use super::{
    Draft, Notes,
    merge::{Changed, Field, merged},
};
use crate::{
    context::app,
    shell::live_mark::offset_s,
    ui::{Badge, Banner, Button, ButtonKind, IconName, Segment, Segmented, Tone, format},
};
use leptos::{html, prelude::*};
use shared::metadata::Metadata;

/// The draft beside what stands there now. Nothing is saved before *Save merged*, and nothing typed is lost.
#[component]
pub(super) fn Refused(notes: Notes, draft: Draft, theirs: Metadata) -> impl IntoView {
    let who = theirs.updated_by.clone().unwrap_or_else(|| "Somebody".to_owned());
    let when = theirs.updated_at.map(|at| time(at, app().now.get_untracked())).unwrap_or_default();
    let (before, mine, other) = (draft.before.clone(), draft.to_edit(), theirs.to_edit());
    let taken = RwSignal::new(Vec::<Field>::new());
    let changed = Field::ALL.map(|field| (field, field.changed(&before, &mine, &other)));
    let fields = changed
        .into_iter()
        .map(|(field, changed)| {
            let (mine, theirs) = (field.text(&mine), field.text(&other));
            match changed {
                Changed::Alike => ().into_any(),
                Changed::Mine => one_side(field, "only you changed it, kept", &mine),
                Changed::Theirs => one_side(field, &format!("only {who} changed it, taken"), &theirs),
                Changed::Both => {
                    view! { <Versions field taken mine theirs heading=format!("{who}, {when}") /> }.into_any()
                }
            }
        })
        .collect_view();
    // What is chosen becomes the draft, made from what stands there now.
    let decide = {
        let (notes, theirs) = (notes.clone(), theirs.clone());
        move || {
            let edit = merged(&before, &mine, &other, &taken.get_untracked());
            notes.draft.set(Some(Draft::continuing(theirs.version, theirs.to_edit(), edit)));
        }
    };
    let save = {
        let (notes, decide) = (notes.clone(), decide.clone());
        move |()| {
            decide();
            notes.save();
        }
    };
    let dropped = notes.draft;
    // What had the focus is gone.
    let region = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(region) = region.get() {
            drop(region.focus());
        }
    });
    view! {
        <div
            class="card-body stack refused"
            data-gap="small"
            role="group"
            aria-label="Two versions"
            tabindex="-1"
            node_ref=region
            // Escape would close what is around it.
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.prevent_default();
                }
            }
        >
            <Banner
                tone=Tone::Warn
                icon=IconName::Warning
                title=format!("{who} changed this at {when}, while you were writing.")
                text="Nothing of yours was saved. Decide what is to stand here."
            />
            {fields}
            <div class="cluster">
                <Button kind=ButtonKind::Primary on_press=save>"Save merged"</Button>
                <Button on_press=move |()| decide()>"Keep editing"</Button>
                <Button kind=ButtonKind::Ghost on_press=move |()| dropped.set(None)>"Take all of theirs"</Button>
            </div>
        </div>
    }
}

/// A field that only one side changed.
fn one_side(field: Field, note: &str, text: &str) -> AnyView {
    view! {
        <section>
            <div class="version-head">
                <h4>{field.title()}</h4>
                <span class="tone-3">{note.to_owned()}</span>
            </div>
            {value(field, text)}
        </section>
    }
    .into_any()
}

/// A field that both changed.
#[component]
fn Versions(field: Field, taken: RwSignal<Vec<Field>>, mine: String, theirs: String, heading: String) -> impl IntoView {
    let is_taken = Memo::new(move |_| taken.with(|taken| taken.contains(&field)));
    let choose = move |value: String| {
        taken.update(|taken| {
            taken.retain(|known| *known != field);
            if value == "theirs" {
                taken.push(field);
            }
        });
    };
    let segments = vec![Segment::new("mine", "Keep mine"), Segment::new("theirs", "Take theirs")];
    view! {
        <section>
            <div class="version-head">
                <h4>{field.title()}</h4>
                <Segmented
                    label=field.title()
                    value=Signal::derive(move || if is_taken.get() { "theirs" } else { "mine" }.to_owned())
                    segments=Signal::stored(segments)
                    on_change=choose
                />
            </div>
            <div class="versions">
                <div class="version" data-chosen=move || (!is_taken.get()).then_some("")>
                    <small>"Yours"</small>
                    {value(field, &mine)}
                </div>
                <div class="version" data-chosen=move || is_taken.get().then_some("")>
                    <small>{heading}</small>
                    {value(field, &theirs)}
                </div>
            </div>
        </section>
    }
}

fn value(field: Field, text: &str) -> AnyView {
    if text.is_empty() {
        return view! { <p class="tone-3">"Nothing"</p> }.into_any();
    }
    if field == Field::Tags {
        let tags =
            text.split(' ').map(str::to_owned).map(|tag| view! { <Badge>{tag}</Badge> }.into_any()).collect_view();
        return view! { <span class="tags">{tags}</span> }.into_any();
    }
    view! { <p class="lines">{text.to_owned()}</p> }.into_any()
}

/// A time of the last half day as time of day, an older one as a date.
fn time(at: i64, now: i64) -> String {
    let half_a_day = 12 * 3_600 * shared::SECOND;
    if now - at < half_a_day { format::clock(at, offset_s()) } else { format::date(at, offset_s()) }
}
