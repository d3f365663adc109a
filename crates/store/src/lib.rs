//! The only crate that knows diesel: directory, organization data, migrations, the walls.
//!
//! # Two walls
//!
//! **The first wall is what cannot be written.** Tenant data is reached through [`Store::org`] with an [`OrgScope`],
//! through [`IngestWriter`] with an [`IngestScope`], or through [`Store::system`] with a [`SystemScope`]. Each is a proof
//! that one function of [`Directory`] made, for one organization; none can be made, changed or deserialized elsewhere.
//! Tables, rows and connections are private; what is inserted or changed has no field for an organization, the store
//! writes it. Every query has the organization in its predicate, and every row that comes back is compared with it once
//! more: one that is another's is dropped, logged and counted ([`Store::isolation_violations`], which must stay 0).
//!
//! **The second wall is in the database**, and holds where a predicate is forgotten:
//!
//! - *SQLite*: a file for each organization. Another one's rows are not in the file that is open, triggers refuse them,
//!   and a file says inside whose it is, so a copied or renamed one is refused.
//! - *PostgreSQL*: shared tables with forced row-level security on `current_setting('bulkhead.org', true)`, which is set
//!   for one transaction by its first statement. The server's role is bound by it, and [`Store::open`] refuses a role
//!   or a schema that could get around it.
//!
//! # Files (SQLite)
//!
//! ```text
//! data/                  0700
//!   .lock                held while a process opens the store
//!   directory.db         users, sessions, organizations, memberships, tokens
//!   orgs/{id}.db         one organization's data
//! ```
//!
//! Write-ahead log, `synchronous = FULL`: what is acknowledged survives the death of the machine. Writers take the
//! write lock at once; readers wait for nobody. Open files are bounded, the least recently used are closed first, and
//! those in use never. An organization that nobody looks at costs no connection.
//!
//! Two files are never one transaction. A new organization's file is complete and on the disk before its row is
//! committed in the directory. A deletion is committed in the directory before the file goes. What a crash leaves
//! between the two is mended at the next start; a file with data is never removed unless the directory says that its
//! organization was deleted.
//!
//! # Invariants, and the tests that show them
//!
//! In `tests/contract` unless another place is named; each runs on both databases where both have the thing.
//!
//! | invariant | tests |
//! |---|---|
//! | without a scope there is no query, and no scope from nothing or for a higher role | `tests/compile_fail` |
//! | foreign and missing are the same | `entering::an_outsider_is_told_the_same_…`, `walls::a_host_of_another_organization_is_as_missing_…` |
//! | the predicates hold alone | `walls_postgres::the_predicates_alone_…`, `walls_sqlite::the_predicate_and_the_check_of_rows_…` |
//! | row-level security holds alone | `walls_postgres::a_query_without_a_predicate_…`, `walls_postgres::no_statement_writes_…` |
//! | the server does not start where the wall is open | `walls_postgres::the_server_refuses_to_start_…` |
//! | a file holds one organization's rows and is opened for no other | `walls_sqlite::a_file_refuses_…`, `walls_sqlite::a_file_under_another_…` |
//! | each key begins with the organization | `walls_postgres::every_key_of_a_tenant_table_…` |
//! | each table that there is has its wall | `walls_schema::every_tenant_table_…`, `walls_schema::every_table_…` |
//! | a conversation is its person's, whatever the role of who asks | `chats::nobody_else_…` |
//! | what an agent found replaces what it found before, of the same organization's host alone | `inventories::…` |
//! | rights that are taken away are gone at the next request | `entering::a_lowered_role_…`, `tokens::a_token_dies_…`, `sessions::the_directorys_version_…` |
//! | an organization has an owner | `members::an_organization_never_loses_…`, `members::two_owners_that_lower_each_other_…` |
//! | what is acknowledged is kept, and once | `crash::a_killed_process_…`, `ingesting::a_batch_that_is_sent_again_…` |
//! | a crash between two files is mended | `crash::a_creation_…`, `crash::a_deletion_…` |

mod chats;
mod clock;
mod connection;
mod directory;
mod error;
mod hosts;
mod ingest;
mod inventory;
mod isolation;
mod metadata;
mod operator;
mod org_data;
mod postgres;
mod records;
mod report_check;
mod schema;
mod scope;
mod secret;
mod series;
pub mod slug;
mod sqlite;
mod store;
mod summary;
mod system;
mod text;

pub use chats::{ChatError, KeptMessage, NewAnswer};
pub use directory::Directory;
pub use error::{OpenError, StoreError};
pub use ingest::{IngestError, IngestOutcome, IngestWriter};
pub use inventory::{InventoryCursor, InventoryList, KeptInventory, Part};
pub use operator::Operator;
pub use org_data::{BadCursor, HostCursor, HostList, OrgData};
pub use records::{
    Counts, CreateOrgError, Credentials, GetError, Invalid, MemberError, MetadataError, NewOrgRecord, NewUser,
    OperatorError, OrgRecord, OverLimit, PatchError, SetupError, TokenError,
};
pub use report_check::{Refused, ValidBatch};
pub use scope::{Actor, EnterError, Identity, IngestScope, OrgRef, OrgScope, RoleTooLow, SystemScope};
pub use secret::Secret;
pub use store::{Config, Store};
pub use system::SystemData;
