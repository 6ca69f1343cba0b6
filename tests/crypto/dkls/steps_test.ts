import assert from "node:assert/strict";
import { finish, paced, type Steps } from "../../../src/crypto/dkls/steps.ts";

/** Three steps over a secret that they give away at their end, or wipe. */
function* working(secret: Uint8Array): Steps<Uint8Array> {
  let all = false;
  try {
    for (const done of [1 / 3, 2 / 3, 1]) yield done;
    all = true;
    return secret;
  } finally {
    if (!all) secret.fill(0);
  }
}

Deno.test("finish() and paced() come to the same, and paced() tells how far it is", async () => {
  const told: number[] = [];
  assert.deepEqual(finish(working(Uint8Array.of(7))), Uint8Array.of(7));
  const slow = await paced(working(Uint8Array.of(7)), (done) => Promise.resolve(void told.push(done)));
  assert.deepEqual(slow, Uint8Array.of(7));
  assert.deepEqual(told, [1 / 3, 2 / 3, 1]);
});

Deno.test("paced() lets the steps wipe what they have when a pause ends them", async () => {
  const secret = Uint8Array.of(7);
  const calledOff = new Error("called off");
  await assert.rejects(paced(working(secret), () => Promise.reject(calledOff)), calledOff);
  assert.deepEqual(secret, Uint8Array.of(0));
});
