import assert from "node:assert/strict";
import { checkCommand } from "../../src/cluster/commands/check_command.ts";
import { type Command, commandRecord } from "../../src/cluster/records/command.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { readEvents } from "../../src/cluster/links/gossip.ts";
import { InputError, SessionError } from "../../src/errors.ts";
import { isTerminal, type SessionEvent } from "../../src/events.ts";
import type { FailureCode } from "../../src/failure.ts";
import { cancelRecord } from "../../src/session/control.ts";
import type { SignItem } from "../../src/schemes/scheme.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { type Fault, faultyStore } from "../store/fault_store.ts";
import { assertWorks } from "./honest.ts";
import { item } from "../sim/item.ts";
import { commandOf, framed, inPlaceOf, next, type RawPeer, reach, resultOf } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

type Ended = "ended" | "broken" | "nothing" | { code: FailureCode | null };

/** Sends alice a command; gives the code of its result, or how the stream ended. */
async function commanded(scene: Scene, by: RawPeer, encoded: Uint8Array): Promise<Ended> {
  const answer = await resultOf(scene, by, encoded);
  return typeof answer === "string" ? answer : { code: answer.code };
}

const other: { [K in keyof Command]: (scene: Scene, command: Command) => Command[K] } = {
  id: (_scene, { id }) => id.with(0, id[0]! ^ 1),
  cluster: (scene) => scene.peer("carol"),
  kind: () => "sign",
  wallet: () => "another",
  scheme: () => "ecdsa",
  threshold: () => 3,
  members: (_scene, { members }) => members.slice(0, 2),
  dealers: (_scene, { members }) => members.slice(0, 2),
  gone: (_scene, { members }) => members.slice(2),
  signers: (_scene, { members }) => members.slice(0, 2),
  keyId: () => new Uint8Array(32),
  epoch: () => 1,
  itemCount: () => 1,
  itemsHash: () => new Uint8Array(32),
  note: () => "for Carol",
  reference: () => "invoice 7",
  coordinators: (scene) => [scene.peer("carol")],
  created: (_scene, { created }) => created - 1,
  expires: (_scene, { expires }) => expires + 1,
};

Deno.test("Commands are refused when any field of them is changed after they were signed", async () => {
  await using scene = await Scene.start({ consoles: ["eve"] });
  const eve = await inPlaceOf(scene, "eve");
  const good = await commandOf(scene, eve.identity);
  const { value } = (await readSigned(eve.identity, commandRecord, good))!;
  assert.deepEqual(Object.keys(other).sort(), Object.keys(value).sort(), "every field has its change");
  for (const [field, change] of Object.entries(other)) {
    const forged = spliced(good, value, { ...value, [field]: change(scene, value) });
    assert.equal(await readSigned(eve.identity, commandRecord, forged), null, field);
    assert.equal(await commanded(scene, eve, forged), "broken", field);
  }
  assert.equal(scene.node("alice").session(value.id.toHex()), undefined);
  assert.deepEqual(await commanded(scene, eve, good), { code: null }, "unchanged, it is carried out");
  await assertWorks(scene);
});

/** The signed bytes with another body in them: canonical CBOR, the same length or not. */
function spliced(encoded: Uint8Array, was: Command, is: Command): Uint8Array {
  const [before, after] = [commandRecord.encode(was), commandRecord.encode(is)];
  const at = encoded.toHex().indexOf(before.toHex()) / 2;
  const head = encoded.slice(0, at);
  // The length of the body stands before it, in two bytes of an unsigned 16-bit number.
  new DataView(head.buffer, head.byteOffset + head.length - 2).setUint16(0, after.length);
  return Uint8Array.of(...head, ...after, ...encoded.slice(at + before.length));
}

/** The fields of a signature, each of which a command for a new key must not have. */
const signatureFields: readonly Partial<Command>[] = [
  { keyId: new Uint8Array(32) },
  { itemsHash: new Uint8Array(32) },
  { epoch: 1 },
  { itemCount: 1 },
];

Deno.test("checkCommand() names the field of a signature that a command for a new key has", async () => {
  await using scene = await Scene.start({ consoles: ["eve"] });
  const { identity } = scene.everyone("eve");
  const { roster } = scene.cluster;
  const now = scene.clock.now();
  const check = async (changes: Partial<Command>) => {
    const encoded = await commandOf(scene, identity, changes);
    const command = (await readSigned(identity, commandRecord, encoded))!;
    checkCommand({ command, items: [] }, roster, now);
  };
  await check({});
  for (const changes of signatureFields) {
    await assert.rejects(check(changes), (error) => {
      assert.ok(error instanceof SessionError && error.cause instanceof InputError);
      assert.deepEqual([error.code, error.cause.field], ["session-mismatch", Object.keys(changes)[0]]);
      return true;
    });
  }
});

