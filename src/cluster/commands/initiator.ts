/**
 * The initiator of this node's commands: each is signed, given to its coordinator, and followed until it has
 * one outcome.
 * @module
 */
import { ChannelError, SessionError } from "../../errors.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import type { Channel } from "../../ports.ts";
import { cancelRecord } from "../../session/control.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { readSigned, sign } from "../../session/signed.ts";
import type { Context } from "../events/event_context.ts";
import { factsOf } from "../events/session_facts.ts";
import type { Keys } from "../keys/keys.ts";
import { type Command, commandKey, commandRecord, coordinatorOf, type Order } from "../records/command.ts";
import { protocols } from "../records/protocols.ts";
import type { Consents } from "./consent.ts";
import type { Coordinator } from "./coordinator.ts";
import { handle, type Session } from "./handle.ts";
import { lifetimeOf } from "./initiator/lifetime.ts";
import { MemberResults } from "./initiator/member_results.ts";
import { RemoteCommand } from "./initiator/remote_command.ts";
import { type CommandOutcome, resultRecord } from "./results.ts";

/** The options of a request. */
export interface RequestOptions {
  /** Ends it for everyone with `cancelled`. */
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
}

export class Initiator {
  readonly #options: InitiatorOptions;
  readonly #context: Context;
  /** The results of commands under way, by the command's id in hex. */
  readonly #results = new Map<string, MemberResults>();
  readonly #handles = new Map<string, Session>();

  constructor(options: InitiatorOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#context.network.handle(protocols.result, (channel) => void this.#receive(channel));
  }

  handle(id: string): Session | undefined {
    return this.#handles.get(id);
  }

  /**
   * Begins a command: signs it, gives it to its coordinator, and follows it. If this node knows another
   * command with the given id, the result rejects with `replayed-command`, and that command goes on.
   *
   * @param message The message whose hash is in the command.
   * @param read Reads the outcome as the result of the session.
   * @param options.id 16 bytes; random if absent.
   */
  begin<T>(
    wanted: Omit<Command, "id" | "cluster" | "created" | "expires">,
    message: Uint8Array,
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
    if (this.#handles.has(id)) return this.#refused(command);
    const cancelling = new AbortController();
    const cancel = () => cancelling.abort();
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) cancel();
    const history = eventLog.history(factsOf(identity.peer, command));
    const result = this.#follow(command, message, cancelling.signal).then(read).finally(() =>
      signal?.removeEventListener("abort", cancel)
    );
    const session = handle(id, history, result, cancel);
    this.#handles.set(id, session as Session);
    this.#forget();
    return session;
  }

  /** The handle of a command that is refused because another one has its id. */
  #refused<T>(command: Command): Session<T> {
    const { eventLog, identity } = this.#context;
    const error = new SessionError("replayed-command");
    const history = eventLog.refused(factsOf(identity.peer, command), error);
    return handle<T>(command.id.toHex(), history, Promise.reject(error), () => {});
  }

  /** Forgets the handles of sessions that ended long ago; a caller that still needs one holds it. */
  #forget(): void {
    const { identity, eventLog } = this.#context;
    for (const id of this.#handles.keys()) {
      if (this.#handles.size <= handlesKept) return;
      const history = eventLog.historyOf(commandKey(identity.peer, Uint8Array.fromHex(id)));
      if (history?.ended !== false) this.#handles.delete(id);
    }
  }

  async #follow(command: Command, message: Uint8Array, cancelled: AbortSignal): Promise<CommandOutcome> {
    const { identity } = this.#context;
    const order: Order = { command: await sign(identity, commandRecord, command), message };
    // A command of this node has this node's consent for as long as this call lasts.
    using own = this.#options.consents.own(order);
    cancelled.addEventListener("abort", () => own[Symbol.dispose](), { once: true });
    const cancel = (await sign(identity, cancelRecord, { id: command.id })).encoded;
    try {
      return coordinatorOf(command) === identity.peer
        ? await this.#here(order, cancel, cancelled)
        : await this.#there(order, cancel, cancelled);
    } catch (thrown) {
      const error = thrown instanceof SessionError ? thrown : new SessionError("internal", { cause: thrown });
      this.#reportFailure(command, error);
      throw error;
    } finally {
      this.#results.delete(command.id.toHex());
    }
  }

  /** Follows a command that this node coordinates: the outcome of its own session is the command's. */
  async #here(order: Order, cancel: Uint8Array, cancelled: AbortSignal): Promise<CommandOutcome> {
    const { coordinator } = this.#options;
    const { by, value } = order.command;
    const stop = () => coordinator.cancel(commandKey(by, value.id), cancel);
    // A signature proves itself; a key takes the result of all its members.
    if (value.kind === "generate") this.#collect(order);
    try {
      const outcome = coordinator.submit(order);
      cancelled.addEventListener("abort", stop, { once: true });
      if (cancelled.aborted) stop();
      return await outcome;
    } finally {
      cancelled.removeEventListener("abort", stop);
    }
  }

  /** Follows a command that another node coordinates. */
  async #there(order: Order, cancel: Uint8Array, cancelled: AbortSignal): Promise<CommandOutcome> {
    const remote = new RemoteCommand({ ...this.#options, order, results: this.#collect(order) });
    return await remote.run(cancel, cancelled);
  }

  #collect({ command: { value: command }, message }: Order): MemberResults {
    const results = new MemberResults({ ...this.#options, command, message });
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
      if (result?.by === channel.peer) this.#results.get(result.value.id.toHex())?.take(result);
      else if (frame !== null) eventLog.warn("unauthentic-frame", channel.peer);
      await channel.end();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** Ends the history of a command with a failure that only this node knows, if nobody has ended it yet. */
  #reportFailure(command: Command, { code, culprits, missing, claims }: SessionError): void {
    const { eventLog, identity } = this.#context;
    const facts = factsOf(identity.peer, command);
    if (eventLog.history(facts).ended) return;
    // This node has seen nobody break the protocol: in its own view an accusation is a claim of the
    // coordinator.
    const reported = culprits.length === 0 ? { code, missing, claims } : {
      code: "aborted-by-peer" as const,
      missing: [],
      claims: [{ by: coordinatorOf(command), code, peers: culprits }],
    };
    eventLog.emitFailed(facts, { ...reported, culprits: [] }, "inviting");
  }
}
