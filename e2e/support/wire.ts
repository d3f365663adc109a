import { once } from "node:events";
import { Agent, type IncomingMessage, type Server, type ServerResponse, createServer, request as send } from "node:http";
import { type Socket, connect } from "node:net";
import type { Duplex } from "node:stream";

import { Held, HeldLive } from "./held.ts";
import { FrameSplitter } from "./ws_frames.ts";

/** A request as a rule sees it. */
export interface Asked {
  method: string;
  /** Path with query. */
  path: string;
}

export type Match = (asked: Asked) => boolean;

/** Matches a method and the end of a path without its query. */
export function asks(method: string, suffix: string): Match {
  return (asked) => asked.method === method && (asked.path.split("?")[0] ?? "").endsWith(suffix);
}

/**
 * Stands between browser and server and lets a test decide when something arrives. It makes up nothing: every byte is the
 * server's own.
 */
export class Wire {
  /** Everything that was asked so far. */
  readonly asked: Asked[] = [];
  private readonly holds = new Set<Held>();
  private readonly liveHolds = new Set<HeldLive>();
  private readonly live = new Set<Live>();
  private readonly cuts = new Set<Match>();
  private readonly sockets = new Set<Socket>();
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly listener: Server,
    private readonly target: URL,
  ) {}

  static async start(target: string): Promise<Wire> {
    const listener = createServer();
    const wire = new Wire(listener, new URL(target));
    listener.on("request", (asked, answer) => void wire.pass(asked, answer));
    listener.on("upgrade", (asked, socket, head) => wire.upgrade(asked, socket, head));
    listener.on("connection", (socket) => {
      wire.sockets.add(socket);
      socket.on("close", () => wire.sockets.delete(socket));
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    return wire;
  }

  /** What the browser opens instead of the server. */
  get url(): string {
    const address = this.listener.address();
    if (address === null || typeof address === "string") throw new Error("the wire does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /**
   * Lets matching requests through and keeps the server's whole answers until they are released. With `request`, the request
   * itself is kept, so that the server has not seen it.
   */
  hold(match: Match, stage: "answer" | "request" = "answer"): Held {
    const held = new Held(match, stage);
    this.holds.add(held);
    return held;
  }

  /** Keeps what the server sends on the live channels of an organization, those that are open and those to come. */
  holdLive(orgId: string): HeldLive {
    const held = new HeldLive(livePath(orgId));
    this.liveHolds.add(held);
    return held;
  }

  /** Breaks the connection of each matching request before the server hears of it. Call the result to stop. */
  cut(match: Match): () => void {
    this.cuts.add(match);
    return () => void this.cuts.delete(match);
  }

  /** Breaks the live channels of an organization that are open. A browser opens them again after a while. */
  breakLive(orgId: string): void {
    this.live.forEach(({ path, client }) => path === livePath(orgId) && client.destroy());
  }

  /** How many live channels of an organization are open. */
  openChannels(orgId: string): number {
    return [...this.live].filter(({ path, client }) => path === livePath(orgId) && !client.destroyed).length;
  }

  async close(): Promise<void> {
    this.listener.close();
    this.sockets.forEach((socket) => socket.destroy());
    this.agent.destroy();
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/" } = asked;
    this.asked.push({ method, path });
    if ([...this.cuts].some((cut) => cut({ method, path }))) {
      asked.socket.destroy();
      return;
    }
    const held = [...this.holds].find((hold) => hold.takesMore && hold.match({ method, path }));
    if (held?.stage === "request") await held.keepRequest(asked.socket);

    const { hostname, port } = this.target;
    const forward = send({ hostname, port, method, path, headers: asked.headers, agent: this.agent });
    asked.pipe(forward);
    // Whoever hung up waits for no answer, and the server is told, as it would be without a wire in between.
    answer.on("close", () => forward.destroy());
    forward.on("error", () => asked.socket.destroy());
    forward.on("response", (response) => {
      const head = (): ServerResponse => answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
      if (held?.stage === "answer") {
        held.keepAnswer(response, asked.socket, (body) => head().end(body));
      } else {
        response.pipe(head());
      }
    });
  }

  private upgrade(asked: IncomingMessage, client: Duplex, head: Buffer): void {
    const path = asked.url ?? "/";
    this.asked.push({ method: "GET", path });
    if ([...this.cuts].some((cut) => cut({ method: "GET", path }))) {
      client.destroy();
      return;
    }
    const server = connect(Number(this.target.port), this.target.hostname);
    const live: Live = { path, client, isClosing: false };
    this.live.add(live);
    const lines = [`GET ${path} HTTP/1.1`];
    for (let at = 0; at + 1 < asked.rawHeaders.length; at += 2) lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`);
    server.write(`${lines.join("\r\n")}\r\n\r\n`);
    server.write(head);

    const said = new FrameSplitter();
    client.on("data", (bytes: Buffer) => {
      if (said.push(bytes).some((frame) => frame.isClose)) live.isClosing = true;
    });
    client.pipe(server);
    const close = (): void => {
      this.live.delete(live);
      client.destroy();
      server.destroy();
    };
    client.on("error", close).on("close", close);
    server.on("error", close);
    server.on("close", () => this.inOrder(live, () => client.end()));

    const answered = new FrameSplitter();
    let handshake: Buffer | undefined = Buffer.alloc(0);
    server.on("data", (bytes: Buffer) => {
      let frames = bytes;
      if (handshake) {
        handshake = Buffer.concat([handshake, bytes]);
        const end = handshake.indexOf("\r\n\r\n");
        if (end < 0) return;
        client.write(handshake.subarray(0, end + 4));
        frames = handshake.subarray(end + 4);
        handshake = undefined;
      }
      for (const frame of answered.push(frames)) this.inOrder(live, () => client.write(frame.bytes), frame.text);
    });
  }

  /** Does it now, or when the channel is released. */
  private inOrder(live: Live, act: () => void, text?: string): void {
    const held = [...this.liveHolds].find((hold) => !hold.isReleased && hold.path === live.path);
    if (held) held.keep(act, text, () => !live.isClosing && !live.client.destroyed);
    else act();
  }
}

/** A live channel that goes through here. */
interface Live {
  path: string;
  client: Duplex;
  /** The browser said that it is done; what comes now is read by nobody. */
  isClosing: boolean;
}

function livePath(orgId: string): string {
  return `/api/v1/orgs/${orgId}/live`;
}
