import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from "@playwright/test";

/** The system's Chromium, which asks nobody but the server under test for anything. */
export const browser: Partial<PlaywrightTestOptions & PlaywrightWorkerOptions> = {
  browserName: "chromium",
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      // The sandbox needs rights that root in a container does not have.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  },
  viewport: { width: 1440, height: 900 },
  locale: "en-GB",
  timezoneId: "UTC",
  colorScheme: "light",
};
