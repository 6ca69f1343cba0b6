/**
 * The places at which a process is killed, by name: each is a call of its store, or of its wire, that is not answered
 * any more.
 * @module
 */
import type { WireFacts } from "../../src/cluster/context.ts";
import type { PeerId } from "../../src/failure.ts";
import type { RowState } from "../../src/keystore/key_rows.ts";
import type { Store, Wire } from "../../src/ports.ts";
import { releaseRound, voteRound } from "../../src/session/control.ts";
import type { SeenRows } from "./seen_rows.ts";

/** What is written by whoever makes keys and signs. */
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
/**
 * What is written by whoever takes part in a resharing, besides the rows of its commands. `parent`: the certificate of the
 * epoch that is dealt anew, at a peer that never held a share of it. `pair`, `pair erased`: a row of a pair of an ECDSA
 * key, the first of those that are written or erased one after the other.
 */
const reshareWrites = [
  "command seen",
  "outcome",
  "opened",
  "parent",
  "pair",
  "released",
  "PENDING",
  "ACTIVE",
  "no",
  "given up",
  "known",
  "erased",
  "pair erased",
] as const;
type Write = typeof writes[number] | typeof reshareWrites[number];

/** `before`: it never reaches the disk. `after`: it is on the disk, and nobody hears of it. */
export type Point =
  | `${"before" | "after"} ${Write}`
  | "before the vote"
  | "after one vote"
  | "before the release"
  | "after one release";

const around = (write: Write): Point[] => [`before ${write}`, `after ${write}`];

/** The points of a cluster that deals no key anew. */
export const points: readonly Point[] = [...writes.flatMap(around), "before the vote", "after one vote"];

/** The points of a resharing. */
export const resharePoints: readonly Point[] = [
  ...reshareWrites.flatMap(around),
  ...["before the release", "after one release", "before the vote", "after one vote"] as const,
];

/** What a row of a key becomes, by the state in which it is written. */
const stateWrites: Partial<Record<RowState, Write>> = {
  opened: "opened",
  no: "no",
  released: "released",
  pending: "PENDING",
  "given-up": "given up",
  active: "ACTIVE",
};

/** What a call of `swap` writes. */
interface Swapped {
  name: string;
  /** The row as it is, sealed; null if there is none. */
  before: Uint8Array | null;
  /** The row as it will be, sealed; null if it is erased. */
  after: Uint8Array | null;
}

/** A call of `swap`, by what it writes; null for what no point is about. */
async function writeOf({ name, before, after }: Swapped, rows: SeenRows): Promise<Write | null> {
  const [kind] = name.split("/");
  switch (kind) {
    case "data-key":
      return "data key";
    case "roster":
      return "roster";
    case "command":
      return "command seen";
    case "outcome":
      return "outcome";
    case "pair":
      return after === null ? "pair erased" : "pair";
    case "key": {
      if (after === null) return null;
      const { state } = await rows.read(name, after);
      const was = before && (await rows.read(name, before)).state;
      if (state === was) return null;
      if (state === "known") return knownWrite(was ?? null);
      return stateWrites[state] ?? null;
    }
    default:
      return null;
  }
}

/** What a row of a key becomes that has a certificate and no share. */
function knownWrite(was: RowState | null): Write {
  if (was === null) return "parent";
  return was === "active" ? "erased" : "known";
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

  store(store: Store, rows: SeenRows): Store {
    return {
      get: (name) => store.get(name),
      names: (prefix) => store.names(prefix),
      close: () => store.close(),
      swap: async (name, from, sealed) => {
        if (this.#standing) return await new Promise(() => {});
        const armed = this.#armed;
        if (armed === null) return await store.swap(name, from, sealed);
        const before = (await store.get(name))?.sealed ?? null;
        const write = await writeOf({ name, before, after: sealed }, rows);
        if (armed === `before ${write}`) return await this.#stop(armed);
        const written = await store.swap(name, from, sealed);
        if (written && armed === `after ${write}`) return await this.#stop(armed);
        return written;
      },
    };
  }

  /** For `assembleNode`: a process that stands still sends nothing more. */
  wrapWire = (wire: Wire, _about: WireFacts): Wire => ({
    self: wire.self,
    party: wire.party,
    verify: (statement) => wire.verify(statement),
    send: (to: PeerId, round, body, audience) => {
      if (this.#standing) return;
      const word = round === voteRound ? "vote" : round === releaseRound ? "release" : null;
      if (word !== null && this.#armed === `before the ${word}`) void this.#stop(this.#armed);
      else wire.send(to, round, body, audience);
      const point = `after one ${word}`;
      if (this.#armed !== point) return;
      this.#armed = null;
      this.#standing = true;
      // The frame is signed, sealed and sent by and by: it has left when the point is told.
      setTimeout(() => this.#reached(point as Point), 300);
    },
  });
}
