import assert from "node:assert/strict";
import { createNode, memoryStore, SessionError, signRoster } from "../mod.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { platformClock, platformRandom } from "../src/platform.ts";
import { pause } from "../src/session/deadline.ts";
import { memoryNetwork } from "../src/transport/memory.ts";

Deno.test("createNode() makes a node that can be locked with its worker, and signs again when unlocked", async () => {
  const admin = await newIdentity(platformRandom);
  const identities = await Promise.all(["Alice", "Bob"].map(() => newIdentity(platformRandom)));
  const peers = identities.map(({ peer }, i) => ({
    peer,
    name: ["Alice", "Bob"][i]!,
    addresses: [`/memory/${i}`],
    rights: ["holder", "initiator"] as const,
  }));
  const roster = await signRoster(admin, peers, null);
  const network = memoryNetwork({ clock: platformClock });
  const [alice, bob] = await Promise.all(
    identities.map((identity) =>
      createNode({ identity, roster, store: memoryStore(), transport: network.transport() })
    ),
  );
  const wallet = { wallet: "treasury", curve: "ed25519" } as const;
  const sign = () => alice!.sign({ ...wallet, message: Uint8Array.of(1) }).result;
  try {
    await alice!.generateKey({ ...wallet, threshold: 2 }).result;
    assert.equal((await sign()).bytes.length, 64);
    await bob!.lock();
    await assert.rejects(sign(), (error) => {
      assert.ok(error instanceof SessionError);
      assert.deepEqual(error.claims.map(({ by, code }) => [by, code]), [[bob!.self, "store-locked"]]);
      return true;
    });
    bob!.unlock(identities[1]!.secrets());
    assert.equal((await sign()).bytes.length, 64);
    assert.equal((await bob!.backupState()).uncovered.length, 1);
  } finally {
    await Promise.all([alice!.stop(), bob!.stop()]);
    await pause(platformClock, 200); // a terminated worker's own operations end a little later
  }
});
