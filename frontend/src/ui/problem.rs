//! A refusal, as the panel that caused it shows it: what is missing, who can change it, where.

use super::{Banner, Button, CodeBlock, DescriptionList, Fact, Icon, IconName, LinkButton, Tone};
use leptos::prelude::*;
use shared::{ErrorCode, Problem};

/// How a kind of refusal looks.
struct Look {
    icon: IconName,
    tone: Tone,
    /// One line over a panel that works otherwise, instead of a notice in its place.
    line: bool,
}

impl Look {
    fn of(code: ErrorCode) -> Self {
        let (icon, tone, line) = match code {
            ErrorCode::PlanRequired => (IconName::Lock, Tone::Accent, false),
            ErrorCode::PlanLimitReached => (IconName::Billing, Tone::Warn, false),
            ErrorCode::FeatureNotEnabled => (IconName::Wrench, Tone::Neutral, false),
            ErrorCode::RoleRequired => (IconName::Lock, Tone::Accent, true),
            ErrorCode::NotFound | ErrorCode::AccountNotFound => (IconName::Search, Tone::Neutral, false),
            ErrorCode::OrgDeleted => (IconName::Trash, Tone::Neutral, false),
            ErrorCode::OrgSuspended => (IconName::Pause, Tone::Warn, false),
            ErrorCode::Internal | ErrorCode::Unavailable => (IconName::Error, Tone::Crit, false),
            _ => (IconName::Warning, Tone::Warn, true),
        };
        Self { icon, tone, line }
    }
}

/// A refusal from the server.
///
/// The title is the server's unless the panel knows better (`Alerts could not be loaded`). Of an error of the server
/// it shows the request id and nothing else that the server said.
#[component]
pub fn ProblemNotice(
    /// The refusal.
    problem: Problem,
    /// Another title than the server's.
    #[prop(optional, into)]
    title: Option<String>,
    /// Trying again may help: it was asked for.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
    /// What else can be done, as buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let Look { icon, tone, line } = Look::of(problem.code);
    let (text, facts) = (sentence(&problem), facts(&problem));
    let Problem { status, title: said, request_id, upgrade_url, setting, .. } = problem;
    let title = title.unwrap_or(said);
    let retry = on_retry.map(|on_retry| {
        view! {
            <Button icon=IconName::Refresh on_press=on_retry>
                "Try again"
            </Button>
        }
    });
    if line {
        return view! {
            <Banner tone icon title=title text>
                {retry}
                {children.map(|children| children())}
            </Banner>
        }
        .into_any();
    }
    let upgrade = upgrade_url.map(|href| view! { <LinkButton href>"Compare plans"</LinkButton> });
    let setting = setting.map(|setting| {
        view! {
            <CodeBlock text=setting />
            <p class="reference">"Only the operator of this server can set it."</p>
        }
    });
    let request = (!request_id.is_empty() && status >= 500 && status != 501)
        .then(|| view! { <p class="reference">"Request " <code>{request_id}</code></p> });
    view! {
        <div class="problem" data-tone=tone.as_str() data-code=status.to_string() role="alert">
            <span class="problem-glyph">
                <Icon name=icon />
            </span>
            <div class="problem-words">
                <div>
                    <h3>{title}</h3>
                    <p>{text}</p>
                </div>
                {(!facts.is_empty())
                    .then(|| {
                        view! {
                            <DescriptionList boxed=true>
                                {facts
                                    .into_iter()
                                    .map(|(name, value)| view! { <Fact name>{value}</Fact> })
                                    .collect_view()}
                            </DescriptionList>
                        }
                    })}
                {setting}
                <div class="cluster">{children.map(|children| children())} {upgrade} {retry}</div>
                {request}
            </div>
        </div>
    }
    .into_any()
}

/// A refusal in one line: what happened, and what to do.
#[must_use]
pub fn problem_line(problem: &Problem) -> String {
    format!("{}. {}", problem.title.trim_end_matches('.'), problem.detail)
}

/// What is wrong with one field of a form, by its JSON pointer.
#[must_use]
pub fn field_error(problem: RwSignal<Option<Problem>>, pointer: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || {
        problem.with(|problem| {
            let errors = &problem.as_ref()?.errors;
            errors.iter().find(|error| error.pointer == pointer).map(|error| error.message.clone())
        })
    })
}

