//! "The server refuses to start where its role could bypass the wall."
//!
//! Asked of the catalogue with the server's own role, so that it is about the role that will run the queries.

use crate::{
    OpenError, StoreError,
    error::Db as _,
    schema::{DIRECTORY_TABLES, TENANT_TABLES},
};
use diesel::{PgConnection, prelude::*, sql_types::Text};

/// The expression that both halves of each policy must have, as PostgreSQL prints it.
const POLICY: &str = "(org_id = current_setting('bulkhead.org'::text, true))";

/// Names of what is wrong, one a row.
#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Looks for every way around the wall that is known.
pub(super) fn check(connection: &mut PgConnection) -> Result<(), OpenError> {
    let failed = |source| OpenError::Database { name: "the PostgreSQL database".to_owned(), source };
    let tenant = sql_list(&TENANT_TABLES);
    let all: Vec<&str> = DIRECTORY_TABLES.iter().chain(&TENANT_TABLES).copied().collect();
    let known = sql_list(&all);
    // Tables of the schema that the queries resolve names in.
    let tables = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()";
    // What an extension brought is the database administrator's business.
    let own = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')";

    let checks: [(&str, String); 10] = [
        (
            "the server's role is, or can become, the superuser {}. Give it a role of its own: CREATE ROLE … LOGIN",
            "SELECT rolname::text AS name FROM pg_roles WHERE rolsuper AND pg_has_role(current_user, oid, 'MEMBER')".into(),
        ),
        (
            "the server's role is, or can become, {}, which has BYPASSRLS. ALTER ROLE … NOBYPASSRLS",
            "SELECT rolname::text AS name FROM pg_roles WHERE rolbypassrls AND pg_has_role(current_user, oid, 'MEMBER')"
                .into(),
        ),
        (
            "the table {} is missing. Run the migrations with the owner's URL",
            format!(
                "SELECT t AS name FROM unnest(ARRAY[{known}]) t WHERE NOT EXISTS \
                 (SELECT 1 FROM {tables} WHERE c.relname = t AND c.relkind IN ('r', 'p'))"
            ),
        ),
        (
            "the server's role owns, or can become the owner of, the table {}. Tables belong to the role that migrates",
            format!(
                "SELECT c.relname::text AS name FROM {tables} \
                 WHERE c.relname IN ({tenant}) AND pg_has_role(current_user, c.relowner, 'MEMBER')"
            ),
        ),
        (
            "row-level security is not enabled on {0}. ALTER TABLE {0} ENABLE ROW LEVEL SECURITY",
            format!("SELECT c.relname::text AS name FROM {tables} WHERE c.relname IN ({tenant}) AND NOT c.relrowsecurity"),
        ),
        (
            "row-level security is not forced on {0}. ALTER TABLE {0} FORCE ROW LEVEL SECURITY",
            format!(
                "SELECT c.relname::text AS name FROM {tables} WHERE c.relname IN ({tenant}) AND NOT c.relforcerowsecurity"
            ),
        ),
        (
            // A second permissive policy would widen the first, so there must be this one and no other.
            "the table {} needs exactly one policy, for all commands and everybody, with USING and WITH CHECK on \
             bulkhead.org",
            format!(
                "SELECT t AS name FROM unnest(ARRAY[{tenant}]) t WHERE (SELECT count(*) FILTER (WHERE p.polcmd = '*' \
                 AND p.polpermissive AND p.polroles = '{{0}}' \
                 AND pg_get_expr(p.polqual, p.polrelid) = '{expected}' \
                 AND pg_get_expr(p.polwithcheck, p.polrelid) = '{expected}') = 1 AND count(*) = 1 \
                 FROM {tables} JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relname = t) IS NOT TRUE",
                expected = POLICY.replace('\'', "''"),
            ),
        ),
        (
            // These rights are not bound by row-level security.
            "the server's role may TRUNCATE, or make foreign keys or triggers on, {}. Revoke all but SELECT, INSERT, \
             UPDATE, DELETE",
            format!(
                "SELECT c.relname::text AS name FROM {tables} WHERE c.relname IN ({tenant}) \
                 AND has_table_privilege(current_user, c.oid, 'TRUNCATE, REFERENCES, TRIGGER')"
            ),
        ),
        (
            "the table {} has a column org_id, but this server does not know it as protected. Is it of a newer version?",
            format!(
                "SELECT c.relname::text AS name FROM {tables} JOIN pg_attribute a ON a.attrelid = c.oid \
                 AND a.attname = 'org_id' AND NOT a.attisdropped \
                 WHERE c.relkind IN ('r', 'p', 'f') AND c.relname NOT IN ({known}) AND {own}"
            ),
        ),
        (
            "{} runs with its owner's rights, past row-level security. Remove the view or SECURITY DEFINER function",
            format!(
                "SELECT c.relname::text AS name FROM {tables} WHERE c.relkind IN ('v', 'm') AND {own} \
                 UNION ALL SELECT c.proname::text FROM pg_proc c \
                 JOIN pg_namespace n ON n.oid = c.pronamespace AND n.nspname = current_schema() \
                 WHERE c.prosecdef AND {own}"
            ),
        ),
    ];
    for (sentence, query) in checks {
        let found = ask(connection, query).map_err(failed)?;
        if !found.is_empty() {
            let names = found.join(", ");
            return Err(OpenError::WallOpen(format!("{}.", sentence.replace("{0}", &names).replace("{}", &names))));
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the catalogue has no tenant data and no tables in our schema")]
fn ask(connection: &mut PgConnection, query: String) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Finding> = diesel::sql_query(query).load(connection).db()?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Names of this program as an SQL list. None of them needs escaping.
fn sql_list(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}
