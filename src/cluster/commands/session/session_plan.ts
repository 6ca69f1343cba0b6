/**
 * The plan of a session that carries out a command: its task, made when everything that must be on disk
 * before it is there, and how its result is kept and reported.
 * @module
 */
import { SessionError, unlessStore } from "../../../errors.ts";
import type { KeyState } from "../../../events.ts";
import type { PeerId } from "../../../failure.ts";
import { maxSessionMessage } from "../../../limits.ts";
import { encodeCertificate } from "../../../keystore/key_certificate.ts";
import { commitKey, type DealtFrom } from "../../../keystore/commit_key.ts";
import { type KeyRow, readRow, rowName } from "../../../keystore/key_rows.ts";
import { voteBody } from "../../../keystore/vote_signatures.ts";
import type { Rows } from "../../../keystore/rows.ts";
import { erasePairs, readPair, writePairs } from "../../../keystore/pair_rows.ts";
import type { Agreed, Clock, Identity, Outcome, Wire } from "../../../ports.ts";
import { schemes } from "../../../schemes/schemes.ts";
import { type Accept, firstRoundOf } from "../../../session/invite.ts";
import type { Signed } from "../../../session/signed.ts";
import type { Ballot, SessionLog, SessionPlan, Streams } from "../../../session/plan.ts";
import { evidenceRecord } from "../../links/evidence_store.ts";
import { type Command, commandKey, contentOf } from "../../records/command.ts";
import { encodePreimage } from "../../records/preimage.ts";
import { type CommandOutcome, resultHash } from "../results.ts";
import type { FailedChecks } from "./failed_checks.ts";
import type { Opening, SessionsOptions } from "./opening.ts";
import type { RunningSession } from "./running_sessions.ts";
import { roundMsOf, totalMsOf } from "./task.ts";

export interface CommandPlanOptions {
  options: SessionsOptions;
  failedChecks: FailedChecks;
  opening: Opening;
  running: RunningSession;
}

export class CommandPlan implements SessionPlan<Outcome> {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly session: Uint8Array;
  readonly id: Uint8Array;
  readonly kind: Command["kind"];
  readonly initiator: PeerId;
  readonly party: readonly PeerId[];
  readonly voters: readonly PeerId[];
  readonly rounds: readonly string[];
  readonly totalMs: number;
  readonly roundMs: number;
  readonly maxMessage: number;
  readonly streams: Streams;
  readonly protocol: SessionPlan<Outcome>["protocol"];
  readonly control: RunningSession;
  readonly log: SessionLog;
  readonly wrapWire?: (wire: Wire) => Wire;
  readonly commit?: (outcome: Outcome, ballot: Ballot) => Promise<void>;
  readonly #options: CommandPlanOptions;
  /** The row of the key that was made, once it is active. */
  #row: KeyRow | null = null;

  /**
   * Makes the plan once the command counts as carried out and, for a new key, the opened session is on disk.
   *
   * @throws {SessionError} As of {@linkcode wasCarriedOut}: a repeated go opens nothing.
   */
  static async prepare(options: CommandPlanOptions): Promise<CommandPlan> {
    return new CommandPlan(options, await prepareRun(options));
  }

  private constructor(options: CommandPlanOptions, agreed: Agreed | SessionError) {
    const { opening, running } = options;
    const { context: { identity, clock, limits, vault, eventLog, wrapWire }, streams } = options.options;
    const { command: { by: initiator, value: command }, invite, attempt, drawn, facts, go } = opening;
    const { session } = go;
    const { value: { party }, by: coordinator } = invite;
    const { kind, scheme, itemCount } = command;
    this.identity = identity;
    this.clock = clock;
    this.session = session;
    this.id = command.id;
    this.kind = kind;
    this.initiator = initiator;
    this.party = party;
    this.voters = command.members;
    this.rounds = agreed instanceof SessionError ? [] : vault.rounds(command);
    this.totalMs = totalMsOf({ command, party }, limits);
    this.roundMs = roundMsOf({ command, party }, limits);
    this.maxMessage = maxSessionMessage(schemes[scheme].pairwise ? Math.max(1, itemCount) : 1);
    this.streams = streams.of({
      kind,
      session,
      attempt,
      invite: invite.encoded,
      coordinator,
      party,
      go: go.encoded,
    });
    this.protocol = agreed instanceof SessionError ? agreed : { run: (io) => drawn.run(agreed, io) };
    this.control = running;
    this.log = eventLog.sessionLog(facts, session);
    const about = { id: facts.id, session, kind, scheme, itemCount, party };
    if (wrapWire) this.wrapWire = (wire) => wrapWire(wire, about);
    if (kind !== "sign") this.commit = (outcome, ballot) => this.#commit(outcome, ballot);
    this.#options = options;
  }

