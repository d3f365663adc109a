import type { App, PageName } from "../support/app.ts";
import { expect, test } from "../support/fixtures.ts";
import type { World } from "../support/world.ts";

// Guard: `panels::frame` empties the frame of a panel at `OrgSwitched`. The frame belongs to the app and outlives the switch.

/** Opens a panel's dialog in Alpha and types something that is Alpha's. */
const DRAFTS: [PageName, (app: App, world: World) => Promise<void>][] = [
  [
    "Overview",
    async (app, { alpha }) => {
      await app.page.getByRole("button", { name: /^Edit/ }).first().click();
      await app.dialog.getByLabel("Description").fill(`A draft of ${alpha.canary}`);
    },
  ],
  [
    "Access",
    async (app, { alpha }) => {
      await app.page.getByRole("button", { name: "Add member" }).click();
      await app.dialog.getByLabel("Email").fill(`draft-${alpha.canary}@example.org`);
    },
  ],
  [
    "Access",
    async (app, { alpha }) => {
      await app.page.getByRole("button", { name: "New token" }).click();
      await app.dialog.getByLabel(/name/i).fill(`A draft of ${alpha.canary}`);
    },
  ],
];

for (const [panel, draft] of DRAFTS) {
  const nth = DRAFTS.filter(([name]) => name === panel).findIndex(([, other]) => other === draft) + 1;
  test(`what was typed in ${panel} (dialog ${nth}) is gone after a switch, and does not come back`, async ({ app, world }) => {
    const { alpha, beta } = world;
    const page = panel.toLowerCase();
    // Beta first, so that Back is a switch while the dialog is open.
    await app.open(beta.path(page));
    await app.isIn(beta);
    await app.switchTo(alpha);
    await draft(app, world);
    await app.page.goBack();
    await app.isIn(beta);
    await expect(app.dialog).toHaveCount(0);
    await app.page.goForward();
    await app.isIn(alpha);
    await app.settle();
    await expect(app.dialog).toHaveCount(0);
    await expect(app.page.getByText(`draft of ${alpha.canary}`)).toHaveCount(0);
  });
}

test("a refusal in a panel of Alpha is gone in Beta", async ({ app, server, world }) => {
  const { alpha, beta } = world;
  await server.command(["org", "set-plan", alpha.slug, "team"]);
  await server.command(["org", "set-plan", beta.slug, "business"]);
  await app.open(alpha.path("sharing"));
  await expect(app.page.locator('.problem[data-code="402"]')).toBeVisible();
  await app.switchTo(beta);
  await expect(app.page.locator('.problem[data-code="501"]')).toBeVisible();
  await expect(app.page.locator('.problem[data-code="402"]')).toHaveCount(0);
});

test("what was refused in Billing of Alpha is gone in Beta", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path("billing"));
  await app.isIn(alpha);
  await app.page.getByRole("button", { name: "Change plan" }).click();
  await expect(app.page.locator('.problem[data-code="501"]')).toBeVisible();
  await app.switchTo(beta);
  await expect(app.page.getByRole("table", { name: "Usage" })).toBeVisible();
  await app.settle();
  await expect(app.page.locator(".problem")).toHaveCount(0);
});

test("a secret that was just made is not shown after a switch there and back", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(beta.path("access"));
  await app.isIn(beta);
  await app.switchTo(alpha);
  await app.page.getByRole("button", { name: "New token" }).click();
  await app.dialog.getByLabel(/name/i).fill(`Secret of ${alpha.canary}`);
  await app.dialog.getByRole("button", { name: /create|make/i }).click();
  const secret = app.page.getByText(/bh_(agt|org)_[A-Za-z0-9_-]{20,}/);
  await expect(secret.first()).toBeVisible();
  await app.page.goBack();
  await app.isIn(beta);
  await expect(secret).toHaveCount(0);
  await app.page.goForward();
  await app.isIn(alpha);
  await expect(app.page.getByText(`Secret of ${alpha.canary}`)).toBeVisible();
  await expect(secret).toHaveCount(0);
});
