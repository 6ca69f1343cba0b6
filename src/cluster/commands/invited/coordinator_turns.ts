/**
 * The turns of a command's coordinators, as one node sees them: the next of the signed list takes over only when the
 * initiator says so, since only that knows whether the one before has carried it out; never while something that was
 * accepted from another is open; and nobody comes back.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { clockSkew, maxCommandAge, maxTurnsGiven } from "../../../limits.ts";
import type { Signed } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import { type Command, commandKey, type Order, orderKey } from "../../records/command.ts";
import type { ReplayGuard } from "../replay_guard.ts";
import type { UnderWay } from "../results.ts";

/** A turn that an initiator gives: of which order, and at which place of its list, from 0. */
export interface GivenTurn {
  /** See `orderKey`, 32 bytes. */
  readonly order: Uint8Array;
  readonly place: number;
}

/** The turn from which on this node accepts a command. */
interface Turn {
  /** See `orderKey`, in hex. */
  readonly order: string;
  /** When that order was signed, ms; null while it is known by its initiator's word alone. */
  readonly created: number | null;
  readonly place: number;
  /** The initiator that has given it; null if it is that of the first, which nobody gives. */
  readonly givenBy: PeerId | null;
  /** The accepts that are open: no go has come, and none has lapsed. */
  readonly open: Set<UnderWay>;
  /** Monotonic ms. */
  readonly until: number;
}

/** A turn is remembered this long, ms: then no clock lets an order in that was signed before it. */
const rememberedMs = maxCommandAge + 2 * clockSkew;

export class CoordinatorTurns {
  readonly #context: Pick<Context, "clock">;
  readonly #replayGuard: Pick<ReplayGuard, "carried">;
  /** By `commandKey`. They live in memory: what was open when this node stopped has lapsed. */
  readonly #turns = new Map<string, Turn>();

  constructor(context: Pick<Context, "clock">, replayGuard: Pick<ReplayGuard, "carried">) {
    this.#context = context;
    this.#replayGuard = replayGuard;
  }

  /**
   * Checks whether a command may be accepted from a coordinator now.
   *
   * @throws {SessionError} `not-authorized` unless it is in the command's list; `other-coordinator` while it is
   * another's turn.
   */
  check(command: Signed<Command>, coordinator: PeerId): void {
    const { by, value: { id, coordinators } } = command;
    const place = coordinators.indexOf(coordinator);
    if (place < 0) throw new SessionError("not-authorized");
    const turn = this.#turns.get(commandKey(by, id));
    const isGiven = turn !== undefined && turn.givenBy !== null && isOf(turn, command) &&
      turn.place === place;
    const isOpen = turn !== undefined && isOpenToOther(turn, command, coordinator);
    const isPast = turn !== undefined && isBefore(turn, command, place);
    if (place > 0 && !isGiven || isOpen || isPast) throw new SessionError("other-coordinator");
  }

  /** Notes that a command is accepted from a coordinator, until the result is disposed of. */
  take(order: Order, coordinator: PeerId): Disposable {
    const { by, value: { id, coordinators, created } } = order.command;
    const place = coordinators.indexOf(coordinator);
    const known = this.#turns.get(commandKey(by, id));
    const isGiven = known !== undefined && isOf(known, order.command) && known.place === place;
    const givenBy = isGiven ? known.givenBy : null;
    const at = { order: orderKey(order.command).toHex(), created, place, givenBy };
    const { open } = this.#set(commandKey(by, id), at);
    const accept: UnderWay = { command: order.command, items: order.items, coordinator };
    open.add(accept);
    return { [Symbol.dispose]: () => void open.delete(accept) };
  }

  /**
   * Notes that this node invites for a command as its coordinator, until the result is disposed of. Without its own accept
   * no session comes of that: then a turn that was not known before is forgotten again.
   */
  invite(order: Order, self: PeerId): Disposable {
    const key = commandKey(order.command.by, order.command.value.id);
    const isNew = !this.has(key);
    const taken = this.take(order, self);
    const turn = this.#turns.get(key);
    return {
      [Symbol.dispose]: () => {
        taken[Symbol.dispose]();
        if (isNew && this.#turns.get(key) === turn) this.#turns.delete(key);
      },
    };
  }

  /** A command that was accepted here and may become a session any moment, if there is one. @param key See `commandKey`. */
  open(key: string): UnderWay | undefined {
    return this.#turns.get(key)?.open.values().next().value;
  }

  /** Whether an order of a command was accepted here, or its initiator has given a turn. @param key See `commandKey`. */
  has(key: string): boolean {
    this.#forget();
    return this.#turns.has(key);
  }

  /**
   * Moves to a turn by the word of the command's initiator: nothing of that command is accepted here any more that comes
   * before it, no other order under its id and no coordinator at a lower place. There is no accept open.
   *
   * @param key See `commandKey`.
   * @returns Whether it has: a node keeps a number of such turns of one initiator, of commands that were not carried out.
   */
  moveTo(initiator: PeerId, key: string, { order, place }: GivenTurn): boolean {
    this.#forget();
    const known = this.#turns.get(key);
    // They are counted only where they can be too many.
    const isFull = this.#turns.size >= maxTurnsGiven && this.#givenBy(initiator) >= maxTurnsGiven;
    if (known?.givenBy !== initiator && isFull) return false;
    const isSame = known?.order === order.toHex();
    // A word that comes late, of a turn before this one, takes nothing back.
    if (isSame && known.givenBy === initiator && known.place > place) return true;
    this.#set(key, {
      order: order.toHex(),
      created: isSame ? known.created : null,
      place,
      givenBy: initiator,
    });
    return true;
  }

  /** The number of turns that an initiator has given: sessions bound those of commands that were carried out. */
  #givenBy(initiator: PeerId): number {
    let given = 0;
    for (const [key, { givenBy }] of this.#turns) {
      if (givenBy === initiator && !this.#replayGuard.carried(key)) given++;
    }
    return given;
  }

  /** Sets the turn of a command; what is open stays open. */
  #set(key: string, at: Pick<Turn, "order" | "created" | "place" | "givenBy">): Turn {
    this.#forget();
    const open: Turn["open"] = this.#turns.get(key)?.open ?? new Set();
    const turn = { ...at, open, until: this.#context.clock.monotonic() + rememberedMs };
    this.#turns.delete(key);
    this.#turns.set(key, turn); // the last one is forgotten last
    return turn;
  }

  #forget(): void {
    const now = this.#context.clock.monotonic();
    for (const [key, { until }] of this.#turns) {
      if (until >= now) return;
      this.#turns.delete(key);
    }
  }
}

const isOf = ({ order }: Turn, command: Signed<Command>): boolean => order === orderKey(command).toHex();

/** Whether an accept is open that was given to another coordinator, or for another order under this id. */
function isOpenToOther({ open }: Turn, command: Signed<Command>, coordinator: PeerId): boolean {
  const order = orderKey(command).toHex();
  return [...open].some((accept) =>
    accept.coordinator !== coordinator || orderKey(accept.command).toHex() !== order
  );
}

/**
 * Whether a coordinator comes before a turn. Places of different lists are not compared: of two orders under one id the
 * one that the initiator has named counts, and without its word the one that was signed later.
 */
function isBefore(turn: Turn, command: Signed<Command>, place: number): boolean {
  if (isOf(turn, command)) return place < turn.place;
  return turn.givenBy !== null || turn.created === null || command.value.created <= turn.created;
}
