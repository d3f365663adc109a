import type { Locator } from "@playwright/test";

import { PASSWORD } from "../support/api.ts";
import type { App } from "../support/app.ts";
import { assistantTest as test, expect, test as withoutProvider } from "../support/fixtures.ts";
import type { Match } from "../support/wire.ts";

// Guards: the conversation is the organization's owner's (`Assistant`, `OrgCaches::chat`, `OrgCaches::answering`), each event of an
// answer passes both walls (`OrgClient::ask`), leaving drops the stream, and the server keeps a conversation to its person and
// organization.

const asks: Match = ({ method, path }) => method === "POST" && path.endsWith("/assistant/messages");

function drawer(app: App): Locator {
  return app.page.getByRole("complementary", { name: "Assistant" });
}

function field(app: App): Locator {
  return drawer(app).getByRole("textbox");
}

async function open(app: App): Promise<void> {
  await app.page.getByRole("button", { name: "Assistant", exact: true }).click();
  await expect(field(app)).toBeVisible();
}

async function ask(app: App, question: string): Promise<void> {
  await field(app).fill(question);
  await field(app).press("Enter");
}

test("an answer comes from this organization's data, says what was sent for it, and leads to it", async ({ app, provider, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  await expect(drawer(app)).toContainText("Ask about what runs here");
  await ask(app, "Which host is short of memory? [lookup:list_hosts]");
  await expect(drawer(app)).toContainText(alpha.ownHost.name);
  const sent = drawer(app).getByText("Listed hosts");
  await expect(sent).toBeVisible();
  await sent.click();
  await drawer(app).getByRole("link", { name: alpha.ownHost.name }).first().click();
  await expect(app.heading).toContainText(alpha.ownHost.name);
  expect(await provider.asked()).toContain(alpha.canary);
  expect(await provider.asked()).not.toContain(beta.canary);
});

test("a switch in the middle of an answer ends it; the conversation is there again on the return, and never in Beta", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  await ask(app, `About ${alpha.canary} [slow:500] [say:one two three four five six seven eight nine ten eleven twelve]`);
  await expect(drawer(app)).toContainText("one two");
  await app.switchTo(beta);
  await expect(drawer(app)).toContainText("Ask about what runs here");
  await expect(field(app)).toHaveValue("");
  await ask(app, `About ${beta.canary} [say:of beta]`);
  await expect(drawer(app)).toContainText("of beta");
  await app.switchTo(alpha);
  await expect(drawer(app)).toContainText(`About ${alpha.canary}`);
  // The server heard of it a moment later than the page, and kept what was said by then.
  await expect(async () => {
    await app.page.reload();
    await open(app);
    await expect(drawer(app)).toContainText("Stopped here", { timeout: 2_000 });
  }).toPass();
  await expect(drawer(app)).toContainText("one two");
  await expect(drawer(app)).not.toContainText("of beta");
});

test("an answer of Alpha that is delivered after the switch shows nothing in Beta", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  const held = wire.hold(asks);
  await ask(app, `[say:late words of ${alpha.canary}]`);
  await held.arrived();
  await app.switchTo(beta);
  await expect(drawer(app)).toContainText("Ask about what runs here");
  held.release();
  await app.settle();
  await expect(drawer(app)).toContainText("Ask about what runs here");
});

test("what was typed and attached in Alpha is there on the return and not in Beta", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await app.openHost(alpha.ownHost.name);
  await app.page.getByRole("button", { name: "Ask about this host" }).click();
  await expect(drawer(app).getByRole("button", { name: `Detach ${alpha.ownHost.name}` })).toBeVisible();
  await field(app).fill(`Draft of ${alpha.canary}`);
  await app.switchTo(beta);
  await expect(field(app)).toHaveValue("");
  await expect(drawer(app).getByRole("button", { name: /^Detach/ })).toHaveCount(0);
  await app.switchTo(alpha);
  await expect(field(app)).toHaveValue(`Draft of ${alpha.canary}`);
  await expect(drawer(app).getByRole("button", { name: `Detach ${alpha.ownHost.name}` })).toBeVisible();
});

