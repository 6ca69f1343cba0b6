import assert from "node:assert/strict";
import type { RosterPeer } from "../../mod.ts";
import { badAddresses, checkReach, elsewhere, unreached } from "../../src/cli/reach.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { undialable } from "../../src/transport/libp2p/dialable.ts";

const good = "/ip4/127.0.0.1/tcp/4001/ws";
const peers = await Promise.all(["Ann", "Ben"].map(async (name, i): Promise<RosterPeer> => {
  const { peer } = await newIdentity(platformRandom);
  return { name, peer, addresses: [`/ip4/127.0.0.1/tcp/${4001 + i}/ws`], rights: ["holder"] };
}));

Deno.test("undialable() says of each address what is wrong with it", () => {
  const [ann, ben] = peers.map(({ peer }) => peer) as [string, string];
  const wrong = [
    "http://127.0.0.1:4001",
    "/ip4/127.0.0.1/tpc/4001/ws",
    "/ip4/127.0.0.1/tcp/4001",
    `${good}/p2p/${ben}`,
  ];
  for (const address of wrong) assert.ok(undialable(address, ann), address);
  for (const address of [good, `${good}/p2p/${ann}`, "/dns4/node.example.org/tcp/443/wss"]) {
    assert.equal(undialable(address, ann), null, address);
  }
});

Deno.test("checkReach() refuses a peer id that is none, an address twice, and a peer that may do nothing", () => {
  const changed = (change: Partial<RosterPeer>) => [peers[0]!, { ...peers[1]!, ...change }];
  checkReach(peers);
  const refused: [string, Partial<RosterPeer>][] = [
    ["peers[1].peer", { peer: "QmThisIsNoPeerId" }],
    ["peers[1].addresses[0]", { addresses: peers[0]!.addresses }],
    ["peers[1].addresses[1]", { addresses: [good.replace("4001", "9"), good.replace("4001", "9")] }],
    ["peers[1].rights", { rights: [] }],
    ["peers[1].rights", { rights: ["holder", "holder"] }],
  ];
  for (const [field, change] of refused) {
    assert.throws(() => checkReach(changed(change)), { name: "InputError", field }, field);
  }
  assert.deepEqual(badAddresses(changed({ addresses: ["http://x", good] })).map(({ address }) => address), [
    "http://x",
  ]);
});

Deno.test("unreached() names who has an address and is not connected", () => {
  const status = (name: string, connected: boolean, addresses: string[]) =>
    [name, { name, connected, addresses }] as const;
  const known = new Map([
    status("here", true, [good]),
    status("gone", false, [good]),
    status("tab", false, []),
  ]);
  assert.deepEqual(unreached({ peers: known } as never), [{ peer: "gone", name: "gone" }]);
});

Deno.test("elsewhere() names who was dialled, who answered, and where", () => {
  const [ann, ben] = peers as [RosterPeer, RosterPeer];
  const known = new Map(peers.map((peer) => [peer.peer, { ...peer, connected: false }]));
  const node = { peers: known } as unknown as Parameters<typeof elsewhere>[0];
  const [at, next] = [
    "and somebody else answers there, by its own word",
    ". Correct that address in the roster,",
  ];
  const said = elsewhere(node, ann.peer, ben.peer);
  const dialled = `Ann (${ann.peer}) was dialled at ${ann.addresses[0]}`;
  assert.ok(said.startsWith(`${dialled}, ${at} Ben (${ben.peer})${next}`), said);
  const unknown = elsewhere(node, ben.peer, "12D3KooWx");
  assert.ok(unknown.includes(`${at} 12D3KooWx${next}`), unknown);
});
