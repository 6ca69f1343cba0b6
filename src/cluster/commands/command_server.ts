/**
 * Commands that initiators elsewhere give this node to coordinate. Each is answered: with what happens and what comes of
 * it, or with why it is not taken.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { SessionEvent } from "../../events.ts";
import { ChannelError, SessionError, unlessStore } from "../../errors.ts";
import { maxCommandFrame } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { cancelRecord } from "../../session/control.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { readSigned, type Signed } from "../../session/signed.ts";
import { type Command, commandKey, factsOf, type Order } from "../records/command.ts";
import { type Context, protocols } from "../context.ts";
import type { Coordinator } from "./coordinator.ts";
import { sendEvents } from "../links/gossip.ts";
import { readOrder } from "../records/order.ts";
import type { Gave } from "./results.ts";

/** How long an initiator that has opened a stream may take to say its command, ms. */
const commandMs = 2_000;

export class CommandServer {
  readonly #context: Context;
  readonly #coordinator: Coordinator;

  constructor({ context, coordinator }: { context: Context; coordinator: Coordinator }) {
    this.#context = context;
    this.#coordinator = coordinator;
    context.network.handle(protocols.command, (channel) => void this.#commanded(channel), {
      maxFrame: maxCommandFrame,
    });
  }

  async #commanded(channel: Channel): Promise<void> {
    const { identity, clock, teller, stopping } = this.#context;
    try {
      using patience = deadline(clock, commandMs, stopping);
      const frame = await orAborted(channel.receive(), patience.signal);
      const order = frame === null ? null : await readOrder(identity, frame);
      if (order?.command.by !== channel.peer) {
        if (frame !== null) teller.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      await this.#serve(channel, order);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  async #serve(channel: Channel, order: Order): Promise<void> {
    const { teller } = this.#context;
    const { command } = order;
    let outcome: Promise<Gave>;
    try {
      outcome = this.#coordinator.submit(order);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return await this.#refuse(channel, command, error);
    }
    const done = outcome.then(() => {}, () => {}); // the story tells how it ended
    void this.#hearCancel(channel, command);
    const { feed } = teller.story(factsOf(command.by, command.value));
    await sendEvents(this.#context, channel, feed.stream((_e): _e is SessionEvent => true));
    await done;
    // Where it cannot be read, whoever asked has it from the members: each sends its own.
    const stored = await this.#coordinator.stored(command).catch(unlessStore);
    if (stored) await channel.send(stored);
    await channel.end();
  }

  /** A command that is not taken has an answer all the same: what came of it before, or why not. */
  async #refuse(channel: Channel, command: Signed<Command>, error: SessionError): Promise<void> {
    await channel.send(await this.#instead(command, error));
    await channel.end();
  }

  async #instead(command: Signed<Command>, error: SessionError): Promise<Uint8Array> {
    const coordinator = this.#coordinator;
    try {
      const stored = error.code === "replayed-command" ? await coordinator.stored(command) : null;
      return stored ?? await coordinator.refusal(command.value, error);
    } catch (cause) {
      unlessStore(cause);
      return await coordinator.refusal(command.value, new SessionError("store-failed", { cause }));
    }
  }

  async #hearCancel(channel: Channel, { by, value: { id } }: Signed<Command>): Promise<void> {
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