  ban(peers: readonly PeerId[]): Promise<void> {
    const { failedChecks, running } = this.#options;
    return failedChecks.ban(running, this.session, peers);
  }

  keepEvidence(shown: readonly Uint8Array[]): string {
    const { options: { evidence }, opening, running: { key } } = this.#options;
    const preimage = preimageOf(opening);
    const certificate = key === null ? new Uint8Array() : encodeCertificate(key);
    return evidence.add(evidenceRecord.encode({ preimage, certificate, shown: [...shown] }), this.initiator);
  }

  /** The outcome of the command, once it is durable where it has to be. */
  outcomeOf(outcome: Outcome): CommandOutcome {
    return outcome.kind === "sign" ? outcome : { kind: outcome.kind, row: this.#row! };
  }

  resultHash(outcome: Outcome): string {
    return resultHash(this.outcomeOf(outcome));
  }

  async #commit(outcome: Outcome, ballot: Ballot): Promise<void> {
    const { identity, initiator } = this;
    const { options, opening: { command: { value: command } } } = this.#options;
    const row = this.#row = await this.#write(outcome, ballot);
    if (initiator === identity.peer) await options.confirmed(command, row, ballot.signal);
  }

  async #write(outcome: Outcome, ballot: Ballot): Promise<KeyRow> {
    if (outcome.kind === "sign") throw new SessionError("internal");
    const { options: { context: { rows, identity }, keys }, opening } = this.#options;
    const { session } = this;
    const preimage = preimageOf(opening);
    const { kind, keyId, dealers } = opening.command.value;
    const dealtFrom = kind === "reshare" ? { dealers, ...await parentIn(keys, keyId) } : null;
    const changed = (row: KeyRow, state: KeyState | null) => keys.rows.changed(row, state);
    try {
      await writePairs(rows, session, outcome.pairs).catch((cause) => {
        throw new SessionError("store-failed", { cause });
      });
      return await commitKey({ rows, identity, preimage, dealtFrom, changed }, session, outcome, ballot);
    } catch (error) {
      // Pair states without a share are useless; those that a full disk keeps here are swept at the next
      // start. A row whose write was reported as failed may be there all the same, and be a key that needs
      // them.
      await erasePairsOfNothing(rows, session).catch(unlessStore);
      throw error;
    }
  }
}

/** Whether a command was refused because its id was used before. */
const wasCarriedOut = ({ code }: SessionError): boolean =>
  code === "replayed-command" || code === "id-reused" || code === "outcome-forgotten";

/**
 * @returns What the party has agreed on, or the reason why this node cannot take part after all.
 * @throws {SessionError} As of {@linkcode wasCarriedOut}.
 */
async function prepareRun(options: CommandPlanOptions): Promise<Agreed | SessionError> {
  const { options: { replayGuard, keys }, opening: { command: { by, value }, go: { session } } } = options;
  try {
    await replayGuard.add(commandKey(by, value.id), value.expires, contentOf(value).toHex());
    options.running.isCounted = true;
    if (value.kind !== "sign") await keys.rows.begin(session);
    return await agreedOf(options);
  } catch (error) {
    if (!(error instanceof SessionError) || wasCarriedOut(error)) throw error;
    return error;
  }
}

