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
import type { Command, Order } from "../../records/command.ts";
import { encodeOrder } from "../../records/order.ts";
import { protocols } from "../../records/protocols.ts";
import { remarksOf } from "../../records/remarks.ts";
import { type CommandOutcome, resultHash, resultRecord } from "../results.ts";
import { lifetimeOf } from "./lifetime.ts";
import type { MemberResults } from "./member_results.ts";
import { toldBy } from "./told_failure.ts";

/** The time for the members to report after their coordinator has gone, ms: for those that are silent. */
const withoutCoordinator = 2_000;

/** The interval at which it is looked whether a coordinator whose stream has ended is connected, ms. */
const connectedLookEvery = 25;

/** The time that a result waits for the coordinator's terminal event, ms: both are under way at once. */
const coordinatorEndMs = 200;

type Terminal = SessionEvent & { type: "done" | "failed" };

export interface RemoteCommandOptions {
  readonly context: Context;
  readonly keys: Keys;
  readonly order: Order;
  /** The peer that is to carry it out: one of the command's list. */
  readonly coordinator: PeerId;
  readonly results: MemberResults;
}

export class RemoteCommand {
  readonly #context: Context;
  readonly #keys: Keys;
  readonly #order: Order;
  readonly #command: Command;
  readonly #coordinator: PeerId;
  readonly #results: MemberResults;
  /** True once its coordinator has left without a word about its end. */
  #isLost = false;
  #isHandedOver = false;
  /** The party that was proposed last, and for which attempt: 64 hex digits, null before there is one. */
  #party: readonly PeerId[] = [];
  #attempt: string | null = null;
  /** The members whose people are being asked, as the coordinator reports. */
  readonly #asking = new Set<PeerId>();
  /** The time of the coordinator's last message, monotonic ms. */
  #heardAt: number;
  /** The coordinator's terminal event, once it has come. */
  #end: Terminal | null = null;
  readonly #ended = Promise.withResolvers<Terminal | null>();
  /** Aborted once this command has its outcome. */
  readonly #over = new AbortController();

  constructor({ context, keys, order, coordinator, results }: RemoteCommandOptions) {
    this.#coordinator = coordinator;
    this.#context = context;
    this.#keys = keys;
    this.#order = order;
    this.#command = order.command.value;
    this.#results = results;
    this.#heardAt = context.clock.monotonic();
  }

  /** Whether its coordinator may have the order: it was sent, be it in part. */
  get isHandedOver(): boolean {
    return this.#isHandedOver;
  }

  /** Whether its coordinator has left, or was never there: then the next one may take over. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** @param cancel The signed cancellation, sent when `cancelled` aborts. @throws {SessionError} */
  async run(cancel: Uint8Array, cancelled: AbortSignal): Promise<CommandOutcome> {
    const { network, clock, stopping } = this.#context;
    const { command: signed, items } = this.#order;
    const { expires } = this.#command;
    const coordinator = this.#coordinator;
    const results = this.#results;
    using patience = deadline(clock, Math.max(0, expires - clock.now()) + afterExpiry, stopping);
    void this.#untilUnheard(this.#over.signal);
    let channel: Channel | null = null;
    try {
      channel = await network.open(coordinator, protocols.command, {
        maxFrame: maxCommandFrame,
        signal: patience.signal,
      });
      if (cancelled.aborted) throw new SessionError("cancelled");
      this.#isHandedOver = true;
      await channel.send(encodeOrder({ signed: signed.encoded, items }));
      this.#history().phase = "opening"; // from here on a session may open unheard
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
      if (results.refused) this.#history().phase = "inviting";
      const end = results.has(coordinator) ? await this.#coordinatorEnd() : this.#end;
      if (end?.type === "failed") this.#history().add(end);
      if (!(error instanceof ChannelError)) throw error;
      if (stopping.aborted) throw new SessionError("shutdown");
      this.#isLost = true;
      throw channel === null ? this.#unreached() : peerLeft([coordinator]);
    } finally {
      this.#over.abort();
      channel?.abort();
    }
  }

  /** The failure of a command that was never handed over: all that it needs and that are not connected. */
  #unreached(): SessionError {
    const { kind, keyId, members, signers, gone } = this.#command;
    const coordinator = this.#coordinator;
    const { network, identity } = this.#context;
    const connected = new Set(network.connected());
    const holders = kind === "generate" ? members : this.#keys.withId(keyId.toHex())?.members ?? [];
    const all = signers.length > 0
      ? signers
      : [...holders, ...members].filter((peer) => !gone.includes(peer));
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
    await this.#membersReport();
    return this.#noResult();
  }

  /**
   * Waits for results that may still come after the coordinator's stream has ended. None will once every
   * other member of the party has reported its end of the attempt, and the coordinator, which may still have
   * the signature, is gone.
   */
  async #membersReport(): Promise<void> {
    const { clock, network } = this.#context;
    const coordinator = this.#coordinator;
    using patience = deadline(clock, withoutCoordinator, this.#over.signal);
    while (!patience.signal.aborted) {
      if (!network.connected().includes(coordinator) && this.#allReported()) return;
      await Promise.race([this.#results.next, pause(clock, connectedLookEvery, patience.signal)]);
    }
  }

  /** Whether the party is known, and each of its members but the coordinator has reported its end. */
  #allReported(): boolean {
    const coordinator = this.#coordinator;
    const others = this.#party.filter((peer) => peer !== coordinator);
    return this.#attempt !== null && others.length > 0 && this.#results.haveAll(others, this.#attempt);
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
      this.#attempt = event.attempt;
      this.#asking.clear();
    }
  }

  /** The failure when the coordinator has ended and no result has come. */
  #noResult(): SessionError {
    const { kind, members } = this.#command;
    if (this.#end?.type === "failed") return toldBy(this.#coordinator, this.#end);
    const active = this.#results.withKey();
    if (kind !== "sign" && active.length > 0) {
      return new SessionError("wallet-pending", {
        missing: members.filter((peer) => !active.includes(peer)),
      });
    }
    const silent = members.filter((peer) => !this.#results.has(peer));
    const coordinator = this.#coordinator;
    if (this.#results.has(coordinator)) return peerLeft(silent);
    this.#isLost = true;
    return peerLeft([coordinator]);
  }
}

const peerLeft = (missing: readonly PeerId[]) => new SessionError("peer-left", { missing });
