//! Which machine this is: an id that survives renames, reboots and reinstalls of the agent.
//!
//! In this order:
//! 1. `host-id` in the state folder, where there is one. It comes first because a machine that once drew its own id
//!    must not become a new host on the day its operating system gets a machine id. It is also where a person can set
//!    the id of a cloned machine by hand.
//! 2. The machine id of the operating system, hashed, so that the raw one, which other programs treat as a secret,
//!    never leaves the machine.
//! 3. An id drawn by lot, kept in `host-id`.

use crate::state::{self, StateError};
use shared::HostId;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use uuid::{Uuid, uuid};

/// Where systemd and dbus keep the machine id.
pub const MACHINE_ID: &str = "/etc/machine-id";

/// Namespace of the hash. Never to be changed: every host would become a new one.
const NAMESPACE: Uuid = uuid!("6c0f5a3e-3b1d-4f0e-9a57-3d2f1c8e7b46");

/// The machine's id cannot be found out or kept.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The state folder cannot be made.
    #[error(transparent)]
    State(#[from] StateError),
    /// `host-id` is there and cannot be read.
    #[error("cannot read {path}: {cause}. The agent must be able to read its state folder; check its owner")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// `host-id` holds something else than an id.
    #[error(
        "{path} does not hold a host id (a UUID in small letters). Put the right one back: it stands in the address of the host's page. Delete the file only if this machine shall appear as a new host"
    )]
    Nonsense {
        /// The file.
        path: PathBuf,
    },
    /// An id was drawn, and could not be kept.
    #[error(
        "cannot write {path}: {cause}. This machine has no usable /etc/machine-id, so its id must be kept there; make the state folder writable, or run systemd-machine-id-setup"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
}

/// The id of this machine; `machine_id` is [`MACHINE_ID`] except in tests.
///
/// # Errors
/// When the kept id is not one (it is never silently replaced), or a drawn one cannot be kept.
pub fn host_id(state_dir: &Path, machine_id: &Path) -> Result<HostId, IdentityError> {
    let kept = state_dir.join("host-id");
    match fs::read(&kept) {
        Ok(content) => return read_kept(&content).ok_or(IdentityError::Nonsense { path: kept }),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(IdentityError::Read { path: kept, cause }),
    }
    if let Some(id) = fs::read(machine_id).ok().and_then(|content| from_machine_id(&content)) {
        return Ok(id);
    }
    state::create(state_dir)?;
    let drawn = HostId::from_uuid(Uuid::new_v4());
    state::write_atomically(&kept, format!("{drawn}\n").as_bytes())
        .map_err(|cause| IdentityError::Write { path: kept, cause })?;
    Ok(drawn)
}

fn read_kept(content: &[u8]) -> Option<HostId> {
    let id: HostId = str::from_utf8(content).ok()?.trim().parse().ok()?;
    (!id.as_uuid().is_nil()).then_some(id)
}

/// Hashes a machine id. None for what is not one: empty, as in many container images; `uninitialized`, as on a first
/// boot; all zeros; or any other text, since two machines with the same wrong text would become one host.
fn from_machine_id(content: &[u8]) -> Option<HostId> {
    let text = str::from_utf8(content).ok()?.trim().to_ascii_lowercase();
    let is_id = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) && text.bytes().any(|b| b != b'0');
    is_id.then(|| HostId::from_uuid(Uuid::new_v5(&NAMESPACE, text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = "0123456789abcdef0123456789abcdef";

    struct Machine {
        dir: tempfile::TempDir,
    }

    impl Machine {
        fn with(machine_id: Option<&str>) -> Self {
            let dir = tempfile::tempdir().expect("a temporary folder");
            if let Some(text) = machine_id {
                fs::write(dir.path().join("machine-id"), text).expect("written");
            }
            Self { dir }
        }

        fn state(&self) -> PathBuf {
            self.dir.path().join("state")
        }

        fn id(&self) -> Result<HostId, IdentityError> {
            host_id(&self.state(), &self.dir.path().join("machine-id"))
        }
    }

    #[test]
    fn the_same_machine_id_gives_the_same_host_wherever_the_state_folder_is() {
        let first = Machine::with(Some(&format!("{RAW}\n"))).id().expect("an id");
        let moved = Machine::with(Some(&RAW.to_uppercase())).id().expect("an id");
        assert_eq!(first, moved);
        // Written out, because a change of the namespace would make every host a new one.
        assert_eq!(first.to_string(), "330eee0e-016f-56f2-a7f3-63c33839112f");
    }

    #[test]
    fn the_raw_machine_id_does_not_leave_the_machine() {
        let id = Machine::with(Some(RAW)).id().expect("an id");
        assert_ne!(id.as_uuid().as_simple().to_string(), RAW);
        assert_eq!(id.as_uuid().get_version_num(), 5);
    }

    #[test]
    fn another_machine_id_is_another_host() {
        let one = Machine::with(Some(RAW)).id().expect("an id");
        let other = Machine::with(Some("f123456789abcdef0123456789abcdef")).id().expect("an id");
        assert_ne!(one, other);
    }

    #[test]
    fn without_a_usable_machine_id_one_is_drawn_once_and_kept() {
        let zeros = "0".repeat(32);
        for unusable in [None, Some(""), Some("uninitialized\n"), Some(zeros.as_str()), Some("0123"), Some("é")] {
            let machine = Machine::with(unusable);
            let drawn = machine.id().expect("an id");
            assert_eq!(drawn.as_uuid().get_version_num(), 4, "{unusable:?}");
            assert_eq!(machine.id().expect("an id"), drawn, "the next start draws no other: {unusable:?}");
        }
    }

    #[test]
    fn a_drawn_id_stays_when_the_operating_system_gets_a_machine_id_later() {
        let machine = Machine::with(Some("uninitialized"));
        let drawn = machine.id().expect("an id");
        fs::write(machine.dir.path().join("machine-id"), RAW).expect("written");
        assert_eq!(machine.id().expect("an id"), drawn);
    }

    #[test]
    fn a_kept_id_that_is_nonsense_is_an_error_and_is_left_as_it_is() {
        let nil = Uuid::nil().to_string();
        for nonsense in ["", "acme", "0196F1C2-A7D4-7CC3-98C4-DC0C0C07398F", nil.as_str()] {
            let machine = Machine::with(Some(RAW));
            fs::create_dir_all(machine.state()).expect("created");
            let kept = machine.state().join("host-id");
            fs::write(&kept, nonsense).expect("written");
            let error = machine.id().expect_err("nonsense is refused");
            assert!(matches!(error, IdentityError::Nonsense { .. }), "{nonsense:?}: {error}");
            assert_eq!(fs::read_to_string(&kept).expect("readable"), nonsense);
        }
    }

    #[test]
    fn an_id_that_cannot_be_kept_is_an_error_because_the_next_start_would_be_another_host() {
        let machine = Machine::with(None);
        // A folder stands where the file should be written first, which fails for root too.
        fs::create_dir_all(machine.state().join("host-id.new")).expect("created");
        let error = machine.id().expect_err("it cannot be kept");
        assert!(matches!(error, IdentityError::Write { .. }), "{error}");
    }
}
