import { createHash, randomBytes, randomUUID } from "node:crypto";

import { type OrgAnswer, Person, Session } from "./api.ts";
import type { Mark } from "./scanner.ts";
import type { Server } from "./server.ts";

/** What to report of a machine beside what every machine of an organization has. */
export interface HostReport {
  id: string;
  name: string;
  cpuPercent?: number;
  /** What its disk `sda`, a name that every machine has, has moved since it was started. */
  sdaBytes?: number;
  /** How long ago it was measured. */
  agoS?: number;
  /** What runs on it, besides. */
  found?: Found;
}

/** Names of containers and guests that run on a machine. */
export interface Found {
  containers?: string[];
  guests?: string[];
}

/** A container and a guest that both organizations have under one name on the machine that both have: under one id. */
export const SHARED = { container: "shared-api", guest: "shared-vm" };

/** One of the two organizations of a world. */
export class Org {
  /** The one word that stands in all its data. */
  readonly canary: string;
  /** A machine that only this organization has. Its name holds the canary. */
  readonly ownHost: { id: string; name: string };

  constructor(
    private readonly server: Server,
    readonly answer: OrgAnswer,
    canary: string,
    private readonly agentToken: string,
    /** The machine that both organizations have under one id and one name. */
    readonly sharedHost: { id: string; name: string },
  ) {
    this.canary = canary;
    this.ownHost = { id: randomUUID(), name: `${canary}-db` };
  }

  get id(): string {
    return this.answer.id;
  }

  get slug(): string {
    return this.answer.slug;
  }

  get name(): string {
    return this.answer.name;
  }

  get mark(): Mark {
    return { orgId: this.id, name: this.name, canary: this.canary };
  }

  /** The address of one of its pages. */
  path(page = "hosts"): string {
    return `/o/${this.slug}/${page}`;
  }

