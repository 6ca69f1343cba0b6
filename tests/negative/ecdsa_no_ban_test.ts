import { decode, encode } from "cborg";
import assert from "node:assert/strict";
import { type Cheat, type Said, saying } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import {
  badEndings,
  otherMask,
  otherRequest,
  otherSalt,
  otherView,
} from "../../src/demo/cheats/ecdsa_cheats.ts";
import type { Task, Vault } from "../../src/ports.ts";
import { messageRecord } from "../../src/session/echo.ts";
import { openNet } from "../../src/session/net.ts";
import { openPair, sealPair } from "../../src/keystore/pair_record.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { badElements } from "../crypto/points.ts";
import { ecdsaScene, nobodyBanned, onDisk } from "./ecdsa_scene.ts";
import { assertFails, terminalOf } from "./honest.ts";
import type { Scene, SceneOptions } from "./scene.ts";

const bothSign = (scene: Scene) => scene.sign(["alice", "bob"]);

/** Changes one field of what is said in a round, as it is encoded. */
function inField(round: string, index: number, change: (field: Uint8Array) => Uint8Array): Cheat {
  const tampered = (said: Said): Said => {
    const { payload, echo } = messageRecord.decode(said.body);
    const fields = decode(payload) as Uint8Array[];
    const body = messageRecord.encode({
      payload: encode(fields.with(index, change(fields[index]!))),
      echo,
    });
    return { ...said, body };
  };
  return {
    ...cheats.get("tampered-multiplication")!,
    wrap: (wire) => saying(wire, (said) => [said.round === round ? tampered(said) : said]),
  };
}

// F12, F13, F15, F18. Where the fields of each message are; 0 is the tag.
const lengths: [round: string, index: number][] = [
  ["extend", 1],
  ["extend", 4],
  ["extend", 5],
  ["extend", 6],
  ["correct", 7],
  ["correct", 8],
  ["correct", 9],
  ["correct", 10],
  ["finish", 1],
  ["finish", 3],
];
const points: [round: string, index: number][] = [["correct", 2], ["correct", 4], ["correct", 5], [
  "correct",
  6,
]];
const scalars: [round: string, index: number][] = [
  ["correct", 7],
  ["correct", 8],
  ["correct", 9],
  ["finish", 1],
  ["finish", 2],
];

Deno.test("sign() names, and does not ban, who sends what does not decode: lengths, points, scalars", async () => {
  await using scene = await ecdsaScene();
  const cases: [string, Cheat][] = [
    ...lengths.flatMap(([round, index]): [string, Cheat][] => [
      [`short ${round} ${index}`, inField(round, index, (bytes) => bytes.slice(1))],
      [`long ${round} ${index}`, inField(round, index, (bytes) => Uint8Array.of(...bytes, 0))],
    ]),
    ...points.flatMap(([round, index]) =>
      badElements.secp256k1.map(({ what, bytes }): [string, Cheat] => [
        `${what} ${round} ${index}`,
        inField(round, index, () => bytes),
      ])
    ),
    ...scalars.map(([round, index]): [string, Cheat] => [
      `scalar ${round} ${index}`,
      inField(round, index, (bytes) => {
        const copy = bytes.slice();
        copy.fill(255, 0, 32);
        return copy;
      }),
    ]),
  ];
  assert.ok(cases.length > 40, `${cases.length} cases`);
  for (const [what, cheat] of cases) {
    scene.arm("bob", cheat);
    const seen = await bothSign(scene);
    const end = terminalOf(seen, "alice");
    assert.ok(end.type === "failed", what);
    assert.deepEqual([what, end.code, end.culprits], [what, "malformed-message", [scene.peer("bob")]]);
    assert.equal(end.remedy, "exclude", what);
  }
  assert.equal(await nobodyBanned(scene), null);
  assert.ok((await bothSign(scene)).value, "they sign together the next time");
});

Deno.test("sign() bans nobody for another request, view, opening or mask, nor for a bad ending", async () => {
  await using scene = await ecdsaScene();
  for (const cheat of [otherRequest, otherView, otherSalt, otherMask]) {
    scene.arm("bob", cheat);
    const seen = await bothSign(scene);
    const { code, names } = cheat.expects;
    assertFails(scene, seen, "alice", { code: code!, culprits: names === "culprit" ? ["bob"] : [] });
    assert.equal(await nobodyBanned(scene), null, cheat.name);
  }
  assert.ok((await bothSign(scene)).value);
  scene.arm("bob", badEndings[0]!);
  assertFails(scene, await bothSign(scene), "alice", { code: "invalid-signature-share", culprits: ["bob"] });
  assert.equal(await nobodyBanned(scene), null);
});

