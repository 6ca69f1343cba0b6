/**
 * The initiator of this node's commands: each is signed, given to its coordinator, and followed until it has
 * one outcome.
 * @module
 */
import { ChannelError, SessionError } from "../../errors.ts";
import type { FailureCode, PeerId } from "../../failure.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import type { Channel } from "../../ports.ts";
import type { SignItem } from "../../schemes/scheme.ts";
import { cancelRecord } from "../../session/control.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { readSigned, sign } from "../../session/signed.ts";
import type { Context } from "../events/event_context.ts";
import type { SessionHistory } from "../events/event_log.ts";
import { factsOf } from "../events/session_facts.ts";
import type { Keys } from "../keys/keys.ts";
import { type Command, commandKey, commandRecord, contentOf, type Order } from "../records/command.ts";
import { protocols } from "../records/protocols.ts";
import type { Consents } from "./consent.ts";
import type { Coordinator } from "./coordinator.ts";
import { handle, type Session } from "./handle.ts";
import { inTurn, turnOf } from "./initiator/coordinators_in_turn.ts";
import { type Cancelling, followEarlier, type Followed, holdersOf } from "./initiator/earlier_command.ts";
import { type Asked, type Earlier, earlierOutcome } from "./initiator/earlier_outcome.ts";
import { lifetimeOf } from "./initiator/lifetime.ts";
import { MemberResults } from "./initiator/member_results.ts";
import type { Under } from "./initiator/possible_parties.ts";
import type { GivenTurn } from "./invited/coordinator_turns.ts";
import type { OutcomeAnswer } from "./outcome/outcome_server.ts";
import { type CommandOutcome, resultHash, resultRecord } from "./results.ts";

/** The options of a request. */
export interface RequestOptions {
  /**
   * Ends it for everyone with `cancelled`; the `cause` of that error is the signal's reason. If the signal has aborted
   * already, the request throws its reason, and nothing is begun.
   */
  signal?: AbortSignal;
  /**
   * The lifetime of the command, 1,000 to 600,000 ms: within it people must answer. Default: five minutes.
   */
  lifetimeMs?: number;
}

/** The result of a member, once its stream is open, ms. */
const resultMs = 2_000;

/** Sessions that can be found by their id: as many as there are histories. */
const handlesKept = 1024;

export interface InitiatorOptions {
  context: Context;
  coordinator: Coordinator;
  keys: Keys;
  consents: Consents;
  /** This node's own answer to its question about a command; null if it cannot move to the turn. */
  own(id: Uint8Array, turn: GivenTurn | null): Promise<OutcomeAnswer | null>;
}

/** A command that this node has begun. */
interface Begun {
  readonly session: Session;
  /** See `contentOf`, 64 hex digits. */
  readonly content: string;
  readonly order: Asked;
  readonly history: SessionHistory;
  readonly outcome: Promise<CommandOutcome>;
  /** The outcome, once it is known here. */
  done: CommandOutcome | null;
  /** The error of the outcome, once it has failed. */
  failure: unknown;
  readonly id: UsedId;
}

/** The id of a command: `wanted` if it was drawn here, or once the cluster was asked and had no other command under it. */
interface UsedId {
  under: Under;
}

export class Initiator {
  readonly #options: InitiatorOptions & { readonly started: number };
  readonly #context: Context;
  /** The results of commands under way, by the command's id in hex. */
  readonly #results = new Map<string, MemberResults>();
  readonly #begun = new Map<string, Begun>();

  constructor(options: InitiatorOptions) {
    this.#options = { ...options, started: options.context.clock.monotonic() };
    this.#context = options.context;
    this.#context.network.handle(protocols.result, (channel) => void this.#receive(channel));
  }

  handle(id: string): Session | undefined {
    return this.#begun.get(id)?.session;
  }

