import assert from "node:assert/strict";
import { parseRoster } from "../../mod.ts";
import { readConfig } from "../../src/cli/config.ts";
import { keyFile } from "../../src/server.ts";
import { program, quorate } from "./program.ts";
import { Running } from "./running.ts";

const free = (): string => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return `/ip4/127.0.0.1/tcp/${(listener.addr as Deno.NetAddr).port}/ws`;
};

async function contents(dir: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for await (const { name } of Deno.readDir(dir)) all[name] = await Deno.readTextFile(`${dir}/${name}`);
  return all;
}

Deno.test("quorate init makes all that a node needs, for its owner only, and says what comes next", async () => {
  const dir = await Deno.makeTempDir();
  const { code, out, sentence } = await quorate("init", `${dir}/a/alice`, "--name", "Alice");
  assert.equal(code, 0, sentence);
  const at = `${dir}/a/alice`;
  const { peer } = await keyFile(`${at}/identity.age`);
  const admin = await keyFile(`${at}/admin.age`);
  assert.equal(out, `Alice is ${peer}, alone in version 1 of cluster ${admin.peer}`);
  assert.match(sentence, /are not locked: .*\nNext: quorate run .*\/a\/alice\/node\.json$/);
  for (const name of Object.keys(await contents(at))) {
    assert.equal((await Deno.stat(`${at}/${name}`)).mode! & 0o077, 0, name);
  }
  assert.equal((await Deno.stat(at)).mode! & 0o077, 0);
  const roster = parseRoster(await Deno.readTextFile(`${at}/roster.json`));
  const addresses = ["/ip4/127.0.0.1/tcp/4001/ws"];
  assert.deepEqual([roster.cluster, roster.version], [admin.peer, 1]);
  assert.deepEqual(roster.peers, [{
    peer,
    name: "Alice",
    addresses,
    rights: ["holder", "initiator", "manager"],
  }]);
  assert.deepEqual(await readConfig(`${at}/node.json`), {
    ...{ identity: `${at}/identity.age`, roster: `${at}/roster.json`, store: `${at}/shares.db` },
    ...{ admin: `${at}/admin.age`, listen: addresses, announce: [], approve: "ask" },
  });
  assert.doesNotMatch(await Deno.readTextFile(`${at}/node.json`), /\/tmp\//, "the folder can be moved");
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate init overwrites nothing, and makes nothing where one of its files is there", async () => {
  for (const name of ["identity.age", "admin.age", "roster.json", "node.json"]) {
    const dir = await Deno.makeTempDir();
    await Deno.writeTextFile(`${dir}/${name}`, "mine");
    const { code, out, sentence } = await quorate("init", dir, "--name", "Alice");
    assert.deepEqual([code, out], [2, ""]);
    assert.equal(sentence, `dir: expected to make ${dir}/${name}, found that something is there already`);
    assert.deepEqual(await contents(dir), { [name]: "mine" });
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("quorate init refuses a bad name, a weak passphrase and addresses that are none, and makes nothing", async () => {
  const dir = await Deno.makeTempDir();
  const cases: [string[], RegExp][] = [
    [["--name", "Alice\u202e"], /^name: .*U\+202E/],
    [["--name", "Alice", "--passphrase", "env:QUORATE_NONE"], /^passphrase: /],
    [["--name", "Alice", "--approve", "always"], /^--approve: expected ask, roster, found “always”$/],
    [
      ["--name", "Alice", "--listen", "/ip4/127.0.0.1/tcp/1/ws,/ip4/127.0.0.1/tcp/1/ws"],
      /^--listen: .* once/,
    ],
    [["--name", "Alice", "--listen", "here"], /^--listen: .* found here: it is no multiaddr/],
    [["--name", "Alice", "--announce", "/ip4/1.2.3.4/udp/1"], /^--announce: .* not a WebSocket's/],
    [
      ["--name", "Alice", "--listen", "/ip4/0.0.0.0/tcp/1/ws"],
      /^--announce: expected the addresses at which/,
    ],
    [[], /^--name: expected it/],
  ];
  for (const [args, sentence] of cases) {
    const ended = await quorate("init", `${dir}/alice`, ...args);
    assert.equal(ended.code, 2, args.join(" "));
    assert.match(ended.sentence, sentence);
    assert.deepEqual([...Deno.readDirSync(dir)], [], args.join(" "));
  }
  await Deno.remove(dir, { recursive: true });
});

/** Runs a command in a folder, with a passphrase in its environment. */
async function inFolder(dir: string, args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", program, ...args],
    ...{ cwd: dir, stdin: "null", env: { QUORATE_TEST_WORDS: "crumple-orbit-vestige-lantern-77" } },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

Deno.test("quorate init with a passphrase locks both keys, and node.json finds it from its own folder", async () => {
  const dir = await Deno.makeTempDir();
  const passphrase = "crumple-orbit-vestige-lantern-77";
  await Deno.writeTextFile(`${dir}/words`, passphrase);
  await inFolder(dir, ["init", "a/b", "--name", "Alice", "--passphrase", "words"]);
  await inFolder(dir, ["init", "c", "--name", "Alice", "--passphrase", "env:QUORATE_TEST_WORDS"]);
  for (const at of [`${dir}/a/b`, `${dir}/c`]) {
    for (const name of ["identity.age", "admin.age"]) {
      await assert.rejects(keyFile(`${at}/${name}`), /expected the passphrase/);
    }
    assert.ok((await keyFile(`${at}/admin.age`, { passphrase })).peer);
  }
  const [near, variable] = await Promise.all([
    readConfig(`${dir}/a/b/node.json`),
    readConfig(`${dir}/c/node.json`),
  ]);
  assert.deepEqual([near.passphrase, near.adminPassphrase], [`${dir}/words`, `${dir}/words`]);
  assert.deepEqual([variable.passphrase, variable.adminPassphrase], Array(2).fill("env:QUORATE_TEST_WORDS"));
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate init with a passphrase on standard input makes a node that runs with it there, for both of its keys", async () => {
  const dir = await Deno.makeTempDir();
  const passphrase = "crumple-orbit-vestige-lantern-77";
  const words = ["--name", "Alice", "--listen", free(), "--passphrase", "/dev/stdin"];
  const making = new Running("init", dir, ...words);
  await making.typeLast(passphrase);
  assert.equal(await making.ends(), 0, making.sentences);
  const alice = new Running("run", `${dir}/node.json`);
  await alice.typeLast(passphrase);
  await alice.says(/"up"|passphrase:/);
  assert.equal(await alice.ends("SIGTERM").catch(() => 2), 0, alice.sentences);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate refuses to read two things from standard input, and makes nothing", async () => {
  const dir = await Deno.makeTempDir();
  const link = "#WyJxdW9yYXRlLzEiLCJhIiwiYiIsW10sIkFBQUFBQUFBQUFBQUFBQUFBQUFBQUEiXQ";
  const joining = new Running("join", "-", `${dir}/bob`, "--name", "Bob", "--passphrase", "/dev/stdin");
  await joining.typeLast(link);
  assert.equal(await joining.ends(), 2);
  assert.match(joining.sentences, /^passphrase: expected it on standard input, found that .* something else/);
  assert.deepEqual([...Deno.readDirSync(dir)], []);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate init, run, join and run: from nothing to two nodes with a link, in four commands", async () => {
  const dir = await Deno.makeTempDir();
  const [at, words] = [`${dir}/alice`, `${dir}/words`];
  await Deno.writeTextFile(words, "crumple-orbit-vestige-lantern-77");
  const made = await quorate("init", at, "--name", "Alice", "--listen", free(), "--passphrase", words);
  assert.equal(made.code, 0, made.sentence);
  const alice = new Running("run", `${at}/node.json`, "--invite", `${dir}/link`, "--admit", "always");
  await alice.says(/"invitation"/);
  const link = await Deno.readTextFile(`${dir}/link`);
  const joined = await quorate("join", link, `${dir}/bob`, "--name", "Bob", "--approve", "roster");
  assert.equal(joined.code, 0, joined.sentence);
  assert.match(joined.out, /^Bob is in version 2 of cluster /);
  assert.match(joined.sentence, /\nNext: quorate run .*\/bob\/node\.json$/);
  assert.deepEqual(JSON.parse(await Deno.readTextFile(`${dir}/bob/node.json`)), {
    ...{ identity: "identity.age", roster: "roster.json", store: "shares.db", listen: [], approve: "roster" },
  });
  const bob = new Running("run", `${dir}/bob/node.json`);
  await Promise.all([alice, bob].map((node) => node.says(/"link".*"up"/)));
  const again = await quorate("join", link, `${dir}/bob`, "--name", "Bob");
  assert.deepEqual([again.code, /^dir: .* already$/.test(again.sentence)], [2, true], again.sentence);
  assert.deepEqual(await Promise.all([alice, bob].map((node) => node.ends("SIGTERM"))), [0, 0]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate join wants a folder, or both of its files, and not more", async () => {
  const link = "#WyJxdW9yYXRlLzEiLCJhIiwiYiIsW10sIkFBQUFBQUFBQUFBQUFBQUFBQUFBQUEiXQ";
  for (const more of [[], ["--identity", "a"], ["--roster", "b"], ["dir", "--identity", "a"]]) {
    const { code, sentence } = await quorate("join", link, "--name", "Bob", ...more);
    assert.equal(code, 2, sentence);
    assert.match(sentence, /^dir: expected a folder, or --identity and --roster, found (neither|both)$/);
  }
});
