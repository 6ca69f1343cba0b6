/**
 * The heads of CBOR (RFC 8949 §3), looked at before anything is built of what stands behind them: a list takes one
 * byte to send, and a hundred times as much memory. Pure.
 * @module
 */

/** Lists inside each other: a roster is a list, its peers one, each peer, and a peer's addresses. */
export const maxNesting = 4;

/** Values of one record, those in its lists among them: a roster of 64 peers has the most, some 1,000. */
export const maxValues = 4_096;

/** Bytes of one text: the longest that a record has is a passkey's credential, 2,048 characters. */
export const maxTextBytes = 8 * 1024;

/** Major types (§3.1) that occur: no record has a map, a tag or a negative number. */
const kinds = { uint: 0, bytes: 2, text: 3, list: 4, simple: 7 } as const;

/** One data item, without what is in it if it is a list. */
interface Head {
  /** The number of values of a list; null for anything else. */
  readonly count: number | null;
  /** The index behind it, and behind the content of bytes and text. */
  readonly end: number;
}

/**
 * The number of fields in an encoded list, its tag among them. Each list says ahead how many values it has, so that at
 * most `values` heads are looked at. What follows the list is not looked at.
 *
 * @param values The most values, in the list and in those inside it.
 * @throws {TypeError} If it is no list; if it ends too early; if a map, a tag, a negative number, a float, `undefined`
 * or anything without a length is in it; if it has more values or longer texts, or is deeper, than it may be.
 */
export function fieldsIn(input: Uint8Array, values: number): number {
  const { count: fields, end } = headAt(input, 0);
  if (fields === null) throw new TypeError("not a list");
  /** For each list that is open, the number of its values that are still to come. */
  const open: number[] = [];
  let at = end;
  let left = values;
  const enter = (count: number) => {
    if (open.length === maxNesting) throw new TypeError(`over ${maxNesting} lists inside each other`);
    if (count > left) throw new TypeError(`over ${values} values`);
    left -= count;
    open.push(count);
  };
  enter(fields);
  while (open.length > 0) {
    const coming = open.pop()!;
    if (coming === 0) continue;
    open.push(coming - 1);
    const { count, end } = headAt(input, at);
    at = end;
    if (count !== null) enter(count);
  }
  return fields;
}

/** @throws {TypeError} */
function headAt(input: Uint8Array, at: number): Head {
  const first = byteAt(input, at);
  const [kind, info] = [first >> 5, first & 31];
  switch (kind) {
    case kinds.uint:
      return { count: null, end: argumentAt(input, at, info).end };
    case kinds.bytes:
    case kinds.text: {
      const { value: length, end } = argumentAt(input, at, info);
      if (kind === kinds.text && length > maxTextBytes) {
        throw new TypeError(`over ${maxTextBytes} bytes of text`);
      }
      if (length > input.length - end) throw new TypeError("ends too early");
      return { count: null, end: end + length };
    }
    case kinds.list: {
      const { value: count, end } = argumentAt(input, at, info);
      return { count, end };
    }
    case kinds.simple:
      if (first === 0xf4 || first === 0xf5 || first === 0xf6) return { count: null, end: at + 1 }; // false, true, null
  }
  throw new TypeError(`unexpected byte 0x${first.toString(16)}`);
}

/** The argument of a head (§3): in its first byte, or in the 1, 2, 4 or 8 bytes behind that. @throws {TypeError} */
function argumentAt(input: Uint8Array, at: number, info: number): { value: number; end: number } {
  if (info < 24) return { value: info, end: at + 1 };
  if (info > 27) throw new TypeError("a value without a length");
  const end = at + 1 + (1 << (info - 24));
  let value = 0;
  for (let i = at + 1; i < end; i++) value = value * 256 + byteAt(input, i);
  return { value, end }; // above 2^53 not exact, but then longer than any input
}

/** @throws {TypeError} */
function byteAt(input: Uint8Array, at: number): number {
  if (at >= input.length) throw new TypeError("ends too early");
  return input[at]!;
}
