/**
 * The keys whose members include peers that hold shares by no roster any more, and the commands that deal these keys
 * anew without them.
 * @module
 */
import type { Roster } from "../cluster/roster/roster.ts";
import type { Scheme } from "../events.ts";
import type { PeerId } from "../failure.ts";

/** The parts of a key that decide who can deal it anew. */
export interface SharedKey {
  readonly wallet: string;
  readonly scheme: Scheme;
  readonly threshold: number;
  readonly members: readonly PeerId[];
}

/** The members of a key that are no holders of a roster. */
export function leaversOf({ members }: Pick<SharedKey, "members">, roster: Pick<Roster, "peers">): PeerId[] {
  const holders = holdersOf(roster);
  return members.filter((peer) => !holders.has(peer));
}

const holdersOf = ({ peers }: Pick<Roster, "peers">): ReadonlySet<PeerId> =>
  new Set(peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer));

/**
 * The command that deals a key anew among those of its members that are holders of the roster; null if they are fewer
 * than sign with it, and so cannot.
 *
 * @param config The configuration of a manager.
 */
export function reshareCommand(
  { wallet, scheme, threshold, members }: SharedKey,
  roster: Pick<Roster, "peers">,
  config: string,
): string | null {
  const holders = holdersOf(roster);
  const stay = members.filter((peer) => holders.has(peer));
  if (stay.length < threshold) return null;
  const names = stay.map((peer) => asArgument(peer, roster)).join(",");
  const command = [
    "quorate keys reshare",
    quoted(wallet),
    "--scheme",
    scheme,
    "--members",
    quoted(names),
  ];
  return [...command, "--threshold", threshold, "--config", quoted(config)].join(" ");
}

/** A peer's name, or its id if the name could not stand in a list. */
function asArgument(peer: PeerId, { peers }: Pick<Roster, "peers">): string {
  const { name } = peers.find((known) => known.peer === peer)!;
  return name.includes(",") ? peer : name;
}

/** A word of a command for a POSIX shell. */
const quoted = (word: string) => /^[\w.,/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

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
