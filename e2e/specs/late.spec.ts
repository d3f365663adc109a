import { expect, test } from "../support/fixtures.ts";
import { lateLiveFrame, slowAnswer } from "../support/scenarios.ts";

// Guards: reads are aborted and sockets closed with the owner (ownership); an answer, frame or cached value of another
// (organization, epoch) is dropped (identity: `OrgSession::admits` in the client, the caches and the live channel).

test("a slow answer of Alpha that arrives after the switch shows nothing", async ({ app, world, wire }) => {
  await slowAnswer({ app, world, wire });
});

test("a slow answer to a panel shows nothing in the same panel of the other organization", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  const held = wire.hold((asked) => asked.path.startsWith(`/api/v1/orgs/${alpha.id}/`) && !asked.path.endsWith("/live"));
  await app.visit("Access");
  await held.arrived();
  await app.switchTo(beta);
  await expect(app.page.getByText(world.betaOnly.email)).toBeVisible();
  held.release();
  await app.settle();
  await expect(app.page.getByText(world.betaOnly.email)).toBeVisible();
});

test("a live frame of Alpha that arrives after the switch shows nothing", async ({ app, world, wire }) => {
  await lateLiveFrame({ app, world, wire });
});

test("a slow answer about a machine does not reach the page of the same machine in the other organization", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  const held = wire.hold((asked) => asked.path.includes(`/${alpha.id}/hosts/${alpha.sharedHost.id}`));
  await app.host("web-01").click();
  await held.arrived(2);
  await app.switchTo(beta);
  await app.openHost("web-01");
  await expect(app.page.getByText(`${beta.canary}-kernel`).first()).toBeVisible();
  held.release();
  await app.settle();
  await expect(app.page.getByText(`${beta.canary}-kernel`).first()).toBeVisible();
});

test("an answer of the first time in Alpha does not reach the second: epochs, not names", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  const elsewhere = await world.elsewhere();
  await app.open(alpha.path());
  await app.isIn(alpha);
  const held = wire.hold((asked) => asked.path.startsWith(`/api/v1/orgs/${alpha.id}/members`));
  await app.visit("Access");
  await held.arrived();
  await app.switchTo(beta);
  const outsider = await world.outsider();
  await elsewhere.addMember(alpha.id, outsider.email, "viewer");
  // The held answer is older than this member. Later questions are let through, the first one is still held.
  held.letOthersPass();
  await app.switchTo(alpha);
  await expect(app.page.getByText(outsider.email)).toBeVisible();
  held.release();
  await app.settle();
  await expect(app.page.getByText(outsider.email)).toBeVisible();
});

test("a refusal that arrives late is not told in the other organization", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  const held = wire.hold((asked) => asked.path.startsWith(`/api/v1/orgs/${alpha.id}/shares`));
  await app.visit("Sharing");
  await held.arrived();
  await app.switchTo(beta);
  await app.visit("Billing");
  held.release();
  await app.settle();
  await expect(app.problem.filter({ hasText: /sharing/i })).toHaveCount(0);
  await expect(app.toasts.locator(".toast")).toHaveCount(0);
});

test("a write that was sent before the switch lands in Alpha and says nothing in Beta", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  const elsewhere = await world.elsewhere();
  await app.open(beta.path("access"));
  await app.isIn(beta);
  await app.switchTo(alpha);
  const held = wire.hold((asked) => asked.method === "POST" && asked.path.endsWith("/tokens"));
  await app.page.getByRole("button", { name: "New token" }).click();
  await app.dialog.getByLabel(/name/i).fill(`Late token of ${alpha.canary}`);
  await app.dialog.getByRole("button", { name: /create|make/i }).click();
  await held.arrived();
  // While the dialog waits for its answer, the person goes back.
  await app.page.goBack();
  await app.isIn(beta);
  held.release();
  await app.settle();
  await expect(app.dialog).toHaveCount(0);
  const names = async (id: string): Promise<string[]> =>
    (await elsewhere.ask<{ name: string }[]>("GET", `/api/v1/orgs/${id}/tokens`)).map((token) => token.name);
  expect(await names(alpha.id)).toContain(`Late token of ${alpha.canary}`);
  expect(await names(beta.id)).not.toContain(`Late token of ${alpha.canary}`);
});
