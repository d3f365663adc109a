//! Fills the caches that a page needs, whenever the page is opened: what is remembered is shown at once, what is newer
//! takes its place.

use crate::{Cache, ClientError, Found, FoundList, Notes, OrgCaches, OrgClient, OrgSession, RemoteData, remote};
use reactive_graph::spawn_local_scoped_with_cancellation;
use shared::{
    HostId, Micros,
    live::{LiveEvent, LiveFrame},
};

/// Most pages of a list that are kept: beyond 10,000 containers a console is no place to read them all.
const MAX_PAGES: usize = 20;

/// A page of a list: what is on it, where the next one starts, and the server's clock.
type Page<T> = Result<(Vec<T>, Option<String>, Micros), ClientError>;

/// Loads all containers into their cache, now and whenever frames were missed, for as long as the current owner lives.
#[must_use]
pub fn fill_containers(session: &OrgSession, caches: OrgCaches) -> RemoteData<()> {
    caches.feeds.add(
        "containers",
        follow(caches.containers, |event| match event {
            LiveEvent::Containers { host, items } => Some((host, items)),
            _ => None,
        }),
    );
    load_all(session, caches.containers, |client, cursor| async move {
        let page = client.containers(cursor.as_deref()).await?;
        Ok((page.items, page.next_cursor, page.server_time))
    })
}

/// Loads all guests into their cache, as [`fill_containers`].
#[must_use]
pub fn fill_guests(session: &OrgSession, caches: OrgCaches) -> RemoteData<()> {
    caches.feeds.add(
        "guests",
        follow(caches.guests, |event| match event {
            LiveEvent::Guests { host, items } => Some((host, items)),
            _ => None,
        }),
    );
    load_all(session, caches.guests, |client, cursor| async move {
        let page = client.guests(cursor.as_deref()).await?;
        Ok((page.items, page.next_cursor, page.server_time))
    })
}

/// Reads live frames into a cache that somebody filled. `found` says what of an event is for it, and of which host.
fn follow<T: Found + Send + Sync + 'static>(
    cache: Cache<FoundList<T>>,
    found: fn(LiveEvent) -> Option<(HostId, Vec<T>)>,
) -> impl Fn(&OrgSession, &str) + Send + Sync {
    move |session, message| {
        let Ok(LiveFrame::<LiveEvent> { server_time, event, .. }) = serde_json::from_str(message) else { return };
        if let Some((host, items)) = found(event) {
            let now = session.now();
            cache.update(session, |list| list.replace_host(host, items, server_time, now));
        }
    }
}

/// Loads page after page into a cache.
fn load_all<T, F>(
    session: &OrgSession,
    cache: Cache<FoundList<T>>,
    page: impl Fn(OrgClient, Option<String>) -> F + Copy + Send + Sync + 'static,
) -> RemoteData<()>
where
    T: Found + Send + Sync + 'static,
    F: Future<Output = Page<T>> + 'static,
{
    remote(session, move |client| async move {
        let (mut items, mut cursor, mut server_time) = (Vec::new(), None, 0);
        for _ in 0..MAX_PAGES {
            let (more, next, at) = page(client.clone(), cursor).await?;
            items.extend(more);
            (cursor, server_time) = (next, at);
            if cursor.is_none() {
                break;
            }
        }
        let now = client.session().now();
        cache.put(client.session(), FoundList::new(items, cursor.is_none(), server_time, now));
        Ok::<(), ClientError>(())
    })
}

/// Loads what is noted about all things into its cache, as [`fill_containers`].
#[must_use]
pub fn fill_notes(session: &OrgSession, caches: OrgCaches) -> RemoteData<()> {
    remote(session, move |client| async move {
        let all = client.list_metadata().await?;
        caches.notes.put(client.session(), Notes::new(all));
        Ok::<(), ClientError>(())
    })
}

/// How old a summary is when it is made anew, in milliseconds.
const SUMMARY_AGE_MS: u32 = 60_000;

/// Makes the summary anew once a minute, for as long as the current owner lives. The one that is there is shown until the
/// new one comes, and for longer where none does: it says how old it is.
pub fn keep_summary_fresh(session: &OrgSession, caches: OrgCaches) {
    let session = session.clone();
    spawn_local_scoped_with_cancellation(async move {
        loop {
            session.inner.platform.sleep(SUMMARY_AGE_MS).await;
            match session.client().summary().await {
                Ok(summary) => caches.summary.put(&session, summary),
                Err(ClientError::Left) => return,
                Err(_) => {}
            }
        }
    });
}
