/**
 * The death of a coordinator in the middle: whoever takes part hears of it at once, and so does who only asked.
 */
import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { type Cheat, type Outgoing, sending } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { isTerminal } from "../../src/events.ts";
import { acceptedBy, attemptBy } from "./by_hand.ts";
import { assertFails, type Ends, terminalOf } from "./honest.ts";
import { Scene, type SceneOptions, type Seen } from "./scene.ts";

/** The longest that anybody may not know of it, ms. */
const soon = 150;

/** The time of each frame on the network, ms. */
const way = 10;

/** A scene in which eve asks, who holds nothing; the others in the order of their peer ids: the first coordinates. */
async function start(options: SceneOptions = {}) {
  const scene = await Scene.start({
    consoles: ["eve"],
    carry: () => ({ bytes }) => [{ bytes, afterMs: way }],
    ...options,
  });
  const [coordinator, second, third] = scene.inOrder() as [string, string, string];
  return { scene, coordinator, second, third };
}

/**
 * Ends a process when it comes to a message; that one still leaves, as do those before it, unless it is kept.
 *
 * @param keeps Whether a message is never sent.
 * @returns When that was, by the wall clock, ms.
 */
function killAt(
  scene: Scene,
  name: string,
  isLast: (round: string, to: string) => boolean,
  keeps: (round: string, to: string) => boolean = () => false,
): () => number {
  let at = NaN;
  const cheat: Cheat = {
    ...cheats.get("crash")!,
    wrap: (wire) =>
      sending(wire, (sent: Outgoing) => {
        const to = scene.nameOf(sent.to);
        if (!Number.isNaN(at)) return [];
        if (isLast(sent.round, to)) {
          at = scene.clock.now() + way + 1;
          scene.clock.timer(way + 1, () => scene.cluster.kill(name)); // it has arrived, and no answer to it
        }
        return keeps(sent.round, to) ? [] : [sent];
      }),
  };
  scene.arm(name, cheat);
  return () => at;
}

const sign = (scene: Scene, signers: readonly string[]): Promise<Seen> => scene.sign(signers, { by: "eve" });

/** Who asked is told that the coordinator left, and nothing of anybody else. */
function assertToldOf(scene: Scene, seen: Seen, coordinator: string, key: Ends["key"] = "safe"): void {
  assert.equal(seen.error?.code, "peer-left");
  assert.deepEqual(seen.error.missing, [scene.peer(coordinator)]);
  assertFails(scene, seen, "eve", { code: "peer-left", missing: [coordinator], key });
}

Deno.test("sign() ends within 150 ms of the death of its coordinator at every signer, and at who holds no share", async () => {
  for (const signers of [2, 3]) {
    const { scene, coordinator, second, third } = await start({ threshold: signers });
    await using _scene = scene;
    const party = [coordinator, second, third].slice(0, signers);
    const isShare = (round: string) => round === "share";
    const diedAt = killAt(scene, coordinator, (round, to) => isShare(round) && to === party.at(-1), isShare);
    const seen = await sign(scene, party);
    assertToldOf(scene, seen, coordinator);
    for (const name of [...party.slice(1), "eve"]) {
      const end = terminalOf(seen, name);
      assert.ok(end.type === "failed" && end.culprits.length === 0, `${name} blames nobody`);
      const after = end.at - diedAt();
      assert.ok(after >= 0 && after <= soon, `${name} of ${signers}: ${after} ms`);
    }
  }
});

Deno.test("generateKey() of who holds no share ends within 150 ms of the death of its coordinator, pending if a member has all votes", async () => {
  for (const last of ["reveal", "deal", "confirm", "/vote"]) {
    const { scene, coordinator, third } = await start();
    await using _scene = scene;
    const diedAt = killAt(scene, coordinator, (round, to) => round === last && to === third);
    const seen = await scene.generate("mine", 2, { by: "eve" });
    const after = terminalOf(seen, "eve").at - diedAt();
    assert.ok(after >= 0 && after <= soon, `${last}: ${after} ms`);
    if (last !== "/vote") {
      assertToldOf(scene, seen, coordinator, "no-key");
      continue;
    }
    assertFails(scene, seen, "eve", { code: "wallet-pending", missing: [coordinator], key: "pending" });
    await scene.clock.pass(5_000);
    assert.deepEqual([await scene.keyState("eve", "mine"), scene.keyStates("eve", "mine")], ["active", [
      "active",
    ]]);
  }
});

/** The coordinator's share reaches the third alone, whose result reaches eve after `ms`; null: never. */
async function startSlow(ms: number | null) {
  let slow: string | null = null;
  const started = await start({
    threshold: 3,
    carry: (_clock, nameOf) => ({ bytes, protocol, from }) => {
      const isSlow = protocol === protocols.result && nameOf(from) === slow;
      return isSlow && ms === null ? [] : [{ bytes, afterMs: isSlow ? ms! : way }];
    },
  });
  const { scene, coordinator, second, third } = started;
  slow = third;
  const diedAt = killAt(
    scene,
    coordinator,
    (round, to) => round === "share" && to === third,
    (round, to) => round === "share" && to === second,
  );
  const seen = await sign(scene, [coordinator, second, third]);
  assert.equal(terminalOf(seen, second).type, "failed");
  assert.equal(terminalOf(seen, third).type, "done");
  return { ...started, seen, after: terminalOf(seen, "eve").at - diedAt() };
}

