/**
 * The first rounds of all members, as their accepts carry them.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Codec, Net, Rounds } from "./rounds.ts";

/**
 * Decodes the first round of everyone in the party.
 *
 * @param own The first round that this member has drawn.
 * @param encoded The session's id is a hash over these, so that every member finds the same.
 * @returns In the order of the party.
 * @throws {SessionError} `malformed-message`, naming everyone whose first round does not decode; `internal` if
 * this member's own is not the one that it has drawn, or one is missing.
 */
export function readFirstRounds<T>(
  { self, party }: Pick<Net<Rounds>, "self" | "party">,
  codec: Codec<T>,
  own: Uint8Array,
  encoded: ReadonlyMap<PeerId, Uint8Array>,
): ReadonlyMap<PeerId, T> {
  const accepted = encoded.get(self);
  if (accepted === undefined || !equal(accepted, own) || party.some((peer) => !encoded.has(peer))) {
    throw new SessionError("internal");
  }
  const decoded = new Map<PeerId, T>();
  let cause: unknown;
  for (const peer of party) {
    try {
      decoded.set(peer, codec.decode(encoded.get(peer)!));
    } catch (error) {
      cause = error;
    }
  }
  const culprits = party.filter((peer) => !decoded.has(peer));
  if (culprits.length > 0) throw new SessionError("malformed-message", { culprits, cause });
  return decoded;
}
