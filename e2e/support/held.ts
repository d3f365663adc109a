import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

import { expect } from "@playwright/test";

import type { Match } from "./wire.ts";

/** Requests or answers that the wire keeps until the test says so. */
export class Held {
  /** Whether matching requests that come now are kept. */
  takesMore = true;
  /** How many are kept, or were. */
  count = 0;
  /** How many of these the browser still waited for when they were released. */
  delivered = 0;
  private isReleased = false;
  private readonly waiting: (() => void)[] = [];

  constructor(
    readonly match: Match,
    readonly stage: "answer" | "request",
  ) {}

  /** Waits until something is held. Without it, a test with a rule that matches nothing would pass. */
  async arrived(count = 1): Promise<void> {
    await expect.poll(() => this.count, { message: "answers held back on the wire" }).toBeGreaterThanOrEqual(count);
  }

  /** Keeps what is kept, and nothing that comes later. */
  letOthersPass(): void {
    this.takesMore = false;
  }

  /** Lets all of it go, and what comes later too. */
  release(): void {
    this.isReleased = true;
    this.takesMore = false;
    this.waiting.splice(0).forEach((go) => go());
  }

  keepRequest(client: Socket): Promise<void> {
    this.count += 1;
    return new Promise((resolve) => this.wait(client, resolve));
  }

  /** Reads the whole answer first, so that it is the server's word of now and not of the time of the release. */
  keepAnswer(response: IncomingMessage, client: Socket, go: (body: Buffer) => void): void {
    const parts: Buffer[] = [];
    response.on("data", (part: Buffer) => parts.push(part));
    response.on("end", () => {
      this.count += 1;
      this.wait(client, () => go(Buffer.concat(parts)));
    });
  }

  private wait(client: Socket, go: () => void): void {
    const act = (): void => {
      if (!client.destroyed) this.delivered += 1;
      go();
    };
    if (this.isReleased) act();
    else this.waiting.push(act);
  }
}

/** What the wire keeps of the live channels of one organization. */
export class HeldLive {
  isReleased = false;
  /** The messages that are kept, or were. */
  readonly messages: string[] = [];
  /** How many of these were written to a browser that had not closed the channel. */
  delivered = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly path: string) {}

  /** Waits until a message with this text is held. */
  async arrived(text: string): Promise<void> {
    await expect
      .poll(() => this.messages.some((message) => message.includes(text)), { message: `a live message with ${text}` })
      .toBe(true);
  }

  release(): void {
    this.isReleased = true;
    this.waiting.splice(0).forEach((go) => go());
  }

  keep(act: () => void, text: string | undefined, isListening: () => boolean): void {
    if (text !== undefined) this.messages.push(text);
    this.waiting.push(() => {
      if (text !== undefined && isListening()) this.delivered += 1;
      act();
    });
  }
}
