/**
 * The items that a person wants signed or verified, as the command line reads them: from its arguments, or from a file.
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import * as v from "valibot";
import { InputError } from "../errors.ts";
import { maxMessage } from "../limits.ts";
import type { ItemInput } from "../schemes/schemes.ts";
import { readJson } from "./files.ts";

const hex = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (dataset.typed && !/^([0-9a-f]{2})*$/i.test(dataset.value)) addIssue({ expected: "hex digits" });
  }),
);

/** The hashes that make a message's digest; `other` is one that Quorate does not know. */
const hashes = ["sha256", "sha256d", "keccak256", "other"] as const;

/** One item in a file: one of `message`, `hex` and `digest`, and what the scheme allows beside it. */
export const itemShape = v.strictObject({
  /** Text, signed as UTF-8. */
  message: v.exactOptional(v.string()),
  /** A message of any bytes, in hex. */
  hex: v.exactOptional(hex),
  /** A digest instead of a message, 32 bytes in hex. */
  digest: v.exactOptional(hex),
  hash: v.exactOptional(v.picklist(hashes)),
  path: v.exactOptional(v.array(v.number())),
  /** In hex; empty for a Taproot output without scripts. */
  merkleRoot: v.exactOptional(hex),
});
/** An item, as a file or a request has it. */
export type Item = v.InferOutput<typeof itemShape>;

/** The arguments that name one item. */
export const inputArguments = {
  message: { type: "string", description: "the text to sign" },
  hex: { type: "string", description: "a message of any bytes instead, in hex" },
  file: { type: "string", description: "a file whose bytes are the message instead" },
  digest: { type: "string", description: "a digest instead, 32 bytes in hex, where the scheme has one" },
  hash: {
    type: "string",
    description: `the hash that makes the digest, where the scheme has one: ${hashes.join(", ")}`,
  },
  path: { type: "string", description: "the child key that signs, such as 0/5" },
  "merkle-root": {
    type: "string",
    description: "the root of a Taproot output's scripts in hex, or none for an output without scripts",
  },
} as const;

/** The values of these arguments. */
export type InputArguments = { readonly [name in keyof typeof inputArguments]?: string | undefined };

/** The arguments of which exactly one is given. */
const sources = ["message", "hex", "file", "digest"] as const;

/**
 * The item that the arguments name.
 *
 * @param instead Another flag that could have been given instead.
 * @throws {InputError}
 */
export async function itemFrom(args: InputArguments, instead?: string): Promise<Item> {
  const { message, file, digest, hash, path, "merkle-root": merkleRoot } = args;
  const given = sources.filter((name) => args[name] !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? "none" : given.map((name) => `--${name}`).join(" and ");
    const flags = [...sources.map((name) => `--${name}`), ...(instead === undefined ? [] : [instead])];
    throw new InputError("message", `expected one of ${flags.join(", ")}, found ${found}`);
  }
  const bytes = file === undefined ? args.hex : (await bytesIn(file)).toHex();
  const item = {
    ...(message !== undefined && { message }),
    ...(bytes !== undefined && { hex: bytes }),
    ...(digest !== undefined && { digest }),
    ...(hash !== undefined && { hash }),
    ...(path !== undefined && { path: pathIn(path) }),
    ...(merkleRoot !== undefined && { merkleRoot: merkleRoot === "none" ? "" : merkleRoot }),
  };
  const read = v.safeParse(itemShape, item);
  if (read.success) return read.output;
  const [issue] = read.issues;
  const field = String(issue.path?.[0]?.key ?? "message");
  throw new InputError(field, `expected ${issue.expected}, found ${issue.received}`);
}

/** @throws {InputError} `path` */
function pathIn(text: string): number[] {
  if (/^\d+(\/\d+)*$/.test(text)) return text.split("/").map(Number);
  throw new InputError("path", `expected numbers with / between, such as 0/5, found ${JSON.stringify(text)}`);
}

async function bytesIn(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > maxMessage) {
      throw new InputError("file", `expected at most ${maxMessage} bytes, found ${size}: sign its hash`);
    }
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const why = cause instanceof Error && "code" in cause ? cause.code : cause;
    throw new InputError("file", `expected a file that can be read, found ${why} at ${file}`, { cause });
  }
}

/** The items of a file: a list in JSON. @param beside The arguments, none of which names an item. @throws {InputError} */
export async function itemsIn(file: string, beside: InputArguments): Promise<Item[]> {
  for (const name of Object.keys(inputArguments) as (keyof InputArguments)[]) {
    if (beside[name] === undefined) continue;
    throw new InputError(name, "expected it in each of the --items, found it beside them");
  }
  return await readJson("items", file, v.array(itemShape));
}

/** The input of an item; the node checks what its scheme allows. @throws {InputError} `items[0].message` */
export function inputOf({ message, hex, digest, merkleRoot, ...rest }: Item, index = 0): ItemInput {
  const named = [message, hex, digest].filter((one) => one !== undefined).length;
  if (named !== 1) {
    throw new InputError(`items[${index}]`, `expected one of message, hex and digest, found ${named}`);
  }
  const input = {
    ...rest,
    ...(message !== undefined && { message: new TextEncoder().encode(message) }),
    ...(hex !== undefined && { message: Uint8Array.fromHex(hex) }),
    ...(digest !== undefined && { digest: Uint8Array.fromHex(digest) }),
    ...(merkleRoot !== undefined && { merkleRoot: Uint8Array.fromHex(merkleRoot) }),
  };
  return input as unknown as ItemInput; // of whichever scheme the command names
}
