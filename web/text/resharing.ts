/**
 * The words for a resharing: what it changes, and the command that asks for it. Pure.
 * @module
 */
import type { SessionId } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";

/** A sharing of a key: who holds it, and how many of them sign. */
export interface Sharing {
  readonly threshold: number;
  readonly members: readonly PeerId[];
}

/** The changes that a resharing makes among the holders of a key. */
export interface HolderChange {
  stays: readonly PeerId[];
  comes: readonly PeerId[];
  /** Those that take part, and keep no share. */
  leaves: readonly PeerId[];
}

/** @param before The members now. */
export function changeOf(
  before: readonly PeerId[],
  { members, gone }: { members: readonly PeerId[]; gone: readonly PeerId[] },
): HolderChange {
  return {
    stays: members.filter((peer) => before.includes(peer)),
    comes: members.filter((peer) => !before.includes(peer)),
    leaves: before.filter((peer) => !members.includes(peer) && !gone.includes(peer)),
  };
}

/** The numbers that sign before and after: “2 of 3, as now”, “2 of 4; now 2 of 3”, “falls from 3 of 5 to 2 of 3”. */
export function thresholdText(before: Sharing, after: Sharing): string {
  const text = ({ threshold, members }: Sharing) => `${threshold} of ${members.length}`;
  const [now, then] = [text(before), text(after)];
  if (after.threshold < before.threshold) return `falls from ${now} to ${then}`;
  if (after.threshold > before.threshold) return `rises from ${now} to ${then}`;
  return now === then ? `${now}, as now` : `${then}; now ${now}`;
}

/**
 * The command that asks for a resharing.
 *
 * @param choice.key With its session if another key has its name: the command is refused without.
 * @param nameOf The name in the roster; a name that a shell would split is not used.
 */
export function reshareCommand(
  { key: { wallet, scheme, session }, members, threshold, gone }: {
    key: { wallet: string; scheme: string; session?: SessionId };
    members: readonly PeerId[];
    threshold: number;
    gone: readonly PeerId[];
  },
  nameOf: (peer: PeerId) => string,
): string {
  const peers = (some: readonly PeerId[]) =>
    some.map((peer) => /^[\w.-]+$/.test(nameOf(peer)) ? nameOf(peer) : peer).join(",");
  const name = /^[\w.-]+$/.test(wallet) ? wallet : `'${wallet.replaceAll("'", "'\\''")}'`;
  const one = session === undefined ? "" : ` --key ${session}`;
  const without = gone.length > 0 ? ` --gone ${peers(gone)}` : "";
  return `quorate keys reshare ${name} --scheme ${scheme}${one} --members ${peers(members)} ` +
    `--threshold ${threshold}${without}`;
}
