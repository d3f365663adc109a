import { randomUUID } from "node:crypto";

import type { App } from "../support/app.ts";
import { expect, test } from "../support/fixtures.ts";
import { asks } from "../support/wire.ts";

// Guards: disk counters and the summary are caches of the organization's owner, stamped with (organization, epoch); a rate is never
// of two organizations' readings.

/** What the disk that both machines have reads, as it stands on the machine's page: MB/s, or none. */
async function sdaReads(app: App): Promise<number | undefined> {
  const row = app.page.getByRole("table", { name: "Disks" }).getByRole("row", { name: /^sda/ });
  const [, rate] = /^([\d.]+)\sMB\/s$/.exec(await row.getByRole("cell").nth(1).innerText()) ?? [];
  return rate === undefined ? undefined : Number(rate);
}

test("a disk of one name on the same machine has each organization's own rate: Alpha, Beta, Alpha", async ({ app, world }) => {
  const { alpha, beta } = world;
  const machine = { id: randomUUID(), name: "store-01" };
  await alpha.report({ ...machine, sdaBytes: 1_000_000, agoS: 10 });
  await alpha.report({ ...machine, sdaBytes: 31_000_000, agoS: 0 });
  // One reading: nothing to compare it with. With Alpha's it would be a giant rate.
  await beta.report({ ...machine, sdaBytes: 9_000_000_000_000, agoS: 500 });
  await app.open(alpha.path(`hosts/${machine.id}`));
  await app.isIn(alpha);
  await expect.poll(() => sdaReads(app)).toBeCloseTo(3, 0);

  await app.switchTo(beta);
  await app.openHost(machine.name);
  await expect(app.page.getByRole("row", { name: /^sda/ })).toContainText("–");
  expect(await sdaReads(app)).toBeUndefined();
  await beta.report({ ...machine, sdaBytes: 9_003_400_000_000, agoS: 0 });
  // Over 500 s and what this test took so far.
  await expect.poll(() => sdaReads(app)).toBeCloseTo(6.6, 0);

  await app.switchTo(alpha);
  await app.openHost(machine.name);
  await expect.poll(() => sdaReads(app)).toBeCloseTo(3, 0);
});

test("a summary of Alpha that arrives after the switch shows nothing in Beta, whose own is there with the first frame", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  for (const [org, before, now] of [[alpha, 10, 97], [beta, 95, 96]] as const) {
    for (const agoS of [240, 120]) await org.report({ ...org.sharedHost, cpuPercent: before, agoS });
    await org.report({ ...org.sharedHost, cpuPercent: now });
  }
  const line = app.page.getByRole("region", { name: "Health" }).locator(".sparkline path:last-child");
  await app.page.clock.install();
  await app.open(alpha.path());
  await app.isIn(alpha);
  const ofAlpha = await line.getAttribute("d");
  expect(ofAlpha).toMatch(/L/);
  const held = wire.hold(asks("GET", `/${alpha.id}/summary`));
  // It is made anew once a minute.
  await app.page.clock.fastForward(61_000);
  await held.arrived();

  const ofBeta = wire.asked.length;
  await app.switchTo(beta);
  await expect(app.host(beta.ownHost.name)).toBeVisible();
  const own = await line.getAttribute("d");
  expect(own).not.toBe(ofAlpha);
  expect(wire.asked.slice(ofBeta).some(({ path }) => path.endsWith(`/${beta.id}/summary`)), "the bootstrap brought it").toBe(false);
  held.release();
  await app.settle();
  expect(await line.getAttribute("d")).toBe(own);
});
