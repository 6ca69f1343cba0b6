/**
 * What the names of a node's rows begin with. What is in a row, its owner says; who backs them up asks for the names
 * only. *key*: the session that made it, in hex.
 * @module
 */

/** `key/<key>`: a share, and the key's certificate. */
export const keyRows = "key/";
/** `pair/<key>/<peer>`: what a holder keeps of a pair, to sign with it. */
export const pairRows = "pair/";
/** `ban/<key>/<peer>`: with whom a key must not be used. */
export const banRows = "ban/";
/** `frozen/<key>`: how often it has failed in the last step, and whether it is used no more. */
export const frozenRows = "frozen/";
