import assert from "node:assert/strict";
import { InputError, SessionError } from "../../src/errors.ts";
import { heldIdentity } from "../../src/identity/held_identity.ts";
import { newIdentity } from "../../src/identity/identity.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const message = Uint8Array.of(1, 2, 3);

Deno.test("heldIdentity() signs on as the same peer while its secrets are forgotten", async () => {
  const identity = await newIdentity(random);
  const held = heldIdentity(identity);
  assert.deepEqual(held.secrets(), identity.secrets());
  held.forget();
  assert.throws(
    () => held.secrets(),
    (error) => error instanceof SessionError && error.code === "store-locked",
  );
  assert.ok(await held.verify(identity.peer, message, await held.sign(message)));
  held.remember(identity.secrets());
  assert.deepEqual(held.secrets(), identity.secrets());
});

Deno.test("heldIdentity() remembers no other secrets than those it had", async () => {
  const [identity, other] = [await newIdentity(random), (await newIdentity(random)).secrets()];
  const held = heldIdentity(identity);
  held.forget();
  const mine = identity.secrets();
  for (const wrong of [other, { ...mine, peerSeed: other.peerSeed }, { ...other, peerSeed: mine.peerSeed }]) {
    assert.throws(() => held.remember(wrong), InputError);
    assert.throws(() => held.secrets());
  }
});

Deno.test("heldIdentity() lends copies: what borrowers do to them, it does not see, nor they what it forgets", async () => {
  const identity = await newIdentity(random);
  const held = heldIdentity(identity);
  const lent = held.secrets();
  held.secrets().peerSeed.fill(0);
  assert.deepEqual(held.secrets(), identity.secrets());
  held.forget();
  assert.deepEqual(lent, identity.secrets());
});
