/**
 * The places at which a process is killed, by name: each is a call of its store, or of its wire, that is not answered
 * any more.
 * @module
 */
import type { WireFacts } from "../../src/cluster/context.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Store, Wire } from "../../src/ports.ts";
import { voteRound } from "../../src/session/control.ts";

/** What is written. */
const writes = [
  "data key",
  "roster",
  "command seen",
  "outcome",
  "opened",
  "PENDING",
  "ACTIVE",
  "no",
  "given up",
] as const;
type Write = typeof writes[number];

/** `before`: it never reaches the disk. `after`: it is on the disk, and nobody hears of it. */
export type Point = `${"before" | "after"} ${Write}` | "before the vote" | "after one vote";

export const points: readonly Point[] = [
  ...writes.flatMap((write) => [`before ${write}`, `after ${write}`] as const),
  "before the vote",
  "after one vote",
];

/** A row with a share and a key is larger than this, sealed; one that was opened, or says no, is smaller. Bytes. */
const smallestKey = 400;
/** What came of a command makes its row longer by more than this; another command does not. Bytes. */
const smallestOutcome = 150;

/** What a call of `swap` may be, by what can be seen of it from outside. @param before Bytes that are there; 0: none. */
function writesOf(name: string, before: number, after: number): Write[] {
  const [kind] = name.split("/");
  switch (kind) {
    case "data-key":
      return ["data key"];
    case "roster":
      return ["roster"];
    case "command":
      return [after - before < smallestOutcome ? "command seen" : "outcome"];
    case "key":
      if (after < smallestKey) return [before === 0 ? "opened" : "no"];
      // Whether its last write makes it active, or gives it up, its members decide.
      return before < smallestKey ? ["PENDING"] : ["ACTIVE", "given up"];
    default:
      return [];
  }
}

/** Stops a peer at the point it is armed for, once. */
export class StoppingPoints {
  readonly #reached: (point: Point) => void;
  #armed: Point | null = null;
  /** Whatever else was under way at the moment stands still too: nothing more is written, nothing more is sent. */
  #standing = false;

  /** @param reached Told when the process stands still there. */
  constructor(reached: (point: Point) => void) {
    this.#reached = reached;
  }

  arm(point: Point): void {
    this.#armed = point;
  }

  /** Says that the point is reached, and never comes back. */
  #stop(point: Point): Promise<never> {
    this.#armed = null;
    this.#standing = true;
    this.#reached(point);
    return new Promise(() => {});
  }

  store(store: Store): Store {
    return {
      get: (name) => store.get(name),
      names: (prefix) => store.names(prefix),
      close: () => store.close(),
      swap: async (name, from, sealed) => {
        if (this.#standing) return await new Promise(() => {});
        const before = (await store.get(name))?.sealed.length ?? 0;
        const writes = writesOf(name, before, sealed?.length ?? 0);
        const isArmed = (when: "before" | "after") =>
          writes.some((write) => this.#armed === `${when} ${write}`);
        if (isArmed("before")) return await this.#stop(this.#armed!);
        const written = await store.swap(name, from, sealed);
        if (isArmed("after")) return await this.#stop(this.#armed!);
        return written;
      },
    };
  }

  /** For `assembleNode`: a process that stands still sends nothing more. */
  wrapWire = (wire: Wire, _about: WireFacts): Wire => {
    let silent = false;
    const stop = (point: Point) => {
      silent = true;
      void this.#stop(point);
    };
    return {
      self: wire.self,
      party: wire.party,
      verify: (statement) => wire.verify(statement),
      send: (to: PeerId, round, body, audience) => {
        if (round === voteRound && this.#armed === "before the vote") stop(this.#armed);
        if (!silent && !this.#standing) wire.send(to, round, body, audience);
        if (round === voteRound && this.#armed === "after one vote") {
          silent = true;
          // The frame is signed, sealed and sent by and by: it has left when the point is told.
          setTimeout(() => stop("after one vote"), 300);
          this.#armed = null;
        }
      },
    };
  };
}
