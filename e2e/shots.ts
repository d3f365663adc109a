import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { type Page, expect, test } from "@playwright/test";

import { App } from "./support/app.ts";
import { required } from "./support/command.ts";
import { Provider } from "./support/provider.ts";
import { Server } from "./support/server.ts";

const SCREENS = [
  { name: "wide", width: 1440, height: 900 },
  { name: "phone", width: 390, height: 844 },
];
const THEMES = ["light", "dark"] as const;
/** The organization of the demo that the pictures show. */
const ORG = "Acme Hosting";
/** So long the demo is watched first, so that charts and sparklines have something to show. */
const WATCH_MS = 20_000;

/** Makes the provider look at the hosts, and say something with all that an answer can have. */
const QUESTION = "Which host is short of memory? [lookup:list_hosts {\"only_attention\":true}]";

let server: Server;
let provider: Provider;

test.beforeAll(async () => {
  provider = await Provider.start();
  server = await Server.start("sqlite", { args: ["--demo"], env: provider.env });
});
test.afterAll(async () => {
  await server?.stop();
  await provider?.stop();
});

test("pictures of every page, light and dark, wide and on a phone", async ({ browser }) => {
  const dir = required("BULKHEAD_SHOTS_DIR");
  await mkdir(dir, { recursive: true });
  const account = demoAccount(server.log);
  const started = Date.now();

  for (const theme of THEMES) {
    for (const { name: screen, width, height } of SCREENS) {
      const context = await browser.newContext({ baseURL: server.url, colorScheme: theme, viewport: { width, height } });
      const page = await context.newPage();
      const app = new App(page);
      const shot = async (name: string): Promise<void> => {
        await painted(page);
        await page.screenshot({ path: join(dir, `${name}-${screen}-${theme}.png`) });
      };

      await page.goto("/login");
      await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
      await shot("sign-in");
      await page.getByLabel("Email").fill(account.email);
      await page.getByLabel("Password", { exact: true }).fill(account.password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page).not.toHaveURL(/\/login/);

      await page.goto("/orgs");
      await expect(app.heading).toHaveText("All organizations");
      await shot("organizations");
      await page.getByRole("main").getByRole("link").filter({ hasText: ORG }).first().click();
      await expect(app.shell).toBeVisible();
      await page.waitForTimeout(Math.max(0, WATCH_MS - (Date.now() - started)));
      await shot("infrastructure");
      await app.switcherButton.click();
      await expect(app.filter).toBeFocused();
      await shot("switcher");
      await page.keyboard.press("Escape");
      for (const panel of ["Overview", "Access", "Sharing", "Billing"] as const) {
        await app.visit(panel);
        await shot(panel.toLowerCase());
      }
      for (const list of ["Containers", "Guests"] as const) {
        await app.visit(list);
        await expect(app.firstHost()).toBeVisible();
        await shot(list.toLowerCase());
        await app.firstHost().click();
        await expect(page.getByRole("complementary")).toBeVisible();
        await shot(`${list.toLowerCase()}-detail`);
        await page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
      }
      await twoVersions(page, shot);
      await app.visit("Infrastructure");
      await app.firstHost().click();
      await expect(page).toHaveURL(/\/hosts\/[0-9a-f-]{36}$/);
      await shot("host");
      await page.getByRole("button", { name: "Ask about this host" }).click();
      const assistant = page.getByRole("complementary", { name: "Assistant" });
      await shot("assistant-begin");
      await assistant.getByRole("textbox").fill(QUESTION);
      await assistant.getByRole("textbox").press("Enter");
      await expect(assistant.getByRole("button", { name: "Copy" }).last()).toBeVisible();
      await shot("assistant");
      await context.close();
    }
  }
});

/** Two people write about a container at once: both versions, for the second one to decide. */
async function twoVersions(page: Page, shot: (name: string) => Promise<void>): Promise<void> {
  await page.getByRole("main").getByRole("row").getByRole("link").nth(1).click();
  const card = page.getByRole("region", { name: "Notes" });
  await card.getByRole("button", { name: "Edit" }).click();
  await card.getByLabel("Description").fill("Orders and customers of the shop");
  await card.getByLabel("Tags").fill("role:web tier:prod owner:shop-team");
  await card.getByLabel("Notes").fill("Update only with a dump first. Planned for Thursday 22:00.");
  const notes = "Update only with a dump first. 16.6 fails on staging, wait for 16.7.";
  await noteElsewhere(page, { tags: ["role:web", "tier:prod", "hold:update"], notes });
  await card.getByRole("button", { name: "Save" }).click();
  await expect(card.getByRole("group", { name: "Two versions" })).toBeVisible();
  await card.getByRole("radiogroup", { name: "Tags" }).getByRole("radio", { name: "Take theirs" }).check();
  await shot("two-versions");
  await card.getByRole("button", { name: "Take all of theirs" }).click();
  await noteElsewhere(page, {});
  await page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
}

/** Notes something about what is open, past the page. */
async function noteElsewhere(page: Page, noted: object): Promise<void> {
  await page.evaluate(async (body) => {
    const org = document.querySelector<HTMLElement>(".shell")?.dataset["orgId"];
    const thing = location.pathname.split("/").slice(3).join("/");
    const headers = { "content-type": "application/json", "if-match": "*" };
    const answer = await fetch(`/api/v1/orgs/${org}/${thing}/metadata`, { method: "PUT", headers, body });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }, JSON.stringify(noted));
}

/** The account that `--demo` prints. */
function demoAccount(log: string): { email: string; password: string } {
  const [, email, password] = /sign in as (\S+) with the password (\S+)/.exec(log) ?? [];
  if (!email || !password) throw new Error(`the demo did not print an account:\n${log}`);
  return { email, password };
}

/** Waits until the page has its fonts and data and nothing moves any more. */
async function painted(page: Page): Promise<void> {
  await page.waitForLoadState("load");
  await page.evaluate(async () => {
    await document.fonts.ready;
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    const deadline = performance.now() + 5_000;
    const busy = (): boolean => document.querySelector(".skeleton, [aria-busy=true]") !== null;
    while (busy() && performance.now() < deadline) await frame();
    await Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished));
    await frame();
    await frame();
  });
}
