/**
 * A request as JSON, for a program that decides: every field that the decision covers.
 * @module
 */
import type { RequestedItem } from "../../cluster/commands/consent/approval.ts";
import type { Scheme } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import type { Asked } from "./approvers.ts";

/** A peer, and its name in the roster. */
export interface JsonPeer {
  peer: PeerId;
  name: string;
}

/** An item that is to be signed; bytes are in hex. */
export interface JsonItem extends Record<string, unknown> {
  message: string | null;
  digest: string | null;
  hash: string | null;
  path: readonly number[];
  options: Record<string, unknown>;
  publicKey: string;
}

/** A request; bytes are in hex, times in ms since 1970. A `sign` has `items`, the others have their own fields. */
export interface JsonRequest extends Record<string, unknown> {
  id: string;
  kind: "sign" | "generate" | "reshare";
  wallet: string;
  scheme: Scheme;
  initiator: JsonPeer;
  note: string;
  reference: string;
  party: JsonPeer[];
  expires: number;
}

/** A request with the names of its peers. */
export function requestJson({ request, nameOf }: Asked): JsonRequest {
  const named = (peer: PeerId): JsonPeer => ({ peer, name: nameOf(peer) });
  const { id, kind, wallet, scheme, initiator, note, reference, party, expires } = request;
  const common = {
    ...{ id, kind, wallet, scheme, initiator: named(initiator), note, reference },
    ...{ party: party.map(named), expires },
  };
  switch (request.kind) {
    case "sign":
      return { ...common, keyId: request.keyId, items: request.items.map(itemJson) };
    case "generate":
      return { ...common, threshold: request.threshold };
    case "reshare": {
      const { keyId, epoch, before, threshold, members, dealers, gone, refusals, frozen } = request;
      return {
        ...common,
        ...{ keyId, epoch, before: { ...before, members: before.members.map(named) }, threshold },
        ...{ members: members.map(named), dealers: dealers.map(named) },
        gone: gone.map(named),
        refusals: refusals.map(({ kind, by, other }) => ({ kind, by: named(by), other: named(other) })),
        frozen,
      };
    }
    default:
      return request satisfies never;
  }
}

function itemJson({ message, digest, hash, path, options, publicKey }: RequestedItem): JsonItem {
  return {
    ...{ message: message?.toHex() ?? null, digest: digest?.toHex() ?? null, hash, path },
    options: Object.fromEntries(
      Object.entries(options).map(([name, one]) => [name, one instanceof Uint8Array ? one.toHex() : one]),
    ),
    publicKey: publicKey.toHex(),
  };
}
