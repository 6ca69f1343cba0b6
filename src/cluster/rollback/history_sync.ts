/**
 * The exchange of store histories: each of two peers sends the other the presences of the other that it
 * remembers.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import type { Questions } from "../roster/questions.ts";
import { read } from "../roster/sync_question.ts";
import { historyRecord } from "./rollbacks.ts";
import type { StoreHistory } from "./store_history.ts";

/** The parts of a peer's state that a restored node takes what it lacks from. */
const parts = ["roster", "keys", "bans"] as const satisfies Part[];
type Part = "roster" | "keys" | "bans";

export class HistorySync {
  readonly #storeHistory: StoreHistory;
  readonly #questions: Questions;
  /** The parts of its state that each peer has sent to this node since this node was restored. */
  readonly #shown = new Map<PeerId, Set<Part>>();

  constructor({ storeHistory, questions }: { storeHistory: StoreHistory; questions: Questions }) {
    this.#storeHistory = storeHistory;
    this.#questions = questions;
  }

  /** Sends a peer its own presences, and takes those of this node that the peer sends back. */
  exchange(peer: PeerId): Promise<void> {
    const { restoration, rollbacks } = this.#storeHistory;
    return this.#questions.inTurn("history", peer, async () => {
      const shown = historyRecord.encode({ seen: rollbacks.proofsFor(peer) });
      for await (const own of this.#questions.ask(peer, "history", shown)) await restoration.takeOwn(own);
    });
  }

  /**
   * Answers a peer that has sent presences of this node: takes them, and returns the presences of that peer.
   */
  async answer(peer: PeerId, shown: Uint8Array): Promise<Uint8Array[]> {
    const { restoration, rollbacks } = this.#storeHistory;
    for (const own of read(() => historyRecord.decode(shown))?.seen ?? []) await restoration.takeOwn(own);
    return rollbacks.proofsFor(peer);
  }

  /**
   * Notes that a peer has sent one part. A restored node waits until enough peers have sent all: it may have forgotten
   * that a peer was removed, a ban, or that a key has a later epoch.
   */
  async compared(peer: PeerId, part: Part): Promise<void> {
    const { restoration } = this.#storeHistory;
    if (restoration.state === null) return;
    const shown = this.#shown.get(peer) ?? new Set();
    this.#shown.set(peer, shown.add(part));
    if (parts.every((part) => shown.has(part))) await restoration.compared(peer);
  }
}
