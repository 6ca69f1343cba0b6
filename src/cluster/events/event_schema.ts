/**
 * The shape of events that another peer tells: nothing else gets into a console.
 * @module
 */
import * as v from "valibot";
import { walletName } from "../../crypto/codec.ts";
import type { NodeEvent } from "../../events.ts";
import { type FailureCode, failures, type WarningCode, warnings } from "../../failure.ts";
import { curves } from "../records/command.ts";

const peer = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const peers = v.pipe(v.array(peer), v.maxLength(64));
const word = v.pipe(v.string(), v.maxLength(32));
const hex = (digits: number) => v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.length(digits));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const time = v.pipe(v.number(), v.finite());
const seconds = v.pipe(v.number(), v.safeInteger());
const curve = v.picklist(curves);
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
  curve: v.nullable(curve),
};
const type = <T extends string>(name: T) => v.literal(name);
const key = {
  wallet: walletName,
  curve,
  epoch: count,
  session: hex(64),
};

const eventShape = v.variant("type", [
  v.strictObject({ ...session, type: type("began"), deadline: time }),
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
    clocks: v.optional(v.pipe(v.array(v.strictObject({ peer, seconds })), v.maxLength(64))),
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
    state: v.picklist(["pending", "active", "frozen", "given-up", "gone"]),
    held: v.optional(v.literal(false)),
  }),
  v.strictObject({
    ...view,
    type: type("contradiction"),
    wallet: key.wallet,
    curve,
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
    curve,
    pair: v.strictTuple([peer, peer]),
  }),
  v.strictObject({
    ...view,
    type: type("quarantine"),
    wallet: key.wallet,
    curve,
    key: hex(64),
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

/** Reads one event of another peer from JSON, or null if it is not one. */
export function readEvent(json: string): NodeEvent | null {
  try {
    return v.parse(eventShape, JSON.parse(json)) as NodeEvent;
  } catch {
    return null; // dropped: what others tell decides nothing
  }
}
