import { defineConfig } from "@playwright/test";

import { browser } from "../support/browser.ts";

/** Started by `cargo xtask bench`, which prepares the server and reads what is measured. */
export default defineConfig({
  testDir: ".",
  testMatch: "console.ts",
  workers: 1,
  timeout: 300_000,
  reporter: [["list"]],
  use: { ...browser, trace: "off" },
});
