/**
 * The state of a store that is an earlier copy: restored from a backup, or gone back as other peers have
 * found. Until it has caught up, the node takes part in no session.
 * @module
 */
import * as v from "valibot";
import { firstFields, record, uint } from "../../crypto/codec.ts";
import { InputError, SessionError, StoreError, unlessStore } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import { doubtOpened, type KeyRow } from "../../keystore/key_rows.ts";
import type { Rows } from "../../keystore/rows.ts";
import { readSigned } from "../../session/signed.ts";
import { keptPresence } from "./presence.ts";
import { rolledBackGeneration, type StoreGeneration } from "./store_generation.ts";

/**
 * - `restored`: from a backup; over as soon as enough others have shown their rosters and bans;
 * - `rolled-back`: others have this node's own signature on a later state; over when its operator confirms
 *   the store.
 */
export type RolledBack = "restored" | "rolled-back";

const row = "restored";
const states = ["restored", "rolled-back", "settled"] as const satisfies (RolledBack | "settled")[];
const restoredRecord = record("quorate/3/restored", {
  state: v.picklist(states),
  /** The highest known life of the store: the current one, unless the store went back. */
  life: uint,
});
/** The first version, which had no numbered lives. */
const firstVersion = firstFields("quorate/1/restored", { state: v.picklist(states) });
type Mark = ReturnType<typeof restoredRecord.decode>;

/** Rows where a damaged one reads as `plain: null`, and can be written over. */
interface Markable {
  get(name: string): Promise<{ version: number; plain: Uint8Array | null } | null>;
  swap: Rows["swap"];
}

/** The number of others to compare with while nobody holds a key. */
const compareWithoutKeys = 2;

/**
 * Marks a store as restored from a backup, before anything else is written into it. A store that is marked as
 * gone back stays so: the backup is an earlier state too, and only its operator may confirm it.
 *
 * @throws {StoreError}
 */
export async function markRestored(rows: Markable): Promise<void> {
  const found = await rows.get(row);
  const { state, life } = found ? read(found.plain) : unmarked;
  if (state !== "rolled-back") await write(rows, { state: "restored", life: life + 1 });
}

/** Records the operator's confirmation of the store, for a node that does not run. @throws {StoreError} */
export async function confirmRestored(rows: Rows, self: PeerId): Promise<void> {
  const { life } = await restoredState(rows) ?? unmarked;
  await doubtOpened(rows, self);
  await overwrite(rows, { state: "settled", life: life + 1 });
}

const unmarked: Mark = { state: "settled", life: 0 };

/** The mark of a store; null if it was never restored. A mark that cannot be read counts as `rolled-back`. */
export async function restoredState(rows: Pick<Rows, "get">): Promise<Mark | null> {
  try {
    const found = await rows.get(row);
    return found && read(found.plain);
  } catch {
    return read(null);
  }
}

function read(plain: Uint8Array | null): Mark {
  try {
    return restoredRecord.decode(plain!);
  } catch {
    try {
      const { state } = firstVersion.decode(plain!);
      return { state, life: state === "rolled-back" ? 0 : 1 };
    } catch {
      return { state: "rolled-back", life: 0 };
    }
  }
}

async function write(rows: Markable, mark: Mark): Promise<void> {
  const found = await rows.get(row);
  if (!await rows.swap(row, found?.version ?? null, restoredRecord.encode(mark))) {
    throw new StoreError(`Cannot write ${row}: something else writes to this store`);
  }
}

/** Writes the operator's confirmation, over a damaged mark too. @throws {StoreError} */
async function overwrite(rows: Rows, mark: Mark): Promise<void> {
  await rows.get(row).catch((error) => {
    unlessStore(error);
    return rows.erase(row);
  });
  await write(rows, mark);
}

export interface RestorationOptions {
  rows: Rows;
  identity: Pick<Identity, "peer" | "verify">;
  generation: StoreGeneration;
  /** The keys of which this node holds a share. */
  held(): readonly KeyRow[];
  /** The holders of the roster in force; this node may be one of them. */
  holders(): readonly PeerId[];
  /** Marks the sessions that were open when the copy was made as unknown. @throws {StoreError} */
  doubtOpened(): Promise<void>;
  /** Called with each new state. */
  changed(state: RolledBack | null): void;
}

