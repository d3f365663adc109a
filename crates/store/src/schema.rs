//! The tables as diesel sees them. Private: whoever can name a table can write a query on it.

/// Tables of the directory.
pub(crate) const DIRECTORY_TABLES: [&str; 8] =
    ["users", "sessions", "orgs", "org_slugs", "memberships", "tokens", "setup_codes", "directory_version"];

/// Tables of tenant data. Each has the second wall around it: see the migrations and [`crate::postgres`].
pub(crate) const TENANT_TABLES: [&str; 3] = ["hosts", "host_samples", "host_metadata"];

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        name -> Text,
        password_hash -> Text,
        is_operator -> Bool,
        created_at -> BigInt,
    }
}
diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        secret_hash -> Text,
        user_agent -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
    }
}
diesel::table! {
    orgs (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        description -> Text,
        colour -> Text,
        monogram -> Text,
        status -> Text,
        plan_key -> Text,
        version -> BigInt,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        purged_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    org_slugs (slug) {
        slug -> Text,
        org_id -> Text,
    }
}
diesel::table! {
    memberships (org_id, user_id) {
        org_id -> Text,
        user_id -> Text,
        role -> Text,
        created_at -> BigInt,
    }
}
diesel::table! {
    tokens (id) {
        id -> Text,
        org_id -> Text,
        kind -> Text,
        name -> Text,
        role -> Text,
        secret_hash -> Text,
        hint -> Text,
        created_by -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    setup_codes (one) {
        one -> Integer,
        hash -> Text,
    }
}
diesel::table! {
    directory_version (one) {
        one -> Integer,
        version -> BigInt,
    }
}
diesel::table! {
    /// SQLite only: whose file it is.
    owner (one) {
        one -> Integer,
        org_id -> Text,
    }
}
diesel::table! {
    hosts (org_id, id) {
        org_id -> Text,
        id -> Text,
        name -> Text,
        os -> Text,
        cpu_percent -> Nullable<Double>,
        mem_used_bytes -> Nullable<BigInt>,
        mem_total_bytes -> Nullable<BigInt>,
        disk_percent -> Nullable<Double>,
        disk_read_bps -> Nullable<Double>,
        disk_write_bps -> Nullable<Double>,
        net_in_bps -> Nullable<Double>,
        net_out_bps -> Nullable<Double>,
        uptime_s -> Nullable<BigInt>,
        last_report_at -> BigInt,
        last_taken_at -> BigInt,
        details -> Text,
    }
}
diesel::table! {
    host_samples (org_id, host_id, taken_at) {
        org_id -> Text,
        host_id -> Text,
        taken_at -> BigInt,
        at -> BigInt,
        cpu_percent -> Nullable<Double>,
        load1 -> Nullable<Double>,
        mem_used_bytes -> Nullable<BigInt>,
        swap_used_bytes -> Nullable<BigInt>,
        disk_read_bps -> Nullable<Double>,
        disk_write_bps -> Nullable<Double>,
        net_in_bps -> Nullable<Double>,
        net_out_bps -> Nullable<Double>,
    }
}
diesel::table! {
    host_metadata (org_id, host_id) {
        org_id -> Text,
        host_id -> Text,
        url -> Nullable<Text>,
        description -> Text,
        tags -> Text,
        notes -> Text,
        version -> BigInt,
        updated_at -> BigInt,
        updated_by -> Text,
    }
}
diesel::allow_tables_to_appear_in_same_query!(users, sessions, orgs, org_slugs, memberships, tokens);
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(tokens -> orgs (org_id));
diesel::joinable!(memberships -> orgs (org_id));
diesel::joinable!(memberships -> users (user_id));
