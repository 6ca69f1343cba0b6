/**
 * A batch in which somebody cheats: everyone honest names exactly that peer, and says which items it has spoilt.
 */
import assert from "node:assert/strict";
import { explain, type ItemInput, verify } from "../../mod.ts";
import type { Cheat } from "../../src/demo/cheats/cheat_wire.ts";
import { frostSuites } from "../../src/protocol/sign_frost_messages.ts";
import type { Failure } from "../../src/events.ts";
import { messageRecord } from "../../src/session/echo.ts";
import {
  acceptingWith,
  type FrostScheme,
  noCommitments,
  recording,
  spoiling,
  withCommitments,
  withShares,
} from "./batch_cheats.ts";
import { assertCaught, assertFails, assertWorks, type Ends, terminalOf } from "./honest.ts";
import { hello, Scene, type Seen } from "./scene.ts";

const all = ["alice", "bob", "carol"];
const frostSchemes = Object.keys(frostSuites) as FrostScheme[];
const root = new Uint8Array(32).fill(9);

/** Five items: the key, children of it, one message twice, and for BIP-340 outputs. */
const itemsOf = (scheme: FrostScheme): readonly ItemInput[] => [
  { message: hello },
  { message: hello.subarray(1), path: [7] },
  { message: hello },
  { message: new Uint8Array(), path: [1, 2], ...scheme === "bip340" && { merkleRoot: new Uint8Array() } },
  { message: hello.subarray(2), ...scheme === "bip340" && { merkleRoot: root } },
];

/** Each signature is that of its item, under the key that the item says. */
function assertSigned(
  scene: Scene,
  items: readonly ItemInput[],
  seen: Awaited<ReturnType<Scene["signBatch"]>>,
) {
  assert.ok(seen.value, seen.error?.code);
  assert.equal(seen.value.length, items.length);
  for (const [i, item] of items.entries()) assert.ok(verify(scene.key, item, seen.value[i]!), `item ${i}`);
}

/** What `name` says of the items of its failed batch. */
function itemsToldBy(seen: Seen, name: string) {
  const end = terminalOf(seen, name);
  assert.ok(end.type === "failed");
  const { items, spoilt } = end;
  return { items, spoilt };
}

for (const scheme of frostSchemes) {
  Deno.test(`sign() of a batch gives a signature of each item, in their order: ${scheme}`, async () => {
    await using scene = await Scene.start({ threshold: 2, scheme, consoles: ["eve"] });
    const items = itemsOf(scheme);
    for (const by of ["alice", "eve"]) {
      assertSigned(scene, items, await scene.signBatch(["alice", "bob"], items, { by }));
    }
    assertSigned(scene, items.slice(0, 1), await scene.signBatch(["bob", "carol"], items.slice(0, 1)));
    assertSigned(scene, items.slice(0, 2), await scene.signBatch(["bob", "carol"], items.slice(0, 2)));
  });

  Deno.test(`sign() of a batch names who spoils one item, and the item; others can check it: ${scheme}`, async () => {
    await using scene = await Scene.start({ threshold: 3, scheme });
    const items = itemsOf(scheme);
    for (const spoilt of [[0], [3], [4], [1, 2, 4]]) {
      scene.arm("bob", spoiling(scheme, ...spoilt));
      const seen = await scene.signBatch(all, items);
      assert.equal(seen.value, null, "of the other items no signature is given either");
      assert.deepEqual(seen.error!.items, spoilt, "whoever asked is told");
      for (const name of ["alice", "carol"]) {
        const end = assertFails(scene, seen, name, {
          code: "invalid-signature-share",
          culprits: ["bob"],
          phase: "exchanging",
          round: "share",
          key: "safe",
        });
        assert.deepEqual(itemsToldBy(seen, name), { items: 5, spoilt }, name);
        assert.equal(await scene.proof(end, { items }), "proven", `${spoilt} as ${name} tells it`);
        assert.equal(await scene.proof(end), "unknown", "without what was to be signed");
        assert.equal(await scene.proof(end, { items: items.toReversed() }), "unknown", "in another order");
        assert.equal(await scene.proof(end, { items: items.slice(1) }), "unknown", "without one item");
        for (const honest of ["alice", "carol"]) {
          const framed = { ...end, culprits: [scene.peer(honest)] };
          assert.notEqual(await scene.proof(framed, { items }), "proven", `${honest} framed by ${name}`);
        }
        const lies = [{ spoilt: [...spoilt, 6] }, { spoilt: spoilt.slice(1) }, {
          spoilt: [(spoilt[0]! + 1) % 5],
        }];
        for (const lie of [...lies, { items: 50 }]) {
          assert.equal(await scene.proof({ ...end, ...lie }, { items }), "not-proven", JSON.stringify(lie));
        }
      }
    }
    const own = scene.everyone("alice").events.filter((event) =>
      event.type === "failed" && event.peer === scene.peer("alice")
    );
    const { what, key } = explain(own.at(-1) as Failure, (peer) => scene.nameOf(peer));
    assert.ok(what.endsWith("This concerns 3 of 5 items: no. 2, 3, and 5."), what);
    assert.ok(key.endsWith("All 5 items count as possibly signed."), key);
    await assertWorks(scene);
  });
}

