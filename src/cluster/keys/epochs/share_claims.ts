/**
 * The claims of members about their shares: whether each holds one of a certified key. A peer speaks for itself alone, over
 * its link to this node, and is believed about nothing but itself.
 * @module
 */
import type { SessionId } from "../../../events.ts";
import type { PeerId } from "../../../failure.ts";

export class ShareClaims {
  readonly #claims = new Map<SessionId, Map<PeerId, boolean>>();

  /** Takes the claim of a member. @returns Whether it is news. */
  set(keyId: SessionId, peer: PeerId, held: boolean): boolean {
    const claims = this.#claims.get(keyId) ?? new Map<PeerId, boolean>();
    const isNews = claims.get(peer) !== held;
    this.#claims.set(keyId, claims.set(peer, held));
    return isNews;
  }

  /** The members that say that they hold a share, or that they hold none. */
  of(keyId: SessionId, held: boolean): ReadonlySet<PeerId> {
    const same = [...this.#claims.get(keyId) ?? []].filter(([, claimed]) => claimed === held);
    return new Set(same.map(([peer]) => peer));
  }
}
