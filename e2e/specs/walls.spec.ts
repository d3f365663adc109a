import { expect, test } from "../support/fixtures.ts";
import { lateLiveFrame, leaveWithALiveFrameOnTheWay, leaveWithAnAnswerOnTheWay, slowAnswer, thereAndBack } from "../support/scenarios.ts";

// The promise of two walls: each holds with the other one off, and with both off it does not hold. The app is built with the
// feature `test-walls` for this, which reads from the address what is off. A released app does not know the words.

const webRoot = process.env.BULKHEAD_WEB_ROOT_WALLS ?? "";
const WALLS = ["ownership", "identity"] as const;

test.describe("with an app whose walls can be switched off", () => {
  test.skip(webRoot === "", "BULKHEAD_WEB_ROOT_WALLS is not set: there is no app that was built with the feature test-walls");
  test.use({ ownServer: { webRoot } });

  for (const off of WALLS) {
    const search = `?walls-off=${off}`;
    test.describe(`${off} off`, () => {
      test("Alpha, Beta, Alpha", async ({ app, world, wire }) => {
        await thereAndBack({ app, world, wire }, search);
      });

      test("a slow answer", async ({ app, world, wire }) => {
        const held = await slowAnswer({ app, world, wire }, search);
        // Without ownership nobody hangs up: the answer arrived and identity alone kept it away.
        if (off === "ownership") expect(held.delivered).toBeGreaterThan(0);
      });

      test("a late live frame", async ({ app, world, wire }) => {
        const held = await lateLiveFrame({ app, world, wire }, search);
        if (off === "ownership") expect(held.delivered).toBeGreaterThan(0);
      });
    });
  }

  const BOTH = `?walls-off=${WALLS.join()}`;
  const SLIPS = {
    "a slow answer": leaveWithAnAnswerOnTheWay,
    "a late live frame": leaveWithALiveFrameOnTheWay,
  };
  for (const [what, leave] of Object.entries(SLIPS)) {
    test(`with both off ${what} of Alpha is shown in Beta, and the scanner sees it`, async ({ app, world, wire, scanner }) => {
      const held = await leave({ app, world, wire }, BOTH);
      scanner.take();
      held.release();
      await expect
        .poll(() => scanner.take(), { message: "a leak" })
        .toContainEqual(expect.objectContaining({ under: world.beta.id, found: world.alpha.canary }));
      await app.page.goto("about:blank");
      scanner.take();
    });
  }
});

test("the app that is released has no such switch", async ({ app, world, wire }) => {
  const held = await lateLiveFrame({ app, world, wire }, `?walls-off=${WALLS.join()}`);
  // The channel was closed with its owner: nobody listened any more.
  expect(held.delivered).toBe(0);
});
