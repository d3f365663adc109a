import type { Locator } from "@playwright/test";

import type { App, PageName } from "../support/app.ts";
import { expect, test } from "../support/fixtures.ts";

// Guards: `tenancy::refuse_unserved` and the plan checks on the server; in the client, that a panel shows the problem body
// (what is missing, who can change it, where) and not an empty page, a toast or an old answer.

const PANELS: PageName[] = ["Overview", "Access", "Sharing", "Billing"];

interface Refused {
  status: 402 | 501;
  /** What the words of the notice have to hold. */
  says: (string | RegExp)[];
}

const INSTALLATIONS: [string, Record<string, string>, Refused][] = [
  [
    "402: the licence covers one organization",
    { BULKHEAD_LICENSE: "single-org" },
    { status: 402, says: [/licence|license/i, /several organizations|one organization/i, "full", /whoever runs|operator/i] },
  ],
  [
    "501: several organizations are switched off",
    { BULKHEAD_MULTI_TENANT: "off" },
    { status: 501, says: ["BULKHEAD_MULTI_TENANT", /whoever runs|operator/i] },
  ],
];

for (const [title, env, refused] of INSTALLATIONS) {
  test.describe(title, () => {
    test.use({ ownServer: {} });

    test("each panel of the second organization says what is missing, who can change it and where", async ({ app, server, world }) => {
      // The first organization of the installation is served still, the second one is not.
      const { alpha, beta } = world;
      await app.open(beta.path());
      await app.isIn(beta);
      await server.restart(env);
      for (const panel of PANELS) {
        await app.visit(panel);
        await shows(app, refused);
      }
      // The same after a reload, where there is no page of before to stand on.
      await app.page.reload();
      await shows(app, refused);
      await app.open(alpha.path("access"));
      await app.isIn(alpha);
      await expect(app.page.getByText(world.alphaOnly.email)).toBeVisible();
      await expect(app.problem).toHaveCount(0);
    });

    test("a switch to the second organization is refused with the reason, and the first one stays", async ({ app, server, world }) => {
      const { alpha, beta } = world;
      await app.open(alpha.path());
      await app.isIn(alpha);
      await server.restart(env);
      await app.choose(beta);
      await expect(app.toast(beta.name)).toBeVisible();
      await app.isIn(alpha);
      await expect(app.host(alpha.ownHost.name)).toBeVisible();
    });

    test("one more organization is refused in the dialog, which keeps what was typed", async ({ app, server, world }) => {
      await app.open("/orgs");
      await expect(app.page.getByRole("link", { name: world.alpha.name })).toBeVisible();
      await server.restart(env);
      await app.page.getByRole("button", { name: "New organization" }).click();
      await app.dialog.getByLabel("Name").fill("One more");
      await app.dialog.getByRole("button", { name: /create/i }).click();
      await shows(app, refused, app.dialog);
      await expect(app.dialog.getByLabel("Name")).toHaveValue("One more");
    });
  });
}

test("402 by plan: Sharing names the plan that has it, the one in force and who can change it", async ({ app, server, world }) => {
  const { alpha } = world;
  await server.command(["org", "set-plan", alpha.slug, "team"]);
  await app.open(alpha.path("sharing"));
  await app.isIn(alpha);
  await shows(app, { status: 402, says: [/sharing/i, "Business", "Team", world.both.name] });
});

test("501 behind a plan: with the plan, Sharing names the setting that the operator has to set", async ({ app, server, world }) => {
  const { beta } = world;
  await server.command(["org", "set-plan", beta.slug, "business"]);
  await app.open(beta.path("sharing"));
  await app.isIn(beta);
  await shows(app, { status: 501, says: ["BULKHEAD_SHARING", /whoever runs|operator/i] });
});

test("501: a payment names the setting and who can set it; plan, limits and usage are shown all the same", async ({ app, server, world }) => {
  const { alpha } = world;
  await server.command(["org", "set-plan", alpha.slug, "team"]);
  await app.open(alpha.path("billing"));
  await app.isIn(alpha);
  await expect(app.page.getByRole("main")).toContainText("Team");
  await expect(app.limit(10).first()).toBeVisible();
  await app.page.getByRole("button", { name: "Change plan" }).click();
  await shows(app, { status: 501, says: ["BULKHEAD_PAYMENTS_URL", /whoever runs|operator/i] });
  await expect(app.limit(10).first()).toBeVisible();
});

test("402 by limit: one token too many says how many there may be, how many there are and who can change it", async ({ app, server, world }) => {
  const { alpha } = world;
  const elsewhere = await world.elsewhere();
  await server.command(["org", "set-plan", alpha.slug, "team"]);
  // The agent's token of the fixture is the first of twenty.
  for (let n = 2; n <= 20; n += 1) await elsewhere.createToken(alpha.id, `Token ${n} of ${alpha.canary}`, "api");
  await app.open(alpha.path("access"));
  await app.isIn(alpha);
  await app.page.getByRole("button", { name: "New token" }).click();
  await app.dialog.getByLabel(/name/i).fill("The twenty-first");
  await app.dialog.getByRole("button", { name: /create|make/i }).click();
  await shows(app, { status: 402, says: ["20", "Team", "Business", world.both.name] }, app.dialog);
  await expect(app.dialog.getByLabel(/name/i)).toHaveValue("The twenty-first");
});

test("a panel that cannot be loaded says so and can be tried again", async ({ app, wire, world }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  const mend = wire.cut((asked) => asked.path.endsWith(`/orgs/${alpha.id}/members`));
  await app.visit("Access");
  const again = app.page.getByRole("main").getByRole("button", { name: "Try again" }).first();
  await expect(again).toBeVisible();
  mend();
  await again.click();
  await expect(app.page.getByText(world.alphaOnly.email)).toBeVisible();
});

/** Waits for the notice of a refusal and reads it. */
async function shows(app: App, refused: Refused, within?: Locator): Promise<void> {
  const notice = (within ?? app.page.locator("body")).locator(`.problem[data-code="${refused.status}"]`).first();
  await expect(notice).toBeVisible();
  for (const words of refused.says) await expect(notice).toContainText(words);
}
