import type { Locator } from "@playwright/test";

import type { App, PageName } from "../support/app.ts";
import { expect, test } from "../support/fixtures.ts";
import { entering, thereAndBack } from "../support/scenarios.ts";
import type { Org } from "../support/world.ts";

// Guards: the ownership wall (`Switcher::leave_active`), the identity wall (`OrgSession::admits`), the one task of
// `Switcher::enter`, and the subscription in `panels::frame`.

test("Alpha, Beta, Alpha with the mouse", async ({ app, world, wire }) => {
  await thereAndBack({ app, world, wire });
});

test("Alpha, Beta, Alpha with the keyboard", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  for (const org of [beta, alpha]) {
    await app.chooseByKeyboard(org);
    await app.isIn(org);
    await expect(app.host(org.ownHost.name)).toBeVisible();
  }
});

test("the arrow keys move through the list and Escape closes it", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await app.page.keyboard.press("ControlOrMeta+k");
  await expect(app.filter).toBeFocused();
  // Down to the other organization, wherever the list has it.
  const active = app.page.locator("[role=option][aria-selected=true]");
  for (let step = 0; step < 5 && !(await active.innerText()).includes(beta.name); step += 1) {
    await app.page.keyboard.press("ArrowDown");
  }
  await expect(active).toContainText(beta.name);
  await app.page.keyboard.press("Enter");
  await app.isIn(beta);
  await app.page.keyboard.press("ControlOrMeta+k");
  await expect(app.switcher).toBeVisible();
  await app.page.keyboard.press("Escape");
  await expect(app.switcher).toHaveCount(0);
  await app.isIn(beta);
});

test("typing filters the list, and what matches nothing says so", async ({ app, world }) => {
  await app.open(world.alpha.path());
  await app.isIn(world.alpha);
  await app.openSwitcher();
  await expect(app.option(world.alpha)).toBeVisible();
  await app.filter.fill("beta");
  await expect(app.option(world.beta)).toBeVisible();
  await expect(app.option(world.alpha)).toHaveCount(0);
  await app.filter.fill("no organization is called that");
  await expect(app.page.getByRole("option")).toHaveCount(0);
  await expect(app.switcher).toContainText("None of your organizations matches.");
});

test("the same machine in both is told apart: its page shows one organization's measures", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.openHost(alpha.sharedHost.name);
  await expect(app.page.getByText(`${alpha.canary}-kernel`).first()).toBeVisible();
  await app.switchTo(beta);
  // A machine belongs to one organization, so the other one opens its list.
  await expect(app.page).toHaveURL(new RegExp(`${beta.path()}$`));
  await app.openHost(beta.sharedHost.name);
  await expect(app.page.getByText(`${beta.canary}-kernel`).first()).toBeVisible();
  await expect(app.page.getByText(alpha.canary)).toHaveCount(0);
});

test("a report of the same machine moves the row of its own organization alone", async ({ app, world, newTab }) => {
  const { alpha, beta } = world;
  const other = await newTab();
  await app.open(alpha.path());
  await other.open(beta.path());
  await app.showsCpu("web-01", 20);
  await other.showsCpu("web-01", 20);
  await alpha.report({ ...alpha.sharedHost, cpuPercent: 63 });
  await app.showsCpu("web-01", 63);
  await beta.report({ ...beta.sharedHost, cpuPercent: 47 });
  // Beta's own report has come, and so would have Alpha's before it.
  await other.showsCpu("web-01", 47);
  await app.settle();
  await app.showsCpu("web-01", 63);
});

/** What each panel shows of one organization and not of the other. Alpha has the plan Team, Beta the plan Business. */
const PANELS: [PageName, (app: App, org: Org, isAlpha: boolean) => Locator][] = [
  ["Overview", (app, org) => app.page.getByText(`Everything of ${org.canary}`)],
  ["Access", (app, org) => app.page.getByText(`member-${org.canary}@example.org`)],
  ["Sharing", (app, _, isAlpha) => app.page.locator(`.problem[data-code="${isAlpha ? 402 : 501}"]`)],
  ["Billing", (app, _, isAlpha) => app.limit(isAlpha ? 10 : 50)],
];

