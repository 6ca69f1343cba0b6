/**
 * The arguments that commands about keys have in common.
 * @module
 */
import { checkKeyName, type KeyName } from "../../../cluster/records/key_name.ts";
import type { Scheme } from "../../../events.ts";
import { schemeIds } from "../../../schemes/schemes.ts";

/** The configuration of the node whose keys they are. */
export const config = {
  type: "positional",
  required: true,
  description: "the node's configuration, node.json",
} as const;

/** The name of a key. */
export const keyName = {
  wallet: { type: "positional", required: true, description: "the wallet's name" },
  scheme: { type: "positional", required: true, description: `one of ${schemeIds.join(", ")}` },
} as const;

/** The name that they give. @throws {InputError} `wallet`, `scheme` */
export function keyNameOf({ wallet, scheme }: { wallet: string; scheme: string }): KeyName {
  const name = { wallet, scheme: scheme as Scheme };
  checkKeyName(name);
  return name;
}
