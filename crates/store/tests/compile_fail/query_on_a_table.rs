//! A query on a tenant table past the store: there is no way to name the table, the connection, or to run work on it.
use store::Store;

fn past_the_store(store: &Store) {
    let _ = store::schema::hosts::table;
    let _ = store::hosts::count;
}

fn main() {}
