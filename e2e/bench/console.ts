import { writeFile } from "node:fs/promises";

import { type Browser, type BrowserContext, type Page, expect, test } from "@playwright/test";

import { required } from "../support/command.ts";

/** First visits, each with an empty cache. */
const VISITS = 7;
/** Switches that count, after some that only warm up. */
const SWITCHES = 50;
const WARM_UP = 4;

interface Org {
  slug: string;
  name: string;
}

/** What the page keeps for us. */
interface Stopwatch {
  /** When Enter was pressed last, on the clock of `performance.now()`. */
  pressedAt: number;
  /** When the first row of the page's first organization was painted. */
  firstRowAt: Promise<number>;
  /** When a row of an organization is painted. */
  rowOf(slug: string): Promise<number>;
}

declare global {
  interface Window {
    stopwatch: Stopwatch;
  }
}

/** What went wrong inside the pages. */
const errors: string[] = [];

test("first load and switches", async ({ browser }) => {
  const url = required("BULKHEAD_BENCH_URL");
  const orgs = required("BULKHEAD_BENCH_ORGS").split(",").map((pair): Org => {
    const [slug = "", name = ""] = pair.split("=");
    return { slug, name };
  });
  const [left, right] = orgs;
  if (!left || !right) throw new Error("BULKHEAD_BENCH_ORGS has to name two organizations");

  const state = await signIn(browser, url);
  const visits = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const context = await browser.newContext({ baseURL: url, storageState: state });
    visits.push(await firstVisit(context, left));
    await context.close();
  }
  const context = await browser.newContext({ baseURL: url, storageState: state });
  const { switches, fetches } = await measureSwitches(context, left, right);
  await context.close();
  expect(errors, "errors in the page").toEqual([]);

  const measured = {
    first_load_bytes: Math.max(...visits.map((visit) => visit.bytes)),
    first_row_ms: visits.map((visit) => visit.firstRowMs),
    switch_ms: switches,
    rtt_ms: fetches,
    chromium: `Chromium ${browser.version()}`,
  };
  await writeFile(required("BULKHEAD_BENCH_OUT"), JSON.stringify(measured));
});

async function signIn(browser: Browser, url: string): Promise<Awaited<ReturnType<BrowserContext["storageState"]>>> {
  const context = await browser.newContext({ baseURL: url });
  const data = { email: required("BULKHEAD_BENCH_EMAIL"), password: required("BULKHEAD_BENCH_PASSWORD") };
  const answer = await context.request.post("/api/v1/sessions", { data });
  expect(answer.ok(), `signing in was answered ${answer.status()}`).toBe(true);
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Opens the list of hosts as somebody who has never been here, and counts what that takes until the first row is painted. */
async function firstVisit(context: BrowserContext, org: Org): Promise<{ bytes: number; firstRowMs: number }> {
  const page = await withStopwatch(context);
  const wire = await context.newCDPSession(page);
  await wire.send("Network.enable");
  const asked = new Set<string>();
  const transfers = new Map<string, { url: string; bytes: number }>();
  const plain: string[] = [];
  wire.on("Network.requestWillBeSent", ({ requestId }) => asked.add(requestId));
  wire.on("Network.responseReceived", ({ requestId, response }) => {
    transfers.set(requestId, { url: response.url, bytes: 0 });
    const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]));
    // The wire must carry what is deployed: a figure for plain files would be another one.
    if (/\.(wasm|js|css)$/.test(new URL(response.url).pathname) && headers["content-encoding"] !== "br") plain.push(response.url);
  });
  wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const transfer = transfers.get(requestId);
    if (transfer) transfer.bytes = encodedDataLength;
  });

  await page.goto(`/o/${org.slug}/hosts`);
  const firstRowMs = await page.evaluate(() => window.stopwatch.firstRowAt);
  // What was asked for before that frame may still be on its way, such as a font: it counts as well. What is asked for after it, such as
  // the part of the app with the other pages, is none of what the first page needs.
  const needed = new Set(asked);
  await page.waitForLoadState("networkidle");
  expect(plain, "these came without brotli").toEqual([]);
  const all = [...transfers].filter(([id]) => needed.has(id)).map(([, transfer]) => transfer);
  expect(all.some(({ url, bytes }) => url.endsWith(".wasm") && bytes > 0), "the app itself was transferred").toBe(true);
  return { bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), firstRowMs };
}

/** Goes back and forth with the keyboard. Before each switch one fetch of what the switch will fetch. */
async function measureSwitches(context: BrowserContext, left: Org, right: Org): Promise<{ switches: number[]; fetches: number[] }> {
  const page = await withStopwatch(context);
  await page.goto(`/o/${left.slug}/hosts`);
  await page.evaluate(() => window.stopwatch.firstRowAt);
  const [switches, fetches]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < SWITCHES + WARM_UP; turn += 1) {
    const target = turn % 2 === 0 ? right : left;
    const fetched = await page.evaluate(async (path) => {
      const began = performance.now();
      const answer = await fetch(path);
      await answer.arrayBuffer();
      return performance.now() - began;
    }, `/api/v1/orgs/${target.slug}/bootstrap`);

    await page.keyboard.press("ControlOrMeta+k");
    const field = page.getByRole("combobox", { name: "Switch to" });
    await expect(field).toBeFocused();
    await page.keyboard.type(target.name);
    await expect(page.getByRole("option")).toHaveCount(1);
    // Waited for from before the key is pressed, so that no frame is missed.
    const painted = page.evaluate((slug) => window.stopwatch.rowOf(slug), target.slug);
    await page.keyboard.press("Enter");
    const paintedAt = await painted;
    const pressedAt = await page.evaluate(() => window.stopwatch.pressedAt);
    expect(paintedAt, "painted after the key was pressed").toBeGreaterThan(pressedAt);
    await expect(field).toBeHidden();
    if (turn >= WARM_UP) {
      switches.push(paintedAt - pressedAt);
      fetches.push(fetched);
    }
  }
  return { switches, fetches };
}

/** A page that notes when Enter is pressed and when rows are painted. */
async function withStopwatch(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  // A page that is broken after the first switch may be quick, but it is not what is measured.
  page.on("pageerror", (error) => errors.push(error.message));
  await page.addInitScript(() => {
    const isThere = (slug: string): boolean => document.querySelector(`tr[data-host] a[href^="/o/${slug}/hosts/"]`) !== null;
    // Looked for in each frame just before it is painted; a task after that runs when it is.
    const painted = (ready: () => boolean): Promise<number> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!ready()) {
            requestAnimationFrame(look);
            return;
          }
          const channel = new MessageChannel();
          channel.port1.onmessage = () => resolve(performance.now());
          channel.port2.postMessage(undefined);
        };
        requestAnimationFrame(look);
      });
    window.stopwatch = {
      pressedAt: 0,
      firstRowAt: painted(() => document.querySelector("tr[data-host] a") !== null),
      rowOf: (slug) => painted(() => isThere(slug)),
    };
    window.addEventListener("keydown", (event) => (event.key === "Enter" ? (window.stopwatch.pressedAt = event.timeStamp) : undefined), true);
  });
  return page;
}
