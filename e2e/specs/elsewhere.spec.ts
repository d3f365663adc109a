import { randomUUID } from "node:crypto";

import { PASSWORD } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { entering } from "../support/scenarios.ts";
import { type Match, asks } from "../support/wire.ts";

// Guards: `live::revocation` ends open channels, the client acts on `Ended` and on 404/410/423 (`AppEvent::OrgLost`), and
// a session that ended is a 401 everywhere (`AppEvent::SessionEnded`).

/** What happens elsewhere has to be on screen after so long, in milliseconds. The promise is two seconds on one node. */
const PROMISE_MS = 2_000;
/** Beside it the browser may take its time to paint: two cores run the server, the browser and this. */
const PAINT_MS = 1_500;
const soon = { timeout: PROMISE_MS + PAINT_MS };

test("an organization that is deleted elsewhere goes from the screen, with a word about it", async ({ app, world }) => {
  const { alpha, beta } = world;
  const elsewhere = await world.elsewhere();
  await app.open(alpha.path("access"));
  await app.isIn(alpha);
  await expect(app.page.getByText(world.alphaOnly.email)).toBeVisible();
  await elsewhere.deleteOrg(alpha.answer);
  await expect(app.toast(alpha.name)).toBeVisible(soon);
  await expect(app.shell.and(app.page.locator(`[data-org-id="${alpha.id}"]`))).toHaveCount(0);
  await expect(app.page.getByText(world.alphaOnly.email)).toHaveCount(0);
  // It is in no list any more, and the other one can be used.
  await expect(app.page).toHaveURL(/\/orgs$/);
  await expect(app.page.getByRole("main").getByText(alpha.name)).toHaveCount(0);
  await app.page.getByRole("link", { name: new RegExp(beta.name) }).first().click();
  await app.isIn(beta);
  await app.openSwitcher();
  await expect(app.option(alpha)).toHaveCount(0);
});

test("an organization that is deleted while one switches to it: a word about it, a fresh list, nothing else", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  const elsewhere = await world.elsewhere();
  await app.open(alpha.path());
  await app.isIn(alpha);
  const held = wire.hold(entering(beta), "request");
  await app.choose(beta);
  await held.arrived();
  await elsewhere.deleteOrg(beta.answer);
  const lists = (): number => wire.asked.filter(asks("GET", "/api/v1/me")).length;
  const before = lists();
  held.release();
  await expect(app.toast(beta.name)).toBeVisible();
  // At once, and not only when somebody opens the list.
  await expect.poll(lists).toBeGreaterThan(before);
  await app.isIn(alpha);
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  await app.openSwitcher();
  await expect(app.option(alpha)).toBeVisible();
  await expect(app.option(beta)).toHaveCount(0);
});

test("a member who is removed is told, and sees nothing more", async ({ appOf, world }) => {
  const { beta } = world;
  const app = await appOf(world.betaOnly);
  await app.open(beta.path());
  await expect(app.host(beta.ownHost.name)).toBeVisible();
  const elsewhere = await world.elsewhere();
  await elsewhere.removeMember(beta.id, await (await world.betaOnly.session()).userId());
  await expect(app.toast(beta.name)).toBeVisible(soon);
  await expect(app.host(beta.ownHost.name)).toHaveCount(0);
  await app.open(beta.path());
  await expect(app.heading).toHaveText("There is nothing here for you");
});

test("an organization that the operator suspends is closed, and its members read why", async ({ app, server, world }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  await server.command(["org", "suspend", alpha.slug]);
  await expect(app.toast(/suspended/i)).toBeVisible(soon);
  await expect(app.host(alpha.ownHost.name)).toHaveCount(0);
});

test("an organization that is suspended before its live channel is open is closed all the same", async ({ app, server, wire, world }) => {
  const { alpha } = world;
  const mend = wire.cut(({ path }) => path.endsWith(`/${alpha.id}/live`));
  await app.open(alpha.path());
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  await server.command(["org", "suspend", alpha.slug]);
  mend();
  await expect(app.toast(/suspended/i)).toBeVisible();
  await expect(app.host(alpha.ownHost.name)).toHaveCount(0);
});

test("a role that is lowered elsewhere takes its buttons away", async ({ appOf, world }) => {
  const { beta } = world;
  const app = await appOf(world.betaOnly);
  await app.open(beta.path("access"));
  await expect(app.page.getByRole("button", { name: "Add member" })).toBeEnabled();
  const elsewhere = await world.elsewhere();
  await elsewhere.setRole(beta.id, await (await world.betaOnly.session()).userId(), "viewer");
  await expect(app.page.getByRole("button", { name: "Add member", disabled: false })).toHaveCount(0, soon);
  await app.isIn(beta);
});

