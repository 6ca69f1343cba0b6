/**
 * A request as a person reads it at a terminal: every field that the decision covers.
 * @module
 */
import type {
  ApprovalRequest,
  RequestedItem,
  SigningRequest,
} from "../../cluster/commands/consent/approval.ts";
import { visible } from "../../text/visible.ts";
import type { Asked } from "./approvers.ts";

/** The lines that show a request. What others chose is printed visibly, so that it cannot imitate a line. */
export function* linesOf({ request, nameOf }: Asked): Iterable<string> {
  const { kind, wallet, scheme, initiator, note, reference, party, expires } = request;
  yield `${nameOf(initiator)} (${initiator}) ${asks[kind]} “${visible(wallet)}”, ${scheme}`;
  yield* ofKind({ request, nameOf });
  if (note !== "") yield `  its own words  “${visible(note)}”`;
  if (reference !== "") yield `  its reference  “${visible(reference)}”`;
  yield `  taking part    ${party.map(nameOf).join(", ")}`;
  yield `  until          ${new Date(expires).toISOString()}`;
}

const asks = {
  sign: "asks for a signature with",
  generate: "asks to make the key",
  reshare: "asks to deal anew the key",
} as const satisfies Record<ApprovalRequest["kind"], string>;

/** The refusals that a resharing ends, and what each is called. */
const ending = [["ban", "bans that end "], ["quarantine", "quarantines   "]] as const;

function* ofKind({ request, nameOf }: Asked): Iterable<string> {
  const names = (peers: readonly string[]) => peers.map(nameOf).join(", ") || "nobody";
  if (request.kind !== "generate") yield `  key id         ${request.keyId}`;
  switch (request.kind) {
    case "sign":
      return yield* linesOfItems(request);
    case "generate":
      return yield `  signing        any ${request.threshold} of those who take part`;
    case "reshare": {
      const { before, threshold, members, dealers, gone, refusals, frozen, epoch } = request;
      yield `  epoch ${epoch} now    ${before.threshold} of ${names(before.members)}`;
      yield `  then           ${threshold} of ${names(members)}`;
      yield `  shares used    those of ${names(dealers)}`;
      if (gone.length > 0) yield `  without        ${names(gone)}`;
      for (const [kind, label] of ending) {
        const pairs = refusals.filter((one) => one.kind === kind).map(({ by, other }) =>
          `${nameOf(by)} refuses ${nameOf(other)}`
        );
        if (pairs.length > 0) yield `  ${label} ${pairs.join(", ")}`;
      }
      if (frozen) yield "  ends as well   this node has frozen the key after signatures that did not verify";
      return;
    }
    default:
      request satisfies never;
  }
}

function* linesOfItems({ items }: SigningRequest): Iterable<string> {
  for (const [i, item] of items.entries()) {
    yield `  item ${i + 1} of ${items.length}`;
    yield* linesOfItem(item);
  }
}

function* linesOfItem({ message, digest, hash, path, options, publicKey }: RequestedItem): Iterable<string> {
  if (message === null) yield "    message      not shown by the initiator: only its digest is";
  else yield `    message      ${shown(message)}`;
  if (digest !== null) yield `    digest       ${digest.toHex()}${hash === null ? "" : ` (${madeBy(hash)})`}`;
  if (path.length > 0) yield `    path         ${path.join("/")}`;
  for (const [name, value] of Object.entries(options)) {
    yield `    ${name.padEnd(12)} ${
      value instanceof Uint8Array ? value.toHex() || "none" : JSON.stringify(value)
    }`;
  }
  yield `    public key   ${publicKey.toHex()}`;
}

/** The hash that an initiator names. Nobody here has made the digest: which hash “other” is, is unknown. */
const madeBy = (hash: string) => hash === "other" ? "made by another hash, which is not known here" : hash;

/** A message as text if it is text, all of it visible; otherwise in hex. */
function shown(message: Uint8Array): string {
  const size = `${message.length} ${message.length === 1 ? "byte" : "bytes"}`;
  const text = textOf(message);
  return text === null ? `${message.toHex()} (hex, ${size})` : `“${visible(text)}” (${size})`;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null; // no UTF-8
    throw error;
  }
}