for (const [panel, telling] of PANELS) {
  test(`the panel ${panel} stays open and shows the other organization`, async ({ app, server, world }) => {
    const { alpha, beta } = world;
    await server.command(["org", "set-plan", alpha.slug, "team"]);
    await server.command(["org", "set-plan", beta.slug, "business"]);
    await app.open(alpha.path());
    await app.visit(panel);
    await expect(telling(app, alpha, true).first()).toBeVisible();
    for (const org of [beta, alpha]) {
      // The frame stays through the switch; of what stood in it no element does.
      await app.page.getByRole("main").evaluate((main) => {
        main.setAttribute("data-same", "");
        for (const element of main.querySelectorAll(".org-body, .org-body *")) element.setAttribute("data-of-before", "");
      });
      await app.switchTo(org);
      await expect(app.page.locator("main[data-same]")).toHaveCount(1);
      await expect(app.page.locator("[data-of-before]")).toHaveCount(0);
      await expect(app.page).toHaveURL(new RegExp(`${org.path(panel.toLowerCase())}$`));
      await expect(telling(app, org, org === alpha).first()).toBeVisible();
      await expect(telling(app, org === alpha ? beta : alpha, org !== alpha)).toHaveCount(0);
    }
  });
}

test("the switch is announced once the data is there: status, title, mark and focus", async ({ app, world }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  await expect(app.page).toHaveTitle(new RegExp(alpha.name));
  const icon = (): Promise<string | null> => app.page.locator("link[rel~=icon]").first().getAttribute("href");
  const before = await icon();
  await app.switchTo(beta);
  await expect(app.page.getByRole("status").filter({ hasText: `Switched to ${beta.name}` })).toHaveCount(1);
  await expect(app.page).toHaveTitle(new RegExp(beta.name));
  await expect(app.page).not.toHaveTitle(new RegExp(alpha.name));
  await expect(app.heading).toBeFocused();
  await expect.poll(icon).not.toBe(before);
});

test("the last of several fast choices wins, whatever answer comes first", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  const gamma = await world.third();
  await app.open(alpha.path());
  await app.isIn(alpha);
  const toBeta = wire.hold(entering(beta));
  const toGamma = wire.hold(entering(gamma));
  await app.choose(beta);
  await toBeta.arrived();
  await app.chooseByKeyboard(gamma);
  await toGamma.arrived();
  toGamma.release();
  await app.isIn(gamma);
  toBeta.release();
  await app.settle();
  await app.isIn(gamma);
});

for (const way of ["Escape", "Stay"] as const) {
  test(`a switch that takes long is given up with ${way}`, async ({ app, world, wire }) => {
    const { alpha, beta } = world;
    await app.open(alpha.path());
    await app.isIn(alpha);
    const held = wire.hold(entering(beta));
    await app.choose(beta);
    await held.arrived();
    // Until the server has confirmed, the old organization stays under its own name.
    await app.isIn(alpha);
    await expect(app.host(alpha.ownHost.name)).toBeVisible();
    // And it is still: what is pressed in it does nothing.
    await app.page.getByRole("main").locator("tbody a").first().dispatchEvent("click");
    await expect(app.page).toHaveURL(new RegExp(`${alpha.path()}$`));
    const stay = app.page.getByRole("button", { name: /^Stay/ });
    await expect(stay).toBeVisible();
    if (way === "Stay") await stay.click();
    else await app.page.keyboard.press("Escape");
    await expect(stay).toHaveCount(0);
    held.release();
    await app.settle();
    await app.isIn(alpha);
    // And it is not inert: a click opens a page.
    await app.openHost(alpha.ownHost.name);
  });
}

test("a switch that the server cannot answer changes nothing and can be tried again", async ({ app, world, wire }) => {
  const { alpha, beta } = world;
  await app.open(alpha.path());
  await app.isIn(alpha);
  const mend = wire.cut(entering(beta));
  await app.choose(beta);
  await expect(app.toast(beta.name)).toBeVisible();
  await app.isIn(alpha);
  mend();
  await app.switchTo(beta);
});
