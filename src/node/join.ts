/**
 * Joining: a peer without a roster asks to be let into one.
 * @module
 */
import { askToJoin, checkName } from "../cluster/roster/admission/join.ts";
import type { Invitation } from "../cluster/roster/admission/invitation_link.ts";
import type { Roster } from "../cluster/roster/roster.ts";
import { type FourWords, fourWords } from "../identity/four_words.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import type { Identity, Transport } from "../ports.ts";
import { askingHost } from "../transport/asking_host.ts";

/** The options of joining. */
export interface JoinOptions {
  /** The peer's name in the roster: 1 to 32 visible characters. */
  name: string;
  /** Called when a person is being asked, with the four words to read aloud to that person. */
  waiting?: (words: FourWords) => void;
  /** Cancels it. */
  signal?: AbortSignal;
}

/**
 * Connects to the inviter as a stranger, asks, waits while a person is being asked, and disconnects.
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
