import { type APIRequestContext, type APIResponse, request } from "@playwright/test";

import type { Server } from "./server.ts";

/** The password of everybody. */
export const PASSWORD = "correct horse battery staple";

/** What a browser needs to be somebody: the cookies of a session. */
export type BrowserState = Awaited<ReturnType<APIRequestContext["storageState"]>>;

export interface OrgAnswer {
  id: string;
  slug: string;
  name: string;
}

/** One sign-in of one person, from a program instead of a browser. */
export class Session {
  private constructor(private readonly http: APIRequestContext) {}

  static async signIn(url: string, email: string): Promise<Session> {
    const http = await request.newContext({ baseURL: url });
    const session = new Session(http);
    // The server slows down whoever signs in too often, and a suite does.
    for (;;) {
      const answer = await http.post("/api/v1/sessions", { data: { email, password: PASSWORD } });
      if (answer.status() !== 429) {
        await expectStatus(answer);
        return session;
      }
      const seconds = Number(answer.headers()["retry-after"] ?? 1);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }

  /** Asks and returns the body. Anything but a success throws with what the server said. */
  async ask<T = unknown>(method: string, path: string, data?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const answer = await this.http.fetch(path, { method, headers, ...(data === undefined ? {} : { data }) });
    await expectStatus(answer);
    const text = await answer.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  createOrg(name: string, slug: string, description: string): Promise<OrgAnswer> {
    return this.ask("POST", "/api/v1/orgs", { name, slug, description });
  }

  patchOrg(id: string, patch: Record<string, string>): Promise<OrgAnswer> {
    return this.ask("PATCH", `/api/v1/orgs/${id}`, patch, { "if-match": "*" });
  }

  async deleteOrg(org: OrgAnswer): Promise<void> {
    await this.ask("DELETE", `/api/v1/orgs/${org.id}?confirm=${org.slug}`);
  }

  async addMember(orgId: string, email: string, role: string): Promise<string> {
    const member = await this.ask<{ user_id: string }>("POST", `/api/v1/orgs/${orgId}/members`, { email, role });
    return member.user_id;
  }

  async removeMember(orgId: string, userId: string): Promise<void> {
    await this.ask("DELETE", `/api/v1/orgs/${orgId}/members/${userId}`);
  }

  async setRole(orgId: string, userId: string, role: string): Promise<void> {
    await this.ask("PATCH", `/api/v1/orgs/${orgId}/members/${userId}`, { role });
  }

  async createToken(orgId: string, name: string, kind: "agent" | "api"): Promise<string> {
    const created = await this.ask<{ secret: string }>("POST", `/api/v1/orgs/${orgId}/tokens`, { name, kind });
    return created.secret;
  }

  async userId(): Promise<string> {
    const me = await this.ask<{ account: { id: string } }>("GET", "/api/v1/me");
    return me.account.id;
  }

  /** Ends it, and with it every browser that was given its cookies. */
  async signOut(): Promise<void> {
    await this.ask("DELETE", "/api/v1/sessions/current");
  }

  browserState(): Promise<BrowserState> {
    return this.http.storageState();
  }

  dispose(): Promise<void> {
    return this.http.dispose();
  }
}

/** Somebody with an account on a server. */
export class Person {
  private readonly sessions: Session[] = [];

  private constructor(
    readonly server: Server,
    readonly name: string,
    readonly email: string,
  ) {}

  static async create(server: Server, name: string, email: string): Promise<Person> {
    await server.command(["user", "create", "--email", email, "--name", name, "--password-file", "-"], PASSWORD);
    return new Person(server, name, email);
  }

  /** A new sign-in. */
  async signIn(): Promise<Session> {
    const session = await Session.signIn(this.server.url, this.email);
    this.sessions.push(session);
    return session;
  }

  /** The first sign-in, which most of a test can share. */
  async session(): Promise<Session> {
    return this.sessions[0] ?? this.signIn();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.dispose()));
  }
}

async function expectStatus(answer: APIResponse): Promise<void> {
  if (!answer.ok()) throw new Error(`${answer.url()} answered ${answer.status()}: ${await answer.text()}`);
}
