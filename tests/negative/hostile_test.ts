import assert from "node:assert/strict";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { explain } from "../../src/explain.ts";
import { assertFails, terminalOf } from "./honest.ts";
import { Scene } from "./scene.ts";

const all = ["alice", "bob", "carol"];

/** Names that are none: nobody sees what is in them. */
const unseen = ["a\u0000b", "a\nb", " ", "\u202Egnirts"];

/** Names that a careless program would take for something else. */
const hostile = [
  "timeout-connect-exists",
  "ERROR_SESSION_TIMEOUT",
  "equivocation",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "../../etc/passwd",
  "key/0",
  "{culprits}",
  "$&",
  "“”",
  "<img src=x onerror=alert(1)>",
  "';DROP TABLE rows;--",
  "💥".repeat(32),
  "x".repeat(64),
];

Deno.test("A wallet's name changes neither a code, nor who is named, nor what a sentence is", async () => {
  await using scene = await Scene.start();
  const members = Object.getOwnPropertyNames(Object.prototype).join();
  const fooled = scene.inOrder().find((name) => name !== "bob");
  for (const wallet of hostile) {
    scene.arm("bob", cheats.get("two-stories")!);
    const seen = await scene.generate(wallet);
    for (const name of ["alice", "carol"]) {
      const end = assertFails(scene, seen, name, {
        code: name === fooled ? "invalid-proof" : "equivocation",
        culprits: ["bob"],
        phase: "exchanging",
        key: "no-key",
      });
      assert.equal(end.wallet, wallet);
      const said = explain(end, (peer) => scene.nameOf(peer));
      assert.deepEqual(said, explain({ ...end, wallet: "w" }, (peer) => scene.nameOf(peer)));
    }
  }
  assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), members);
});

Deno.test("A key of any name that can be seen is made, found again, and signs", async () => {
  await using scene = await Scene.start();
  for (const wallet of unseen) {
    await assert.rejects(
      scene.generate(wallet),
      { name: "InputError", field: "wallet" },
      JSON.stringify(wallet),
    );
  }
  for (const wallet of hostile) {
    const made = await scene.generate(wallet);
    assert.ok(made.value, `${JSON.stringify(wallet)}: ${made.error?.code}`);
  }
  const known = (await scene.node("carol").keys()).map(({ wallet }) => wallet);
  assert.deepEqual(known.sort(), [...hostile].sort());
  scene.cluster.kill("bob");
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  for (const wallet of hostile.slice(3, 8)) {
    const signed = await scene.sign(["alice", "bob"], { wallet });
    assert.ok(signed.value, `${JSON.stringify(wallet)}: ${signed.error?.code}`);
    assert.equal(terminalOf(signed, "bob").type, "done");
  }
  assert.deepEqual(all, scene.names);
});