Deno.test("Commands are refused for what their signer may not ask, or not like this", async () => {
  await using scene = await Scene.start({ consoles: ["eve"], threshold: 2 });
  const carol = scene.everyone("carol").identity;
  const eve = await inPlaceOf(scene, "eve");
  const now = scene.clock.now();
  const members = ["alice", "bob"].map((name) => scene.peer(name)).sort();
  const refused: [string, FailureCode, Partial<Command>][] = [
    ["another cluster", "not-authorized", { cluster: scene.peer("bob") }],
    ["another coordinator", "not-authorized", { coordinators: [scene.peer("bob")] }],
    ["a coordinator twice", "session-mismatch", { coordinators: [scene.peer("alice"), scene.peer("alice")] }],
    ["an observer among the coordinators", "session-mismatch", {
      coordinators: [scene.peer("alice"), eve.identity.peer],
    }],
    ["a stranger among the coordinators", "session-mismatch", {
      coordinators: [scene.peer("alice"), "12D3KooWStranger"],
    }],
    ["a note with a line end", "session-mismatch", { note: "for\nBob" }],
    ["a note that turns round", "session-mismatch", { note: "for \u202ebob" }],
    ["a reference with a control character", "session-mismatch", { reference: "invoice\u0007" }],
    ["of the past", "clock-skew", { created: now - 700_000, expires: now - 300_000 }],
    ["not yet", "clock-skew", { created: now + 300_000, expires: now + 360_000 }],
    ["too long", "expired", { created: now, expires: now + 601_000 }],
    ["over before it began", "expired", { created: now, expires: now - 1 }],
    ["threshold 1", "session-mismatch", { threshold: 1 }],
    ["threshold over members", "session-mismatch", { threshold: 4 }],
    ["one member", "session-mismatch", { members: [scene.peer("alice")], threshold: 2 }],
    ["a member twice", "session-mismatch", { members: [members[0]!, members[0]!] }],
    ["a stranger among the members", "session-mismatch", { members: [...members, "12D3KooWStranger"] }],
    ["an observer among the members", "session-mismatch", { members: [...members, eve.identity.peer] }],
    // What brings other items than it has the number and the hash of is no command at all.
    ...signatureFields.filter(({ itemsHash, itemCount }) => !itemsHash && !itemCount).map((changes) =>
      [`a new key with ${Object.keys(changes)}`, "session-mismatch", changes] as [
        string,
        FailureCode,
        Partial<Command>,
      ]
    ),
    ["no wallet", "session-mismatch", { wallet: "" }],
    ["an unknown wallet", "unknown-wallet", { kind: "sign", members: [], threshold: 0 }],
    ["a taken name", "wallet-exists", { wallet: "treasury" }],
    ["too many signers", "session-mismatch", {
      kind: "sign",
      wallet: "treasury",
      members: [],
      signers: scene.names.map((name) => scene.peer(name)).sort(),
    }],
  ];
  for (const [what, code, changes] of refused) {
    const said = await commanded(scene, eve, await commandOf(scene, eve.identity, changes));
    assert.deepEqual(said, { code }, what);
  }
  const id = new Uint8Array(16).fill(0x2d);
  const strange = await commandOf(scene, eve.identity, { id, coordinators: [scene.peer("bob")] });
  assert.deepEqual(await commanded(scene, eve, strange), { code: "not-authorized" });
  assert.equal(scene.node("alice").session(id.toHex()), undefined, "what others carry out begins nothing");
  const theirs = await commandOf(scene, eve.identity, {
    id,
    coordinators: [scene.peer("bob"), scene.peer("alice")],
  });
  assert.equal(await commanded(scene, eve, theirs), "ended");
  const types = scene.view("alice", id.toHex()).map(({ type }) => type);
  assert.deepEqual(
    types,
    ["began", "phase", "failed"],
    "while another is there to carry it out, nobody is invited",
  );
  const epoch = scene.key.epoch + 1;
  const another = { id: id.with(0, 1), epoch, kind: "sign", wallet: "treasury" } as const;
  const later = await commandOf(scene, eve.identity, { ...another, members: [], threshold: 0 });
  assert.deepEqual(await commanded(scene, eve, later), { code: "epoch-mismatch" });
  const began = scene.view("alice", another.id.toHex()).map(({ type }) => type);
  assert.deepEqual(began, ["began", "phase", "failed"], "nobody is invited to use another epoch");
  // What no record can have is no command.
  for (const changes of [{ note: "w".repeat(257) }, { reference: "w".repeat(65) }, { coordinators: [] }]) {
    const said = await commanded(scene, eve, await commandOf(scene, eve.identity, changes));
    assert.equal(said, "broken", Object.keys(changes).join());
  }
  const two = await commandOf(scene, eve.identity, {
    wallet: "another",
    coordinators: [scene.peer("alice"), scene.peer("bob")],
    note: "für Grüße 🎉".repeat(20).slice(0, 240),
    reference: "2026-11/7",
  });
  assert.deepEqual(await commanded(scene, eve, two), { code: null }, "there is room for others to take over");
  assert.equal(await commanded(scene, eve, await commandOf(scene, carol)), "broken", "another's command");
  for (const junk of [new Uint8Array(), new Uint8Array(100), new TextEncoder().encode("hello")]) {
    assert.equal(await commanded(scene, eve, junk), "broken", "junk");
  }
  await assertWorks(scene);
});

