/**
 * The table of the verifying halves of signature schemes. It loads no protocol and no codec.
 * @module
 */
import type { Scheme } from "../../events.ts";
import type { ItemInput, SigningOptions, SignInput } from "../schemes.ts";
import { checkPath } from "../sign_fields.ts";
import { bip340Verifying } from "./bip340_verifying.ts";
import { ecdsaVerifying } from "./ecdsa_verifying.ts";
import { ed25519Verifying } from "./ed25519_verifying.ts";
import type { ReadInput, ReadUse, VerifyingScheme } from "./verifying_scheme.ts";

type AnyOptions = SigningOptions[Scheme];

/** The schemes by their ids. */
export const verifyingSchemes: Readonly<Record<Scheme, VerifyingScheme<Scheme, SignInput, AnyOptions>>> = {
  ed25519: ed25519Verifying,
  ecdsa: ecdsaVerifying,
  bip340: bip340Verifying,
};

/** The ids of all schemes. */
export const schemeIds: readonly Scheme[] = Object.values(verifyingSchemes).map(({ id }) => id);

/** Reads the input of one item, and checks it. @throws {InputError} Naming the field and what was found. */
export function readItem(
  scheme: Scheme,
  { path = [], ...input }: ItemInput,
): ReadInput<AnyOptions> & ReadUse<AnyOptions> {
  const { inputOf, checkMessage } = verifyingSchemes[scheme];
  const read = inputOf(input as SignInput);
  checkMessage(read);
  checkPath(path);
  return { ...read, path };
}
