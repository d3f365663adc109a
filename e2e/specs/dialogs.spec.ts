import { expect, test } from "../support/fixtures.ts";

// Guards: what is typed in a dialog is meant for it (`shell::frame::shortcuts`), and Enter does what the dialog is for (`ui::dialog`).

test("a key that is pressed in a dialog stays in it: no switcher opens behind, and nothing is done by accident", async ({ app, world, wire }) => {
  const { alpha } = world;
  await app.open(alpha.path(`hosts/${alpha.ownHost.id}`));
  await app.isIn(alpha);
  await app.page.getByRole("button", { name: "Remove host" }).click();
  await expect(app.dialog).toBeVisible();
  await app.page.keyboard.press("ControlOrMeta+k");
  await app.page.keyboard.press("Alt+1");
  await app.settle();
  await expect(app.switcher).toBeHidden();
  await expect(app.dialog).toBeVisible();
  await app.page.keyboard.press("Escape");
  await expect(app.dialog).toBeHidden();
  expect(wire.asked.filter(({ method }) => method === "DELETE")).toEqual([]);
  await app.page.keyboard.press("ControlOrMeta+k");
  await expect(app.switcher).toBeVisible();
});

test("Enter in a line of a dialog does what the dialog is for", async ({ app, world }) => {
  const { alpha } = world;
  await app.open(alpha.path("access"));
  await app.isIn(alpha);
  await app.page.getByRole("button", { name: "New token" }).click();
  await app.dialog.getByLabel(/name/i).fill(`Token of ${alpha.canary} by Enter`);
  await app.page.keyboard.press("Enter");
  await expect(app.dialog.getByText(/bh_agt_[A-Za-z0-9_-]{20,}/)).toBeVisible();
});