/// A form's refusal that belongs to none of its fields; nothing where each has its own.
#[component]
pub fn FormProblem(
    /// The refusal of the form.
    problem: RwSignal<Option<Problem>>,
) -> impl IntoView {
    move || {
        let problem = problem.get().filter(|problem| problem.errors.is_empty())?;
        Some(view! { <ProblemNotice problem /> })
    }
}

/// What the notice says under its title.
fn sentence(problem: &Problem) -> String {
    match problem.code {
        ErrorCode::Internal => "The server answered with an error. It was logged; nothing was changed.".to_owned(),
        // Where there is a form each stands at its field; elsewhere this is all that a person reads.
        ErrorCode::Invalid if !problem.errors.is_empty() => {
            problem.errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ")
        }
        // What the server says is more than what can be said of it in general.
        ErrorCode::Unavailable if !problem.detail.is_empty() => problem.detail.clone(),
        ErrorCode::Unavailable => match problem.retry_after_s {
            Some(seconds) => format!("The server is not ready. Try again in {seconds} s."),
            None => "The server is not ready. Try again in a moment.".to_owned(),
        },
        ErrorCode::RateLimited => match problem.retry_after_s {
            Some(seconds) => format!("{} Try again in {seconds} s.", problem.detail).trim_start().to_owned(),
            None => problem.detail.clone(),
        },
        ErrorCode::RoleRequired => {
            let needs = problem.required_role.map(|role| format!("It takes the role {}.", role.title().to_lowercase()));
            let who = (!problem.who_can_change.is_empty())
                .then(|| format!("{} can change your role.", any_of(&problem.who_can_change)));
            let said = (!problem.detail.is_empty()).then(|| problem.detail.clone());
            said.or(needs).into_iter().chain(who).collect::<Vec<_>>().join(" ")
        }
        _ => problem.detail.clone(),
    }
}

/// What can be said in names and values.
fn facts(problem: &Problem) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(feature) = problem.feature
        && problem.code == ErrorCode::PlanRequired
    {
        facts.push(("Missing", feature.title().to_owned()));
    }
    match (problem.used, problem.limit) {
        (Some(used), Some(limit)) => facts.push(("In use", format!("{used} of {limit}"))),
        (None, Some(limit)) => facts.push(("Limit", limit.to_string())),
        _ => {}
    }
    if let Some(plan) = &problem.current_plan {
        facts.push(("Your plan", plan.clone()));
    }
    if let Some(plan) = &problem.required_plan {
        facts.push(("Needed", plan.clone()));
    }
    if !problem.who_can_change.is_empty() && problem.code != ErrorCode::RoleRequired {
        facts.push(("Can change it", problem.who_can_change.join(", ")));
    }
    facts
}

/// `Ines Moreau, Paul Adair or Chen Li`.
fn any_of(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_refusal_says_what_is_missing_and_who_can_change_it() {
        let mut problem = Problem::new(ErrorCode::PlanRequired, "Sharing comes with Business");
        problem.feature = Some(shared::feature::Feature::Sharing);
        problem.current_plan = Some("Team".to_owned());
        problem.required_plan = Some("Business".to_owned());
        problem.who_can_change = vec!["Ada, owner".to_owned(), "Bo, owner".to_owned()];
        let facts = facts(&problem);
        let expected = [
            ("Missing", "Sharing"),
            ("Your plan", "Team"),
            ("Needed", "Business"),
            ("Can change it", "Ada, owner, Bo, owner"),
        ];
        assert!(facts.iter().map(|(name, value)| (*name, value.as_str())).eq(expected), "{facts:?}");
    }

    #[test]
    fn a_role_refusal_names_the_role_and_who_can_give_it() {
        let mut problem = Problem::new(ErrorCode::RoleRequired, "You are editor here");
        problem.required_role = Some(shared::Role::Admin);
        problem.who_can_change = ["Ada", "Bo", "Cy"].map(str::to_owned).to_vec();
        assert_eq!(sentence(&problem), "It takes the role admin. Ada, Bo or Cy can change your role.");
    }

    #[test]
    fn an_error_of_the_server_says_nothing_that_the_server_said() {
        let problem = Problem::new(ErrorCode::Internal, "x").detail("table users is locked");
        assert!(!sentence(&problem).contains("users"));
    }
}
