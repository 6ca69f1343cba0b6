/**
 * The configuration of a node that the command line runs: `node.json`.
 * @module
 */
import * as v from "valibot";

/** The shape of `node.json`. */
export const configShape = v.strictObject({
  identity: v.string(),
  roster: v.string(),
  store: v.string(),
  listen: v.array(v.string()),
  announce: v.optional(v.array(v.string()), []),
  /** The rule that decides before a share is used for others; required where the node may hold shares. */
  approve: v.optional(v.union([
    v.literal("roster"),
    v.strictObject({ initiators: v.record(v.string(), v.array(v.string())) }),
  ])),
  passphrase: v.optional(v.string()),
  admin: v.optional(v.string()),
});
/** A configuration that was read. */
export type NodeConfig = v.InferOutput<typeof configShape>;
