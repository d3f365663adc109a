//! A container or a guest as a row of a list: the same for both.

use crate::ui::{Status, Tone, format};
use shared::{
    HostId, Micros,
    host::Health,
    inventory::{Container, ContainerHealth, ContainerState, Guest, GuestState, MAX_CONTAINERS, MAX_GUESTS},
    metadata::Subject,
};

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Containers,
    Guests,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Words.
    Text,
    /// A number, at the end of its column.
    Number,
    /// A share with its meter.
    Share,
}

/// A column after the one that names the row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) label: &'static str,
    pub(super) shape: Shape,
    /// A narrow screen leaves it out.
    pub(super) wide_only: bool,
    /// It can be sorted by.
    pub(super) sort: Option<SortBy>,
}

/// A column that a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum SortBy {
    #[default]
    Severity,
    Name,
    Restarts,
    Cpu,
    Memory,
}

impl Kind {
    /// The columns after the name; what fills them is [`Item::cells`], one for each.
    pub(super) const fn columns(self) -> &'static [Column] {
        const fn column(label: &'static str, shape: Shape, wide_only: bool, sort: Option<SortBy>) -> Column {
            Column { label, shape, wide_only, sort }
        }
        const CONTAINERS: &[Column] = &[
            column("Image", Shape::Text, true, None),
            column("State", Shape::Text, false, None),
            column("Health", Shape::Text, true, None),
            column("Restarts", Shape::Number, true, Some(SortBy::Restarts)),
            column("CPU %", Shape::Number, false, Some(SortBy::Cpu)),
            column("Memory", Shape::Number, false, Some(SortBy::Memory)),
            column("Of limit %", Shape::Share, true, None),
            column("In", Shape::Number, true, None),
            column("Out", Shape::Number, true, None),
            column("Uptime", Shape::Number, true, None),
        ];
        const GUESTS: &[Column] = &[
            column("Host", Shape::Text, true, None),
            column("State", Shape::Text, false, None),
            column("vCPU", Shape::Number, true, None),
            column("CPU %", Shape::Share, false, Some(SortBy::Cpu)),
            column("Memory %", Shape::Share, false, None),
            column("GiB used", Shape::Number, true, Some(SortBy::Memory)),
            column("Disks", Shape::Number, true, None),
            column("Uptime", Shape::Number, true, None),
        ];
        match self {
            Self::Containers => CONTAINERS,
            Self::Guests => GUESTS,
        }
    }

    /// Most of one host that its agent reports.
    pub(super) const fn most_of_a_host(self) -> usize {
        match self {
            Self::Containers => MAX_CONTAINERS,
            Self::Guests => MAX_GUESTS,
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Containers => "Containers",
            Self::Guests => "Guests",
        }
    }
}

/// What fills a column of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Words(String, Tone),
    Share(Option<f64>),
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) subject: Subject,
    pub(super) name: String,
    /// After the name, smaller.
    pub(super) small: String,
    pub(super) host: HostId,
    pub(super) host_name: String,
    /// What it is grouped under: a project, or its host.
    pub(super) group: String,
    pub(super) group_is_project: bool,
    pub(super) health: Health,
    pub(super) is_running: bool,
    /// What a query is looked for in, in lower case.
    pub(super) text: String,
    pub(super) cells: Vec<Cell>,
    pub(super) cpu: Option<f64>,
    pub(super) memory: Option<i64>,
    pub(super) restarts: i64,
    /// Names and values for the drawer.
    pub(super) facts: Vec<(&'static str, String)>,
}

impl Item {
    /// The shape before the name: what somebody stopped is a ring, like what does not report.
    pub(super) fn status(&self) -> Status {
        match self.health {
            Health::Healthy if !self.is_running => Status::Stopped,
            health => health.into(),
        }
    }

