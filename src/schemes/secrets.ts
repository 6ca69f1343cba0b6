/**
 * The table of signature schemes with secrets. It loads the code that makes and uses shares: only `worker/`
 * may import it.
 * @module
 */
import type { Scheme } from "../events.ts";
import { bip340Secret } from "./bip340_secret.ts";
import { ecdsaSecret } from "./ecdsa_secret.ts";
import { ed25519Secret } from "./ed25519_secret.ts";
import type { SecretScheme } from "./secret_scheme.ts";

/** The schemes by their ids. */
export const secretSchemes: Readonly<Record<Scheme, SecretScheme>> = {
  ed25519: ed25519Secret,
  ecdsa: ecdsaSecret,
  bip340: bip340Secret,
};
