/**
 * The keys whose members include peers that hold shares by no roster any more, and the commands that deal these keys
 * anew without them.
 * @module
 */
import type { Roster } from "../cluster/roster/roster.ts";
import type { PeerId } from "../failure.ts";
import { holdersOf, reshareCommand, type SharedKey } from "./reshare_command.ts";

/** The members of a key that are no holders of a roster. */
export function leaversOf({ members }: Pick<SharedKey, "members">, roster: Pick<Roster, "peers">): PeerId[] {
  const holders = holdersOf(roster);
  return members.filter((peer) => !holders.has(peer));
}

/** The sentence about what a peer can still do with its share of a key, and until when. */
export function untilDealtAnew(name: string, { threshold }: Pick<SharedKey, "threshold">): string {
  const others = threshold === 2 ? "that of one other member" : `those of ${threshold - 1} other members`;
  return `Nodes with the new roster take part in nothing with ${name}; one that is away does until it gets that roster. ` +
    `${name} keeps its share: with ${others} it is the whole key, until these have dealt the key anew and erased theirs.`;
}

/** The lines about a key with leavers among its members; none if there are none. */
export function* leaverLines(
  key: SharedKey,
  { roster, config, nameOf }: {
    roster: Pick<Roster, "peers">;
    config: string;
    nameOf(peer: PeerId): string;
  },
): Iterable<string> {
  const leavers = leaversOf(key, roster);
  if (leavers.length === 0) return;
  const names = leavers.map(nameOf).join(", ");
  const { wallet, scheme, threshold, members } = key;
  yield `${wallet}, ${scheme}, ${threshold} of ${members.length}: ${names} ${
    leavers.length === 1 ? "is a member, and no holder" : "are members, and no holders"
  } of the roster`;
  for (const peer of leavers) yield `  ${untilDealtAnew(nameOf(peer), key)}`;
  const command = reshareCommand(key, roster, config);
  yield command === null
    ? "  Fewer holders are left than sign with it, so it cannot be dealt anew: move what it has to a new key."
    : `  ${command}`;
}
