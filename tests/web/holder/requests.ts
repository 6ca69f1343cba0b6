/**
 * Requests for signatures, as a node passes them to its person. Not a test by itself.
 * @module
 */
import type { RequestedItem, ReshareRequested, SigningRequest } from "../../../mod.ts";
import { alice, bob, carol } from "../events.ts";

const item: RequestedItem = {
  message: null,
  digest: null,
  hash: null,
  path: [],
  options: {},
  publicKey: new Uint8Array(33),
};

/** A request for the signatures of these items. */
export function requestFor(
  items: readonly Partial<RequestedItem>[],
  part: Partial<SigningRequest> = {},
): SigningRequest {
  return {
    kind: "sign",
    keyId: "0badc0de".repeat(8),
    id: "00",
    wallet: "treasury",
    scheme: "ed25519",
    initiator: alice,
    note: "",
    reference: "",
    party: [alice, bob],
    expires: Date.now() + 30_500,
    ...part,
    items: items.map((one) => ({ ...item, ...one })),
  };
}

/** Bob's request to reshare the key of Alice, Bob and Carol among the same. */
export function reshareRequest(part: Partial<ReshareRequested> = {}): ReshareRequested {
  const members = [alice, bob, carol];
  return {
    kind: "reshare",
    keyId: "0badc0de".repeat(8),
    id: "00",
    wallet: "treasury",
    scheme: "ecdsa",
    initiator: bob,
    note: "",
    reference: "",
    party: members,
    expires: Date.now() + 30_500,
    epoch: 1,
    before: { threshold: 2, members },
    threshold: 2,
    members,
    dealers: [alice, bob],
    gone: [],
    refusals: [],
    frozen: false,
    ...part,
  };
}

/** The bytes of a text. */
export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
