/**
 * Bugs in what is built of encoded bytes.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const heads = (test: string) => ({ file: "tests/crypto/cbor_heads_test.ts", test: `fieldsIn() ${test}` });
const records = (test: string) => ({ file: "tests/crypto/cbor_heads_test.ts", test: `record() ${test}` });
const patch = (file: string, find: string, replace: string): readonly Patch[] => [
  { file: `src/crypto/${file}`, find, replace },
];

export const codecMutants: readonly Mutant[] = [
  {
    name: "a list may have any number of values",
    patches: patch("cbor_heads.ts", "if (count > left)", "if (count < 0)"),
    caughtBy: {
      file: "tests/negative/many_values_test.ts",
      test: "decoding an envelope builds nothing of a list that has millions of values",
    },
  },
  {
    name: "each list may have as many values as all together",
    patches: patch("cbor_heads.ts", "    left -= count;\n", ""),
    caughtBy: heads("takes the deepest list, the longest text, and as many values as there may be"),
  },
  {
    name: "lists may be inside each other without an end",
    patches: patch("cbor_heads.ts", "if (open.length === maxNesting)", "if (open.length < 0)"),
    caughtBy: heads("refuses lists too deep"),
  },
  {
    name: "a text may have any length",
    patches: patch("cbor_heads.ts", "kind === kinds.text && length > maxTextBytes", "length < 0"),
    caughtBy: heads("refuses text that is too long"),
  },
  {
    name: "the end of bytes that end early is not looked for",
    patches: patch("cbor_heads.ts", "if (length > input.length - end)", "if (length < 0)"),
    caughtBy: heads("refuses bytes that end early"),
  },
  {
    name: "a float is a simple value",
    patches: patch("cbor_heads.ts", "first === 0xf4 || first === 0xf5 || first === 0xf6", "first >= 0xf4"),
    caughtBy: heads("refuses a float"),
  },
  {
    name: "bytes are built before their heads are looked at",
    patches: patch("codec.ts", "const found = fieldsIn(input, values);", "const found = fields;"),
    caughtBy: records("decodes as many values as its type may have"),
  },
  {
    name: "the number of fields is left to the shape",
    patches: patch("codec.ts", "if (fields !== undefined && found !== fields)", "if (found < 0)"),
    caughtBy: records("refuses another number of fields before anything is built of them"),
  },
  {
    name: "every wrong value is described",
    patches: patch("codec.ts", "{ abortEarly: true }", "{ abortEarly: false }"),
    caughtBy: records("and firstFields() describe the first wrong value"),
  },
];
