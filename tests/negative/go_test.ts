import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { decodeOrder } from "../../src/cluster/records/order.ts";
import type { PeerId, WarningCode } from "../../src/failure.ts";
import type { Channel } from "../../src/ports.ts";
import { attemptOf, goRecord, sessionOf } from "../../src/session/invite.ts";
import { sign } from "../../src/session/signed.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { acceptedBy, attemptBy, goOf, inviteTo, openingOf, streamOf, swallows } from "./by_hand.ts";
import { assertFails, assertWorks } from "./honest.ts";
import { item } from "../sim/item.ts";
import { acceptOf, codeOf, commandOf, framed, inPlaceOf, next, reach } from "./raw_peer.ts";
import { hello, Scene, type Seen } from "./scene.ts";

const all = ["alice", "bob", "carol"];

/** How the session of an attempt was seen, by every peer that had one. */
async function seenOf(scene: Scene, attempt: Uint8Array): Promise<Seen> {
  await scene.clock.pass(8_000);
  const events = [...scene.cluster.nodes.values()].flatMap(({ events }) => events);
  const about = events.find((event) => "attempt" in event && event.attempt === attempt.toHex());
  const id = about && "id" in about && about.id !== null ? about.id : "";
  return { id, value: null, error: null, view: (name) => id ? scene.view(name, id) : [] };
}

function warnings(scene: Scene, name: string, code: WarningCode, via: PeerId): number {
  const { events, peer } = scene.everyone(name);
  return events.filter((event) =>
    event.type === "warning" && event.peer === peer && event.code === code && event.via === via
  ).length;
}

/** The failure proves itself against its culprits, and against nobody else. */
async function assertProven(scene: Scene, seen: Seen, name: string): Promise<void> {
  const end = seen.view(name).at(-1)!;
  assert.ok(end.type === "failed");
  assert.equal(await scene.proof(end, { items: [{ message: hello }] }), "proven", name);
  for (const honest of scene.names.filter((other) => !end.culprits.includes(scene.peer(other)))) {
    const framed = { ...end, culprits: [scene.peer(honest)] };
    assert.notEqual(
      await scene.proof(framed, { items: [{ message: hello }] }),
      "proven",
      `${honest} framed by ${name}`,
    );
    const beside = { ...end, culprits: [...end.culprits, scene.peer(honest)] };
    assert.notEqual(
      await scene.proof(beside, { items: [{ message: hello }] }),
      "proven",
      `${honest} beside, by ${name}`,
    );
  }
}

Deno.test("Go: who signs two of one attempt is named by everyone, provably", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const { identity: carol } = scene.everyone("carol");
  swallows(scene, "carol");
  const made = await attemptBy(scene, "carol", all);
  const [alice, bob] = [
    await acceptedBy(scene, "carol", "alice", made),
    await acceptedBy(scene, "carol", "bob", made),
  ];
  const accepts = { alice: alice.accept, bob: bob.accept };
  const [one, other] = [
    await acceptOf(carol, made.attempt),
    await acceptOf(carol, made.attempt, { nonce: new Uint8Array(32) }),
  ];
  await alice.channel.send(await goOf(carol, made, { ...accepts, carol: one }));
  await bob.channel.send(await goOf(carol, made, { ...accepts, carol: other }));
  const seen = await seenOf(scene, made.attempt);
  for (const name of ["alice", "bob"]) {
    assertFails(scene, seen, name, { code: "equivocation", culprits: ["carol"], key: "safe" });
    await assertProven(scene, seen, name);
  }
});

