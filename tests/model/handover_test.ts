import assert from "node:assert/strict";
import { cases, look } from "./handover/cases.ts";

for (const one of cases.filter(({ quick }) => quick)) {
  Deno.test(`model: ${one.name}: ${one.breaks ? "violated" : "holds"}`, async () => {
    const { violation } = await look(one);
    assert.equal(violation !== null, one.breaks === true, violation?.join("\n"));
  });
}
