/**
 * The exchange of key certificates: a node learns which keys exist, and which peers hold a share of each.
 * @module
 */
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
  /** Whether an epoch came before the one that it follows. */
  early: boolean;
  /** The number of keys that have become known. */
  learnt: number;
  /** Whether the peer has told of everything. */
  complete: boolean;
}

/** The place up to which this node has taken a peer's keys, in the order of that peer. */
interface Place {
  /** The boot of the peer, in hex: each has its own order. Null while it is not known. */
  readonly boot: string | null;
  /** The number of a change; 0 before the first. */
  last: number;
}

export interface KeySyncOptions {
  keys: Keys;
  questions: Questions;
  rosterSync: RosterSync;
  /** The boot of a peer, in hex; null while it is not known. */
  boot(peer: PeerId): string | null;
  /** Called when a peer has told of all its keys. */
  compared(peer: PeerId): Promise<void>;
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
      const place: Place = { boot, last: isSameBoot ? before.last : 0 };
      this.#places.set(peer, place);
      const most = { rosters: rosterQuestions, rejected: maxRejected };
      const budget: Budget = { ...most, early: false, learnt: 0, complete: false };
      do {
        budget.early = false;
        budget.learnt = 0;
        await this.#askAll(peer, place, budget);
        // An epoch may come before the one that its certificate is checked against: that is known now.
      } while (budget.early && budget.learnt > 0);
      if (budget.complete) await this.#options.compared(peer);
    });
  }

  async #askAll(peer: PeerId, place: Place, budget: Budget): Promise<void> {
    let last: number | null = place.last;
    for (let left = maxLearnt; left > 0 && last !== null; left -= keysPerQuestion) {
      last = await this.#askAfter(peer, last, place, budget);
    }
  }

  /**
   * Asks for the keys that changed after the change with the number `after`.
   *
   * @param place Moves on to the last key before the first rejected one: the next round asks for that one
   * again.
   * @returns The number of the change after which there may be more; null if there are none.
   */
  async #askAfter(
    peer: PeerId,
    after: number,
    place: Place,
    budget: Budget,
  ): Promise<number | null> {
    const { keys, questions, rosterSync } = this.#options;
    const pastRoster = (hash: Uint8Array) =>
      budget.rosters-- > 0 ? rosterSync.past(peer, hash) : Promise.resolve(null);
    let [last, count, whole] = [after, 0, false];
    for await (const encoded of questions.ask(peer, "keys", encodePlace(after), () => whole = true)) {
      const shown = read(() => decodeShown(encoded));
      if (shown === null) return null; // the rest of the answer is not read
      const { row, held, place: told } = shown;
      if (await keys.learn(row, pastRoster).catch(unlessStore)) budget.learnt++;
      keys.holds(row.session, peer, held);
      const taken = keys.certain(row.session.toHex());
      if (!taken && row.parent && !keys.certain(row.parent.session.toHex())) budget.early = true;
      else if (!taken && --budget.rejected < 0) return null;
      if (taken && place.last === last) place.last = told;
      last = told;
      count++;
    }
    // An answer that was cut off is continued; one with too many keys is not.
    const more = whole ? count === keysPerQuestion : count > 0 && count < keysPerQuestion;
    budget.complete = whole && !more;
    return more ? last : null;
  }

  /**
   * Answers a peer: the first certificates that changed after the change that it names, each encoded when it is read.
   */
  *answer(after: Uint8Array): Generator<Uint8Array> {
    let left = keysPerQuestion;
    for (const { row, held, place } of this.#options.keys.certificates(decodePlace(after))) {
      if (left-- === 0) return;
      yield encodeShown(row, held, place);
    }
  }
}

/** 8 bytes; none for 0. */
function encodePlace(place: number): Uint8Array {
  if (place === 0) return new Uint8Array();
  const encoded = new Uint8Array(8);
  new DataView(encoded.buffer).setBigUint64(0, BigInt(place));
  return encoded;
}

/** 0 for bytes that are no place. */
function decodePlace(encoded: Uint8Array): number {
  if (encoded.length !== 8) return 0;
  return Number(new DataView(encoded.buffer, encoded.byteOffset).getBigUint64(0));
}