Deno.test("Go: who accepts one attempt twice in one boot is named beside the coordinator that shows both", async () => {
  await using scene = await Scene.start({ names: [...all, "dave"], threshold: 4 });
  const { identity: carol } = scene.everyone("carol");
  const { identity: dave } = scene.everyone("dave");
  for (const name of ["carol", "dave"]) swallows(scene, name);
  const made = await attemptBy(scene, "carol", scene.names);
  const [alice, bob] = [
    await acceptedBy(scene, "carol", "alice", made),
    await acceptedBy(scene, "carol", "bob", made),
  ];
  const accepts = { alice: alice.accept, bob: bob.accept, carol: await acceptOf(carol, made.attempt) };
  const twice = [
    await acceptOf(dave, made.attempt),
    await acceptOf(dave, made.attempt, { firstRound: new Uint8Array(3) }),
  ];
  await alice.channel.send(await goOf(carol, made, { ...accepts, dave: twice[0]! }));
  await bob.channel.send(await goOf(carol, made, { ...accepts, dave: twice[1]! }));
  const seen = await seenOf(scene, made.attempt);
  for (const name of ["alice", "bob"]) {
    // Bob's go has an accept without a first round, which is found first if nobody's stream has come.
    const { code } = seen.view(name).at(-1) as { code?: string };
    if (name === "bob" && code === "malformed-message") {
      assertFails(scene, seen, name, { code: "malformed-message", culprits: ["dave"] });
    } else assertFails(scene, seen, name, { code: "equivocation", culprits: ["carol", "dave"] });
    await assertProven(scene, seen, name);
  }
});

Deno.test("Go: an honest member that restarts between two accepts of one attempt is named by nobody", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const { identity: carol } = scene.everyone("carol");
  swallows(scene, "carol");
  const made = await attemptBy(scene, "carol", all);
  const before = await acceptedBy(scene, "carol", "bob", made);
  scene.cluster.kill("bob");
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  const bob = await acceptedBy(scene, "carol", "bob", made);
  assert.notDeepEqual(before.accept, bob.accept);
  const alice = await acceptedBy(scene, "carol", "alice", made);
  const accepts = { alice: alice.accept, carol: await acceptOf(carol, made.attempt) };
  await alice.channel.send(await goOf(carol, made, { ...accepts, bob: before.accept }));
  await bob.channel.send(await goOf(carol, made, { ...accepts, bob: bob.accept }));
  const seen = await seenOf(scene, made.attempt);
  for (const name of ["alice", "bob"]) {
    assertFails(scene, seen, name, { code: "equivocation", culprits: ["carol"] });
    await assertProven(scene, seen, name);
  }
});

Deno.test("Go: who says on its stream that it is in another session, and shows no go for that, is named", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const { identity: carol } = scene.everyone("carol");
  const other = new Uint8Array(32).fill(7);
  const gos: Record<string, (go: Uint8Array, attempt: Uint8Array) => Promise<Uint8Array> | Uint8Array> = {
    "no go": () => new Uint8Array(),
    "the go of this session": (go) => go,
    "a go of its own": async (_go, attempt) =>
      (await sign(carol, goRecord, {
        attempt,
        accepts: [
          await acceptOf(carol, attempt),
          await acceptOf(carol, attempt),
          await acceptOf(carol, attempt),
        ],
      })).encoded,
  };
  for (const [what, goFor] of Object.entries(gos)) {
    swallows(scene, "carol");
    let attempt: Uint8Array = new Uint8Array();
    scene.node("carol").network.handle(protocols.invite, (channel) => {
      void (async () => {
        attempt = attemptOf(decodeOrder((await channel.receive())!)!.signed);
        await channel.send(await acceptOf(carol, attempt));
        const go = (await channel.receive())!;
        for (const name of ["alice", "bob"]) {
          const stream = await scene.node("carol").network.open(scene.peer(name), protocols.session, {});
          await stream.send(
            await openingOf(carol, { attempt, session: other, go: await goFor(go, attempt) }),
          );
          // Nothing is unsealed before it was compared: this would not open under any key.
          await stream.send(new Uint8Array(100).fill(1));
        }
      })();
    }, { maxFrame: 1 << 20 });
    const seen = await scene.sign(all, { by: "alice" });
    for (const name of ["alice", "bob"]) {
      const end = assertFails(scene, seen, name, {
        code: "malformed-message",
        culprits: ["carol"],
        key: "safe",
      });
      assert.equal(end.attempt, attempt.toHex(), what);
      for (const honest of ["alice", "bob"]) {
        assert.notEqual(await scene.proof({ ...end, culprits: [scene.peer(honest)] }), "proven", what);
      }
    }
  }
});

