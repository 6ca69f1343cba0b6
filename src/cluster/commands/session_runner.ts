/**
 * The sessions that this node takes part in: from the coordinator's go to the signed result.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { KeyState } from "../../events.ts";
import { SessionError, unlessStore } from "../../errors.ts";
import type { FailureCode, PeerId } from "../../failure.ts";
import { type Limits, roundShare, setupMsPerPair } from "../../limits.ts";
import type { Consent, GuardedVault, Outcome, Task } from "../../ports.ts";
import { commitKey, type KeyRow, readRow, rowName, type Rows } from "../../keystore/key_rows.ts";
import { pause } from "../../session/deadline.ts";
import { Lingering } from "../../session/linger.ts";
import { erasePairs, readPair, writePairs } from "../../keystore/pair_rows.ts";
import type { Ballot, EventBody, SessionPlan } from "../../session/plan.ts";
import { runSession } from "../../session/session.ts";
import type { Bans } from "../keys/bans.ts";
import { type Command, commandKey } from "../records/command.ts";
import type { ReplayGuard } from "./replay_guard.ts";
import type { Context } from "../context.ts";
import { evidenceRecord, type EvidenceStore } from "../links/evidence_store.ts";
import type { Frozen } from "../keys/frozen.ts";
import { encodeCertificate } from "../../keystore/key_certificate.ts";
import type { Keys } from "../keys/keys.ts";
import type { SessionStreams } from "../links/session_streams.ts";
import { encodeOutcome, type Gave, resultHash, sendResult, signResult } from "./results.ts";
import { payloadOf, signingKey } from "../records/signing.ts";
import type { SessionFacts } from "../events/event_log.ts";

/** How long a node that stops waits for its sessions to say so, ms. */
const stopMs = 2_000;

/** A session that all have accepted. */
export interface Opening {
  command: Command;
  message: Uint8Array;
  /** This node's own. */
  consent: Consent;
  initiator: PeerId;
  party: readonly PeerId[];
  attempt: Uint8Array;
  session: Uint8Array;
  /** Of the session's id, encoded. */
  preimage: Uint8Array;
  /** Where the story was begun already: at the coordinator. */
  facts: SessionFacts;
  /** Ends it from outside. */
  signal: AbortSignal;
}

/** A session under way, as this node can end it. */
interface Running {
  readonly party: readonly PeerId[];
  /** The row of the key it signs with. */
  key: KeyRow | null;
  readonly stop: AbortController;
  readonly mute: AbortController;
  /** Nobody hears how its run went before this has resolved: another of its kind is about to end it. */
  held: Promise<unknown>;
}

