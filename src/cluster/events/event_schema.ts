/**
 * The shape of the events that other peers report. A console shows nothing else.
 * @module
 */
import * as v from "valibot";
import { walletName } from "../../crypto/codec.ts";
import type { Failure, NodeEvent } from "../../events.ts";
import { type FailureCode, failures, type WarningCode, warnings } from "../../failure.ts";
import { maxItems } from "../../limits.ts";
import { schemeIds, schemes } from "../../schemes/schemes.ts";

const peer = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const peers = v.pipe(v.array(peer), v.maxLength(64));
const word = v.pipe(v.string(), v.maxLength(32));
const hex = (digits: number) => v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.length(digits));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const items = v.pipe(count, v.minValue(2), v.maxValue(maxItems));
const time = v.pipe(v.number(), v.finite());
const seconds = v.pipe(v.number(), v.safeInteger());
const scheme = v.picklist(schemeIds);
const kind = v.picklist(["ecdh", "generate", "sign", "reshare"]);
const phase = v.picklist(["inviting", "opening", "exchanging", "committing"]);
const failureCode = v.picklist(Object.keys(failures) as [FailureCode, ...FailureCode[]]);
const warningCode = v.picklist(Object.keys(warnings) as [WarningCode, ...WarningCode[]]);

const view = { peer, boot: hex(16), seq: count, at: time };
const session = {
  ...view,
  id: hex(32),
  initiator: peer,
  attempt: v.nullable(hex(64)),
  session: v.nullable(hex(64)),
  kind,
  wallet: v.nullable(v.pipe(v.string(), v.maxLength(64))),
  scheme: v.nullable(scheme),
};
const type = <T extends string>(name: T) => v.literal(name);
const key = {
  wallet: walletName,
  scheme,
  epoch: count,
  session: hex(64),
};

/**
 * An event as it leaves this node: without the remarks of its command, which only those learn who receive
 * the command. {@linkcode readEvent} accepts none either.
 */
export function outgoing(event: NodeEvent): NodeEvent {
  if (event.type !== "began") return event;
  const { note: _note, reference: _reference, ...rest } = event;
  return rest;
}

const eventShape = v.variant("type", [
  v.strictObject({ ...session, type: type("began"), deadline: time, items: v.optional(items) }),
  v.strictObject({ ...session, type: type("phase"), phase }),
  v.strictObject({ ...session, type: type("proposed"), party: peers }),
  v.strictObject({ ...session, type: type("asking"), other: peer }),
  v.strictObject({
    ...session,
    session: hex(64),
    type: type("opened"),
    party: peers,
    rounds: v.pipe(v.array(word), v.maxLength(16)),
  }),
  v.strictObject({
    ...session,
    type: type("round"),
    round: word,
    state: v.picklist(["begun", "done"]),
    deadline: time,
  }),
  v.strictObject({ ...session, type: type("heard"), round: word, from: peer }),
  v.strictObject({
    ...session,
    type: type("work"),
    done: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
  v.strictObject({ ...session, type: type("done"), resultHash: hex(64) }),
  v.strictObject({
    ...session,
    type: type("failed"),
    code: failureCode,
    remedy: v.picklist(["retry", "exclude", "ban", "fix", "stop"]),
    key: v.picklist(["safe", "safe-if-banned", "pending", "no-key"]),
    phase,
    round: v.nullable(word),
    culprits: peers,
    missing: peers,
    claims: v.pipe(v.array(v.strictObject({ by: peer, code: failureCode, peers })), v.maxLength(16)),
    evidence: v.optional(hex(64)),
    checkableBy: v.optional(v.literal("recipient")),
    clocks: v.optional(v.pipe(v.array(v.strictObject({ peer, seconds })), v.maxLength(64))),
    items: v.optional(items),
    spoilt: v.optional(v.pipe(v.array(v.pipe(count, v.maxValue(maxItems - 1))), v.maxLength(maxItems))),
  }),
  v.strictObject({
    ...session,
    id: v.nullable(hex(32)),
    initiator: v.nullable(peer),
    kind: v.nullable(kind),
    type: type("warning"),
    code: warningCode,
    via: v.nullable(peer),
    count,
    seconds: v.optional(seconds),
  }),
  v.strictObject({
    ...view,
    type: type("peer"),
    other: peer,
    state: v.picklist(["here", "gone", "refused", "another"]),
    found: v.optional(peer),
  }),
  v.strictObject({
    ...view,
    type: type("link"),
    other: peer,
    state: v.picklist(["up", "lost", "retrying"]),
    inMs: v.optional(time),
  }),
  v.strictObject({
    ...view,
    ...key,
    type: type("key"),
    state: v.picklist(["pending", "active", "frozen", "given-up", "gone", "retired", "erased"]),
    held: v.optional(v.literal(false)),
  }),
  v.strictObject({
    ...view,
    type: type("contradiction"),
    wallet: key.wallet,
    scheme,
    session: hex(64),
    culprit: peer,
    evidence: v.pipe(v.array(v.pipe(v.string(), v.maxLength(2048), v.regex(/^[0-9a-f]*$/))), v.length(2)),
  }),
  v.strictObject({ ...view, type: type("roster"), version: count, removed: v.optional(v.literal(true)) }),
  v.strictObject({
    ...view,
    type: type("roster-conflict"),
    version: count,
    hashes: v.strictTuple([hex(64), hex(64)]),
  }),
  v.strictObject({ ...view, type: type("locked"), locked: v.boolean() }),
  v.strictObject({
    ...view,
    type: type("ban"),
    wallet: key.wallet,
    scheme,
    pair: v.strictTuple([peer, peer]),
  }),
  v.strictObject({
    ...view,
    type: type("quarantine"),
    wallet: key.wallet,
    scheme,
    keyId: hex(64),
    pair: v.strictTuple([peer, peer]),
    state: v.picklist(["quarantined", "released"]),
  }),
  v.strictObject({
    ...view,
    type: type("rollback"),
    other: peer,
    state: v.picklist(["restored", "rolled-back", "over"]),
  }),
]);

/**
 * Reads one event of another peer from JSON; null if it is not one. A failure that contradicts itself is rejected: one
 * that wrongly states that nobody else can check it would be believed without evidence.
 */
export function readEvent(json: string): NodeEvent | null {
  try {
    const event = v.parse(eventShape, JSON.parse(json)) as NodeEvent;
    return event.type === "failed" && !isConsistent(event) ? null : event;
  } catch {
    return null; // dropped: nothing is decided on events of others
  }
}

/**
 * Holds what a failure states about shares against its scheme: that its recipient alone can check one, or the items
 * of a batch that wrong ones have spoilt.
 */
function isConsistent({ code, scheme, checkableBy, items, spoilt, culprits }: Failure): boolean {
  const isShare = code === "invalid-signature-share" && scheme !== null;
  const hidden = isShare && schemes[scheme].shares === null;
  if (checkableBy && !hidden) return false;
  return spoilt === undefined ||
    (isShare && !hidden && items !== undefined && culprits.length > 0 && areSpoilt(spoilt, items));
}

/** True for some of so many items, each once and in order. */
export function areSpoilt(spoilt: readonly number[], items: number): boolean {
  return spoilt.length > 0 && spoilt.every((item, i) => item < items && (i === 0 || spoilt[i - 1]! < item));
}
