/**
 * The points of a request at which a client is killed, by name: each is a frame that it sends or is sent, or the writing
 * of the signature.
 * @module
 */
import { readEvents } from "../../src/cluster/links/gossip.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { SessionEvent } from "../../src/events.ts";
import type { Channel, Identity } from "../../src/ports.ts";
import { boundChannel } from "./watched_streams.ts";

/** The points of an ECDSA signature, in the order in which a client comes to them. */
export const clientPoints = [
  "before the question",
  "after the question",
  "before the command",
  "after the command",
  "began",
  "proposed",
  "opened",
  "round extend",
  "round correct",
  "round finish",
  "done",
  "result of the coordinator",
  "result of a member",
  "before it is written",
  "after it is written",
] as const;
export type ClientPoint = typeof clientPoints[number];

/** How long a frame that was sent may take to leave this process, ms. */
const leavingMs = 300;

/** The frames that a client sends once or more for a request. */
const sent: Readonly<Record<string, string>> = {
  [protocols.outcome]: "the question",
  [protocols.command]: "the command",
};

const isResult = (point: string) => point.startsWith("result of ");

/** Stops a client at the point it is armed for, once. */
export class ClientPoints {
  readonly #identity: Pick<Identity, "verify">;
  readonly #reached: (point: ClientPoint) => void;
  #armed: ClientPoint | null = null;
  /** From then on nothing is sent or received any more. */
  #standing = false;

  /** @param reached Told when the process stands still there. */
  constructor(identity: Pick<Identity, "verify">, reached: (point: ClientPoint) => void) {
    this.#identity = identity;
    this.#reached = reached;
  }

  arm(point: ClientPoint): void {
    this.#armed = point;
  }

  /** Stands still for ever if the client is armed for this point, or stands already. */
  async pass(point: string): Promise<void> {
    const armed = this.#armed;
    if (armed !== null && armed === point) {
      this.#standing = true;
      this.#armed = null;
      this.#reached(armed);
    }
    if (this.#standing) await new Promise(() => {});
  }

  /** The stream of a client, which comes to the points of its frames. */
  watched = (channel: Channel): Channel => ({
    ...boundChannel(channel),
    send: (frame) => this.#send(channel, frame),
    receive: () => this.#receive(channel),
  });

  async #send(channel: Channel, frame: Uint8Array): Promise<void> {
    const name = sent[channel.protocol];
    await this.pass(`before ${name}`);
    await channel.send(frame);
    if (name === undefined || this.#armed !== `after ${name}`) return;
    this.#standing = true;
    await new Promise((resolve) => setTimeout(resolve, leavingMs));
    await this.pass(`after ${name}`);
  }

  async #receive(channel: Channel): Promise<Uint8Array | null> {
    const frame = await channel.receive();
    const point = frame === null ? "an end" : await this.#pointOf(channel, frame);
    await this.pass(point);
    // Any result is enough: a client that waits for one of them gets no other before.
    if (isResult(point) && this.#armed && isResult(this.#armed)) await new Promise(() => {});
    return frame;
  }

  async #pointOf({ protocol }: Channel, frame: Uint8Array): Promise<string> {
    if (protocol === protocols.result) return "result of a member";
    if (protocol !== protocols.command) return protocol;
    const events = await readEvents(this.#identity, frame);
    if (events === null) return "result of the coordinator";
    const [event] = events.items as SessionEvent[]; // a coordinator sends each by itself
    if (event!.type !== "round") return event!.type;
    return event!.state === "begun" ? `round ${event!.round}` : "the end of a round";
  }
}
