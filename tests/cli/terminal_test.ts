import assert from "node:assert/strict";
import { createNode, memoryStore, type QuorateNode, signRoster } from "../../mod.ts";
import { formatRoster } from "../../src/cluster/roster/roster.ts";
import { SessionError } from "../../src/errors.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { createKeyFile, webSockets } from "../../src/server.ts";
import { pause } from "../../src/session/deadline.ts";
import { settle } from "../transport/host.ts";
import { quorate } from "./program.ts";
import { AtTerminal, Running } from "./running.ts";

const passphrase = "crumple-orbit-vestige-lantern-77";

/** A backup of a node that ran once, and the files to restore it to. */
async function backedUp(): Promise<{ dir: string; restore: string[] } & AsyncDisposable> {
  const dir = await Deno.makeTempDir();
  await quorate(
    "init",
    `${dir}/alice`,
    "--name",
    "Alice",
    "--listen",
    "/ip4/127.0.0.1/tcp/0/ws",
    "--approve",
    "roster",
  );
  const node = new AtTerminal("run", `${dir}/alice/node.json`);
  await node.says(/"up"/);
  await node.type("\x03");
  await node.ends();
  await Deno.writeTextFile(`${dir}/words`, passphrase);
  const store = ["--identity", `${dir}/alice/identity.age`, "--store", `${dir}/alice/shares.db`];
  const made = await quorate(
    "backup",
    ...store,
    "--out",
    `${dir}/a.backup`,
    "--passphrase-file",
    `${dir}/words`,
  );
  assert.equal(made.code, 0, made.sentence);
  const files = ["--identity", `${dir}/b.age`, "--store", `${dir}/b.db`, "--roster", `${dir}/b.json`];
  return {
    dir,
    restore: ["restore", "--backup", `${dir}/a.backup`, ...files],
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

Deno.test("quorate asks for a passphrase at a terminal without showing it, and Ctrl+C ends the question", async () => {
  await using backup = await backedUp();
  const { dir, restore } = backup;
  const broken = new AtTerminal(...restore);
  await broken.says(/Passphrase of the backup: /);
  await broken.type("\x03");
  assert.equal(await broken.ends(), 2, broken.out);
  assert.match(broken.out, /passphrase: expected one, found that it was broken off/);
  await assert.rejects(Deno.stat(`${dir}/b.db`), Deno.errors.NotFound);
  const asked = new AtTerminal(...restore);
  await asked.says(/Passphrase of the backup: /);
  await pause(platformClock, 500); // the terminal stops its echo just after the question
  await asked.type(passphrase);
  assert.equal(await asked.ends(), 0, asked.out);
  assert.doesNotMatch(asked.out, /crumple|lantern/);
  assert.ok((await Deno.stat(`${dir}/b.db`)).isFile);
});

/** Alice in this process, and Bob, a process with the files for `run`, with `"approve": "ask"`. */
async function asking<T>(start: (config: string) => T) {
  const dir = await Deno.makeTempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `/ip4/127.0.0.1/tcp/${(listener.addr as Deno.NetAddr).port}/ws`;
  listener.close();
  const bobs = await createKeyFile(`${dir}/identity.age`);
  const [admin, alices] = await Promise.all([1, 2].map(() => newIdentity(platformRandom)));
  const rights = ["holder", "initiator", "manager"] as const;
  const roster = await signRoster(admin!, [
    { peer: alices!.peer, name: "Alice", addresses: [address], rights },
    { peer: bobs.peer, name: "Bob", addresses: [], rights },
  ], null);
  await Deno.writeTextFile(`${dir}/roster.json`, formatRoster(roster));
  const config = {
    identity: "identity.age",
    roster: "roster.json",
    store: "shares.db",
    listen: [],
    approve: "ask",
  };
  await Deno.writeTextFile(`${dir}/node.json`, JSON.stringify(config));
  const alice: QuorateNode = await createNode({
    ...{ identity: alices!, roster, approve: "roster", store: memoryStore() },
    transport: webSockets({ listen: [address] }),
  });
  return { dir, alice, bob: start(`${dir}/node.json`), bobs: bobs.peer };
}

Deno.test("quorate run with approve: ask asks the person at its terminal, and takes that answer", async () => {
  const { dir, alice, bob, bobs } = await asking((config) => new AtTerminal("run", config));
  const key = { wallet: "treasury", scheme: "ed25519" } as const;
  await bob.says(/"link".*"up"/);
  await alice.ready({ peers: [bobs] });
  const making = alice.generateKey({ ...key, threshold: 2 }).result;
  await bob.says(/Alice \(12D3Koo\w+\) asks to make the key “treasury”, ed25519/);
  await bob.says(/Type “yes (\w{4})” to take part/);
  const [, code] = /Type “yes (\w{4})” to take part/.exec(bob.out)!;
  await bob.type("yes");
  await bob.type(`yes ${code}`);
  await making;
  const message = new TextEncoder().encode("pay 5 to Carol");
  const signing = alice.sign({ ...key, message, note: "Rent of November" }).result;
  const refused = assert.rejects(
    signing,
    (error) => error instanceof SessionError && error.code === "declined",
  );
  await bob.says(/message {6}“pay 5 to Carol” \(14 bytes\)[\s\S]*its own words {2}“Rent of November”/);
  await bob.type("no");
  await refused;
  await alice.stop();
  await bob.type("\x03");
  const exit = await bob.ends();
  assert.equal(exit, 0, `exit code ${exit}: ${bob.out}`);
  await settle();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a node that is started for one command asks at its terminal, and takes that answer", async () => {
  const { dir, alice, bob, bobs } = await asking((config) => new AtTerminal("watch", config));
  await alice.ready({ peers: [bobs] });
  const making = alice.generateKey({ wallet: "treasury", scheme: "ed25519", threshold: 2 }).result;
  await bob.says(/Type “yes (\w{4})” to take part/);
  await bob.type(`yes ${/Type “yes (\w{4})” to take part/.exec(bob.out)![1]}`);
  assert.equal((await making).threshold, 2);
  await bob.type("\x03");
  assert.equal(await bob.ends(), 0, bob.out);
  await alice.stop();
  await settle();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a node that is started for one command without a terminal declines at once, and says what to do", async () => {
  const { dir, alice, bob, bobs } = await asking((config) => new Running("watch", config));
  await alice.ready({ peers: [bobs] });
  const key = { wallet: "treasury", scheme: "ed25519", threshold: 2 } as const;
  const made = await alice.generateKey(key, { lifetimeMs: 5_000 }).result.then(
    () => "done",
    (error) => error.code,
  );
  assert.equal(made, "declined");
  await bob.says(/Declined: \S+node\.json says “ask”/);
  assert.match(bob.sentences, /Alice \(12D3Koo\w+\) asks to make the key “treasury”, ed25519\nDeclined: /);
  assert.equal(await bob.ends("SIGINT"), 0, bob.sentences);
  await alice.stop();
  await settle();
  await Deno.remove(dir, { recursive: true });
});
