import assert from "node:assert/strict";
import { createNode, memoryStore, type QuorateNode, signRoster } from "../../mod.ts";
import { formatRoster } from "../../src/cluster/roster/roster.ts";
import { Approvers, type Asked, type Decision } from "../../src/cli/approval/approvers.ts";
import { readConfig } from "../../src/cli/config.ts";
import { startNode } from "../../src/cli/start.ts";
import { SessionError } from "../../src/errors.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { createKeyFile } from "../../src/server.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { pause } from "../../src/session/deadline.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";

const message = new TextEncoder().encode("pay 5 to Carol");

/** Alice, who asks, and Bob, whom the command line starts with `approve` in its configuration. */
async function two(approve: unknown, approvers = new Approvers()) {
  const dir = await Deno.makeTempDir();
  const bobs = await createKeyFile(`${dir}/identity.age`);
  const [admin, alices] = await Promise.all([1, 2].map(() => newIdentity(platformRandom)));
  const rights = ["holder", "initiator", "manager"] as const;
  const entries = [alices!, bobs].map(({ peer }, i) => ({
    ...{ peer, name: ["Alice", "Bob"][i]!, addresses: [`/memory/${i}`], rights },
  }));
  const roster = await signRoster(admin!, entries, null);
  await Deno.writeTextFile(`${dir}/roster.json`, formatRoster(roster));
  const config = { identity: "identity.age", roster: "roster.json", store: "shares.db", listen: [], approve };
  await Deno.writeTextFile(`${dir}/node.json`, JSON.stringify(config));
  const network = memoryNetwork({ clock: platformClock });
  const bob = await startNode(await readConfig(`${dir}/node.json`), {
    ...{ transport: network.transport(), approvers },
  });
  const alice = await createNode({
    ...{ identity: alices!, roster, approve: "roster", store: memoryStore(), transport: network.transport() },
  });
  const nodes: QuorateNode[] = [alice, bob];
  const up = () => nodes.every(({ peers }) => [...peers.values()].every(({ link }) => link === "up"));
  for (let ms = 0; ms < 10_000 && !up(); ms += 50) await pause(platformClock, 50);
  return {
    alice,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.stop()));
      await pause(platformClock, 200); // a terminated worker's own operations end a little later
      await Deno.remove(dir, { recursive: true });
    },
  };
}

const codeOf = (result: Promise<unknown>): Promise<string> =>
  result.then(() => "done", (error) => {
    assert.ok(error instanceof SessionError, String(error));
    return error.code;
  });

Deno.test("approve: ask asks for each command, and a yes, a no and silence have their own ends", async () => {
  const approvers = new Approvers();
  const asked: Asked[] = [];
  const decisions: (Decision | null)[] = ["accept", "accept", "decline", null];
  approvers.add({
    ask(about) {
      asked.push(about);
      return Promise.resolve(decisions.shift() ?? null);
    },
  });
  await using cluster = await two("ask", approvers);
  const { alice } = cluster;
  const key = { wallet: "treasury", scheme: "ed25519" } as const;
  await alice.generateKey({ ...key, threshold: 2 }).result;
  const sign = () => codeOf(alice.sign({ ...key, message, note: "Rent" }, { lifetimeMs: 4_000 }).result);
  assert.equal(await sign(), "done");
  assert.equal(await sign(), "declined");
  assert.equal(await sign(), "unanswered");
  assert.deepEqual(asked.map(({ request: { kind, note } }) => [kind, note]).slice(0, 3), [
    ["generate", ""],
    ["sign", "Rent"],
    ["sign", "Rent"],
  ]);
  assert.equal(asked[1]!.nameOf(asked[1]!.request.initiator), "Alice");
});

Deno.test("approve: webhook signs when the program says yes, and not when it is gone", async () => {
  const kinds: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { data: { id, kind } } = await request.json();
    kinds.push(kind);
    return Response.json({ approve: true, id });
  });
  Deno.env.set("QUORATE_TEST_HOOK", `whsec_${"A1b2".repeat(8)}`);
  const url = `http://127.0.0.1:${server.addr.port}/approve`;
  await using cluster = await two({ webhook: { url, secret: "env:QUORATE_TEST_HOOK" } });
  const { alice } = cluster;
  const key = { wallet: "treasury", scheme: "ed25519" } as const;
  await alice.generateKey({ ...key, threshold: 2 }).result;
  assert.equal(await codeOf(alice.sign({ ...key, message }).result), "done");
  assert.deepEqual(kinds, ["generate", "sign"]);
  await server.shutdown();
  assert.equal(await codeOf(alice.sign({ ...key, message }).result), "declined");
  Deno.env.delete("QUORATE_TEST_HOOK");
});

Deno.test("approve: a webhook without a good address or secret does not start, and its secret is not shown", async () => {
  const secret = `whsec_${"A1b2".repeat(8)}`;
  Deno.env.set("QUORATE_TEST_HOOK", secret);
  Deno.env.set("QUORATE_TEST_SHORT", "whsec_A1b2");
  const good = { url: "https://approve.example/", secret: "env:QUORATE_TEST_HOOK" };
  const cases: [object, RegExp][] = [
    [{ ...good, url: "http://approve.example/" }, /^config\.approve\.webhook\.url: expected https/],
    [{ ...good, secret: "env:QUORATE_TEST_NONE" }, /^config\.approve\.webhook\.secret: .* found none$/],
    [
      { ...good, secret: "env:QUORATE_TEST_SHORT" },
      /^config\.approve\.webhook\.secret: expected 24 to 64 bytes/,
    ],
    [{ ...good, secret }, /^config\.approve\.webhook\.secret: .* cannot be read$/],
  ];
  for (const [webhook, sentence] of cases) {
    await assert.rejects(two({ webhook }), (error: Error) => {
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /A1b2/);
      return true;
    });
  }
  for (const name of ["HOOK", "SHORT"]) Deno.env.delete(`QUORATE_TEST_${name}`);
});
