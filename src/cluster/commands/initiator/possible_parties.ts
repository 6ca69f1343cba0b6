/**
 * The parties that may have carried out a command: who of them has to be asked before it is given to another
 * coordinator, or asked for anew under its id.
 * @module
 */
import type { PeerId } from "../../../failure.ts";
import type { Context } from "../../events/event_context.ts";
import type { Keys } from "../../keys/keys.ts";
import type { Command } from "../../records/command.ts";

/** Peers of which any `needed` could have carried out a command. */
interface PossibleParty {
  readonly peers: readonly PeerId[];
  readonly needed: number;
}

/**
 * The commands that may have been carried out under an id: `any` if it is of its caller's choice, as when it was used for
 * another one before a restart; `wanted` if it can have been no other one; `none` as long as nobody was given it.
 */
export type Under = "any" | "wanted" | "none";

/**
 * A key takes all its members, also one that is dealt anew. A signature takes the chosen signers, or a threshold of any
 * epoch of its key; also where signers are chosen now, if another command may have had the id.
 */
function possibleParties(keys: Keys, command: Command, under: Under): PossibleParty[] {
  const all = (peers: readonly PeerId[]) => [{ peers, needed: peers.length }];
  const { kind, members, signers } = command;
  if (under === "none") return [];
  if (kind !== "sign") return all(members);
  if (signers.length > 0 && under === "wanted") return all(signers);
  const key = keys.withId(command.keyId.toHex());
  if (!key) return [];
  return [key, ...key.past].map(({ members, threshold }) => ({ peers: members, needed: threshold }));
}

/**
 * The peers of the roster that may have carried a command out among themselves, or may still do so: those that have not
 * said that they know nothing of it, where they are enough. None if in every possible party somebody has said so.
 *
 * @param unaware The peers that know nothing of it.
 */
export function silentParty(
  { context, keys }: { readonly context: Pick<Context, "member">; readonly keys: Keys },
  command: Command,
  under: Under,
  unaware: ReadonlySet<PeerId>,
): PeerId[] {
  const silent = possibleParties(keys, command, under).flatMap(({ peers, needed }) => {
    const others = peers.filter((peer) => context.member(peer) && !unaware.has(peer));
    return others.length >= needed ? others : [];
  });
  return [...new Set(silent)].sort();
}
