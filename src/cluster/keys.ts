/**
 * The keys of this node: an index over the rows of its store, and what is known of others' keys from their
 * certificates.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import type { KeyState, SessionId } from "../events.ts";
import { type PeerId, SessionError } from "../failure.ts";
import { erasePairs, sweepPairs } from "../session/pair_rows.ts";
import { certified, type KeyRow, readRow, rowName, type Rows, writeRow } from "../session/commit.ts";
import { keyRows } from "../session/row_names.ts";
import type { Command, KeyName } from "./command.ts";
import { type Context, has } from "./context.ts";
import type { Frozen } from "./frozen.ts";

/** A key as the outside sees it: public, the same at every peer. */
export interface GroupKey extends KeyName {
  /** ed25519: 32 bytes; secp256k1: 33, compressed. */
  publicKey: Uint8Array;
  /** So many sign. */
  threshold: number;
  /** In the order of their identifiers 1..n. */
  members: readonly PeerId[];
  /** 32 bytes: what the keys of children are made with. */
  chainCode: Uint8Array;
  /** In the order of the members: what checks each one's signature share. */
  verifyingShares: readonly Uint8Array[];
  /** Counts resharings; 1 for a fresh key. */
  epoch: number;
  /** `pending` until all members have confirmed; `frozen` while this node refuses to sign with it. */
  state: Exclude<KeyState, "gone">;
  /** The session that made it. */
  session: SessionId;
}

const keyOf = ({ wallet, curve }: KeyName) => `${curve} ${wallet}`;
/** Certificates of keys that others hold. */
const maxLearnt = 1024;

export function groupKey(
  { key, session, state }: Pick<KeyRow, "key" | "session" | "state">,
  frozen = false,
): GroupKey {
  const { wallet, curve, publicKey, chainCode, threshold, members, epoch, verifyingShares } = key!;
  return {
    wallet,
    curve,
    publicKey,
    threshold,
    members,
    chainCode,
    verifyingShares,
    epoch,
    state: state === "active" ? (frozen ? "frozen" : "active") : "pending",
    session: session.toHex(),
  };
}

/** A name for which a key is being made. */
interface Making {
  command: string;
  times: number;
  /** Ends the command that has the name, if that can still be done. */
  giveWay?: () => void;
}

interface KeysContext extends Pick<Context, "teller" | "identity" | "rows" | "member"> {
  readonly frozen: Frozen;
}

export class Keys {
  readonly #context: KeysContext;
  /** This node's rows, by session in hex. */
  readonly #own = new Map<string, KeyRow>();
  readonly #damaged = new Map<string, unknown>();
  readonly #learnt = new Map<string, KeyRow>();
  /** Names for which a key is being made at this moment: by which command, and how often that has reserved it. */
  readonly #making = new Map<string, Making>();

  private constructor(context: KeysContext) {
    this.#context = context;
  }

  /** Reads all rows. One that cannot be read makes its key unusable, not the node. @throws {StoreError} */
  static async open(context: KeysContext): Promise<Keys> {
    const keys = new Keys(context);
    for (const name of await context.rows.names(keyRows)) {
      try {
        const found = await readRow(context.rows, name);
        if (found && found.row.state !== "no") keys.#own.set(found.row.session.toHex(), found.row);
      } catch (error) {
        keys.#damaged.set(name, error);
      }
    }
    // A node that fell over between the set-up of its pairs and its share has a part of a key that will never be.
    await sweepPairs(
      context.rows,
      (session) => keys.#own.has(session) || keys.#damaged.has(rowName(Uint8Array.fromHex(session))),
    );
    return keys;
  }

  /** Rows that could not be read when the node started. */
  damaged(): ReadonlyMap<string, unknown> {
    return this.#damaged;
  }

