import { expect, test } from "../support/fixtures.ts";

const PAGES = ["hosts", "guests", "containers", "overview", "access", "sharing", "billing"];

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("no page is wider than the screen, and the pages are reached by thumb", async ({ app, world }) => {
    const { alpha } = world;
    for (const page of [...PAGES, `hosts/${alpha.sharedHost.id}`]) {
      await app.open(alpha.path(page));
      await expect(app.heading).toBeVisible();
      await app.settle();
      const { wide, screen } = await app.page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        screen: document.documentElement.clientWidth,
      }));
      expect(wide, `${page} is wider than the screen`).toBeLessThanOrEqual(screen);
    }
    await app.visit("Access");
    await app.visit("Infrastructure");
  });

  test("the bar at the bottom is still while a switch is being confirmed, and says where one is", async ({ app, world, wire }) => {
    const { alpha, beta } = world;
    await app.open(alpha.path("access"));
    await app.isIn(alpha);
    const bar = app.page.locator(".tab-bar");
    await expect(bar.getByRole("button", { name: "More pages" })).toHaveAttribute("aria-current", "page");
    const held = wire.hold(({ path }) => path.includes("/bootstrap"));
    await app.choose(beta);
    await held.arrived();
    await expect(bar).toHaveAttribute("inert");
    await bar.locator("a").first().click({ force: true });
    await expect(app.page).toHaveURL(new RegExp(`${alpha.path("access")}$`));
    held.release();
    await app.isIn(beta);
    await expect(bar).not.toHaveAttribute("inert");
  });

  test("one switches there as well", async ({ app, world }) => {
    const { alpha, beta } = world;
    await app.open(alpha.path());
    await app.isIn(alpha);
    await app.switchTo(beta);
    await expect(app.page.getByText(beta.ownHost.name).first()).toBeVisible();
  });
});

test.describe("in the dark", () => {
  test.use({ colorScheme: "dark" });

  test("the page is dark, and light when the person wants that", async ({ app, world }) => {
    await app.open(world.alpha.path());
    await app.isIn(world.alpha);
    const lightness = (): Promise<number> =>
      app.page.evaluate(() => {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        if (!canvas) throw new Error("no canvas");
        // What stands behind the page: the root's background, and the body's over it.
        for (const element of [document.documentElement, document.body]) {
          canvas.fillStyle = getComputedStyle(element).backgroundColor;
          canvas.fillRect(0, 0, 1, 1);
        }
        const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
        if (alpha < 255) throw new Error("the page has no background");
        return (red + green + blue) / 3;
      });
    expect(await lightness()).toBeLessThan(80);
    await app.page.emulateMedia({ colorScheme: "light" });
    await expect.poll(lightness).toBeGreaterThan(180);
  });
});

test("each page has one main heading, one main part, named navigation and no control without a name", async ({ app, world }) => {
  const { alpha } = world;
  for (const page of [...PAGES, `hosts/${alpha.sharedHost.id}`]) {
    await app.open(alpha.path(page));
    await expect(app.heading).toHaveCount(1);
    await expect(app.page.getByRole("main")).toHaveCount(1);
    await expect(app.page.getByRole("navigation", { name: /^Organization pages/ })).toHaveCount(1);
    await app.settle();
    for (const role of ["button", "link", "textbox", "combobox"] as const) {
      for (const control of await app.page.getByRole(role).all()) await expect(control).toHaveAccessibleName(/\S/);
    }
  }
});

test("a page that does not exist says so", async ({ app, world }) => {
  await app.open(world.alpha.path("nothing"));
  await expect(app.heading).toHaveText(/There is nothing here/);
});
