import assert from "node:assert/strict";
import type { PeerId, Roster } from "../../../mod.ts";
import type { PeerStatus } from "../../../web/node/node_port.ts";
import { amongPeers } from "../../../web/holder/self.ts";
import { alice, bob, carol, status } from "../events.ts";

/** A node whose state is private, as that of the real one is. */
class PrivateNode {
  readonly self = alice;
  readonly locked = true;
  readonly #roster = {
    peers: [bob, alice, carol].map((peer) => ({ peer, name: peer, addresses: [], rights: ["holder"] })),
  };
  readonly #peers: ReadonlyMap<PeerId, PeerStatus> = new Map([
    [carol, status("Carol", { link: "none" })],
    [bob, status("Bob")],
  ]);
  readonly #asked: unknown[] = [];
  get roster() {
    return this.#roster as unknown as Roster;
  }
  get peers() {
    return this.#peers;
  }
  get asked(): readonly unknown[] {
    return this.#asked;
  }
  note(...what: unknown[]) {
    this.#asked.push(...what);
    return Promise.resolve([]);
  }
  keys = () => this.note("keys");
  readiness(key: unknown) {
    return this.note("readiness", key);
  }
  bans() {
    void this.note("bans");
    return [];
  }
  quarantines() {
    void this.note("quarantines");
    return [];
  }
  unfreeze(...what: unknown[]) {
    return this.note("unfreeze", ...what);
  }
  generateKey(request: unknown) {
    return this.note("generate", request);
  }
  sign(request: unknown) {
    return this.note("sign", request);
  }
  events(options: unknown) {
    return this.note("events", options);
  }
  stop() {
    return this.note("stop");
  }
}

Deno.test("amongPeers() puts a node among its peers, in the roster's order", () => {
  const node = new PrivateNode();
  const { peers, roster, self } = amongPeers(node as never);
  assert.deepEqual([...peers.keys()], [bob, alice, carol]);
  const own = peers.get(alice)!;
  assert.deepEqual([own.locked, own.links, own.connected], [true, [bob], true]);
  assert.deepEqual([self, roster], [alice, node.roster]);
});

Deno.test("amongPeers() passes each call on to the node itself, with what it is given", async () => {
  const node = new PrivateNode();
  const port = amongPeers(node as never);
  await port.keys();
  await port.readiness("key" as never);
  port.bans();
  port.quarantines();
  await port.unfreeze("its name" as never, { peer: bob });
  port.generateKey("a key" as never);
  port.sign("a message" as never);
  port.events({ replay: 3 });
  await port.stop();
  assert.deepEqual(node.asked, [
    ...["keys", "readiness", "key", "bans", "quarantines", "unfreeze", "its name", { peer: bob }],
    ...["generate", "a key", "sign", "a message", "events", { replay: 3 }, "stop"],
  ]);
});
