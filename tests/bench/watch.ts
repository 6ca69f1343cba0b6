/**
 * What a measured node is looked at with: stamps on what its streams bring and on what it tells. Changes nothing.
 * @module
 */
import { isTerminal, type NodeEvent } from "../../src/events.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import type { Agreed, Channel, Network, RunIo, Transport, Vault } from "../../src/ports.ts";
import type { Delay, End, Sent } from "./orders.ts";

/** A failure as an honest peer saw it. */
export interface Seen {
  id: string;
  code: FailureCode;
  /** From the arrival of the cheater's last message of the protocol to the event in this node's stream, ms. */
  ms: number;
  /** When the event was there, by the wall clock, ms. */
  at: number;
}

/** Stamps every frame when its stream gives it, before it is unsealed or its signature looked at. */
export class Watch {
  readonly #lastFrame = new Map<string, number>();
  /** Arrivals by session and author. */
  readonly #arrived = new Map<string, number>();
  readonly failures: Seen[] = [];
  /** The commands that have begun here, or were asked for here, each with its end once it has come. */
  readonly commands = new Map<string, End | null>();
  readonly sent: Sent = { session: 0, all: 0 };

  /** Stands in front of a transport, and notes when each peer's last frame on a session's stream came. */
  transport(inner: Transport): Transport {
    return {
      kind: inner.kind,
      start: async (host) => this.#network(await inner.start(host)),
    };
  }

  #network(inner: Network): Network {
    const [handle, open] = [inner.handle.bind(inner), inner.open.bind(inner)];
    const watched: Pick<Network, "handle" | "open"> = {
      handle: (protocol, handler, options) =>
        handle(protocol, (channel) => handler(this.#channel(channel)), options),
      open: async (peer, protocol, options) => this.#channel(await open(peer, protocol, options)),
    };
    return Object.assign(inner, watched);
  }

  #channel(inner: Channel): Channel {
    const ofSession = inner.protocol.includes("/session/");
    const send = inner.send.bind(inner);
    inner.send = (frame) => {
      this.sent.all += frame.length;
      if (ofSession) this.sent.session += frame.length;
      return send(frame);
    };
    if (!ofSession) return inner;
    const receive = inner.receive.bind(inner);
    inner.receive = async () => {
      const frame = await receive();
      this.#lastFrame.set(inner.peer, performance.now());
      return frame;
    };
    return inner;
  }

  /** Stands in front of a vault, and knows which frame it was that has become a message. */
  vault(inner: Vault): Vault {
    const draw = inner.draw.bind(inner);
    const watched: Pick<Vault, "draw"> = {
      draw: async (task) => {
        const drawn = await draw(task);
        const run = drawn.run.bind(drawn);
        return Object.assign(drawn, {
          run: (agreed: Agreed, io: RunIo) => run(agreed, this.#io(agreed, io)),
        });
      },
    };
    return Object.assign(inner, watched);
  }

  #io({ session }: Agreed, io: RunIo): RunIo {
    return {
      ...io,
      listen: (listener) =>
        io.listen((incoming) => {
          if (incoming.type === "envelope" && !incoming.evidence) {
            // Its stream is not read further before this one is dealt with: the last frame is this one.
            const { from } = incoming.envelope;
            this.#arrived.set(`${session.toHex()} ${from}`, this.#lastFrame.get(from) ?? NaN);
          }
          listener(incoming);
        }),
    };
  }

  /** Looks at what the node tells. */
  async read(self: PeerId, events: ReadableStream<NodeEvent>): Promise<void> {
    for await (const event of events) {
      if (!("attempt" in event) || event.peer !== self || event.id === null || event.kind === "ecdh") {
        continue;
      }
      const now = performance.now();
      const at = performance.timeOrigin + now;
      if (event.type === "began") this.commands.set(event.id, null);
      if (isTerminal(event)) {
        this.commands.set(event.id, { id: event.id, code: event.type === "done" ? null : event.code, at });
      }
      if (event.type !== "failed") continue;
      const [culprit] = event.culprits;
      const ms = now - (this.#arrived.get(`${event.session} ${culprit}`) ?? NaN);
      this.failures.push({ id: event.id, code: event.code, ms, at });
    }
  }
}

/**
 * How late a timer of 10 ms fires: for so long nothing else of this thread had a chance. On a busy machine the thread
 * may just not have been given a processor; so beside it, as Linux counts it, how much of that time it worked itself.
 */
export class LoopDelay {
  #values: Delay[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  begin(): void {
    this.#values = [];
    const wait = 10;
    const look = () => {
      const due = performance.now() + wait;
      const worked = threadMs();
      this.#timer = setTimeout(() => {
        const late = Math.max(0, performance.now() - due);
        this.#values.push({ late, own: Math.min(late, threadMs() - worked) });
        look();
      }, wait);
    };
    look();
  }

  /** Every delay since `begin`. */
  end(): Delay[] {
    clearTimeout(this.#timer);
    return this.#values;
  }
}

/** Processor time of this process's first thread, ms (Linux, Documentation/scheduler/sched-stats). */
function threadMs(): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/schedstat`).split(" ")[0]) / 1e6;
  } catch {
    return NaN; // not on Linux: nothing is said of it
  }
}
