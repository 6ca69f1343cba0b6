/**
 * A client's connection to the control socket of a running node.
 * @module
 */
import { connect, type Socket } from "node:net";
import * as v from "valibot";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { firstFrameMs, maxControlReply } from "../../limits.ts";
import { send, valuesOf } from "./lines.ts";
import { type ControlReply, controlVersion, errorOf, replyShape } from "./replies.ts";
import type { ControlRequest } from "./requests.ts";
import { isCode } from "../../platform/system_errors.ts";
import { asAddress, isOwnSocket, socketPath } from "./socket_path.ts";

/** The takers of what comes before a result. */
export interface ReplyTakers {
  progress(line: string): void;
  note(lines: string): void;
  /** @param event The event and its lines, as the node has sent them. */
  event(event: unknown): void;
}

/** A connection to a running node, for one request. */
export class ControlConnection implements Disposable {
  /** The node's peer id. */
  readonly peer: PeerId;
  readonly #socket: Socket;
  readonly #replies: AsyncGenerator<ControlReply, void>;

  private constructor(peer: PeerId, socket: Socket, replies: AsyncGenerator<ControlReply, void>) {
    this.peer = peer;
    this.#socket = socket;
    this.#replies = replies;
  }

  /**
   * Connects to the node that uses the store at `store`; null if none serves a socket there.
   *
   * @throws {InputError} `control`, if the socket is not its owner's alone, or this user may not connect to it; `node`, if
   * the node does not answer, has too many clients, or speaks another version.
   */
  static async open(store: string): Promise<ControlConnection | null> {
    const path = await socketPath(store);
    if (!await isOwnSocket(path, store)) return null;
    const socket = await connected(path);
    if (socket === null) return null;
    const late = setTimeout(() => socket.destroy(), firstFrameMs);
    const replies = repliesFrom(socket);
    try {
      const { value } = await replies.next();
      if (value !== undefined && "fault" in value) throw errorOf(value.fault);
      if (value === undefined || !("quorate" in value)) throw unanswered(path);
      const { control, peer } = value.quorate;
      if (control !== controlVersion) {
        throw new InputError(
          "node",
          `expected one with control ${controlVersion}, found ${control}: update one of the two`,
        );
      }
      return new ControlConnection(peer, socket, replies);
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * Makes the request, and resolves with its result. The signal hangs up, which cancels what the request began.
   *
   * @throws {InputError} @throws {ExplainedFailure} @throws {StoreError} As the node says. The signal's reason, if it
   * has aborted already: then nothing is sent.
   */
  async request(request: ControlRequest, takers: ReplyTakers, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const end = () => this.#socket.destroy();
    signal.addEventListener("abort", end, { once: true });
    try {
      await send(this.#socket, request);
      for await (const reply of this.#replies) {
        if ("result" in reply) return reply.result;
        if ("fault" in reply) throw errorOf(reply.fault);
        if ("progress" in reply) takers.progress(reply.progress);
        else if ("note" in reply) takers.note(reply.note);
        else if ("event" in reply) takers.event(reply.event);
      }
    } finally {
      signal.removeEventListener("abort", end);
    }
    signal.throwIfAborted();
    throw new Error("The node ended before it had an answer");
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

const unanswered = (path: string) =>
  new InputError("node", `expected an answer of the node that listens at ${path}, found none`);

/** Frames, each of a known shape. */
async function* repliesFrom(socket: Socket): AsyncGenerator<ControlReply, void> {
  try {
    for await (const value of valuesOf(socket, maxControlReply)) {
      const read = v.safeParse(replyShape, value);
      if (!read.success) throw new InputError("node", "expected a reply of a node, found something else");
      yield read.output;
    }
  } catch (error) {
    if (!isCode(error, ...hungUp)) throw error;
  }
}

/** The errors of a connection that has ended. */
const hungUp = ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"];

/**
 * A connection to a socket; null if nobody listens there any more.
 *
 * @throws {InputError} `control`, if this user may not connect.
 */
async function connected(path: string): Promise<Socket | null> {
  const socket = connect(asAddress(path));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return socket;
  } catch (cause) {
    socket.destroy();
    if (isCode(cause, "ENOENT", "ECONNREFUSED")) return null;
    if (!isCode(cause, "EACCES", "EPERM")) throw cause;
    throw new InputError("control", `expected a socket of this user, found one of another at ${path}`, {
      cause,
    });
  }
}

/** True if somebody listens at a socket. */
export async function isAnswered(path: string): Promise<boolean> {
  const socket = await connected(path);
  socket?.destroy();
  return socket !== null;
}
