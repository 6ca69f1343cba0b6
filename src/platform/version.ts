/**
 * The version of this package, which stands in `deno.json` only.
 * @module
 */
import manifest from "../../deno.json" with { type: "json" };

/** Semantic version, such as `1.2.3`. */
export const version: string = manifest.version;
