import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { required } from "./command.ts";

/**
 * A provider for the assistant that answers by a script: words in brackets in the question say what it does. They are listed
 * in `crates/assistant/src/scripted.rs`.
 */
export class Provider {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly dir: string,
  ) {}

  static async start(): Promise<Provider> {
    const dir = await mkdtemp(join(tmpdir(), "bulkhead-provider-"));
    const child = spawn(required("BULKHEAD_PROVIDER_BIN"), ["--listen", "127.0.0.1:0", "--log", join(dir, "asked")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    process.on("exit", () => child.kill("SIGKILL"));
    const url = await new Promise<string>((resolve, reject) => {
      let printed = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        const found = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(printed);
        if (found && printed.includes("\n")) resolve(found[0]);
      });
      child.on("exit", (code) => reject(new Error(`the provider ended with ${code}: ${printed}`)));
    });
    return new Provider(url, child, dir);
  }

  /** The settings of a server that asks it. */
  get env(): Record<string, string> {
    return { BULKHEAD_ASSISTANT_URL: this.url, BULKHEAD_ASSISTANT_MODEL: "scripted", BULKHEAD_ASSISTANT_ALLOW_PRIVATE: "true" };
  }

  /** Everything that was sent to it so far. */
  asked(): Promise<string> {
    return readFile(join(this.dir, "asked"), "utf8").catch(() => "");
  }

  async stop(): Promise<void> {
    this.child.removeAllListeners("exit");
    this.child.kill("SIGKILL");
    await rm(this.dir, { recursive: true, force: true });
  }
}
