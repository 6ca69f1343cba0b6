/**
 * What every honest peer of a session must show when someone cheats, and what must still work afterwards. Not a test by
 * itself.
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import assert from "node:assert/strict";
import type { Cheat } from "../../src/demo/cheats/cheat_wire.ts";
import { type Failure, isTerminal, type Scheme } from "../../src/events.ts";
import type { FailureCode } from "../../src/failure.ts";
import { hello, type Scene, type Seen } from "./scene.ts";

/** A failure, with names instead of peer ids; what is left out is not looked at. */
export interface Ends {
  code: FailureCode;
  culprits?: readonly string[];
  missing?: readonly string[];
  /** Who says what of whom. */
  claims?: readonly { by: string; code: FailureCode; peers: readonly string[] }[];
  phase?: Failure["phase"];
  round?: string | null;
  key?: Failure["key"];
}

/** Exactly one terminal event in that peer's view, and it is the last one. */
export function terminalOf(seen: Seen, name: string) {
  const view = seen.view(name);
  const ends = view.filter(isTerminal);
  assert.equal(ends.length, 1, `${name} tells one end: ${view.map(({ type }) => type)}`);
  assert.equal(view.at(-1), ends[0], `${name} tells nothing after the end`);
  return ends[0]!;
}

/** That peer's session failed so, naming nobody else. */
export function assertFails(scene: Scene, seen: Seen, name: string, ends: Ends): Failure {
  const end = terminalOf(seen, name);
  assert.ok(end.type === "failed", `${name}: ${JSON.stringify(end)}`);
  const names = (peers: readonly string[]) => peers.map((peer) => scene.nameOf(peer)).sort();
  const { code, phase, round, key } = end;
  const claims = end.claims.map(({ by, code, peers }) => ({
    by: scene.nameOf(by),
    code,
    peers: names(peers),
  }));
  const found = {
    code,
    culprits: names(end.culprits),
    missing: names(end.missing),
    claims,
    phase,
    round,
    key,
  };
  const { culprits = [], missing = [], claims: said = [], ...rest } = ends;
  const expected = { culprits: [...culprits].sort(), missing: [...missing].sort(), claims: said, ...rest };
  const seenOf = Object.fromEntries(
    Object.keys(expected).map((field) => [field, found[field as keyof typeof found]]),
  );
  assert.deepEqual({ name, ...seenOf }, { name, ...expected });
  assert.ok(!end.culprits.includes(scene.peer(name)), `${name} does not name itself`);
  return end;
}

/**
 * What `honest` have on disk of keys is as it was, byte by byte, and they know of no other key. A row that says no may
 * have come: it is what a member answers who is asked for a key that it has not.
 */
export async function unchanged(
  scene: Scene,
  honest: readonly string[],
  act: () => Promise<Seen>,
): Promise<Seen> {
  const before = new Map<string, { rows: Record<string, string>; keys: unknown }>();
  for (const name of honest) {
    before.set(name, { rows: await scene.rows(name), keys: await scene.node(name).keys() });
  }
  const seen = await act();
  for (const name of honest) {
    const { rows, keys } = before.get(name)!;
    assert.deepEqual({ ...await scene.rows(name), ...rows }, await scene.rows(name), `${name}'s rows`);
    assert.deepEqual(await scene.node(name).keys(), keys, `${name}'s keys`);
  }
  return seen;
}

/** Whether a signature of `hello` verifies under a key, by noble. */
const verifiers: Record<Scheme, (signature: Uint8Array, publicKey: Uint8Array) => boolean> = {
  ed25519: (signature, publicKey) => ed25519.verify(signature, hello, publicKey, { zip215: false }),
  ecdsa: (signature, publicKey) => secp256k1.verify(signature, hello, publicKey),
  bip340: (signature, publicKey) => schnorr.verify(signature, hello, publicKey.subarray(1)),
};

/** The same nodes, all of them honest now, make a key and sign with it. */
export async function assertWorks(scene: Scene): Promise<void> {
  for (const cheater of scene.adversaries.values()) cheater.disarm();
  await scene.cluster.linked();
  const key = await scene.generate();
  assert.ok(key.value, `the next key is made: ${key.error?.code}`);
  const { wallet, publicKey } = key.value;
  const signed = await scene.sign(scene.names.slice(0, 2), { wallet });
  assert.ok(
    signed.value,
    `the next signature is made: ${JSON.stringify(scene.names.map((n) => signed.view(n).at(-1)))}`,
  );
  assert.ok(verifiers[scene.scheme](signed.value.bytes, publicKey));
  for (const name of scene.names) assert.equal(terminalOf(key, name).type, "done");
}

/** `cheater` cheats in a session of all; each of the others ends so; nothing is left; the next session works. */
export async function assertCaught(
  scene: Scene,
  cheater: string,
  cheat: Cheat,
  act: () => Promise<Seen>,
  ends: Ends | ((name: string) => Ends),
): Promise<Seen> {
  const { cheated } = scene.arm(cheater, cheat);
  const before = cheated.length;
  const honest = scene.names.filter((name) => name !== cheater);
  const seen = await unchanged(scene, honest, act);
  assert.equal(
    cheated.length,
    before + 1,
    `${cheater} had its chance: ${JSON.stringify(seen.view(honest[0]!).at(-1))}`,
  );
  const present = honest.filter((name) => seen.view(name).length > 0);
  assert.ok(present.length > 0);
  for (const name of present) assertFails(scene, seen, name, typeof ends === "function" ? ends(name) : ends);
  await assertWorks(scene);
  return seen;
}
