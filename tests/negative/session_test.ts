import assert from "node:assert/strict";
import { type Cheat, sending } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import {
  abortsWith,
  blabs,
  cheatOf,
  conflictingDuplicate,
  forgedCancel,
  noEcho,
  roundTooEarly,
  tooLong,
  unknownRound,
  unreadableAbort,
  whispers,
  wrongEcho,
} from "../../src/demo/cheats/session_cheats.ts";
import { abortRecord, abortRound, cancelRecord } from "../../src/session/control.ts";
import { encodeEnvelope, signEnvelope } from "../../src/session/envelope.ts";
import type { Failure } from "../../src/events.ts";
import type { Store } from "../../src/ports.ts";
import { sign } from "../../src/session/signed.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { assertCaught, assertFails, assertWorks, type Ends, terminalOf } from "./honest.ts";
import { Scene } from "./scene.ts";

const all = ["alice", "bob", "carol"];

function caught(name: string, cheat: Cheat, ends: Omit<Ends, "culprits">): void {
  for (const kind of cheat.kinds) {
    Deno.test(`runSession() names ${name}, in ${kind}`, async () => {
      await using scene = await Scene.start(kind === "sign" ? { threshold: 3 } : {});
      const act = () => kind === "sign" ? scene.sign(all) : scene.generate();
      await assertCaught(scene, "bob", cheat, act, { culprits: ["bob"], phase: "exchanging", ...ends });
    });
  }
}

caught("who speaks of a round that does not exist", unknownRound, { code: "unexpected-round" });
caught("who speaks of a round that is not due", roundTooEarly, { code: "unexpected-round" });
caught("who says two things in one place", { ...conflictingDuplicate, kinds: ["generate"] }, {
  code: "equivocation",
});
caught("who whispers what all must hear", whispers, { code: "malformed-message" });
caught("who tells everyone what is for one alone", blabs, { code: "malformed-message" });
caught("who sends a message that is too long", tooLong, { code: "malformed-message" });
caught("who puts words into others' mouths", wrongEcho, { code: "malformed-message" });
caught("who passes nothing on", noEcho, { code: "malformed-message" });
caught("who ends it without sense", unreadableAbort, { code: "malformed-message" });

Deno.test("runSession() names who says two things in one place, in sign, where whoever still waits hears both", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  scene.arm("bob", { ...conflictingDuplicate, withholdsMs: Infinity });
  scene.arm("carol", cheats.get("slow")!);
  const seen = await scene.sign(all, { by: "alice" });
  assertFails(scene, seen, "alice", { code: "equivocation", culprits: ["bob"], round: "share" });
  // Carol has heard one good share of each, and has a signature.
  assertFails(scene, seen, "carol", {
    code: "aborted-by-peer",
    claims: [{ by: "alice", code: "equivocation", peers: ["bob"] }],
  });
  for (const cheater of scene.adversaries.values()) cheater.disarm();
  await assertWorks(scene);
});

Deno.test("runSession() names at every peer who put words into mouths before one of them only", async () => {
  await using scene = await Scene.start();
  const alice = scene.peer("alice");
  const toOne: Cheat = {
    ...wrongEcho,
    wrap: (wire, about, tools) => {
      const lying = wrongEcho.wrap(wire, about, tools);
      return {
        ...lying,
        send: (to, round, body, audience) => (to === alice ? lying : wire).send(to, round, body, audience),
      };
    },
  };
  await assertCaught(scene, "bob", toOne, () => scene.generate(), {
    code: "malformed-message",
    culprits: ["bob"],
  });
});

Deno.test("runSession() blames nobody when a liar shows true messages of the peer it accuses", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const { identity, peer } = scene.everyone("carol");
  const shown: Uint8Array[] = [];
  // Bob has heard what carol said, under her signature, in this session and in those before it.
  const overheard: Cheat = {
    ...unknownRound,
    wrap: (wire, { session }) =>
      sending(wire, (said) => {
        if (said.to === scene.peer("bob")) {
          void signEnvelope(identity, { session, round: said.round, to: "*", body: said.body })
            .then((envelope) => shown.unshift(encodeEnvelope(envelope)));
        }
        return [said];
      }),
  };
  for (const code of ["invalid-signature-share", "equivocation", "malformed-message"] as const) {
    scene.arm("carol", overheard);
    const lie = abortsWith({ from: "share", code, peers: [peer], evidence: () => shown.slice(0, 16) });
    await assertCaught(scene, "bob", lie, () => scene.sign(all, { by: "alice" }), {
      code: "aborted-by-peer",
      claims: [{ by: "bob", code, peers: ["carol"] }],
      phase: "exchanging",
    });
    assert.ok(shown.length > 0);
  }
});

