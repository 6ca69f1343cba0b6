import { ed25519 } from "@noble/curves/ed25519.js";
import assert from "node:assert/strict";
import { decodeEnvelope } from "../../src/session/envelope.ts";
import { SessionError } from "../../src/errors.ts";
import { platformClock } from "../../src/platform/platform.ts";
import type { Task } from "../../src/ports.ts";
import { generating } from "../../src/protocol/deal_messages.ts";
import { frostEd25519 } from "../../src/crypto/frost_ed25519.ts";
import { signingFrost } from "../../src/protocol/sign_frost_messages.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { maxFirstRound } from "../../src/limits.ts";
import { groups } from "../../src/crypto/group.ts";
import {
  agreedAlone,
  anyReason,
  failed,
  generateTask,
  generateWork,
  inAWorker,
  kinds,
  outcomes,
  party,
  runAll,
  runAlone,
  session,
  signWork,
  withKey,
  workReported,
} from "./cluster.ts";
import { altered, localIos } from "./local_io.ts";

const message = new TextEncoder().encode("hello threshold");

/** Spoils carol's signature share. */
const wrongShare = altered(
  { from: "carol", round: "share" },
  signingFrost(frostEd25519, 1).rounds.share.codec,
  (shares) => shares.map((share) => share.with(0, share[0]! ^ 1)),
);

/** Shows carol another proof than alice. */
const twoStories = altered(
  { from: "bob", round: "reveal", to: "carol" },
  generating.ed25519.rounds.reveal.codec,
  (m) => ({ ...m, proof: { ...m.proof, response: groups.ed25519.reduce(m.proof.response + 1n) } }),
);

