import { deepEqual, equal, throws } from "node:assert/strict";
import type { Quarantine } from "../../../src/cluster/keys/frozen.ts";
import {
  decodeQuarantine,
  encodeQuarantine,
  ToldQuarantines,
} from "../../../src/cluster/keys/told_quarantines.ts";
import type { QuarantineEvent } from "../../../src/events.ts";
import { maxToldQuarantines } from "../../../src/limits.ts";

const one: Quarantine = {
  ...{ wallet: "treasury", curve: "secp256k1", key: "0a".repeat(32), by: "a", other: "b", at: 7 },
};
const event = (changes: Partial<QuarantineEvent> = {}): QuarantineEvent => ({
  ...{ type: "quarantine", wallet: one.wallet, curve: one.curve, key: one.key, pair: ["a", "b"] },
  ...{ state: "quarantined", peer: "a", boot: "00".repeat(8), seq: 0, at: 7 },
  ...changes,
});

Deno.test("A quarantine comes out as it went in, and is its teller's own", () => {
  deepEqual(decodeQuarantine(encodeQuarantine(one), "a"), one);
  equal(decodeQuarantine(encodeQuarantine(one), "c").by, "c");
  throws(() => decodeQuarantine(new Uint8Array([1]), "a"));
  throws(() => decodeQuarantine(encodeQuarantine({ ...one, key: "0a" }), "a"));
});

Deno.test("ToldQuarantines takes a peer's word for its own pairs only, and so many of them", () => {
  const told = new ToldQuarantines();
  told.heard(event());
  told.heard(event());
  deepEqual(told.all(), [one]);
  told.heard(event({ peer: "c" }));
  told.heard(event({ peer: "b", state: "released" }));
  told.heard(event({ peer: "c", state: "released" }));
  told.heard(event({ key: "0b".repeat(32), state: "released" }));
  deepEqual(told.all(), [one], "only its own word releases, and only that key");
  told.take("c", [{ ...one, by: "c" }]);
  told.heard(event({ state: "released" }));
  deepEqual(told.all().map(({ by }) => by), ["c"]);
  told.take("c", []);
  deepEqual(told.all(), [], "all that it has at this moment");
  for (let i = 0; i < maxToldQuarantines + 9; i++) told.heard(event({ pair: ["a", `${i}`] }));
  equal(told.all().length, maxToldQuarantines);
});
