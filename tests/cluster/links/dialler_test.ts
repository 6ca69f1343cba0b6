import { deepEqual, equal, ok } from "node:assert/strict";
import { type DialContext, Dialler } from "../../../src/cluster/links/dialler.ts";
import type { Told } from "../../../src/cluster/events/event_log.ts";
import type { Carrier } from "../../../src/events.ts";
import { ChannelError } from "../../../src/errors.ts";
import { VirtualClock } from "../../sim/clock.ts";

const relayed: Carrier = { kind: "websocket", relayed: true, multiplexer: null };
const direct: Carrier = { kind: "webrtc", relayed: false, multiplexer: null };

/** A node among peers named by letters; what a dial leads to is `outcome`. */
function scene(
  { self, mine = [], theirs = [], routes = [], outcome = null }: {
    self: string;
    mine?: readonly string[];
    theirs?: readonly string[];
    routes?: readonly string[];
    outcome?: Carrier | null;
  },
) {
  const clock = new VirtualClock();
  const dials: { at: number; to: string; ways: readonly string[] }[] = [];
  const carriers = new Map<string, Carrier>();
  const stopping = new AbortController();
  const shown: { outcome: Carrier | null; error: ChannelError } = {
    outcome,
    error: new ChannelError("left"),
  };
  const told: Told[] = [];
  const peers = [self, "m"].map((peer) => ({ peer, name: peer, addresses: theirs, rights: [] }));
  const context = {
    clock,
    identity: { peer: self },
    random: (length: number) => new Uint8Array(length).fill(255),
    teller: { tell: (item: Told) => void told.push(item) },
    stopping: stopping.signal,
    roster: () => ({ peers }),
    member: (peer: string) => peers.find((one) => one.peer === peer),
    network: {
      addresses: () => mine,
      connected: () => [...carriers.keys()],
      carrier: (peer: string) => carriers.get(peer) ?? null,
      routes: () => routes,
      disconnect: () => Promise.resolve(),
      connect(to: string, ways: readonly string[]) {
        dials.push({ at: clock.monotonic(), to, ways });
        if (!shown.outcome) return Promise.reject(shown.error);
        carriers.set(to, shown.outcome);
        return Promise.resolve();
      },
    },
  } as unknown as DialContext;
  return { clock, dials, carriers, shown, told, dialler: new Dialler(context) };
}

Deno.test("Dialler dials a peer without an address over its routes, the lower peer id first", async () => {
  for (const [self, from] of [["a", 0], ["z", 1_500]] as const) {
    const { clock, dials } = scene({ self, routes: ["/relay"], outcome: direct });
    await clock.pass(10_000);
    deepEqual(dials, [{ at: from, to: "m", ways: ["/relay"] }]);
  }
});

Deno.test("Dialler waits for who can dial it, before it looks for them over relays", async () => {
  const { clock, dials } = scene({ self: "a", mine: ["/here"], routes: ["/relay"], outcome: relayed });
  await clock.pass(2_900);
  equal(dials.length, 0);
  await clock.pass(200);
  deepEqual(dials[0]?.ways, ["/relay"]);
});

Deno.test("Dialler tries addresses and routes together", async () => {
  const { clock, dials } = scene({ self: "z", theirs: ["/there"], routes: ["/relay"], outcome: direct });
  await clock.pass(0);
  deepEqual(dials[0]?.ways, ["/there", "/relay"]);
});

Deno.test("Dialler leaves alone whom nothing leads to, until a route is there", async () => {
  const routes: string[] = [];
  const { clock, dials, dialler } = scene({ self: "a", routes, outcome: direct });
  await clock.pass(60_000);
  equal(dials.length, 0);
  equal(clock.waiting, 0);
  routes.push("/relay");
  dialler.look();
  await clock.pass(0);
  equal(dials.length, 1);
});

Deno.test("Dialler asks again for something better than a relay, with backoff, until it has it", async () => {
  const { clock, dials, carriers, shown, dialler } = scene({ self: "a", routes: ["/r"], outcome: relayed });
  await clock.pass(10 * 60_000);
  const waits = dials.slice(1).map(({ at }, n) => at - dials[n]!.at);
  deepEqual(waits.slice(0, 4), [500, 1_000, 2_000, 4_000]);
  equal(waits.at(-1), 60_000);
  shown.outcome = direct;
  await clock.pass(60_000);
  const before = dials.length;
  equal(carriers.get("m"), direct);
  dialler.changed("m");
  await clock.pass(10 * 60_000);
  equal(dials.length, before);
});

Deno.test("Dialler drops a try for something better when the other side was first", async () => {
  const { clock, dials, carriers, dialler } = scene({ self: "z", routes: ["/r"], outcome: direct });
  carriers.set("m", relayed);
  dialler.changed("m");
  await clock.pass(1_000);
  carriers.set("m", direct);
  dialler.changed("m");
  await clock.pass(60_000);
  equal(dials.length, 0);
  ok(clock.waiting === 0);
});

Deno.test("Dialler keeps trying an absent peer, at most every 15 s", async () => {
  const { clock, dials, dialler } = scene({ self: "a", routes: ["/r"] });
  await clock.pass(5 * 60_000);
  const waits = dials.slice(1).map(({ at }, n) => at - dials[n]!.at);
  equal(waits[0], 500);
  equal(Math.max(...waits), 15_000);
  dialler.stop();
  const before = dials.length;
  await clock.pass(60_000);
  equal(dials.length, before);
});

Deno.test("Dialler tells of a peer that refuses, and of who answers in its place, each once until it is here", async () => {
  const { clock, shown, told, dialler, carriers } = scene({ self: "a", theirs: ["/there"] });
  const refused = { type: "peer", other: "m", state: "refused" };
  const another = (found: string) => ({ type: "peer", other: "m", state: "another", found });
  const dialled = async (error: ChannelError) => {
    shown.error = error;
    await clock.pass(5 * 60_000);
    return told.splice(0);
  };
  deepEqual(await dialled(new ChannelError("left")), []);
  deepEqual(await dialled(new ChannelError("refused", { found: "x" })), [another("x")]);
  deepEqual(await dialled(new ChannelError("refused", { found: "y" })), [another("y")]);
  deepEqual(await dialled(new ChannelError("refused")), [refused]);
  carriers.set("m", direct);
  dialler.connected("m");
  carriers.delete("m");
  dialler.disconnected("m");
  deepEqual(await dialled(new ChannelError("refused", { found: "y" })), [another("y")]);
  dialler.stop();
});
