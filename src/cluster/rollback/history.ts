/**
 * The history of stores: that this node's own goes on where it was, and that those of the others do. Who has gone back
 * to a former state takes part in no session.
 * @module
 */
import type { NodeEvent } from "../../events.ts";
import { SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Clock, Identity } from "../../ports.ts";
import type { KeyRow, Rows } from "../../keystore/key_rows.ts";
import type { Signed } from "../../session/signed.ts";
import type { Keys } from "../keys/keys.ts";
import type { Presence } from "./presence.ts";
import { Restoration } from "./restoration.ts";
import { Rollbacks } from "./rollbacks.ts";
import type { RosterStore } from "../roster/roster_store.ts";
import { StoreGeneration } from "./store_generation.ts";
import type { EventLog } from "../events/event_log.ts";

export interface HistoryOptions {
  rows: Rows;
  clock: Clock;
  identity: Pick<Identity, "peer" | "verify">;
  /** Of this start, 8 bytes. */
  boot: Uint8Array;
  book: RosterStore;
  keys: Keys;
  teller: EventLog;
  /** Aborted when the node stops. */
  stopping: AbortSignal;
}

/** Events of this node about what its store must not forget beside the rows of its keys. */
function isLasting(event: NodeEvent): boolean {
  switch (event.type) {
    case "ban":
    case "quarantine":
    case "roster":
      return true;
    case "key":
      return event.state === "frozen";
    default:
      return false;
  }
}

export class History {
  readonly #self: PeerId;
  readonly generation: StoreGeneration;
  readonly restoration: Restoration;
  readonly rollbacks: Rollbacks;

  private constructor(
    self: PeerId,
    generation: StoreGeneration,
    restoration: Restoration,
    rollbacks: Rollbacks,
  ) {
    this.#self = self;
    this.generation = generation;
    this.restoration = restoration;
    this.rollbacks = rollbacks;
  }

  /**
   * Begins this start's generation, and reads what is remembered of the others.
   *
   * @param fell Told of a peer whose store has gone back: it should hear of it.
   * @throws {StoreError}
   */
  static async open(options: HistoryOptions, fell: (peer: PeerId) => void): Promise<History> {
    const { rows, clock, identity, boot, book, keys, teller, stopping } = options;
    const self = identity.peer;
    const generation = await StoreGeneration.open(rows, clock, stopping, boot);
    const restoration = await Restoration.open({
      rows,
      identity,
      generation,
      held: () => keys.held(),
      doubtOpened: () => keys.doubtOpened(),
      holders: () =>
        book.current.peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer),
      changed: (state) => teller.tell({ type: "rollback", other: self, state: state ?? "over" }),
    });
    const rollbacks = await Rollbacks.open({
      rows,
      member: (peer) => book.peer(peer) !== undefined,
      changed(peer, back) {
        teller.tell({ type: "rollback", other: peer, state: back ? "rolled-back" : "over" });
        if (back) fell(peer);
      },
    });
    keys.onChange(() => generation.raise());
    teller.listen((event) => {
      if (isLasting(event)) generation.raise();
    });
    const { state } = restoration;
    if (state !== null) teller.tell({ type: "rollback", other: self, state });
    return new History(self, generation, restoration, rollbacks);
  }

  /** Takes a presence whose signature is good and that is news: another's, or what looks like this node's own. */
  async heard(presence: Signed<Presence>): Promise<void> {
    if (presence.by === this.#self) await this.restoration.shown(presence.encoded);
    else this.rollbacks.take(presence);
  }

  /**
   * Whether a session of these peers may be.
   *
   * @param key The row of the key that is used; null where one is made.
   * @throws {SessionError} `restored`, with whom it is about as missing.
   */
  check(party: readonly PeerId[], key: KeyRow | null): void {
    this.restoration.check(key);
    const missing = party.filter((peer) => this.rollbacks.back(peer));
    if (missing.length > 0) throw new SessionError("restored", { missing });
  }
}
