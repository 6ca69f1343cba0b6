/**
 * The prefixes of the names of a node's rows. The owner of a row defines its content; a backup needs the
 * names only. In a name, *key* is the id of the session that made the key, in hex.
 * @module
 */

/** `key/<key>`: a share, and the votes for the key. */
export const keyRows = "key/";
/** `pair/<key>/<peer>`: the state of a pair, with which the two sign. */
export const pairRows = "pair/";
/** `ban/<key>/<peer>`: a peer with which the key must never be used again. */
export const banRows = "ban/";
/** `frozen/<key>`: the key's failures in the last step, and whether it is frozen. */
export const frozenRows = "frozen/";
/** `resharings/<key>`: the resharings of the key that have failed lately. */
export const failedRows = "resharings/";
