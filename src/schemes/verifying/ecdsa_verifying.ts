/**
 * ECDSA signatures, verified.
 * @module
 */
import { childOf } from "../../crypto/bip32.ts";
import {
  type ClaimedHash,
  digestOf,
  digestScalar,
  verifyEcdsa,
  verifyEthereum,
} from "../../crypto/ecdsa/signature.ts";
import { groups } from "../../crypto/group.ts";
import { InputError } from "../../errors.ts";
import type { EcdsaInput } from "../ecdsa.ts";
import type { MessageFields } from "../scheme.ts";
import { toFields } from "../sign_fields.ts";
import type { VerifyingScheme } from "./verifying_scheme.ts";

const group = groups.secp256k1;
const hashes: readonly string[] = ["sha256", "sha256d", "keccak256", "other"] satisfies ClaimedHash[];

const digestOfFields = ({ message, digest, hash }: MessageFields): Uint8Array =>
  digest.length > 0 ? digest : digestOf(hash as ClaimedHash, message);

/** ECDSA's verifying half. */
export const ecdsaVerifying: VerifyingScheme<"ecdsa", EcdsaInput> = {
  id: "ecdsa",
  inputOf: (input) => ({ ...toFields(input, "sha256"), options: {} }),
  checkMessage(fields) {
    const { message, digest, hash } = fields;
    if (!hashes.includes(hash)) {
      throw new InputError("hash", `expected one of ${hashes.join(", ")}, found ${String(hash)}`);
    }
    if (digest.length > 0 && message.length > 0) {
      throw new InputError("digest", "expected a message or a digest, found both");
    }
    if (digestScalar(digestOfFields(fields)) === null) {
      throw new InputError("digest", "expected 32 bytes that are not zero and below the order of secp256k1");
    }
  },
  payloadOf: digestOfFields,
  verify: verifyEcdsa,
  verifyAnyForm: (publicKey, payload, signature) =>
    signature.length === 65
      ? verifyEthereum(publicKey, payload, signature)
      : verifyEcdsa(publicKey, payload, signature),
  childOf: (parent, path) => childOf(group, parent, path),
  verifyingKeyOf: (parent, { path }) =>
    path.length === 0 ? parent.publicKey : childOf(group, parent, path).publicKey,
};
