/**
 * The next coordinator, and a new attempt of an id, where the network is split or holders do not answer: the same is never
 * signed by two parties, and whoever asks is told when that cannot be known.
 */
import assert from "node:assert/strict";
import type { SessionError } from "../../src/errors.ts";
import { explain } from "../../src/explain.ts";
import { hello, Scene, type SceneOptions } from "./scene.ts";

const names = ["alice", "bob", "carol", "dave"];
const id = "0123456789abcdef".repeat(2);
const request = { wallet: "treasury", scheme: "ed25519", message: hello, id } as const;

/** Two of four sign, so that two parties without a common member are possible; eve asks. */
const start = (options: SceneOptions = {}) =>
  Scene.start({ names, threshold: 2, consoles: ["eve"], ...options });

/** The sessions that were opened for a command. */
const sessions = (scene: Scene, about: string): number =>
  new Set(
    names.flatMap((name) =>
      scene.everyone(name).events.flatMap((event) =>
        event.type === "opened" && event.id === about && event.peer === scene.peer(name)
          ? [event.session]
          : []
      )
    ),
  ).size;

/** Nobody reaches the other side. */
function split(scene: Scene, ...sides: readonly (readonly string[])[]): void {
  const sidesOf = (peer: string) => sides.filter((side) => side.some((name) => scene.peer(name) === peer));
  scene.cluster.network.reachable((one, other) => sidesOf(one).some((side) => sidesOf(other).includes(side)));
}

const ended = (scene: Scene, result: Promise<{ bytes: Uint8Array }>): Promise<string | SessionError> =>
  scene.clock.until(result.then(({ bytes }) => bytes.toHex(), (error: SessionError) => error));

Deno.test("sign() again with an id ends with outcome-unknown where as many holders as sign do not answer, and gives the signature when they do", async () => {
  await using scene = await start();
  const signers = new Set<string>();
  const first = await ended(scene, scene.node("eve").sign(request).result);
  for (const name of names) {
    if (scene.view(name, id).some(({ type }) => type === "opened")) signers.add(name);
  }
  const others = names.filter((name) => !signers.has(name));
  split(scene, [...signers], [...others, "eve"]);
  scene.cluster.kill("eve");
  await scene.cluster.boot("eve");
  await scene.clock.pass(12_000);
  const again = await ended(scene, scene.node("eve").sign(request).result);
  assert.ok(typeof again !== "string", "nobody has signed it a second time");
  assert.equal(again.code, "outcome-unknown");
  const missing = scene.inOrder([...signers]);
  assert.deepEqual(again.missing.map((peer) => scene.nameOf(peer)), missing);
  const { what, next } = explain(again.failure!, (peer) => scene.nameOf(peer));
  assert.match(
    what,
    new RegExp(`${missing.join(" and ")} did not answer in time, and may have carried out this command`),
  );
  assert.match(next, /Ask again with the same id when they are back/);
  scene.cluster.network.reachable(() => true);
  await scene.clock.pass(20_000);
  assert.equal(await ended(scene, scene.node("eve").sign(request).result), first);
  assert.equal(sessions(scene, id), 1);
});

/** Eve has lost the first, like the others; whom that has invited sees both, and none of the others. */
function splitBetween(scene: Scene, first: string, invited: string): void {
  const others = names.filter((name) => name !== first && name !== invited);
  split(scene, [first, invited], [invited, "eve"], [...others, "eve"]);
}

/** Approval of signatures by people, who answer when `answer` is called. */
function people() {
  const waiting: (() => void)[] = [];
  let have = false;
  const node: SceneOptions["node"] = () => ({
    approve: ({ kind }) =>
      kind === "sign" && !have
        ? new Promise((resolve) => waiting.push(() => resolve("accept")))
        : Promise.resolve("accept"),
  });
  return {
    node,
    answer() {
      have = true;
      for (const one of waiting.splice(0)) one();
    },
  };
}