  /** This node's row of a key, if it holds a share of it. */
  own(name: KeyName): KeyRow | undefined {
    return [...this.#own.values()].find(({ key }) => keyOf(key!) === keyOf(name));
  }

  pending(): KeyRow[] {
    return [...this.#own.values()].filter(({ state }) => state === "pending");
  }

  /** Every key this node knows of, its own first. */
  all(): GroupKey[] {
    const own = [...this.#own.values()];
    const names = new Set(own.map(({ key }) => keyOf(key!)));
    const { frozen } = this.#context;
    return [...own, ...[...this.#learnt.values()].filter(({ key }) => !names.has(keyOf(key!)))]
      .map((row) => groupKey(row, frozen.has(row.session.toHex())));
  }

  find(name: KeyName): GroupKey | undefined {
    return this.all().find((key) => keyOf(key) === keyOf(name));
  }

  /** Whether the certificate of a key is known here. */
  certain(session: SessionId): boolean {
    return this.#own.get(session)?.state === "active" ||
      this.#learnt.values().some((row) => row.session.toHex() === session);
  }

  /** The certificates of all active keys this node knows of: rows without shares. */
  certificates(): KeyRow[] {
    const active = [...this.#own.values(), ...this.#learnt.values()].filter(({ state }) =>
      state === "active"
    );
    return active.map((row) => ({ ...row, share: new Uint8Array(), opens: [] }));
  }

  /**
   * Takes in what another peer says of a key, if all its members have signed it, and as many of them as it takes to sign
   * are holders of this roster: keys of anyone's own making, with members of anyone's own making, are not this
   * cluster's. What is known under a name stays what it is.
   */
  async learn(row: KeyRow): Promise<boolean> {
    if (row.state !== "active" || row.key === null || this.#own.has(row.session.toHex())) return false;
    const { members, threshold } = row.key;
    const holders = new Set(members.filter((peer) => has(this.#context, peer, "holder")));
    if (threshold < 2 || holders.size < threshold) return false;
    const name = keyOf(row.key);
    if (this.#learnt.has(name) || this.#learnt.size >= maxLearnt) return false;
    if (!await certified(this.#context.identity, row) || this.#learnt.has(name)) return false;
    this.#learnt.set(name, { ...row, share: new Uint8Array(), opens: [] });
    this.#tell(row, "active");
    return true;
  }

  /**
   * Reserves a name for the key generation of one command, which may do so again.
   *
   * @returns Gives it back.
   * @throws {SessionError} `wallet-exists`, `wallet-busy`, `store-failed`.
   */
  reserve(name: KeyName, command: string): Disposable {
    const key = keyOf(name);
    const own = this.own(name);
    if (own?.state === "active" || this.#learnt.has(key)) throw new SessionError("wallet-exists");
    const making: Making = this.#making.get(key) ?? { command, times: 0 };
    // Two ask for one name in the same moment, at two coordinators: everywhere the same one of them gives way.
    if (command < making.command) making.giveWay?.();
    if (own || making.command !== command) throw new SessionError("wallet-busy");
    // A row that cannot be read may be of this very name: a read error is never "absent".
    if (this.#damaged.size > 0) {
      throw new SessionError("store-failed", { cause: [...this.#damaged.values()][0] });
    }
    this.#making.set(key, making);
    making.times++;
    return {
      [Symbol.dispose]: () => {
        if (--making.times === 0) this.#making.delete(key);
      },
    };
  }

  /** A command that has reserved its name can be told to give way to one with a lower id. @returns No longer. */
  givesWay({ kind, id, ...name }: Command, giveWay: () => void): Disposable {
    const making = kind === "generate" ? this.#making.get(keyOf(name)) : undefined;
    if (making?.command === id.toHex()) making.giveWay = giveWay;
    return {
      [Symbol.dispose]: () => {
        if (making?.giveWay === giveWay) delete making.giveWay;
      },
    };
  }

  /** A row was written. Inside of its session the session's own events tell of it. */
  changed(row: KeyRow, state: KeyState, { quiet }: { quiet: boolean }): void {
    const id = row.session.toHex();
    if (state === "gone") this.#own.delete(id);
    else this.#own.set(id, row);
    if (!quiet) this.#tell(row, state);
  }

  #tell({ key, session }: KeyRow, state: KeyState): void {
    this.#context.teller.key(key!, session.toHex(), state);
  }

  /** Makes a pending key active with the votes of all. @returns Whether it was pending and they are. */
  async promote(row: KeyRow, votes: readonly Uint8Array[]): Promise<boolean> {
    const active: KeyRow = { ...row, state: "active", votes };
    if (!await certified(this.#context.identity, active)) return false;
    const found = await readRow(this.#context.rows, rowName(row.session));
    if (found?.row.state !== "pending" || !await writeRow(this.#context.rows, found.version, active)) {
      return false;
    }
    this.changed(active, "active", { quiet: false });
    return true;
  }

  /** Gives up a pending key that can no longer become active. */
  async drop(row: KeyRow): Promise<void> {
    const found = await readRow(this.#context.rows, rowName(row.session));
    if (found?.row.state !== "pending") return;
    const no: KeyRow = {
      ...row,
      state: "no",
      key: null,
      transcript: new Uint8Array(),
      share: new Uint8Array(),
      opens: [],
      votes: [],
    };
    if (!await writeRow(this.#context.rows, found.version, no)) return;
    this.changed(row, "gone", { quiet: false });
    await erasePairs(this.#context.rows, row.session);
  }

  /** Writes, once and for all, that this node has no share of a session. @returns False if it has one after all. */
  async refuse(session: Uint8Array): Promise<boolean> {
    const rows: Rows = this.#context.rows;
    const none = new Uint8Array();
    const no: KeyRow = {
      state: "no",
      session,
      key: null,
      transcript: none,
      share: none,
      opens: [],
      votes: [],
    };
    if (await writeRow(rows, null, no)) return true;
    return (await readRow(rows, rowName(session)))?.row.state === "no";
  }

  row(session: Uint8Array): KeyRow | undefined {
    return [...this.#own.values()].find((row) => equal(row.session, session));
  }
}
