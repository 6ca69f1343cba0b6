/**
 * The encoding of everything that is signed, hashed, sent or stored: canonical CBOR (RFC 8949 §4.2) of
 * `[tag, field, …]`. The tag separates domains: bytes of one type never decode, or verify, as another type.
 * @module
 */
import { decode, encode } from "cborg";
import { sha256 } from "@noble/hashes/sha2.js";
import * as v from "valibot";
import { wrongName } from "../text/name.ts";
import { fieldsIn, maxValues } from "./cbor_heads.ts";

/** An encoding of values. `decode` throws for bytes that `encode` would not write. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const anyBytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array, "expected bytes");
/** A schema of exactly `length` bytes. */
export const bytes = (length: number) =>
  v.pipe(anyBytes, v.check((b) => b.length === length, `expected ${length} bytes`));
/** A schema of at most `most` bytes. */
export const bytesUpTo = (most: number) =>
  v.pipe(anyBytes, v.check((b) => b.length <= most, `expected at most ${most} bytes`));
/** A schema of text of at most `most` UTF-16 units. */
export const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
/** The most UTF-16 units of a wallet's name. */
export const longestWalletName = 64;
/** A wallet's name. */
export const walletName = v.pipe(
  text(longestWalletName),
  v.check((name) => wrongName(name, longestWalletName) === null, "expected a name"),
);
/** A peer id as text: 52 characters for Ed25519; shorter in simulations. */
export const peerId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
/** A boolean. */
export const flag = v.boolean();
/** A non-negative integer that a double holds. */
export const uint = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A schema of a list of at most `most` items. */
export const list = <S extends v.GenericSchema>(item: S, most: number) =>
  v.pipe(v.array(item), v.maxLength(most));

const tags = new Set<string>();

/** The tags of all record types of this process. */
export function tagsInUse(): readonly string[] {
  return [...tags].sort();
}

/**
 * The values of an encoded list, which a shape still has to check. Nothing is built of a list that has too many, or has
 * any that no record has.
 *
 * @param values The most values, in the list and in those inside it.
 * @param fields The number of its own values, its tag among them; by default any.
 * @throws {Error}
 */
function valuesIn(input: Uint8Array, values: number, fields?: number): unknown {
  const found = fieldsIn(input, values);
  if (fields !== undefined && found !== fields) {
    throw new TypeError(`expected ${fields} fields, found ${found}`);
  }
  return decode(input, { allowBigInt: false, strict: true });
}

/** One wrong value is enough: a list may have thousands, and each would be described. */
const parsing = { abortEarly: true } as const;

/**
 * Defines a type of record. Its encoding is deterministic, and decoding accepts only that: bytes that decode
 * are the encoding of the result.
 *
 * @param tag The name of the type and its version. Each may be used once in a program.
 * @param fields In the order in which they are written. A nested record is a field of encoded bytes.
 * @param options.values The most values of all its lists together, if more than {@linkcode maxValues}.
 */
export function record<F extends Record<string, v.GenericSchema>>(
  tag: string,
  fields: F,
  { values: most = maxValues }: { values?: number } = {},
): Codec<{ [K in keyof F]: v.InferOutput<F[K]> }> {
  if (tags.has(tag)) throw new Error(`Cannot define record type ${tag}: the tag is taken`);
  tags.add(tag);
  const names = Object.keys(fields);
  const shape = v.strictTuple([v.literal(tag), ...Object.values(fields)]);
  type T = { [K in keyof F]: v.InferOutput<F[K]> };
  const write = (value: T) => encode([tag, ...names.map((name) => value[name])]);
  return {
    encode: write,
    /** @throws {TypeError} Naming the record type and what was wrong. */
    decode(input) {
      let values: unknown[];
      try {
        const [, ...rest] = v.parse(shape, valuesIn(input, most, names.length + 1), parsing);
        values = rest;
      } catch (cause) {
        throw new TypeError(`Cannot decode ${tag}: ${cause instanceof Error ? cause.message : "not CBOR"}`, {
          cause,
        });
      }
      const value = Object.fromEntries(names.map((name, i) => [name, values[i]])) as T;
      if (!equal(write(value), input)) throw new TypeError(`Cannot decode ${tag}: not in canonical form`);
      return value;
    },
  };
}

/**
 * A reader of the first fields of an older version of a record type, which is not written any more.
 *
 * @param tag The tag of that version.
 * @throws {TypeError} From `decode`, if the bytes are not such a record.
 */
export function firstFields<F extends Record<string, v.GenericSchema>>(
  tag: string,
  fields: F,
): Pick<Codec<{ [K in keyof F]: v.InferOutput<F[K]> }>, "decode"> {
  const names = Object.keys(fields);
  const shape = v.looseTuple([v.literal(tag), ...Object.values(fields)]);
  return {
    decode(input) {
      try {
        const [, ...values] = v.parse(shape, valuesIn(input, maxValues), parsing);
        return Object.fromEntries(names.map((name, i) => [name, values[i]])) as {
          [K in keyof F]: v.InferOutput<F[K]>;
        };
      } catch (cause) {
        throw new TypeError(`Cannot decode ${tag}: ${cause instanceof Error ? cause.message : "not CBOR"}`, {
          cause,
        });
      }
    },
  };
}

/**
 * SHA-256 over the canonical encoding of a tag and a list of parts, 32 bytes. Different lists have different
 * inputs.
 */
export function hash(tag: string, ...parts: readonly (Uint8Array | string | number)[]): Uint8Array {
  return sha256(encode([tag, ...parts]));
}

/** Whether two byte strings are equal. Not for secrets: it stops at the first difference. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
