import { hostname } from "node:os";

import { PASSWORD } from "../support/api.ts";
import { App } from "../support/app.ts";
import { expect, serverTest as test } from "../support/fixtures.ts";
import type { Server } from "../support/server.ts";

/** The link that a server without accounts prints. */
async function setupLink(server: Server): Promise<string> {
  const link = /\/setup\?code=[\w-]+/;
  await expect.poll(() => link.test(server.log), { message: server.log }).toBe(true);
  return server.url + (link.exec(server.log)?.[0] ?? "");
}

async function fillIn(app: App, name: string): Promise<void> {
  await app.page.getByLabel("Your name").fill(name);
  await app.page.getByLabel("Email").fill("first@example.org");
  await app.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await app.page.getByLabel("Organization name").fill("First");
  await app.page.getByRole("button", { name: "Create account" }).click();
}

test.describe("a new server", () => {
  test.use({ ownServer: {} });

  // Guard: the set-up code is compared (`store`: setup_needed and put_setup_code) and burnt with the first account.
  test("the printed link makes the first account and organization, once", async ({ page, browser, server }) => {
    const app = new App(page);
    const link = await setupLink(server);
    await page.goto(link);
    await page.getByRole("button", { name: "Begin" }).click();
    await fillIn(app, "First Person");
    await expect(app.switcherButton).toHaveAccessibleName(/^Organization: First/);
    await expect(page).toHaveURL(/\/o\/first\/hosts$/);
    // An empty organization says how a machine is connected.
    await expect(page.getByText("bulkhead-agent").first()).toBeVisible();

    const other = new App(await browser.newPage());
    await other.page.goto(link);
    await expect(other.page).toHaveURL(/\/login/);
    await expect(other.page.getByRole("button", { name: "Sign in" })).toBeVisible();
    const again = { code: new URL(link).searchParams.get("code"), email: "second@example.org", name: "Second", password: PASSWORD, org_name: "Second" };
    const answer = await other.page.request.post(`${server.url}/api/v1/setup`, { data: again });
    expect(answer.status()).toBe(409);
    await other.page.close();
  });

  test("a wrong set-up code is refused and nothing that was typed is lost", async ({ page, server }) => {
    const app = new App(page);
    await setupLink(server);
    await page.goto(`${server.url}/setup`);
    await page.getByLabel("Set-up code").fill("AAAA-AAAA-AAAA-AAAA");
    await page.getByRole("button", { name: "Begin" }).click();
    await fillIn(app, "First Person");
    await expect(page.getByLabel("Set-up code")).toHaveAccessibleDescription(/code/);
    await page.getByRole("button", { name: "Begin" }).click();
    await expect(page.getByLabel("Your name")).toHaveValue("First Person");
    await expect(page.getByLabel("Organization name")).toHaveValue("First");
  });
});

test.describe("a new server with an agent for its machine", () => {
  test.use({ ownServer: { env: { BULKHEAD_LOCAL_AGENT: process.env.BULKHEAD_AGENT_BIN ?? "" } } });

  // Guards: `local_agent`, the agent's own reports, `POST /api/v1/ingest/reports`, the live channel.
  test("this machine appears by itself and its numbers move", async ({ page, server }) => {
    const app = new App(page);
    await page.goto(await setupLink(server));
    await page.getByRole("button", { name: "Begin" }).click();
    await fillIn(app, "First Person");
    await expect(page).toHaveURL(/\/o\/first\/hosts$/);

    const row = app.row(hostname());
    await expect(row).toBeVisible({ timeout: 30_000 });
    const numbers = async (): Promise<string> => {
      const cells = await row.getByRole("cell").allInnerTexts();
      // The last cell counts the seconds since the last report and moves without one.
      return cells.slice(0, -1).join(" ");
    };
    const before = await numbers();
    await expect.poll(numbers, { timeout: 30_000 }).not.toBe(before);
    await app.openHost(hostname());
    await expect(page.getByRole("heading", { name: "Filesystems" })).toBeVisible();
  });
});

test.describe("signing in", () => {
  // Guard: `sessions::sign_in` answers alike whether the account exists or not.
  test("a wrong password is told without saying whether the account exists", async ({ page, server }) => {
    await server.command(["user", "create", "--email", "known@example.org", "--name", "Known", "--password-file", "-"], PASSWORD);
    const texts: string[] = [];
    for (const email of ["known@example.org", "unknown@example.org"]) {
      await page.goto(`${server.url}/login`);
      await page.getByLabel("Email").fill(email);
      await page.getByLabel("Password", { exact: true }).fill("not the password");
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByText("Address and password do not go together.")).toBeVisible();
      texts.push(await page.getByRole("main").innerText());
      await expect(page.getByLabel("Email")).toHaveValue(email);
    }
    expect(texts[0]).toBe(texts[1]);
  });
});