/** The peer that proposes, and the other one that it has invited. */
function proposed(scene: Scene): { first: string; invited: string } {
  const [first] = names.filter((name) => scene.view(name, id).some(({ type }) => type === "proposed"));
  const event = scene.view(first!, id).find((one) => one.type === "proposed");
  const party = event?.type === "proposed" ? event.party.map((peer) => scene.nameOf(peer)) : [];
  return { first: first!, invited: party.find((name) => name !== first)! };
}

Deno.test("sign() gives the order to no other coordinator where the first is lost with so many that they can sign", async () => {
  const asked = people();
  await using scene = await start({ node: asked.node });
  const { result } = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  const { first, invited } = proposed(scene);
  const others = names.filter((name) => name !== first && name !== invited);
  split(scene, [first, invited], [...others, "eve"]);
  await scene.clock.pass(12_000);
  asked.answer();
  const end = await ended(scene, result);
  assert.ok(typeof end !== "string" && end.code === "outcome-unknown", `${end}`);
  assert.deepEqual(end.missing.map((peer) => scene.nameOf(peer)), scene.inOrder([first, invited]));
  await scene.clock.pass(5_000);
  assert.equal(sessions(scene, id), 1, "of those that eve has lost");
});

Deno.test("sign() goes on with another coordinator only where those that answer take nothing from the first any more", async () => {
  const asked = people();
  await using scene = await start({ node: asked.node });
  const { result } = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  const { first, invited } = proposed(scene);
  splitBetween(scene, first, invited);
  await scene.clock.pass(8_000);
  asked.answer();
  const end = await ended(scene, result);
  assert.ok(typeof end === "string", `${end}`);
  await scene.clock.pass(8_000);
  assert.equal(sessions(scene, id), 1);
});

Deno.test("sign() again with an id makes a new attempt without a holder that is away, and what comes of the first order later is refused", async () => {
  const asked = people();
  await using scene = await start({ node: asked.node });
  void scene.node("eve").sign(request).result.catch(() => {});
  await scene.clock.pass(500);
  const { first, invited } = proposed(scene);
  scene.cluster.kill("eve");
  splitBetween(scene, first, invited);
  await scene.clock.pass(12_000);
  await scene.cluster.boot("eve");
  const there = names.filter((name) => name !== first).map((name) => scene.peer(name));
  await scene.clock.until(scene.node("eve").ready({ peers: there }));
  await scene.known("treasury");
  const { result } = scene.node("eve").sign(request);
  await scene.clock.pass(2_000);
  asked.answer();
  const end = await ended(scene, result);
  assert.ok(typeof end === "string", `${end}`);
  await scene.clock.pass(8_000);
  assert.equal(sessions(scene, id), 1);
});

Deno.test("sign() again with an id just after a start waits for the holders that are still being found", async () => {
  await using scene = await start();
  const first = await ended(scene, scene.node("eve").sign(request).result);
  const others = names.filter((name) => !scene.view(name, id).some(({ type }) => type === "opened"));
  scene.cluster.kill("eve");
  split(scene, [...others, "eve"], names);
  await scene.cluster.boot("eve");
  scene.clock.timer(1_500, () => scene.cluster.network.reachable(() => true));
  await scene.known("treasury");
  assert.equal(await ended(scene, scene.node("eve").sign(request).result), first);
  assert.equal(sessions(scene, id), 1);
});

Deno.test("sign() again with an id is carried out though the order before was given a turn, and nobody is away any more", async () => {
  const asked: string[] = [];
  await using scene = await start({
    threshold: 3, // so that every party has a peer that remembers the turn
    node: (name) => ({
      approve({ kind }) {
        if (kind !== "sign") return Promise.resolve("accept");
        asked.push(name);
        return new Promise(() => {});
      },
    }),
  });
  void scene.node("eve").sign(request).result.catch(() => {});
  await scene.clock.pass(500);
  const { first } = proposed(scene);
  scene.cluster.kill(first);
  await scene.clock.pass(3_000);
  const [next] = names.filter((name) =>
    name !== first && scene.view(name, id).some(({ type }) => type === "proposed")
  );
  assert.ok(next, "another has taken over");
  // Whoever asked and both coordinators start anew: nobody has the command, and the others remember its turn.
  for (const name of ["eve", next]) scene.cluster.kill(name);
  await scene.clock.pass(1_000);
  for (const name of [first, next, "eve"]) await scene.cluster.boot(name);
  await scene.cluster.linked();
  await scene.known("treasury");
  asked.length = 0;
  void scene.node("eve").sign(request).result.catch(() => {});
  await scene.clock.pass(3_000);
  assert.ok(asked.some((name) => name !== first && name !== next), `${asked}`);
});

