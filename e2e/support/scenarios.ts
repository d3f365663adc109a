import { randomUUID } from "node:crypto";

import { expect } from "@playwright/test";

import type { App } from "./app.ts";
import type { Held, HeldLive } from "./held.ts";
import { type Wire, asks } from "./wire.ts";
import { Scanner } from "./scanner.ts";
import type { World } from "./world.ts";

/** What every scenario needs. */
export interface Stage {
  app: App;
  world: World;
  wire: Wire;
}

/** To be appended to the first address of a tab; empty for both walls. */
export type Search = string;

/** Alpha, Beta and Alpha again, each with its own machines and nothing of the other. */
export async function thereAndBack({ app, world }: Stage, search: Search = ""): Promise<void> {
  const { alpha, beta } = world;
  await app.open(alpha.path() + search);
  await app.isIn(alpha);
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  await app.switchTo(beta);
  await expect(app.host(beta.ownHost.name)).toBeVisible();
  await expect(app.host(alpha.ownHost.name)).toHaveCount(0);
  await app.switchTo(alpha);
  await expect(app.host(alpha.ownHost.name)).toBeVisible();
  await expect(app.host(beta.ownHost.name)).toHaveCount(0);
  await app.settle();
  const { under } = await Scanner.seen(app.page);
  // The scanner looked at frames of both, or it would prove nothing.
  expect(under[alpha.id]).toBeGreaterThan(0);
  expect(under[beta.id]).toBeGreaterThan(0);
}

/** An answer to Alpha that the server gave before the switch and the network delivers after it. */
export async function slowAnswer(stage: Stage, search: Search = ""): Promise<Held> {
  const { app, world } = stage;
  const held = await leaveWithAnAnswerOnTheWay(stage, search);
  held.release();
  await app.settle();
  await expect(app.host(world.alpha.ownHost.name)).toHaveCount(0);
  await expect(app.host(world.beta.ownHost.name)).toBeVisible();
  await app.isIn(world.beta);
  return held;
}

/**
 * The first half of {@link slowAnswer}: Beta is on screen and the list of Alpha's machines is on its way. It is asked for when
 * the live channel was broken and is opened again, and belongs to the organization and not to a page.
 */
export async function leaveWithAnAnswerOnTheWay({ app, world, wire }: Stage, search: Search = ""): Promise<Held> {
  const { alpha, beta } = world;
  await app.open(alpha.path() + search);
  await app.isIn(alpha);
  await untilLive({ app, world, wire });
  const held = wire.hold(asks("GET", `/${alpha.id}/hosts`));
  wire.breakLive(alpha.id);
  await held.arrived();
  await app.switchTo(beta);
  await expect(app.host(beta.ownHost.name)).toBeVisible();
  return held;
}

/** Waits until a report of Alpha reaches the page: the live channel is open. */
async function untilLive({ app, world }: Stage): Promise<void> {
  const first = { id: randomUUID(), name: `${world.alpha.canary}-first` };
  await world.alpha.report(first);
  await expect(app.host(first.name)).toBeVisible();
}

/** A live frame of Alpha that the server sent before the switch and the network delivers after it. */
export async function lateLiveFrame(stage: Stage, search: Search = ""): Promise<HeldLive> {
  const { app, world } = stage;
  const held = await leaveWithALiveFrameOnTheWay(stage, search);
  held.release();
  await app.settle();
  await expect(app.host(lateHost(world))).toHaveCount(0);
  // The live channel of the new organization works, and so would have shown it.
  const fresh = { id: randomUUID(), name: `${world.beta.canary}-fresh` };
  await world.beta.report(fresh);
  await expect(app.host(fresh.name)).toBeVisible();
  return held;
}

/** The first half of {@link lateLiveFrame}: Beta is on screen and a new machine of Alpha is about to be told. */
export async function leaveWithALiveFrameOnTheWay(stage: Stage, search: Search = ""): Promise<HeldLive> {
  const { app, world, wire } = stage;
  const { alpha, beta } = world;
  await app.open(alpha.path() + search);
  await app.isIn(alpha);
  await untilLive(stage);
  const held = wire.holdLive(alpha.id);
  await alpha.report({ id: randomUUID(), name: lateHost(world) });
  await held.arrived(lateHost(world));
  await app.switchTo(beta);
  await expect(app.host(beta.ownHost.name)).toBeVisible();
  return held;
}

function lateHost(world: World): string {
  return `${world.alpha.canary}-late`;
}

/** Whether a request asks for what it takes to enter an organization. */
export function entering(org: { id: string; slug: string }): ReturnType<typeof asks> {
  return (asked) => asks("GET", `/${org.slug}/bootstrap`)(asked) || asks("GET", `/${org.id}/bootstrap`)(asked);
}
