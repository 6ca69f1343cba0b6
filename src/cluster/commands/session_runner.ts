/**
 * The runner of this node's sessions: from the coordinator's go to the signed result.
 * @module
 */
import { SessionError, unlessStore } from "../../errors.ts";
import { ClosingStreams } from "../../session/closing_streams.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { runSession } from "../../session/session.ts";
import { type Command, commandKey } from "../records/command.ts";
import { encodePreimage } from "../records/preimage.ts";
import type { PeerId } from "../../failure.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { type CommandOutcome, encodeOutcome, sendResult, signResult, type UnderWay } from "./results.ts";
import { FailedChecks } from "./session/failed_checks.ts";
import type { Opening, SessionsOptions } from "./session/opening.ts";
import { RunningSession, RunningSessions } from "./session/running_sessions.ts";
import { CommandPlan } from "./session/session_plan.ts";
import { multiplicationsOf } from "./session/task.ts";

/** The time that a stopping node gives its sessions to report their end, ms. */
const stopMs = 2_000;

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #running: RunningSessions;
  readonly #failedChecks: FailedChecks;
  readonly #closing: ClosingStreams;
  /** The commands under way until their outcomes are kept, by `commandKey`. */
  readonly #underWay = new Map<string, UnderWay & { readonly kept: PromiseWithResolvers<void> }>();

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#running = new RunningSessions(options.context.clock);
    this.#failedChecks = new FailedChecks(options, this.#running);
    this.#closing = new ClosingStreams(options.context.clock);
  }

  get count(): number {
    return this.#running.count;
  }

  /** The multiplications that they make, which take memory. */
  get multiplications(): number {
    return this.#running.multiplications;
  }

  running(session: Uint8Array): boolean {
    return this.#running.has(session);
  }

  /** Whether one of them signs with a key. */
  using(row: KeyRow): boolean {
    return this.#running.signingWith(row).length > 0;
  }

  /**
   * Runs a session to its end, emits its events, and sends the result to the initiator.
   *
   * @throws {SessionError} The failure of its terminal event.
   */
  async run(opening: Opening): Promise<CommandOutcome> {
    const { context, broken } = this.#options;
    const { command: { by: initiator, value: command }, attempt, go: { session }, facts } = opening;
    const { party } = opening.invite.value;
    using _drawn = opening.drawn;
    using _command = this.#carrying(opening);
    const running = new RunningSession(party, multiplicationsOf(command, party));
    const follow = () => running.end(opening.signal.reason);
    opening.signal.addEventListener("abort", follow, { once: true });
    if (opening.signal.aborted) follow();
    this.#running.add(session, running);
    let outcome: CommandOutcome | SessionError;
    try {
      using _name = this.reserve(command, initiator);
      outcome = await this.#session(opening, running);
    } catch (error) {
      outcome = error instanceof SessionError ? error : new SessionError("internal", { cause: error });
      // A failure before the run began is reported here, once; a run reports its own failures.
      if (context.eventLog.historyOf(facts.historyKey)?.ended !== true) {
        context.eventLog.emitFailed(facts, outcome, "opening");
      }
      if (running.key) await this.#failedChecks.count(running.key, party, outcome);
      if (command.kind === "reshare" && outcome.culprits.length > 0) await this.#countFailed(command);
    } finally {
      opening.signal.removeEventListener("abort", follow);
      this.#running.delete(session);
      this.#options.streams.end(attempt);
      this.#options.ended();
    }
    const result = await signResult(context, { id: command.id, attempt, session }, outcome);
    if (running.isCounted) {
      const { invite, go: { accepts } } = opening;
      const preimage = outcome instanceof SessionError
        ? encodePreimage(invite.encoded, accepts.map(({ encoded }) => encoded))
        : new Uint8Array();
      await this.#keep(opening, encodeOutcome(opening, invite.by, result.encoded, preimage));
    }
    if (initiator !== context.identity.peer) void sendResult(context, initiator, result);
    if (!(outcome instanceof SessionError)) return outcome;
    if (outcome.code === "link-lost") broken(outcome.missing);
    throw outcome;
  }

  /**
   * Keeps an outcome for who asked. The coordinator's is on disk before its signed result leaves; the others' follow a
   * moment later. Best effort: without it, whoever repeats the id is refused instead of answered.
   */
  async #keep({ command: { by, value }, invite }: Opening, outcome: Uint8Array): Promise<void> {
    const { outcomes, context: { identity } } = this.#options;
    const filed = { id: commandKey(by, value.id), expires: value.expires };
    if (invite.by === identity.peer) await outcomes.keep(filed, outcome).catch(unlessStore);
    else outcomes.keepLater(filed, outcome);
  }

  /** A command that a session here carries out, if there is one. @param key See `commandKey`. */
  underWay(key: string): UnderWay | undefined {
    return this.#underWay.get(key);
  }

  /** Notes that a command is under way, until its outcome is kept. */
  #carrying({ command, items, invite }: Opening): Disposable {
    const key = commandKey(command.by, command.value.id);
    const kept = Promise.withResolvers<void>();
    const underWay = { command, items, coordinator: invite.by, kept };
    if (!this.#underWay.has(key)) this.#underWay.set(key, underWay);
    return {
      [Symbol.dispose]: () => {
        if (this.#underWay.get(key) === underWay) this.#underWay.delete(key);
        kept.resolve();
      },
    };
  }

  /** Reserves the name of a key that is to be made, or dealt anew, from the invite on. @throws {SessionError} */
  reserve(command: Command, initiator: PeerId): Disposable {
    const { names } = this.#options.keys;
    const key = commandKey(initiator, command.id);
    if (command.kind === "generate") return names.reserve(command, key);
    return command.kind === "reshare" ? names.hold(command, key) : { [Symbol.dispose]() {} };
  }

  /** Counts a resharing in which somebody has cheated. It counts in memory, also if it cannot be written. */
  async #countFailed({ keyId }: Command): Promise<void> {
    const { failedResharings, context: { clock } } = this.#options;
    await failedResharings.add(keyId.toHex(), clock.now()).catch(unlessStore);
  }

  async #session(opening: Opening, running: RunningSession): Promise<CommandOutcome> {
    const [options, failedChecks] = [this.#options, this.#failedChecks];
    const plan = await CommandPlan.prepare({ options, failedChecks, opening, running });
    return plan.outcomeOf(await runSession(plan, (end) => this.#closing.add(end)));
  }

  /** Resolves when no session runs any more, or after `ms`. */
  idle(ms: number): Promise<void> {
    return this.#running.idle(ms);
  }

  /** Ends every session of this node. */
  interrupt(reason: SessionError): void {
    this.#running.end(reason);
  }

  /** Ends every session of this node with `shutdown`, and waits until each has reported its end and kept its outcome. */
  async stop(): Promise<void> {
    this.interrupt(new SessionError("shutdown"));
    await this.idle(stopMs);
    using patience = deadline(this.#options.context.clock, stopMs);
    const kept = [...this.#underWay.values()].map((command) => command.kept.promise);
    await orAborted(Promise.all(kept), patience.signal);
    this.#closing.stop();
  }
}
