import { spawn } from "node:child_process";

/**
 * Runs a program to its end and returns what it printed.
 *
 * @param input is written to its standard input, where secrets belong.
 * @throws with what it said, when it ends with another code than 0.
 */
export function run(program: string, args: string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...options.env }, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`));
    });
    // A program that ends without reading breaks the pipe; its exit code says the rest.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** The value of an environment variable that `cargo xtask test` sets. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Run the suite with: cargo xtask test --only e2e`);
  return value;
}
