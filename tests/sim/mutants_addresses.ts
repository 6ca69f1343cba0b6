/**
 * Seeded bugs of addresses, to which somebody would send coins, and of the signers for other libraries.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const signer = (name: string, test: string) => ({ file: `tests/signers/${name}_test.ts`, test });
const addresses = (test: string) => ({ file: "tests/schemes/addresses_test.ts", test });

export const addressMutants: readonly Mutant[] = [
  {
    name: "a Bitcoin address is of another type than its key signs for",
    patches: [{
      file: "src/schemes/addresses.ts",
      find: "if (type !== undefined && type !== usual) {",
      replace: "if (false) {",
    }],
    caughtBy: addresses("addresses are refused to a key that cannot sign for them"),
  },
  {
    name: "an address is given to a key of any scheme",
    patches: [{
      file: "src/schemes/addresses.ts",
      find: "if (!schemes.includes(key.scheme)) {",
      replace: "if (false) {",
    }],
    caughtBy: addresses("addresses are refused to a key that cannot sign for them"),
  },
  {
    name: "regtest has the addresses of testnet",
    patches: [{ file: "src/crypto/address.ts", find: 'prefix: "bcrt"', replace: 'prefix: "tb"' }],
    caughtBy: addresses("bitcoinAddress() is @scure/btc-signer's on every network"),
  },
  {
    name: "an Ethereum address has no checksum",
    patches: [{ file: "src/crypto/address.ts", find: "digit.toUpperCase()", replace: "digit" }],
    caughtBy: addresses("ethereumAddress() is viem's"),
  },
  {
    name: "a signer takes whatever signature it is given",
    patches: [{
      file: "src/signers/signing.ts",
      find: "signature !== undefined && formsOf(signature).every((form) => verify(key, item, form));",
      replace: "formsOf(signature!).length > 0;",
    }],
    caughtBy: signer("signing", "signingWith() takes no signature by another key"),
  },
  {
    name: "a signer hands out a form of a signature that another key has made",
    patches: [{
      file: "src/signers/signing.ts",
      find: "[signature, { ...signature, bytes: packed }]",
      replace: "[signature]",
    }],
    caughtBy: signer("signing", "signingWith() takes no form of an ECDSA signature"),
  },
  {
    name: "the signal of a call ends nothing",
    patches: [{ file: "src/signers/signing.ts", find: "[signal, more]", replace: "[signal]" }],
    caughtBy: signer("signing", "signingWith() passes on the labels"),
  },
  {
    name: "a PSBT may ask for a signature that leaves outputs open",
    patches: [{ file: "src/signers/psbt_inputs.ts", find: "if (sighash > 1) {", replace: "if (false) {" }],
    caughtBy: signer("bitcoin", "signPsbt() refuses what no P2TR signature"),
  },
  {
    name: "the derivations in a PSBT are not looked at",
    patches: [{
      file: "src/signers/psbt_inputs.ts",
      find: "[...namedPaths(input, key), path].find(",
      replace: "[path].find(",
    }],
    caughtBy: signer("bitcoin", "signPsbt() signs the P2TR inputs"),
  },
];
