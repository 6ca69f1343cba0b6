/**
 * The control socket of a running node. Whoever owns the node's files may connect, and nobody else.
 *
 * A connection carries one request. The node greets, reads one line of JSON, sends progress, notes and events, then one
 * result or fault, and hangs up. A client that hangs up first has gone: a session that its request began is cancelled.
 * @module
 */
import { chmod, mkdtemp, rename, rm, stat, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { InputError, StoreError } from "../../errors.ts";
import { ifThere } from "../../platform/system_errors.ts";
import type { QuorateNode } from "../../node/api.ts";
import { firstFrameMs, maxControlClients, maxControlRequest } from "../../limits.ts";
import { isAnswered } from "./connection.ts";
import type { ControlApprover } from "./control_approver.ts";
import { send, valuesOf } from "./lines.ts";
import { perform } from "./perform.ts";
import { type ControlReply, controlVersion, faultOf } from "./replies.ts";
import { readRequest } from "./requests.ts";
import { asAddress, checkMode, isOwnSocket, socketPath } from "./socket_path.ts";

/** The time in which clients take what is left for them when the node has stopped, ms. */
const lastReplyMs = 1_000;

/** Everything that a control socket needs. */
export interface ControlOptions {
  node: QuorateNode;
  /** The questions that a person answers over the socket; default: nobody is asked. */
  approver?: ControlApprover;
  /** The path of the node's store, beside which the socket is. */
  store: string;
  /** Takes an error that no client is told of, with the method of the request. */
  failed(method: string | null, error: unknown): void;
  /** The time in which a client must have sent its request, ms; default: that of a stream's first frame. */
  requestMs?: number;
}

/** A control socket that is served. */
export class ControlServer {
  readonly #options: ControlOptions;
  readonly #started = Date.now();
  readonly #server: Server;
  readonly #open = new Map<Socket, Promise<void>>();
  /** The place of the socket, and its number there. */
  #place: { path: string; ino: number } | null = null;

  private constructor(options: ControlOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      const served = this.#serve(socket).finally(() => this.#open.delete(socket));
      this.#open.set(socket, served);
    });
  }

  /**
   * Serves a node. The socket of a dead node is replaced.
   *
   * @throws {InputError} `store`, if its path is too long for a socket, or another node answers there; `control`, if
   * something else is there, or the file system keeps nobody out.
   */
  static async start(options: ControlOptions): Promise<ControlServer> {
    const control = new ControlServer(options);
    const path = await socketPath(options.store);
    if (await isOwnSocket(path, options.store) && await isAnswered(path)) {
      throw new InputError("store", `expected a stopped node's, found one that answers at ${path}`, {
        code: "in-use",
      });
    }
    await control.#listen(path);
    return control;
  }

  /** Makes the socket where nobody else can reach it yet, and moves it into its place when its mode is right. */
  async #listen(path: string): Promise<void> {
    asAddress(path);
    const folder = await mkdtemp(join(dirname(path), ".sock-"));
    const made = join(folder, "s");
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject);
        this.#server.listen(asAddress(made), () => resolve());
      });
      await chmod(made, 0o600);
      const { mode, ino } = await stat(made);
      checkMode({ mode }, path);
      await rename(made, path);
      this.#place = { path, ino };
    } catch (error) {
      this.#server.close();
      throw error;
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  async #serve(socket: Socket): Promise<void> {
    const gone = new AbortController();
    socket.on("close", () => gone.abort());
    socket.on("error", () => gone.abort()); // a client that broke its connection has gone, as one that closed it
    const { node, approver = null, failed } = this.#options;
    const reply = (value: ControlReply) => send(socket, value);
    let method: string | null = null;
    try {
      if (this.#open.size >= maxControlClients) {
        throw new InputError("node", `expected at most ${maxControlClients} requests at a time, found more`);
      }
      await reply({ quorate: { control: controlVersion, peer: node.self } });
      const request = readRequest(await onlyValue(socket, this.#options.requestMs ?? firstFrameMs));
      method = request.method;
      const result = await perform(request, {
        node,
        approver,
        started: this.#started,
        signal: gone.signal,
        progress: (progress) => void reply({ progress }),
        note: (note) => void reply({ note }),
        emit: (event, lines) => reply({ event: { event, lines } }),
      });
      await reply({ result });
    } catch (error) {
      if (error === gone.signal.reason) return; // nobody is left to tell
      const fault = faultOf(error);
      if (fault.type === "internal" || error instanceof StoreError) failed(method, error);
      await reply({ fault });
    } finally {
      await ended(socket);
    }
  }

  /** Takes no more clients, and frees the place beside the store. */
  async stopListening(): Promise<void> {
    this.#server.close();
    const place = this.#place;
    if (place === null) return;
    this.#place = null;
    if ((await ifThere(stat(place.path)))?.ino === place.ino) await unlink(place.path);
  }

  /** Ends when every client has its reply. The node has stopped: no request goes on for long. */
  async close(): Promise<void> {
    await this.stopListening();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, lastReplyMs);
    await Promise.race([Promise.all(this.#open.values()), late]);
    clearTimeout(timer);
    for (const socket of this.#open.keys()) socket.destroy();
  }
}

/**
 * The one value that a client sends. Whatever comes after it ends the connection.
 *
 * @throws {InputError} `request`, if it does not come in time, or is too long, or no JSON.
 */
async function onlyValue(socket: Socket, ms: number): Promise<unknown> {
  const values = valuesOf(socket, maxControlRequest);
  const late = setTimeout(() => socket.destroy(), ms);
  try {
    const { value, done } = await values.next();
    if (done) throw new InputError("request", "expected a line of JSON, found none");
    void values.next().then(() => socket.destroy(), () => socket.destroy());
    return value;
  } finally {
    clearTimeout(late);
  }
}

/** Hangs up once everything is sent, and resolves when the connection is gone. */
function ended(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.end(() => socket.destroy());
  });
}
