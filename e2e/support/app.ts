import { type Locator, type Page, expect } from "@playwright/test";

import { Scanner } from "./scanner.ts";

/** An organization as far as the header names it. */
export interface Named {
  id: string;
  slug: string;
  name: string;
}

export type PageName = "Infrastructure" | "Containers" | "Guests" | "Overview" | "Access" | "Sharing" | "Billing";

/** The console in one tab, in the words of a person who uses it. */
export class App {
  readonly shell: Locator;
  readonly heading: Locator;
  readonly switcherButton: Locator;
  readonly switcher: Locator;
  readonly filter: Locator;
  readonly toasts: Locator;
  readonly problem: Locator;
  readonly dialog: Locator;

  constructor(readonly page: Page) {
    this.shell = page.locator(".shell");
    this.heading = page.getByRole("heading", { level: 1 });
    this.switcherButton = page.getByRole("button", { name: /^Organization:/ });
    this.filter = page.getByRole("combobox", { name: /^(Find an organization|Switch to)/ });
    this.switcher = page.getByRole("dialog").filter({ has: this.filter });
    this.toasts = page.locator(".toasts");
    this.problem = page.locator(".problem");
    this.dialog = page.getByRole("dialog");
  }

  async open(path: string): Promise<void> {
    await this.page.goto(path);
  }

  /** Waits until an organization is on screen: in the page's root, in the header and in the address. */
  async isIn(org: Named): Promise<void> {
    await expect(this.shell).toHaveAttribute("data-org-id", org.id);
    await expect(this.switcherButton).toHaveAccessibleName(new RegExp(`^Organization: ${org.name}`));
    await expect(this.page).toHaveURL(new RegExp(`/o/${org.slug}/`));
  }

  /** The link to a machine in its row. */
  host(name: string): Locator {
    return this.row(name).getByRole("link", { name, exact: true });
  }

  /** The row of a machine. */
  row(name: string): Locator {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("link", { name, exact: true }) });
  }

  /** Waits until the row of a machine shows so much CPU in use. */
  async showsCpu(name: string, percent: number): Promise<void> {
    await expect(this.row(name).getByRole("meter", { name: "CPU" })).toHaveAttribute("aria-valuenow", String(percent));
  }

  /** The link to some machine of the list. */
  firstHost(): Locator {
    return this.page.getByRole("row").getByRole("link").first();
  }

  /** A limit of the plan in the table of what is used, under Billing. */
  limit(count: number): Locator {
    return this.page.getByRole("table", { name: "Usage" }).getByRole("cell", { name: String(count), exact: true });
  }

  option(org: Named): Locator {
    return this.page.getByRole("option", { name: new RegExp(`^${org.name}`) });
  }

  /** A message at the edge of the page. */
  toast(text: string | RegExp): Locator {
    return this.toasts.locator(".toast").filter({ hasText: text });
  }

  async openSwitcher(): Promise<void> {
    await this.switcherButton.click();
    await expect(this.filter).toBeFocused();
  }

  /** Chooses with the mouse. Does not wait for the server's word. */
  async choose(org: Named): Promise<void> {
    await this.openSwitcher();
    await this.option(org).click();
  }

  /** Chooses without a mouse. Does not wait for the server's word. */
  async chooseByKeyboard(org: Named): Promise<void> {
    await this.page.keyboard.press("ControlOrMeta+k");
    await expect(this.filter).toBeFocused();
    await this.page.keyboard.type(org.name);
    await expect(this.page.getByRole("option")).toHaveCount(1);
    await this.page.keyboard.press("Enter");
  }

  async switchTo(org: Named): Promise<void> {
    await this.choose(org);
    await this.isIn(org);
  }

  /** Opens a page of the organization by its link. */
  async visit(page: PageName): Promise<void> {
    // On a phone the bar at the bottom has fewer letters to spend, and the organization's own pages are behind *More*.
    const name = page === "Infrastructure" ? /^(Infrastructure|Hosts)/ : page;
    const navigation = this.page.getByRole("navigation", { name: /^Organization pages/ });
    const more = navigation.getByRole("button", { name: "More pages" });
    const isHidden = ["Overview", "Access", "Sharing", "Billing"].includes(page) && (await more.isVisible());
    if (isHidden) await more.click();
    await navigation.getByRole(isHidden ? "menuitem" : "link", { name }).click();
    await expect(this.page).toHaveURL(new RegExp(page === "Infrastructure" ? "/hosts$" : `/${page.toLowerCase()}$`));
  }

  /** Opens a machine's page by the link in its row. */
  async openHost(name: string): Promise<void> {
    await this.host(name).click();
    await expect(this.heading).toContainText(name);
  }

  /** Lets some frames be painted and looked at: whatever came late had time to show. */
  async settle(): Promise<void> {
    await Scanner.frames(this.page, 20);
  }
}
