/**
 * The results that members report for one command of this node. A signature proves itself; a key takes the
 * same result of all its members.
 * @module
 */
import { SessionError, StoreError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import { voteBody } from "../../../keystore/vote_signatures.ts";
import { confirmMs } from "../../../limits.ts";
import { deadline, pause } from "../../../session/deadline.ts";
import type { Signed } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { Keys } from "../../keys/keys.ts";
import { type Command, coordinatorOf } from "../../records/command.ts";
import { claimsOf, type CommandOutcome, keyIn, type Result, signatureIn } from "../results.ts";

/**
 * The interval at which an initiator looks whether the members that have not confirmed a key are connected,
 * ms.
 */
const confirmLookEvery = 100;

export interface MemberResultsOptions {
  readonly context: Context;
  readonly keys: Keys;
  readonly command: Command;
  readonly message: Uint8Array;
}

export class MemberResults {
  readonly #options: MemberResultsOptions;
  readonly #results = new Map<PeerId, Result>();
  readonly #outcome = Promise.withResolvers<CommandOutcome>();
  #wake = () => {};

  constructor(options: MemberResultsOptions) {
    this.#options = options;
    this.#outcome.promise.catch(() => {}); // its reader awaits it later
  }

  /**
   * Resolves with the outcome that the results prove. Rejects with the coordinator's failure, or {@linkcode
   * fail}'s.
   */
  get outcome(): Promise<CommandOutcome> {
    return this.#outcome.promise;
  }

  /** Ends the waiting for an outcome. */
  fail(error: SessionError): void {
    this.#outcome.reject(error);
  }

  has(peer: PeerId): boolean {
    return this.#results.has(peer);
  }

  /** The members that report success. */
  succeeded(): PeerId[] {
    return [...this.#results].filter(([, { code }]) => code === null).map(([peer]) => peer);
  }

  /** Takes a member's result; its first one counts. */
  take({ by, value }: Signed<Result>): void {
    const { context, keys, command, message } = this.#options;
    if (this.#results.has(by)) return;
    this.#results.set(by, value);
    this.#wake();
    if (value.code !== null) {
      if (by !== coordinatorOf(command)) return;
      const { code, culprits, missing } = value;
      return this.fail(new SessionError(code, { culprits, missing, claims: claimsOf(value) }));
    }
    if (command.kind === "generate") return this.#takeKey(value);
    const key = keys.withId(command.keyId.toHex());
    const signature = key && signatureIn(context, value, key, { ...command, message });
    if (signature) this.#outcome.resolve({ kind: "sign", signature });
  }

  /** Settles once every member has reported the same key. */
  #takeKey(result: Result): void {
    const { command } = this.#options;
    const reported = keyIn(result);
    if (!reported || !isAsked(reported.row, command)) return;
    const same = [...this.#results].filter(([, other]) => isActive(other, reported.same));
    if (!command.members.every((member) => same.some(([peer]) => peer === member))) return;
    // This node knows that it has asked for the key, but other peers check that too: of a key whose members
    // have shown no good preimage, only the name is known here until one does.
    const rows = same.map(([, other]) => keyIn(other)!.row);
    void this.#learn(rows).then(
      (row) => this.#outcome.resolve({ kind: "generate", row: row ?? reported.row }),
      (cause) => this.fail(cause instanceof StoreError ? new SessionError("store-failed", { cause }) : cause),
    );
  }

  /** The first of these rows, all of one key, that proves which command asked for it. */
  async #learn(rows: readonly KeyRow[]): Promise<KeyRow | null> {
    const { keys } = this.#options;
    for (const row of rows) {
      if (await keys.learn(row) || keys.certain(row.session.toHex())) return row;
    }
    return null;
  }

  /** See `SessionsOptions.confirmed`. */
  async confirmed(row: KeyRow, signal: AbortSignal): Promise<void> {
    const { identity, clock, network } = this.#options.context;
    const same = voteBody(row.key!, row.transcript).toHex();
    const others = row.key!.members.filter((peer) => peer !== identity.peer);
    using patience = deadline(clock, confirmMs, signal);
    for (;;) {
      const missing = others.filter((peer) => !isActive(this.#results.get(peer), same));
      if (missing.length === 0) return;
      const connected = new Set(network.connected());
      // A member that has reported something else, or has disconnected, will confirm nothing more.
      const over = missing.every((peer) => this.has(peer) || !connected.has(peer));
      if (over || patience.signal.aborted) throw new SessionError("wallet-pending", { missing });
      const woken = new Promise<void>((resolve) => this.#wake = resolve);
      await Promise.race([woken, pause(clock, confirmLookEvery, patience.signal)]);
    }
  }
}

/** Whether a member's result says that exactly this key is active there. */
function isActive(result: Result | undefined, same: string): boolean {
  return result?.code === null && keyIn(result)?.same === same;
}

/** Whether a key is the one that the command asks for, whatever its members report. */
function isAsked({ key }: KeyRow, { wallet, scheme, threshold, members }: Command): boolean {
  return key !== null && key.wallet === wallet && key.scheme === scheme && key.threshold === threshold &&
    key.members.join() === members.join();
}