  /**
   * Begins a command: signs it, gives it to its coordinator, and follows it. If this node or the cluster knows a
   * command with the given id that asks for the same, the result is that one's; if it asks for something else, the
   * result rejects with `id-reused`, and that command goes on.
   *
   * @param items The items whose hash is in the command.
   * @param read Reads the outcome as the result of the session.
   * @param options.id 16 bytes; random if absent.
   */
  begin<T>(
    wanted: Omit<Command, "id" | "cluster" | "created" | "expires">,
    items: readonly SignItem[],
    read: (outcome: CommandOutcome) => T,
    { signal, lifetimeMs, id: chosen }: RequestOptions & { id?: Uint8Array | undefined },
  ): Session<T> {
    const { random, clock, roster, eventLog, identity } = this.#context;
    const now = clock.now();
    const command: Command = {
      ...wanted,
      id: chosen ?? random(16),
      cluster: roster().cluster,
      created: now,
      expires: now + (lifetimeMs ?? lifetimeOf(wanted)),
    };
    const id = command.id.toHex();
    const content = contentOf(command).toHex();
    const before = this.#begun.get(id);
    if (before && before.content !== content) return this.#refused(command);
    // After a failure others may have carried it out since, or it may be carried out now: it is begun once more.
    const failure = before?.failure ?? null;
    const known = failure === null ? before : undefined;
    const cancelling = new AbortController();
    const cancel = known ? () => known.session.cancel() : () => cancelling.abort();
    signal?.addEventListener("abort", cancel, { once: true });
    const facts = factsOf(identity.peer, command);
    const history = known?.history ??
      (failure === null ? eventLog.history(facts) : eventLog.historyAgain(facts));
    const isNew = chosen === undefined;
    const used: UsedId = before?.id ?? { under: isNew ? "wanted" : "any" };
    const outcome = known?.outcome ??
      this.#follow(command, items, { cancelled: cancelling.signal, isNew, failure, used });
    const result = outcome.then(read)
      .catch((error) => {
        throw withReason(error, signal);
      })
      .finally(() => signal?.removeEventListener("abort", cancel));
    const session = handle(id, history, result, cancel);
    if (known) return session;
    const order = { command: { value: command }, items };
    const begun: Begun = {
      session: session as Session,
      content,
      history,
      outcome,
      done: null,
      failure: null,
      id: used,
      order,
    };
    outcome.then((done) => begun.done = done, (error) => begun.failure = error);
    this.#begun.delete(id);
    this.#begun.set(id, begun);
    this.#forget();
    return session;
  }

