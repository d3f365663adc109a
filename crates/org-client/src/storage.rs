//! The only way to the browser's storage for data of an organization.

use crate::{OrgSession, Platform};
use serde::{Serialize, de::DeserializeOwned};
use shared::UserId;

/// All keys begin with it.
const PREFIX: &str = "bulkhead:v1:";

/// What a tab keeps of an organization beyond its owner: next to nothing.
///
/// It is there for what a person typed when their session ends under their hands, so that signing in again finds it. Keys
/// name the person and the organization (`bulkhead:v1:{user}:{org}:{key}`), what is taken is gone, the browser forgets all
/// with the tab, and nobody else who signs in in the same tab inherits anything.
#[derive(Debug, Clone)]
pub struct OrgStorage {
    session: OrgSession,
}

impl OrgStorage {
    pub(crate) fn of(session: OrgSession) -> Self {
        Self { session }
    }

    fn key(&self, name: &str) -> String {
        format!("{PREFIX}{}:{}:{name}", self.session.user(), self.session.org())
    }

    /// Keeps a value under a name, unless the organization was left. A storage that is full or forbidden keeps nothing.
    pub fn put(&self, name: &str, value: &impl Serialize) {
        if self.session.admits()
            && let Ok(text) = serde_json::to_string(value)
        {
            self.session.inner.platform.keep(&self.key(name), &text);
        }
    }

    /// Takes the value out of that name, if there is one that can be read.
    #[must_use]
    pub fn take<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        if !self.session.admits() {
            return None;
        }
        let (platform, key) = (&self.session.inner.platform, self.key(name));
        let text = platform.kept(&key)?;
        platform.forget(&key);
        serde_json::from_str(&text).ok()
    }
}

/// Forgets what was kept for anybody but this person; for nobody, everything.
pub(crate) fn sweep(platform: &dyn Platform, user: Option<UserId>) {
    let own = user.map(|user| format!("{PREFIX}{user}:"));
    for key in platform.kept_keys() {
        let is_own = own.as_ref().is_some_and(|own| key.starts_with(own));
        if key.starts_with(PREFIX) && !is_own {
            platform.forget(&key);
        }
    }
}
