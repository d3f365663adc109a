//! Records as the provider gets them: short, with ids, and with texts that are cut.

use super::{Record, cut};
use serde_json::{Value, json};
use shared::{
    Micros, SECOND,
    assistant::NamedSubject,
    host::HostSummary,
    inventory::{Container, Guest},
    metadata::Subject,
};

/// One digit behind the point: more is noise that is paid for.
pub(super) fn rounded(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| json!((value * 10.0).round() / 10.0))
}

fn age_s(at: Option<Micros>, now: Micros) -> Option<i64> {
    at.map(|at| now.saturating_sub(at).max(0) / SECOND)
}

pub(super) fn host(host: &HostSummary, now: Micros) -> Record {
    let value = json!({
        "name": cut(&host.name),
        "id": host.id,
        "health": host.health_at(now),
        "os": cut(&host.os),
        "cpu_percent": rounded(host.cpu_percent),
        "mem_percent": rounded(host.mem_percent()),
        "disk_percent": rounded(host.disk_percent),
        "uptime_s": host.uptime_s,
        "last_report_age_s": age_s(host.last_report_at, now),
    });
    Record { subject: named(Subject::Host(host.id), &host.name), value }
}

pub(super) fn container(container: &Container, now: Micros) -> Record {
    let value = json!({
        "name": cut(&container.name),
        "id": container.id,
        "host": cut(&container.host_name),
        "host_id": container.host,
        "health": container.health_at(now),
        "state": container.state,
        "own_check": container.health,
        "image": cut(&container.image),
        "exit_code": container.exit_code,
        "restarts": container.restarts,
        "cpu_percent": rounded(container.cpu_percent),
        "mem_used_bytes": container.mem_used_bytes,
        "mem_percent": rounded(container.mem_percent()),
        "project": container.project.as_deref().map(cut),
        "age_s": age_s(Some(container.seen_at), now),
    });
    Record { subject: named(Subject::Container(container.id), &container.name), value }
}

pub(super) fn guest(guest: &Guest, now: Micros) -> Record {
    let value = json!({
        "name": cut(&guest.name),
        "id": guest.id,
        "host": cut(&guest.host_name),
        "host_id": guest.host,
        "health": guest.health_at(now),
        "kind": guest.kind,
        "state": guest.state,
        "vcpus": guest.vcpus,
        "cpu_percent": rounded(guest.cpu_percent),
        "mem_percent": rounded(guest.mem_percent()),
        "mem_total_bytes": guest.mem_total_bytes,
        "disk_bytes": guest.disk_bytes(),
        "uptime_s": guest.uptime_s,
        "autostart": guest.autostart,
        "age_s": age_s(Some(guest.seen_at), now),
    });
    Record { subject: named(Subject::Guest(guest.id), &guest.name), value }
}

/// A thing with its name, as a person opens it.
pub(super) fn named(subject: Subject, name: &str) -> NamedSubject {
    NamedSubject { subject, name: cut(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_has_one_digit_behind_the_point() {
        assert_eq!((rounded(Some(12.345)), rounded(None)), (json!(12.3), Value::Null));
    }
}
