/**
 * Joining: a peer without a roster, for as long as it takes to get into one.
 * @module
 */
import { askToJoin, type Invitation } from "./cluster/join.ts";
import type { Roster } from "./cluster/roster.ts";
import { joinMs } from "./limits.ts";
import { platformClock } from "./platform.ts";
import type { Host, Identity, Transport } from "./ports.ts";
import { deadline } from "./session/deadline.ts";

/**
 * Connects to the inviter as a stranger, asks, and hangs up.
 *
 * @throws {InputError} `invitation`.
 */
export async function join(
  transport: Transport,
  identity: Identity,
  invitation: Invitation,
  { name, signal }: { name: string; signal?: AbortSignal },
): Promise<Roster> {
  const host: Host = {
    identity,
    admits: (peer) => peer === invitation.peer,
    strangers: () => 0,
    connected: () => {},
    disconnected: () => {},
    dropped: () => {},
  };
  using patience = deadline(platformClock, 2 * joinMs, signal);
  const network = await transport.start(host);
  try {
    return await askToJoin(network, identity, invitation, { name, signal: patience.signal });
  } finally {
    await network.stop();
  }
}
