import assert from "node:assert/strict";
import type { NodeEvent } from "../../src/events.ts";
import { type AdminNode, crowded, keepOpen } from "../../src/demo/watchers.ts";

/** A node that holds the admin key, with three holders and whoever has come. */
function doorkeeper() {
  let events!: ReadableStreamDefaultController<NodeEvent>;
  const stream = new ReadableStream<NodeEvent>({ start: (controller) => void (events = controller) });
  let peers = ["alice", "bob", "carol"].map((peer) => entry(peer, "holder"));
  const connected = new Set<string>();
  const invited: string[] = [];
  const node = {
    get roster() {
      return { peers };
    },
    get peers() {
      return new Map(peers.map(({ peer }) => [peer, { connected: connected.has(peer) }]));
    },
    events: () => stream,
    invite: ({ token }: { token: Uint8Array }) => void invited.push(token.toHex()),
    remove: (gone: string) => Promise.resolve(void (peers = peers.filter(({ peer }) => peer !== gone))),
  } as unknown as AdminNode;
  return {
    node,
    invited,
    names: () => peers.map(({ peer }) => peer),
    async comes(peer: string, state: "admitted" | "refused" = "admitted") {
      if (state === "admitted") peers = [...peers, entry(peer, "observer")];
      const seq = peers.length;
      events.enqueue({
        type: "join",
        peer: "alice",
        boot: "b".repeat(16),
        seq,
        at: 0,
        other: peer,
        name: peer,
        state,
      });
      await new Promise((resolve) => setTimeout(resolve));
    },
    stays: (peer: string) => void connected.add(peer),
    end: () => events.close(),
  };
}
const entry = (peer: string, right: string) => ({ peer, name: peer, addresses: [], rights: [right] });

Deno.test("keepOpen() renews the link for each who comes in, and takes out who has gone before it is full", async () => {
  const { node, invited, names, comes, stays, end } = doorkeeper();
  const done = keepOpen(node, { rights: ["observer"], token: new Uint8Array(16).fill(7) });
  stays("tab 1");
  for (let i = 1; i <= 200; i++) await comes(`tab ${i}`);
  assert.equal(invited.length, 200);
  assert.deepEqual(new Set(invited), new Set(["07".repeat(16)]));
  assert.ok(names().length <= crowded + 1, `${names().length} are in`);
  for (const peer of ["alice", "bob", "carol", "tab 1", "tab 200"]) assert.ok(names().includes(peer), peer);
  await comes("nobody", "refused");
  assert.equal(invited.length, 200);
  end();
  await done;
});
