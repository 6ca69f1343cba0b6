/**
 * A command of this node that another node coordinates: it is sent there, its events are followed, and the
 * first result that proves itself is its outcome.
 * @module
 */
import { ChannelError, SessionError } from "../../../errors.ts";
import { isTerminal, type SessionEvent } from "../../../events.ts";
import type { PeerId } from "../../../failure.ts";
import { afterExpiry, defaultCommandAge, maxCommandFrame, unheardMs } from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { deadline, orAborted, pause } from "../../../session/deadline.ts";
import { readSigned } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { SessionHistory } from "../../events/event_log.ts";
import { factsOf } from "../../events/session_facts.ts";
import type { Keys } from "../../keys/keys.ts";
import { readEvents } from "../../links/gossip.ts";
import { type Command, coordinatorOf, type Order } from "../../records/command.ts";
import { orderRecord } from "../../records/order.ts";
import { protocols } from "../../records/protocols.ts";
import { remarksOf } from "../../records/remarks.ts";
import { type CommandOutcome, resultHash, resultRecord } from "../results.ts";
import { lifetimeOf } from "./lifetime.ts";
import type { MemberResults } from "./member_results.ts";

/** The time for the members to report after their coordinator has gone, ms. */
const withoutCoordinator = 2_000;

/** The time that a result waits for the coordinator's terminal event, ms: both are under way at once. */
const coordinatorEndMs = 200;

type Terminal = SessionEvent & { type: "done" | "failed" };

export interface RemoteCommandOptions {
  readonly context: Context;
  readonly keys: Keys;
  readonly order: Order;
  readonly results: MemberResults;
}

export class RemoteCommand {
  readonly #context: Context;
  readonly #keys: Keys;
  readonly #order: Order;
  readonly #command: Command;
  readonly #results: MemberResults;
  /** The party that was proposed last. */
  #party: readonly PeerId[] = [];
  /** The members whose people are being asked, as the coordinator reports. */
  readonly #asking = new Set<PeerId>();
  /** The time of the coordinator's last message, monotonic ms. */
  #heardAt: number;
  /** The coordinator's terminal event, once it has come. */
  #end: Terminal | null = null;
  readonly #ended = Promise.withResolvers<Terminal | null>();

  constructor({ context, keys, order, results }: RemoteCommandOptions) {
    this.#context = context;
    this.#keys = keys;
    this.#order = order;
    this.#command = order.command.value;
    this.#results = results;
    this.#heardAt = context.clock.monotonic();
  }

