/**
 * The consequences of a use of a key, worked out once for all items of one command that have that use.
 * @module
 */
import type { KeyUse } from "./scheme.ts";

/** The same function, called once for each path and options. */
export function ofEachUse<T>(work: (use: KeyUse) => T): (use: KeyUse) => T {
  const known = new Map<string, T>();
  return ({ path, options }) => {
    const name = `${path.join("/")} ${options.toHex()}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = work({ path, options });
    known.set(name, made);
    return made;
  };
}