export interface SessionsOptions {
  context: Context;
  keys: Keys;
  bans: Bans;
  frozen: Frozen;
  lines: SessionStreams;
  seen: ReplayGuard;
  /** Keeps what failures show. */
  evidence: EvidenceStore;
  /** The link to these peers has shown to be broken. */
  broken(peers: readonly PeerId[]): void;
  /**
   * Resolves when every other member of a key that was asked for here has signed that it is active there too.
   *
   * @throws {SessionError} `wallet-pending`, naming who has not.
   */
  confirmed(command: Command, row: KeyRow, signal: AbortSignal): Promise<void>;
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #running = new Map<string, Running>();
  readonly #lingering: Lingering;
  readonly #idle = new Set<() => void>();

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#lingering = new Lingering(options.context.clock);
  }

  get count(): number {
    return this.#running.size;
  }

  running(session: Uint8Array): boolean {
    return this.#running.has(session.toHex());
  }

  /**
   * Runs a session to its end, tells it, and tells the initiator.
   *
   * @throws {SessionError} What its terminal event said.
   */
  async run(opening: Opening): Promise<Gave> {
    const { context, seen, broken } = this.#options;
    const { command, attempt, session, initiator, facts, party } = opening;
    const key = session.toHex();
    const stop = new AbortController();
    const running: Running = {
      party,
      key: null,
      stop,
      mute: new AbortController(),
      held: Promise.resolve(),
    };
    const follow = () => stop.abort(opening.signal.reason);
    opening.signal.addEventListener("abort", follow, { once: true });
    if (opening.signal.aborted) follow();
    this.#running.set(key, running);
    let came: Gave | SessionError;
    try {
      using _name = this.reserve(command, initiator);
      came = await this.#session(opening, running);
    } catch (error) {
      came = error instanceof SessionError ? error : new SessionError("internal", { cause: error });
      // Failed before its run began: that is told here, once; what fails inside tells by itself.
      if (context.teller.storyOf(facts.story)?.ended !== true) context.teller.failed(facts, came, "opening");
      if (running.key) await this.#counted(running.key, party, came);
    } finally {
      opening.signal.removeEventListener("abort", follow);
      this.#running.delete(key);
      this.#options.lines.forget(attempt);
      if (this.#running.size === 0) { for (const wake of [...this.#idle]) wake(); }
    }
    const result = await signResult(context, { id: command.id, attempt, session }, came);
    if (command.coordinator === context.identity.peer) {
      await seen.settle(commandKey(initiator, command.id), encodeOutcome(command, result.encoded)).catch(
        () => {},
      );
    }
    if (initiator !== context.identity.peer) void sendResult(context, initiator, result);
    if (!(came instanceof SessionError)) return came;
    if (came.code === "link-lost") broken(came.missing);
    throw came;
  }

  /** A name is reserved while its key is being made, from the invite on. @throws {SessionError} */
  reserve(command: Command, initiator: PeerId): Disposable {
    return command.kind === "generate"
      ? this.#options.keys.reserve(command, commandKey(initiator, command.id))
      : { [Symbol.dispose]() {} };
  }

  #once({ command, initiator }: Opening): Promise<void> {
    return this.#options.seen.add(commandKey(initiator, command.id), command.expires);
  }

  /** What this node is to do, once all that has to be on disk before is there. @throws {SessionError} */
  async #prepared(opening: Opening, roundMs: number, running: Running): Promise<Task> {
    const { command, session } = opening;
    await this.#once(opening);
    if (command.kind === "generate") await this.#options.keys.begin(session);
    return await this.#task(opening, roundMs, running);
  }

  async #session(opening: Opening, running: Running): Promise<Gave> {
    const { context, lines } = this.#options;
    const { command, initiator, party, attempt, session, facts } = opening;
    const { identity, clock, limits, vault, teller, wrapWire } = context;
    const totalMs = totalOf(command, limits);
    const roundMs = totalMs * roundShare;
    const task = await this.#prepared(opening, roundMs, running).catch((error) => {
      // A go that is repeated opens nothing.
      if (!(error instanceof SessionError) || error.code === "replayed-command") throw error;
      return error;
    });
    const unprepared = task instanceof SessionError ? task : null;
    let row: KeyRow | null = null;
    /** Once it lasts, where it has to. */
    const gave = (outcome: Outcome): Gave =>
      outcome.kind === "sign" ? outcome : { kind: "generate", row: row! };
    const publish = (body: EventBody) => {
      if (body.type === "opened") facts.session = session.toHex();
      teller.session(facts, body);
    };
    const plan: SessionPlan<Outcome> = {
      identity,
      clock,
      session,
      id: command.id,
      kind: command.kind,
      initiator,
      party,
      rounds: task instanceof SessionError ? [] : vault.rounds(task),
      totalMs,
      roundMs,
      openLine: (peer, signal) => lines.open(peer, { kind: command.kind, attempt, session }, signal),
      unprepared,
      run: async (io) => {
        if (task instanceof SessionError) throw task;
        try {
          return checked(vault, await vault.run(task, io, opening.consent), task);
        } finally {
          await running.held;
        }
      },
      keepEvidence: (shown) => {
        const certificate = running.key === null ? new Uint8Array() : encodeCertificate(running.key);
        const encoded = evidenceRecord.encode({ preimage: opening.preimage, certificate, shown: [...shown] });
        return this.#options.evidence.add(encoded, initiator);
      },
      resultHash: (outcome) => resultHash(gave(outcome)),
      publish,
      ban: (peers) => this.#ban(running, session, peers),
      muted: running.mute.signal,
      warn: (code, via) => teller.warn(code, via, facts),
      signal: running.stop.signal,
      ...(wrapWire
        ? {
          wrapWire: (wire) => {
            const { kind, curve } = command;
            return wrapWire(wire, { id: facts.id, session, kind, curve, party });
          },
        }
        : {}),
      ...(command.kind === "generate"
        ? {
          commit: async (outcome: Outcome, ballot: Ballot) => {
            row = await this.#commit(opening, outcome, ballot);
            if (initiator === identity.peer) await this.#options.confirmed(command, row, ballot.signal);
          },
        }
        : {}),
    };
    return gave(await runSession(plan, (end) => this.#lingering.add(end)));
  }

  async #commit({ session, preimage }: Opening, outcome: Outcome, ballot: Ballot): Promise<KeyRow> {
    if (outcome.kind !== "generate") throw new SessionError("internal");
    const { context: { rows, identity }, keys } = this.#options;
    const changed = (row: KeyRow, state: KeyState | null) => keys.changed(row, state);
    try {
      await writePairs(rows, session, outcome.pairs).catch((cause) => {
        throw new SessionError("store-failed", { cause });
      });
      return await commitKey({ rows, identity, preimage, changed }, session, outcome, ballot);
    } catch (error) {
      // Without a share they are of no use; what a full disk keeps here is swept at the next start. A row whose write
      // was only said to have failed may be there all the same, and be a key that needs them.
      if (!keys.row(session)) await erasePairsOfNothing(rows, session).catch(unlessStore);
      throw error;
    }
  }

  /**
   * @throws {SessionError} `unknown-wallet` if there is no share to sign with, `key-frozen`, `peer-banned`,
   * `pair-quarantined`, `share-corrupt`, `store-failed`.
   */
  async #task(
    { command, message, party, session }: Opening,
    roundMs: number,
    running: Running,
  ): Promise<Task> {
    const { context: { identity, rows }, keys, bans, frozen } = this.#options;
    const { wallet, curve, threshold, path } = command;
    const self = identity.peer;
    const common = { session, self, party, curve, wallet, roundMs };
    if (command.kind === "generate") return { ...common, kind: "generate", threshold, epoch: 1 };
    const row = keys.own(command);
    if (row?.state !== "active") throw new SessionError("unknown-wallet");
    running.key = row; // from here on a freeze ends it
    if (frozen.has(row.session.toHex())) throw new SessionError("key-frozen");
    const pairs = new Map<PeerId, Uint8Array>();
    for (const peer of curve === "secp256k1" ? party : []) {
      if (peer === self) continue;
      const sealed = await readPair(rows, row.session, peer).catch((cause) => {
        throw new SessionError("store-failed", { cause });
      });
      if (bans.has(row.session.toHex(), peer)) throw new SessionError("peer-banned");
      if (frozen.has(row.session.toHex(), peer)) throw new SessionError("pair-quarantined");
      if (sealed === null) throw new SessionError("share-corrupt");
      pairs.set(peer, sealed);
    }
    const { share, key } = row;
    return {
      ...common,
      kind: "sign",
      keyId: row.session,
      share,
      key: key!,
      pairs,
      path,
      message: payloadOf({ ...command, message }),
    };
  }

  /**
   * A check has failed that tells about this node's secrets: from this moment on nothing leaves any session with these
   * peers under this key. The ban is written; then those sessions end, the pair is erased, and only then may the session
   * that found it say so.
   *
   * @throws {StoreError} If the ban could not be written; the rest has happened all the same.
   */
  async #ban(found: Running, session: Uint8Array, caught: readonly PeerId[]): Promise<void> {
    const { context: { teller, rows }, bans } = this.#options;
    const key = found.key!;
    found.mute.abort();
    // Whom another session has caught already, it bans, and ends this one: that a second check failed too, nobody hears.
    const peers = caught.filter((peer) => !bans.has(key.session.toHex(), peer));
    if (peers.length === 0) return void await found.held;
    const others = this.#with(key).filter((other) =>
      other !== found && other.party.some((peer) => peers.includes(peer))
    );
    const writing = Promise.allSettled(peers.map((peer) => bans.add(key, peer, session))).then((written) => {
      for (const { stop } of others) stop.abort(new SessionError("peer-banned"));
      return written;
    });
    // Also whether their checks pass: a peer that cheats in several at once must not learn of more than one.
    for (const other of others) {
      other.mute.abort();
      other.held = writing;
    }
    const written = await writing;
    const erased = await Promise.allSettled(peers.map((peer) => erasePairs(rows, key.session, peer)));
    const { wallet, curve } = key.key!;
    for (const peer of peers) {
      teller.tell({ type: "ban", wallet, curve, pair: [this.#options.context.identity.peer, peer] });
    }
    const failed = [...written, ...erased].find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  /**
   * A signature that did not verify in the end counts: against the pair with whoever is named, else against the key. A
   * pair that this quarantines, or a key that it freezes, signs no more: such sessions that are under way end too.
   */
  async #counted(key: KeyRow, party: readonly PeerId[], { code, culprits }: SessionError): Promise<void> {
    const { frozen, seen, context: { teller, identity } } = this.#options;
    if (key.key!.curve !== "secp256k1" || !lastStep.includes(code)) return;
    const id = key.session.toHex();
    const others = party.filter((peer) => peer !== identity.peer);
    for (const named of culprits.length > 0 ? culprits : [null]) {
      const freezes = await frozen.failed(id, seen.now(), { named, others }).catch((error) => {
        unlessStore(error);
        return frozen.has(id, named ?? undefined); // it counts in memory
      });
      if (!freezes) continue;
      if (named === null) teller.key(key.key!, id, "frozen");
      else teller.quarantine(key.key!, id, named, "quarantined");
      for (const other of this.#with(key)) {
        if (named === null) other.stop.abort(new SessionError("key-frozen"));
        else if (other.party.includes(named)) other.stop.abort(new SessionError("pair-quarantined"));
      }
    }
  }

  /** The sessions under way that sign with a key. */
  #with({ session }: KeyRow): Running[] {
    return [...this.#running.values()].filter(({ key }) => key !== null && equal(key.session, session));
  }

  /** Resolves when no session runs any more, or `ms` have passed. */
  async idle(ms: number): Promise<void> {
    if (this.#running.size === 0) return;
    const done = new AbortController();
    const wake = () => done.abort();
    this.#idle.add(wake);
    await pause(this.#options.context.clock, ms, done.signal);
    this.#idle.delete(wake);
  }

  /** Ends every session of this node. */
  interrupt(reason: SessionError): void {
    for (const { stop } of this.#running.values()) stop.abort(reason);
  }

  /** Ends every session of this node with `shutdown`, and waits until each has told so. */
  async stop(): Promise<void> {
    this.interrupt(new SessionError("shutdown"));
    await this.idle(stopMs);
    this.#lingering.stop();
  }
}

/** How the last step of an ECDSA signature fails. */
const lastStep: readonly FailureCode[] = ["result-rejected", "invalid-signature-share"];

/** What a session may take, ms. */
function totalOf({ kind, curve, members }: Command, { signMs, generateMs }: Limits): number {
  if (kind === "sign") return signMs;
  return generateMs + (curve === "secp256k1" ? setupMsPerPair * (members.length - 1) : 0);
}

/** Erases the pairs of a session that has left no row. @throws {StoreError} */
async function erasePairsOfNothing(rows: Rows, session: Uint8Array): Promise<void> {
  const share = (await readRow(rows, rowName(session)))?.row.share;
  if (!share || share.length === 0) await erasePairs(rows, session);
}

/** The output is verified before it leaves, whoever computed it. @throws {SessionError} `result-rejected`. */
function checked(vault: GuardedVault, outcome: Outcome, task: Task): Outcome {
  if (task.kind === "sign" && outcome.kind === "sign") {
    const key = signingKey(task.key, task.path);
    if (!vault.verify(key, task.message, outcome.signature)) throw new SessionError("result-rejected");
  }
  return outcome;
}
