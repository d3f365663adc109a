import type { Session } from "../support/api.ts";
import type { App } from "../support/app.ts";
import { expect, test } from "../support/fixtures.ts";
import { type Match } from "../support/wire.ts";
import type { Org, World } from "../support/world.ts";

// Guards: what is noted about a host is the organization's (`host_metadata` and both walls of the server), its draft is the body's of
// the page, and an answer that comes after a switch changes nothing on screen (`act`).

interface Noted {
  description: string;
  tags: string[];
  notes: string;
  url: string | null;
}

/** A path of the API about the machine that both organizations have. */
function place(org: Org): string {
  return `/api/v1/orgs/${org.id}/hosts/${org.sharedHost.id}/metadata`;
}

const putsNotes: Match = ({ method, path }) => method === "PUT" && path.endsWith("/metadata");

function card(app: App): ReturnType<App["page"]["getByRole"]> {
  return app.page.getByRole("region", { name: "Notes" });
}

async function edit(app: App, text: Partial<Record<"Description" | "Link" | "Tags" | "Notes", string>>): Promise<void> {
  await card(app).getByRole("button", { name: "Edit" }).click();
  for (const [label, value] of Object.entries(text)) await card(app).getByLabel(label).fill(value);
}

/** Opens the machine that both have in Alpha and types "mine", while somebody else notes "theirs" about it. */
async function typeWhileAnotherNotes(app: App, world: World): Promise<Session> {
  const { alpha } = world;
  await app.open(alpha.path(`hosts/${alpha.sharedHost.id}`));
  await app.isIn(alpha);
  await edit(app, { Description: "mine" });
  const session = await world.elsewhere();
  await session.ask("PUT", place(alpha), { description: "theirs" }, { "if-match": "*" });
  return session;
}

test("what is noted in Alpha is there after a reload and not in Beta, which has the same machine", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path(`hosts/${alpha.sharedHost.id}`));
  await app.isIn(alpha);
  await expect(card(app)).toContainText("What is this machine for");
  await edit(app, {
    Description: `Front end of ${alpha.canary}`,
    Link: "https://pve.example.org:8006/",
    Tags: "web  rack:b2 web",
    Notes: "first line\n<b>second</b> line",
  });
  await card(app).getByRole("button", { name: "Save" }).click();
  await expect(app.toast("Noted")).toBeVisible();
  const link = card(app).getByRole("link", { name: "https://pve.example.org:8006/" });
  await expect(link).toHaveAttribute("rel", /noopener/);
  await app.page.reload();
  await expect(card(app)).toContainText(`Front end of ${alpha.canary}`);
  await expect(card(app)).toContainText("<b>second</b> line");
  await expect(card(app).getByText("rack:b2", { exact: true })).toHaveCount(1);
  // It is found by what is noted about it, in Alpha alone.
  const filter = app.page.getByRole("searchbox", { name: "Filter hosts" });
  await app.visit("Infrastructure");
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  await filter.fill("front rack:B2");
  await expect(app.host(alpha.ownHost.name)).toHaveCount(0);
  await expect(app.page.getByRole("row", { name: new RegExp(alpha.sharedHost.name) })).toContainText("rack:b2");
  await app.switchTo(beta);
  await filter.fill("rack:b2");
  await expect(app.page.getByText("No host matches")).toBeVisible();
  await app.open(beta.path(`hosts/${beta.sharedHost.id}`));
  await app.isIn(beta);
  await expect(card(app)).toContainText("What is this machine for");
  const elsewhere = await world.elsewhere();
  expect((await elsewhere.ask<Noted>("GET", place(beta))).description).toBe("");
});

test("a note that was sent before the switch lands in Alpha and says nothing in Beta", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  const elsewhere = await world.elsewhere();
  await app.open(alpha.path(`hosts/${alpha.sharedHost.id}`));
  await app.isIn(alpha);
  const held = wire.hold(putsNotes);
  await edit(app, { Description: `Late note of ${alpha.canary}` });
  await card(app).getByRole("button", { name: "Save" }).click();
  // Shown at once, before the server has it.
  await expect(card(app)).toContainText(`Late note of ${alpha.canary}`);
  await held.arrived();
  await app.switchTo(beta);
  await app.openHost(beta.sharedHost.name);
  await expect(card(app)).toContainText("What is this machine for");
  held.release();
  await app.settle();
  await expect(app.toast("Noted")).toHaveCount(0);
  await expect(card(app)).toContainText("What is this machine for");
  expect((await elsewhere.ask<Noted>("GET", place(alpha))).description).toBe(`Late note of ${alpha.canary}`);
  expect((await elsewhere.ask<Noted>("GET", place(beta))).description).toBe("");
});

test("what was typed and not saved is gone after a switch, and does not come back", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path(`hosts/${alpha.sharedHost.id}`));
  await app.isIn(alpha);
  await edit(app, { Notes: `Draft of ${alpha.canary}` });
  await app.switchTo(beta);
  await app.openHost(beta.sharedHost.name);
  await expect(card(app).getByLabel("Notes")).toHaveCount(0);
  await app.switchTo(alpha);
  await app.openHost(alpha.sharedHost.name);
  await expect(card(app)).toContainText("What is this machine for");
});

test("what was typed is there again after another page of the same stay, and Escape loses nothing", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path(`hosts/${alpha.sharedHost.id}`));
  await app.isIn(alpha);
  await edit(app, { Notes: `Draft of ${alpha.canary}` });
  await app.page.keyboard.press("Escape");
  await expect(card(app).getByLabel("Notes")).toHaveValue(`Draft of ${alpha.canary}`);
  await app.visit("Access");
  await app.visit("Infrastructure");
  await app.openHost(alpha.sharedHost.name);
  await expect(card(app).getByLabel("Notes")).toHaveValue(`Draft of ${alpha.canary}`);
  await card(app).getByRole("button", { name: "Cancel" }).click();
  await app.visit("Infrastructure");
  await app.openHost(alpha.sharedHost.name);
  await expect(card(app)).toContainText("What is this machine for");
});