Deno.test("sign() of a batch names two who spoil different items, and all of these; and nobody else", async () => {
  const names = [...all, "dave"];
  await using scene = await Scene.start({ names, threshold: 4 });
  scene.arm("bob", spoiling("ed25519", 1, 3));
  scene.arm("dave", spoiling("ed25519", 0, 3));
  const items = itemsOf("ed25519");
  const seen = await scene.signBatch(names, items);
  for (const name of ["alice", "carol"]) {
    const end = assertFails(scene, seen, name, {
      code: "invalid-signature-share",
      culprits: ["bob", "dave"],
      key: "safe",
    });
    assert.deepEqual(itemsToldBy(seen, name), { items: 5, spoilt: [0, 1, 3] }, name);
    assert.equal(await scene.proof(end, { items }), "proven");
  }
  await assertWorks(scene);
});

/** Bob cheats so in a batch of five: alice and carol end so. */
function caught(
  what: string,
  cheat: (scene: Scene) => Cheat,
  ends: Ends | ((name: string) => Ends),
  proof: string,
) {
  Deno.test(`sign() of a batch names ${what}`, async () => {
    await using scene = await Scene.start({ threshold: 3 });
    const items = itemsOf("ed25519");
    const act = () => scene.signBatch(all, items);
    const seen = await assertCaught(scene, "bob", cheat(scene), act, ends);
    for (const name of ["alice", "carol"]) {
      const end = terminalOf(seen, name);
      assert.ok(end.type === "failed");
      assert.deepEqual(itemsToldBy(seen, name), { items: 5, spoilt: undefined }, name);
      if (end.culprits.length > 0) assert.equal(await scene.proof(end, { items }), proof, name);
    }
  });
}

const named = { culprits: ["bob"], phase: "exchanging", key: "safe" } as const;
const malformed = (round: string): Ends => ({ ...named, code: "malformed-message", round });
const unpromised: Ends = { ...named, code: "invalid-commitment", round: "commit" };

caught(
  "who sends one share too few",
  () => withShares("ed25519", "malformed-message", (shares) => shares.slice(1)),
  malformed("share"),
  "proven",
);
caught(
  "who sends one share too many",
  () => withShares("ed25519", "malformed-message", (shares) => [...shares, shares[0]!]),
  malformed("share"),
  "proven",
);
caught(
  "who sends no shares",
  () => withShares("ed25519", "malformed-message", () => []),
  malformed("share"),
  "proven",
);
caught(
  "who shows one commitment too few",
  () => withCommitments("ed25519", "malformed-message", (shown) => shown.slice(1)),
  malformed("commit"),
  "proven",
);
caught(
  "who shows one commitment too many",
  () => withCommitments("ed25519", "malformed-message", (shown) => [...shown, shown[0]!]),
  malformed("commit"),
  "proven",
);
for (const item of [0, 4]) {
  caught(
    `who shows another commitment of item ${item} than it has promised`,
    () =>
      withCommitments(
        "ed25519",
        "invalid-commitment",
        (shown) => shown.map((one, i) => i === item ? { hiding: one.binding, binding: one.hiding } : one),
      ),
    unpromised,
    "unknown",
  );
}
caught(
  "who shows its commitments in another order",
  () => withCommitments("ed25519", "invalid-commitment", (shown) => shown.toReversed()),
  unpromised,
  "unknown",
);
caught(
  "who accepts with commitments instead of a promise of them",
  () =>
    acceptingWith(() => {
      const { group, nonceCommitment } = frostSuites.ed25519;
      const [hiding, binding] = [3n, 4n].map((n) => group.encodeElement(group.multiplyBase(n)));
      return nonceCommitment.encode({ hiding: hiding!, binding: binding! });
    }),
  { code: "malformed-message", culprits: ["bob"], key: "safe" },
  "proven",
);