Deno.test("Commands are carried out once: repeated they are answered, and after a restart too", async () => {
  await using scene = await Scene.start({ consoles: ["eve"] });
  const eve = await inPlaceOf(scene, "eve");
  const command = await commandOf(scene, eve.identity);
  assert.deepEqual(await commanded(scene, eve, command), { code: null });
  const keys = await scene.node("alice").keys();
  assert.deepEqual(await commanded(scene, eve, command), { code: null }, "the stored outcome");
  const { value: { id } } = (await readSigned(eve.identity, commandRecord, command))!;
  const sameId = await commandOf(scene, eve.identity, { id, wallet: "more" });
  const replayed = { code: "id-reused" };
  assert.deepEqual(await commanded(scene, eve, sameId), replayed, "its id stands for its content");
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  assert.deepEqual(await commanded(scene, eve, command), { code: null }, "after a restart");
  assert.deepEqual(await commanded(scene, eve, sameId), replayed, "after a restart");
  assert.deepEqual(
    (await scene.node("alice").keys()).map(({ session }) => session),
    keys.map(({ session }) => session),
  );
  await assertWorks(scene);
});

/** What the commands here want signed. */
const wanted: readonly SignItem[] = [item({ message: hello })];

/** A command to sign with the scene's key. */
const signing = (
  scene: Scene,
  signers: readonly string[],
  changes: Partial<Command> = {},
): Partial<Command> & { items: readonly SignItem[] } => ({
  kind: "sign",
  wallet: "treasury",
  threshold: 0,
  members: [],
  signers: signers.map((name) => scene.peer(name)).sort(),
  items: wanted,
  ...changes,
});

Deno.test("Commands are answered to who asked only: the id of another's command gives nobody its signature", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve", "mallory"] });
  const eve = await inPlaceOf(scene, "eve");
  const mallory = await inPlaceOf(scene, "mallory");
  const theirs = await commandOf(scene, eve.identity, signing(scene, ["alice", "bob"]));
  const first = await resultOf(scene, eve, theirs, { items: wanted });
  assert.ok(typeof first !== "string" && first.code === null && first.signatures[0]?.length === 64);
  const { value: { id } } = (await readSigned(eve.identity, commandRecord, theirs))!;
  // Nobody is there to sign with: whatever signature comes was made for somebody else.
  scene.cluster.kill("bob");
  const stolen = await resultOf(
    scene,
    mallory,
    await commandOf(scene, mallory.identity, signing(scene, ["alice", "bob"], { id })),
    { items: wanted },
  );
  assert.ok(typeof stolen !== "string" && stolen.signatures.length === 0 && stolen.code !== null);
  const again = await resultOf(scene, eve, theirs, { items: wanted });
  assert.ok(typeof again !== "string" && again.signatures[0]!.toHex() === first.signatures[0]!.toHex());
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  await assertWorks(scene);
});

