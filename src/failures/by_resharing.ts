/**
 * The place of the act that ends a ban or a freeze, for a person.
 * @module
 */

/** Follows “reshare the key”. */
export const byResharing = "“Change holders…” on the page, or “keys reshare” on the command line";
