import { defineConfig } from "@playwright/test";

import { browser } from "./support/browser.ts";
import type { Database } from "./support/server.ts";

// Workers read this file too; one of them is enough to say it.
if (!process.env.BULKHEAD_TEST_PG && process.env.TEST_WORKER_INDEX === undefined) {
  console.log("PostgreSQL is left out: BULKHEAD_TEST_PG is not set. `cargo xtask test --only e2e` starts one and runs all.");
}
const databases: Database[] = !process.env.BULKHEAD_TEST_PG ? ["sqlite"] : ["sqlite", "postgres"];

export default defineConfig<{ database: Database }>({
  testDir: "specs",
  // Each test has organizations and people of its own, so that they can share a server and run in any order.
  fullyParallel: true,
  workers: 2,
  // A test that passes at the second try has found something. It fails.
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: { ...browser, trace: "retain-on-failure" },
  // The same specs on each database.
  projects: databases.map((database) => ({ name: database, use: { database } })),
});
