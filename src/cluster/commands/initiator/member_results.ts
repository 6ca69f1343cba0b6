/**
 * The results that members report for one command of this node. A signature proves itself; a key takes the
 * same result of all its members.
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import { SessionError, StoreError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import { certified, voteBody } from "../../../keystore/vote_signatures.ts";
import { confirmMs } from "../../../limits.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import type { SignItem } from "../../../schemes/scheme.ts";
import type { Signed } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { Keys } from "../../keys/keys.ts";
import type { Command } from "../../records/command.ts";
import { claimsOf, type CommandOutcome, keyIn, type Result, signaturesIn, spoiltIn } from "../results.ts";
import { toldBy } from "./told_failure.ts";

/**
 * The interval at which an initiator looks whether the members that have not confirmed a key are connected,
 * ms.
 */
const confirmLookEvery = 100;

export interface MemberResultsOptions {
  readonly context: Context;
  readonly keys: Keys;
  readonly command: Command;
  readonly items: readonly SignItem[];
  /** The peer that carries the command out. */
  readonly coordinator: PeerId;
}

export class MemberResults {
  readonly #options: MemberResultsOptions;
  /** The last result of each member. */
  readonly #results = new Map<PeerId, Result>();
  /** The members whose result holds the wanted key with the votes of all its members. */
  readonly #certified = new Set<PeerId>();
  readonly #outcome = Promise.withResolvers<CommandOutcome>();
  /** True once a member has shown good signatures. */
  #signed = false;
  #refused = false;
  #next = Promise.withResolvers<void>();

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

  /** Resolves when there is one more result, or one more is proven. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  /** True if the coordinator has refused the command before there was an attempt. */
  get refused(): boolean {
    return this.#refused;
  }

  has(peer: PeerId): boolean {
    return this.#results.has(peer);
  }

  /** The members at which the wanted key is active: the votes of all its members prove it. */
  withKey(): PeerId[] {
    return [...this.#certified];
  }

  /**
   * Whether each of `members` has reported its end of an attempt: a failure, or the wanted key. A success
   * without its proof is no report.
   *
   * @param attempt 64 hex digits.
   */
  haveAll(members: readonly PeerId[], attempt: string): boolean {
    const hasFailed = (result: Result | undefined) =>
      result !== undefined && result.code !== null && result.attempt.toHex() === attempt;
    return members.every((peer) => this.#certified.has(peer) || hasFailed(this.#results.get(peer)));
  }

  #changed(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve();
  }

  /**
   * Takes what a peer reports as a member, not as coordinator. Of an attempt without a session, that is what came of
   * another coordinator's: nothing of what it coordinates itself.
   */
  takeOfMember(result: Signed<Result>): void {
    const { attempt, session } = result.value;
    this.take(result, attempt.length === 0 || session.length > 0);
  }

  /**
   * Takes a member's result. Its first one counts, unless that is the failure of another attempt.
   *
   * @param decides Whether it is the command's failure if the coordinator says it.
   */
  take({ by, value }: Signed<Result>, decides = true): void {
    const { context, keys, command, items, coordinator } = this.#options;
    const known = this.#results.get(by);
    if (known && (known.code === null || equal(known.attempt, value.attempt))) return;
    this.#results.set(by, value);
    this.#changed();
    if (value.code !== null) {
      if (by !== coordinator || !decides) return;
      const { code, culprits, missing } = value;
      this.#refused = value.attempt.length === 0;
      const told = { code, culprits, missing, claims: claimsOf(value) };
      return this.fail(toldBy(by, told, spoiltIn(value, command)));
    }
    if (command.kind !== "sign") return this.#takeKey(by, value);
    if (this.#signed) return; // each is verified, which takes time
    const key = keys.withId(command.keyId.toHex());
    const signatures = key && signaturesIn(context, value, key, items);
    if (!signatures) return;
    this.#signed = true;
    this.#outcome.resolve({ kind: "sign", signatures });
  }

  /** Settles once every member has reported the same key. */
  #takeKey(by: PeerId, result: Result): void {
    const { command } = this.#options;
    const reported = keyIn(result);
    if (!reported || !isAsked(reported.row, command) || !this.#isSameKey(reported.row)) return;
    void this.#certify(by, reported.row);
    const same = [...this.#results].filter(([, other]) => isActive(other, reported.same));
    if (!command.members.every((member) => same.some(([peer]) => peer === member))) return;
    // This node knows that it has asked for the key, but other peers check that too: of a key whose members
    // have shown no good preimage, only the name is known here until one does.
    const rows = same.map(([, other]) => keyIn(other)!.row);
    void this.#learn(rows).then(
      (row) => this.#settle(row, reported.row),
      (cause) => this.fail(cause instanceof StoreError ? new SessionError("store-failed", { cause }) : cause),
    );
  }

  /** Whether an epoch is one of the key that the command names. */
  #isSameKey({ key }: KeyRow): boolean {
    const { keys, command: { kind, keyId } } = this.#options;
    if (kind !== "reshare") return true;
    const before = keys.certified(keyId.toHex())?.key;
    return before !== undefined && before !== null && equal(before.publicKey, key!.publicKey) &&
      equal(before.chainCode, key!.chainCode);
  }

  /**
   * Settles with a key that all its members have reported.
   *
   * @param proven The row that proves which command asked for it; null if none does. A new key is taken all the same,
   * for it is nobody's yet; an epoch of a key is taken from nobody but the epoch before.
   */
  #settle(proven: KeyRow | null, reported: KeyRow): void {
    const { kind } = this.#options.command;
    if (kind === "generate") return this.#outcome.resolve({ kind, row: proven ?? reported });
    if (kind === "reshare" && proven) return this.#outcome.resolve({ kind, row: proven });
    this.fail(new SessionError("result-rejected"));
  }

  async #certify(by: PeerId, row: KeyRow): Promise<void> {
    if (!await certified(this.#options.context.identity, row)) return;
    this.#certified.add(by);
    this.#changed();
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
    const same = voteBody(row).toHex();
    const others = row.key!.members.filter((peer) => peer !== identity.peer);
    using patience = deadline(clock, confirmMs, signal);
    for (;;) {
      const missing = others.filter((peer) => !isActive(this.#results.get(peer), same));
      if (missing.length === 0) return;
      const connected = new Set(network.connected());
      // A member that has reported something else, or has disconnected, will confirm nothing more.
      const over = missing.every((peer) => this.has(peer) || !connected.has(peer));
      if (over || patience.signal.aborted) throw new SessionError("wallet-pending", { missing });
      using look = deadline(clock, confirmLookEvery, patience.signal);
      await orAborted(this.next, look.signal);
    }
  }
}

/** Whether a member's result says that exactly this key is active there. */
function isActive(result: Result | undefined, same: string): boolean {
  return result?.code === null && keyIn(result)?.same === same;
}

/** Whether a key is the one that the command asks for, whatever its members report. */
export function isAsked(
  { key, parent }: KeyRow,
  { kind, keyId, wallet, scheme, threshold, members }: Command,
): boolean {
  const isDealtAnew = parent !== null && equal(parent.session, keyId);
  return key !== null && (kind === "generate" ? parent === null : isDealtAnew) && key.wallet === wallet &&
    key.scheme === scheme && key.threshold === threshold &&
    key.members.join() === members.join();
}
