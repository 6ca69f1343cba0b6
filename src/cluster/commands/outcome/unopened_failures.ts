/**
 * The failures of commands that never became a session, for who asked. They are in memory only: nothing was opened, so
 * an id that is forgotten may be used again. Each initiator has a share of its own, so that none pushes out another's.
 * @module
 */
import type { PeerId } from "../../../failure.ts";
import { unopenedBytes, unopenedBytesPerInitiator } from "../../../limits.ts";

/** The failure of one command. */
export interface UnopenedFailure {
  /** The hash of what the command asks for: see `contentOf`, 64 hex digits. */
  readonly content: string;
  /** See `encodeOutcome`. */
  readonly outcome: Uint8Array;
}

/** The failures of one initiator by the key of their command, the oldest first. */
interface Share {
  readonly failures: Map<string, UnopenedFailure>;
  bytes: number;
}

export class UnopenedFailures {
  readonly #shares = new Map<PeerId, Share>();
  #bytes = 0;

  /** The failure of a command, if it is known. @param key See `commandKey`. */
  of(initiator: PeerId, key: string): UnopenedFailure | undefined {
    return this.#shares.get(initiator)?.failures.get(key);
  }

  /** Keeps a failure: the initiator's oldest go first, then the oldest of whoever has most. */
  keep(initiator: PeerId, key: string, failure: UnopenedFailure): void {
    const share = this.#shares.get(initiator) ?? { failures: new Map(), bytes: 0 };
    this.#shares.set(initiator, share);
    this.#drop(share, key);
    share.failures.set(key, failure);
    this.#count(share, failure.outcome.length);
    while (share.bytes > unopenedBytesPerInitiator) this.#dropOldest(share);
    while (this.#bytes > unopenedBytes) this.#dropOldest(this.#largest());
  }

  #largest(): Share {
    return [...this.#shares.values()].reduce((most, share) => share.bytes > most.bytes ? share : most);
  }

  #dropOldest(share: Share): void {
    const [oldest] = share.failures.keys();
    this.#drop(share, oldest!);
  }

  #drop(share: Share, key: string): void {
    const dropped = share.failures.get(key);
    if (!dropped) return;
    share.failures.delete(key);
    this.#count(share, -dropped.outcome.length);
  }

  #count(share: Share, bytes: number): void {
    share.bytes += bytes;
    this.#bytes += bytes;
  }
}
