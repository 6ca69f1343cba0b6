/**
 * What a peer in a page needs beside `quorate`: a store, a way to dial, and a way in.
 * @module
 */
import { askToJoin, parseInvitation } from "./cluster/join.ts";
import type { Roster } from "./cluster/roster.ts";
import { newIdentity } from "./identity/identity.ts";
import { joinMs } from "./limits.ts";
import { platformRandom } from "./platform.ts";
import type { Host, Identity } from "./ports.ts";
import { webSocketsFromTab } from "./transport/websocket.browser.ts";

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
  { name, signal = AbortSignal.timeout(2 * joinMs) }: { name: string; signal?: AbortSignal },
): Promise<{ roster: Roster }> {
  const invitation = parseInvitation(fragment);
  const host: Host = {
    identity,
    admits: (peer) => peer === invitation.peer,
    strangers: () => 0,
    connected: () => {},
    disconnected: () => {},
    dropped: () => {},
  };
  const network = await webSocketsFromTab().start(host);
  try {
    return { roster: await askToJoin(network, identity, invitation, { name, signal }) };
  } finally {
    await network.stop();
  }
}
