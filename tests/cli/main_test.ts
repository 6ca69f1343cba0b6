import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { atLast, program, quorate, quorateWithin } from "./program.ts";

/** A folder with everything that one peer needs. */
async function prepared(): Promise<{ dir: string; config: (changes?: object) => Promise<string> }> {
  const dir = await Deno.makeTempDir();
  const { out: peer } = await quorate("identity", "create", `${dir}/identity.age`);
  await quorate("identity", "create", `${dir}/admin.age`);
  const peers = [{ name: "Alice", peer, addresses: [], rights: ["holder", "initiator", "manager"] }];
  await Deno.writeTextFile(`${dir}/peers.json`, JSON.stringify(peers));
  const signed = await quorate(
    ...["roster", "sign", "--admin", `${dir}/admin.age`, "--peers", `${dir}/peers.json`],
    ...["--out", `${dir}/roster.json`],
  );
  assert.equal(signed.out, "version 1: Alice");
  let n = 0;
  return {
    dir,
    async config(changes = {}) {
      const path = `${dir}/node-${n++}.json`;
      const whole = {
        identity: `${dir}/identity.age`,
        roster: `${dir}/roster.json`,
        store: `${dir}/shares.db`,
        listen: ["/ip4/127.0.0.1/tcp/0/ws"],
        approve: "roster",
        ...changes,
      };
      await Deno.writeTextFile(path, JSON.stringify(whole));
      return path;
    },
  };
}

/** One clear sentence, exit code 2, and the folder as it was. */
async function refuses(dir: string, args: string[], sentence: RegExp): Promise<void> {
  const before = await listing(dir);
  const ended = await quorate(...args);
  assert.equal(ended.code, 2, `${args.join(" ")}: ${ended.sentence}`);
  assert.match(atLast(ended), sentence);
  assert.equal(atLast(ended).split("\n").length, 1, ended.sentence);
  assert.deepEqual(await listing(dir), before);
}

async function listing(dir: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    files.push(`${name} ${(await Deno.stat(`${dir}/${name}`)).size}`);
  }
  return files.sort();
}

Deno.test("quorate says in one sentence what is wrong with its input, and changes nothing", async () => {
  const { dir, config } = await prepared();
  const roster = JSON.parse(await Deno.readTextFile(`${dir}/roster.json`));
  const write = async (name: string, content: unknown) => {
    await Deno.writeTextFile(
      `${dir}/${name}`,
      typeof content === "string" ? content : JSON.stringify(content),
    );
    return `${dir}/${name}`;
  };
  const forged = await write("forged.json", {
    ...roster,
    peers: [...roster.peers, { ...roster.peers[0], name: "B", peer: "12D3KooWx" }],
  });
  const extra = await write("extra.json", { ...roster, colour: "red" });
  const junk = await write("junk.age", "not a key file");
  const words = await write("words.txt", "correct horse");
  const other = `${dir}/other.db`;
  const db = new DatabaseSync(other);
  db.exec("PRAGMA user_version = 7; CREATE TABLE t (x)");
  db.close();
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const busy = `/ip4/127.0.0.1/tcp/${(taken.addr as Deno.NetAddr).port}/ws`;

  await upAndDown(await config()); // so that there is a store
  const cases: [string[], RegExp][] = [
    [["run", await config({ colour: "red" })], /^config\.colour: .*no such key/],
    [["run", await config({ listen: "here" })], /^config\.listen: expected Array/],
    [["run", `${dir}/none.json`], /^config: expected a file that can be read, found nothing there at /],
    [["run", await config({ roster: `${dir}/none.json` })], /^roster: expected a file that can be read/],
    [["run", await config({ roster: words })], /^roster: expected JSON/],
    [["run", await config({ roster: forged })], /^roster.signature: /],
    [["run", await config({ roster: extra })], /^roster\.colour: /],
    [["run", await config({ identity: junk })], /^identity: /],
    [["run", await config({ identity: `${dir}/none.age` })], /^identity: /],
    [["run", await config({ store: other })], /^store: expected version 1, found 7/],
    [["run", await config({ listen: [busy] })], /^listen: .*in use/],
    [["identity", "create", `${dir}/identity.age`], /^identity: /],
    [["identity", "show", `${dir}/identity.age`, "--passphrase", words], /^(identity|passphrase): /],
    [[
      "roster",
      "sign",
      "--admin",
      `${dir}/identity.age`,
      "--peers",
      `${dir}/peers.json`,
      "--out",
      `${dir}/roster.json`,
    ], /^admin: /],
    [["roster", "show", forged], /^roster.signature: /],
  ];
  for (const [args, sentence] of cases) await refuses(dir, args, sentence);
  taken.close();
  await Deno.remove(dir, { recursive: true });
});

/** Runs a node until it is up, ends it by SIGTERM, and returns what it logged. */
async function upAndDown(config: string): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", program, "run", config],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let out = "";
  while (!out.includes('"up"')) out += (await reader.read()).value ?? "";
  child.kill("SIGTERM");
  for (let next = await reader.read(); !next.done; next = await reader.read()) out += next.value;
  const { code } = await child.status;
  assert.equal(code, 0);
  return out.trim().split("\n").map((line) => JSON.parse(line).message);
}

Deno.test("quorate run and restore refuse the store of a node that runs, and say so; keys unfreeze asks the node", async () => {
  const { dir, config } = await prepared();
  const [path, again] = [
    await config(),
    await config({ listen: ["/ip4/127.0.0.1/tcp/0/ws"], roster: `${dir}/roster.json` }),
  ];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", program, "run", path],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let out = ""; !out.includes('"up"');) out += (await reader.read()).value ?? "";
  const inUse = /^store: expected a stopped node's, found .*shares\.db in use by another process$/;
  await Deno.writeTextFile(`${dir}/words.txt`, "correct horse battery");
  const of = ["--identity", `${dir}/identity.age`, "--store", `${dir}/shares.db`];
  const words = ["--passphrase-file", `${dir}/words.txt`];
  const backup = await quorate("backup", ...of, ...words, "--out", `${dir}/alice.backup`);
  assert.equal(backup.code, 0, backup.sentence);
  const cases = [
    ["run", again],
    ["restore", "--backup", `${dir}/alice.backup`, ...words, ...of, "--roster", `${dir}/roster.json`],
  ];
  for (const args of cases) {
    const ended = await quorateWithin(30_000, ...args); // one that is let in would run
    assert.match(atLast(ended), inUse, args[0]);
    assert.equal(ended.code, 2, args[0]);
  }
  const asked = await quorate("keys", "unfreeze", again, "treasury", "ecdsa");
  assert.deepEqual([asked.code, asked.sentence], [
    2,
    "wallet: expected one with a key for ecdsa, found “treasury”",
  ], "the other configuration leads to the same store, and so to the node that uses it");
  child.kill("SIGKILL");
  await reader.cancel();
  await child.status;
  const { code, sentence } = await quorate(...cases[1]!);
  assert.equal(code, 0, `after it was killed: ${sentence}`);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("quorate run comes up, drains on SIGTERM and exits with 0", async () => {
  const { dir, config } = await prepared();
  assert.deepEqual(await upAndDown(await config()), ["approve", "up", "draining", "down"]);
  await Deno.remove(dir, { recursive: true });
});
