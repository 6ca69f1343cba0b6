/**
 * The places of a coordinator: few commands have their invites under way at once, and the others wait in
 * order.
 * @module
 */
import { orAborted } from "../../../session/deadline.ts";

interface Waiting {
  readonly place: Place;
  readonly entered: () => void;
}

/** All places of a coordinator. */
export class Places {
  readonly #hasRoom: (taken: number) => boolean;
  readonly #queue: Waiting[] = [];
  /** Commands whose people have answered, and that need a place again. They come first. */
  readonly #returning: Waiting[] = [];
  #taken = 0;

  /** @param hasRoom Whether one more place is free when `taken` are not. */
  constructor(hasRoom: (taken: number) => boolean) {
    this.#hasRoom = hasRoom;
  }

  /** The number of commands that wait for their first place. */
  get queued(): number {
    return this.#queue.length;
  }

  /**
   * Waits for a place behind the commands that came before.
   *
   * @throws {unknown} The reason of `signal`.
   */
  enter(place: Place, signal: AbortSignal): Promise<void> {
    return this.#wait(place, this.#queue, signal);
  }

  /**
   * Waits for a place again, for a command that has left its own.
   *
   * @throws {unknown} The reason of `signal`.
   */
  async return(place: Place, signal: AbortSignal): Promise<void> {
    if (!place.taken) await this.#wait(place, this.#returning, signal);
  }

  /** Frees a place: its session is open, it is over, or it waits for a person, which holds up nobody else. */
  leave(place: Place): void {
    if (place.taken) this.#taken--;
    place.taken = false;
    this.fill();
  }

  /** Gives the places that are free to the commands that wait; to be called when room has become free elsewhere. */
  fill(): void {
    while (this.#hasRoom(this.#taken)) {
      const next = this.#returning.shift() ?? this.#queue.shift();
      if (!next) return;
      this.#taken++;
      next.place.taken = true;
      next.entered();
    }
  }

  async #wait(place: Place, list: Waiting[], signal: AbortSignal): Promise<void> {
    const { promise, resolve: entered } = Promise.withResolvers<void>();
    const waiting = { place, entered };
    list.push(waiting);
    this.fill();
    await orAborted(promise, signal);
    if (!signal.aborted) return;
    const at = list.indexOf(waiting);
    if (at >= 0) list.splice(at, 1);
    throw signal.reason;
  }
}

/** The place of one command. */
export interface Place {
  taken: boolean;
}
