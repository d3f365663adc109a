import { defineConfig } from "@playwright/test";

import { browser } from "./support/browser.ts";

/** `npm run shots -- FOLDER`: pictures of the console with the demo's fleets, to judge the look and for the README. */
export default defineConfig({
  testDir: ".",
  testMatch: "shots.ts",
  workers: 1,
  timeout: 300_000,
  reporter: [["list"]],
  use: { ...browser, trace: "off" },
});
