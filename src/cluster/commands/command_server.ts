/**
 * The server of commands that other initiators send to this node as coordinator. Each is answered with its
 * events and its result, or with the failure for which it is rejected.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { SessionEvent } from "../../events.ts";
import { ChannelError, SessionError, unlessStore } from "../../errors.ts";
import { maxCommandFrame, unheardMs } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { cancelRecord } from "../../session/control.ts";
import { deadline, orAborted, pause } from "../../session/deadline.ts";
import { readSigned, type Signed } from "../../session/signed.ts";
import { type Command, commandKey, type Order } from "../records/command.ts";
import { factsOf } from "../events/session_facts.ts";
import type { Context } from "../events/event_context.ts";
import { protocols } from "../records/protocols.ts";
import type { Coordinator } from "./coordinator.ts";
import { sendEvents, sendNoEvents } from "../links/gossip.ts";
import { readOrder } from "../records/order.ts";
import type { CommandOutcome } from "./results.ts";

/** The time for an initiator to send its command on an open stream, ms. */
const commandMs = 2_000;

/** The interval at which the initiator of a command that waits for its turn hears that it does, ms: thrice in its patience. */
const waitingEvery = unheardMs / 3;

export class CommandServer {
  readonly #context: Context;
  readonly #coordinator: Coordinator;

  constructor({ context, coordinator }: { context: Context; coordinator: Coordinator }) {
    this.#context = context;
    this.#coordinator = coordinator;
    context.network.handle(protocols.command, (channel) => void this.#receive(channel), {
      maxFrame: maxCommandFrame,
    });
  }

  async #receive(channel: Channel): Promise<void> {
    const { identity, clock, eventLog, stopping } = this.#context;
    try {
      using patience = deadline(clock, commandMs, stopping);
      const frame = await orAborted(channel.receive(), patience.signal);
      const order = frame === null ? null : await readOrder(identity, frame);
      if (order?.command.by !== channel.peer) {
        if (frame !== null) eventLog.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      await this.#serve(channel, order);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  async #serve(channel: Channel, order: Order): Promise<void> {
    const { eventLog } = this.#context;
    const { command } = order;
    let outcome: Promise<CommandOutcome>;
    try {
      outcome = this.#coordinator.submit(order);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return await this.#reject(channel, command, error);
    }
    const done = outcome.then(() => {}, () => {}); // the history has its end
    void this.#awaitCancel(channel, command);
    const { feed } = eventLog.history(factsOf(command.by, command.value));
    const over = new AbortController();
    try {
      void this.#reportWaiting(channel, command, over.signal);
      await sendEvents(this.#context, channel, feed.stream((_e): _e is SessionEvent => true));
    } finally {
      over.abort();
    }
    await done;
    // If it cannot be read, the initiator still has the results of the members: each sends its own.
    const stored = await this.#coordinator.stored(command).catch(unlessStore);
    if (stored) await channel.send(stored);
    await channel.end();
  }

  /** Lets the initiator of a command that waits for its turn hear of it now and then: it takes a silent coordinator for lost. */
  async #reportWaiting(
    channel: Channel,
    { by, value: { id } }: Signed<Command>,
    over: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#context;
    try {
      for (;;) {
        await pause(clock, waitingEvery, over);
        if (over.aborted) return;
        if (this.#coordinator.waits(commandKey(by, id))) await sendNoEvents(this.#context, channel);
      }
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error; // the initiator went away: the session goes on
    }
  }

  /** Answers a command that is rejected: with its earlier result, or with the failure. */
  async #reject(channel: Channel, command: Signed<Command>, error: SessionError): Promise<void> {
    await channel.send(await this.#answerTo(command, error));
    await channel.end();
  }

  async #answerTo(command: Signed<Command>, error: SessionError): Promise<Uint8Array> {
    const coordinator = this.#coordinator;
    try {
      const stored = error.code === "replayed-command" ? await coordinator.stored(command) : null;
      return stored ?? await coordinator.rejection(command.value, error);
    } catch (cause) {
      unlessStore(cause);
      return await coordinator.rejection(command.value, new SessionError("store-failed", { cause }));
    }
  }

  async #awaitCancel(channel: Channel, { by, value: { id } }: Signed<Command>): Promise<void> {
    try {
      for (let frame = await channel.receive(); frame !== null; frame = await channel.receive()) {
        const cancel = await readSigned(this.#context.identity, cancelRecord, frame);
        if (cancel?.by === by && equal(cancel.value.id, id)) {
          this.#coordinator.cancel(commandKey(by, id), frame);
        }
      }
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error; // the initiator went away: the session goes on
    }
  }
}
