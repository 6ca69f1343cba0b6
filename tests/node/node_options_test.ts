import assert from "node:assert/strict";
import { createNode, memoryStore, type NodeOptions, signRoster } from "../../mod.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { onlyOptions } from "../../src/node/options.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { pause } from "../../src/session/deadline.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";

Deno.test("createNode() drops what is no option: no adversary, clock or randomness of a caller reaches a node", async () => {
  const admin = await newIdentity(platformRandom);
  const identities = await Promise.all(["Alice", "Bob"].map(() => newIdentity(platformRandom)));
  const peers = identities.map(({ peer }, i) => ({
    peer,
    name: ["Alice", "Bob"][i]!,
    addresses: [`/memory/${i}`],
    rights: ["holder"] as const,
  }));
  const roster = await signRoster(admin, peers, null);
  const network = memoryNetwork({ clock: platformClock });
  const reached: string[] = [];
  const smuggled = Object.fromEntries(
    ["wrapWire", "clock", "random", "vault", "passphrases", "anything"].map((name) => [
      name,
      new Proxy(() => {}, {
        get: () => void reached.push(name),
        apply: () => void reached.push(name),
      }),
    ]),
  );
  const nodes = await Promise.all(identities.map((identity) =>
    createNode({
      ...smuggled,
      approve: "roster",
      identity,
      roster,
      store: memoryStore(),
      transport: network.transport(),
    })
  ));
  try {
    const up = () => nodes.every(({ peers }) => [...peers.values()].every(({ link }) => link === "up"));
    for (let ms = 0; ms < 5_000 && !up(); ms += 50) await pause(platformClock, 50);
    assert.ok(up(), "the two have set up their link, over the wire that an adversary would wrap");
    assert.deepEqual(reached, []);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await pause(platformClock, 200); // a terminated worker's own operations end a little later
  }
});

Deno.test("onlyOptions() keeps every option that is given, and leaves out what is undefined", () => {
  const given = { limits: {}, admit: undefined, startWorker: () => null, wrapWire: () => null };
  const kept = onlyOptions(given as unknown as NodeOptions);
  assert.deepEqual(Object.keys(kept).sort(), ["limits", "startWorker"]);
  assert.equal(kept.startWorker, given.startWorker);
});