  /** @param cancel The signed cancellation, sent when `cancelled` aborts. @throws {SessionError} */
  async run(cancel: Uint8Array, cancelled: AbortSignal): Promise<CommandOutcome> {
    const { network, clock, stopping } = this.#context;
    const { command: signed, message } = this.#order;
    const { expires } = this.#command;
    const coordinator = coordinatorOf(this.#command);
    const results = this.#results;
    using patience = deadline(clock, Math.max(0, expires - clock.now()) + afterExpiry, stopping);
    const over = new AbortController();
    void this.#untilUnheard(over.signal);
    let channel: Channel | null = null;
    try {
      channel = await network.open(coordinator, protocols.command, {
        maxFrame: maxCommandFrame,
        signal: patience.signal,
      });
      await channel.send(orderRecord.encode({ signed: signed.encoded, message }));
      const stop = () => void channel!.send(cancel).catch(() => {}); // its reader handles the loss
      cancelled.addEventListener("abort", stop, { once: true });
      if (cancelled.aborted) stop();
      const fail = (error: SessionError) => results.fail(error);
      void this.#listen(channel, patience.signal).then(fail, fail);
      const outcome = await orAborted(results.outcome, patience.signal);
      if (outcome === null) throw stopping.aborted ? new SessionError("shutdown") : this.#late();
      await this.#finish(outcome);
      return outcome;
    } catch (error) {
      const end = results.has(coordinator) ? await this.#coordinatorEnd() : this.#end;
      if (end?.type === "failed") this.#history().add(end);
      if (!(error instanceof ChannelError)) throw error;
      if (stopping.aborted) throw new SessionError("shutdown");
      throw channel === null ? this.#unreached() : peerLeft([coordinator]);
    } finally {
      over.abort();
      channel?.abort();
    }
  }

  /** The failure of a command that was never handed over: all that it needs and that are not connected. */
  #unreached(): SessionError {
    const { kind, keyId, members, signers } = this.#command;
    const coordinator = coordinatorOf(this.#command);
    const { network, identity } = this.#context;
    const connected = new Set(network.connected());
    const holders = kind === "generate" ? members : this.#keys.withId(keyId.toHex())?.members ?? [];
    const all = signers.length > 0 ? signers : holders;
    const away = all.filter((peer) => !connected.has(peer) && peer !== identity.peer);
    return new SessionError("not-enough-peers", { missing: [...new Set([coordinator, ...away])].sort() });
  }

  /**
   * The failure of a command without an outcome in time: a person was still being asked, or nothing came at
   * all.
   */
  #late(): SessionError {
    const asking = [...this.#asking];
    return asking.length > 0
      ? new SessionError("unanswered", { missing: asking })
      : new SessionError("expired");
  }

  /**
   * Ends the waiting for a coordinator that sends nothing more, unless it has reported that a person is being
   * asked.
   */
  async #untilUnheard(over: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const patience = unheardMs + lifetimeOf(this.#command) - defaultCommandAge;
    while (!over.aborted) {
      const left = this.#heardAt + patience - clock.monotonic();
      if (left <= 0 && this.#asking.size === 0) return this.#results.fail(new SessionError("expired"));
      await pause(clock, left > 0 ? left : patience, over);
    }
  }

  #history(): SessionHistory {
    const { identity, eventLog } = this.#context;
    return eventLog.history(factsOf(identity.peer, this.#command));
  }

  /**
   * Ends the history as the outcome does: with the coordinator's event or, should it not come, with this
   * node's own.
   */
  async #finish(outcome: CommandOutcome): Promise<void> {
    const { eventLog, identity } = this.#context;
    const end = await this.#coordinatorEnd();
    if (end?.type === "done") return this.#history().add(end);
    const facts = factsOf(identity.peer, this.#command);
    eventLog.emitSession(facts, { type: "done", resultHash: resultHash(outcome) });
  }

  /** The coordinator's terminal event, if it comes in time. */
  async #coordinatorEnd(): Promise<Terminal | null> {
    using patience = deadline(this.#context.clock, coordinatorEndMs, this.#context.stopping);
    return await orAborted(this.#ended.promise, patience.signal);
  }

  /**
   * Reads the coordinator's events and results until it ends.
   *
   * @returns The reason why there will be no result.
   */
  async #listen(channel: Channel, signal: AbortSignal): Promise<SessionError> {
    const { identity, clock } = this.#context;
    try {
      for (;;) {
        const frame = await orAborted(channel.receive(), signal);
        if (frame === null) break;
        this.#heardAt = clock.monotonic();
        const events = await readEvents(identity, frame);
        for (const event of events?.by === channel.peer ? events.items : []) {
          if ("attempt" in event && event.id === this.#command.id.toHex()) this.#take(event);
        }
        const result = await readSigned(identity, resultRecord, frame);
        if (result?.by === channel.peer) this.#results.take(result);
      }
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
    this.#ended.resolve(this.#end);
    await pause(clock, withoutCoordinator, signal);
    return this.#noResult();
  }

  /**
   * Takes an event of the coordinator. Its terminal event is not shown before it is known to be the outcome.
   */
  #take(event: SessionEvent): void {
    if (isTerminal(event)) this.#ended.resolve(this.#end ??= event);
    else this.#history().add(event.type === "began" ? { ...event, ...remarksOf(this.#command) } : event);
    if (event.type === "asking" && this.#party.includes(event.other)) this.#asking.add(event.other);
    if (event.type === "proposed") {
      this.#party = event.party;
      this.#asking.clear();
    }
  }

  /** The failure when the coordinator has ended and no result has come. */
  #noResult(): SessionError {
    const { kind, members } = this.#command;
    if (this.#end?.type === "failed") {
      const { code, culprits, missing, claims } = this.#end;
      return new SessionError(code, { culprits, missing, claims });
    }
    const active = this.#results.succeeded();
    if (kind === "generate" && active.length > 0) {
      return new SessionError("wallet-pending", {
        missing: members.filter((peer) => !active.includes(peer)),
      });
    }
    const silent = members.filter((peer) => !this.#results.has(peer));
    const coordinator = coordinatorOf(this.#command);
    return peerLeft(this.#results.has(coordinator) ? silent : [coordinator]);
  }
}

const peerLeft = (missing: readonly PeerId[]) => new SessionError("peer-left", { missing });
