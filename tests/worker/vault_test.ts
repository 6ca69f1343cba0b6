import { ed25519 } from "@noble/curves/ed25519.js";
import assert from "node:assert/strict";
import { decodeEnvelope } from "../../src/session/envelope.ts";
import { SessionError } from "../../src/errors.ts";
import { platformClock } from "../../src/platform/platform.ts";
import type { Task } from "../../src/ports.ts";
import { generating } from "../../src/protocol/generate_messages.ts";
import { signingFrost } from "../../src/protocol/sign_frost.ts";
import { openNet } from "../../src/session/net.ts";
import { shareVault } from "../../src/worker/vault.ts";
import {
  anyReason,
  failed,
  generateTasks,
  kinds,
  outcomes,
  party,
  runAll,
  session,
  signTasks,
  withKey,
} from "./cluster.ts";
import { altered, localIos } from "./local_io.ts";

const message = new TextEncoder().encode("hello threshold");

/** Spoils carol's signature share. */
const wrongShare = altered({ from: "carol", round: "share" }, signingFrost.share.codec, ({ share }) => ({
  share: share.with(0, share[0]! ^ 1),
}));

/** Promises carol something else than alice. */
const twoStories = altered(
  { from: "bob", round: "commit", to: "carol" },
  generating.ed25519.commit.codec,
  () => ({ promise: new Uint8Array(32) }),
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
      for (const outcome of (await outcomes(runAll(vaults, signTasks(signers, made, message)))).values()) {
        assert.ok(outcome.kind === "sign");
        assert.ok(ed25519.verify(outcome.signature, message, key.publicKey, { zip215: false }));
      }
    }
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} lists the rounds of a task, and tells when each begins and ends`, async () => {
    const { vaults, made } = await withKey(open);
    const vault = vaults.get("alice")!;
    assert.deepEqual(vault.rounds({ kind: "generate", curve: "ed25519" }), [
      "commit",
      "reveal",
      "deal",
      "confirm",
    ]);
    assert.deepEqual(vault.rounds({ kind: "sign", curve: "ed25519" }), ["commit", "share"]);
    const running = runAll(vaults, signTasks(["alice", "bob"], made, message));
    await outcomes(running);
    const { progressed } = running.ios.get("alice")!;
    assert.deepEqual(progressed.filter(({ type }) => type === "round").map((p) => JSON.stringify(p)), [
      '{"type":"round","round":"commit","state":"begun","deadlineMs":30000}',
      '{"type":"round","round":"commit","state":"done","deadlineMs":30000}',
      '{"type":"round","round":"share","state":"begun","deadlineMs":30000}',
      '{"type":"round","round":"share","state":"done","deadlineMs":30000}',
    ]);
    assert.deepEqual(progressed.filter(({ type }) => type === "heard").length, 2);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} names the cheater, and shows what proves it`, async () => {
    const { vaults, made } = await withKey(open);
    const { endings } = runAll(vaults, signTasks(["alice", "carol"], made, message), wrongShare);
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
    const { runs, ios } = runAll(vaults, generateTasks(), twoStories);
    // Who sees it first ends, and shows the other what it saw: so does a session.
    for (const [peer, other] of [["alice", "carol"], ["carol", "alice"]] as const) {
      runs.get(peer)!.catch((error: SessionError) => {
        const envelope = decodeEnvelope(error.evidence[0]!);
        ios.get(other)!.put({ type: "envelope", envelope, evidence: true });
      });
    }
    for (const peer of ["alice", "carol"]) {
      const error = await failed(runs.get(peer)!);
      assert.deepEqual([error.code, error.culprits], ["equivocation", ["bob"]]);
      assert.ok(error.evidence.length > 0);
      ios.get("bob")!.aborting.abort(error); // who would be waiting for the others until the round is over
    }
    await failed(runs.get("bob")!);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} refuses the share of another peer, or for another key, before it sends anything`, async () => {
    const { vaults, made } = await withKey(open);
    const tasks = signTasks(["alice", "bob"], made, message);
    const task = tasks.get("alice") as Task & { kind: "sign" };
    const wrong: Task[] = [
      { ...task, share: made.get("bob")!.share },
      { ...task, share: task.share.with(300, task.share[300]! ^ 1) },
      { ...task, key: { ...task.key, epoch: 1 } },
      { ...task, key: { ...task.key, wallet: "mine" } },
    ];
    for (const task of wrong) {
      const io = localIos(task.party, task.session).get("alice")!;
      const error = await failed(vaults.get("alice")!.run(task, io));
      assert.deepEqual([error.code, error.culprits, io.sent], ["share-corrupt", [], []]);
    }
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} throws exactly what its run was ended with, and sends nothing more`, async () => {
    const { vaults } = await withKey(open);
    const io = localIos(party, session).get("alice")!;
    const task = generateTasks().get("alice")!;
    const reason = await anyReason();
    const running = failed(vaults.get("alice")!.run(task, io));
    while (io.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const sent = io.sent.length;
    io.aborting.abort(reason);
    assert.equal(await running, reason);
    assert.equal(io.sent.length, sent);
    const again = localIos(party, session).get("alice")!;
    again.aborting.abort(reason);
    assert.equal(await failed(vaults.get("alice")!.run(task, again)), reason);
    assert.deepEqual(again.sent, []);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} calls what it did not expect internal`, async () => {
    const { vaults } = await withKey(open);
    const io = localIos(party, session).get("alice")!;
    const error = await failed(
      vaults.get("alice")!.run({ ...generateTasks().get("alice")!, threshold: 7 }, io),
    );
    assert.deepEqual([error.code, error.culprits], ["internal", []]);
    assert.ok(error.cause !== undefined);
    for (const vault of vaults.values()) await vault.close();
  });

  Deno.test(`${name} runs nothing after close()`, async () => {
    const { vaults } = await withKey(open);
    for (const vault of vaults.values()) {
      await vault.close();
      await vault.close();
    }
    const io = localIos(party, session).get("alice")!;
    const error = await failed(vaults.get("alice")!.run(generateTasks().get("alice")!, io));
    assert.equal(error.code, "shutdown");
  });

  Deno.test(`${name} lets neither the share nor the storage key out`, async () => {
    const { vaults, made, keys } = await withKey(open);
    const running = runAll(vaults, signTasks(["alice", "bob"], made, message));
    const all = JSON.stringify(
      [[...(await outcomes(running)).values()], [...made.values()], running.ios.get("alice")!.sent],
      (_, value) => value instanceof Uint8Array ? value.toHex() : value,
    );
    assert.ok(!all.includes(keys.get("alice")!));
    const { openShare } = await import("../../src/keystore/share_record.ts");
    const { key, share } = made.get("alice")!;
    using opened = await openShare(keys.get("alice")!, { peer: "alice", key }, share);
    assert.ok(!all.includes(opened.share.toHex()));
    for (const vault of vaults.values()) await vault.close();
  });
}

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
    openNet,
  });
  const io = localIos(party, session).get("alice")!;
  const error = await failed(vault.run(generateTasks().get("alice")!, io));
  assert.equal(error.code, "internal");
  assert.equal(error.cause, broken);
});
