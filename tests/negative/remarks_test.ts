import assert from "node:assert/strict";
import type { ApprovalRequest } from "../../mod.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import type { SessionEvent } from "../../src/events.ts";
import type { Carried } from "../../src/transport/memory/memory.ts";
import { terminalOf } from "./honest.ts";
import { hello, Scene } from "./scene.ts";

const note = "Payroll of November";
const reference = "invoice-2026-11/7";
const labels = { note, reference };

interface Watched {
  /** Everything that went from a peer to another, in clear as this network carries it. */
  frames: (Pick<Carried, "protocol" | "stream"> & { to: string; text: string })[];
  asked: Map<string, ApprovalRequest[]>;
  scene: Scene;
}

/** Eve and Oscar are consoles: only Eve asks. Every holder asks a person, who says yes. */
async function watched(): Promise<Watched> {
  const frames: Watched["frames"] = [];
  const asked = new Map<string, ApprovalRequest[]>(["alice", "bob", "carol"].map((name) => [name, []]));
  const latin = new TextDecoder("latin1");
  const scene = await Scene.start({
    threshold: 2,
    consoles: ["eve", "oscar"],
    carry: (_clock, nameOf) => ({ bytes, protocol, stream, to }) => {
      frames.push({ protocol, stream, to: nameOf(to), text: latin.decode(bytes) });
      return [{ bytes, afterMs: 0 }];
    },
    node: (name) => ({
      approve: (request) => {
        asked.get(name)?.push(request);
        return Promise.resolve("accept");
      },
    }),
  });
  return { frames, asked, scene };
}

/** What an event says of the remarks. */
const remarksIn = (events: readonly object[]) =>
  events.flatMap((event) =>
    "note" in event || "reference" in event
      ? [{ type: (event as SessionEvent).type, ...event }].map((
        { type, note, reference }: Record<string, unknown>,
      ) => ({
        type,
        note,
        reference,
      }))
      : []
  );
const once = [{ type: "began", ...labels }];

const has = ({ text }: { text: string }) => text.includes(note) || text.includes(reference);
const isGossip = ({ stream }: { stream: unknown }) => stream === null;

Deno.test("sign() shows note and reference to its signers' people and in their events, and nobody else receives them if it succeeds", async () => {
  const { frames, asked, scene } = await watched();
  await using _scene = scene;
  for (const by of ["eve", "bob"]) {
    const before = frames.length;
    asked.forEach((requests) => requests.splice(0));
    const seen = await scene.sign(["bob", "carol"], { by, message: hello, ...labels });
    assert.ok(seen.value, seen.error?.code);
    for (const name of by === "bob" ? ["carol"] : ["bob", "carol"]) {
      assert.deepEqual(asked.get(name)!.map(({ note, reference }) => ({ note, reference })), [labels], name);
    }
    for (const name of ["bob", "carol"]) assert.deepEqual(remarksIn(seen.view(name)), once, name);
    for (const name of ["alice", "oscar"]) {
      const { events } = scene.everyone(name);
      assert.ok(
        events.some((event) => event.type === "began" && event.id === seen.id),
        `${name} hears of it`,
      );
      assert.deepEqual(remarksIn(events), [], name);
    }
    const history: SessionEvent[] = [];
    for await (const event of scene.node(by).session(seen.id)!.events()) history.push(event as SessionEvent);
    assert.ok(remarksIn(history).length > 0, "whoever asks finds them in its own session");
    const sent = frames.slice(before);
    assert.ok(
      sent.some((frame) => frame.protocol === protocols.invite && has(frame)),
      "they are in the invite",
    );
    assert.ok(sent.some((frame) => isGossip(frame) && frame.text.includes(seen.id)), "it is gossiped");
    assert.equal(sent.filter((frame) => isGossip(frame) && has(frame)).length, 0, "no gossip has them");
    assert.deepEqual(sent.filter((frame) => has(frame) && ["alice", "oscar"].includes(frame.to)), []);
  }
});

Deno.test("sign() that fails shows note and reference to whoever fetches its evidence, and to nobody else outside its party", async () => {
  const { frames, scene } = await watched();
  await using _scene = scene;
  const before = frames.length;
  scene.arm("bob", cheats.get("forged-share")!);
  const seen = await scene.sign(["bob", "carol"], { by: "eve", message: hello, ...labels });
  const end = terminalOf(seen, "carol");
  assert.ok(end.type === "failed" && end.evidence);
  const outside = () =>
    frames.slice(before).filter((frame) => has(frame) && ["alice", "oscar"].includes(frame.to));
  assert.deepEqual(outside(), []);
  for (const name of ["alice", "oscar"]) {
    assert.ok(await scene.clock.until(scene.node(name).evidence(end)), name);
    assert.deepEqual(outside().filter(({ to }) => to === name).map(({ protocol }) => protocol), [
      protocols.sync,
    ]);
    assert.deepEqual(remarksIn(scene.everyone(name).events), [], name);
  }
  assert.deepEqual(frames.slice(before).filter((frame) => isGossip(frame) && has(frame)), []);
});

Deno.test("generateKey() shows note and reference to its members' people, and no gossip has them", async () => {
  const { frames, asked, scene } = await watched();
  await using _scene = scene;
  const seen = await scene.watch(() =>
    scene.node("alice").generateKey({ wallet: "rents", scheme: "ed25519", threshold: 2, ...labels })
  );
  assert.ok(seen.value, seen.error?.code);
  for (const name of ["bob", "carol"]) {
    const [request] = asked.get(name)!.slice(-1);
    assert.deepEqual([request?.kind, request?.note, request?.reference], ["generate", note, reference]);
  }
  for (const name of ["alice", "bob", "carol"]) assert.deepEqual(remarksIn(seen.view(name)), once, name);
  await scene.known("rents");
  assert.ok(frames.some((frame) => isGossip(frame) && frame.text.includes(seen.id)));
  assert.deepEqual(frames.filter((frame) => isGossip(frame) && has(frame)), []);
  assert.deepEqual(remarksIn(scene.everyone("oscar").events), []);
});

Deno.test("sign() without note and reference states neither, in a request or in an event", async () => {
  const { asked, scene } = await watched();
  await using _scene = scene;
  const seen = await scene.sign(["bob", "carol"], { by: "eve" });
  assert.ok(seen.value, seen.error?.code);
  const [request] = asked.get("bob")!.slice(-1);
  assert.deepEqual([request?.note, request?.reference], ["", ""]);
  for (const name of ["bob", "carol"]) assert.deepEqual(remarksIn(seen.view(name)), []);
});
