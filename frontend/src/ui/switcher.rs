//! The switcher's panel: type, move, open.

use super::{
    Badge, Icon, IconButton, IconName, IconSize, Kbd, MarkSize, OrgMark, Status, StatusMark, Tone,
    matching::{marked_runs, match_letters},
    unique_id,
};
use leptos::{html, prelude::*};

/// One organization in the list. The page filters and orders; the panel marks the matched letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitcherItem {
    /// What is given to the callback.
    pub value: String,
    /// The organization's name.
    pub name: String,
    /// The second line: `Admin · Business`.
    pub note: String,
    /// One of [`shared::org::COLOURS`].
    pub colour: String,
    /// One or two letters.
    pub monogram: String,
    /// How its hosts are doing, where that is known.
    pub status: Option<Status>,
    /// How many of them: `43 / 48`.
    pub hosts: Option<String>,
    /// What is new there: `5 new`.
    pub news: Option<(String, Tone)>,
    /// Keys that open it: `Alt 2`.
    pub keys: Option<String>,
    /// It is the one on screen.
    pub here: bool,
    /// Stands over it, if it is the first of a group: `Recent`.
    pub heading: Option<String>,
}

/// Which one was chosen, and where it is to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitcherChoice {
    /// Its value.
    pub value: String,
    /// In a tab of its own: Ctrl or ⌘ was held.
    pub new_tab: bool,
}

/// A field and the organizations that match it. The focus stays in the field; arrow keys, Home and End move through the
/// list, Enter opens, Ctrl or ⌘ with Enter opens in a new tab, Esc closes.
#[component]
pub fn SwitcherPanel(
    /// What was typed.
    #[prop(into)]
    query: Signal<String>,
    /// The organizations that match, in order.
    #[prop(into)]
    items: Signal<Vec<SwitcherItem>>,
    /// Which of them Enter opens.
    #[prop(into)]
    active: Signal<usize>,
    /// It was typed into.
    #[prop(into)]
    on_query: Callback<String>,
    /// Another one is to be active.
    #[prop(into)]
    on_active: Callback<usize>,
    /// One was chosen.
    #[prop(into)]
    on_choose: Callback<SwitcherChoice>,
    /// It is to close.
    #[prop(into)]
    on_close: Callback<()>,
    /// Where all organizations are listed.
    #[prop(optional, into)]
    all_href: Option<String>,
) -> impl IntoView {
    let list_id = unique_id("switcher");
    let input = NodeRef::<html::Input>::new();
    let list = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // A field that has gone needs no focus.
            drop(input.focus());
        }
    });
    let option_id = {
        let list_id = list_id.clone();
        move |at: usize| format!("{list_id}-{at}")
    };
    let choose = move |at: usize, new_tab: bool| {
        if let Some(value) = items.with_untracked(|items| items.get(at).map(|item| item.value.clone())) {
            on_choose.run(SwitcherChoice { value, new_tab });
        }
    };
    // The list scrolls along with the keys.
    Effect::new({
        let option_id = option_id.clone();
        move |_| {
            let id = option_id(active.get());
            if let (Some(_), Some(option)) = (list.get(), document().get_element_by_id(&id)) {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                option.scroll_into_view_with_scroll_into_view_options(&options);
            }
        }
    });
    let on_keydown = move |event: web_sys::KeyboardEvent| {
        let count = items.with_untracked(Vec::len);
        let at = active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => on_active.run((at + 1) % count),
            "ArrowUp" if count > 0 => on_active.run((at + count - 1) % count),
            "Home" if count > 0 => on_active.run(0),
            "End" if count > 0 => on_active.run(count - 1),
            "Enter" => choose(at, event.ctrl_key() || event.meta_key()),
            "Escape" => on_close.run(()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let active_id = {
        let option_id = option_id.clone();
        move || (active.get() < items.with(Vec::len)).then(|| option_id(active.get()))
    };
    let owned_list = list_id.clone();
    view! {
        <div class="popover switcher-panel" role="dialog" aria-label="Switch organization">
            <div class="switcher-search">
                <Icon name=IconName::Search size=IconSize::Small />
                <input
                    node_ref=input
                    type="text"
                    role="combobox"
                    aria-label="Switch to"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls=owned_list
                    aria-activedescendant=active_id
                    placeholder="Switch to…"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || query.get()
                    on:input=move |event| on_query.run(event_target_value(&event))
                    on:keydown=on_keydown
                />
                // Where there is a keyboard, Esc closes it; where there is none, a finger does.
                <span class="wide-only">
                    <Kbd keys="Esc" />
                </span>
                <span class="narrow-only">
                    <IconButton icon=IconName::Close label="Close" on_press=on_close />
                </span>
            </div>
            <div class="switcher-list" role="listbox" aria-label="Organizations" id=list_id node_ref=list>
                {move || {
                    let query = query.get();
                    let items = items.get();
                    if items.is_empty() {
                        return view! { <p class="switcher-empty">"None of your organizations matches."</p> }
                            .into_any();
                    }
                    items
                        .into_iter()
                        .enumerate()
                        .map(|(at, item)| {
                            view! {
                                <SwitcherRow
                                    id=option_id(at)
                                    item
                                    query=query.clone()
                                    active=Signal::derive(move || active.get() == at)
                                    on_press=Callback::new(move |new_tab| choose(at, new_tab))
                                />
                            }
                        })
                        .collect_view()
                        .into_any()
                }}
            </div>
            <div class="switcher-foot">
                <span><Kbd keys="↑" /> <Kbd keys="↓" /> "choose"</span>
                <span><Kbd keys="Enter" /> "open"</span>
                <span><Kbd keys="Ctrl" /> <Kbd keys="Enter" /> "new tab"</span>
                {all_href.map(|href| view! { <a href=href>"All organizations"</a> })}
            </div>
        </div>
    }
}

/// One organization in the list.
#[component]
fn SwitcherRow(
    /// Id of the option.
    id: String,
    /// What it shows.
    item: SwitcherItem,
    /// What was typed.
    query: String,
    /// Whether Enter opens it.
    active: Signal<bool>,
    /// It was pressed; whether with Ctrl or ⌘.
    on_press: Callback<bool>,
) -> impl IntoView {
    let marks = match_letters(&item.name, &query).unwrap_or_default();
    let name = marked_runs(&item.name, &marks)
        .into_iter()
        .map(|(marked, run)| if marked { view! { <mark>{run}</mark> }.into_any() } else { run.into_any() })
        .collect_view();
    view! {
        {item.heading.map(|heading| view! { <div class="switcher-group" role="presentation">{heading}</div> })}
        <div
            class="switcher-option"
            role="option"
            id=id
            data-active=move || active.get().then_some("")
            aria-selected=move || active.get().to_string()
            // The focus stays in the field.
            on:mousedown=move |event| event.prevent_default()
            on:click=move |event| on_press.run(event.ctrl_key() || event.meta_key())
        >
            <OrgMark colour=item.colour monogram=item.monogram size=MarkSize::Large />
            <span class="name">
                <span title=item.name.clone()>
                    {name} {item.here.then(|| view! { <small>" · here"</small> })}
                </span>
                <small>{item.note}</small>
            </span>
            <span class="hosts">
                {item.status.map(|status| view! { <StatusMark status /> })} <span>{item.hosts}</span>
            </span>
            <span>{item.news.map(|(text, tone)| view! { <Badge tone>{text}</Badge> })}</span>
            {item.keys.map(|keys| view! { <Kbd keys /> })}
        </div>
    }
}