test("a session that is ended elsewhere leads to the sign-in page and back to the same link", async ({ browser, wire, world }) => {
  const { beta } = world;
  const session = await world.betaOnly.signIn();
  const context = await browser.newContext({ baseURL: wire.url, storageState: await session.browserState() });
  const page = await context.newPage();
  await page.goto(beta.path("access"));
  await expect(page.getByText(world.betaOnly.email).first()).toBeVisible();
  await session.signOut();
  await expect(page).toHaveURL(/\/login\?next=/, soon);
  await expect(page.getByText(beta.canary)).toHaveCount(0);
  await page.getByLabel("Email").fill(world.betaOnly.email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(new RegExp(`${beta.path("access")}$`));
  await expect(page.getByText(world.betaOnly.email).first()).toBeVisible();
  await context.close();
});

test("a list of organizations that fails to load leaves the current one usable and can be tried again", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  const elsewhere = await world.elsewhere();
  await app.open(alpha.path());
  await app.isIn(alpha);
  // The list is asked for again because the target is gone, and cannot be loaded.
  const mend = wire.cut(asks("GET", "/api/v1/me"));
  const held = wire.hold(entering(beta), "request");
  await app.choose(beta);
  await held.arrived();
  await elsewhere.deleteOrg(beta.answer);
  held.release();
  const toast = app.toast("list of organizations");
  await expect(toast).toBeVisible();
  await app.isIn(alpha);
  await app.openHost(alpha.ownHost.name);
  const asked = wire.asked.filter(asks("GET", "/api/v1/me")).length;
  mend();
  await toast.getByRole("button", { name: "Try again" }).click();
  await expect(toast).toHaveCount(0);
  expect(wire.asked.filter(asks("GET", "/api/v1/me")).length).toBeGreaterThan(asked);
  await app.isIn(alpha);
  await app.openSwitcher();
  await expect(app.option(beta)).toHaveCount(0);
});

test("a console whose server cannot be asked says so, opens no organization and can be tried again", async ({ app, world, wire }) => {
  const mend = wire.cut(asks("GET", "/api/v1/me"));
  await app.open(world.alpha.path());
  await expect(app.heading).toHaveText("The server cannot be reached");
  await expect(app.shell).toHaveCount(0);
  mend();
  await app.page.getByRole("button", { name: "Try again" }).click();
  await app.isIn(world.alpha);
});

test.describe("a server that goes away", () => {
  test.use({ ownServer: {} });

  test("what is on screen says how old it is, and goes on when the server is back", async ({ app, server, world }) => {
    const { alpha } = world;
    await app.open(alpha.path());
    await expect(app.host(alpha.ownHost.name)).toBeVisible();
    await server.restart();
    const fresh = `${alpha.canary}-after`;
    await alpha.report({ id: randomUUID(), name: fresh });
    // The channel is opened again by itself, and what was missed meanwhile is loaded.
    await expect(app.host(fresh)).toBeVisible({ timeout: 30_000 });
    await app.isIn(alpha);
  });
});

test("while the server cannot be reached values are marked as old and changes are off; then it goes on by itself", async ({
  app,
  world,
  wire,
}) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  const live: Match = ({ path }) => path.endsWith(`/${alpha.id}/live`);
  const add = app.page.getByRole("button", { name: "Add host" });
  await expect.poll(() => wire.asked.some(live)).toBe(true);
  await expect(add).toBeEnabled();
  const mend = wire.cut(live);
  wire.breakLive(alpha.id);
  await expect(app.page.getByText(/^Offline since/).first()).toBeVisible();
  await expect(add).toHaveAccessibleDescription("Offline");
  await add.click({ force: true });
  await expect(app.dialog).toHaveCount(0);
  await expect(app.page.getByRole("main")).toHaveClass(/is-stale/);
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  // What cannot be loaded meanwhile comes by itself.
  const members = wire.cut(asks("GET", `/${alpha.id}/members`));
  await app.visit("Access");
  await expect(app.problem.first()).toBeVisible();
  members();
  mend();
  await expect(app.page.getByText(world.alphaOnly.email)).toBeVisible();
  await app.visit("Infrastructure");
  await expect(add).toHaveAccessibleDescription("");
  await expect(app.page.getByRole("main")).not.toHaveClass(/is-stale/);
  await add.click();
  await expect(app.dialog).toBeVisible();
});
