import assert from "node:assert/strict";
import { parseInvitation, parseRoster } from "../../mod.ts";
import { createKeyFile } from "../../src/server.ts";
import { askingPerson } from "../../src/cli/terminal/admit.ts";
import type { JoinRequest } from "../../src/cluster/roster/admission/join_request.ts";
import { Running } from "./running.ts";
import { rest, terminal } from "./terminal.ts";

async function quorate(...args: string[]): Promise<Running & { code: number }> {
  const run = new Running(...args);
  return Object.assign(run, { code: await run.ends() });
}

/** Alice's folder, with the admin key, and what she is started with. */
async function alone(): Promise<{ dir: string; start: string[] } & AsyncDisposable> {
  const dir = await Deno.makeTempDir();
  const { peer } = await createKeyFile(`${dir}/identity.age`);
  await createKeyFile(`${dir}/admin.age`);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `/ip4/127.0.0.1/tcp/${(listener.addr as Deno.NetAddr).port}/ws`;
  listener.close();
  const peers = [{ name: "Alice", peer, addresses: [address], rights: ["holder", "initiator", "manager"] }];
  await Deno.writeTextFile(`${dir}/peers.json`, JSON.stringify(peers));
  const files = [
    "--admin",
    `${dir}/admin.age`,
    "--peers",
    `${dir}/peers.json`,
    "--out",
    `${dir}/roster.json`,
  ];
  assert.equal((await quorate("roster", "sign", ...files)).code, 0);
  await Deno.writeTextFile(`${dir}/node.json`, config(dir, [address], { admin: `${dir}/admin.age` }));
  return {
    dir,
    start: ["run", `${dir}/node.json`, "--invite", `${dir}/link`],
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

const config = (dir: string, listen: string[], more: object = {}) =>
  JSON.stringify({
    identity: `${dir}/identity.age`,
    roster: `${dir}/roster.json`,
    store: `${dir}/shares.db`,
    listen,
    approve: "roster",
    ...more,
  });

Deno.test("quorate join waits for Alice's word, writes the roster, and the node that it is for links up", async () => {
  await using folder = await alone();
  const { dir, start } = folder;
  const alice = new Running(...start, "--admit", "ask");
  await alice.says(/"invitation"/);
  assert.equal((await Deno.stat(`${dir}/link`)).mode! & 0o777, 0o600);
  const link = (await Deno.readTextFile(`${dir}/link`)).trim();
  assert.ok(!alice.out.includes(link) && !alice.out.includes(parseInvitation(link).token.toHex()));
  await Deno.mkdir(`${dir}/bob`);
  const files = ["--identity", `${dir}/bob/identity.age`, "--roster", `${dir}/bob/roster.json`];
  const joining = new Running("join", `https://quorate.example/#${link}&s=1`, "--name", "Bob", ...files);
  await alice.says(/Let it in/);
  await joining.says(/\n {2}\w+ \w+ \w+ \w+\n/);
  const words = /\n {2}(\w+ \w+ \w+ \w+)\n/.exec(joining.sentences)![1]!;
  const shown = /Bob asks to join as holder\. .*: (\w+ \w+ \w+)\n/.exec(alice.sentences)?.[1];
  assert.equal(shown, words.split(" ").slice(0, 3).join(" "), alice.sentences);
  await alice.says(/"join".*"asking"/);
  assert.ok(!(alice.out + alice.sentences).includes(words), "the fourth word is on Bob's screen alone");
  await new Promise((resolve) => setTimeout(resolve, 6_500)); // a stranger that does not wait is thrown out after 5 s
  await alice.type(words.split(" ")[3]!);
  assert.equal(await joining.ends(), 0, joining.sentences);
  assert.match(joining.out, /^Bob is in version 2 of cluster 12D3Koo/);
  const [mine, hers] = [`${dir}/bob/roster.json`, `${dir}/roster.json`].map((path) =>
    parseRoster(Deno.readTextFileSync(path))
  );
  assert.deepEqual(mine, hers);
  assert.deepEqual(mine!.peers.map(({ name }) => name), ["Alice", "Bob"]);
  assert.ok(!/unauthentic-frame/.test(alice.out), alice.out);

  await Deno.writeTextFile(`${dir}/bob/node.json`, config(`${dir}/bob`, []));
  const bob = new Running("run", `${dir}/bob/node.json`);
  await Promise.all([alice, bob].map((node) => node.says(/"link".*"up"/)));
  assert.equal(await alice.ends("SIGTERM"), 0);
  const out = ["--admin", `${dir}/admin.age`, "--out", `${dir}/roster.json`];
  const removing = await quorate("roster", "remove", "Bob", ...out);
  assert.deepEqual([removing.code, removing.out], [0, "version 3: Alice\n"]);
  const again = new Running("run", `${dir}/node.json`);
  await bob.says(/"peer".*"refused"/);
  assert.equal(await again.ends("SIGTERM"), 0);
  assert.equal(await bob.ends("SIGTERM"), 0);
  assert.equal((await quorate("roster", "remove", "Bob", ...out)).code, 2);
});

Deno.test("quorate join says that it was turned away, and leaves no roster", async () => {
  await using folder = await alone();
  const { dir, start } = folder;
  const alice = new Running(...start, "--admit", "ask", "--rights", "holder,initiator");
  await alice.says(/"invitation"/);
  const link = await Deno.readTextFile(`${dir}/link`);
  const files = ["--identity", `${dir}/bob.age`, "--roster", `${dir}/bob.json`];
  const joining = new Running("join", "-", "--name", "Bob", ...files);
  await joining.type(link);
  const ended = joining.ends();
  await alice.says(/Let it in/);
  await alice.type("n");
  assert.equal(await ended, 2);
  assert.match(joining.sentences, /^invitation: .*said no$/m);
  await assert.rejects(Deno.stat(`${dir}/bob.json`), Deno.errors.NotFound);
  const again = new Running("join", link, "--name", "Bob", ...files);
  await alice.says(/You have said no to it once before\./); // it may ask again
  assert.equal(await again.ends("SIGTERM") === 0, false);
  assert.equal(await alice.ends("SIGTERM"), 0);
});

Deno.test("quorate join and run say in one sentence what is wrong with their input, and make nothing", async () => {
  await using folder = await alone();
  const { dir, start } = folder;
  const files = ["--identity", `${dir}/bob.age`, "--roster", `${dir}/bob.json`];
  const link = "#WyJxdW9yYXRlLzEiLCJhIiwiYiIsW10sIkFBQUFBQUFBQUFBQUFBQUFBQUFBQUEiXQ";
  await Deno.writeTextFile(`${dir}/bob.node.json`, config(dir, []));
  const cases: [string[], RegExp][] = [
    [["join", "#nothing", "--name", "Bob", ...files], /^invitation: /],
    [["join", link, "--name", "Bob\u202e", ...files], /^name: .*U\+202E/],
    [
      ["join", link, "--name", "Bob", "--identity", `${dir}/bob.age`, "--roster", `${dir}/roster.json`],
      /^roster: /,
    ],
    [["run", `${dir}/bob.node.json`, "--invite", `${dir}/link`], /^config\.admin: /],
    [[...start, "--admit", "sometimes"], /^--admit: /],
    [[...start, "--rights", "king"], /^rights: /],
  ];
  for (const [args, sentence] of cases) {
    const { code, sentences } = await quorate(...args);
    assert.deepEqual([code, sentences.trim().split("\n").length], [2, 1], `${args}: ${sentences}`);
    assert.match(sentences, sentence);
  }
  for (const path of ["bob.age", "bob.json", "link"]) {
    await assert.rejects(Deno.stat(`${dir}/${path}`), Deno.errors.NotFound, path);
  }
});

Deno.test("quorate join that ended half-way is gone on with by the same command, and takes over no other node's file", async () => {
  await using folder = await alone();
  const { dir, start } = folder;
  await using alice = new Running(...start, "--admit", "ask");
  await alice.says(/"invitation"/);
  const link = await Deno.readTextFile(`${dir}/link`);
  const at = `${dir}/bob`;
  const words = ["join", link, at, "--name", "Bob"];
  await using first = new Running(...words);
  await first.says(/\n {2}\w+ \w+ \w+ \w+\n/);
  await alice.says(/Let it in/);
  await Deno.writeTextFile(`${at}/node.json`, "mine"); // where the new one was to be
  await alice.type(/\n {2}\w+ \w+ \w+ (\w+)\n/.exec(first.sentences)![1]!);
  assert.equal(await first.ends(), 2, first.sentences);
  assert.match(
    first.sentences,
    /^config: expected to make .*node\.json, found that something( else)? is there/m,
  );
  assert.equal(await Deno.readTextFile(`${at}/node.json`), "mine");
  await assert.rejects(
    Deno.stat(`${at}/roster.json`),
    Deno.errors.NotFound,
    "nothing that a node would start with",
  );
  await Deno.remove(`${at}/node.json`);
  const second = await quorate(...words);
  assert.equal(second.code, 0, second.sentences);

  await Deno.remove(`${at}/roster.json`); // as if it had ended before its last step
  const made = await Deno.readTextFile(`${at}/node.json`);
  const other = await quorate(...words, "--approve", "roster");
  assert.equal(other.code, 2, other.sentences);
  assert.match(
    other.sentences,
    /^config: expected to make .*node\.json, found that something( else)? is there/m,
  );
  const third = await quorate(...words);
  assert.equal(third.code, 0, third.sentences);
  assert.equal(await Deno.readTextFile(`${at}/node.json`), made);
  await using bob = new Running("run", `${at}/node.json`);
  await Promise.all([alice, bob].map((node) => node.says(/"link".*"up"/)));
  assert.deepEqual(await Promise.all([alice, bob].map((node) => node.ends("SIGTERM"))), [0, 0]);
});

Deno.test("quorate admit lets a peer in at a node without a terminal, by the word that neither it nor the log has", async () => {
  await using folder = await alone();
  const { dir, start } = folder;
  await using alice = new Running(...start);
  await alice.says(/"invitation"/);
  const link = await Deno.readTextFile(`${dir}/link`);
  const config = `${dir}/node.json`;
  assert.equal((await quorate("admit", config)).out, "nobody asks to join\n");
  await using joining = new Running("join", link, `${dir}/bob`, "--name", "Bob");
  await joining.says(/\n {2}\w+ \w+ \w+ \w+\n/);
  const [, three, fourth] = /\n {2}(\w+ \w+ \w+) (\w+)\n/.exec(joining.sentences)!;
  await alice.says(/"join".*"asking"/);
  const listed = await quorate("admit", config);
  assert.match(
    listed.out,
    new RegExp(`^Bob asks to join as holder\\.\n {2}peer +12D3Koo\\w+\n.* ${three} …\n$`),
  );
  assert.match(listed.sentences, /quorate admit \S+node\.json PEER FOURTH-WORD lets it in/);
  assert.match(
    (await quorate("status", config)).out,
    /^ {2}asks {8}Bob asks to join as holder: `quorate admit`/m,
  );
  for (
    const [words, sentence] of [
      [["Bob"], /^word: expected the fourth word on the other screen, or --no, found neither$/m],
      [["Bob", "zoo", "--no"], /^word: expected .* found both$/m],
      [["--no"], /^peer: expected one that asks to join beside --no, found none$/m],
      [["Bob", three!], /^word: expected the fourth word/m],
    ] as [string[], RegExp][]
  ) {
    const { code, sentences } = await quorate("admit", config, ...words);
    assert.equal(code, 2, sentences);
    assert.match(sentences, sentence);
  }
  for (const said of [alice.out, alice.sentences, listed.out, listed.sentences]) {
    assert.ok(!new RegExp(`\\b${fourth}\\b`).test(said), "the fourth word is on Bob's screen alone");
  }
  const admitted = await quorate("admit", config, "Bob", fourth!);
  assert.match(admitted.out, /^Bob \(12D3Koo\w+\) is in version 2 of the roster\n$/, admitted.sentences);
  assert.equal(await joining.ends(), 0, joining.sentences);
  assert.equal(await alice.ends("SIGTERM"), 0);
  assert.equal((await quorate("admit", config)).code, 2, "no node runs");
});

/** A terminal at which a person is asked about requests to join. */
function admitting() {
  const { questions, ...more } = terminal();
  return { admit: askingPerson(questions), ...more };
}
const request = (name: string, word: string): JoinRequest => ({
  peer: name,
  name,
  rights: ["holder"],
  words: ["abandon", "ability", "able", word],
  noes: 0,
});

Deno.test("askingPerson() asks one thing at a time, and a yes is never taken for another's", async () => {
  const { admit, said, type, close, settle } = admitting();
  settle();
  const left = new AbortController();
  const { signal } = new AbortController();
  const first = admit(request("Bob", "zoo"), { signal: left.signal });
  const second = admit(request("Carol", "yard"), { signal });
  const third = admit(request("Dave", "young"), { signal });
  await rest();
  assert.equal(said.length, 1);
  left.abort();
  assert.equal(await first, "decline");
  await type("zoo"); // typed for Bob, who is gone
  await type("abandon"); // shown to everybody who looks at this screen
  await type("");
  await rest();
  assert.equal(
    said.filter((text) => text === "Type the fourth word to let Carol in. If any word differs, type “no”.")
      .length,
    3,
  );
  await type(" Yard ");
  assert.equal(await second, "accept");
  await rest();
  await type("no");
  assert.equal(await third, "decline");
  await close();
  const elsewhere = new AbortController();
  let decided = false;
  const fourth = admit(request("Erin", "zone"), { signal: elsewhere.signal }).finally(() => decided = true);
  await rest();
  assert.equal(decided, false, "nobody is there: it is open for the control socket");
  elsewhere.abort();
  assert.equal(await fourth, "decline");
  assert.match(said.join("\n"), /^Bob asks .*\n.*\nBob no longer asks\.\nCarol asks/);
  assert.doesNotMatch(said.join("\n"), /zoo|yard|young/, "the word that lets in is not shown here");
});

Deno.test("askingPerson() takes nothing for an answer that was typed before its question", async () => {
  const { admit, said, type, close, settle } = admitting();
  const { signal } = new AbortController();
  for (const early of ["y", "no", "zoo"]) await type(early); // when nothing is asked yet
  const first = admit(request("Bob", "zoo"), { signal });
  await rest();
  assert.deepEqual(said, [], "what was typed comes before the question");
  settle();
  await rest();
  assert.equal(said.length, 1);
  await type("zoo");
  assert.equal(await first, "accept");
  for (const early of ["no", "yard"]) await type(early); // between two questions
  await rest();
  const second = admit(request("Carol", "yard"), { signal });
  await rest();
  assert.match(said.at(-1)!, /^Carol asks/);
  await type("yard");
  assert.equal(await second, "accept");
  await close();
});
