/**
 * Whether this node's store is a former state of itself: restored from a backup, or found out by the others to have gone
 * back. Until it has caught up it takes no session.
 * @module
 */
import * as v from "valibot";
import { firstFields, record, uint } from "../../crypto/codec.ts";
import { InputError, SessionError, StoreError, unlessStore } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import { doubtOpened, type KeyRow, type Rows } from "../../keystore/key_rows.ts";
import { readSigned } from "../../session/signed.ts";
import { keptPresence } from "./presence.ts";
import { type StoreGeneration, wentBack } from "./store_generation.ts";

/**
 * - `restored`: from a backup; over as soon as enough others have shown their rosters and bans;
 * - `rolled-back`: the others have this node's own word for a later state than the one it has; over when its operator
 *   says so.
 */
export type RolledBack = "restored" | "rolled-back";

const row = "restored";
const states = ["restored", "rolled-back", "settled"] as const satisfies (RolledBack | "settled")[];
const restoredRecord = record("quorate/2/restored", {
  state: v.picklist(states),
  /** The highest of the store's lives that is known of: the one it is in, unless it has gone back. */
  life: uint,
});
/** Of the first version: a life was what was before a wall time. */
const firstVersion = firstFields("quorate/1/restored", { state: v.picklist(states) });
type Mark = ReturnType<typeof restoredRecord.decode>;

/** Rows to which a damaged one is no obstacle: `plain` is null. */
interface Markable {
  get(name: string): Promise<{ version: number; plain: Uint8Array | null } | null>;
  swap: Rows["swap"];
}

/** Where nobody holds a key yet, so many others are compared with. */
const compareWithoutKeys = 2;

/**
 * Marks a store as restored from a backup: before anything else is written into it. One that is known to have gone back
 * stays so: the backup is of before, too, and it is its operator who says that it may go on.
 *
 * @throws {StoreError}
 */
export async function markRestored(rows: Markable): Promise<void> {
  const found = await rows.get(row);
  const { state, life } = found ? read(found.plain) : unmarked;
  if (state !== "rolled-back") await write(rows, { state: "restored", life: life + 1 });
}

/** The operator's word for a node that does not run: it may go on with what is in its store. @throws {StoreError} */
export async function confirmRestored(rows: Rows): Promise<void> {
  const { life } = await restoredState(rows) ?? unmarked;
  await doubtOpened(rows);
  await overwrite(rows, { state: "settled", life: life + 1 });
}

const unmarked: Mark = { state: "settled", life: 0 };

/** What a store's mark says; null for one that was never restored. A mark that cannot be read says the worst. */
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

/** Writes the operator's word, to which a mark that does not open is no obstacle. @throws {StoreError} */
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
  /** Holders of the roster in force, this node among them or not. */
  holders(): readonly PeerId[];
  /** What the store's sessions were about when the copy was made is not known any more. @throws {StoreError} */
  doubtOpened(): Promise<void>;
  /** `rolledBack` is another. */
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

  /** What presence tells of this store: see `presenceRecord`. */
  get told(): { life: number; store: number } {
    return { life: this.#life, store: this.isCopy ? wentBack : this.#options.generation.current };
  }

  /** Whether this node's disk is known to have gone back: its rows do not say what it has done since. */
  get isCopy(): boolean {
    return this.#state === "rolled-back";
  }

  /**
   * Takes what is said to be this node's own presence of another time. Only its own signature counts: nobody else can
   * make it believe that it has gone back.
   */
  async shown(encoded: Uint8Array): Promise<void> {
    const { identity, generation, rows } = this.#options;
    const read = await readSigned(identity, keptPresence, encoded);
    if (read?.by !== identity.peer || read.value.peer !== identity.peer) return;
    const { life, boot, store } = read.value;
    if (life < this.#life || (life === this.#life && generation.knows(boot, store))) return;
    if (this.#state === "rolled-back" && life === this.#life) return;
    // Who knows that it was restored goes on above all that it was; whether it takes sessions is another question.
    this.#life = this.#state === "restored" ? life + 1 : life;
    if (this.#state === null) this.#enter("rolled-back");
    await write(rows, { state: this.#state!, life: this.#life }).catch(unlessStore); // or it is shown again
    if (this.#state === "restored") generation.raise(); // the others hear of it
  }

  /** A peer has shown its roster and its bans, and this node has taken what it lacked. */
  async compared(peer: PeerId): Promise<void> {
    if (this.#state !== "restored") return;
    this.#compared.add(peer);
    if (!this.#caughtUp(null)) return;
    this.#enter(null);
    // Should the disk not take that, it compares again after the next start.
    await write(this.#options.rows, { state: "settled", life: this.#life }).catch(unlessStore);
  }

  /**
   * Whether enough others were compared with: of each key's other members as many as sign, so that one of them is honest;
   * all, if there are fewer.
   *
   * @param key Null for all keys that are held.
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
   * @param key The row of the key that is used; null where one is made.
   * @throws {SessionError} `restored`, with this node as missing.
   */
  check(key: KeyRow | null): void {
    if (this.#state === null || (this.#state === "restored" && this.#caughtUp(key))) return;
    throw new SessionError("restored", { missing: [this.#options.identity.peer] });
  }

  /**
   * The operator's word: the store is as good as it gets.
   *
   * @throws {InputError} `node`, if there is nothing to confirm.
   * @throws {StoreError} If that could not be written.
   */
  async confirm(): Promise<void> {
    if (this.#state === null) {
      throw new InputError("node", "expected a node that was restored or rolled back, found another");
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
