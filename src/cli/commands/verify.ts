/**
 * `verify`: whether a signature is one of a key. It needs no node and no file of one.
 * @module
 */
import process from "node:process";
import type { Scheme } from "../../events.ts";
import { InputError } from "../../errors.ts";
import { verify } from "../../node/verify.ts";
import { itemOf, schemeIds, type Signature } from "../../schemes/schemes.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { print, printJson } from "../print.ts";
import { inputArguments, inputOf, itemFrom } from "../sign_items.ts";

export const verifyCommand = defineCommand({
  meta: {
    name: "verify",
    description: "Verify a signature by the strict rules; exit code 1 if it is none. Needs no node",
    examples: [
      `verify ${schemeIds[0]} 3b6a27bc... d6f2a9c0... --message "hello"`,
      `verify ${schemeIds[0]} 3b6a27bc... d6f2a9c0... --file release.tar.gz --json`,
    ],
  },
  args: {
    scheme: { type: "positional", required: true, description: schemeIds.join(", ") },
    key: { type: "positional", required: true, description: "the public key, in hex" },
    signature: { type: "positional", required: true, description: "the signature, in hex" },
    ...inputArguments,
    "chain-code": {
      type: "string",
      description: "the key's chain code in hex, needed with --path; `keys show` prints it",
    },
    json,
  },
  async run({ args }) {
    const scheme = args.scheme as Scheme;
    if (!schemeIds.includes(scheme)) {
      throw new InputError("scheme", `expected ${schemeIds.join(" or ")}, found “${args.scheme}”`);
    }
    const input = inputOf(await itemFrom(args));
    const key = {
      scheme,
      publicKey: bytesOf("key", args.key),
      ...(args["chain-code"] !== undefined && { chainCode: bytesOf("chain-code", args["chain-code"]) }),
    };
    const { path } = itemOf(scheme, input); // refuses what no key signs, in a sentence
    checkChainCode(key.chainCode, path);
    const signature = { scheme, bytes: bytesOf("signature", args.signature) } as Signature;
    const isGood = verify(key, input, signature);
    if (args.json) printJson({ valid: isGood });
    else print(isGood ? "valid" : "not valid");
    if (!isGood) process.exitCode = 1;
  },
});

/** @throws {InputError} `field` */
function bytesOf(field: string, text: string): Uint8Array {
  const hex = text.replace(/^0x/, "");
  if (/^([0-9a-f]{2})+$/i.test(hex)) return Uint8Array.fromHex(hex);
  throw new InputError(field, `expected hex digits, found “${text}”`);
}

/** @throws {InputError} `chain-code`, if it is needed, or of another length. */
function checkChainCode(chainCode: Uint8Array | undefined, path: readonly number[]): void {
  if (chainCode === undefined && path.length > 0) {
    throw new InputError("chain-code", "expected the key's chain code beside --path, found none");
  }
  if (chainCode !== undefined && chainCode.length !== 32) {
    throw new InputError("chain-code", `expected 32 bytes, found ${chainCode.length}`);
  }
}
