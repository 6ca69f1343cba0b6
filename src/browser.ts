/**
 * What a peer in a page needs beside `quorate`: a store, a way to dial, and a way in.
 * @module
 */
import { parseInvitation } from "./cluster/join.ts";
import type { Roster } from "./cluster/roster.ts";
import { newIdentity } from "./identity/identity.ts";
import { join } from "./join.ts";
import { platformRandom } from "./platform.ts";
import type { Identity } from "./ports.ts";
import { webSocketsFromTab } from "./transport/websocket.browser.ts";

export { type TabLifeOptions, watchTab } from "./tab/life.ts";
export { indexedDbStore } from "./store/indexeddb.ts";
export { webSocketsFromTab };

/** An identity that lasts as long as the page: for one that holds no share. */
export function passingIdentity(): Promise<Identity> {
  return newIdentity(platformRandom);
}

/**
 * Asks to be taken into a cluster, with what follows `#` in an invitation's link.
 *
 * @param options.name How the others will call this peer, 1 to 32 characters.
 * @returns The roster in which this peer is.
 * @throws {InputError} `invitation`, if it is none, was used, has expired, or nobody answers.
 */
export async function joinCluster(
  fragment: string,
  identity: Identity,
  options: { name: string; signal?: AbortSignal },
): Promise<{ roster: Roster }> {
  return { roster: await join(webSocketsFromTab(), identity, parseInvitation(fragment), options) };
}
