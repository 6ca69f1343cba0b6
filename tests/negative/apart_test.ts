import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/context.ts";
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