/**
 * @throws {SessionError} `unknown-wallet` if the key is gone, `epoch-mismatch`, `key-frozen`, `peer-banned`,
 * `pair-quarantined`, `share-corrupt`, `store-failed`.
 */
async function agreedOf({ options, opening, running }: CommandPlanOptions): Promise<Agreed> {
  const { keys, frozen } = options;
  const { command: { value: command }, invite: { value: { party } }, go: { session, accepts } } = opening;
  checkFirstRounds(options, command, accepts);
  const agreed = { session, firstRound: firstRoundOf(accepts), pairs: new Map() };
  if (command.kind === "generate") return agreed;
  keys.epochs.checkCurrent(command.keyId.toHex());
  if (command.kind === "reshare") return agreed;
  const row = keys.own(command);
  if (row?.state !== "active") throw new SessionError("unknown-wallet");
  running.key = row; // from here on a freeze ends the session
  if (frozen.has(row.session.toHex())) throw new SessionError("key-frozen");
  return schemes[command.scheme].pairwise ? { ...agreed, pairs: await pairsOf(options, row, party) } : agreed;
}

/**
 * Looks at the first rounds of the others. This node's own must be the one that the vault has drawn, which the
 * run compares.
 *
 * @throws {SessionError} `malformed-message`, naming every other member whose accept has no first round.
 */
function checkFirstRounds(
  { context: { identity, vault } }: SessionsOptions,
  command: Command,
  accepts: readonly Signed<Accept>[],
): void {
  const bad = accepts.filter(({ by, value }) =>
    by !== identity.peer && !vault.isFirstRound(command, value.firstRound)
  );
  if (bad.length === 0) return;
  throw new SessionError("malformed-message", {
    culprits: bad.map(({ by }) => by),
    evidence: bad.map(({ encoded }) => encoded),
  });
}

/** The sealed state of this node's pair with each other signer. @throws {SessionError} */
async function pairsOf(
  { context: { identity, rows }, bans, frozen }: SessionsOptions,
  { session }: KeyRow,
  party: readonly PeerId[],
): Promise<ReadonlyMap<PeerId, Uint8Array>> {
  const keyId = session.toHex();
  const pairs = new Map<PeerId, Uint8Array>();
  for (const peer of party) {
    if (peer === identity.peer) continue;
    const sealed = await readPair(rows, session, peer).catch((cause) => {
      throw new SessionError("store-failed", { cause });
    });
    await bans.written(keyId, peer); // an end before that would show the ban
    if (bans.has(keyId, peer)) throw new SessionError("peer-banned");
    if (frozen.has(keyId, peer)) throw new SessionError("pair-quarantined");
    if (sealed === null) throw new SessionError("share-corrupt");
    pairs.set(peer, sealed);
  }
  return pairs;
}

/**
 * The epoch that is dealt anew, whose certificate and those before it are on disk from now on.
 *
 * @throws {SessionError} `unknown-wallet`; `wallet-busy` if this node has released it to another session; `store-failed`.
 */
async function parentIn(
  keys: SessionsOptions["keys"],
  keyId: Uint8Array,
): Promise<Pick<DealtFrom, "parent" | "check">> {
  const row = keys.certified(keyId.toHex());
  if (!row) throw new SessionError("unknown-wallet");
  if (keys.rows.releasedTo(keyId).length > 0) throw new SessionError("wallet-busy");
  await keys.keepLine(keyId.toHex()).catch((cause) => {
    throw new SessionError("store-failed", { cause });
  });
  return {
    parent: { session: row.session, vote: voteBody(row) },
    check: () => keys.epochs.checkCurrent(keyId.toHex()),
  };
}

/** The preimage of the session's id, encoded. */
const preimageOf = ({ invite, go }: Opening): Uint8Array =>
  encodePreimage(invite.encoded, go.accepts.map(({ encoded }) => encoded));

/** Erases the pairs of a session that has left no row. @throws {StoreError} */
async function erasePairsOfNothing(rows: Rows, session: Uint8Array): Promise<void> {
  const share = (await readRow(rows, rowName(session)))?.row.share;
  if (!share || share.length === 0) await erasePairs(rows, session);
}
