/**
 * The requests that a control socket takes. A connection carries one.
 * @module
 */
import * as v from "valibot";
import { rights } from "../../cluster/records/rights.ts";
import { InputError } from "../../errors.ts";
import { maxParties } from "../../limits.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import { itemShape } from "../sign_items.ts";
import { longestWaitMs } from "./wait.ts";

const name = v.string();
const wallet = { wallet: v.string(), scheme: v.picklist(schemeIds) };
/** The labels of a command; the node checks its id. */
const remarks = {
  id: v.exactOptional(v.string()),
  note: v.optional(v.string(), ""),
  reference: v.optional(v.string(), ""),
};
/** The session that made the key; needed if two keys have one name. */
const keyId = v.exactOptional(v.string());
/** Names or ids of peers. */
const peers = v.array(name);
const waitMs = v.pipe(v.number(), v.minValue(0), v.maxValue(longestWaitMs));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The shape of each request. */
export const requestShape = v.variant("method", [
  v.strictObject({ method: v.literal("status") }),
  v.strictObject({ method: v.literal("peers"), waitMs }),
  v.strictObject({ method: v.literal("keys"), waitMs }),
  v.strictObject({
    method: v.literal("create-key"),
    ...wallet,
    threshold: v.pipe(v.number(), v.integer(), v.maxValue(maxParties)),
    members: v.exactOptional(peers),
    ...remarks,
    waitMs,
  }),
  v.strictObject({
    method: v.literal("reshare"),
    ...wallet,
    keyId,
    threshold: v.pipe(v.number(), v.integer(), v.maxValue(maxParties)),
    members: peers,
    gone: v.exactOptional(peers),
    dealers: v.exactOptional(peers),
    ...remarks,
    waitMs,
  }),
  v.strictObject({
    method: v.literal("sign"),
    ...wallet,
    keyId,
    items: v.array(itemShape),
    signers: v.exactOptional(peers),
    ...remarks,
    waitMs,
  }),
  v.strictObject({ method: v.literal("outcome"), id: v.string(), waitMs }),
  v.strictObject({ method: v.literal("watch"), faults: v.boolean(), replay: count }),
  v.strictObject({
    method: v.literal("invite"),
    rights: v.array(v.picklist(rights)),
    uses: v.exactOptional(count),
    ms: v.exactOptional(count),
  }),
  v.strictObject({ method: v.literal("joining") }),
  v.strictObject({ method: v.literal("admit"), peer: name, word: v.string() }),
  v.strictObject({ method: v.literal("reject"), peer: name }),
  v.strictObject({ method: v.literal("unfreeze"), ...wallet, keyId, peer: v.exactOptional(name) }),
  v.strictObject({ method: v.literal("give-up"), ...wallet }),
  v.strictObject({ method: v.literal("erase"), session: v.string() }),
  v.strictObject({ method: v.literal("confirm-restored") }),
  v.strictObject({ method: v.literal("questions") }),
  v.strictObject({
    method: v.literal("answer"),
    code: v.string(),
    decision: v.picklist(["accept", "decline"]),
  }),
]);
/** A request. */
export type ControlRequest = v.InferOutput<typeof requestShape>;
/** The name of a request. */
export type Method = ControlRequest["method"];
/** The request of one name. */
export type RequestOf<M extends Method> = Extract<ControlRequest, { method: M }>;

/** Reads a request. @throws {InputError} `request`, with the key that is wrong, missing or unknown. */
export function readRequest(value: unknown): ControlRequest {
  const read = v.safeParse(requestShape, value);
  if (read.success) return read.output;
  const [issue] = read.issues;
  const at = ["request", ...(issue.path ?? []).map((step) => String(step.key))].join(".");
  throw new InputError(
    at,
    `expected ${issue.expected === "never" ? "no such key" : issue.expected}, found ${issue.received}`,
  );
}
