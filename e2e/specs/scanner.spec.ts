import { expect, test } from "../support/fixtures.ts";

// Guard: none of the app. These show that the scanner, on which the others stand, sees what it has to see.

/** Each puts the other organization's canary into the page in another way. Runs in the page. */
const PLANTS: Record<string, (word: string) => void> = {
  text: (word) => document.body.append(word),
  attribute: (word) => document.body.setAttribute("title", word),
  value: (word) => {
    const field = document.createElement("input");
    document.body.append(field);
    field.value = word;
  },
  "the title of the tab": (word) => void (document.title = word),
  canvas: (word) => document.createElement("canvas").getContext("2d")?.fillText(word, 0, 0),
  "text that is there for one frame": (word) => {
    requestAnimationFrame(() => {
      const text = document.createTextNode(word);
      document.body.append(text);
      requestAnimationFrame(() => text.remove());
    });
  },
};

for (const [name, act] of Object.entries(PLANTS)) {
  test(`a planted canary is found: ${name}`, async ({ app, world, scanner }) => {
    await app.open(world.alpha.path());
    await app.isIn(world.alpha);
    await app.settle();
    expect(scanner.take()).toEqual([]);
    await app.page.evaluate(act, world.beta.canary.toUpperCase());
    await expect.poll(() => scanner.take().map((leak) => leak.found)).toContain(world.beta.canary);
    await app.page.goto("about:blank");
    scanner.take();
  });
}

test("a header that names another organization than the page is found", async ({ app, world, scanner }) => {
  await app.open(world.alpha.path());
  await app.isIn(world.alpha);
  await app.shell.evaluate((shell, id) => shell.setAttribute("data-org-id", id), world.beta.id);
  await expect.poll(() => scanner.take().map((leak) => leak.where)).toContain("header");
  await app.page.goto("about:blank");
  scanner.take();
});

test("a canary under no organization is found", async ({ app, world, scanner }) => {
  await app.open("/orgs");
  await expect(app.heading).toHaveText("All organizations");
  await app.page.evaluate((word) => document.body.append(word), world.alpha.canary);
  await expect.poll(() => scanner.take()).toMatchObject([{ under: null, found: world.alpha.canary }]);
  await app.page.goto("about:blank");
  scanner.take();
});
