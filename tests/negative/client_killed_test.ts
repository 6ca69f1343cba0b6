/**
 * A client that is killed at any point of what it asks for, and asks again with the same id after its restart: it has
 * one outcome, and there is one session at most.
 */
import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import type { SessionError } from "../../src/errors.ts";
import type { VirtualClock } from "../sim/clock.ts";
import { hello, Scene } from "./scene.ts";

const id = "0123456789abcdef".repeat(2);

/** The time of each frame on the network, ms. */
const way = 10;

const watchedProtocols: readonly string[] = [
  protocols.command,
  protocols.invite,
  protocols.session,
  protocols.result,
  protocols.outcome,
];

/** The death of a client: at the frame with this number of those that it sends or is sent, from 0. */
interface Death {
  at: number;
  /** The frames so far; null while they are not counted. */
  seen: number | null;
  kill: () => void;
}

/** A scene of three holders, of whom two sign, and eve; `client` is killed as `death` says. */
const start = (client: string, death: Death) =>
  Scene.start({
    threshold: 2,
    consoles: ["eve"],
    carry: (clock: VirtualClock, nameOf) => ({ bytes, protocol, from, to }) => {
      const isOfClient = nameOf(from) === client || nameOf(to) === client;
      if (death.seen !== null && isOfClient && watchedProtocols.includes(protocol)) {
        if (death.seen++ === death.at) clock.timer(way / 2, () => death.kill());
      }
      return [{ bytes, afterMs: way }];
    },
  });

/** The sessions that any peer has opened for the id, and the hashes of results that any peer has told of. */
function heldBy(scene: Scene): { sessions: Set<string>; results: Set<string> } {
  const events = [...scene.names, "eve"].flatMap((name) => scene.everyone(name).events).filter((event) =>
    "attempt" in event && event.id === id
  );
  return {
    sessions: new Set(events.flatMap((event) => "session" in event ? event.session ?? [] : [])),
    results: new Set(events.flatMap((event) => event.type === "done" ? [event.resultHash!] : [])),
  };
}

/**
 * Kills a client at one point of a signature, and asks twice more after its restart.
 *
 * @returns The outcome; null if the signature was there before the client came to that point.
 */
async function killedAt(client: string, at: number): Promise<string | null> {
  const death: Death = { at, seen: null, kill: () => {} };
  await using scene = await start(client, death);
  const before = new Set<string>();
  const keep = () => {
    const { sessions, results } = heldBy(scene);
    for (const one of [...sessions, ...results]) before.add(one);
  };
  let isDead = false;
  death.kill = () => {
    keep();
    isDead = true;
    scene.cluster.kill(client);
  };
  const request = { wallet: "treasury", scheme: "ed25519", message: hello, id } as const;
  death.seen = 0;
  const first = scene.node(client).sign(request).result.then(() => true, () => true);
  await scene.clock.pass(5_000);
  death.seen = null;
  void first;
  if (!isDead) return null;
  await scene.cluster.boot(client);
  await scene.clock.until(scene.node(client).ready({ keys: [request] }));
  await scene.clock.pass(1_000);
  const ask = () =>
    scene.clock.until(
      scene.node(client).sign(request).result.then(({ bytes }) => bytes.toHex(), (error: SessionError) =>
        error.code),
    );
  const outcome = await ask();
  await scene.clock.pass(2_000);
  keep();
  scene.cluster.kill(client);
  await scene.cluster.boot(client);
  await scene.clock.until(scene.node(client).ready({ keys: [request] }));
  assert.equal(await ask(), outcome, `${client} ${at}: asked once more`);
  keep();
  const { sessions, results } = heldBy(scene);
  const all = new Set([...before, ...sessions, ...results]);
  const signed = outcome.length === 128;
  assert.ok(
    all.size <= (signed ? 2 : 1),
    `${client} ${at}: one session and one result, ${all.size} ${outcome}`,
  );
  return outcome;
}

Deno.test("A client that holds no share, killed at any of its first frames, has one signature of one session after its restart", async () => {
  let points = 0;
  for (let at = 0; at < 14; at++) {
    const outcome = await killedAt("eve", at);
    if (outcome === null) continue;
    points++;
    assert.equal(outcome.length, 128, `${at}: ${outcome}`);
  }
  assert.ok(points >= 10, `${points} points`);
});

Deno.test("A client that coordinates and signs itself, killed at any of its first frames, has one outcome after its restart", async () => {
  const outcomes: (string | null)[] = [];
  for (let at = 0; at < 12; at++) outcomes.push(await killedAt("alice", at));
  const known = outcomes.filter((outcome) => outcome !== null);
  assert.ok(known.length >= 10, `${outcomes}`);
  assert.ok(known.some((outcome) => outcome.length === 128), `${outcomes}`);
});