test("of two editors the slower one sees both versions and decides field by field", async ({ app, world }) => {
  const { alpha } = world;
  const elsewhere = await world.elsewhere();
  await elsewhere.ask("PUT", place(alpha), { description: "before" }, { "if-match": "*" });
  await app.open(alpha.path(`hosts/${alpha.sharedHost.id}`));
  await app.isIn(alpha);
  await edit(app, { Description: "mine", Notes: "my notes", Link: "https://mine.test/" });
  await elsewhere.ask("PUT", place(alpha), { description: "theirs", notes: "their notes", tags: ["theirs"] }, { "if-match": "*" });
  await card(app).getByRole("button", { name: "Save" }).click();

  const versions = card(app).getByRole("group", { name: "Two versions" });
  await expect(versions).toContainText("while you were writing");
  await expect(versions).toContainText("only you changed it, kept");
  await expect(versions).toContainText(/only .+ changed it, taken/);
  for (const text of ["mine", "theirs", "my notes", "their notes"]) await expect(versions.getByText(text, { exact: true }).first()).toBeVisible();
  expect((await elsewhere.ask<Noted>("GET", place(alpha))).description, "nothing was saved").toBe("theirs");

  await versions.getByRole("radiogroup", { name: "Notes" }).getByRole("radio", { name: "Take theirs" }).check();
  await versions.getByRole("button", { name: "Keep editing" }).click();
  await expect(card(app).getByLabel("Description")).toHaveValue("mine");
  await expect(card(app).getByLabel("Notes")).toHaveValue("their notes");
  await expect(card(app).getByLabel("Tags")).toHaveValue("theirs");

  // Once more, and this time it is saved from the two versions.
  await elsewhere.ask("PUT", place(alpha), { description: "theirs again", notes: "their notes", tags: ["theirs"] }, { "if-match": "*" });
  await card(app).getByRole("button", { name: "Save" }).click();
  await expect(versions).toContainText("theirs again");
  await versions.getByRole("button", { name: "Save merged" }).click();
  await expect(app.toast("Noted")).toBeVisible();
  const now = await elsewhere.ask<Noted>("GET", place(alpha));
  expect(now).toMatchObject({ description: "mine", notes: "their notes", tags: ["theirs"], url: "https://mine.test/" });
});

test("a note that is refused when its card is closed is kept, and the person is told", async ({ app, world, wire }) => {
  const { alpha } = world;
  const elsewhere = await typeWhileAnotherNotes(app, world);
  const held = wire.hold(putsNotes);
  await card(app).getByRole("button", { name: "Save" }).click();
  await held.arrived();
  await app.visit("Access");
  held.release();
  await expect(app.toast("Somebody else changed these notes")).toBeVisible();
  await app.visit("Infrastructure");
  await app.openHost(alpha.sharedHost.name);
  await expect(card(app).getByRole("group", { name: "Two versions" })).toContainText("mine");
  await card(app).getByRole("button", { name: "Save merged" }).click();
  await expect(app.toast("Noted")).toBeVisible();
  expect((await elsewhere.ask<Noted>("GET", place(alpha))).description).toBe("mine");
  await expect(card(app).getByRole("button", { name: "Edit" })).toBeFocused();
});

test("a note that is saved when its card is closed is in the list at once", async ({ app, world, wire }) => {
  const { alpha } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await app.openHost(alpha.sharedHost.name);
  await edit(app, { Tags: "noted-late" });
  const held = wire.hold(putsNotes);
  await card(app).getByRole("button", { name: "Save" }).click();
  await held.arrived();
  // Opened again while it is on its way, it is shown as not confirmed, and not as a form.
  await app.visit("Infrastructure");
  await app.openHost(alpha.sharedHost.name);
  await expect(card(app)).toContainText("noted-late");
  await expect(card(app).getByLabel("Tags")).toHaveCount(0);
  await app.visit("Infrastructure");
  held.release();
  await expect(app.toast("Noted")).toBeVisible();
  await expect(app.page.getByRole("main").getByText("noted-late")).toBeVisible();
  await app.openHost(alpha.sharedHost.name);
  await expect(card(app)).toContainText("noted-late");
});

test("who takes all of theirs is back at what stands there", async ({ app, world }) => {
  const { alpha } = world;
  const elsewhere = await typeWhileAnotherNotes(app, world);
  await card(app).getByRole("button", { name: "Save" }).click();
  await card(app).getByRole("button", { name: "Take all of theirs" }).click();
  await expect(card(app).getByText("theirs")).toBeVisible();
  await expect(card(app).getByRole("button", { name: "Edit" })).toBeVisible();
  expect((await elsewhere.ask<Noted>("GET", place(alpha))).description).toBe("theirs");
});

test("a link that is none is refused at its field, and nothing that was typed is lost", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path(`hosts/${alpha.sharedHost.id}`));
  await app.isIn(alpha);
  await edit(app, { Link: "javascript:alert(1)", Notes: "kept" });
  await card(app).getByRole("button", { name: "Save" }).click();
  await expect(card(app).getByText(/begins with http/)).toBeVisible();
  await expect(card(app).getByLabel("Link")).toHaveValue("javascript:alert(1)");
  await expect(card(app).getByLabel("Notes")).toHaveValue("kept");
  await card(app).getByRole("button", { name: "Cancel" }).click();
  await expect(card(app)).toContainText("What is this machine for");
});