Deno.test("sign() bans nobody for silence, a crash, slowness, old messages or slander", async () => {
  await using scene = await ecdsaScene();
  const ends = {
    "silence": { code: "round-timeout", missing: ["bob"] },
    "crash": { code: "peer-left", missing: ["bob"] },
    "garbage": { code: "malformed-message", culprits: ["bob"] },
    "false-accusation": {
      code: "aborted-by-peer",
      claims: [{ by: "bob", code: "invalid-signature-share", peers: ["alice"] }],
    },
  } as const;
  for (const [name, end] of Object.entries(ends)) {
    scene.arm("bob", cheats.get(name)!);
    assertFails(scene, await bothSign(scene), "alice", end);
    if (name === "crash") {
      await scene.cluster.boot("bob");
      await scene.cluster.linked();
    }
    assert.equal(await nobodyBanned(scene), null, name);
  }
  for (const name of ["slow", "old-message"]) {
    scene.arm("bob", cheats.get(name)!);
    assert.ok((await bothSign(scene)).value, name);
  }
  assert.equal(await nobodyBanned(scene), null);
});

/** Bob's vault is given another task than it should. */
function withBobs(
  confused: { change: ((task: Task & { kind: "sign" }, key: string) => Promise<Task> | Task) | null },
) {
  let made = 0;
  const options: SceneOptions = {
    vault: (identity, random, clock) => {
      const secrets = identity.secrets();
      const vault: Vault = shareVault({ secrets, peer: identity.peer, random, clock, openNet });
      if (++made !== 2) return vault;
      return {
        ...vault,
        async run(task, io) {
          const { change } = confused;
          return await vault.run(
            change && task.kind === "sign" ? await change(task, secrets.storageKey) : task,
            io,
          );
        },
      };
    },
  };
  return options;
}

// F25, F29: honest, but not about the same. None of it may reach a check that bans.
Deno.test("sign() with an honest but confused peer is a session-mismatch, and nobody bans anybody", async () => {
  const confused: Parameters<typeof withBobs>[0] = { change: null };
  await using scene = await ecdsaScene(withBobs(confused));
  const stale = async (task: Task & { kind: "sign" }, storageKey: string) => {
    const { wallet, epoch, publicKey } = task.key;
    const pairs = new Map<string, Uint8Array>();
    for (const [other, sealed] of task.pairs) {
      const of = { wallet, epoch, publicKey, self: task.self, other };
      const state = await openPair(storageKey, of, sealed);
      pairs.set(
        other,
        await sealPair(storageKey, of, { ...state, setup: state.setup.map((byte) => byte ^ 1) }),
      );
    }
    return { ...task, pairs };
  };
  const changes: Record<string, NonNullable<typeof confused.change>> = {
    "another session": (task) => ({ ...task, session: task.session.map((byte) => byte ^ 1) }),
    "session of zeros": (task) => ({ ...task, session: new Uint8Array(32) }),
    "another digest": (task) => ({ ...task, message: task.message.map((byte) => byte ^ 1) }),
    "another path": (task) => ({ ...task, path: [7] }),
    "another order of the signers": (task) => ({ ...task, party: task.party.toReversed() }),
    "pairs of another set-up": stale,
  };
  for (const [what, change] of Object.entries(changes)) {
    confused.change = change;
    const seen = await bothSign(scene);
    const codes = ["alice", "bob"].map((name) => {
      const end = terminalOf(seen, name);
      assert.ok(end.type === "failed" && end.culprits.length === 0, `${what}: ${JSON.stringify(end)}`);
      return end.code;
    });
    assert.ok(codes.includes("session-mismatch"), `${what}: ${codes}`);
    assert.ok(
      codes.every((code) => code === "session-mismatch" || code === "aborted-by-peer"),
      `${what}: ${codes}`,
    );
    assert.equal(await nobodyBanned(scene), null, what);
  }
  confused.change = null;
  assert.ok((await bothSign(scene)).value);
});

Deno.test("sign() says share-corrupt of a pair that is another's, and the pair is kept", async () => {
  const confused: Parameters<typeof withBobs>[0] = { change: null };
  await using scene = await ecdsaScene(withBobs(confused));
  confused.change = (task) => ({
    ...task,
    pairs: new Map(
      [...task.pairs].map(([peer, sealed]) => [peer, sealed.with(-1 + sealed.length, sealed.at(-1)! ^ 1)]),
    ),
  });
  const seen = await bothSign(scene);
  assertFails(scene, seen, "bob", { code: "share-corrupt" });
  assertFails(scene, seen, "alice", {
    code: "aborted-by-peer",
    claims: [{ by: "bob", code: "share-corrupt", peers: [] }],
  });
  assert.deepEqual(await onDisk(scene, "bob"), { banned: [], pairs: ["alice", "carol"] });
  assert.equal(await nobodyBanned(scene), null);
});
