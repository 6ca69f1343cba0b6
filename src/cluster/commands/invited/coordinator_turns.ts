/**
 * The turns of a command's coordinators, as one node sees them: the next of the signed list takes over only when those
 * before it are gone from here and nothing that was accepted from one of them is open; and nobody comes back.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { clockSkew } from "../../../limits.ts";
import type { Signed } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import { type Command, commandKey } from "../../records/command.ts";

/** The coordinator from which this node has accepted a command last. */
interface Turn {
  /** Its place in the list. */
  place: number;
  /** The accepts that are open: no go has come, and none has lapsed. */
  open: number;
  readonly expires: number;
}

export class CoordinatorTurns {
  readonly #context: Pick<Context, "identity" | "network" | "clock">;
  /** By `commandKey`. They live in memory: what was open when this node stopped has lapsed. */
  readonly #turns = new Map<string, Turn>();

  constructor(context: Pick<Context, "identity" | "network" | "clock">) {
    this.#context = context;
  }

  /**
   * Checks whether a command may be accepted from a coordinator now.
   *
   * @throws {SessionError} `not-authorized` unless it is in the command's list; `other-coordinator` while it is
   * another's turn.
   */
  check({ by, value: { id, coordinators } }: Signed<Command>, coordinator: PeerId): void {
    const { identity, network } = this.#context;
    const place = coordinators.indexOf(coordinator);
    if (place < 0) throw new SessionError("not-authorized");
    const here = new Set([identity.peer, ...network.connected()]);
    const isTurn = coordinators.slice(0, place).every((before) => !here.has(before));
    const turn = this.#turns.get(commandKey(by, id));
    const isOpen = turn !== undefined && turn.place !== place && turn.open > 0;
    const isPast = turn !== undefined && turn.place > place;
    if (!isTurn || isOpen || isPast) throw new SessionError("other-coordinator");
  }

  /** Notes that a command is accepted from a coordinator, until the result is disposed of. */
  take({ by, value: { id, coordinators, expires } }: Signed<Command>, coordinator: PeerId): Disposable {
    this.#forget();
    const key = commandKey(by, id);
    const place = coordinators.indexOf(coordinator);
    const turn = this.#turns.get(key) ?? { place, open: 0, expires };
    turn.place = place;
    turn.open++;
    if (coordinators.length > 1) this.#turns.set(key, turn); // without others there is nothing to tell apart
    return { [Symbol.dispose]: () => void turn.open-- };
  }

  /** Forgets commands that have expired everywhere. */
  #forget(): void {
    const now = this.#context.clock.now();
    for (const [key, { expires }] of this.#turns) {
      if (expires + 2 * clockSkew >= now) return; // in the order in which they came, about
      this.#turns.delete(key);
    }
  }
}