    /// `now` is the server's clock, `offset_s` the person's from UTC.
    pub(super) fn of_container(container: &Container, now: Micros, offset_s: i32) -> Self {
        let health = container.health_at(now);
        let known = health != Health::NotReporting;
        let running = container.is_running();
        let tone = |bad: bool| if bad { Tone::Warn } else { Tone::Neutral };
        let words = |text: String| Cell::Words(text, Tone::Neutral);
        let measure = |value: Option<f64>, text: fn(f64) -> String| format::known(value.filter(|_| known), text);
        let ended = container.exit_code.filter(|_| container.state == ContainerState::Exited);
        let state = match ended {
            Some(code) if code != 0 => format!("Exited ({code})"),
            _ => container.state.title().to_owned(),
        };
        let uptime = container.started_at.filter(|_| running && known).map(|at| (now - at).max(0) / shared::SECOND);
        let memory = container.mem_used_bytes.filter(|_| known);
        let cells = vec![
            words(container.image.clone()),
            Cell::Words(state.clone(), tone(health >= Health::Warning && !running)),
            Cell::Words(
                container.health.map_or(format::DASH, ContainerHealth::title).to_owned(),
                tone(container.health == Some(ContainerHealth::Unhealthy)),
            ),
            Cell::Words(format::number(container.restarts), tone(container.restarts > 0 && health == Health::Warning)),
            words(measure(container.cpu_percent, format::decimal)),
            words(measure(memory.map(|bytes| bytes as f64), format::memory)),
            Cell::Share(container.mem_percent().filter(|_| known)),
            words(measure(container.net_in_bps, format::bits_per_second)),
            words(measure(container.net_out_bps, format::bits_per_second)),
            words(uptime.map_or_else(|| format::DASH.to_owned(), format::short_duration)),
        ];
        let date = |at: Option<Micros>| at.map(|at| format::date(at, offset_s)).unwrap_or_default();
        let facts = vec![
            ("Image", container.image.clone()),
            ("State", state),
            ("Health", container.health.map(ContainerHealth::title).unwrap_or_default().to_owned()),
            ("Project", container.project.clone().unwrap_or_default()),
            ("Service", container.service.clone().unwrap_or_default()),
            (
                "Memory",
                match (memory, container.mem_limit_bytes) {
                    (Some(used), Some(limit)) => {
                        format!("{} of {}", format::memory(used as f64), format::memory(limit as f64))
                    }
                    (Some(used), None) => format!("{}, no limit", format::memory(used as f64)),
                    _ => String::new(),
                },
            ),
            ("Made", date(container.created_at)),
            ("Started", date(container.started_at)),
            ("Restarts", format::number(container.restarts)),
            ("Engine's id", container.engine_id.chars().take(12).collect()),
        ];
        let project = container.project.clone();
        Self {
            subject: Subject::Container(container.id),
            name: container.name.clone(),
            small: container.host_name.clone(),
            host: container.host,
            host_name: container.host_name.clone(),
            group: project.clone().unwrap_or_else(|| container.host_name.clone()),
            group_is_project: project.is_some(),
            health,
            is_running: running,
            text: format!(
                "{} {} {} {} {}",
                container.name,
                container.image,
                container.host_name,
                project.unwrap_or_default(),
                container.state.title()
            )
            .to_lowercase(),
            cells,
            cpu: container.cpu_percent.filter(|_| known),
            memory,
            restarts: container.restarts,
            facts,
        }
    }

    /// `now` is the server's clock.
    pub(super) fn of_guest(guest: &Guest, now: Micros) -> Self {
        let health = guest.health_at(now);
        let known = health != Health::NotReporting && guest.is_running();
        let words = |text: String| Cell::Words(text, Tone::Neutral);
        let number = |value: Option<i64>| value.map_or_else(|| format::DASH.to_owned(), format::number);
        let memory = guest.mem_used_bytes.filter(|_| known);
        let gib = |bytes: i64| format::decimal(bytes as f64 / f64::from(1 << 30));
        let used = format!(
            "{} / {}",
            memory.map_or_else(|| format::DASH.to_owned(), gib),
            guest.mem_total_bytes.map_or_else(|| format::DASH.to_owned(), gib)
        );
        let uptime = guest.uptime_s.filter(|_| known);
        let disks = guest.disk_bytes().map_or_else(|| format::DASH.to_owned(), |bytes| format::bytes(bytes as f64));
        let state_tone = if guest.state == GuestState::Crashed { Tone::Crit } else { Tone::Neutral };
        let cells = vec![
            words(guest.host_name.clone()),
            Cell::Words(guest.state.title().to_owned(), state_tone),
            words(number(guest.vcpus)),
            Cell::Share(guest.cpu_percent.filter(|_| known)),
            Cell::Share(guest.mem_percent().filter(|_| known)),
            words(used),
            words(disks),
            words(uptime.map_or_else(|| format::DASH.to_owned(), format::short_duration)),
        ];
        let mut facts = vec![
            ("State", guest.state.title().to_owned()),
            ("vCPU", guest.vcpus.map(format::number).unwrap_or_default()),
            ("Memory", guest.mem_total_bytes.map(|bytes| format::memory(bytes as f64)).unwrap_or_default()),
            (
                "Starts with host",
                guest.autostart.map(|auto| if auto { "Yes" } else { "No" }).unwrap_or_default().to_owned(),
            ),
        ];
        for disk in &guest.disks {
            let size = disk.capacity_bytes.map(|bytes| format::bytes(bytes as f64)).unwrap_or_default();
            let parts = [disk.target.clone(), size, disk.source.clone()];
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            facts.push(("Disk", parts.join(" · ")));
        }
        facts.push(("Id", guest.engine_id.clone()));
        Self {
            subject: Subject::Guest(guest.id),
            name: guest.name.clone(),
            small: guest.kind.title().to_owned(),
            host: guest.host,
            host_name: guest.host_name.clone(),
            group: guest.host_name.clone(),
            group_is_project: false,
            health,
            is_running: guest.is_running(),
            text: format!("{} {} {} {}", guest.name, guest.kind.title(), guest.host_name, guest.state.title())
                .to_lowercase(),
            cells,
            cpu: guest.cpu_percent.filter(|_| known),
            memory,
            restarts: 0,
            facts,
        }
    }
}
