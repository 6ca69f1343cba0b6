/**
 * The exchange of rosters with other peers: the roster in force, and rosters of the past.
 * @module
 */
import { unlessStore } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { farewellMs } from "../../limits.ts";
import type { Network } from "../../ports.ts";
import { deadline } from "../../session/deadline.ts";
import type { BaseContext } from "../context.ts";
import type { Questions } from "./questions.ts";
import { formatRoster, parseRoster, type Roster } from "./roster.ts";
import type { RosterArchive } from "./roster_archive.ts";
import type { RosterStore } from "./roster_store.ts";
import { ask, read } from "./sync_question.ts";

export interface RosterSyncOptions {
  context: Pick<BaseContext, "network" | "clock" | "stopping">;
  questions: Questions;
  rosterStore: RosterStore;
  archive: RosterArchive;
  /** Called when a peer has sent its roster, after this node has taken it if it is newer. */
  compared(peer: PeerId): Promise<void>;
}

const encode = (roster: Roster) => new TextEncoder().encode(formatRoster(roster));
const decode = (encoded: Uint8Array) => read(() => parseRoster(new TextDecoder().decode(encoded)));

export class RosterSync {
  readonly #options: RosterSyncOptions;

  constructor(options: RosterSyncOptions) {
    this.#options = options;
  }

  /** Sends a peer the roster in force, and takes the peer's roster if that is newer. */
  exchange(peer: PeerId): Promise<void> {
    const { questions, rosterStore, compared } = this.#options;
    return questions.inTurn("roster", peer, async () => {
      for await (const item of questions.ask(peer, "roster", encode(rosterStore.current))) {
        const roster = decode(item);
        if (roster === null) continue;
        await rosterStore.take(roster).catch(unlessStore);
        const { cluster, version } = rosterStore.current;
        if (roster.cluster === cluster && roster.version <= version) await compared(peer);
      }
    });
  }

  /**
   * Answers a peer that has sent its roster: takes it if it is newer, and returns the one in force.
   *
   * @throws {StoreError}
   */
  async answer(shown: Uint8Array): Promise<Uint8Array> {
    const { rosterStore } = this.#options;
    const roster = decode(shown);
    if (roster) await rosterStore.take(roster);
    return encode(rosterStore.current);
  }

  /**
   * Asks a peer for the roster with this hash, which was in force once.
   *
   * @returns Null if the peer does not give it.
   */
  async past(peer: PeerId, hash: Uint8Array): Promise<Roster | null> {
    const { questions, archive } = this.#options;
    for await (const item of questions.ask(peer, "past-roster", hash)) {
      return await archive.take(new TextDecoder().decode(item), hash);
    }
    return null;
  }

  /** Answers a peer that asks for the roster with this hash. @returns Null if it is not here. */
  async answerPast(hash: Uint8Array): Promise<Uint8Array | null> {
    const roster = await this.#options.archive.find(hash);
    return roster && encode(roster);
  }

  /** Sends a removed peer the roster without it: that peer can no longer connect to ask for it. */
  async farewell(peer: PeerId): Promise<void> {
    const { context: { network, clock, stopping }, rosterStore } = this.#options;
    const shown = encode(rosterStore.current);
    using patience = deadline(clock, farewellMs, stopping);
    for await (
      const _item of ask(network, peer, { about: "roster", shown }, patience.signal)
    ) { /* its answer does not matter */ }
  }
}

/** Asks a peer for its roster. The signature is not checked. @returns Null if the peer gives none. */
export async function askRoster(network: Network, peer: PeerId, signal: AbortSignal): Promise<Roster | null> {
  for await (const item of ask(network, peer, { about: "roster", shown: new Uint8Array() }, signal)) {
    return decode(item);
  }
  return null;
}
