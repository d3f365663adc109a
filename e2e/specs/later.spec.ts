import { expect, test } from "../support/fixtures.ts";
import { type Match } from "../support/wire.ts";

// Guards: the app is cut in two (`frontend/src/later.rs`). The second part comes after the first page, can fail to come, and belongs
// to no organization.

const laterPart: Match = ({ method, path }) => method === "GET" && /^\/later-[0-9a-f]+\.wasm$/.test(path);

test("the other pages are loaded after the first row is there, and need no loading any more", async ({ app, world, wire }) => {
  const { alpha } = world;
  const held = wire.hold(laterPart);
  await app.open(alpha.path());
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  await held.arrived();
  held.release();
  await app.visit("Access");
  await expect(app.page.getByText(world.alphaOnly.email)).toBeVisible();
  await app.visit("Billing");
  expect(wire.asked.filter(laterPart), "asked for once").toHaveLength(1);
});

test("other pages that cannot be loaded say so and can be tried again; the rest stays usable", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  const mend = wire.cut(laterPart);
  await app.open(alpha.path("access"));
  await app.isIn(alpha);
  await expect(app.problem).toContainText("could not be loaded");
  await app.switchTo(beta);
  await expect(app.problem).toContainText("could not be loaded");
  const again = app.page.getByRole("button", { name: "Try again" });
  const asked = wire.asked.filter(laterPart).length;
  await again.click();
  await expect.poll(() => wire.asked.filter(laterPart).length).toBeGreaterThan(asked);
  await expect(app.problem).toBeVisible();
  mend();
  // The app tries by itself a moment after it entered an organization, which may come before the button.
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 1_000 });
    await expect(app.page.getByText(world.betaOnly.email)).toBeVisible({ timeout: 1_000 });
  }).toPass();
});

test("pages that arrive after a switch show the organization that was switched to", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  const held = wire.hold(laterPart);
  await app.open(alpha.path("access"));
  await app.isIn(alpha);
  await held.arrived();
  await app.switchTo(beta);
  held.release();
  await expect(app.page.getByText(world.betaOnly.email)).toBeVisible();
  await expect(app.page.getByText(world.alphaOnly.email)).toHaveCount(0);
  await app.isIn(beta);
});
