/**
 * Bugs in what a signature scheme answers for its keys, and in who may ask it.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const patch = (file: string, find: string, replace: string) => ({ file: `src/${file}`, find, replace });
const types = { file: "tests/node/sign_types_test.ts", test: "sign() narrows its result by the scheme" };

export const schemeMutants: readonly Mutant[] = [
  {
    name: "sign() takes a digest for ed25519",
    patches: [patch("schemes/schemes.ts", "ed25519: Ed25519Input;", "ed25519: EcdsaInput;")],
    caughtBy: types,
  },
  {
    name: "the result of sign() is not narrowed by its scheme",
    patches: [
      patch(
        "node/api.ts",
        "options?: RequestOptions): Session<Signature<S>>;",
        "options?: RequestOptions): Session<Signature>;",
      ),
    ],
    caughtBy: types,
  },
];
