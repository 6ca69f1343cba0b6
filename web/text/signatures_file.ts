/**
 * The signatures of a batch as texts to copy or to save. Pure.
 * @module
 */
import type { ItemInput, Signature } from "../node/node_port.ts";

/** One signature a line in hex, in the order of the items. */
export const signatureLines = (signatures: readonly Signature[]): string =>
  signatures.map(({ bytes }) => bytes.toHex()).join("\n");

/** All items with their signatures as JSON; bytes are in hex. */
export function signaturesFile(items: readonly ItemInput[], signatures: readonly Signature[]): string {
  const all = signatures.map((signature, i) => ({
    item: i + 1,
    ...inputOf(items[i]),
    ...inHex(signature),
  }));
  return `${JSON.stringify(all, null, 2)}\n`;
}

function inputOf(item: ItemInput | undefined): object {
  if (!item) return {};
  const { path = [], ...input } = item;
  return { ...inHex(input), ...(path.length > 0 && { path: path.join("/") }) };
}

/** The fields of an object; bytes in hex, and `bytes` named as what they are, the signature. */
function inHex(of: object): object {
  return Object.fromEntries(
    Object.entries(of).filter(([, value]) => value !== undefined).map(([name, value]) => [
      name === "bytes" ? "signature" : name,
      value instanceof Uint8Array ? value.toHex() : value,
    ]),
  );
}
