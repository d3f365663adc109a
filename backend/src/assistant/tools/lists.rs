//! Lists of hosts, containers and guests.

use super::{Data, Found, MAX_SEARCHED, Words, cut, get_host, list, record};
use crate::state::now;
use serde::Deserialize;
use shared::host::Health;
use std::cmp::Reverse;
use store::GetError;

/// Arguments of `list_hosts`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfHosts {
    query: Option<String>,
    only_attention: Option<bool>,
}

/// Arguments of `list_containers`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfContainers {
    query: Option<String>,
    host: Option<String>,
    only_attention: Option<bool>,
}

/// Arguments of `list_guests`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfGuests {
    query: Option<String>,
    host: Option<String>,
}

pub(super) fn hosts(data: &Data<'_>, arguments: OfHosts) -> Result<Found, GetError> {
    let (words, now) = (Words::of(arguments.query.as_deref()), now());
    let mut hosts = data.list_hosts(MAX_SEARCHED, None)?.items;
    hosts.retain(|host| words.are_in([host.name.as_str(), host.os.as_str()]));
    let title = attention(arguments.only_attention, "hosts", &mut hosts, |host| host.health_at(now));
    let records = hosts.iter().map(|host| record::host(host, now)).collect();
    Ok(list("hosts", format!("{title}{}", words.note()), records))
}

pub(super) fn containers(data: &Data<'_>, arguments: OfContainers) -> Result<Found, GetError> {
    let (words, now) = (Words::of(arguments.query.as_deref()), now());
    let host = arguments.host.map(|host| get_host(data, &host)).transpose()?;
    let mut containers = data.list_containers(MAX_SEARCHED, None)?.items;
    containers.retain(|container| {
        let fields = [&container.name, &container.image, &container.host_name].map(String::as_str);
        let of_project = [container.project.as_deref(), container.service.as_deref()].into_iter().flatten();
        host.as_ref().is_none_or(|host| host.summary.id == container.host)
            && words.are_in(fields.into_iter().chain(of_project))
    });
    let title =
        attention(arguments.only_attention, "containers", &mut containers, |container| container.health_at(now));
    let place = host.map(|host| format!(" on {}", cut(&host.summary.name))).unwrap_or_default();
    let records = containers.iter().map(|container| record::container(container, now)).collect();
    Ok(list("containers", format!("{title}{place}{}", words.note()), records))
}

pub(super) fn guests(data: &Data<'_>, arguments: OfGuests) -> Result<Found, GetError> {
    let (words, now) = (Words::of(arguments.query.as_deref()), now());
    let host = arguments.host.map(|host| get_host(data, &host)).transpose()?;
    let mut guests = data.list_guests(MAX_SEARCHED, None)?.items;
    guests.retain(|guest| {
        host.as_ref().is_none_or(|host| host.summary.id == guest.host)
            && words.are_in([guest.name.as_str(), guest.host_name.as_str()])
    });
    let place = host.map(|host| format!(" on {}", cut(&host.summary.name))).unwrap_or_default();
    let records = guests.iter().map(|guest| record::guest(guest, now)).collect();
    Ok(list("guests", format!("Listed guests{place}{}", words.note()), records))
}

/// The title of a list, which has only what needs attention, the worst first, where that is wanted.
fn attention<T>(wanted: Option<bool>, kind: &str, items: &mut Vec<T>, health: impl Fn(&T) -> Health) -> String {
    if wanted != Some(true) {
        return format!("Listed {kind}");
    }
    items.retain(|item| health(item) != Health::Healthy);
    items.sort_by_key(|item| Reverse(health(item)));
    format!("Listed {kind} that need attention")
}
