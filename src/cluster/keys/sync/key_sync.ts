/**
 * The exchange of key certificates: a node learns which keys exist, and which peers hold a share of each.
 * @module
 */
import type { SessionId } from "../../../events.ts";
import { unlessStore } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { keysPerQuestion, maxLearnt, rosterQuestions } from "../../../limits.ts";
import { decodeShown, encodeShown } from "../../../keystore/key_certificate.ts";
import type { Questions } from "../../roster/questions.ts";
import type { RosterSync } from "../../roster/roster_sync.ts";
import { read } from "../../roster/sync_question.ts";
import type { Keys } from "../keys.ts";

/** The most keys that are rejected in one round of questions: then the round ends. */
const maxRejected = 128;

/** The budget of one round of questions to one peer. */
interface Budget {
  /** The number of past rosters that may be asked for. */
  rosters: number;
  /** The number of keys that may be rejected. */
  rejected: number;
}

/** The place up to which this node has taken a peer's keys, in the order of that peer. */
interface Place {
  /** The boot of the peer, in hex: each has its own order. Null while it is not known. */
  readonly boot: string | null;
  /** The id of a key, 32 bytes; empty before the first. */
  last: Uint8Array;
}

export interface KeySyncOptions {
  keys: Keys;
  questions: Questions;
  rosterSync: RosterSync;
  /** The boot of a peer, in hex; null while it is not known. */
  boot(peer: PeerId): string | null;
}

export class KeySync {
  readonly #options: KeySyncOptions;
  readonly #places = new Map<PeerId, Place>();

  constructor(options: KeySyncOptions) {
    this.#options = options;
  }

  /**
   * Asks a peer for the certificates that changed since it was last asked, and for which keys it holds a
   * share.
   */
  ask(peer: PeerId): Promise<void> {
    const { questions } = this.#options;
    return questions.inTurn("keys", peer, async () => {
      const boot = this.#options.boot(peer);
      const before = this.#places.get(peer);
      const isSameBoot = boot !== null && before?.boot === boot;
      const place: Place = { boot, last: isSameBoot ? before.last : new Uint8Array() };
      this.#places.set(peer, place);
      const budget: Budget = { rosters: rosterQuestions, rejected: maxRejected };
      let last: Uint8Array | null = place.last;
      for (let left = maxLearnt; left > 0 && last !== null; left -= keysPerQuestion) {
        last = await this.#askAfter(peer, last, place, budget);
      }
    });
  }

  /**
   * Asks for the keys that changed after the key `after`.
   *
   * @param place Moves on to the last key before the first rejected one: the next round asks for that one
   * again.
   * @returns The id of the key after which there may be more; null if there are none.
   */
  async #askAfter(
    peer: PeerId,
    after: Uint8Array,
    place: Place,
    budget: Budget,
  ): Promise<Uint8Array | null> {
    const { keys, questions, rosterSync } = this.#options;
    const pastRoster = (hash: Uint8Array) =>
      budget.rosters-- > 0 ? rosterSync.past(peer, hash) : Promise.resolve(null);
    let [last, count, whole] = [after, 0, false];
    for await (const encoded of questions.ask(peer, "keys", after, () => whole = true)) {
      const shown = read(() => decodeShown(encoded));
      if (shown === null) return null; // the rest of the answer is not read
      const { row, held } = shown;
      await keys.learn(row, pastRoster).catch(unlessStore);
      keys.holds(row.session, peer, held);
      const taken = keys.certain(row.session.toHex());
      if (!taken && --budget.rejected < 0) return null;
      if (taken && place.last === last) place.last = row.session;
      last = row.session;
      count++;
    }
    // An answer that was cut off is continued; one with too many keys is not.
    const more = whole ? count === keysPerQuestion : count > 0 && count < keysPerQuestion;
    return more ? last : null;
  }

  /**
   * Answers a peer: the first certificates after the key with the id `after`, each encoded when it is read.
   */
  *answer(after: SessionId): Generator<Uint8Array> {
    let left = keysPerQuestion;
    for (const { row, held } of this.#options.keys.certificates(after)) {
      if (left-- === 0) return;
      yield encodeShown(row, held);
    }
  }
}
