//! `bulkhead-agent`: what runs on a monitored machine. It measures, buffers on disk, and reports to one organization,
//! which is the one its token belongs to. It only ever calls out; it listens nowhere.
//!
//! # The life of a report
//!
//! 1. **Measured.** Every few seconds one thread reads the machine ([`measure`]). Numbers are cleaned there: what is
//!    no number, or negative where it cannot be, is left out. `taken_at` is from then on the report's identity.
//! 2. **Kept.** Before anything is sent, the report is appended to the spool ([`spool`]) and synced to the disk, with a
//!    checksum. From here on neither the end of the agent nor of the machine loses it. A disk that is full is said, and
//!    the report waits in memory instead.
//! 3. **Sent.** Another thread takes the oldest reports, as many as one batch holds, stamps the batch with the time of
//!    sending (by which the server corrects a wrong clock) and posts it ([`sender`], [`transport`]). While the server is
//!    away it tries again, ever more rarely; when the server refuses the token it says what to do and goes on keeping.
//! 4. **Acknowledged.** The server answers after its commit. Only then is the report taken off the spool. When that
//!    answer is lost on the way, the same reports are sent again with the same `taken_at`, and the server counts them
//!    once.
//! 5. **Or dropped, and never silently.** The server may refuse a single report for good; the spool is bounded in bytes
//!    and age, and then gives up its oldest. Each drop is a line in the log that says how many and why.
//!
//! Beside the reports goes what runs on the machine now, its containers and guests ([`inventory`]): the newest and never
//! an older one, with the next batch, and only with the token under which it was found.
//!
//! A machine stays the same host when it is renamed, rebooted, or its agent is installed anew ([`identity`]). One state
//! folder serves one agent at a time ([`state`]).

pub mod cli;
pub mod clock;
pub mod doctor;
pub mod identity;
pub mod inventory;
pub mod measure;
pub mod run;
pub mod sender;
pub mod spool;
pub mod state;
pub mod token;
pub mod transport;
pub mod verdict;
