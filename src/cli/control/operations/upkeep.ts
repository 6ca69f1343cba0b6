/**
 * Changes by the operator of a running node: invitations, frozen keys, given up keys, a restored store.
 * @module
 */
import { formatInvitation } from "../../../cluster/roster/admission/invitation_link.ts";
import type { OpenInvite } from "../../../cluster/roster/admission/invites.ts";
import type { QuorateNode } from "../../../node/api.ts";
import type { NamedPeer } from "../../past_epochs.ts";
import { nameInRoster, quarantinedPeer } from "../peer_names.ts";
import type { RequestOf } from "../requests.ts";

/** An invitation with its token: whoever has the link can use it. */
export interface Invited extends OpenInvite {
  /** The part of a link after `#`. */
  link: string;
}

/** Opens an invitation. @throws {InputError} */
export function invite({ rights, uses, ms }: RequestOf<"invite">, node: QuorateNode): Promise<Invited> {
  const invitation = node.invite({
    rights,
    ...(uses !== undefined && { uses }),
    ...(ms !== undefined && { ms }),
  });
  return Promise.resolve({ ...node.invites().at(-1)!, link: formatInvitation(invitation) });
}

/** Unfreezes a key, or releases a pair. @returns The peer of the pair. @throws {InputError} */
export async function unfreeze(
  { wallet, scheme, keyId, peer }: RequestOf<"unfreeze">,
  node: QuorateNode,
): Promise<{ other: NamedPeer | null }> {
  const key = { wallet, scheme, ...(keyId !== undefined && { keyId }) };
  if (peer === undefined) {
    await node.unfreeze(key);
    return { other: null };
  }
  const quarantined = node.quarantines().filter((one) =>
    one.by === node.self && one.wallet === wallet && one.scheme === scheme
  );
  const other = quarantinedPeer(peer, quarantined.map(({ other }) => other), nameInRoster(node.roster));
  await node.unfreeze(key, { peer: other.peer });
  return { other };
}
