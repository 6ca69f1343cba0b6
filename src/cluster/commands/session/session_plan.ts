/**
 * The plan of a session that carries out a command: how it opens its streams, runs in the vault, keeps its result and
 * reports.
 * @module
 */
import { SessionError, unlessStore } from "../../../errors.ts";
import type { KeyState } from "../../../events.ts";
import type { PeerId, WarningCode } from "../../../failure.ts";
import { encodeCertificate } from "../../../keystore/key_certificate.ts";
import { commitKey } from "../../../keystore/commit_key.ts";
import { type KeyRow, readRow, rowName } from "../../../keystore/key_rows.ts";
import type { Rows } from "../../../keystore/rows.ts";
import { erasePairs, writePairs } from "../../../keystore/pair_rows.ts";
import { type Limits, roundShare, setupMsPerPair } from "../../../limits.ts";
import type { Clock, GuardedVault, Identity, Outcome, RunIo, Task, Wire } from "../../../ports.ts";
import { schemes, signingKey } from "../../../schemes/schemes.ts";
import type { Ballot, EventBody, SessionPlan } from "../../../session/plan.ts";
import type { Line } from "../../../session/wire.ts";
import { evidenceRecord } from "../../links/evidence_store.ts";
import type { Command } from "../../records/command.ts";
import { type CommandOutcome, resultHash } from "../results.ts";
import type { FailedChecks } from "./failed_checks.ts";
import type { Opening, SessionsOptions } from "./opening.ts";
import type { RunningSession } from "./running_sessions.ts";

/** The time that a session and each of its rounds may take, ms. */
export function timesOf(command: Command, limits: Limits): { totalMs: number; roundMs: number } {
  const totalMs = totalOf(command, limits);
  return { totalMs, roundMs: totalMs * roundShare };
}

function totalOf({ kind, scheme, members }: Command, { signMs, generateMs }: Limits): number {
  if (kind === "sign") return signMs;
  return generateMs + (schemes[scheme].pairwise ? setupMsPerPair * (members.length - 1) : 0);
}

export interface CommandPlanOptions {
  options: SessionsOptions;
  failedChecks: FailedChecks;
  opening: Opening;
  running: RunningSession;
  /** The task, or the reason why this node cannot take part. */
  task: Task | SessionError;
}

export class CommandPlan implements SessionPlan<Outcome> {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly session: Uint8Array;
  readonly id: Uint8Array;
  readonly kind: Command["kind"];
  readonly initiator: PeerId;
  readonly party: readonly PeerId[];
  readonly rounds: readonly string[];
  readonly totalMs: number;
  readonly roundMs: number;
  readonly unprepared: SessionError | null;
  readonly silenced: AbortSignal;
  readonly signal: AbortSignal;
  readonly wrapWire?: (wire: Wire) => Wire;
  readonly commit?: (outcome: Outcome, ballot: Ballot) => Promise<void>;
  readonly #options: SessionsOptions;
  readonly #failedChecks: FailedChecks;
  readonly #opening: Opening;
  readonly #running: RunningSession;
  readonly #task: Task | SessionError;
  /** The row of the key that was made, once it is active. */
  #row: KeyRow | null = null;

  constructor({ options, failedChecks, opening, running, task }: CommandPlanOptions) {
    const { identity, clock, limits, vault, wrapWire } = options.context;
    const { command, initiator, party, session, facts } = opening;
    const { kind, scheme } = command;
    const { totalMs, roundMs } = timesOf(command, limits);
    this.identity = identity;
    this.clock = clock;
    this.session = session;
    this.id = command.id;
    this.kind = kind;
    this.initiator = initiator;
    this.party = party;
    this.rounds = task instanceof SessionError ? [] : vault.rounds(task);
    this.totalMs = totalMs;
    this.roundMs = roundMs;
    this.unprepared = task instanceof SessionError ? task : null;
    this.silenced = running.silenced;
    this.signal = running.signal;
    if (wrapWire) this.wrapWire = (wire) => wrapWire(wire, { id: facts.id, session, kind, scheme, party });
    if (kind === "generate") this.commit = (outcome, ballot) => this.#commit(outcome, ballot);
    this.#options = options;
    this.#failedChecks = failedChecks;
    this.#opening = opening;
    this.#running = running;
    this.#task = task;
  }

