import type { App } from "../support/app.ts";
import { expect, test } from "../support/fixtures.ts";
import { Scanner } from "../support/scanner.ts";
import type { Org } from "../support/world.ts";
import { SHARED } from "../support/world.ts";

// Guards: what runs on hosts is the organization's (`inventories` and both walls of the server), its caches are the organization's
// owner's and stamped with (organization, epoch), and so are the notes about it.

const KINDS = [
  { page: "Containers", path: "containers", shared: SHARED.container, own: (org: Org): string => org.ownContainer },
  { page: "Guests", path: "guests", shared: SHARED.guest, own: (org: Org): string => org.ownGuest },
] as const;

interface Listed {
  items: { id: string; name: string }[];
}

/** The id of a container or guest, which is the same in both organizations for what they share. */
async function idOf(ask: (path: string) => Promise<Listed>, org: Org, path: string, name: string): Promise<string> {
  const { items } = await ask(`/api/v1/orgs/${org.id}/${path}`);
  const found = items.find((item) => item.name === name);
  if (!found) throw new Error(`${name} is not among ${items.map((item) => item.name).join(", ")}`);
  return found.id;
}

function drawer(app: App, name: string): ReturnType<App["page"]["getByRole"]> {
  return app.page.getByRole("complementary", { name });
}

