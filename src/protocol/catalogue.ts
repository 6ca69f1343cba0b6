/**
 * All protocols that make or use a key, by what is asked for.
 * @module
 */
import type { Curve } from "../events.ts";
import type { Kind } from "../failure.ts";
import { generating } from "./generate_messages.ts";
import type { Rounds } from "./rounds.ts";
import { generatingEcdsa } from "./setup_ecdsa_messages.ts";
import { signingEcdsa } from "./sign_ecdsa_messages.ts";
import { signingFrost } from "./sign_frost.ts";

const protocols = {
  generate: { ed25519: generating.ed25519, secp256k1: generatingEcdsa },
  sign: { ed25519: signingFrost, secp256k1: signingEcdsa },
} satisfies Record<string, Record<Curve, Rounds>>;

/** The rounds of a protocol. */
export function roundsOf(kind: Extract<Kind, "generate" | "sign">, curve: Curve): Rounds {
  return protocols[kind][curve];
}
