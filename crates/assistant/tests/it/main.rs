//! The assistant against a provider that answers by a script: what leaves, what comes, and that neither a failure nor a
//! hostile provider goes beyond the limits.

mod answers;
mod bounds;
mod connections;
mod failures;
mod support;
mod tools;
