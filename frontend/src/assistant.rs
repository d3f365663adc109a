//! The assistant beside every page: a person's conversation in the organization on screen.

mod markdown;
mod message;
mod wire;

use crate::{
    browser::Browser,
    context::app,
    shell::{frame::Here, org_body::org_body},
    ui::{
        Button, ButtonKind, ControlSize, Drawer, EmptyState, IconButton, IconName, MarkSize, OrgMark, ProblemNotice,
        SkeletonLines, Spinner, TextButton, format,
    },
};
use leptos::{html, prelude::*};
use message::{lookups, markdown, message};
use org_client::{ActiveOrg, ClientError, OrgCaches, OrgSession, Remote, act};
use shared::{Problem, assistant::MAX_QUESTION, metadata::Subject};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// What one may ask, for who does not know yet.
const SUGGESTIONS: [&str; 3] =
    ["Which host is short of memory?", "What needs attention, and why?", "Which containers restart?"];

/// How long nothing is typed before what was typed is kept.
const KEEP_AFTER: Duration = Duration::from_millis(600);

/// The drawer. All of it is the organization's, but that it is open.
#[component]
pub fn AssistantDrawer() -> impl IntoView {
    org_body(|active| view! { <Conversation active /> })
}

#[component]
fn Conversation(active: ActiveOrg) -> impl IntoView {
    let context = app();
    let here = expect_context::<Here>();
    let ActiveOrg { session, caches, assistant, .. } = active;
    let filling = assistant.fill(&session);
    let asked_for = context.assistant_asked_for.get_untracked();
    context.assistant_asked_for.set(false);
    let reader = session.clone();
    let chat = Memo::new(move |_| caches.chat.with(&reader, |chat| chat.cloned()));
    let reader = session.clone();
    let answering = Memo::new(move |_| caches.answering.with(&reader, |answering| answering.cloned().flatten()));
    let is_answering = Memo::new(move |_| answering.with(Option::is_some));
    let problem = RwSignal::new(None::<Problem>);
    let asked = RwSignal::new(None::<String>);
    let refused = {
        let filling = filling.clone();
        Memo::new(move |_| match filling.get() {
            Remote::Failed(error) if chat.with(Option::is_none) => Some(error.to_problem()),
            _ => None,
        })
    };

    let ask = {
        let session = session.clone();
        Callback::new(move |text: String| {
            let text = text.trim().to_owned();
            if text.is_empty() || is_answering.get_untracked() {
                return;
            }
            problem.set(None);
            asked.set(Some(text.clone()));
            assistant.ask(&session, Browser, text, move |why| {
                // The drawer may be closed by now; the next one that opens shows the conversation as it is.
                if !problem.is_disposed() {
                    problem.set(Some(why));
                }
            });
        })
    };
    let stop = {
        let session = session.clone();
        Callback::new(move |()| assistant.stop(&session))
    };
    // What was asked, and not what was typed meanwhile.
    let retry = Callback::new(move |()| {
        if let Some(text) = asked.get_untracked() {
            ask.run(text);
        }
    });
    let begin_anew = {
        let (session, filling) = (session.clone(), filling.clone());
        Callback::new(move |()| {
            assistant.stop(&session);
            problem.set(None);
            let filling = filling.clone();
            let then = move |answer: Result<(), ClientError>| match answer {
                Ok(()) => filling.reload(),
                Err(error) => problem.set(Some(error.to_problem())),
            };
            act(&session, |client| async move { client.delete_chat().await }, then);
        })
    };

    // What comes last is seen, unless the person scrolled up to read.
    let scroller = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        answering.track();
        chat.track();
        if let Some(element) = scroller.get() {
            let below = element.scroll_height() - element.scroll_top() - element.client_height();
            if below < 160 {
                request_animation_frame(move || element.set_scroll_top(element.scroll_height()));
            }
        }
    });

    let mark = here
        .org
        .get_untracked()
        .map(|org| view! { <OrgMark colour=org.colour monogram=org.monogram size=MarkSize::Small /> }.into_any());
    let note = Signal::derive(move || here.org.get().map(|org| format!("in {}", org.name)).unwrap_or_default());
    let actions = view! {
        <IconButton
            icon=IconName::Plus
            label="New conversation"
            disabled=Signal::derive(move || chat.with(|chat| chat.as_ref().is_none_or(|chat| chat.messages.is_empty())))
            on_press=begin_anew
        />
    }
    .into_any();
    let open = context.assistant_open;
    let messages = move || {
        chat.with(|chat| {
            let messages = &chat.as_ref()?.messages;
            (!messages.is_empty()).then(|| messages.iter().map(message).collect_view())
        })
    };
    // The field is made once, and not anew with each word: it would take the focus each time.
    let is_known = Memo::new(move |_| chat.with(Option::is_some));
    let is_empty = Memo::new(move |_| chat.with(|chat| chat.as_ref().is_some_and(|chat| chat.messages.is_empty())));
    let reload = filling.clone();
    let asking = session.clone();
    view! {
        <Drawer
            title="Assistant"
            note
            mark=mark.unwrap_or_else(|| ().into_any())
            actions
            quiet=!asked_for
            on_close=move |()| open.set(false)
            on_escape=Callback::new(move |()| {
                let answering = is_answering.get_untracked();
                if answering {
                    stop.run(());
                }
                answering
            })
        >
            <div class="drawer-body chat" node_ref=scroller role="log" aria-label="Conversation">
                {move || {
                    refused
                        .get()
                        .map(|problem| {
                            let reload = reload.clone();
                            view! { <ProblemNotice problem on_retry=Callback::new(move |()| reload.reload()) /> }
                        })
                }}
                {move || (!is_known.get() && refused.with(Option::is_none)).then(|| view! { <SkeletonLines /> })}
                {move || is_empty.get().then(|| view! { <Beginning on_ask=ask /> })}
                {messages}
                {move || {
                    answering
                        .get()
                        .map(|answer| {
                            view! {
                                <div class="chat-answer" aria-busy="true">
                                    {lookups(&answer.lookups)} {markdown(&answer.text)}
                                    <p class="cluster tone-3">
                                        <Spinner />
                                        {if answer.text.is_empty() { "Looking" } else { "Writing" }}
                                    </p>
                                </div>
                            }
                        })
                }}
                {move || problem.get().map(|problem| view! { <ProblemNotice problem on_retry=retry /> })}
            </div>
            {move || {
                is_known
                    .get()
                    .then(|| {
                        view! {
                            <Asking session=asking.clone() caches active=assistant is_answering focus=asked_for on_ask=ask on_stop=stop />
                        }
                    })
            }}
        </Drawer>
    }
}

