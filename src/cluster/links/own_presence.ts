/**
 * The presence of this node: what it reports of itself at this moment.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import type { Context } from "../events/event_context.ts";
import type { Presence } from "../rollback/presence.ts";
import type { StoreHistory } from "../rollback/store_history.ts";
import { rosterHash } from "../roster/roster.ts";

export interface OwnPresenceOptions {
  readonly context: Pick<Context, "identity" | "clock" | "vault" | "roster">;
  /** The number of this start, 8 bytes. */
  readonly boot: Uint8Array;
  readonly storeHistory: StoreHistory;
  /** The peers to which a link is up. */
  links(): PeerId[];
}

export class OwnPresence {
  readonly #options: OwnPresenceOptions;
  #generation = 0;

  constructor(options: OwnPresenceOptions) {
    this.#options = options;
  }

  /** The presence of the next generation. @param key A fresh X25519 public key, 32 bytes. */
  next(key: Uint8Array): Presence {
    const { context, boot, storeHistory, links } = this.#options;
    const { identity, clock, vault } = context;
    const roster = context.roster();
    return {
      peer: identity.peer,
      boot,
      ...storeHistory.restoration.reported,
      generation: ++this.#generation,
      key,
      time: clock.now(),
      rosterVersion: roster.version,
      rosterHash: rosterHash(roster),
      links: links(),
      locked: vault.locked ?? false,
    };
  }
}
