import assert from "node:assert/strict";
import { createServer } from "node:net";
import { InputError } from "../../../mod.ts";
import { ControlConnection } from "../../../src/cli/control/connection.ts";
import { ControlServer } from "../../../src/cli/control/server.ts";
import { maxControlClients, maxControlRequest } from "../../../src/limits.ts";
import { partOfNode, Served } from "./served.ts";

/** A node that has no keys. */
const empty = partOfNode({
  keys: () => Promise.resolve([]),
  givenUp: () => Promise.resolve([]),
  roster: { cluster: "12D3KooWcluster", version: 1, peers: [] } as never,
});
const keys = { method: "keys" as const, waitMs: 0 };

const refused = (field: string, problem: RegExp) => (error: unknown) => {
  assert.ok(error instanceof InputError, String(error));
  assert.equal(error.field, field);
  assert.match(error.message, problem);
  return true;
};

Deno.test("a control socket is beside the store, for its owner only, and gone when the node has stopped", async () => {
  await using served = await Served.start(empty);
  const { mode, isSocket } = await Deno.lstat(served.socket);
  assert.ok(isSocket);
  assert.equal(mode! & 0o777, 0o600);
  assert.deepEqual((await served.ask<"keys">(keys)).keys, []);
  await served.control.stopListening();
  assert.deepEqual([...Deno.readDirSync(served.dir)].map(({ name }) => name), ["shares.db"]);
  assert.equal(await ControlConnection.open(served.store), null);
});

Deno.test("a control socket of a dead node is replaced, and that of a live one refused", async () => {
  await using served = await Served.start(empty);
  const options = { node: empty, store: served.store, failed: () => {} };
  await assert.rejects(ControlServer.start(options), refused("store", /found one that answers at/));
  await Deno.rename(served.socket, `${served.dir}/kept`);
  const dead = createServer().listen(`${served.dir}/dead`);
  await new Promise((resolve) => dead.once("listening", resolve));
  await Deno.chmod(`${served.dir}/dead`, 0o600);
  await Deno.rename(`${served.dir}/dead`, served.socket); // so that closing does not remove it
  await new Promise((resolve) => dead.close(resolve));
  assert.equal(await ControlConnection.open(served.store), null, "nobody listens");
  const again = await ControlServer.start(options);
  assert.deepEqual((await served.ask<"keys">(keys)).keys, []);
  await served.control.stopListening();
  assert.deepEqual((await served.ask<"keys">(keys)).keys, [], "it removes no other node's socket");
  await again.close();
});

Deno.test("a file in the place of the control socket stays, and the node does not serve", async () => {
  await using served = await Served.start(empty);
  await served.control.stopListening();
  await Deno.writeTextFile(served.socket, "mine");
  const options = { node: empty, store: served.store, failed: () => {} };
  const elsewhat = refused("control", /expected a socket, found something else/);
  await assert.rejects(ControlServer.start(options), elsewhat);
  await assert.rejects(ControlConnection.open(served.store), elsewhat);
  assert.equal(await Deno.readTextFile(served.socket), "mine");
  assert.deepEqual([...Deno.readDirSync(served.dir)].length, 2, "nothing is left of the try");
});

Deno.test("a client takes no socket that others can connect to", async () => {
  await using served = await Served.start(empty);
  await Deno.chmod(served.socket, 0o660);
  await assert.rejects(
    ControlConnection.open(served.store),
    refused("control", /owner only \(0600\), found 0660/),
  );
});

Deno.test("a control socket refuses what is no request, and names what is wrong", async () => {
  await using served = await Served.start(empty);
  const wrong: [string, string, RegExp][] = [
    ["hello\n", "request", /expected a line of JSON/],
    ['"status"\n', "request", /expected Object/],
    ['{"method":"reboot"}\n', "request.method", /found "reboot"/],
    ['{"method":"status","verbose":true}\n', "request.verbose", /no such key/],
    ['{"method":"keys","waitMs":-1}\n', "request.waitMs", /expected >=0/],
    [`"${"x".repeat(maxControlRequest + 1)}"\n`, "request", /expected at most \d+ bytes/],
    ['{"method":"sign","wallet":"w","scheme":"rsa"}\n', "request.scheme", /found "rsa"/],
  ];
  for (const [line, field, problem] of wrong) {
    const replies = await served.raw(line);
    assert.equal(replies.length, 2, `${line.slice(0, 40)}: ${JSON.stringify(replies)}`);
    assert.ok("quorate" in replies[0]!);
    const fault = replies[1]!.fault as { type: string; field: string; problem: string };
    assert.deepEqual([fault.type, fault.field], ["input", field]);
    assert.match(fault.problem, problem);
  }
  assert.deepEqual(served.failed, []);
});

Deno.test("a control socket hangs up on a client that sends nothing, or more than its request", async () => {
  await using served = await Served.start(empty, { requestMs: 50 });
  assert.deepEqual((await served.raw("")).map((reply) => Object.keys(reply)), [["quorate"]]);
  const node = partOfNode({ events: () => new ReadableStream() });
  await using watched = await Served.start(node);
  const watch = JSON.stringify({ method: "watch", faults: false, replay: 0 });
  const replies = await watched.raw(`${watch}\n${watch}\n`);
  assert.deepEqual(
    replies.map((reply) => Object.keys(reply)),
    [["quorate"]],
    "the watch would go on for ever",
  );
});

Deno.test("a control socket serves a bounded number of clients, and another when one has gone", async () => {
  await using served = await Served.start(empty);
  const waiting = await Promise.all(Array.from({ length: maxControlClients }, () => served.connected()));
  await Promise.all(waiting.map((socket) => new Promise((resolve) => socket.once("data", resolve))));
  await assert.rejects(served.ask<"keys">(keys), refused("node", /at most 16 requests at a time/));
  for (const socket of waiting) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual((await served.ask<"keys">(keys)).keys, []);
});

Deno.test("an error that nobody expected is logged at the node, and its words do not leave it", async () => {
  const node = partOfNode({ keys: () => Promise.reject(new TypeError("share of Alice")) });
  await using served = await Served.start(node);
  const [, reply] = await served.raw(`${JSON.stringify(keys)}\n`);
  assert.deepEqual(reply, { fault: { type: "internal" } });
  assert.deepEqual(served.failed.map(([method, error]) => [method, String(error)]), [
    ["keys", "TypeError: share of Alice"],
  ]);
  await assert.rejects(served.ask<"keys">(keys), /its log has it/);
});