/// What a button does that asks about a thing: opens the drawer with the thing attached.
pub(crate) fn ask_about(
    session: &OrgSession,
    assistant: org_client::Assistant,
    subject: Subject,
) -> impl Fn(()) + Clone + Send + Sync + use<> {
    let (session, context) = (session.clone(), app());
    let (open, asked_for) = (context.assistant_open, context.assistant_asked_for);
    move |()| {
        asked_for.set(true);
        assistant.set_context(&session, subject, true);
        assistant.keep(&session);
        open.set(true);
    }
}

/// Before anything was asked.
#[component]
fn Beginning(on_ask: Callback<String>) -> impl IntoView {
    let here = expect_context::<Here>();
    let name = here.org.get_untracked().map(|org| org.name).unwrap_or_default();
    let suggestions = SUGGESTIONS
        .map(|text| view! { <TextButton on_press=move |()| on_ask.run(text.to_owned())>{text}</TextButton> }.into_any())
        .collect_view();
    view! {
        <EmptyState
            title="Ask about what runs here"
            text=format!("It looks at hosts, containers, guests, their last hour and the notes about them, as far as you may see them in {name}.")
            icon=IconName::Assistant
        >
            <div class="stack" data-gap="small">{suggestions}</div>
        </EmptyState>
    }
}

