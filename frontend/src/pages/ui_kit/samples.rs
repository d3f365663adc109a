//! Made-up values for the examples.

use crate::ui::{ChartData, ChartLine, Status, SwitcherItem, Tone};
use shared::{ErrorCode, Problem, Role, SECOND, feature::Feature};

/// A value that wanders between 0 and 1 and is the same each time.
fn wander(at: usize, seed: usize) -> f64 {
    let wave = |length: f64, shift: usize| ((at + shift * seed) as f64 / length).sin();
    let noise = ((at * at * 7919 + at * 31 + seed * 104_729) % 1009) as f64 / 1009.0 - 0.5;
    (0.5 + 0.22 * wave(31.0, 3) + 0.14 * wave(7.3, 5) + 0.12 * noise).clamp(0.0, 1.0)
}

/// Values for a sparkline, 0 to 100.
pub(super) fn spark(from: f64, spread: f64) -> Vec<Option<f64>> {
    (0..32).map(|at| Some(from + wander(at * 3, 1) * spread)).collect()
}

/// `lines` measures of 1440 points with a gap in the middle.
pub(super) fn series(lines: &[(&str, u8, f64)], points: usize) -> ChartData {
    let from = 1_764_063_780 * SECOND;
    let step = 3600 * SECOND / points.max(1) as i64;
    let gap = points * 11 / 20..points * 12 / 20;
    ChartData {
        from,
        to: from + 3600 * SECOND,
        at: (0..points as i64).map(|at| from + at * step).collect(),
        lines: lines
            .iter()
            .enumerate()
            .map(|(seed, &(label, colour, scale))| ChartLine {
                label: label.to_owned(),
                colour,
                values: (0..points)
                    .map(|at| (!gap.contains(&at)).then(|| wander(at * 120 / points, seed + 1) * scale))
                    .collect(),
            })
            .collect(),
    }
}

fn item(
    value: &str,
    name: &str,
    note: &str,
    colour: &str,
    monogram: &str,
    hosts: &str,
    status: Status,
) -> SwitcherItem {
    SwitcherItem {
        value: value.to_owned(),
        name: name.to_owned(),
        note: note.to_owned(),
        colour: colour.to_owned(),
        monogram: monogram.to_owned(),
        status: Some(status),
        hosts: Some(hosts.to_owned()),
        news: None,
        keys: None,
        here: false,
        heading: None,
    }
}

/// Organizations for the switcher.
pub(super) fn organizations() -> Vec<SwitcherItem> {
    let mut items = vec![
        item("acme", "Acme Hosting", "Admin · Business", "iris", "AC", "43 / 48", Status::Critical),
        item("globex", "Globex Research", "Editor · Enterprise", "teal", "GX", "19 / 19", Status::Healthy),
        item("northwind", "Northwind Clinic", "Owner · Team", "copper", "NW", "7 / 8", Status::Warning),
        item("kestrel", "Kestrel Logistics", "Admin · Business", "cobalt", "KL", "26 / 26", Status::Healthy),
        item("harbour", "Harbour & Finch", "Admin · Team", "plum", "HF", "5 / 5", Status::Healthy),
    ];
    items[0].here = true;
    items[0].heading = Some("Recent".to_owned());
    items[0].news = Some(("5 new".to_owned(), Tone::Crit));
    items[2].news = Some(("1 new".to_owned(), Tone::Neutral));
    items[4].heading = Some("All 5, by name".to_owned());
    for (at, item) in items.iter_mut().enumerate().take(4) {
        item.keys = Some(format!("Alt {}", at + 1));
    }
    items
}

/// One refusal of each kind that looks different.
pub(super) fn problems() -> Vec<Problem> {
    let plan = Problem {
        feature: Some(Feature::Sharing),
        current_plan: Some("Team".to_owned()),
        required_plan: Some("Business".to_owned()),
        who_can_change: vec!["Jonas Weil, owner".to_owned()],
        upgrade_url: Some("https://plans.example".to_owned()),
        ..Problem::new(ErrorCode::PlanRequired, "Sharing comes with Business")
            .detail("Hosts can be shown to another organization, and taken back at any time.")
    };
    let limit = Problem {
        used: Some(25),
        limit: Some(25),
        current_plan: Some("Business".to_owned()),
        who_can_change: vec!["Ruth Okafor, owner".to_owned()],
        ..Problem::new(ErrorCode::PlanLimitReached, "All 25 seats are taken")
            .detail("The member was not added. What you typed is still here.")
    };
    let setting = Problem {
        feature: Some(Feature::Payments),
        setting: Some("# bulkhead.toml\n[payments]\nprovider = \"…\"".to_owned()),
        ..Problem::new(ErrorCode::FeatureNotEnabled, "Payments are not set up on this server")
            .detail("Plans are assigned by the operator by hand. Usage and limits below are exact.")
    };
    let role = Problem {
        required_role: Some(Role::Admin),
        who_can_change: vec!["Ines Moreau".to_owned(), "Paul Adair".to_owned()],
        ..Problem::new(ErrorCode::RoleRequired, "You are editor here. Changing access needs admin.").detail(" ")
    };
    let error =
        Problem { request_id: "7f3a-91c0".to_owned(), ..Problem::new(ErrorCode::Internal, "The server failed") };
    vec![
        plan,
        limit,
        setting,
        role,
        Problem::new(ErrorCode::OrgSuspended, "Northwind Clinic is suspended")
            .detail("Suspended by its owner. Agents keep buffering, nothing is deleted."),
        Problem::new(ErrorCode::OrgDeleted, "Sandbox was deleted").detail("You deleted it. It is gone for good."),
        Problem::new(ErrorCode::NotFound, "No such host in Acme Hosting").detail(
            "It was removed, or never was here. If the link came from somewhere else, it may mean another organization.",
        ),
        error,
        Problem::new(ErrorCode::PreconditionFailed, "Someone else changed it while you were writing.")
            .detail("Yours is kept below until you decide."),
        Problem { retry_after_s: Some(30), ..Problem::new(ErrorCode::RateLimited, "Too many tries.") },
    ]
}
