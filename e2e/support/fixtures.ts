import { type Page, test as base, expect } from "@playwright/test";

import type { Person } from "./api.ts";
import { App } from "./app.ts";
import { Provider } from "./provider.ts";
import { Scanner } from "./scanner.ts";
import { type Database, Server, type ServerOptions } from "./server.ts";
import { Wire } from "./wire.ts";
import { World } from "./world.ts";

export { expect };

interface WorkerFixtures {
  database: Database;
  /** The server that most tests of a worker share, started by the first one that needs it. */
  sharedServer: () => Promise<Server>;
}

interface ServerFixtures {
  /** Set with `test.use` where a test needs a server of its own, to restart it or to start it differently. */
  ownServer: ServerOptions | undefined;
  server: Server;
}

interface WorldFixtures {
  world: World;
  wire: Wire;
  scanner: Scanner;
  /** The console in the test's first tab, signed in as the person who has both organizations. */
  app: App;
  /** One more tab of the same browser. */
  newTab: () => Promise<App>;
  /** The console in the browser of somebody else. */
  appOf: (person: Person) => Promise<App>;
}

/** For tests that start with an empty server. */
export const serverTest = base.extend<ServerFixtures, WorkerFixtures>({
  database: ["sqlite", { option: true, scope: "worker" }],
  sharedServer: [
    async ({ database }, use) => {
      let server: Promise<Server> | undefined;
      await use(() => (server ??= Server.start(database)));
      await (await server)?.stop();
    },
    { scope: "worker" },
  ],
  ownServer: [undefined, { option: true }],
  server: async ({ database, sharedServer, ownServer }, use, info) => {
    if (!ownServer) return use(await sharedServer());
    const server = await Server.start(database, ownServer);
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach("server log", { body: server.log });
    await server.stop();
  },
});

/** For tests in two worlds. The scanner watches every tab, and what it finds fails the test. */
export const test = serverTest.extend<WorldFixtures>({
  world: async ({ server }, use) => {
    const world = await World.create(server);
    await use(world);
    await world.dispose();
  },
  wire: async ({ server }, use) => {
    const wire = await Wire.start(server.url);
    await use(wire);
    await wire.close();
  },
  baseURL: async ({ wire }, use) => use(wire.url),
  storageState: async ({ world }, use) => use(await (await world.both.session()).browserState()),
  scanner: [
    async ({ context, world }, use) => {
      const scanner = await Scanner.install(context, world.marks);
      // A page that broke shows nothing of anybody any more, which is not what is meant by isolation.
      const broken: string[] = [];
      context.on("weberror", (failure) => broken.push(failure.error().message));
      await use(scanner);
      expect(broken, "the page broke").toEqual([]);
      expect(scanner.take(), "data of one organization was on screen under another").toEqual([]);
      for (const page of context.pages()) await storageIsClean(page, world);
    },
    { auto: true },
  ],
  app: async ({ page }, use) => use(new App(page)),
  newTab: async ({ context }, use) => use(async () => new App(await context.newPage())),
  appOf: async ({ browser, contextOptions, wire, world }, use) => {
    const opened: { scanner: Scanner; close: () => Promise<void> }[] = [];
    await use(async (person) => {
      const storageState = await (await person.session()).browserState();
      const context = await browser.newContext({ ...contextOptions, baseURL: wire.url, storageState });
      // Their own name stands on every page, so an organization that it belongs to is not looked for.
      const marks = world.marks.filter((mark) => !person.name.includes(mark.canary));
      opened.push({ scanner: await Scanner.install(context, marks), close: () => context.close() });
      return new App(await context.newPage());
    });
    for (const { scanner, close } of opened) {
      await close();
      expect(scanner.take(), "data of one organization was on screen under another").toEqual([]);
    }
  },
});

/** For tests in two worlds whose server has a provider that answers by a script. */
export const assistantTest = test.extend<object, { provider: Provider }>({
  provider: [
    async ({}, use) => {
      const provider = await Provider.start();
      await use(provider);
      await provider.stop();
    },
    { scope: "worker" },
  ],
  ownServer: async ({ provider }, use) => use({ env: provider.env }),
});

/** Whatever a browser keeps after the tab is closed holds nothing of any organization. */
async function storageIsClean(page: Page, world: World): Promise<void> {
  if (!page.url().startsWith("http")) return;
  const kept = await page.evaluate(async () => {
    const databases = (await indexedDB.databases?.()) ?? [];
    const parts = [{ ...localStorage }, { ...sessionStorage }, history.state, window.name, document.cookie, databases, await caches.keys()];
    return JSON.stringify(parts);
  });
  for (const { canary } of world.marks) {
    expect(kept.toLowerCase(), "the browser keeps data of an organization").not.toContain(canary);
  }
}