/// The field, what is attached, and how much may still be asked.
#[component]
fn Asking(
    session: OrgSession,
    caches: OrgCaches,
    active: org_client::Assistant,
    is_answering: Memo<bool>,
    /// It is typed into next.
    focus: bool,
    on_ask: Callback<String>,
    on_stop: Callback<()>,
) -> impl IntoView {
    let here = expect_context::<Here>();
    let reader = session.clone();
    let draft =
        Memo::new(move |_| caches.chat.with(&reader, |chat| chat.map(|chat| chat.draft.clone()).unwrap_or_default()));
    let reader = session.clone();
    let attached =
        Memo::new(move |_| caches.chat.with(&reader, |chat| chat.map(|chat| chat.context.clone()).unwrap_or_default()));
    let reader = session.clone();
    let left = move || {
        caches.chat.with(&reader, |chat| {
            let chat = chat?;
            let limit = chat.limit?;
            Some(format!("{} of {} left", format::number((limit - chat.used).max(0)), format::number(limit)))
        })
    };
    // What is typed is kept after a pause, and at once when the field is left or goes away. The field tells that it is left
    // when it is taken down as well, and then everything of this owner is gone: so nothing of it is used.
    let timer = Arc::new(Mutex::new(None::<TimeoutHandle>));
    let keep = {
        let (session, timer) = (session.clone(), Arc::clone(&timer));
        move || {
            if let Some(timer) = timer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                timer.clear();
                active.keep(&session);
            }
        }
    };
    on_cleanup(keep.clone());
    let (later, typing) = (keep.clone(), session.clone());
    let typed = move |text: String| {
        active.set_draft(&typing, text.chars().take(MAX_QUESTION).collect());
        let later = later.clone();
        let next = set_timeout_with_handle(later, KEEP_AFTER).ok();
        if let Some(before) = std::mem::replace(&mut *timer.lock().unwrap_or_else(PoisonError::into_inner), next) {
            before.clear();
        }
    };
    let field = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get().filter(|_| focus) {
            // A browser that cannot has nothing to lose.
            drop(field.focus());
        }
    });
    let send = move || on_ask.run(draft.get_untracked());
    let names = session.clone();
    let detaching = session;
    let chips = move || {
        let session = names.clone();
        attached
            .get()
            .into_iter()
            .map(|subject| {
                let name = name_of(&session, caches, subject);
                let label = format!("Detach {name}");
                let session = detaching.clone();
                view! {
                    <span class="tag">
                        {name}
                        <IconButton
                            icon=IconName::Close
                            label
                            size=ControlSize::Small
                            on_press=move |()| {
                                active.set_context(&session, subject, false);
                                active.keep(&session);
                            }
                        />
                    </span>
                }
            })
            .collect_view()
    };
    let name = move || here.org.get().map(|org| org.name).unwrap_or_default();
    view! {
        <form
            class="chat-ask"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <div class="cluster">{chips} <span class="spacer"></span> <small class="tone-3">{left}</small></div>
            <textarea
                class="input"
                rows="3"
                node_ref=field
                aria-label=move || format!("Ask about {}", name())
                placeholder=move || format!("Ask about {}", name())
                prop:value=move || draft.get()
                on:input=move |event| typed(event_target_value(&event))
                on:blur=move |_| keep()
                on:keydown=move |event| {
                    if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
                        event.prevent_default();
                        send();
                    }
                }
            ></textarea>
            <div class="cluster">
                <small class="tone-3">{move || format!("Sees what you may see in {}, and nothing of any other organization.", name())}</small>
                <span class="spacer"></span>
                {move || {
                    if is_answering.get() {
                        view! { <Button icon=IconName::Pause on_press=on_stop>"Stop"</Button> }.into_any()
                    } else {
                        view! {
                            <Button
                                kind=ButtonKind::Primary
                                submit=true
                                disabled=Signal::derive(move || draft.with(|draft| draft.trim().is_empty()))
                            >
                                "Ask"
                            </Button>
                        }
                            .into_any()
                    }
                }}
            </div>
        </form>
    }
}

/// The name of a thing, as far as the tab knows it.
fn name_of(session: &OrgSession, caches: OrgCaches, subject: Subject) -> String {
    let known = match subject {
        Subject::Host(id) => {
            caches.hosts.with(session, |list| list.and_then(|list| list.host(id).map(|host| host.name.clone())))
        }
        Subject::Container(id) => caches.containers.with(session, |list| {
            list.and_then(|list| list.iter().find(|found| found.id == id).map(|found| found.name.clone()))
        }),
        Subject::Guest(id) => caches.guests.with(session, |list| {
            list.and_then(|list| list.iter().find(|found| found.id == id).map(|found| found.name.clone()))
        }),
    };
    known.unwrap_or_else(|| format!("a {}", subject.kind()))
}
