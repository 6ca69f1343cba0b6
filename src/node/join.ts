/**
 * Joining: a peer without a roster, for as long as it takes to get into one.
 * @module
 */
import { askToJoin, checkName, type Invitation } from "../cluster/roster/join.ts";
import type { Roster } from "../cluster/roster/roster.ts";
import { type FourWords, fourWords } from "../identity/four_words.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import type { Identity, Transport } from "../ports.ts";
import { askingHost } from "../transport/asking_host.ts";

/** How one joins. */
export interface JoinOptions {
  /** How the others will call this peer: 1 to 32 visible characters. */
  name: string;
  /** Told when a person is being asked: the four words that this person must hear, read aloud. */
  waiting?: (words: FourWords) => void;
  /** Calls it off. */
  signal?: AbortSignal;
}

/**
 * Connects to the inviter as a stranger, asks, waits as long as a person is being asked, and hangs up.
 *
 * @throws {InputError} `name`. {@linkcode InvitationError}. The signal's reason, if that aborts.
 */
export async function join(
  transport: Transport,
  identity: Identity,
  invitation: Invitation,
  { name, waiting, signal = new AbortController().signal }: JoinOptions,
): Promise<Roster> {
  checkName(name); // before anything is started
  const network = await transport.start(askingHost(identity, (peer) => peer === invitation.peer));
  try {
    return await askToJoin(network, identity, invitation, {
      name,
      clock: platformClock,
      random: platformRandom,
      waiting: (digest) => waiting?.(fourWords(digest)),
      signal,
    });
  } finally {
    await network.stop();
  }
}