Deno.test("Commands have each a story of their own: two initiators with one id hear nothing of each other's", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve", "mallory"] });
  const eve = await inPlaceOf(scene, "eve");
  const mallory = await inPlaceOf(scene, "mallory");
  const id = new Uint8Array(16).fill(7);
  /** Asks alice; gives what she tells over that stream, in her own view. */
  const told = async (by: RawPeer, wallet: string): Promise<SessionEvent[]> => {
    const encoded = await commandOf(scene, by.identity, signing(scene, ["alice", "bob"], { id, wallet }));
    const channel = await reach(scene, by, "alice", protocols.command);
    await channel.send(framed(encoded, wanted));
    const heard: SessionEvent[] = [];
    for (;;) {
      const said = await next(scene, channel, 40_000);
      if (!(said instanceof Uint8Array)) return heard;
      const events = await readEvents(by.identity, said);
      heard.push(...events?.items.filter((item): item is SessionEvent => "attempt" in item) ?? []);
    }
  };
  const beganAndEnded = (events: SessionEvent[]) =>
    events.flatMap((event) =>
      event.type === "began" ? [event.initiator] : isTerminal(event) ? [event.type] : []
    );
  const theirs = await told(mallory, "none");
  assert.deepEqual(beganAndEnded(theirs), [mallory.identity.peer, "failed"]);
  const first = scene.node("alice").session(id.toHex())!;
  const mine = await told(eve, "treasury");
  assert.deepEqual(beganAndEnded(mine), [eve.identity.peer, "done"]);
  assert.deepEqual(new Set(mine.map(({ wallet }) => wallet)), new Set(["treasury"]));
  assert.ok([...theirs, ...mine].every((event) => event.id === id.toHex() && !("story" in event)));
  await assert.rejects(first.result, { code: "unknown-wallet" }, "the session in hand stays what it was");
  await assertWorks(scene);
});

Deno.test("Commands are carried out whoever used their id before: it is taken for one initiator only", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve", "mallory"] });
  const eve = await inPlaceOf(scene, "eve");
  const mallory = await inPlaceOf(scene, "mallory");
  const command = await commandOf(scene, eve.identity, signing(scene, ["alice", "bob"]));
  const { value: { id } } = (await readSigned(eve.identity, commandRecord, command))!;
  // Its id was heard of while somebody was being asked, and another command with it runs first, with another coordinator.
  const coordinators = [scene.peer("bob")];
  const squatting = signing(scene, ["bob", "carol"], { id, coordinators });
  const before = await resultOf(scene, mallory, await commandOf(scene, mallory.identity, squatting), {
    coordinator: "bob",
    items: wanted,
  });
  assert.ok(typeof before !== "string" && before.code === null);
  const answer = await resultOf(scene, eve, command, { items: wanted });
  assert.ok(typeof answer !== "string" && answer.code === null, JSON.stringify(answer));
  await assertWorks(scene);
});

Deno.test("Commands that are repeated are store-failed while what came of them cannot be read", async () => {
  const faults: Fault[] = [];
  await using scene = await Scene.start({
    consoles: ["eve"],
    store: (name) => name === "alice" ? faultyStore(memoryStore(), faults) : memoryStore(),
  });
  const eve = await inPlaceOf(scene, "eve");
  const command = await commandOf(scene, eve.identity);
  assert.deepEqual(await commanded(scene, eve, command), { code: null });
  // What is not written to any more has to be read.
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.cluster.linked();
  faults.push({ on: "get", name: /^outcome\//, then: "fail" });
  assert.deepEqual(await commanded(scene, eve, command), { code: "store-failed" });
  const more = await commandOf(scene, eve.identity, { wallet: "more" });
  assert.notDeepEqual(await commanded(scene, eve, more), { code: "store-failed" }, "it was carried out");
  assert.ok((await scene.node("alice").keys()).some(({ wallet }) => wallet === "more"));
  faults.length = 0;
  assert.deepEqual(await commanded(scene, eve, command), { code: null });
  await assertWorks(scene);
});

Deno.test("Commands of a peer without the right are refused, whoever passes them on", async () => {
  await using scene = await Scene.start({ consoles: ["eve"] });
  const { admin, roster } = scene.cluster;
  assert.ok(admin.peer === roster.cluster);
  const eve = await inPlaceOf(scene, "eve");
  // The admin key is a key, not a right: not even it may ask.
  const theirs = await commandOf(scene, admin);
  assert.equal(await commanded(scene, eve, theirs), "broken");
  await assertWorks(scene);
});

Deno.test("Commands are cancelled by their initiator only", async () => {
  await using scene = await Scene.start({ consoles: ["eve"], threshold: 3 });
  const session = scene.node("alice").sign({
    wallet: "treasury",
    scheme: "ed25519",
    message: new Uint8Array(3),
  });
  const eve = await inPlaceOf(scene, "eve");
  const channel = await reach(scene, eve, "alice", protocols.command);
  await channel.send(framed(await commandOf(scene, eve.identity)));
  const id = Uint8Array.fromHex(session.id);
  await channel.send((await sign(eve.identity, cancelRecord, { id })).encoded);
  await scene.clock.until(session.result);
  await scene.clock.pass(1_000);
  await assertWorks(scene);
});
