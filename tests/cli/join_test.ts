import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseInvitation, parseRoster } from "../../mod.ts";
import { createKeyFile } from "../../src/server.ts";
import { askingPerson } from "../../src/cli/admit.ts";
import type { JoinRequest } from "../../src/cluster/roster/admission.ts";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A running `deno task node …` and all that it has said. */
class Running {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>[];
  out = "";
  sentences = "";

  constructor(...args: string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", program, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    const read = async (from: ReadableStream<Uint8Array>, add: (text: string) => void) => {
      for await (const text of from.pipeThrough(new TextDecoderStream() as never)) add(text as never);
    };
    this.#reading = [
      read(this.#child.stdout, (text) => this.out += text),
      read(this.#child.stderr, (text) => this.sentences += text),
    ];
  }

  async type(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Until it has said something. */
  async says(what: RegExp): Promise<void> {
    for (let waited = 0; !what.test(this.out + this.sentences); waited += 50) {
      if (waited > 30_000) throw new Error(`It did not say ${what}: ${this.out}${this.sentences}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async ends(signal?: Deno.Signal): Promise<number> {
    if (signal) this.#child.kill(signal);
    await this.#input.close().catch(() => {}); // it may be gone
    await Promise.all(this.#reading);
    return (await this.#child.status).code;
  }
}

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
  const words = /Bob asks to join as holder\. .*: (\w+ \w+ \w+ \w+)\n/.exec(alice.sentences)?.[1];
  assert.ok(words, alice.sentences);
  await joining.says(new RegExp(`\n  ${words}\n`));
  await alice.says(new RegExp(`"join".*"asking".*"words":"${words}"`));
  await new Promise((resolve) => setTimeout(resolve, 6_500)); // a stranger that does not wait is thrown out after 5 s
  await alice.type(words.split(" ")[0]!);
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
    [[...start, "--admit", "sometimes"], /^admit: /],
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

/** A person at a terminal who types, and what is printed there. */
function terminal() {
  const typed = new TransformStream<string, string>(undefined, undefined, { highWaterMark: 8 });
  const keys = typed.writable.getWriter();
  async function* lines() {
    yield* typed.readable;
  }
  const said: string[] = [];
  const settled = Promise.withResolvers<void>();
  const admit = askingPerson({
    lines: lines(),
    print: (text) => said.push(text),
    pause: () => settled.promise,
  });
  return {
    admit,
    said,
    type: (line: string) => keys.write(line),
    close: () => keys.close(),
    settle: settled.resolve,
  };
}
const rest = () => new Promise((resolve) => setTimeout(resolve));
const request = (name: string, word: string): JoinRequest => ({
  peer: name,
  name,
  rights: ["holder"],
  words: [word, "abandon", "ability", "able"],
  noes: 0,
});

Deno.test("askingPerson() asks one thing at a time, and a yes is never taken for another's", async () => {
  const { admit, said, type, close, settle } = terminal();
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
  await type("y");
  await type("");
  await rest();
  assert.equal(
    said.filter((text) => text === "Type the first of them, “yard”, to let Carol in, or “no”.").length,
    3,
  );
  await type(" Yard ");
  assert.equal(await second, "accept");
  await rest();
  await type("no");
  assert.equal(await third, "decline");
  await close();
  assert.equal(await admit(request("Erin", "zone"), { signal }), "decline", "nobody is there");
  assert.match(said.join("\n"), /^Bob asks .*\n.*\nBob no longer asks\.\nCarol asks/);
});

Deno.test("askingPerson() takes nothing for an answer that was typed before its question", async () => {
  const { admit, said, type, close, settle } = terminal();
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
