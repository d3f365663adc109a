//! The tables as diesel sees them. Private: whoever can name a table can write a query on it.

/// Tables of the directory.
pub(crate) const DIRECTORY_TABLES: [&str; 8] =
    ["users", "sessions", "orgs", "org_slugs", "memberships", "tokens", "setup_codes", "directory_version"];

/// Tables of tenant data. Each has the second wall around it: see the migrations and [`crate::postgres`].
pub(crate) const TENANT_TABLES: [&str; 7] =
    ["hosts", "host_samples", "metadata", "inventories", "chats", "chat_messages", "assistant_usage"];

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
    metadata (org_id, kind, subject_id) {
        org_id -> Text,
        kind -> Text,
        subject_id -> Text,
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
diesel::table! {
    inventories (org_id, host_id) {
        org_id -> Text,
        host_id -> Text,
        taken_at -> BigInt,
        containers_total -> BigInt,
        containers_running -> BigInt,
        containers_left_out -> BigInt,
        guests_total -> BigInt,
        guests_running -> BigInt,
        guests_left_out -> BigInt,
        containers_taken_at -> Nullable<BigInt>,
        containers_at -> Nullable<BigInt>,
        guests_at -> Nullable<BigInt>,
        containers_engine -> Nullable<Text>,
        guests_engine -> Nullable<Text>,
        containers -> Nullable<Text>,
        guests -> Nullable<Text>,
    }
}
diesel::table! {
    chats (org_id, user_id) {
        org_id -> Text,
        user_id -> Text,
        id -> Text,
        draft -> Text,
        context -> Text,
        created_at -> BigInt,
    }
}
diesel::table! {
    chat_messages (org_id, user_id, seq) {
        org_id -> Text,
        user_id -> Text,
        seq -> BigInt,
        speaker -> Text,
        text -> Text,
        lookups -> Text,
        outcome -> Text,
        at -> BigInt,
    }
}
diesel::table! {
    assistant_usage (org_id, month) {
        org_id -> Text,
        month -> Text,
        used -> BigInt,
    }
}
diesel::allow_tables_to_appear_in_same_query!(users, sessions, orgs, org_slugs, memberships, tokens);
diesel::allow_tables_to_appear_in_same_query!(inventories, hosts);
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(tokens -> orgs (org_id));
diesel::joinable!(memberships -> orgs (org_id));
diesel::joinable!(memberships -> users (user_id));