/** A signature, and eve has started anew since. @returns Its signers, and the other holders. */
async function signedBefore(scene: Scene): Promise<{ signers: string[]; others: string[] }> {
  assert.equal(typeof await ended(scene, scene.node("eve").sign(request).result), "string");
  const signers = names.filter((name) => scene.view(name, id).some(({ type }) => type === "opened"));
  scene.cluster.kill("eve");
  await scene.cluster.boot("eve");
  await scene.clock.pass(12_000);
  return { signers, others: names.filter((name) => !signers.includes(name)) };
}

Deno.test("sign() again with an id and with signers that did not sign before ends with outcome-unknown where those that did are away", async () => {
  await using scene = await start();
  const { signers, others } = await signedBefore(scene);
  for (const name of signers) scene.cluster.kill(name);
  await scene.clock.pass(2_000);
  const chosen = scene.inOrder(others).map((name) => scene.peer(name));
  const again = await ended(scene, scene.node("eve").sign({ ...request, signers: chosen }).result);
  assert.ok(typeof again !== "string" && again.code === "outcome-unknown", `${again}`);
  assert.deepEqual(again.missing, scene.inOrder(signers).map((name) => scene.peer(name)));
});

Deno.test("sign() with an id that was used with another key asks that one's holders too, and ends with id-reused", async () => {
  await using scene = await start();
  const { signers, others } = await signedBefore(scene);
  const made = await scene.generate("other", 2, { by: others[0]!, members: others });
  assert.equal(made.error, null);
  await scene.known("other");
  const again = await ended(scene, scene.node("eve").sign({ ...request, wallet: "other" }).result);
  assert.ok(typeof again !== "string" && again.code === "id-reused", `${again} ${signers}`);
});

Deno.test("sign() again with an id of signers that alone were asked before waits for nobody else", async () => {
  const asked = people();
  await using scene = await start({ node: asked.node });
  const signers = scene.inOrder(["alice", "bob"]).map((name) => scene.peer(name));
  const first = scene.node("eve").sign({ ...request, signers });
  await scene.clock.pass(500);
  const { first: coordinator } = proposed(scene);
  scene.cluster.kill(coordinator);
  await assert.rejects(scene.clock.until(first.result), { code: "peer-left" });
  for (const name of ["carol", "dave"]) scene.cluster.kill(name);
  await scene.cluster.boot(coordinator);
  await scene.clock.pass(3_000);
  asked.answer();
  assert.equal(typeof await ended(scene, scene.node("eve").sign({ ...request, signers }).result), "string");
});

Deno.test("sign() gives the turn of the next coordinator later to a holder that it did not reach at first", async () => {
  const asked = people();
  await using scene = await start({ node: asked.node, threshold: 3 });
  const { result } = scene.node("eve").sign(request);
  await scene.clock.pass(500);
  const { first } = proposed(scene);
  const far = names.find((name) => name !== first)!;
  split(scene, names, ["eve", ...names.filter((name) => name !== far)]);
  await scene.clock.pass(500);
  scene.cluster.kill(first);
  asked.answer();
  await scene.clock.pass(12_000);
  assert.equal(sessions(scene, id), 0, `${far} does not know whose turn it is`);
  scene.cluster.network.reachable(() => true);
  assert.equal(typeof await ended(scene, result), "string");
  assert.equal(sessions(scene, id), 1);
});