test("closing the drawer by keyboard while one types loses nothing, and the focus goes back", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  await expect(field(app)).toBeFocused();
  await app.page.keyboard.type("half a question");
  await app.page.keyboard.press("Escape");
  await expect(drawer(app)).toHaveCount(0);
  await expect(app.page.getByRole("button", { name: "Assistant", exact: true })).toBeFocused();
  // A reload that comes before the server has it would break off what is being sent.
  const elsewhere = await world.elsewhere();
  const kept = async (): Promise<string> =>
    (await elsewhere.ask<{ draft: string }>("GET", `/api/v1/orgs/${alpha.id}/assistant`)).draft;
  await expect.poll(kept).toBe("half a question");
  await app.page.reload();
  await open(app);
  await expect(field(app)).toHaveValue("half a question");
});

test("what was typed when the session ended is there again after signing in", async ({ browser, wire, world }) => {
  const { alpha } = world;
  const session = await world.alphaOnly.signIn();
  const context = await browser.newContext({ baseURL: wire.url, storageState: await session.browserState() });
  const page = await context.newPage();
  const broken: string[] = [];
  page.on("pageerror", (error) => broken.push(error.message));
  // What is typed does not reach the server by itself.
  const mend = wire.cut(({ method, path }) => method === "PATCH" && path.endsWith("/assistant"));
  await page.goto(alpha.path());
  await page.getByRole("button", { name: "Assistant", exact: true }).click();
  const typed = page.getByRole("complementary", { name: "Assistant" }).getByRole("textbox");
  await typed.fill("which host?");
  await session.signOut();
  await expect(page).toHaveURL(/\/login\?next=/);
  mend();
  await page.getByLabel("Email").fill(world.alphaOnly.email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator(".shell")).toHaveAttribute("data-org-id", alpha.id);
  // That it is open is the tab's and not the session's; where it was reloaded in between, it is closed.
  const assistant = page.getByRole("button", { name: "Assistant", exact: true });
  if ((await assistant.getAttribute("aria-pressed")) !== "true") await assistant.click();
  await expect(typed).toHaveValue("which host?");
  expect(broken).toEqual([]);
  await context.close();
});

test("an answer that comes in takes neither the focus nor what is typed meanwhile", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  await ask(app, "[slow:400] [say:one two three four five six]");
  const element = await field(app).elementHandle();
  await field(app).fill("the next question");
  await app.openSwitcher();
  await expect(drawer(app).getByRole("button", { name: "Copy" })).toBeVisible();
  await expect(app.filter).toBeFocused();
  await expect(field(app)).toHaveValue("the next question");
  expect(await field(app).evaluate((now, before) => now === before, element), "the field is the same one").toBe(true);
});

test("a stopped answer stays as far as it came, and one can ask on", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  await ask(app, "[slow:500] [say:one two three four five six seven eight nine ten eleven twelve]");
  await expect(drawer(app)).toContainText("one two");
  await drawer(app).getByRole("button", { name: "Stop" }).click();
  await expect(drawer(app)).toContainText("Stopped here");
  await expect(drawer(app).locator(".chat-answer")).not.toContainText("twelve");
  // The server lets go of the first one a moment later.
  await expect(async () => {
    await ask(app, "[say:and on]");
    await expect(drawer(app).locator(".chat-text").getByText("and on")).toBeVisible({ timeout: 2_000 });
  }).toPass();
});

test("what an answer injects leads nowhere: no link but to this organization, no picture, no markup", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  await ask(app, "[inject]");
  await expect(drawer(app).getByRole("button", { name: "Copy" })).toBeVisible();
  const text = drawer(app).locator(".chat-text");
  await expect(text).not.toBeEmpty();
  for (const link of await text.getByRole("link").all()) expect(await link.getAttribute("href")).toMatch(new RegExp(`^/o/${alpha.slug}/`));
  await expect(text.locator("img, script, iframe, object, form, style, [onerror], [onclick]")).toHaveCount(0);
});

test("an id of the other organization is answered like one that nobody has", async ({ app, provider, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  await ask(app, `[foreign:${beta.ownHost.id} read_metrics]`);
  await expect(drawer(app).getByRole("button", { name: "Copy" })).toBeVisible();
  expect(await provider.asked()).not.toContain(beta.canary);
});

test("a provider that breaks off says so, keeps what was said, and can be asked again", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await open(app);
  await ask(app, "[cut] [say:some words]");
  await expect(drawer(app).locator(".problem").or(drawer(app).getByText("broke off"))).not.toHaveCount(0);
  await expect(drawer(app).getByRole("button", { name: /again/i }).first()).toBeVisible();
});

withoutProvider("without a provider the drawer names the setting that brings one", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await app.page.getByRole("button", { name: "Assistant", exact: true }).click();
  await expect(drawer(app)).toContainText("BULKHEAD_ASSISTANT_URL");
});