Deno.test("Go: one that mixes two attempts, is somebody else's, or lacks this member's accept opens nothing, and blames nobody", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { identity: carol } = scene.everyone("carol");
  const { identity: alice } = scene.everyone("alice");
  swallows(scene, "carol");
  const carols = (attempt: Uint8Array) => acceptOf(carol, attempt);
  const cases = [
    "mixes two attempts",
    "is somebody else's",
    "lacks bob's accept",
    "has one accept too few",
    "does not decode",
  ];
  for (const [i, what] of cases.entries()) {
    const [made, another] = [
      await attemptBy(scene, "carol", ["bob", "carol"]),
      await attemptBy(scene, "carol", ["bob", "carol"]),
    ];
    const bob = await acceptedBy(scene, "carol", "bob", made);
    const { attempt } = made;
    const accepts = { bob: bob.accept, carol: await carols(attempt) };
    const wrong: Record<string, () => Promise<Uint8Array>> = {
      "mixes two attempts": async () =>
        await goOf(carol, made, { ...accepts, carol: await carols(another.attempt) }),
      "is somebody else's": () => goOf(alice, made, accepts),
      "lacks bob's accept": async () => await goOf(carol, made, { ...accepts, bob: await carols(attempt) }),
      "has one accept too few": async () =>
        (await sign(carol, goRecord, { attempt, accepts: [bob.accept] })).encoded,
      "does not decode": () => Promise.resolve(new Uint8Array(50)),
    };
    await bob.channel.send(await wrong[what]!());
    await scene.clock.pass(1_200);
    // The first go has used up what was drawn: the right one comes too late.
    await bob.channel.send(await goOf(carol, made, accepts)).catch(() => {});
    const seen = await seenOf(scene, attempt);
    assert.deepEqual(seen.view("bob"), [], what);
    assert.equal(warnings(scene, "bob", "unauthentic-frame", carol.peer), i + 1, what);
  }
  const blamed = scene.everyone("bob").events.filter((event) => event.type === "failed");
  assert.deepEqual(blamed, []);
  await scene.cluster.boot("carol");
  await assertWorks(scene);
});

Deno.test("Go: an invite that was accepted is not accepted again after it lapsed, and a late go opens nothing", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { identity: carol } = scene.everyone("carol");
  const made = await attemptBy(scene, "carol", ["bob", "carol"]);
  const bob = await acceptedBy(scene, "carol", "bob", made);
  await scene.clock.pass(2_500);
  const go = await goOf(carol, made, { bob: bob.accept, carol: await acceptOf(carol, made.attempt) });
  await bob.channel.send(go).catch(() => {});
  for (const wait of [0, 10_000, 40_000]) {
    await scene.clock.pass(wait);
    const { channel, answer } = await inviteTo(scene, "carol", "bob", made);
    assert.equal(answer, "broken", `after ${wait} ms`);
    await channel.send(go).catch(() => {});
  }
  assert.ok(warnings(scene, "bob", "replayed-frame", carol.peer) > 0);
  const seen = await seenOf(scene, made.attempt);
  assert.deepEqual(seen.view("bob"), []);
  await assertWorks(scene);
});