Deno.test("sign() of one item names who accepts with a promise instead of its commitments", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  let promise: Uint8Array = new Uint8Array();
  scene.arm("bob", acceptingWith((_task, honest) => promise = honest));
  await scene.signBatch(all, itemsOf("ed25519"));
  assert.ok(promise.length > 0);
  scene.arm("bob", acceptingWith(() => promise));
  const seen = await scene.sign(all);
  for (const name of ["alice", "carol"]) {
    const end = assertFails(scene, seen, name, { code: "malformed-message", culprits: ["bob"] });
    assert.equal(await scene.proof(end), "proven", name);
  }
});

Deno.test("sign() of a batch names who shows one peer other commitments than another, provably", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const lied = withCommitments(
    "ed25519",
    "invalid-commitment",
    (shown) => shown.toReversed(),
    scene.peer("carol"),
  );
  const act = () => scene.signBatch(all, itemsOf("ed25519"));
  // Carol shows what she was told; alice holds it against what she was told herself.
  const seen = await assertCaught(
    scene,
    "bob",
    lied,
    act,
    (name) => name === "carol" ? unpromised : { ...named, code: "equivocation" },
  );
  assert.equal(await scene.proof(terminalOf(seen, "alice") as Failure), "proven");
});

Deno.test("sign() of a batch names who brings the promise and the commitments of another attempt, or another's", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const items = itemsOf("ed25519");
  const shown: Uint8Array[] = [];
  for (const from of ["bob", "alice"]) {
    // Bob replays what `from` has promised and shown: his own of an earlier attempt, or alice's of this one.
    let promise: Uint8Array = new Uint8Array();
    const kept: Cheat = {
      ...recording("commit", shown),
      firstRound: (_task, honest) => promise.length > 0 ? promise : promise = honest,
    };
    shown.length = 0;
    scene.arm(from, kept);
    if (from === "bob") await scene.signBatch(all, items);
    scene.arm("bob", {
      ...withCommitments("ed25519", "invalid-commitment", (own) => {
        const body = shown[0];
        return body
          ? frostSuites.ed25519.nonceCommitments(5).decode(messageRecord.decode(body).payload)
          : own;
      }),
      firstRound: () => promise,
    });
    const seen = await scene.signBatch(all, items);
    assert.ok(promise.length > 0);
    for (const name of ["alice", "carol"]) assertFails(scene, seen, name, unpromised);
    for (const cheater of scene.adversaries.values()) cheater.disarm();
  }
  await assertWorks(scene);
});

Deno.test("sign() of a batch finds missing who shows no commitments, and blames nobody", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  await assertCaught(scene, "bob", noCommitments, () => scene.signBatch(all, itemsOf("ed25519")), {
    code: "round-timeout",
    missing: ["bob"],
    phase: "exchanging",
    round: "commit",
    key: "safe",
  });
});

Deno.test("sign() of a batch draws nonces of its own for each item, each time", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const bodies: Uint8Array[] = [];
  // The same message five times: nothing but the nonces tells the items apart.
  const items = Array.from({ length: 5 }, () => ({ message: hello }));
  for (let time = 0; time < 2; time++) {
    for (const name of ["alice", "bob"]) scene.arm(name, recording("commit", bodies));
    const seen = await scene.signBatch(["alice", "bob"], items);
    assertSigned(scene, items, seen);
    assert.equal(new Set(seen.value!.map(({ bytes }) => bytes.toHex())).size, 5);
  }
  const points = bodies.flatMap((body) =>
    frostSuites.ed25519.nonceCommitments(5).decode(messageRecord.decode(body).payload)
      .flatMap(({ hiding, binding }) => [hiding.toHex(), binding.toHex()])
  );
  assert.equal(points.length, 2 * 2 * 5 * 2);
  assert.equal(new Set(points).size, points.length);
});