Deno.test("runSession() counts what one peer claims once, however often it says so", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const carol = scene.peer("carol");
  const again = cheatOf({
    name: "repeated-abort",
    label: "abort a hundred times",
    expects: { outcome: "failed", code: "aborted-by-peer", names: "nobody" },
  }, (said) =>
    said.round !== "share" ? [] : Array.from({ length: 100 }, (_, i) => ({
      ...said,
      round: abortRound,
      audience: "all" as const,
      body: abortRecord.encode({
        code: "invalid-signature-share",
        round: `${i}`,
        peers: [carol],
        evidence: [],
      }),
    })));
  await assertCaught(scene, "bob", again, () => scene.sign(all, { by: "alice" }), {
    code: "aborted-by-peer",
    claims: [{ by: "bob", code: "invalid-signature-share", peers: ["carol"] }],
  });
});

Deno.test("runSession() is not cancelled by anyone but the initiator, by abort or by cancellation", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  scene.arm("bob", forgedCancel);
  const seen = await scene.sign(all, { by: "alice" });
  assert.ok(seen.value, `a forged cancellation changes nothing: ${seen.error?.code}`);
  const { identity } = scene.everyone("bob");
  const own = (await sign(identity, cancelRecord, { id: new Uint8Array(16) })).encoded;
  const lie = abortsWith({ from: "share", code: "cancelled", peers: [], evidence: () => [own] });
  await assertCaught(scene, "bob", lie, () => scene.sign(all, { by: "alice" }), {
    code: "aborted-by-peer",
    claims: [{ by: "bob", code: "cancelled", peers: [] }],
  });
});

Deno.test("runSession() ends with cancelled at every peer when the initiator says so", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const silence = cheats.get("silence")!;
  for (const by of ["alice", "carol"]) {
    scene.arm("bob", silence);
    const controller = new AbortController();
    scene.clock.timer(1_000, () => controller.abort());
    const seen = await scene.watch(() =>
      scene.node(by).sign({ wallet: "treasury", scheme: "ed25519", message: new Uint8Array(1) }, {
        signal: controller.signal,
      })
    );
    assert.equal(seen.error?.code, "cancelled");
    for (const name of all) {
      assertFails(scene, seen, name, { code: "cancelled", phase: "exchanging", key: "safe" });
    }
  }
  await assertWorks(scene);
});

Deno.test("runSession() is not hurt by what comes after its end", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const late: Cheat = {
    ...unknownRound,
    name: "late",
    wrap: (wire, _about, { clock }) => ({
      ...wire,
      verify: (statement) => wire.verify(statement),
      send(to, round, body, audience) {
        wire.send(to, round, body, audience);
        for (const ms of [50, 150, 400, 1_900]) {
          clock.timer(ms, () => wire.send(to, "no such round", body, audience));
        }
      },
    }),
  };
  scene.arm("bob", late);
  const seen = await scene.sign(all);
  await scene.clock.pass(5_000);
  for (const name of ["alice", "carol"]) assert.equal(terminalOf(seen, name).type, "done");
  await assertWorks(scene);
});

async function endsAtOnce(diesAfter: number): Promise<void> {
  let armed = false;
  const dying = (name: string): Store => {
    const store = memoryStore();
    return {
      ...store,
      swap(row, from, sealed) {
        if (!armed || !row.startsWith("command/") || scene.inOrder()[1] !== name) {
          return store.swap(row, from, sealed);
        }
        armed = false;
        scene.clock.timer(diesAfter, () => scene.cluster.kill(name));
        return new Promise(() => {});
      },
    };
  };
  await using scene = await Scene.start({ store: dying });
  // Its streams: one that it opens itself, and one that another opens to it.
  const [first, middle, last] = scene.inOrder() as [string, string, string];
  armed = true;
  const began = scene.clock.now();
  const seen = await scene.generate("savings", 2, { by: first });
  await scene.clock.pass(1_000);
  for (const name of [first, last]) {
    const terminal = terminalOf(seen, name);
    assert.deepEqual([terminal.type, (terminal as Failure).missing], ["failed", [scene.peer(middle)]], name);
    assert.ok(terminal.at - began < 1_000, `${name} waited ${terminal.at - began} ms`);
  }
  const again = await scene.generate("savings", 2, { by: first, members: [first, last] });
  assert.equal(again.error, null);
}

Deno.test("generateKey() ends at once, at all, when a member dies as its session opens", async () => {
  await endsAtOnce(0); // before the others look for its streams
  await endsAtOnce(50); // while they wait for them
});