  openLine(peer: PeerId, signal: AbortSignal): Promise<Line> {
    const { attempt } = this.#opening;
    return this.#options.streams.open(peer, { kind: this.kind, attempt, session: this.session }, signal);
  }

  async run(io: RunIo): Promise<Outcome> {
    const task = this.#task;
    const { vault } = this.#options.context;
    if (task instanceof SessionError) throw task;
    try {
      return checked(vault, await vault.run(task, io, this.#opening.consent), task);
    } finally {
      await this.#running.untilBanIsDurable;
    }
  }

  ban(peers: readonly PeerId[]): Promise<void> {
    return this.#failedChecks.ban(this.#running, this.session, peers);
  }

  keepEvidence(shown: readonly Uint8Array[]): string {
    const { key } = this.#running;
    const certificate = key === null ? new Uint8Array() : encodeCertificate(key);
    const { preimage } = this.#opening;
    const encoded = evidenceRecord.encode({ preimage, certificate, shown: [...shown] });
    return this.#options.evidence.add(encoded, this.initiator);
  }

  /** The outcome of the command, once it is durable where it has to be. */
  outcomeOf(outcome: Outcome): CommandOutcome {
    return outcome.kind === "sign" ? outcome : { kind: "generate", row: this.#row! };
  }

  resultHash(outcome: Outcome): string {
    return resultHash(this.outcomeOf(outcome));
  }

  publish(body: EventBody): void {
    const { facts, session } = this.#opening;
    if (body.type === "opened") facts.session = session.toHex();
    this.#options.context.eventLog.emitSession(facts, body);
  }

  warn(code: WarningCode, via: PeerId): void {
    this.#options.context.eventLog.warn(code, via, this.#opening.facts);
  }

  async #commit(outcome: Outcome, ballot: Ballot): Promise<void> {
    const { identity, initiator } = this;
    const { command } = this.#opening;
    const row = this.#row = await this.#write(outcome, ballot);
    if (initiator === identity.peer) await this.#options.confirmed(command, row, ballot.signal);
  }

  async #write(outcome: Outcome, ballot: Ballot): Promise<KeyRow> {
    if (outcome.kind !== "generate") throw new SessionError("internal");
    const { session, preimage } = this.#opening;
    const { context: { rows, identity }, keys } = this.#options;
    const changed = (row: KeyRow, state: KeyState | null) => keys.rows.changed(row, state);
    try {
      await writePairs(rows, session, outcome.pairs).catch((cause) => {
        throw new SessionError("store-failed", { cause });
      });
      return await commitKey({ rows, identity, preimage, changed }, session, outcome, ballot);
    } catch (error) {
      // Pair states without a share are useless; those that a full disk keeps here are swept at the next start. A row
      // whose write was reported as failed may be there all the same, and be a key that needs them.
      if (!keys.rows.row(session)) await erasePairsOfNothing(rows, session).catch(unlessStore);
      throw error;
    }
  }
}

/** Erases the pairs of a session that has left no row. @throws {StoreError} */
async function erasePairsOfNothing(rows: Rows, session: Uint8Array): Promise<void> {
  const share = (await readRow(rows, rowName(session)))?.row.share;
  if (!share || share.length === 0) await erasePairs(rows, session);
}

/** Verifies a signature before it leaves, whoever computed it. @throws {SessionError} `result-rejected`. */
function checked(vault: GuardedVault, outcome: Outcome, task: Task): Outcome {
  if (task.kind === "sign" && outcome.kind === "sign") {
    const key = signingKey(task.key, task.path);
    if (!vault.verify(key, task.message, outcome.signature)) throw new SessionError("result-rejected");
  }
  return outcome;
}
