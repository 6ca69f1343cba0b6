/**
 * The commands that deal keys anew: among those of their members that are holders still, and with a newcomer.
 * @module
 */
import type { Roster } from "../cluster/roster/roster.ts";
import type { Scheme, SessionId } from "../events.ts";
import type { PeerId } from "../failure.ts";
import { maxParties } from "../limits.ts";

/** The parts of a key that decide who can deal it anew. */
export interface SharedKey {
  readonly wallet: string;
  readonly scheme: Scheme;
  readonly threshold: number;
  readonly members: readonly PeerId[];
  /** The session that made it, in hex: only if another key has its name, so that the name alone is refused. */
  readonly keyId?: SessionId;
}

/** A key as whoever lists it has it. */
type ListedShares = Omit<SharedKey, "keyId"> & { readonly session: SessionId };

/** Keys for commands: those that share their name with another one also have their ids. */
export function sharedKeys(all: readonly ListedShares[]): SharedKey[] {
  return all.map(({ wallet, scheme, threshold, members, session }) => {
    const named = all.filter((other) => other.wallet === wallet && other.scheme === scheme);
    return { wallet, scheme, threshold, members, ...(named.length > 1 && { keyId: session }) };
  });
}

/** The peers that hold shares by a roster. */
export const holdersOf = ({ peers }: Pick<Roster, "peers">): ReadonlySet<PeerId> =>
  new Set(peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer));

/**
 * The command that deals a key anew among those of its members that are holders of the roster; null if they are fewer
 * than sign with it, and so cannot, or if there would be too many.
 *
 * @param config The configuration of a manager.
 * @param newcomer A holder that gets a share as well.
 */
export function reshareCommand(
  { wallet, scheme, threshold, members, keyId }: SharedKey,
  roster: Pick<Roster, "peers">,
  config: string,
  newcomer?: PeerId,
): string | null {
  const holders = holdersOf(roster);
  const stay = members.filter((peer) => holders.has(peer));
  const next = newcomer === undefined ? stay : [...stay, newcomer];
  if (stay.length < threshold || next.length > maxParties) return null;
  const names = next.map((peer) => asArgument(peer, roster)).join(",");
  const command = [
    "quorate keys reshare",
    quoted(wallet),
    "--scheme",
    scheme,
    ...(keyId === undefined ? [] : ["--key", keyId]),
    "--members",
    quoted(names),
  ];
  return [...command, "--threshold", threshold, "--config", quoted(config)].join(" ");
}

/** The commands that give a holder a share of each of these keys that it is no member of. */
export function commandsFor(
  newcomer: PeerId,
  keys: readonly SharedKey[],
  { roster, config }: { roster: Pick<Roster, "peers">; config: string },
): string[] {
  return keys.filter(({ members }) => !members.includes(newcomer))
    .flatMap((key) => reshareCommand(key, roster, config, newcomer) ?? []);
}

/** A peer's name, or its id if the name could not stand in a list. */
function asArgument(peer: PeerId, { peers }: Pick<Roster, "peers">): string {
  const { name } = peers.find((known) => known.peer === peer)!;
  return name.includes(",") ? peer : name;
}

/** A word of a command for a POSIX shell. */
const quoted = (word: string) => /^[\w.,/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