for (const [name, open] of kinds) {
  Deno.test(`${name} generates an ed25519 key and signs with any two of its three shares`, async () => {
    const { vaults, made } = await withKey(open);
    const { key } = made.get("alice")!;
    assert.deepEqual(key.members, party);
    for (const peer of party) {
      assert.deepEqual(made.get(peer)!.key, key);
      assert.deepEqual(made.get(peer)!.transcript, made.get("alice")!.transcript);
    }
    for (const signers of [["alice", "bob"], ["bob", "carol"], ["alice", "carol"]]) {
      for (const outcome of (await outcomes(runAll(vaults, signWork(signers, made, message)))).values()) {
        assert.ok(outcome.kind === "sign");
        assert.ok(ed25519.verify(outcome.signatures[0]!, message, key.publicKey, { zip215: false }));
      }
    }
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} lists the rounds of a task, and tells when each begins and ends`, async () => {
    const { vaults, made } = await withKey(open);
    const vault = vaults.get("alice")!;
    assert.deepEqual(vault.rounds({ kind: "generate", scheme: "ed25519", itemCount: 0 }), [
      "reveal",
      "deal",
      "confirm",
    ]);
    assert.deepEqual(vault.rounds({ kind: "sign", scheme: "ed25519", itemCount: 1 }), ["share"]);
    assert.deepEqual(vault.rounds({ kind: "sign", scheme: "ed25519", itemCount: 2 }), ["commit", "share"]);
    const running = runAll(vaults, signWork(["alice", "bob"], made, message));
    await outcomes(running);
    const { progressed } = running.ios.get("alice")!;
    assert.deepEqual(progressed.filter(({ type }) => type === "round").map((p) => JSON.stringify(p)), [
      '{"type":"round","round":"share","state":"begun","deadlineMs":30000}',
      '{"type":"round","round":"share","state":"done","deadlineMs":30000}',
    ]);
    assert.deepEqual(progressed.filter(({ type }) => type === "heard").length, 1);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} names the cheater, and shows what proves it`, async () => {
    const { vaults, made } = await withKey(open);
    const { endings } = runAll(vaults, signWork(["alice", "carol"], made, message), wrongShare);
    const [alice, carol] = await endings;
    assert.ok(alice?.status === "rejected" && alice.reason instanceof SessionError);
    assert.equal(alice.reason.code, "invalid-signature-share");
    assert.deepEqual(alice.reason.culprits, ["carol"]);
    assert.ok(alice.reason.evidence.length > 0);
    assert.equal(carol!.status, "fulfilled");
    for (const vault of vaults.values()) await vault.close();
  });

  // Through the worker, this asks the main thread whether a signature is authentic.
  Deno.test(`${name} names the peer who tells two stories, by what the others pass on`, async () => {
    const { vaults } = await withKey(open);
    const { runs, ios } = runAll(vaults, generateWork(), twoStories);
    // Carol sees it first, and shows alice what she saw: so does a session.
    runs.get("carol")!.catch((error: SessionError) => {
      const envelope = decodeEnvelope(error.evidence[0]!);
      ios.get("alice")!.put({ type: "envelope", envelope, evidence: true });
    });
    // Carol, if she is slow, reads alice's echo of the other proof before she checks her own.
    const codes = { alice: ["equivocation"], carol: ["invalid-proof", "equivocation"] };
    for (const peer of ["alice", "carol"] as const) {
      const error = await failed(runs.get(peer)!);
      assert.ok(codes[peer].includes(error.code), `${peer}: ${error.code}`);
      assert.deepEqual(error.culprits, ["bob"]);
      assert.ok(error.evidence.length > 0);
      ios.get("bob")!.aborting.abort(error); // who would be waiting for the others until the round is over
    }
    await failed(runs.get("bob")!);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} refuses the share of another peer, or for another key, before it draws anything`, async () => {
    const { vaults, made } = await withKey(open);
    const { tasks } = signWork(["alice", "bob"], made, message);
    const task = tasks.get("alice") as Task & { kind: "sign" };
    const wrong: Task[] = [
      { ...task, share: made.get("bob")!.share },
      { ...task, share: task.share.with(300, task.share[300]! ^ 1) },
      { ...task, key: { ...task.key, epoch: 1 } },
      { ...task, key: { ...task.key, wallet: "mine" } },
      { ...task, keyId: new Uint8Array(32) },
    ];
    for (const task of wrong) {
      const error = await failed(vaults.get("alice")!.draw(task));
      assert.deepEqual([error.code, error.culprits], ["share-corrupt", []]);
    }
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} throws exactly what its run was ended with, and sends nothing more`, async () => {
    const { vaults } = await withKey(open);
    const io = localIos(party, session).get("alice")!;
    const task = generateTask("alice");
    const reason = await anyReason();
    const running = failed(runAlone(vaults.get("alice")!, task, io));
    while (io.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const sent = io.sent.length;
    io.aborting.abort(reason);
    assert.equal(await running, reason);
    assert.equal(io.sent.length, sent);
    const again = localIos(party, session).get("alice")!;
    again.aborting.abort(reason);
    assert.equal(await failed(runAlone(vaults.get("alice")!, task, again)), reason);
    assert.deepEqual(again.sent, []);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} calls what it did not expect internal`, async () => {
    const { vaults } = await withKey(open);
    const error = await failed(vaults.get("alice")!.draw({ ...generateTask("alice"), threshold: 7 }));
    assert.deepEqual([error.code, error.culprits], ["internal", []]);
    assert.ok(error.cause !== undefined);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} runs what it has drawn once, and nothing that was dropped`, async () => {
    const { vaults, made } = await withKey(open);
    const work = signWork(["alice", "bob"], made, message);
    const task = work.tasks.get("alice")!;
    const vault = vaults.get("alice")!;
    for (const use of ["run", "dropped"] as const) {
      const drawn = await vault.draw(task);
      const [first, second] = [1, 2].map(() => localIos(task.party, session).get("alice")!);
      const reason = await anyReason();
      if (use === "dropped") drawn[Symbol.dispose]();
      else {
        const running = failed(drawn.run(agreedAlone(drawn, task), first!));
        first!.aborting.abort(reason);
        assert.equal(await running, reason);
      }
      const error = await failed(drawn.run(agreedAlone(drawn, task), second!));
      assert.deepEqual([error.code, second!.sent], ["internal", []], use);
    }
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} draws other nonces each time`, async () => {
    const { vaults, made } = await withKey(open);
    const task = signWork(["alice", "bob"], made, message).tasks.get("alice")!;
    const vault = vaults.get("alice")!;
    const drawn = [await vault.draw(task), await vault.draw(task)];
    assert.notDeepEqual(drawn[0]!.firstRound, drawn[1]!.firstRound);
    for (const one of drawn) {
      assert.ok(vault.isFirstRound({ ...task, itemCount: 1 }, one.firstRound));
      assert.ok(one.firstRound.length <= maxFirstRound);
      one[Symbol.dispose]();
    }
    assert.equal(vault.isFirstRound({ ...task, itemCount: 1 }, new Uint8Array(7)), false);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} draws and runs nothing after close()`, async () => {
    const { vaults } = await withKey(open);
    const drawn = await vaults.get("alice")!.draw(generateTask("alice"));
    for (const vault of vaults.values()) {
      await vault.close();
      await vault.close();
    }
    const io = localIos(party, session).get("alice")!;
    const error = await failed(drawn.run(agreedAlone(drawn, generateTask("alice")), io));
    assert.deepEqual([error.code, io.sent], ["shutdown", []]);
    assert.equal((await failed(vaults.get("alice")!.draw(generateTask("alice")))).code, "shutdown");
  });

  Deno.test(`${name} lets neither the share nor the storage key out`, async () => {
    const { vaults, made, keys } = await withKey(open);
    const running = runAll(vaults, signWork(["alice", "bob"], made, message));
    const all = JSON.stringify(
      [[...(await outcomes(running)).values()], [...made.values()], running.ios.get("alice")!.sent],
      (_, value) => value instanceof Uint8Array ? value.toHex() : value,
    );
    assert.ok(!all.includes(keys.get("alice")!));
    const { openShare } = await import("../../src/keystore/share_record.ts");
    const { key, share } = made.get("alice")!;
    using opened = await openShare(keys.get("alice")!, { peer: "alice", key, session }, share);
    assert.ok(!all.includes(opened.share.toHex()));
    for (const vault of vaults.values()) await vault.close();
  });
}

Deno.test("workerVault() reports how far a long batch is, and nothing of a short one, by items times other signers", async () => {
  const { vaults, made } = await withKey(inAWorker, "ed25519", 3);
  for (const [times, reports] of [[7, false], [8, true]] as const) {
    const running = runAll(vaults, signWork(party, made, message, { times }));
    await outcomes(running);
    for (const peer of party) {
      const reported = workReported(running.ios.get(peer)!);
      assert.deepEqual(reported, [...reported].sort((a, b) => a - b));
      assert.equal(reported.length >= 5 && reported.at(-1)! > 0.9, reports, `${times} items: ${reported}`);
      assert.ok(reports || reported.length === 0, reported.join());
    }
  }
  for (const vault of vaults.values()) await vault.close();
});

Deno.test("shareVault() keeps what broke as the cause, on this side", async () => {
  const broken = new Error("no entropy");
  const random = () => {
    throw broken;
  };
  const vault = shareVault({
    secrets: { storageKey: "AGE-SECRET-KEY-1" },
    peer: "alice",
    random,
    clock: platformClock,
  });
  const error = await failed(vault.draw(generateTask("alice")));
  assert.equal(error.code, "internal");
  assert.equal(error.cause, broken);
});
