/**
 * What a peer may be called.
 * @module
 */
import { alikeTo } from "../../text/alike.ts";
import { wrongName } from "../../text/name.ts";

/** UTF-16 units. */
export const longestName = 32;

/** Why this is no peer's name, or null if it is one. */
export const wrongPeerName = (name: string): string | null => wrongName(name, longestName);

/** `wanted`, or with a number where a name is taken that looks like it. */
export function freeName(wanted: string, taken: readonly string[]): string {
  let free = wanted;
  const isTaken = () => taken.some(alikeTo(free));
  for (let i = 2; isTaken(); i++) free = `${cut(wanted, longestName - 5)} ${i}`;
  return free;
}

/** At most `most` units, and no character halved. */
function cut(text: string, most: number): string {
  let short = "";
  for (const character of text) if ((short + character).length <= most) short += character;
  return short.trimEnd();
}
