/**
 * The sessions that this node takes part in: from the coordinator's go to the signed result.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { failures, keySafety, type PeerId, SessionError } from "../failure.ts";
import { roundShare } from "../limits.ts";
import type { Outcome, Task, Vault } from "../ports.ts";
import { commitKey, type KeyRow, voteBody } from "../session/commit.ts";
import { pause } from "../session/deadline.ts";
import { Lingering } from "../session/linger.ts";
import { type Ballot, type EventBody, runSession, type SessionPlan } from "../session/session.ts";
import type { Command } from "./command.ts";
import type { CommandsSeen } from "./commands_seen.ts";
import type { Context } from "./context.ts";
import type { Keys } from "./keys.ts";
import type { Lines } from "./lines.ts";
import { type Gave, sendResult, signResult } from "./results.ts";
import type { SessionFacts } from "./telling.ts";

/** How long a node that stops waits for its sessions to say so, ms. */
const stopMs = 2_000;

/** A session that all have accepted. */
export interface Opening {
  command: Command;
  initiator: PeerId;
  party: readonly PeerId[];
  attempt: Uint8Array;
  session: Uint8Array;
  /** Where the story was begun already: at the coordinator. */
  facts: SessionFacts;
  /** Ends it from outside. */
  signal: AbortSignal;
}

export interface SessionsOptions {
  context: Context;
  keys: Keys;
  lines: Lines;
  seen: CommandsSeen;
  /** The link to these peers has shown to be broken. */
  broken(peers: readonly PeerId[]): void;
}

export class Sessions {
  readonly #o: SessionsOptions;
  readonly #running = new Map<string, AbortController>();
  readonly #lingering: Lingering;
  readonly #idle = new Set<() => void>();

  constructor(options: SessionsOptions) {
    this.#o = options;
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
    const { context, seen, broken } = this.#o;
    const { command, attempt, session, initiator, facts } = opening;
    const key = session.toHex();
    const stop = new AbortController();
    const follow = () => stop.abort(opening.signal.reason);
    opening.signal.addEventListener("abort", follow, { once: true });
    if (opening.signal.aborted) follow();
    this.#running.set(key, stop);
    let came: Gave | SessionError;
    try {
      using _name = this.reserve(command);
      await this.#once(command);
      came = await this.#session(opening, stop.signal);
    } catch (error) {
      came = error instanceof SessionError ? error : new SessionError("internal", { cause: error });
      // Failed before its run began: that is told here, once; what fails inside tells by itself.
      if (context.teller.storyOf(facts.id)?.ended !== true) this.fail(facts, came, "opening");
    } finally {
      opening.signal.removeEventListener("abort", follow);
      this.#running.delete(key);
      this.#o.lines.forget(attempt);
      if (this.#running.size === 0) { for (const wake of [...this.#idle]) wake(); }
    }
    const result = await signResult(context, { id: command.id, attempt, session }, came);
    if (command.coordinator === context.identity.peer) {
      await seen.settle(facts.id, result.encoded).catch(() => {});
    }
    if (initiator !== context.identity.peer) void sendResult(context, initiator, result);
    if (!(came instanceof SessionError)) return came;
    if (came.code === "link-lost") broken(came.missing);
    throw came;
  }

  /** A name is reserved while its key is being made, from the invite on. @throws {SessionError} */
  reserve(command: Command): Disposable {
    return command.kind === "generate"
      ? this.#o.keys.reserve(command, command.id.toHex())
      : { [Symbol.dispose]() {} };
  }

  #once(command: Command): Promise<void> {
    return this.#o.seen.add(command.id.toHex(), command.expires);
  }

  /** Tells the one terminal event of what failed before it could run. */
  fail(facts: SessionFacts, error: SessionError, phase: "inviting" | "opening"): void {
    const { code, culprits, missing, claims } = error;
    this.#o.context.teller.session(facts, {
      type: "failed",
      code,
      remedy: failures[code].remedy,
      key: keySafety(code, facts.kind),
      phase,
      round: null,
      culprits,
      missing,
      claims,
    });
  }

  #session(opening: Opening, signal: AbortSignal): Promise<Gave> {
    const { context, lines } = this.#o;
    const { command, initiator, party, attempt, session, facts } = opening;
    const { identity, clock, limits, vault, teller, wrapWire } = context;
    const totalMs = command.kind === "sign" ? limits.signMs : limits.generateMs;
    const roundMs = totalMs * roundShare;
    const task = this.#task(opening, roundMs);
    let row: KeyRow | null = null;
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
      rounds: vault.rounds(task),
      totalMs,
      roundMs,
      openLine: (peer, signal) => lines.open(peer, attempt, session, signal),
      run: async (io) => checked(vault, await vault.run(task, io), task),
      resultHash: (outcome) =>
        sha256(outcome.kind === "sign" ? outcome.signature : voteBody(outcome.key, outcome.transcript))
          .toHex(),
      publish,
      warn: (code, via) => teller.warn(code, via, facts),
      signal,
      ...(wrapWire
        ? { wrapWire: (wire) => wrapWire(wire, { id: facts.id, session, kind: command.kind, party }) }
        : {}),
      ...(command.kind === "generate"
        ? {
          commit: async (outcome: Outcome, ballot: Ballot) =>
            row = await this.#commit(session, outcome, ballot),
        }
        : {}),
    };
    return runSession(plan, (end) => this.#lingering.add(end)).then((outcome): Gave =>
      outcome.kind === "sign" ? outcome : { kind: "generate", row: row! }
    );
  }

  #commit(session: Uint8Array, outcome: Outcome, ballot: Ballot): Promise<KeyRow> {
    if (outcome.kind !== "generate") throw new SessionError("internal");
    const { context: { rows, identity }, keys } = this.#o;
    const changed = (row: KeyRow, state: "pending" | "active" | "frozen" | "gone") =>
      keys.changed(row, state, { quiet: false });
    return commitKey({ rows, identity, changed }, session, outcome, ballot);
  }

  /** @throws {SessionError} `unknown-wallet` if there is no share to sign with. */
  #task({ command, party, session }: Opening, roundMs: number): Task {
    const { wallet, curve, threshold, message } = command;
    const common = { session, self: this.#o.context.identity.peer, party, curve, wallet, roundMs };
    if (command.kind === "generate") return { ...common, kind: "generate", threshold, epoch: 1 };
    const row = this.#o.keys.own(command);
    if (row?.state !== "active") throw new SessionError("unknown-wallet");
    return { ...common, kind: "sign", share: row.share, key: row.key!, message };
  }

  /** Resolves when no session runs any more, or `ms` have passed. */
  async idle(ms: number): Promise<void> {
    if (this.#running.size === 0) return;
    const done = new AbortController();
    const wake = () => done.abort();
    this.#idle.add(wake);
    await pause(this.#o.context.clock, ms, done.signal);
    this.#idle.delete(wake);
  }

  /** Ends every session of this node with `shutdown`, and waits until each has told so. */
  async stop(): Promise<void> {
    for (const stop of this.#running.values()) stop.abort(new SessionError("shutdown"));
    await this.idle(stopMs);
    this.#lingering.stop();
  }
}

/** The output is verified before it leaves, whoever computed it. @throws {SessionError} `result-rejected`. */
function checked(vault: Vault, outcome: Outcome, task: Task): Outcome {
  if (task.kind === "sign" && outcome.kind === "sign") {
    if (!vault.verify(task.key, task.message, outcome.signature)) throw new SessionError("result-rejected");
  }
  return outcome;
}
