import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";

import { required, run } from "./command.ts";

/** A database of its own for one server, with the two roles of a real installation. */
export interface PostgresDatabase {
  /** For the server: a role that owns nothing, so that row-level security binds it. */
  appUrl: string;
  /** For the migrations. */
  ownerUrl: string;
  drop(): Promise<void>;
}

/** Makes a database in the cluster of `BULKHEAD_TEST_PG`. */
export async function createDatabase(): Promise<PostgresDatabase> {
  const cluster = new URL(required("BULKHEAD_TEST_PG"));
  const name = `e2e_${randomBytes(6).toString("hex")}`;
  const [owner, app] = [`${name}_owner`, `${name}_app`];
  const password = randomBytes(12).toString("hex");
  await sql(cluster, [
    `CREATE ROLE ${owner} LOGIN PASSWORD '${password}'`,
    `CREATE ROLE ${app} LOGIN PASSWORD '${password}'`,
    `CREATE DATABASE ${name} OWNER ${owner}`,
  ]);
  const url = (role: string): string => {
    const own = new URL(cluster);
    [own.username, own.password, own.pathname] = [role, password, `/${name}`];
    return own.href;
  };
  const drop = (): Promise<void> =>
    sql(cluster, [`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${app}`, `DROP ROLE ${owner}`]);
  return { appUrl: url(app), ownerUrl: url(owner), drop };
}

async function sql(cluster: URL, statements: string[]): Promise<void> {
  // One -c each: CREATE DATABASE cannot stand in a transaction with others.
  const commands = statements.flatMap((statement) => ["-c", statement]);
  await run(psql(), ["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-d", cluster.href, ...commands]);
}

/** Debian puts the command on PATH; elsewhere it may lie beside the server alone. */
function psql(): string {
  const home = "/usr/lib/postgresql";
  const versions = existsSync(home) ? readdirSync(home).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => `${home}/${version}/bin/psql`).find(existsSync) ?? "psql";
}