Deno.test("Go: a member draws once for an attempt, and what lapsed is wiped and runs in no session", async () => {
  const drawn: { wiped: boolean; ran: boolean }[] = [];
  let made = 0;
  await using scene = await Scene.start({
    threshold: 2,
    vault(identity, random, clock) {
      const vault = shareVault({ secrets: identity.secrets(), peer: identity.peer, random, clock });
      if (++made !== 2) return vault;
      return {
        ...vault,
        async draw(task) {
          const inner = await vault.draw(task);
          const one = { wiped: false, ran: false };
          if (task.kind === "sign") drawn.push(one);
          return {
            firstRound: inner.firstRound,
            run(agreed, io) {
              one.ran = true;
              return inner.run(agreed, io);
            },
            [Symbol.dispose]() {
              one.wiped = true;
              inner[Symbol.dispose]();
            },
          };
        },
      };
    },
  });
  const attempt = await attemptBy(scene, "carol", ["bob", "carol"]);
  await acceptedBy(scene, "carol", "bob", attempt);
  assert.deepEqual(drawn, [{ wiped: false, ran: false }]);
  await scene.clock.pass(2_500);
  await inviteTo(scene, "carol", "bob", attempt);
  assert.deepEqual(drawn, [{ wiped: true, ran: false }]);
});

Deno.test("Go: streams that come before it are kept until it comes, and dropped if it never does", async () => {
  const late = { ms: 0 };
  await using scene = await Scene.start({
    threshold: 2,
    carry: (_clock, nameOf) => ({ bytes, protocol, from, to }) => {
      const isGo = protocol === protocols.invite &&
        new TextDecoder("latin1").decode(bytes).includes("quorate/4/go");
      const held = isGo && nameOf(from) === "alice" && nameOf(to) === "bob";
      return held && late.ms === Infinity ? [] : [{ bytes, afterMs: held ? late.ms : 0 }];
    },
  });
  // Alice's stream, with an open and an envelope, is at bob's long before her go.
  late.ms = 1_500;
  const signed = await scene.sign(["alice", "bob"]);
  assert.ok(signed.value, signed.error?.code);
  late.ms = Infinity;
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "alice", { code: "peer-left", missing: ["bob"], key: "safe" });
  assert.deepEqual(seen.view("bob"), []);
  late.ms = 0;
  await assertWorks(scene);
});

Deno.test("Go: of the streams that come before it, one of each peer is kept", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { identity: carol } = scene.everyone("carol");
  const made = await attemptBy(scene, "carol", ["bob", "carol"]);
  await acceptedBy(scene, "carol", "bob", made);
  const opened: Channel[] = [];
  for (let i = 0; i < 20; i++) {
    const stream = await streamOf(scene, "carol", "bob", protocols.session);
    const session = new Uint8Array(32).fill(i);
    await stream.send(await openingOf(carol, { attempt: made.attempt, session, go: new Uint8Array() }));
    opened.push(stream);
  }
  const ends = await Promise.all(opened.map((stream) => next(scene, stream, 200)));
  assert.deepEqual(ends.filter((end) => end === "nothing").length, 1, `${ends}`);
  await scene.clock.pass(3_000);
  assert.equal(await next(scene, opened[0]!, 200), "broken", "the accept has lapsed");
  await assertWorks(scene);
});

Deno.test("Go: a stream of who is not in the party is hung up on, before the go and after it", async () => {
  await using scene = await Scene.start({ names: [...all, "dave"], threshold: 2 });
  const { identity: dave } = scene.everyone("dave");
  const { identity: carol } = scene.everyone("carol");
  swallows(scene, "carol");
  const made = await attemptBy(scene, "carol", ["bob", "carol"]);
  const bob = await acceptedBy(scene, "carol", "bob", made);
  const opening = await openingOf(dave, {
    attempt: made.attempt,
    session: new Uint8Array(32),
    go: new Uint8Array(),
  });
  const early = await streamOf(scene, "dave", "bob", protocols.session);
  await early.send(opening);
  assert.equal(await next(scene, early, 200), "broken");
  const accepts = { bob: bob.accept, carol: await acceptOf(carol, made.attempt) };
  await bob.channel.send(await goOf(carol, made, accepts));
  const late = await streamOf(scene, "dave", "bob", protocols.session);
  await late.send(opening);
  assert.equal(await next(scene, late, 200), "broken");
  const seen = await seenOf(scene, made.attempt);
  assertFails(scene, seen, "bob", { code: "round-timeout", missing: ["carol"], key: "safe" });
});

