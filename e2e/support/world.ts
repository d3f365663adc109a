import { randomBytes, randomUUID } from "node:crypto";

import { type OrgAnswer, Person, Session } from "./api.ts";
import type { Mark } from "./scanner.ts";
import type { Server } from "./server.ts";

/** What to report of a machine beside what every machine of an organization has. */
export interface HostReport {
  id: string;
  name: string;
  cpuPercent?: number;
}

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
      body: JSON.stringify({ sent_at: now, host: this.identity(host), reports: [this.measures(host, now)] }),
    });
    const text = await answer.text();
    if (!answer.ok || (JSON.parse(text) as { accepted: number }).accepted !== 1) {
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

  private measures(host: HostReport, now: number): Record<string, unknown> {
    const counter = Math.floor(now / 1000) % 1_000_000_000;
    return {
      taken_at: now,
      uptime_s: 3600,
      cpu_percent: host.cpuPercent ?? 20,
      load: [0.5, 0.4, 0.3],
      mem_total_bytes: 8 * 1024 ** 3,
      mem_used_bytes: 2 * 1024 ** 3,
      swap_total_bytes: 1024 ** 3,
      swap_used_bytes: 0,
      filesystems: [
        { mount: `/srv/${this.canary}-mount`, device: `/dev/${this.canary}`, kind: "ext4", total_bytes: 1e11, used_bytes: 4e10 },
      ],
      disks: [{ name: `${this.canary}-disk`, read_bytes: counter * 10, written_bytes: counter * 20 }],
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
      await org.report(sharedHost);
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
