import type { BrowserContext, Page } from "@playwright/test";

/** An organization and the word that stands in all its data and nowhere else. */
export interface Mark {
  orgId: string;
  name: string;
  canary: string;
}

/** Something of one organization that was on screen while another one, or none, was. */
export interface Leak {
  /** Frames that the page had painted by then. */
  frame: number;
  /** The organization that the page named as its own; null while it named none. */
  under: string | null;
  /** What was found: a canary, or a disagreement of the page with itself. */
  found: string;
  /** `document`, `value`, `canvas` or `header`. */
  where: string;
  /** What stood around it. */
  snippet: string;
}

/** What the scanner of one page has done. */
export interface Seen {
  frames: number;
  /** Frames under each organization, by id. */
  under: Record<string, number>;
}

const BINDING = "bulkheadLeak";

/** Watches every frame of every page of a browser context. */
export class Scanner {
  private leaks: Leak[] = [];

  private constructor() {}

  static async install(context: BrowserContext, marks: Mark[]): Promise<Scanner> {
    const scanner = new Scanner();
    // Out of the page at once, so that a reload forgets nothing.
    await context.exposeBinding(BINDING, (_source, leak: Leak) => void scanner.leaks.push(leak));
    await context.addInitScript(watch, { marks, binding: BINDING });
    return scanner;
  }

  /** What was found so far, and forgets it. For tests that expect a leak; any that is left fails the test. */
  take(): Leak[] {
    return this.leaks.splice(0);
  }

  /** What the scanner of a page has looked at since the page was loaded. */
  static seen(page: Page): Promise<Seen> {
    return page.evaluate(() => {
      const { frames, under } = (window as unknown as { bulkheadScanner: Seen }).bulkheadScanner;
      return { frames, under };
    });
  }

  /** Waits until so many more frames were painted, and so looked at. */
  static async frames(page: Page, count: number): Promise<void> {
    const before = (await Scanner.seen(page)).frames;
    await page.waitForFunction(
      (target) => (window as unknown as { bulkheadScanner: Seen }).bulkheadScanner.frames >= target,
      before + count,
    );
  }
}

/**
 * Runs in the page, before anything of the app, and looks at what is about to be painted at the end of each animation frame's
 * callbacks: all text and attributes, the values of fields, and what is written on a canvas.
 *
 * A frame under an organization must hold no canary of another, and one under no organization none at all. What a task
 * changes and changes back before a frame is nobody's business: nobody sees it.
 */
function watch({ marks, binding }: { marks: Mark[]; binding: string }): void {
  const scanner = { frames: 0, under: {} as Record<string, number> };
  (window as unknown as { bulkheadScanner: typeof scanner }).bulkheadScanner = scanner;
  const report = (window as unknown as Record<string, (leak: Leak) => void>)[binding];
  const reported = new Set<string>();
  const patterns = marks.map((mark) => ({ ...mark, pattern: new RegExp(mark.canary, "i") }));

  const tell = (leak: Omit<Leak, "frame">): void => {
    const key = JSON.stringify(leak);
    // One leak that stays for a thousand frames is one leak.
    if (reported.has(key) || reported.size > 200) return;
    reported.add(key);
    report?.({ frame: scanner.frames, ...leak });
  };

  const current = (): string | null => document.querySelector<HTMLElement>(".shell[data-org-id]")?.dataset.orgId || null;

  const search = (text: string, under: string | null, where: string): void => {
    for (const { orgId, canary, pattern } of patterns) {
      if (orgId === under) continue;
      const at = text.search(pattern);
      if (at >= 0) tell({ under, found: canary, where, snippet: text.slice(Math.max(0, at - 120), at + 80) });
    }
  };

  /** The name in the header is of the organization that the page says it is in. */
  const compareHeader = (under: string | null): void => {
    for (const button of document.querySelectorAll("header button")) {
      const label = button.getAttribute("aria-label") ?? button.textContent ?? "";
      const named = marks.find((mark) => label.includes(`Organization: ${mark.name}`));
      if (named && named.orgId !== under) tell({ under, found: named.name, where: "header", snippet: label });
    }
    if (document.querySelectorAll(".shell[data-org-id]").length > 1) {
      tell({ under, found: "two shells", where: "header", snippet: "" });
    }
  };

  let dirty = true;
  new MutationObserver(() => (dirty = true)).observe(document, {
    attributes: true,
    characterData: true,
    childList: true,
    subtree: true,
  });

  const look = (): void => {
    scanner.frames += 1;
    const under = current();
    scanner.under[under ?? "none"] = (scanner.under[under ?? "none"] ?? 0) + 1;
    if (dirty) {
      dirty = false;
      compareHeader(under);
      search(document.documentElement?.outerHTML ?? "", under, "document");
    }
    // A value that was typed or set is in no attribute and tells no observer.
    for (const field of document.querySelectorAll<HTMLInputElement>("input, textarea, select")) search(field.value, under, "value");
  };

  const request = window.requestAnimationFrame.bind(window);
  let pending = 0;
  let inCallbacks = false;
  const last = (): void => {
    try {
      look();
    } finally {
      inCallbacks = false;
      pending = request(last);
    }
  };
  pending = request(last);
  // Ours has to be the last callback of a frame, or it would not see what a later one changes before the frame is painted.
  window.requestAnimationFrame = (callback) => {
    const handle = request((time) => {
      inCallbacks = true;
      callback(time);
    });
    if (!inCallbacks) {
      window.cancelAnimationFrame(pending);
      pending = request(last);
    }
    return handle;
  };

  // What is drawn is in no document. It is checked when it is drawn, against the organization of that moment.
  const canvas = CanvasRenderingContext2D.prototype;
  for (const name of ["fillText", "strokeText"] as const) {
    const draw = canvas[name];
    canvas[name] = function (this: CanvasRenderingContext2D, text: string, ...rest: [number, number, number?]) {
      search(text, current(), "canvas");
      return draw.call(this, text, ...rest);
    };
  }
}
