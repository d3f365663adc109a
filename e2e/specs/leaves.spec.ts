import { type CDPSession, type Page, expect } from "@playwright/test";

import { assistantTest, test } from "../support/fixtures.ts";

// Guards: everything of an organization hangs below its owner and goes with it; pages unsubscribe and unlisten when they go.

/** Counts of what a page holds, after the garbage was collected. */
async function held(cdp: CDPSession): Promise<{ listeners: number; nodes: number }> {
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { listeners: value("JSEventListeners"), nodes: value("Nodes") };
}

/** Opens pages by their links, so many times, as fast as frames are painted. */
function visitMany(page: Page, names: string[], count: number): Promise<void> {
  return page.evaluate(
    async ({ names, count }) => {
      const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
      for (let at = 0; at < count; at += 1) {
        const name = names[at % names.length] ?? "";
        const links = [...document.querySelectorAll<HTMLElement>(".app-nav a")];
        links.find((link) => link.textContent?.startsWith(name))?.click();
        do await frame();
        while (document.querySelector("h1")?.textContent === "" || document.querySelector("main .org-body") === null);
      }
    },
    { names, count },
  );
}

test("a thousand mounts and unmounts leave listeners, nodes and sockets as they were", async ({ browser, database, wire, world }) => {
  test.skip(database !== "sqlite", "it is about the browser, and takes a minute");
  test.setTimeout(180_000);
  const { alpha } = world;
  // Without the scanner, which looks at every frame of a thousand pages.
  const session = await world.both.session();
  const context = await browser.newContext({ baseURL: wire.url, storageState: await session.browserState() });
  const page = await context.newPage();
  await page.goto(alpha.path());
  await expect(page.locator(".shell")).toHaveAttribute("data-org-id", alpha.id);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  const names = ["Overview", "Access", "Sharing", "Billing", "Containers", "Guests"];
  // What is made once and kept is made now.
  await visitMany(page, [...names, "Infrastructure"], 21);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Infrastructure");
  const before = await held(cdp);
  await visitMany(page, names, 996);
  await visitMany(page, ["Infrastructure"], 1);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Infrastructure");
  // What ends with the last page has its moment to end.
  await expect.poll(async () => (await held(cdp)).listeners, { timeout: 20_000 }).toBeLessThanOrEqual(before.listeners + 5);
  expect((await held(cdp)).nodes).toBeLessThanOrEqual(before.nodes * 1.2 + 100);
  expect(wire.openChannels(alpha.id)).toBe(1);
  await context.close();
});

assistantTest("after the switch nothing of Alpha is left in the page's heap", async ({ browser, wire, world }) => {
  const { alpha, beta } = world;
  const session = await world.both.session();
  // Notes, a draft for the assistant and what it is about.
  const api = `/api/v1/orgs/${alpha.id}`;
  await session.ask("PUT", `${api}/hosts/${alpha.sharedHost.id}/metadata`, { description: `Noted in ${alpha.canary}` }, { "if-match": "*" });
  const context = [{ kind: "host", id: alpha.ownHost.id }];
  await session.ask("PATCH", `${api}/assistant`, { draft: `Draft of ${alpha.canary}`, context });
  // Without the scanner, which knows the canaries itself; and none of them is typed here, for the same reason.
  const browsing = await browser.newContext({ baseURL: wire.url, storageState: await session.browserState() });
  const page = await browsing.newPage();
  await page.goto(alpha.path());
  const shell = page.locator(".shell");
  await expect(shell).toHaveAttribute("data-org-id", alpha.id);
  const cdp = await browsing.newCDPSession(page);
  await page.getByRole("button", { name: "Assistant", exact: true }).click();
  await expect(page.getByRole("complementary").getByRole("textbox")).not.toHaveValue("");
  await page.getByRole("link", { name: alpha.sharedHost.name }).first().click();
  await expect(page.getByRole("region", { name: "Notes" })).toBeVisible();
  for (const name of ["Guests", "Containers", "Access", "Overview"]) {
    await page.getByRole("navigation", { name: "Organization pages", exact: true }).getByRole("link", { name }).click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("main .skeleton")).toHaveCount(0);
  }
  expect(await heap(cdp), "the heap holds what is on screen, or this would prove nothing").toContain(alpha.canary);
  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.type(beta.name);
  await page.keyboard.press("Enter");
  await expect(shell).toHaveAttribute("data-org-id", beta.id);
  await expect.poll(async () => (await heap(cdp)).includes(alpha.canary), { timeout: 20_000 }).toBe(false);
  expect(await heap(cdp)).toContain(beta.canary);
  await browsing.close();
});

/** Every string that the page's scripts and elements hold, as one text. */
async function heap(cdp: CDPSession): Promise<string> {
  const parts: string[] = [];
  const keep = ({ chunk }: { chunk: string }): void => void parts.push(chunk);
  await cdp.send("HeapProfiler.collectGarbage");
  cdp.on("HeapProfiler.addHeapSnapshotChunk", keep);
  await cdp.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  cdp.off("HeapProfiler.addHeapSnapshotChunk", keep);
  return parts.join("");
}
