import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { required, run } from "./command.ts";
import { type PostgresDatabase, createDatabase } from "./postgres.ts";

export type Database = "sqlite" | "postgres";

export interface ServerOptions {
  /** Settings, such as `BULKHEAD_MULTI_TENANT`. */
  env?: Record<string, string>;
  /** Further arguments of `bulkhead serve`. */
  args?: string[];
  /** The folder of the app; the one that is released if absent. */
  webRoot?: string;
}

/** Most characters of a server's log that are kept. */
const LOG_CHARS = 100_000;

/** Servers of this process that still run. */
const running = new Set<ChildProcess>();
// A worker that is ended from outside leaves no server behind.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A real `bulkhead serve` with a data folder, and on PostgreSQL a database, of its own. */
export class Server {
  /** What the running server has printed so far. */
  log = "";
  private child: ChildProcess | undefined;

  private constructor(
    private readonly dir: string,
    private readonly port: number,
    private readonly postgres: PostgresDatabase | undefined,
    private readonly options: ServerOptions,
  ) {}

  /** Starts a server and waits until it is ready. */
  static async start(database: Database, options: ServerOptions = {}): Promise<Server> {
    const dir = await mkdtemp(join(tmpdir(), "bulkhead-e2e-"));
    const postgres = database === "postgres" ? await createDatabase() : undefined;
    const server = new Server(dir, await freePort(), postgres, options);
    try {
      await server.spawn(options.env ?? {});
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Where it listens. Stays the same when it is restarted. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Stops it and starts it with other settings on the same data. */
  async restart(env: Record<string, string> = {}): Promise<void> {
    await this.end();
    await this.spawn({ ...this.options.env, ...env });
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.end();
    await this.postgres?.drop();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Runs a subcommand on the server's data, as an operator would type it, and returns what it prints. */
  async command(words: string[], input?: string): Promise<string> {
    const printed = await run(required("BULKHEAD_BIN"), [...words, ...this.storage()], input === undefined ? {} : { input });
    return printed.trim();
  }

  /** The arguments that say where the data is. */
  private storage(): string[] {
    const database = this.postgres
      ? ["--database-url", this.postgres.appUrl, "--database-owner-url", this.postgres.ownerUrl]
      : [];
    return ["--data", join(this.dir, "data"), ...database];
  }

  private async spawn(env: Record<string, string>): Promise<void> {
    const webRoot = this.options.webRoot ?? required("BULKHEAD_WEB_ROOT");
    const args = ["serve", ...this.storage(), "--listen", `127.0.0.1:${this.port}`, "--web-root", webRoot];
    const child = spawn(required("BULKHEAD_BIN"), [...args, ...(this.options.args ?? [])], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    this.log = "";
    running.add(child);
    child.on("exit", () => running.delete(child));
    // The end of it: a server that goes mad must not take its tests with it.
    const note = (text: string): string => (this.log = (this.log + text).slice(-LOG_CHARS));
    child.stdout?.setEncoding("utf8").on("data", note);
    child.stderr?.setEncoding("utf8").on("data", note);
    await this.ready(child);
  }

  private async ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${this.log}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      if (Date.now() > deadline) throw new Error(`the server is not ready after 30 s:\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  private async end(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    // Open sockets are no reason to live on for long.
    const impatience = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await gone;
    clearTimeout(impatience);
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  listener.close();
  await once(listener, "close");
  if (address === null || typeof address === "string") throw new Error("no free port on the loopback address");
  return address.port;
}
