/**
 * The synchronisation with other peers: the questions that a node asks a peer when they connect, and its
 * answers to them.
 * @module
 */
import type { PeerId } from "../../../failure.ts";
import type { Context } from "../../events/event_context.ts";
import type { EvidenceStore } from "../../links/evidence_store.ts";
import { HistorySync } from "../../rollback/history_sync.ts";
import type { StoreHistory } from "../../rollback/store_history.ts";
import { Questions } from "../../roster/questions.ts";
import type { RosterArchive } from "../../roster/roster_archive.ts";
import { has } from "../../roster/roster_context.ts";
import type { RosterStore } from "../../roster/roster_store.ts";
import { RosterSync } from "../../roster/roster_sync.ts";
import { evidencePart } from "../../roster/sync_question.ts";
import { BanSync, type BanSyncOptions } from "./ban_sync.ts";
import type { Bans } from "../bans.ts";
import { Healing } from "./healing.ts";
import { KeySync } from "./key_sync.ts";
import type { Keys } from "../keys.ts";
import { ServedQuestions } from "./served_questions.ts";

export interface SyncOptions {
  context: Context;
  rosterStore: RosterStore;
  archive: RosterArchive;
  keys: Keys;
  bans: Bans;
  quarantines: BanSyncOptions["quarantines"];
  /** The evidence of the failures that this node has reported. */
  evidence: EvidenceStore;
  storeHistory: StoreHistory;
  /** Presences, which peers exchange when they meet, so that neither has to wait for gossip. */
  presence: {
    /** This node's own, signed. */
    now(): Promise<Uint8Array>;
    take(presence: Uint8Array, from: PeerId): Promise<unknown>;
    /** The boot of a peer, in hex; null while it is not known. */
    boot(peer: PeerId): string | null;
  };
  /** Whether a session is running here at this moment. */
  running(session: Uint8Array): boolean;
}

export class Sync {
  readonly #options: SyncOptions;
  readonly #questions: Questions;
  readonly #history: HistorySync;
  readonly #roster: RosterSync;
  readonly #keys: KeySync;
  readonly #bans: BanSync;
  readonly #healing: Healing;

  constructor(options: SyncOptions) {
    this.#options = options;
    const { context, rosterStore, archive, keys, bans, quarantines, storeHistory, presence, running } =
      options;
    const questions = this.#questions = new Questions(context);
    const historySync = this.#history = new HistorySync({ storeHistory, questions });
    const comparedWith = (part: "roster" | "keys" | "bans") => (peer: PeerId) =>
      historySync.compared(peer, part);
    const rosterSync = this.#roster = new RosterSync({
      context,
      questions,
      rosterStore,
      archive,
      compared: comparedWith("roster"),
    });
    this.#keys = new KeySync({
      keys,
      questions,
      rosterSync,
      boot: (peer) => presence.boot(peer),
      compared: comparedWith("keys"),
    });
    this.#bans = new BanSync({ context, questions, bans, quarantines, compared: comparedWith("bans") });
    const { restoration } = storeHistory;
    this.#healing = new Healing({ context, keys, questions, historySync, restoration, running });
    this.#serve();
  }

  #serve(): void {
    const { context, presence } = this.#options;
    new ServedQuestions(context, {
      roster: async (_peer, shown) => [await this.#roster.answer(shown)],
      presence: async () => [await presence.now()],
      history: (peer, shown) => this.#history.answer(peer, shown),
      keys: (_peer, after) => this.#keys.answer(after),
      bans: (peer) => this.#bans.answerBans(peer),
      quarantines: () => this.#bans.answerQuarantines(),
      vote: async (peer, shown) => has(context, peer, "holder") ? [await this.#healing.answer(shown)] : [],
      "past-roster": async (_peer, hash) =>
        [await this.#roster.answerPast(hash)].filter((one) => one !== null),
      evidence: (peer, hash) => this.#evidenceFor(peer, hash.toHex()),
    });
  }

  /**
   * Asks a peer that has connected for everything that this node may lack. If it does not answer, it is asked
   * next time.
   */
  async meet(peer: PeerId): Promise<void> {
    await this.roster(peer);
    await this.history(peer); // a peer whose disk went back should know it before it answers anything that counts
    await this.#presence(peer);
    await this.keys(peer);
    await this.bans(peer);
    await this.quarantines(peer);
    await this.#healing.heal(peer);
  }

  #presence(peer: PeerId): Promise<void> {
    return this.#questions.inTurn("presence", peer, async () => {
      for await (const presence of this.#questions.ask(peer, "presence")) {
        await this.#options.presence.take(presence, peer);
      }
    });
  }

  /** See {@linkcode KeySync.ask}. */
  keys(peer: PeerId): Promise<void> {
    return this.#keys.ask(peer);
  }

  /** See {@linkcode HistorySync.exchange}. */
  history(peer: PeerId): Promise<void> {
    return this.#history.exchange(peer);
  }

  /** See {@linkcode Healing.settle}. */
  settle(): Promise<void> {
    return this.#healing.settle();
  }

  /** See {@linkcode BanSync.bans}. */
  bans(peer: PeerId): Promise<void> {
    return this.#bans.bans(peer);
  }

  /** See {@linkcode BanSync.quarantines}. */
  quarantines(peer: PeerId): Promise<void> {
    return this.#bans.quarantines(peer);
  }

  /** See {@linkcode RosterSync.exchange}. */
  roster(peer: PeerId): Promise<void> {
    return this.#roster.exchange(peer);
  }

  /** See {@linkcode RosterSync.farewell}. */
  farewell(peer: PeerId): Promise<void> {
    return this.#roster.farewell(peer);
  }

  /** Asks a peer for evidence. The caller checks its hash. @returns Null if the peer does not send it. */
  async evidence(peer: PeerId, hash: string): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
    for await (const part of this.#questions.ask(peer, "evidence", Uint8Array.fromHex(hash))) {
      parts.push(part);
    }
    if (parts.length === 0) return null;
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /**
   * Answers a peer that asks for evidence. Evidence shows the command of a failed session (not the message to
   * sign) and the messages of its members: holders, observers and the initiator of the command may see it.
   */
  #evidenceFor(peer: PeerId, hash: string): Uint8Array[] {
    const kept = this.#options.evidence.get(hash);
    const { context } = this.#options;
    const may = has(context, peer, "holder") || has(context, peer, "observer") || peer === kept?.initiator;
    if (!kept || !may) return [];
    const parts = Math.ceil(kept.encoded.length / evidencePart);
    return Array.from(
      { length: parts },
      (_, i) => kept.encoded.slice(i * evidencePart, (i + 1) * evidencePart),
    );
  }
}
