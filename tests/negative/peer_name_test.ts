import assert from "node:assert/strict";
import { encode } from "cborg";
import { protocols } from "../../src/cluster/context.ts";
import { formatRoster, parseRoster, signRoster } from "../../mod.ts";
import { asks, door, namesIn, problemOf, withAdmin } from "./asker.ts";
import { assertWorks } from "./honest.ts";
import { next, reach } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

const hostile: Record<string, string> = {
  "none": "",
  "a line end": "Bob\nAlice",
  "a terminal's escape": "\u001b[2JBob",
  "a C1 control character": "\u009bBob",
  "a direction override": "Bob \u202eecilA",
  "a direction isolate": "Bob\u2066",
  "a blank without width": "Al\u200bice",
  "a joiner": "Al\u200dice",
  "a soft hyphen": "Al\u00adice",
  "a byte order mark": "\ufeffAlice",
  "a tag character": "Bob\u{e0041}",
  "half a character": "Bob \ud83d",
  "a character for private use": "Bob \ue000",
  "a line separator": "Bob\u2028",
  "a blank that is none": "Bob\u00a0Smith",
  "a blank before it": " Bob",
  "a blank after it": "Bob ",
  "two blanks": "Bob  Smith",
  "another form of the same letters": "Ame\u0301lie",
  "33 letters": "B".repeat(33),
  "300 bytes": "é".repeat(150),
};
const fine = ["Bob", "Ada's laptop", "Amélie", "李小龍", "שרה", "🦊 fox", "B".repeat(32), "🦊".repeat(16)];

Deno.test("signRoster() signs no name that is unseen, misleading or too long, and parseRoster() reads none", async () => {
  await using scene = await Scene.start();
  const { admin, roster } = scene.cluster;
  const [first] = roster.peers;
  for (const [what, name] of Object.entries(hostile)) {
    const peers = [{ ...first!, name }];
    const wrong = { name: "InputError", field: "peers[0].name" };
    await assert.rejects(signRoster(admin, peers, null), wrong, what);
    assert.throws(() => parseRoster(formatRoster({ ...roster, peers })), wrong, what);
  }
  for (const name of fine) {
    const signed = await signRoster(admin, [{ ...first!, name }], null);
    assert.deepEqual(parseRoster(formatRoster(signed)), signed, name);
  }
});

Deno.test("A stranger with a hostile name asks nobody anything, whether its software looks at the name or not", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite({ rights: ["observer"], uses: 32 });
  for (const [what, name] of Object.entries(hostile)) {
    const eve = await asks(scene, what, invitation, name);
    assert.match(problemOf(eve), /^name: /, what);
    if (name.isWellFormed()) { // else it cannot be written down in UTF-8
      const channel = await reach(scene, eve, "alice", protocols.join);
      await channel.send(encode(["quorate/2/join", invitation.token, new Uint8Array(32), name]));
      assert.equal(await next(scene, channel), "broken", what);
    }
    await eve.network.stop();
  }
  assert.deepEqual([door(scene), alice.invites()[0]!.uses], [[], 32]);
  await assertWorks(scene);
});

Deno.test("Who wants a name that is taken gets a number, and the person who decides sees it", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const expected: Record<string, string> = {
    "bob": "bob 2",
    "BOB": "BOB 3",
    "🦊": "🦊",
    [`${"🦊".repeat(16)}`]: "🦊".repeat(16),
  };
  for (const name of Object.keys(expected)) {
    const asker = await asks(scene, name, alice.invite({ rights: ["holder"] }), name);
    assert.equal(alice.joining()[0]!.name, expected[name]);
    await scene.clock.until(alice.admit(asker.identity.peer));
    await asker.network.stop();
    await scene.clock.pass(1_000);
  }
  const long = await asks(scene, "long", alice.invite({ rights: ["observer"] }), "🦊".repeat(16));
  assert.equal(problemOf(long), "it is in");
  assert.deepEqual(namesIn(alice.roster).slice(3), [...Object.values(expected), `${"🦊".repeat(13)} 2`]);
});

Deno.test("Two who ask for one name at the same time get two", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  const invitation = alice.invite({ rights: ["holder"], uses: 2 });
  const askers = [await asks(scene, "a", invitation, "dave"), await asks(scene, "b", invitation, "dave")];
  for (const { identity } of askers) await scene.clock.until(alice.admit(identity.peer));
  assert.deepEqual(namesIn(alice.roster).slice(3), ["dave", "dave 2"]);
  assert.deepEqual(door(scene), ["dave asking", "dave asking", "dave admitted", "dave 2 admitted"]);
});
