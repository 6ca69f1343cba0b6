/**
 * The runner of this node's sessions: from the coordinator's go to the signed result.
 * @module
 */
import { SessionError } from "../../errors.ts";
import { ClosingStreams } from "../../session/closing_streams.ts";
import { runSession } from "../../session/session.ts";
import { type Command, commandKey, coordinatorOf } from "../records/command.ts";
import type { PeerId } from "../../failure.ts";
import { type CommandOutcome, encodeOutcome, sendResult, signResult } from "./results.ts";
import { FailedChecks } from "./session/failed_checks.ts";
import type { Opening, SessionsOptions } from "./session/opening.ts";
import { RunningSession, RunningSessions } from "./session/running_sessions.ts";
import { CommandPlan } from "./session/session_plan.ts";

/** The time that a stopping node gives its sessions to report their end, ms. */
const stopMs = 2_000;

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #running: RunningSessions;
  readonly #failedChecks: FailedChecks;
  readonly #closing: ClosingStreams;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#running = new RunningSessions(options.context.clock);
    this.#failedChecks = new FailedChecks(options, this.#running);
    this.#closing = new ClosingStreams(options.context.clock);
  }

  get count(): number {
    return this.#running.count;
  }

  running(session: Uint8Array): boolean {
    return this.#running.has(session);
  }

  /**
   * Runs a session to its end, emits its events, and sends the result to the initiator.
   *
   * @throws {SessionError} The failure of its terminal event.
   */
  async run(opening: Opening): Promise<CommandOutcome> {
    const { context, replayGuard, broken } = this.#options;
    const { command: { by: initiator, value: command }, attempt, go: { session }, facts } = opening;
    const { party } = opening.invite.value;
    using _drawn = opening.drawn;
    const running = new RunningSession(party);
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
    } finally {
      opening.signal.removeEventListener("abort", follow);
      this.#running.delete(session);
      this.#options.streams.end(attempt);
    }
    const result = await signResult(context, { id: command.id, attempt, session }, outcome);
    if (coordinatorOf(command) === context.identity.peer) {
      await replayGuard.settle(commandKey(initiator, command.id), encodeOutcome(command, result.encoded))
        .catch(
          () => {},
        );
    }
    if (initiator !== context.identity.peer) void sendResult(context, initiator, result);
    if (!(outcome instanceof SessionError)) return outcome;
    if (outcome.code === "link-lost") broken(outcome.missing);
    throw outcome;
  }

  /** Reserves the name of a key that is to be made, from the invite on. @throws {SessionError} */
  reserve(command: Command, initiator: PeerId): Disposable {
    return command.kind === "generate"
      ? this.#options.keys.names.reserve(command, commandKey(initiator, command.id))
      : { [Symbol.dispose]() {} };
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

  /** Ends every session of this node with `shutdown`, and waits until each has reported its end. */
  async stop(): Promise<void> {
    this.interrupt(new SessionError("shutdown"));
    await this.idle(stopMs);
    this.#closing.stop();
  }
}