Deno.test("sign() gives the signature of a member that is slow to report, though another has reported a failure", async () => {
  const { scene, seen, after } = await startSlow(700);
  await using _scene = scene;
  assert.ok(seen.value, `${seen.error?.code}`);
  assert.equal(terminalOf(seen, "eve").type, "done");
  assert.ok(after > 600 && after < 1_000, `${after} ms`);
});

Deno.test("sign() waits 2 s for a member that does not report, and tells of its signature by events alone if that comes later", async () => {
  for (const ms of [null, 3_000]) {
    const { scene, seen, after, coordinator, third } = await startSlow(ms);
    await using _scene = scene;
    assertToldOf(scene, seen, coordinator);
    assert.ok(after > 1_900 && after < 2_100, `${after} ms`);
    await scene.clock.pass(5_000);
    assertToldOf(scene, seen, coordinator);
    assert.equal(seen.view("eve").filter(isTerminal).length, 1);
    const done = scene.everyone("eve").events.filter((event) =>
      event.type === "done" && event.id === seen.id && event.peer === scene.peer(third)
    );
    assert.equal(done.length, 1);
  }
});

/** The frames in which members report a result, as `from`; and frames of events that reach nobody. */
interface Wires {
  results: string[];
  /** Whether the coordinator's events get lost. */
  deaf: boolean;
}

interface Dying extends SceneOptions {
  /** When the coordinator dies after its first invite; default: when it has arrived, and no accept has. */
  afterMs?: number;
}

/** A scene in which the coordinator dies between its invites and its go. */
async function startBeforeGo(wires: Wires, { afterMs = way + way / 2, ...options }: Dying = {}) {
  const died = { at: NaN };
  const box: { kill?: () => void } = {};
  const started = await start({
    threshold: 3,
    carry: (clock, nameOf) => ({ bytes, protocol, from }) => {
      if (protocol === protocols.result) wires.results.push(nameOf(from));
      const first = protocol === protocols.invite && Number.isNaN(died.at) && box.kill;
      if (first) {
        died.at = clock.now() + afterMs;
        clock.timer(afterMs, box.kill!);
      }
      return wires.deaf && protocol === protocols.command && nameOf(from) === started.coordinator
        ? []
        : [{ bytes, afterMs: way }];
    },
    ...options,
  });
  const { scene, coordinator, second, third } = started;
  box.kill = () => scene.cluster.kill(coordinator);
  wires.results.length = 0;
  return { ...started, died, signers: [coordinator, second, third] };
}

Deno.test("sign() of who holds no share ends within 150 ms of the death of its coordinator before its go, though a person is being asked", async () => {
  for (const asked of [false, true]) {
    const wires: Wires = { results: [], deaf: false };
    const { scene, coordinator, second, third, signers, died } = await startBeforeGo(wires, {
      ...(asked ? { afterMs: 300 } : {}),
      node: (name) => ({
        approve: ({ kind }) =>
          asked && kind === "sign" && name !== "alice" ? new Promise(() => {}) : Promise.resolve("accept"),
      }),
    });
    await using _scene = scene;
    const seen = await sign(scene, signers);
    assertToldOf(scene, seen, coordinator);
    const after = terminalOf(seen, "eve").at - died.at;
    assert.ok(after >= 0 && after <= soon, `${after} ms`);
    assert.deepEqual(wires.results.sort(), [second, third].sort());
    // Nothing was opened at the members: their views are empty, and nobody is blamed.
    for (const name of [second, third]) {
      assert.deepEqual(seen.view(name).filter((event) => isTerminal(event) || event.type === "began"), []);
    }
    await scene.cluster.boot(coordinator);
    await scene.cluster.linked();
  }
});

Deno.test("sign() of who has not heard of the party waits 2 s when its coordinator dies before its go", async () => {
  const wires: Wires = { results: [], deaf: false };
  const { scene, coordinator, signers, died } = await startBeforeGo(wires);
  await using _scene = scene;
  wires.deaf = true;
  const seen = await sign(scene, signers);
  assertToldOf(scene, seen, coordinator);
  const after = terminalOf(seen, "eve").at - died.at;
  assert.ok(after > 1_900 && after < 2_150, `${after} ms`);
});

Deno.test("A member reports to nobody that an invite broke off if the initiator is the coordinator or itself, and once after a go", async () => {
  const wires: Wires = { results: [], deaf: false };
  const { scene, coordinator, second, third } = await start({
    threshold: 3,
    carry: (_clock, nameOf) => ({ bytes, protocol, from }) => {
      if (protocol === protocols.result) wires.results.push(nameOf(from));
      return [{ bytes, afterMs: way }];
    },
  });
  await using _scene = scene;
  for (const by of [coordinator, second, "eve"]) {
    wires.results.length = 0;
    const made = await attemptBy(scene, coordinator, [coordinator, second, third], { by });
    const { channel } = await acceptedBy(scene, coordinator, second, made);
    channel.abort();
    await scene.clock.pass(500);
    assert.deepEqual(wires.results, by === "eve" ? [second] : [], `asked for by ${by}`);
  }
  wires.results.length = 0;
  const isShare = (round: string) => round === "share";
  killAt(scene, coordinator, (round, to) => isShare(round) && to === third, isShare);
  assertToldOf(scene, await sign(scene, [coordinator, second, third]), coordinator);
  assert.deepEqual(wires.results.sort(), [second, third].sort());
});
