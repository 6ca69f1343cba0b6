/**
 * A client that is killed at each of ten points of a request, with nothing but the installed package. Its next process asks
 * again under the same id: that has one signature, which one session of the three holders has made. A program of its own,
 * copied into an empty folder; each client is another process of it.
 * @module
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import {
  type CommandId,
  formatRoster,
  parseRoster,
  type QuorateNode,
  type Right,
  SessionError,
  type SessionEvent,
} from "@quorate/quorate";
import { makePeers, patience, start, together } from "./peers.ts";

const points = [
  "before it asks",
  "asked",
  "began",
  "proposed",
  "opened",
  "round extend",
  "round correct",
  "round finish",
  "done",
  "signed",
] as const;
type Point = typeof points[number];

/** One request, and the point at which its process is killed. */
interface Asked {
  id: string;
  text: string;
  killedAt?: Point;
}

const peers: Readonly<Record<string, readonly Right[]>> = {
  alice: ["holder", "manager", "initiator"],
  bob: ["holder"],
  carol: ["holder"],
  client: ["initiator"],
};
const holders = ["alice", "bob", "carol"];
const key = { wallet: "treasury", scheme: "ecdsa" } as const;
const utf8 = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const timely = () => AbortSignal.timeout(patience);

/** The point that an event is, if it is one. */
const pointOf = (event: SessionEvent): string =>
  event.type === "round" && event.state === "begun" ? `round ${event.round}` : event.type;

/** The client's process: it prints a signature in hex, or a failure's code, for each request. */
async function client(folder: string, requests: readonly Asked[]): Promise<void> {
  const roster = parseRoster(await readFile(join(folder, "roster.json"), "utf8"));
  const node = await start(folder, roster, "client");
  await node.ready({ keys: [key], signal: timely() });
  for (const { id, text, killedAt } of requests) {
    const pass = (point: string) => {
      if (point === killedAt) process.kill(process.pid, "SIGKILL");
    };
    pass("before it asks");
    const session = node.sign({ ...key, message: utf8(text), hash: "sha256", id: id as CommandId });
    pass("asked");
    const followed = (async () => {
      for await (const event of session.events()) pass(pointOf(event));
    })();
    try {
      const { bytes } = await session.result;
      await followed;
      pass("signed");
      console.log(hex(bytes));
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      console.log(error.code);
    }
  }
  await node.stop();
}

/** Starts a client's process. @returns The signal that ended it, and its lines. */
function ended(
  folder: string,
  requests: readonly Asked[],
): Promise<{ signal: string | null; lines: string[] }> {
  return new Promise((resolve, reject) => {
    const args = [process.argv[1]!, "client", folder, JSON.stringify(requests)];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: 2 * patience,
    });
    let said = "";
    child.stdout.on("data", (text) => said += text);
    child.on("error", reject);
    child.on("close", (_code, signal) => resolve({ signal, lines: said.split("\n").slice(0, -1) }));
  });
}

/** Keeps what the holders tell of their sessions. */
function follow(nodes: readonly QuorateNode[], into: SessionEvent[]): void {
  for (const node of nodes) {
    void (async () => {
      for await (const event of node.events()) if ("id" in event) into.push(event);
    })();
  }
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-killed-"));
  const roster = await makePeers(folder, peers);
  await writeFile(join(folder, "roster.json"), formatRoster(roster));
  const told: SessionEvent[] = [];
  const startHolders = async () => {
    const nodes = await Promise.all(holders.map((name) => start(folder, roster, name)));
    follow(nodes, told);
    await together(nodes);
    return nodes;
  };
  let nodes = await startHolders();
  const { publicKey } = await nodes[0]!.generateKey({ ...key, threshold: 2 }).result;

  const requests = points.map((text, nth): Asked => ({ id: nth.toString(16).padStart(32, "0"), text }));
  const signatures: string[] = [];
  for (const request of requests) {
    const killed = await ended(folder, [{ ...request, killedAt: request.text as Point }]);
    assert.deepEqual(killed, { signal: "SIGKILL", lines: [] }, request.text);
    const { signal, lines } = await ended(folder, [request]);
    assert.equal(signal, null, request.text);
    assert.equal(lines.length, 1, request.text);
    const [signature] = lines as [string];
    assert.match(signature, /^[0-9a-f]{128}$/, request.text);
    assert.ok(secp256k1.verify(Buffer.from(signature, "hex"), utf8(request.text), publicKey), request.text);
    signatures.push(signature);
  }

  await Promise.all(nodes.map((node) => node.stop()));
  nodes = await startHolders();
  const { lines } = await ended(folder, [...requests, { ...requests[0]!, text: "something else" }]);
  assert.deepEqual(lines, [...signatures, "id-reused"], "after a restart of everyone");
  for (const [nth, { id, text }] of requests.entries()) {
    const events = told.filter((event) => event.id === id);
    const sessions = new Set(events.flatMap((event) => event.type === "opened" ? [event.session] : []));
    const results = new Set(events.flatMap((event) => event.type === "done" ? [event.resultHash] : []));
    assert.equal(sessions.size, 1, `${text}: one session`);
    const hash = createHash("sha256").update(Buffer.from(signatures[nth]!, "hex")).digest("hex");
    assert.deepEqual([...results], [hash], `${text}: its result is the signature`);
  }
  await Promise.all(nodes.map((node) => node.stop()));
  await rm(folder, { recursive: true });
  console.log(JSON.stringify({ killedAt: points }));
}

const [, , role, folder, requests] = process.argv;
if (role === "client") await client(folder!, JSON.parse(requests!));
else await main();
