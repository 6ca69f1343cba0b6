/**
 * Ed25519 signatures, verified.
 * @module
 */
import { childOf } from "../../crypto/bip32.ts";
import { verifyEd25519 } from "../../crypto/ed25519.ts";
import { groups } from "../../crypto/group.ts";
import { InputError } from "../../errors.ts";
import type { Ed25519Input } from "../ed25519.ts";
import { toFields } from "../sign_fields.ts";
import type { VerifyingScheme } from "./verifying_scheme.ts";

const group = groups.ed25519;

/** Ed25519's verifying half. */
export const ed25519Verifying: VerifyingScheme<"ed25519", Ed25519Input> = {
  id: "ed25519",
  inputOf: (input) => ({ ...toFields(input, "none"), options: {} }),
  checkMessage({ hash, digest }) {
    if (hash !== "none") throw new InputError("hash", `expected none for ed25519, found ${hash}`);
    if (digest.length > 0) throw new InputError("digest", "expected a message for ed25519, found a digest");
  },
  payloadOf: ({ message }) => message,
  verify: verifyEd25519,
  verifyAnyForm: verifyEd25519,
  childOf: (parent, path) => childOf(group, parent, path),
  verifyingKeyOf: (parent, { path }) =>
    path.length === 0 ? parent.publicKey : childOf(group, parent, path).publicKey,
};