for (const { page, path, shared, own } of KINDS) {
  test.describe(page, () => {
    test("Alpha, Beta, Alpha: each shows its own, live, and nothing of the other", async ({ app, world }) => {
      const { alpha, beta } = world;
      await app.open(alpha.path(path));
      await app.isIn(alpha);
      await expect(app.host(own(alpha))).toBeVisible();
      await app.switchTo(beta);
      await expect(app.page).toHaveURL(new RegExp(`/o/${beta.slug}/${path}$`));
      await expect(app.host(own(beta))).toBeVisible();
      await expect(app.host(shared)).toBeVisible();
      await expect(app.host(own(alpha))).toHaveCount(0);
      // Live: one more is found.
      const fresh = `${beta.canary}-fresh`;
      const names = [shared, own(beta), fresh];
      await expect(async () => {
        await beta.report({ ...beta.sharedHost, found: { [path]: names } });
        await expect(app.host(fresh)).toBeVisible({ timeout: 1_000 });
      }).toPass();
      await app.switchTo(alpha);
      await expect(app.host(own(alpha))).toBeVisible();
      await expect(app.host(fresh)).toHaveCount(0);
      await app.settle();
      const { under } = await Scanner.seen(app.page);
      expect(under[alpha.id]).toBeGreaterThan(0);
      expect(under[beta.id]).toBeGreaterThan(0);
    });

    test("an answer of Alpha that comes after the switch, and a live frame, show nothing in Beta", async ({ app, world, wire }) => {
      const { alpha, beta } = world;
      await app.open(alpha.path());
      await app.isIn(alpha);
      const held = wire.hold(({ path: asked }) => asked.startsWith(`/api/v1/orgs/${alpha.id}/${path}`));
      const live = wire.holdLive(alpha.id);
      await app.visit(page);
      await held.arrived();
      const late = `${alpha.canary}-late`;
      await expect(async () => {
        await alpha.report({ ...alpha.sharedHost, found: { [path]: [late] } });
        await live.arrived(late);
      }).toPass();
      await app.switchTo(beta);
      await expect(app.host(own(beta))).toBeVisible();
      held.release();
      live.release();
      await app.settle();
      await expect(app.host(own(beta))).toBeVisible();
      await expect(app.host(late)).toHaveCount(0);
    });

    test("a link opens one of them beside the list; in the other organization there is none of that name", async ({ app, world }) => {
      const { alpha, beta } = world;
      const elsewhere = await world.elsewhere();
      const ask = (asked: string): Promise<Listed> => elsewhere.ask<Listed>("GET", asked);
      const mine = await idOf(ask, alpha, path, own(alpha));
      await app.open(alpha.path(`${path}/${mine}?q=${alpha.canary}`));
      await app.isIn(alpha);
      await expect(drawer(app, own(alpha))).toBeVisible();
      await expect(app.page.getByRole("searchbox")).toHaveValue(alpha.canary);
      await app.page.keyboard.press("Tab");
      await drawer(app, own(alpha)).getByRole("button", { name: "Close" }).click();
      await expect(app.page).toHaveURL(new RegExp(`/${path}\\?q=`));
      await app.open(beta.path(`${path}/${mine}`));
      await app.isIn(beta);
      await expect(app.page.getByText(/^No such (container|guest) in/)).toBeVisible();
    });

    test("a note about what both have under one id is in the organization in which it was made", async ({ app, world, wire }) => {
      const { alpha, beta } = world;
      const elsewhere = await world.elsewhere();
      const ask = (asked: string): Promise<Listed> => elsewhere.ask<Listed>("GET", asked);
      const id = await idOf(ask, alpha, path, shared);
      expect(await idOf(ask, beta, path, shared)).toBe(id);
      await app.open(alpha.path(path));
      await app.host(shared).click();
      const card = drawer(app, shared).getByRole("region", { name: "Notes" });
      await expect(card).toContainText("What is it for");
      const held = wire.hold(({ method, path: asked }) => method === "PUT" && asked.endsWith("/metadata"));
      await card.getByRole("button", { name: "Edit" }).click();
      await card.getByLabel("Description").fill(`Note of ${alpha.canary}`);
      await card.getByLabel("Tags").fill(`tag:${alpha.canary}`);
      await card.getByRole("button", { name: "Save" }).click();
      await expect(card).toContainText(`Note of ${alpha.canary}`);
      await held.arrived();
      await app.switchTo(beta);
      held.release();
      await app.settle();
      await expect(app.toast("Noted")).toHaveCount(0);
      await app.host(shared).click();
      await expect(drawer(app, shared).getByRole("region", { name: "Notes" })).toContainText("What is it for");
      // It is found by its tag where it was made, in the list as well.
      await app.switchTo(alpha);
      await app.page.getByRole("searchbox").fill(`tag:${alpha.canary}`);
      await expect(app.host(shared)).toBeVisible();
      await expect(app.host(own(alpha))).toHaveCount(0);
      const noted = (org: Org): Promise<{ description: string }> =>
        elsewhere.ask("GET", `/api/v1/orgs/${org.id}/${path}/${id}/metadata`);
      expect((await noted(alpha)).description).toBe(`Note of ${alpha.canary}`);
      expect((await noted(beta)).description).toBe("");
    });
  });
}

test("what is named like markup is text", async ({ app, world }) => {
  const { alpha } = world;
  const name = "<img src=x onerror=document.title='broken'>";
  await alpha.report({ ...alpha.sharedHost, found: { containers: [name] } });
  await app.open(alpha.path("containers"));
  await expect(app.host(name)).toBeVisible();
  await expect(app.page).not.toHaveTitle("broken");
});

test("what was typed is there again after the session ended under one's hands", async ({ browser, wire, world }) => {
  const { alpha } = world;
  const session = await world.alphaOnly.signIn();
  const context = await browser.newContext({ baseURL: wire.url, storageState: await session.browserState() });
  const page = await context.newPage();
  await page.goto(alpha.path(`hosts/${alpha.sharedHost.id}`));
  const card = page.getByRole("region", { name: "Notes" });
  await card.getByRole("button", { name: "Edit" }).click();
  await card.getByLabel("Notes").fill("a long text");
  await session.signOut();
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel("Email").fill(world.alphaOnly.email);
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(card.getByLabel("Notes")).toHaveValue("a long text");
  const kept = await page.evaluate(() => Object.keys(sessionStorage));
  expect(kept, "what was taken out is gone").toEqual([]);
  await context.close();
});
