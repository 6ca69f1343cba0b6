import assert from "node:assert/strict";
import { LinkSecrets } from "../../../src/cluster/links/link_secrets.ts";

const id = (n: number) => new Uint8Array(32).fill(n);
const zeros = new Uint8Array(32);

Deno.test("LinkSecrets overwrites a secret when it drops it: the fifth exchange drops the first", () => {
  const secrets = new LinkSecrets();
  const all = Array.from({ length: 6 }, (_, i) => new Uint8Array(32).fill(i + 1));
  for (const [i, secret] of all.entries()) secrets.add(id(i), secret);
  assert.deepEqual(all.map((secret) => secret[0]), [0, 0, 3, 4, 5, 6]);
  assert.equal(secrets.get(id(0)), null);
  assert.deepEqual(secrets.current()?.id, id(5));
  secrets.clear();
  assert.ok(all.every((secret) => secret.every((byte) => byte === 0)));
  assert.equal(secrets.current(), null);
  assert.equal(secrets.empty, true);
});

Deno.test("LinkSecrets hands out copies: what one stream overwrites, another still has", () => {
  const secrets = new LinkSecrets();
  secrets.add(id(1), new Uint8Array(32).fill(7));
  const [a, b] = [secrets.current()!.secret, secrets.get(id(1))!];
  a.fill(0);
  assert.deepEqual(b, new Uint8Array(32).fill(7));
  secrets.clear();
  assert.deepEqual(b, new Uint8Array(32).fill(7), "a session under way outlives its link");
  assert.notDeepEqual(b, zeros);
});

Deno.test("LinkSecrets overwrites the secret that another of the same exchange replaces", () => {
  const secrets = new LinkSecrets();
  const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  secrets.add(id(1), first);
  secrets.add(id(1), second);
  assert.deepEqual(first, zeros);
  assert.deepEqual(secrets.get(id(1)), second);
});