Deno.test("Go: a coordinator that leaves after it is missing at everybody, and its command is used up", async () => {
  await using scene = await Scene.start({ names: [...all, "dave"], consoles: ["eve"], threshold: 3 });
  const eve = await inPlaceOf(scene, "eve");
  const sent = await commandOf(scene, eve.identity, {
    kind: "sign",
    wallet: "treasury",
    members: [],
    threshold: 0,
    items: [item({ message: hello })],
    signers: all.map((name) => scene.peer(name)).sort(),
  });
  scene.arm("alice", cheats.get("silence")!);
  const channel = await reach(scene, eve, "alice", protocols.command);
  await channel.send(framed(sent, [item({ message: hello })]));
  await scene.clock.pass(200); // the go is out, and nothing follows it
  const proposed = scene.everyone("alice").events.flatMap((event) =>
    event.type === "proposed" && event.kind === "sign" && event.peer === scene.peer("alice")
      ? [event.attempt!]
      : []
  );
  assert.equal(proposed.length, 1);
  scene.cluster.kill("alice");
  const attempt = Uint8Array.fromHex(proposed[0]!);
  const seen = await seenOf(scene, attempt);
  for (const name of ["bob", "carol"]) {
    assertFails(scene, seen, name, { code: "peer-left", missing: ["alice"], key: "safe" });
  }
  assert.deepEqual(seen.view("dave"), []);
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  assert.equal(await codeOf(scene, eve, sent, { items: [item({ message: hello })] }), "replayed-command");
  await assertWorks(scene);
});

Deno.test("Go: if it reaches one of two members, the other is missing, and no other party is proposed", async () => {
  const deaf = { on: false };
  await using scene = await Scene.start({
    names: [...all, "dave"],
    threshold: 3,
    carry: (_clock, nameOf) => ({ bytes, protocol, to }) => {
      const isGo = protocol === protocols.invite &&
        new TextDecoder("latin1").decode(bytes).includes("quorate/4/go");
      return deaf.on && isGo && nameOf(to) === "carol" ? [] : [{ bytes, afterMs: 0 }];
    },
  });
  deaf.on = true;
  const others = scene.names.filter((name) => name !== "alice" && name !== "carol");
  for (let tries = 0;; tries++) {
    assert.ok(tries < 20, "carol is never invited");
    const seen = await scene.watch(() =>
      scene.node("alice").sign({ wallet: "treasury", scheme: "ed25519", message: hello })
    );
    assert.equal(seen.view("alice").filter(({ type }) => type === "proposed").length, 1);
    if (seen.value) continue; // a party without carol
    assertFails(scene, seen, "alice", { code: "peer-left", missing: ["carol"], key: "safe" });
    const present = others.filter((name) => seen.view(name).length > 0);
    assert.equal(present.length, 1);
    const end = seen.view(present[0]!).at(-1)!;
    assert.ok(end.type === "failed");
    assert.deepEqual([end.culprits, end.missing], [[], [scene.peer("carol")]]);
    assert.deepEqual(seen.view("carol"), []);
    break;
  }
  deaf.on = false;
  await assertWorks(scene);
});

Deno.test("Go: the accepts that two of them carry make two sessions, in whatever they differ", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { identity: carol } = scene.everyone("carol");
  const made = await attemptBy(scene, "carol", ["bob", "carol"]);
  const accepts = [
    await acceptOf(carol, made.attempt),
    await acceptOf(carol, made.attempt, { boot: new Uint8Array(8) }),
    await acceptOf(carol, made.attempt, { nonce: new Uint8Array(32) }),
    await acceptOf(carol, made.attempt, { firstRound: new Uint8Array(3) }),
  ];
  const sessions = new Set(accepts.map((accept) => sessionOf(made.invite, [accept]).toHex()));
  assert.equal(sessions.size, accepts.length);
});