  /**
   * The state of a command of this node, as it and its peers know it: `running` also if it was begun here and has no
   * outcome yet.
   *
   * @param id 16 bytes.
   */
  async outcome(id: Uint8Array): Promise<Earlier | { readonly state: "running" }> {
    const begun = this.#begun.get(id.toHex());
    if (begun && !begun.history.ended) return { state: "running" };
    if (begun?.done) return { state: "done", order: begun.order, outcome: begun.done };
    const about = { id, peers: holdersOf(this.#options), wanted: null, turn: null };
    const { earlier } = await earlierOutcome(this.#options, about);
    // The failure that this node has told of has all that explains it.
    if (earlier.state === "failed" && isFailure(begun?.failure, earlier.error.code)) {
      return { ...earlier, error: begun.failure };
    }
    if (earlier.state !== "unknown" || !begun) return earlier;
    // Nobody has taken it, so it failed here, or its end is not read yet.
    return { state: "done", order: begun.order, outcome: await begun.outcome };
  }

  /** The handle of a command that is refused because another one has its id. */
  #refused<T>(command: Command): Session<T> {
    const { eventLog, identity } = this.#context;
    const error = new SessionError("id-reused");
    const history = eventLog.refused(factsOf(identity.peer, command), error);
    return handle<T>(command.id.toHex(), history, Promise.reject(error), () => {});
  }

  /** Forgets the handles of sessions that ended long ago; a caller that still needs one holds it. */
  #forget(): void {
    const { identity, eventLog } = this.#context;
    for (const id of this.#begun.keys()) {
      if (this.#begun.size <= handlesKept) return;
      const history = eventLog.historyOf(commandKey(identity.peer, Uint8Array.fromHex(id)));
      if (history?.ended !== false) this.#begun.delete(id);
    }
  }

  async #follow(
    command: Command,
    items: readonly SignItem[],
    { cancelled, isNew, failure, used }: {
      cancelled: AbortSignal;
      isNew: boolean;
      failure: unknown;
      used: UsedId;
    },
  ): Promise<CommandOutcome> {
    const { identity } = this.#context;
    const cancel = (await sign(identity, cancelRecord, { id: command.id })).encoded;
    try {
      const order: Order = { command: await sign(identity, commandRecord, command), items };
      const cancelling = { cancel, cancelled };
      const followed = { wanted: command, under: used.under, cancelling, turn: turnOf(order, 0) };
      const earlier = isNew ? null : await this.#earlier(followed).catch((error) => {
        throw failure === null || isOwn(error, cancelled) ? error : failure;
      });
      if (earlier) return earlier;
      used.under = "wanted";
      return await this.#carryOut(order, cancelling);
    } catch (thrown) {
      const error = thrown instanceof SessionError ? thrown : new SessionError("internal", { cause: thrown });
      this.#reportFailure(command, error);
      throw error;
    } finally {
      this.#results.delete(command.id.toHex());
    }
  }

  /** The outcome of an earlier command under this id, if there is one. Its end is this one's. */
  async #earlier(followed: Followed): Promise<CommandOutcome | null> {
    const { eventLog, identity } = this.#context;
    const outcome = await followEarlier(this.#options, followed);
    if (outcome) {
      const facts = factsOf(identity.peer, followed.wanted);
      eventLog.emitSession(facts, { type: "done", resultHash: resultHash(outcome) });
    }
    return outcome;
  }

  async #carryOut(order: Order, cancelling: Cancelling): Promise<CommandOutcome> {
    const { identity } = this.#context;
    const { cancelled } = cancelling;
    // A command of this node has this node's consent for as long as this call lasts.
    using own = this.#options.consents.own(order);
    cancelled.addEventListener("abort", () => own[Symbol.dispose](), { once: true });
    return order.command.value.coordinators[0] === identity.peer
      ? await this.#here(order, cancelling)
      : await this.#there(order, cancelling);
  }

  /** Follows a command that this node coordinates: the outcome of its own session is the command's. */
  async #here(order: Order, { cancel, cancelled }: Cancelling): Promise<CommandOutcome> {
    const { coordinator } = this.#options;
    const { by, value } = order.command;
    const stop = () => coordinator.cancel(commandKey(by, value.id), cancel);
    // A signature proves itself; a key takes the result of all its members.
    if (value.kind !== "sign") this.#collect(order, by);
    try {
      const outcome = coordinator.submit(order);
      cancelled.addEventListener("abort", stop, { once: true });
      if (cancelled.aborted) stop();
      return await outcome;
    } finally {
      cancelled.removeEventListener("abort", stop);
    }
  }

  /** Follows a command that other nodes coordinate. */
  #there(order: Order, cancelling: Cancelling): Promise<CommandOutcome> {
    return inTurn({
      ...this.#options,
      order,
      cancelling,
      collect: (coordinator) => this.#collect(order, coordinator),
      earlier: (under, turn) => this.#earlier({ wanted: order.command.value, under, cancelling, turn }),
    });
  }

  #collect({ command: { value: command }, items }: Order, coordinator: PeerId): MemberResults {
    const results = new MemberResults({ ...this.#options, command, items, coordinator });
    this.#results.set(command.id.toHex(), results);
    return results;
  }

  /** See `SessionsOptions.confirmed`. */
  async confirmed({ id }: Command, row: KeyRow, signal: AbortSignal): Promise<void> {
    await this.#results.get(id.toHex())?.confirmed(row, signal);
  }

  /** Receives the result that a member has signed. */
  async #receive(channel: Channel): Promise<void> {
    const { identity, clock, stopping, eventLog } = this.#context;
    using patience = deadline(clock, resultMs, stopping);
    try {
      const frame = await orAborted(channel.receive(), patience.signal);
      const result = frame === null ? null : await readSigned(identity, resultRecord, frame);
      if (result?.by === channel.peer) this.#results.get(result.value.id.toHex())?.takeOfMember(result);
      else if (frame !== null) eventLog.warn("unauthentic-frame", channel.peer);
      await channel.end();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** Ends the history of a command with a failure that only this node knows, if nobody has ended it yet. */
  #reportFailure(command: Command, { code, missing, claims }: SessionError): void {
    const { eventLog, identity } = this.#context;
    const facts = factsOf(identity.peer, command);
    const history = eventLog.history(facts);
    if (!history.ended) eventLog.emitFailed(facts, { code, culprits: [], missing, claims }, history.phase);
  }
}

const isFailure = (error: unknown, code: FailureCode): error is SessionError =>
  error instanceof SessionError && error.code === code;

/** Whether a failure to follow an earlier command is of this try, and not what came of that command. */
function isOwn(error: unknown, { aborted }: AbortSignal): boolean {
  const codes: FailureCode[] = ["expired", "outcome-unknown", "shutdown"];
  if (aborted) codes.push("cancelled");
  return !(error instanceof SessionError) || codes.includes(error.code);
}

/** The failure of a session that its signal has cancelled: with the signal's reason as its cause. */
function withReason(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof SessionError && error.code === "cancelled" && signal?.aborted) {
    error.cause = signal.reason;
  }
  return error;
}
