import { deepEqual, equal, throws } from "node:assert/strict";
import type { Quarantine } from "../../../src/cluster/keys/frozen.ts";
import {
  decodeQuarantine,
  encodeQuarantine,
  ReportedQuarantines,
} from "../../../src/cluster/keys/reported_quarantines.ts";
import type { QuarantineEvent } from "../../../src/events.ts";
import { maxReportedQuarantines } from "../../../src/limits.ts";

const one: Quarantine = {
  ...{ wallet: "treasury", scheme: "ecdsa", keyId: "0a".repeat(32), by: "a", other: "b", at: 7 },
};
const event = (changes: Partial<QuarantineEvent> = {}): QuarantineEvent => ({
  ...{ type: "quarantine", wallet: one.wallet, scheme: one.scheme, keyId: one.keyId, pair: ["a", "b"] },
  ...{ state: "quarantined", peer: "a", boot: "00".repeat(8), seq: 0, at: 7 },
  ...changes,
});

Deno.test("A quarantine comes out as it went in, and is its teller's own", () => {
  deepEqual(decodeQuarantine(encodeQuarantine(one), "a"), one);
  equal(decodeQuarantine(encodeQuarantine(one), "c").by, "c");
  throws(() => decodeQuarantine(new Uint8Array([1]), "a"));
  throws(() => decodeQuarantine(encodeQuarantine({ ...one, keyId: "0a" }), "a"));
});

Deno.test("ReportedQuarantines takes a peer's word for its own pairs only, and so many of them", () => {
  const told = new ReportedQuarantines();
  told.takeEvent(event());
  told.takeEvent(event());
  deepEqual(told.all(), [one]);
  told.takeEvent(event({ peer: "c" }));
  told.takeEvent(event({ peer: "b", state: "released" }));
  told.takeEvent(event({ peer: "c", state: "released" }));
  told.takeEvent(event({ keyId: "0b".repeat(32), state: "released" }));
  deepEqual(told.all(), [one], "only its own word releases, and only that key");
  told.take("c", [{ ...one, by: "c" }]);
  told.takeEvent(event({ state: "released" }));
  deepEqual(told.all().map(({ by }) => by), ["c"]);
  told.take("c", []);
  deepEqual(told.all(), [], "all that it has at this moment");
  for (let i = 0; i < maxReportedQuarantines + 9; i++) told.takeEvent(event({ pair: ["a", `${i}`] }));
  equal(told.all().length, maxReportedQuarantines);
});
