import { randomUUID } from "node:crypto";

import { PASSWORD } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { entering } from "../support/scenarios.ts";

// Guards: the server keeps no "current organization" (the path names it, `InOrg`); the address is the truth in the client
// (`shell::gate`); 404 is one answer for "does not exist" and "not yours" (`EnterError`).

test("two tabs show two organizations, each live", async ({ app, newTab, world }) => {
  const { alpha, beta } = world;
  const other = await newTab();
  await app.open(alpha.path());
  await other.open(beta.path());
  await app.isIn(alpha);
  await other.isIn(beta);
  for (const round of [1, 2]) {
    const [a, b] = [`${alpha.canary}-live-${round}`, `${beta.canary}-live-${round}`];
    await alpha.report({ id: randomUUID(), name: a });
    await beta.report({ id: randomUUID(), name: b });
    await expect(app.host(a)).toBeVisible();
    await expect(other.host(b)).toBeVisible();
    // A page that is opened in one tab changes nothing in the other.
    await other.visit("Access");
    await other.visit("Infrastructure");
    await app.isIn(alpha);
  }
});

test("a write in one tab goes to its own organization after a switch in the other", async ({ app, newTab, world }) => {
  const { alpha, beta } = world;
  const elsewhere = await world.elsewhere();
  const other = await newTab();
  await app.open(alpha.path("access"));
  await app.isIn(alpha);
  await other.open(alpha.path());
  await other.switchTo(beta);
  await app.page.getByRole("button", { name: "New token" }).click();
  await app.dialog.getByLabel(/name/i).fill(`Token of ${alpha.canary} from a tab`);
  await app.dialog.getByRole("button", { name: /create|make/i }).click();
  // The secret in the dialog: the list behind it has hints of other tokens already.
  await expect(app.dialog.getByText(/bh_agt_[A-Za-z0-9_-]{20,}/)).toBeVisible();
  const names = async (id: string): Promise<string[]> =>
    (await elsewhere.ask<{ name: string }[]>("GET", `/api/v1/orgs/${id}/tokens`)).map((token) => token.name);
  expect(await names(alpha.id)).toContain(`Token of ${alpha.canary} from a tab`);
  expect(await names(beta.id)).not.toContain(`Token of ${alpha.canary} from a tab`);
});

test("back and forward go through organizations and pages", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await app.visit("Access");
  await expect(app.page.getByText(world.alphaOnly.email)).toBeVisible();
  await app.switchTo(beta);
  await expect(app.page.getByText(world.betaOnly.email)).toBeVisible();
  await app.visit("Infrastructure");
  await expect(app.host(beta.ownHost.name)).toBeVisible();

  await app.page.goBack();
  await app.isIn(beta);
  await expect(app.heading).toHaveText("Access");
  await app.page.goBack();
  await app.isIn(alpha);
  await expect(app.page.getByText(world.alphaOnly.email)).toBeVisible();
  await app.page.goBack();
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  await app.page.goForward();
  await app.page.goForward();
  await app.isIn(beta);
  await expect(app.page.getByText(world.betaOnly.email)).toBeVisible();
});

test("back during a switch that is not confirmed yet stays where the address is", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path("billing"));
  await app.isIn(alpha);
  await app.visit("Infrastructure");
  const held = wire.hold(entering(beta));
  await app.choose(beta);
  await held.arrived();
  await app.page.goBack();
  await expect(app.heading).toHaveText("Billing");
  held.release();
  await app.settle();
  // Either the person's choice or their way back may win, but never half of each.
  const path = new URL(app.page.url()).pathname;
  await app.isIn(path.startsWith(`/o/${beta.slug}/`) ? beta : alpha);
});

test("a link to a machine opens in the organization that it names, and reload stays there", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  // The same machine, id and all, in the other organization.
  for (const org of [beta, alpha]) {
    await app.open(org.path(`hosts/${org.sharedHost.id}`));
    await app.isIn(org);
    await expect(app.heading).toContainText("web-01");
    await expect(app.page.getByText(`${org.canary}-kernel`).first()).toBeVisible();
    await app.page.reload();
    await app.isIn(org);
    await expect(app.page.getByText(`${org.canary}-kernel`).first()).toBeVisible();
  }
});

test("a link to a machine that is not in the organization of the link says that it is not there", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(beta.path(`hosts/${alpha.ownHost.id}`));
  await app.isIn(beta);
  await expect(app.problem).toContainText(`No such host in ${beta.name}`);
});

test("a link of whoever is signed out opens after signing in", async ({ browser, wire, world }) => {
  const page = await browser.newPage({ baseURL: wire.url, storageState: { cookies: [], origins: [] } });
  await page.goto(world.beta.path("access"));
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel("Email").fill(world.betaOnly.email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(new RegExp(`${world.beta.path("access")}$`));
  await expect(page.getByText(world.betaOnly.email).first()).toBeVisible();
  await page.close();
});

test("a link to an organization that one is not in looks like one to an organization that does not exist", async ({ appOf, world }) => {
  const app = await appOf(await world.outsider());
  /** All that the page shows, with the address taken out. */
  const shown = async (slug: string): Promise<string> => {
    await app.open(`/o/${slug}/hosts/${world.beta.sharedHost.id}`);
    await expect(app.heading).toHaveText("There is nothing here for you");
    const icon = app.page.locator("link[rel~=icon]").first();
    const parts = [await app.page.locator("body").innerHTML(), await app.page.title(), await icon.getAttribute("href")];
    return parts.join("\n").replaceAll(slug, "SLUG").replaceAll(encodeURIComponent(slug), "SLUG");
  };
  const foreign = await shown(world.beta.slug);
  // As long as the other, so that not even the length of a line differs.
  const missing = await shown(world.beta.slug.replace("beta", "zeta"));
  expect(foreign).toBe(missing);
  expect(foreign).not.toContain(world.beta.name);
  await expect(app.shell).toHaveCount(0);
});

test("a member of Beta alone sees nothing of Alpha anywhere", async ({ appOf, world }) => {
  const app = await appOf(world.betaOnly);
  await app.open("/orgs");
  await expect(app.page.getByText(world.beta.name).first()).toBeVisible();
  await expect(app.page.getByText(world.alpha.name)).toHaveCount(0);
  await app.open(world.alpha.path());
  await expect(app.heading).toHaveText("There is nothing here for you");
});

test("an address of before a rename leads to the organization under its new one", async ({ app, world }) => {
  const { alpha } = world;
  const elsewhere = await world.elsewhere();
  const slug = `${alpha.slug}-new`;
  await elsewhere.patchOrg(alpha.id, { slug });
  await app.open(alpha.path("access"));
  await expect(app.page).toHaveURL(new RegExp(`/o/${slug}/access$`));
  await expect(app.page.getByText(world.alphaOnly.email)).toBeVisible();
});

test("the list of all organizations names those of the person and opens them", async ({ app, world }) => {
  await app.open("/orgs");
  await expect(app.heading).toHaveText("All organizations");
  await app.page.getByRole("link", { name: new RegExp(world.beta.name) }).first().click();
  await app.isIn(world.beta);
});
