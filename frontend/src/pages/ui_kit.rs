//! `/ui`: every component in every state. What a page needs and is not here is added here first.
//!
//! Everything on it is made up here; it asks the server for nothing.

pub mod samples;
pub mod sections;

use crate::ui::{Icon, IconName, Theme, ThemeButton, apply_theme};
use leptos::prelude::*;
use sections::{
    ButtonSection, ChartSection, ChoiceSection, ColourSection, DialogSection, FieldSection, MeasureSection,
    NoticeSection, OrgSection, PanelSection, ProblemSection, StatusSection, SwitcherSection, TableSection, TypeSection,
};

/// The page.
#[component]
pub fn UiKitPage() -> impl IntoView {
    let theme = RwSignal::new(Theme::System);
    view! {
        <main class="kit">
            <header class="kit-head">
                <Icon name=IconName::Bulkhead />
                <div>
                    <h1>"UI kit"</h1>
                    <p>"Every component in every state. What a page needs and is not here, is added here first."</p>
                </div>
                <div class="end">
                    <ThemeButton
                        theme
                        on_change=Callback::new(move |next| {
                            theme.set(next);
                            apply_theme(next);
                        })
                    />
                </div>
            </header>
            <ColourSection />
            <OrgSection />
            <ButtonSection />
            <FieldSection />
            <ChoiceSection />
            <SwitcherSection />
            <StatusSection />
            <MeasureSection />
            <ChartSection />
            <TableSection />
            <NoticeSection />
            <ProblemSection />
            <DialogSection />
            <PanelSection />
            <TypeSection />
        </main>
    }
}

/// One section: what it is about, and its examples.
#[component]
fn Section(
    /// What it is about.
    title: &'static str,
    /// A rule to remember.
    #[prop(optional)]
    note: &'static str,
    /// The examples.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="kit-section" aria-label=title>
            <header>
                <h2>{title}</h2>
                <p>{note}</p>
            </header>
            <div class="kit-body">{children()}</div>
        </section>
    }
}
