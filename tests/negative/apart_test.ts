import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/context.ts";
import { Rollbacks } from "../../src/cluster/rollback/rollbacks.ts";
import { type FailureCode, partsPair } from "../../src/failure.ts";
import { maxCommandFrame } from "../../src/limits.ts";
import type { Network } from "../../src/ports.ts";
import { attemptOf, declineRecord } from "../../src/session/invite.ts";
import { sign } from "../../src/session/signed.ts";
import { hello, Scene } from "./scene.ts";

// Whoever says that it does not sign with somebody is asked again in another party. Somebody must be in the party for that.
Deno.test("sign() does not ask for ever a member that declines because of somebody who is not in the party", async () => {
  await using scene = await Scene.start({ threshold: 2, curve: "secp256k1", names: ["alice", "bob"] });
  const { identity, node } = scene.everyone("bob");
  const { network } = node as unknown as { network: Network }; // of a node that was assembled, not of the public type
  let invited = 0;
  network.handle(protocols.invite, (channel) =>
    void (async () => {
      const invite = await channel.receive();
      if (++invited > 10) return channel.abort(); // or a test of a bug would not end
      const peers = [scene.cluster.admin.peer];
      const said = { attempt: attemptOf(invite!), code: "peer-banned", peers } as const;
      await channel.send((await sign(identity, declineRecord, { ...said, peers: [...peers] })).encoded);
      await channel.end();
    })(), { maxFrame: maxCommandFrame });
  const { wallet, curve } = scene.key;
  const { error } = await scene.watch(() => scene.node("alice").sign({ wallet, curve, message: hello }));
  assert.equal(error?.code, "declined");
  assert.deepEqual(error?.claims.map(({ by }) => scene.nameOf(by)), ["bob"]);
  assert.ok(invited <= 3, `${invited} invites`);
});

/** How each of several signatures ended that a 3-of-4 key was asked for, whoever takes part; null: it was made. */
async function signed(scene: Scene): Promise<(string | null)[]> {
  const { wallet, curve } = scene.key;
  const ends: (string | null)[] = [];
  for (let i = 0; i < 8; i++) { // the parties are drawn
    const { error } = await scene.watch(() => scene.node("alice").sign({ wallet, curve, message: hello }));
    ends.push(error?.code ?? null);
  }
  return ends;
}
const four = { names: ["alice", "bob", "carol", "eve"], threshold: 3 };
const allMade = Array.from({ length: 8 }, () => null);

Deno.test("sign() finds the party without one who has a link to the coordinator alone", async () => {
  await using scene = await Scene.start(four);
  const [alice, eve] = [scene.peer("alice"), scene.peer("eve")];
  scene.cluster.network.reachable((a, b) => ![a, b].includes(eve) || [a, b].includes(alice));
  await scene.clock.pass(3_000);
  assert.deepEqual(await signed(scene), allMade);
});

Deno.test("sign() finds the party without one whose store all but the coordinator know to have gone back", async () => {
  await using scene = await Scene.start(four);
  const [alice, eve] = [scene.peer("alice"), scene.peer("eve")];
  const { back } = Rollbacks.prototype;
  // Eve has told the others a lower number than before. Alice alone has heard nothing of herself, and is well with Eve.
  Rollbacks.prototype.back = function (peer) {
    return peer === eve && this.proofsFor(alice).length > 0 || back.call(this, peer);
  };
  try {
    assert.deepEqual(await signed(scene), allMade);
  } finally {
    Rollbacks.prototype.back = back;
  }
});

// Nobody is parted from itself: whoever says it of itself alone is left out.
Deno.test("partsPair() is about others", () => {
  const claim = (code: FailureCode, peers: string[]) => partsPair({ by: "bob", code, peers });
  for (const code of ["peer-banned", "pair-quarantined", "link-lost", "restored"] as const) {
    assert.ok(claim(code, ["eve"]), code);
    assert.ok(claim(code, ["bob", "eve"]), code);
    for (const peers of [[], ["bob"]]) assert.ok(!claim(code, peers), `${code} of ${peers}`);
  }
  for (const code of ["wallet-busy", "declined", "round-timeout"] as const) {
    assert.ok(!claim(code, ["eve"]), code);
  }
});