export class Restoration {
  readonly #options: RestorationOptions;
  readonly #compared = new Set<PeerId>();
  #state: RolledBack | null;
  #life: number;

  private constructor(options: RestorationOptions, mark: Mark | null) {
    this.#options = options;
    this.#state = mark === null || mark.state === "settled" ? null : mark.state;
    this.#life = mark?.life ?? 0;
  }

  static async open(options: RestorationOptions): Promise<Restoration> {
    return new Restoration(options, await restoredState(options.rows));
  }

  get state(): RolledBack | null {
    return this.#state;
  }

  /** The store's life and generation for the presence: see `presenceRecord`. */
  get reported(): { life: number; store: number } {
    return { life: this.#life, store: this.isCopy ? rolledBackGeneration : this.#options.generation.current };
  }

  /** Whether this node's disk is known to have gone back: its rows lack what it has done since. */
  get isCopy(): boolean {
    return this.#state === "rolled-back";
  }

  /**
   * Takes a former presence of this node, from another peer. It must have this node's own signature: nobody
   * else can make it believe that its store went back.
   */
  async takeOwn(encoded: Uint8Array): Promise<void> {
    const { identity, generation, rows } = this.#options;
    const read = await readSigned(identity, keptPresence, encoded);
    if (read?.by !== identity.peer || read.value.peer !== identity.peer) return;
    const { life, boot, store } = read.value;
    if (life < this.#life || (life === this.#life && generation.knows(boot, store))) return;
    if (this.#state === "rolled-back" && life === this.#life) return;
    // A restored store continues in a new life above all former ones. Whether it takes sessions is checked elsewhere.
    this.#life = this.#state === "restored" ? life + 1 : life;
    if (this.#state === null) this.#enter("rolled-back");
    await write(rows, { state: this.#state!, life: this.#life }).catch(unlessStore); // a peer sends it again
    if (this.#state === "restored") generation.raise(); // so that the others learn of it
  }

  /** Counts a peer that has shown its roster, keys and bans, from which this node has taken what it lacked. */
  async compared(peer: PeerId): Promise<void> {
    if (this.#state !== "restored") return;
    this.#compared.add(peer);
    if (!this.#caughtUp(null)) return;
    this.#enter(null);
    // If the disk fails, the node compares again after the next start.
    await write(this.#options.rows, { state: "settled", life: this.#life }).catch(unlessStore);
  }

  /**
   * Whether this node has compared with enough others: for each key as many other members as its threshold,
   * so that one of them is honest; with all, if there are fewer.
   *
   * @param key Null for all keys of which this node holds a share.
   */
  #caughtUp(key: KeyRow | null): boolean {
    const { identity, held, holders } = this.#options;
    const there = new Set(holders());
    const enough = (members: readonly PeerId[], threshold: number) => {
      const others = members.filter((peer) => peer !== identity.peer && there.has(peer));
      const compared = others.filter((peer) => this.#compared.has(peer)).length;
      return compared >= Math.min(threshold, others.length);
    };
    if (key !== null) return enough(key.key!.members, key.key!.threshold);
    const keys = held();
    if (keys.length === 0) return enough(holders(), compareWithoutKeys);
    return keys.every(({ key }) => enough(key!.members, key!.threshold));
  }

  /**
   * Whether this node may take part in a session.
   *
   * @param key The row of the key that is used; null for a key generation.
   * @throws {SessionError} `restored`, with this node as missing.
   */
  check(key: KeyRow | null): void {
    if (this.#state === null || (this.#state === "restored" && this.#caughtUp(key))) return;
    throw new SessionError("restored", { missing: [this.#options.identity.peer] });
  }

  /**
   * Takes the operator's confirmation that the node may continue with this store.
   *
   * @throws {InputError} `node`, if there is nothing to confirm.
   * @throws {StoreError} If that could not be written.
   */
  async confirm(): Promise<void> {
    if (this.#state === null) {
      throw new InputError("node", "expected a node that was restored or rolled back, found another", {
        code: "wrong-state",
      });
    }
    await this.#options.doubtOpened();
    const life = this.#life + 1;
    await overwrite(this.#options.rows, { state: "settled", life });
    this.#life = life;
    this.#enter(null);
  }

  #enter(state: RolledBack | null): void {
    this.#state = state;
    this.#options.changed(state);
  }
}
