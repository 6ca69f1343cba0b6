/**
 * All protocols that make or use a key, by what is asked for.
 * @module
 */
import type { Curve } from "../events.ts";
import { InputError, type Kind } from "../failure.ts";
import { generating } from "./generate_messages.ts";
import type { Rounds } from "./rounds.ts";
import { signingFrost } from "./sign_frost.ts";

/** The rounds of a protocol. @throws {InputError} If there is none for this curve. */
export function roundsOf(kind: Extract<Kind, "generate" | "sign">, curve: Curve): Rounds {
  if (kind === "generate") return generating[curve];
  if (curve === "ed25519") return signingFrost;
  throw new InputError("curve", `expected ed25519, found ${curve}: no protocol signs with it`);
}
