//! A query on a tenant table past the store: there is no way to name the table, the connection, or to run work on it.

fn past_the_store() {
    let _ = store::schema::hosts::table;
    let _ = store::hosts::count;
}

fn main() {}
