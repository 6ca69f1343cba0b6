/**
 * The history of stores, this node's own and those of the others: a peer whose store has gone back to an
 * earlier state takes part in no session.
 * @module
 */
import type { NodeEvent } from "../../events.ts";
import { SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Clock, Identity } from "../../ports.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import type { Rows } from "../../keystore/rows.ts";
import type { Signed } from "../../session/signed.ts";
import type { Presence } from "./presence.ts";
import { Restoration } from "./restoration.ts";
import { Rollbacks } from "./rollbacks.ts";
import type { RosterStore } from "../roster/roster_store.ts";
import { StoreGeneration } from "./store_generation.ts";
import type { EventLog } from "../events/event_log.ts";

/** The keys of a node, as far as the history of its store depends on them. */
export interface HistoryKeys {
  /** The rows of the keys of which this node holds a share. */
  held(): readonly KeyRow[];
  /** See {@linkcode RestorationOptions.doubtOpened}. */
  doubtOpened(): Promise<void>;
  /** Calls `listener` after every row that has been written. */
  onChange(listener: () => void): void;
}

export interface StoreHistoryOptions {
  rows: Rows;
  clock: Clock;
  identity: Pick<Identity, "peer" | "verify">;
  /** The number of this start, 8 bytes. */
  boot: Uint8Array;
  rosterStore: RosterStore;
  keys: HistoryKeys;
  eventLog: EventLog;
  /** Aborted when the node stops. */
  stopping: AbortSignal;
}

/** Whether an event is about a change that the store must not forget, other than to rows of keys. */
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

export class StoreHistory {
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
   * Begins the generation of this start, and reads what is remembered of the others.
   *
   * @param rolledBack Called with a peer whose store has gone back, so that it learns of that.
   * @throws {StoreError}
   */
  static async open(options: StoreHistoryOptions, rolledBack: (peer: PeerId) => void): Promise<StoreHistory> {
    const { rows, clock, identity, boot, rosterStore, keys, eventLog, stopping } = options;
    const self = identity.peer;
    const generation = await StoreGeneration.open(rows, clock, stopping, boot);
    const restoration = await Restoration.open({
      rows,
      identity,
      generation,
      held: () => keys.held(),
      doubtOpened: () => keys.doubtOpened(),
      holders: () =>
        rosterStore.current.peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer),
      changed: (state) => eventLog.emit({ type: "rollback", other: self, state: state ?? "over" }),
    });
    const rollbacks = await Rollbacks.open({
      rows,
      member: (peer) => rosterStore.peer(peer) !== undefined,
      changed(peer, back) {
        eventLog.emit({ type: "rollback", other: peer, state: back ? "rolled-back" : "over" });
        if (back) rolledBack(peer);
      },
    });
    keys.onChange(() => generation.raise());
    eventLog.listen((event) => {
      if (isLasting(event)) generation.raise();
    });
    const { state } = restoration;
    if (state !== null) eventLog.emit({ type: "rollback", other: self, state });
    return new StoreHistory(self, generation, restoration, rollbacks);
  }

  /**
   * Takes a new presence whose signature was checked: another peer's, or one that looks like this node's own.
   */
  async take(presence: Signed<Presence>): Promise<void> {
    if (presence.by === this.#self) await this.restoration.takeOwn(presence.encoded);
    else this.rollbacks.take(presence);
  }

  /**
   * Checks whether a session of these peers may take place.
   *
   * @param key The row of the key that is used; null for a key generation.
   * @throws {SessionError} `restored`, with the peers concerned as missing.
   */
  check(party: readonly PeerId[], key: KeyRow | null): void {
    this.restoration.check(key);
    const missing = party.filter((peer) => this.rollbacks.isRolledBack(peer));
    if (missing.length > 0) throw new SessionError("restored", { missing });
  }
}
