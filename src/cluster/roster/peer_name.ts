/**
 * The names of peers.
 * @module
 */
import { alikeTo } from "../../text/alike.ts";
import { wrongName } from "../../text/name.ts";

/** The most UTF-16 units of a name. */
export const longestName = 32;

/** The reason why a text is no name of a peer, or null if it is one. */
export const wrongPeerName = (name: string): string | null => wrongName(name, longestName);

/** The name `wanted`, with a number if a name that looks like it is taken. */
export function freeName(wanted: string, taken: readonly string[]): string {
  let free = wanted;
  const isTaken = () => taken.some(alikeTo(free));
  for (let i = 2; isTaken(); i++) free = `${cut(wanted, longestName - 5)} ${i}`;
  return free;
}

/** The beginning of a text: at most `most` units, and only whole characters. */
function cut(text: string, most: number): string {
  let short = "";
  for (const character of text) if ((short + character).length <= most) short += character;
  return short.trimEnd();
}
