/**
 * The table of signature schemes at rest, for `keystore/`. It loads no protocol.
 * @module
 */
import type { Scheme } from "../../events.ts";
import { bip340Stored } from "./bip340_stored.ts";
import { ecdsaStored } from "./ecdsa_stored.ts";
import { ed25519Stored } from "./ed25519_stored.ts";
import type { StoredScheme } from "./stored_scheme.ts";

/** The schemes by their ids. */
export const storedSchemes: Readonly<Record<Scheme, StoredScheme>> = {
  ed25519: ed25519Stored,
  ecdsa: ecdsaStored,
  bip340: bip340Stored,
};
