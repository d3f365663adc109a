//! What a host keeps things on: filesystems and disks.

use crate::{
    shell::live_mark::offset_s,
    ui::{DataTable, Gauge, format},
};
use leptos::prelude::*;
use org_client::{OrgCaches, OrgSession};
use shared::{HostId, host::Host};

/// Mounted filesystems, the fullest first.
#[component]
pub(super) fn Filesystems(host: Memo<Option<Host>>) -> impl IntoView {
    let rows = move || {
        let mut filesystems = host.get().map(|host| host.filesystems).unwrap_or_default();
        filesystems.sort_by(|a, b| b.used_percent().unwrap_or(0.0).total_cmp(&a.used_percent().unwrap_or(0.0)));
        filesystems
            .into_iter()
            .map(|fs| {
                let percent = fs.used_percent();
                view! {
                    <tr role="row">
                        <td role="cell" data-fold="title">
                            <span class="cell-name">
                                <code class="truncate" title=fs.mount.clone()>{fs.mount.clone()}</code>
                                <small>{format!("{} · {}", fs.device.trim_start_matches("/dev/"), fs.kind)}</small>
                            </span>
                        </td>
                        <td role="cell"><Gauge label="Used" percent=Signal::derive(move || percent) /></td>
                        <td role="cell" class="num" data-label="Used">{format::bytes(fs.used_bytes as f64)}</td>
                        <td role="cell" class="num quiet" data-label="of">{format::bytes(fs.total_bytes as f64)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    let count = move || host.with(|host| host.as_ref().map(|host| host.filesystems.len()));
    view! {
        <section class="card">
            <div class="card-head">
                <h2>"Filesystems"</h2>
                <p>{move || count().map(|count| format!("{count} mounted"))}</p>
            </div>
            <DataTable label="Filesystems" fold=true>
                    <thead>
                        <tr role="row">
                            <th role="columnheader" scope="col">"Mount"</th>
                            <th role="columnheader" scope="col">"Used %"</th>
                            <th role="columnheader" scope="col" class="num">"Used"</th>
                            <th role="columnheader" scope="col" class="num">"Size"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
            </DataTable>
        </section>
    }
}

/// What each disk moves, from its last two readings: known from the first moment, since the server has both.
#[component]
pub(super) fn Disks(session: OrgSession, caches: OrgCaches, id: HostId) -> impl IntoView {
    let reading =
        Memo::new(move |_| caches.disks.with(&session, |known| known.and_then(|known| known.of(id).cloned())));
    let rows = move || {
        let (_, disks) = reading.get().unwrap_or_default();
        let rate = |rate: Option<f64>| format::known(rate, format::bytes_per_second);
        disks
            .into_iter()
            .map(|disk| {
                let why = disk.read_bps.is_none().then_some("No earlier reading to compare with");
                view! {
                    <tr role="row">
                        <td role="cell" data-fold="title"><code>{disk.name}</code></td>
                        <td role="cell" class="num" data-label="Read" title=why>{rate(disk.read_bps)}</td>
                        <td role="cell" class="num" data-label="Write" title=why>{rate(disk.write_bps)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    let note = move || {
        reading.with(|reading| {
            let (at, disks) = reading.as_ref()?;
            let waiting = disks.iter().any(|disk| disk.read_bps.is_none());
            let words = if waiting { "; a rate needs two readings, the next is due in 5 s" } else { "" };
            Some(format!("as of {}{words}", format::clock_seconds(*at, offset_s())))
        })
    };
    let any = Memo::new(move |_| reading.with(|reading| reading.as_ref().is_some_and(|(_, disks)| !disks.is_empty())));
    move || {
        any.get().then(|| {
            view! {
                <section class="card">
                    <div class="card-head">
                        <h2>"Disks"</h2>
                        <p>{note}</p>
                    </div>
                    <DataTable label="Disks" fold=true>
                        <thead>
                            <tr role="row">
                                <th role="columnheader" scope="col">"Disk"</th>
                                <th role="columnheader" scope="col" class="num">"Read"</th>
                                <th role="columnheader" scope="col" class="num">"Write"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </DataTable>
                </section>
            }
        })
    }
}