  /** Reports a machine as its agent would: over HTTP, with a token of this organization. */
  async report(host: HostReport): Promise<void> {
    const now = Date.now() * 1000;
    const answer = await fetch(`${this.server.url}/api/v1/ingest/reports`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.agentToken}`, "content-type": "application/json" },
      body: JSON.stringify({
        sent_at: now,
        host: this.identity(host),
        reports: [this.measures(host, now - (host.agoS ?? 0) * 1_000_000)],
        ...(host.found ? { inventory: this.inventory(host.found, now) } : {}),
      }),
    });
    const text = await answer.text();
    const ack = answer.ok ? (JSON.parse(text) as { accepted: number; inventory_rejected?: unknown }) : undefined;
    if (ack?.accepted !== 1 || ack.inventory_rejected) {
      throw new Error(`a report of ${host.name} was answered ${answer.status}: ${text}`);
    }
  }

  private identity(host: HostReport): Record<string, unknown> {
    return {
      id: host.id,
      name: host.name,
      os: `Linux ${this.canary}-os`,
      kernel: `${this.canary}-kernel`,
      cpu_model: `${this.canary}-cpu`,
      cpu_cores: 4,
      agent_version: `0.1.0-${this.canary}`,
    };
  }

  /** The name of the container, and of the guest, that only this organization has. */
  get ownContainer(): string {
    return `${this.canary}-worker`;
  }

  get ownGuest(): string {
    return `${this.canary}-vm`;
  }

  private inventory({ containers = [], guests = [] }: Found, now: number): Record<string, unknown> {
    const hex = (name: string): string => createHash("sha256").update(name).digest("hex");
    return {
      taken_at: now,
      containers: {
        engine: `Docker of ${this.canary}`,
        items: containers.map((name) => ({
          engine_id: hex(name),
          name,
          image: `registry/${this.canary}:1.2`,
          state: "running",
          health: "healthy",
          started_at: now - 3_600_000_000,
          cpu_percent: 12.5,
          mem_used_bytes: 1e8,
          mem_limit_bytes: 2e8,
          project: `${this.canary}-project`,
        })),
      },
      guests: {
        engine: `libvirt of ${this.canary}`,
        items: guests.map((name) => ({
          engine_id: name === SHARED.guest ? "6695eb01-f6a4-8304-79aa-97f2502e193f" : hex(name).slice(0, 32),
          name,
          kind: "vm",
          state: "running",
          vcpus: 2,
          mem_total_bytes: 2e9,
          disks: [{ target: "vda", source: `/images/${this.canary}.qcow2`, capacity_bytes: 1e10 }],
        })),
      },
    };
  }

  private measures(host: HostReport, now: number): Record<string, unknown> {
    const counter = Math.floor(now / 1000) % 1_000_000_000;
    const sda = host.sdaBytes === undefined ? [] : [{ name: "sda", read_bytes: host.sdaBytes, written_bytes: 2 * host.sdaBytes }];
    return {
      taken_at: now,
      uptime_s: 100_000 - (host.agoS ?? 0),
      cpu_percent: host.cpuPercent ?? 20,
      load: [0.5, 0.4, 0.3],
      mem_total_bytes: 8 * 1024 ** 3,
      mem_used_bytes: 2 * 1024 ** 3,
      swap_total_bytes: 1024 ** 3,
      swap_used_bytes: 0,
      filesystems: [
        { mount: `/srv/${this.canary}-mount`, device: `/dev/${this.canary}`, kind: "ext4", total_bytes: 1e11, used_bytes: 4e10 },
      ],
      disks: [{ name: `${this.canary}-disk`, read_bytes: counter * 10, written_bytes: counter * 20 }, ...sda],
      networks: [{ name: "eth0", received_bytes: counter * 30, sent_bytes: counter * 40 }],
      temperatures: [{ label: `${this.canary}-sensor`, celsius: 41 }],
    };
  }
}

/**
 * Two organizations of one person, Alpha and Beta. Both watch a machine with the same id and the same name, and every text in
 * either holds a canary of its own, names of organizations apart: those may stand in the switcher.
 */
export class World {
  private constructor(
    readonly server: Server,
    /** Owns both. */
    readonly both: Person,
    /** An editor of Alpha and nothing else. */
    readonly alphaOnly: Person,
    /** An admin of Beta and nothing else. */
    readonly betaOnly: Person,
    readonly alpha: Org,
    readonly beta: Org,
    private readonly tag: string,
  ) {}

  static async create(server: Server): Promise<World> {
    const tag = randomBytes(4).toString("hex");
    const [a, b] = [`canary-a-${tag}`, `canary-b-${tag}`];
    const [both, alphaOnly, betaOnly] = await Promise.all([
      Person.create(server, `Robin ${tag}`, `robin-${tag}@example.org`),
      Person.create(server, `Member ${a}`, `member-${a}@example.org`),
      Person.create(server, `Member ${b}`, `member-${b}@example.org`),
    ]);
    const session = await both.session();
    const sharedHost = { id: randomUUID(), name: "web-01" };
    const make = async (name: string, canary: string, member: Person, role: string): Promise<Org> => {
      const answer = await session.createOrg(`${name} ${tag}`, `${name.toLowerCase()}-${tag}`, `Everything of ${canary}`);
      await session.addMember(answer.id, member.email, role);
      const token = await session.createToken(answer.id, `Token of ${canary}`, "agent");
      const org = new Org(server, answer, canary, token, sharedHost);
      const found = {
        containers: [SHARED.container, org.ownContainer],
        guests: [SHARED.guest, org.ownGuest],
      };
      await org.report({ ...sharedHost, found });
      await org.report(org.ownHost);
      return org;
    };
    const alpha = await make("Alpha", a, alphaOnly, "editor");
    const beta = await make("Beta", b, betaOnly, "admin");
    return new World(server, both, alphaOnly, betaOnly, alpha, beta, tag);
  }

  get marks(): Mark[] {
    return [this.alpha.mark, this.beta.mark];
  }

  /** The session that made both organizations, for what happens elsewhere while a browser looks. */
  elsewhere(): Promise<Session> {
    return this.both.session();
  }

  /** Somebody who is in neither. */
  outsider(): Promise<Person> {
    return Person.create(this.server, `Outsider ${this.tag}`, `outsider-${this.tag}@example.org`);
  }

  /** One more organization of the person who has both, without canaries and without machines. */
  async third(): Promise<OrgAnswer> {
    const session = await this.both.session();
    return session.createOrg(`Gamma ${this.tag}`, `gamma-${this.tag}`, "");
  }

  async dispose(): Promise<void> {
    await Promise.all([this.both, this.alphaOnly, this.betaOnly].map((person) => person.dispose()));
  }
}
