import assert from "node:assert/strict";
import { parseInvitation } from "../../../mod.ts";
import type { FourWords } from "../../../src/identity/four_words.ts";
import { newIdentity } from "../../../src/identity/identity.ts";
import { join } from "../../../src/node/join.ts";
import { platformRandom } from "../../../src/platform/platform.ts";
import { Pair } from "../../node/pair.ts";
import { Served } from "./served.ts";

/** Somebody who asks Alice to join, and the four words on that screen. */
async function applicant({ transport }: Pair, link: string, name: string) {
  const identity = await newIdentity(platformRandom);
  const { promise: words, resolve } = Promise.withResolvers<FourWords>();
  const joined = join(transport(), identity, parseInvitation(link), { name, waiting: resolve });
  joined.catch(() => {});
  return { peer: identity.peer, words: await words, joined };
}

/** The requests that wait, once there are as many. */
async function waiting(served: Served, count: number) {
  for (let i = 0; i < 200; i++) {
    const all = await served.ask<"joining">({ method: "joining" });
    if (all.length === count) return all;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`There are never ${count} requests`);
}

Deno.test("a peer is admitted over the control socket by its fourth word, which never leaves the node", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.alice);
  assert.deepEqual(await served.ask<"joining">({ method: "joining" }), []);
  const { link } = await served.ask<"invite">({ method: "invite", rights: ["holder"] });
  const { peer, words, joined } = await applicant(pair, link, "Carol");
  const [request] = await waiting(served, 1);
  assert.deepEqual(request, {
    peer,
    name: "Carol",
    rights: ["holder"],
    noes: 0,
    words: words.slice(0, 3).join(" "),
  });
  const admit = (word: string) => served.ask<"admit">({ method: "admit", peer: "Carol", word });
  for (const wrong of ["", "no", words[0], words[2], words.slice(0, 3).join(" "), `${words[3]}s`]) {
    await assert.rejects(admit(wrong), (error: Error) => {
      assert.match(error.message, /^word: expected the fourth word on the other screen, found “/);
      assert.ok(wrong.includes(words[3]) || !error.message.includes(words[3]), "nothing says the word");
      return true;
    });
  }
  assert.equal(pair.alice.roster.version, 1, "nobody was let in");
  await assert.rejects(
    served.ask<"admit">({ method: "admit", peer: "Dave", word: words[3] }),
    { name: "InputError", message: `peer: expected one that asks to join (Carol (${peer})), found “Dave”` },
  );
  const admitted = await admit(` ${words[3].toUpperCase()} `);
  assert.deepEqual(admitted, { peer, name: "Carol", rights: ["holder"], version: 2 });
  assert.equal((await joined).version, 2);
  assert.deepEqual(await served.ask<"joining">({ method: "joining" }), []);
  assert.deepEqual(served.failed, []);
});

Deno.test("a peer is refused over the control socket, and of two with one name the id is wanted", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.alice);
  const { link } = await served.ask<"invite">({ method: "invite", rights: ["holder"], uses: 2 });
  const [one, other] = [await applicant(pair, link, "Carol"), await applicant(pair, link, "Carol")];
  await waiting(served, 2);
  const byName = served.ask<"reject">({ method: "reject", peer: "Carol" });
  await assert.rejects(byName, /^InputError: peer: expected the id of one that asks to join \(Carol \(12D3/);
  const rejected = await served.ask<"reject">({ method: "reject", peer: one.peer });
  assert.deepEqual([rejected.peer, rejected.name], [one.peer, "Carol"]);
  await assert.rejects(one.joined, /said no/);
  await served.ask<"admit">({ method: "admit", peer: "Carol", word: other.words.join(" ") });
  assert.ok((await other.joined).peers.some(({ peer }) => peer === other.peer));
  assert.ok(!pair.alice.roster.peers.some(({ peer }) => peer === one.peer));
});

Deno.test("a node without the admin key has no requests to join", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.bob);
  assert.deepEqual(await served.ask<"joining">({ method: "joining" }), []);
  const admit = served.ask<"admit">({ method: "admit", peer: "Carol", word: "zoo" });
  await assert.rejects(
    admit,
    /^InputError: peer: expected one that asks to join \(nobody does\), found “Carol”$/,
  );
});
