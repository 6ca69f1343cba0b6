/**
 * What is asked for here: each command is signed, given to its coordinator, and followed until it has one outcome.
 * @module
 */
import { isTerminal, type SessionEvent } from "../../events.ts";
import { ChannelError, SessionError, StoreError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import {
  afterExpiry,
  confirmMs,
  defaultCommandAge,
  maxCommandAge,
  maxCommandFrame,
  setupMsPerPair,
  unheardMs,
} from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { type KeyRow, voteBody } from "../../keystore/key_rows.ts";
import { cancelRecord } from "../../session/control.ts";
import { deadline, orAborted, pause } from "../../session/deadline.ts";
import { readSigned, sign, type Signed } from "../../session/signed.ts";
import { type Command, commandKey, commandRecord, factsOf, type Order } from "../records/command.ts";
import type { Consents } from "./consent.ts";
import { type Context, protocols } from "../context.ts";
import type { Coordinator } from "./coordinator.ts";
import { readEvents } from "../links/gossip.ts";
import { handle, type Session } from "./handle.ts";
import { type GroupKey, groupKey, type Keys } from "../keys/keys.ts";
import { orderRecord } from "../records/order.ts";
import { claimsOf, type Gave, keyIn, type Result, resultHash, resultRecord, signatureIn } from "./results.ts";
import { payloadOf, type Signature, signatureOf, signingKey } from "../records/signing.ts";
import type { Story } from "../events/event_log.ts";

/** How long the members may take to report after their coordinator has gone, ms. */
const withoutCoordinator = 2_000;

/** How often an asker looks whether those are still there who have not confirmed a key, ms. */
const lookAgain = 100;

/** How long a result waits for the coordinator's account of it, ms: both are under way at the same time. */
const lastWord = 200;

/** How a command is asked for. */
export interface RequestOptions {
  /** Ends it for everyone with `cancelled`. */
  signal?: AbortSignal;
  /** How long the command may live, 1,000 to 600,000 ms: within it people must answer. Default: five minutes. */
  lifetimeMs?: number;
}

/** Sessions that can be asked for by their id: as many as there are stories. */
const handlesKept = 1024;

type End = SessionEvent & { type: "done" | "failed" };

interface Waiting {
  command: Command;
  message: Uint8Array;
  results: Map<PeerId, Result>;
  /** Whose people are being asked, as the coordinator says. */
  asking: Set<PeerId>;
  /** Whom it has proposed last. */
  party: readonly PeerId[];
  /** Told of each result. */
  heard(): void;
  /** When the coordinator was heard of last, monotonic ms. */
  heardAt: number;
  settle: PromiseWithResolvers<Gave>;
  /** How it ended at the coordinator, as that told it. */
  said: PromiseWithResolvers<End | null>;
  end: End | null;
}

export class Initiator {
  readonly #context: Context;
  readonly #coordinator: Coordinator;
  readonly #keys: Keys;
  readonly #consents: Consents;
  readonly #waiting = new Map<string, Waiting>();
  readonly #handles = new Map<string, Session>();

  constructor(
    { context, coordinator, keys, consents }: {
      context: Context;
      coordinator: Coordinator;
      keys: Keys;
      consents: Consents;
    },
  ) {
    this.#consents = consents;
    this.#context = context;
    this.#coordinator = coordinator;
    this.#keys = keys;
    context.network.handle(protocols.result, (channel) => void this.#reported(channel));
  }

  handle(id: string): Session | undefined {
    return this.#handles.get(id);
  }

  /** Asks for `wanted`, with the message it holds the hash of: signs it, gives it to its coordinator, and follows it. */
  begin<T>(
    wanted: Omit<Command, "id" | "cluster" | "created" | "expires">,
    message: Uint8Array,
    read: (gave: Gave) => T,
    { signal, lifetimeMs }: RequestOptions,
  ): Session<T> {
    const context = this.#context;
    const id = context.random(16);
    const now = context.clock.now();
    const command: Command = {
      ...wanted,
      id,
      cluster: context.roster().cluster,
      created: now,
      expires: now + (lifetimeMs ?? ageOf(wanted)),
    };
    const key = id.toHex();
    const cancelling = new AbortController();
    const cancel = () => cancelling.abort();
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) cancel();
    const story = this.#story(command);
    const result = this.#follow(command, message, cancelling.signal).then(read).finally(() =>
      signal?.removeEventListener("abort", cancel)
    );
    const session = handle(key, story, result, cancel);
    this.#handles.set(key, session as Session);
    this.#forget();
    return session;
  }

  /** Handles of what is long over: whoever still needs one holds it. */
  #forget(): void {
    const { identity, teller } = this.#context;
    for (const id of this.#handles.keys()) {
      if (this.#handles.size <= handlesKept) return;
      const story = teller.storyOf(commandKey(identity.peer, Uint8Array.fromHex(id)));
      if (story?.ended !== false) this.#handles.delete(id);
    }
  }

  async #follow(command: Command, message: Uint8Array, cancelled: AbortSignal): Promise<Gave> {
    const { identity } = this.#context;
    const order: Order = { command: await sign(identity, commandRecord, command), message };
    // What is asked for here is consented to here, for as long as this call lasts.
    using own = this.#consents.own(order);
    cancelled.addEventListener("abort", () => own[Symbol.dispose](), { once: true });
    const cancel = await sign(identity, cancelRecord, { id: command.id });
    return command.coordinator === identity.peer
      ? await this.#here(order, cancel.encoded, cancelled)
      : await this.#there(order, cancel.encoded, cancelled);
  }

  /** This node coordinates: its own session is the outcome. */
  async #here(order: Order, cancel: Uint8Array, cancelled: AbortSignal): Promise<Gave> {
    const command = order.command.value;
    const id = command.id.toHex();
    const key = commandKey(order.command.by, command.id);
    const stop = () => this.#coordinator.cancel(key, cancel);
    // A signature proves itself; a key takes the word of all its members.
    if (command.kind === "generate") this.#waiting.set(id, waitingFor(command, order.message));
    try {
      const outcome = this.#coordinator.submit(order);
      cancelled.addEventListener("abort", stop, { once: true });
      if (cancelled.aborted) stop();
      return await outcome;
    } catch (error) {
      throw this.#told(command, error);
    } finally {
      cancelled.removeEventListener("abort", stop);
      this.#waiting.delete(id);
    }
  }

  /** See `SessionsOptions.confirmed`. */
  async confirmed({ id }: Command, row: KeyRow, signal: AbortSignal): Promise<void> {
    const { identity, clock, network } = this.#context;
    const waiting = this.#waiting.get(id.toHex());
    if (!waiting) return;
    const same = voteBody(row.key!, row.transcript).toHex();
    const others = row.key!.members.filter((peer) => peer !== identity.peer);
    using patience = deadline(clock, confirmMs, signal);
    for (;;) {
      const missing = others.filter((peer) => !isActive(waiting.results.get(peer), same));
      if (missing.length === 0) return;
      const connected = new Set(network.connected());
      // Nothing more is to be heard of who has said something else, or has gone.
      const over = missing.every((peer) => waiting.results.has(peer) || !connected.has(peer));
      if (over || patience.signal.aborted) throw new SessionError("wallet-pending", { missing });
      const heard = new Promise<void>((resolve) => waiting.heard = resolve);
      await Promise.race([heard, pause(clock, lookAgain, patience.signal)]);
    }
  }

  /** Another node coordinates: follows what it tells, and takes the first result that proves itself. */
  async #there(
    { command: signed, message }: Order,
    cancel: Uint8Array,
    cancelled: AbortSignal,
  ): Promise<Gave> {
    const { network, clock, stopping } = this.#context;
    const { coordinator, expires, id } = signed.value;
    const key = id.toHex();
    const waiting = waitingFor(signed.value, message);
    const { settle } = waiting;
    waiting.heardAt = clock.monotonic();
    this.#waiting.set(key, waiting);
    using patience = deadline(clock, Math.max(0, expires - clock.now()) + afterExpiry, stopping);
    const over = new AbortController();
    void this.#untilUnheard(waiting, over.signal);
    let channel: Channel | null = null;
    try {
      channel = await network.open(coordinator, protocols.command, {
        maxFrame: maxCommandFrame,
        signal: patience.signal,
      });
      await channel.send(orderRecord.encode({ signed: signed.encoded, message }));
      const stop = () => void channel!.send(cancel).catch(() => {}); // the channel's reader hears that it is gone
      cancelled.addEventListener("abort", stop, { once: true });
      if (cancelled.aborted) stop();
      void this.#listen(channel, waiting, patience.signal).then(settle.reject, settle.reject);
      const gave = await orAborted(settle.promise, patience.signal);
      if (gave === null) throw stopping.aborted ? new SessionError("shutdown") : late(waiting);
      await this.#done(waiting, gave);
      return gave;
    } catch (error) {
      const end = waiting.results.has(coordinator) ? await this.#lastWord(waiting) : waiting.end;
      if (end?.type === "failed") this.#story(signed.value).add(end);
      const gone = () =>
        stopping.aborted
          ? new SessionError("shutdown")
          : channel === null
          ? this.#unreached(signed.value)
          : left([coordinator]);
      throw this.#told(signed.value, error instanceof ChannelError ? gone() : error);
    } finally {
      over.abort();
      channel?.abort();
      this.#waiting.delete(key);
    }
  }

  /** The command was never handed over: whoever would have a part in it and is not there. */
  #unreached({ kind, key, members, signers, coordinator }: Command): SessionError {
    const connected = new Set(this.#context.network.connected());
    const holders = kind === "generate" ? members : this.#keys.withId(key.toHex())?.members ?? [];
    const all = signers.length > 0 ? signers : holders;
    const away = all.filter((peer) => !connected.has(peer) && peer !== this.#context.identity.peer);
    return new SessionError("not-enough-peers", { missing: [...new Set([coordinator, ...away])].sort() });
  }

  /** Ends the waiting for a coordinator that says nothing any more, unless it has said that a person is being asked. */
  async #untilUnheard(waiting: Waiting, over: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const patience = unheardMs + ageOf(waiting.command) - defaultCommandAge;
    while (!over.aborted) {
      const left = waiting.heardAt + patience - clock.monotonic();
      if (left <= 0 && waiting.asking.size === 0) return waiting.settle.reject(new SessionError("expired"));
      await pause(clock, left > 0 ? left : patience, over);
    }
  }

  /** The story of a command of this node's own. */
  #story(command: Command): Story {
    const { identity, teller } = this.#context;
    return teller.story(factsOf(identity.peer, command));
  }

  /** The story ends as the outcome does: in the coordinator's words, or, should they not come, in this node's. */
  async #done(waiting: Waiting, gave: Gave): Promise<void> {
    const { teller, identity } = this.#context;
    const { command } = waiting;
    const end = await this.#lastWord(waiting);
    if (end?.type === "done") return this.#story(command).add(end);
    teller.session(factsOf(identity.peer, command), { type: "done", resultHash: resultHash(gave) });
  }

  /** How it ended at the coordinator, if that is heard of in time. */
  async #lastWord({ said }: Waiting): Promise<End | null> {
    using patience = deadline(this.#context.clock, lastWord, this.#context.stopping);
    return await orAborted(said.promise, patience.signal);
  }

  /** Reads what the coordinator tells, until it ends. @returns Why there will be no result. */
  async #listen(channel: Channel, waiting: Waiting, signal: AbortSignal): Promise<SessionError> {
    const { identity, clock } = this.#context;
    const { command, results, said } = waiting;
    const id = command.id.toHex();
    try {
      for (;;) {
        const frame = await orAborted(channel.receive(), signal);
        if (frame === null) break;
        waiting.heardAt = clock.monotonic();
        const events = await readEvents(identity, frame);
        for (const event of events?.by === channel.peer ? events.items : []) {
          if (!("attempt" in event) || event.id !== id) continue;
          // An end is not told before it is known to be the outcome.
          if (isTerminal(event)) said.resolve(waiting.end ??= event);
          else this.#story(command).add(event);
          if (event.type === "asking" && waiting.party.includes(event.other)) waiting.asking.add(event.other);
          if (event.type === "proposed") {
            waiting.party = event.party;
            waiting.asking.clear();
          }
        }
        const result = await readSigned(identity, resultRecord, frame);
        if (result?.by === channel.peer) this.#result(result);
      }
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
    said.resolve(waiting.end);
    await pause(clock, withoutCoordinator, signal);
    if (waiting.end?.type === "failed") {
      const { code, culprits, missing, claims } = waiting.end;
      return new SessionError(code, { culprits, missing, claims });
    }
    const active = [...results].filter(([, { code }]) => code === null).map(([peer]) => peer);
    if (command.kind === "generate" && active.length > 0) {
      const missing = command.members.filter((peer) => !active.includes(peer));
      return new SessionError("wallet-pending", { missing });
    }
    const heard = results.has(command.coordinator);
    return left(heard ? command.members.filter((peer) => !results.has(peer)) : [command.coordinator]);
  }

  async #reported(channel: Channel): Promise<void> {
    using patience = deadline(this.#context.clock, withoutCoordinator, this.#context.stopping);
    try {
      const frame = await orAborted(channel.receive(), patience.signal);
      const result = frame === null ? null : await readSigned(this.#context.identity, resultRecord, frame);
      if (result?.by === channel.peer) this.#result(result);
      else if (frame !== null) this.#context.teller.warn("unauthentic-frame", channel.peer);
      await channel.end();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** A member says what came of it. A signature proves itself; a key takes the same word of all its members. */
  #result({ by, value }: Signed<Result>): void {
    const waiting = this.#waiting.get(value.id.toHex());
    if (!waiting || waiting.results.has(by)) return;
    const { command, message, results, settle } = waiting;
    results.set(by, value);
    waiting.heard();
    if (value.code !== null) {
      if (by !== command.coordinator) return;
      const { code, culprits, missing } = value;
      return settle.reject(new SessionError(code, { culprits, missing, claims: claimsOf(value) }));
    }
    if (command.kind === "sign") {
      const key = this.#keys.withId(command.key.toHex());
      const signature = key && signatureIn(this.#context, value, key, { ...command, message });
      if (signature) settle.resolve({ kind: "sign", signature });
      return;
    }
    const mine = keyIn(value);
    if (!mine || !asAsked(mine.row, command)) return;
    const same = [...results].filter(([, result]) =>
      result.code === null && keyIn(result)?.same === mine.same
    );
    if (!command.members.every((member) => same.some(([peer]) => peer === member))) return;
    // Who asked for it is this node, but others check that too: of a key whose members have shown no good preimage,
    // only the name is known here until one does.
    const rows = same.map(([, result]) => keyIn(result)!.row);
    void this.#learn(rows).then(
      (row) => settle.resolve({ kind: "generate", row: row ?? mine.row }),
      (cause) =>
        settle.reject(cause instanceof StoreError ? new SessionError("store-failed", { cause }) : cause),
    );
  }

  /** The first of these, which are of one key, that shows who asked for it. */
  async #learn(rows: readonly KeyRow[]): Promise<KeyRow | null> {
    for (const row of rows) {
      if (await this.#keys.learn(row) || this.#keys.certain(row.session.toHex())) return row;
    }
    return null;
  }

  /** Makes sure that the story ends: what this node alone knows to have failed is told in its own view. */
  #told(command: Command, thrown: unknown): SessionError {
    const { teller, identity } = this.#context;
    const error = thrown instanceof SessionError ? thrown : new SessionError("internal", { cause: thrown });
    if (this.#story(command).ended) return error;
    teller.failed(
      factsOf(identity.peer, command),
      { ...hearsay(error, command.coordinator), culprits: [] },
      "inviting",
    );
    return error;
  }
}

function waitingFor(command: Command, message: Uint8Array): Waiting {
  const settle = Promise.withResolvers<Gave>();
  settle.promise.catch(() => {}); // whoever waits for it awaits it later
  const said = Promise.withResolvers<End | null>();
  return {
    command,
    message,
    results: new Map(),
    asking: new Set(),
    party: [],
    heardAt: 0,
    heard() {},
    settle,
    said,
    end: null,
  };
}

/** Whether a member's result says that exactly this key is active there. */
function isActive(result: Result | undefined, same: string): boolean {
  return result?.code === null && keyIn(result)?.same === same;
}

/** Who only asked has seen nobody break the protocol: in its own view an accusation is what the coordinator says. */
function hearsay(
  { code, culprits, missing, claims }: SessionError,
  by: PeerId,
): Pick<SessionError, "code" | "missing" | "claims"> {
  if (culprits.length === 0) return { code, missing, claims };
  return { code: "aborted-by-peer", missing: [], claims: [{ by, code, peers: culprits }] };
}

/** How long a command may live: a set-up takes its time, and there may be a queue in front of it. */
function ageOf({ kind, curve, members }: Pick<Command, "kind" | "curve" | "members">): number {
  const setup = kind === "generate" && curve === "secp256k1" ? setupMsPerPair * members.length : 0;
  return Math.min(maxCommandAge, defaultCommandAge + setup);
}

/** There was no outcome in time: somebody was still being asked, or nothing came at all. */
const late = ({ asking }: Waiting): SessionError =>
  asking.size > 0 ? new SessionError("unanswered", { missing: [...asking] }) : new SessionError("expired");

const left = (missing: readonly PeerId[]) => new SessionError("peer-left", { missing });

/** Whether a key is the one that was asked for, whatever its members say. */
function asAsked({ key }: KeyRow, { wallet, curve, threshold, members }: Command): boolean {
  return key !== null && key.wallet === wallet && key.curve === curve && key.threshold === threshold &&
    key.members.join() === members.join();
}

/** What a session's result is read as. */
export const asKey = (gave: Gave): GroupKey => {
  if (gave.kind !== "generate") throw new SessionError("internal");
  return groupKey(gave.row);
};
export const asSignature = (key: GroupKey, command: Parameters<typeof payloadOf>[0] & { path: number[] }) =>
(
  gave: Gave,
): Signature => {
  if (gave.kind !== "sign") throw new SessionError("internal");
  return signatureOf(signingKey(key, command.path), payloadOf(command), gave.signature);
};
