/**
 * What a peer in a page needs beside `quorate`: a store, a way to dial, and a way in.
 * @module
 */
import { parseInvitation } from "./cluster/join.ts";
import type { Roster } from "./cluster/roster.ts";
import { newIdentity } from "./identity/identity.ts";
import { join, type JoinOptions } from "./join.ts";
import { platformRandom } from "./platform.ts";
import type { Identity, Transport } from "./ports.ts";
import { tab, type TabOptions } from "./transport/tab.browser.ts";
import { webSocketsFromTab } from "./transport/websocket.browser.ts";

export { type TabLifeOptions, watchTab } from "./tab/life.ts";
export type { JoinOptions };
export { indexedDbStore } from "./store/indexeddb.ts";
export { tab, type TabOptions, webSocketsFromTab };

/** An identity that lasts as long as the page: for one that holds no share. */
export function passingIdentity(): Promise<Identity> {
  return newIdentity(platformRandom);
}

/**
 * Asks to be taken into a cluster, with what follows `#` in an invitation's link. If a person has to approve,
 * `options.waiting` is given the four words for that person, and this resolves when that person has said yes.
 *
 * @param options.transport Default: {@linkcode webSocketsFromTab}.
 * @returns The roster in which this peer is.
 * @throws {InputError} `name`; `invitation`, saying whether it is none, is not open, has expired, a person said no,
 * nobody answered, or another cluster did. The signal's reason, if that aborts.
 */
export async function joinCluster(
  fragment: string,
  identity: Identity,
  { transport = webSocketsFromTab(), ...options }: JoinOptions & { transport?: Transport },
): Promise<{ roster: Roster }> {
  return { roster: await join(transport, identity, parseInvitation(fragment), options) };
}
