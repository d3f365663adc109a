//! The only crate that knows diesel: directory, organization data, migrations, the walls.

mod clock;
mod connection;
mod directory;
mod error;
mod ingest;
mod isolation;
mod operator;
mod org_data;
mod postgres;
mod records;
mod report_check;
mod schema;
mod scope;
mod secret;
pub mod slug;
mod sqlite;
mod store;
mod system;

pub use directory::Directory;
pub use error::{OpenError, StoreError};
pub use ingest::{IngestError, IngestOutcome, IngestWriter};
pub use operator::Operator;
pub use org_data::{BadCursor, HostCursor, HostList, OrgData};
pub use records::{
    Counts, CreateOrgError, Credentials, GetError, Invalid, MemberError, NewOrgRecord, NewUser, OperatorError, OrgRecord,
    PatchError, SetupError, TokenError,
};
pub use report_check::ValidBatch;
pub use scope::{Actor, EnterError, Identity, IngestScope, OrgRef, OrgScope, RoleTooLow, SystemScope};
pub use secret::Secret;
pub use store::{Config, Store};
pub use system::SystemData;
