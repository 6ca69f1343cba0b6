/**
 * The demonstration in a terminal, as whoever tries it runs it: a command, a story, an end.
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { sha256 } from "@noble/hashes/sha2.js";
import { decode } from "nostr-tools/nip19";
import * as libsecp256k1 from "tiny-secp256k1";
import { processesOf } from "./processes.ts";

/** Far more than it takes on a machine that does something else as well, ms. */
const patience = 240_000;

const scenes = (newcomer: string) => [
  "a key is made, and signs",
  "Bob sends a forged share",
  "Bob tells two stories",
  "Carol goes silent",
  "Bob's process is killed",
  "a stranger forges 1000 frames",
  "Carol is slow, but in time",
  "a BIP-340 key is made, and signs",
  "Bob forges a share of a BIP-340 signature",
  "an ECDSA key is made, and signs",
  "Bob tampers with the multiplication",
  "Alice and Bob are asked together again",
  `Carol's laptop is lost, and ${newcomer} gets a share`,
  "the ban of Alice and Bob has ended",
  "a finder of the laptop tries Carol's old share",
  "Carol has her laptop back",
];

interface Told {
  code: number;
  /** Lines of the standard output. */
  lines: string[];
  complaints: string;
  /** Process ids of peers, by the folder that each had for its own. */
  peers: Map<string, Set<number>>;
  /** Peers that ran at the same moment, at most. */
  most: number;
}

/** Runs `deno task demo --once` to its end, and watches whom it starts. */
async function demoOnce(...args: string[]): Promise<Told> {
  const dir = await Deno.makeTempDir({ prefix: "quorate-once-" });
  const root = fileURLToPath(new URL("../", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "demo", "--once", "--dir", dir, ...args],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const peers = new Map<string, Set<number>>();
  let most = 0;
  const look = async () => {
    const running = await processesOf("src/demo/peer.ts", dir);
    most = Math.max(most, running.length);
    for (const { pid, args } of running) {
      const folder = args[args.indexOf("--dir") + 1]!;
      peers.set(folder, (peers.get(folder) ?? new Set()).add(pid));
    }
  };
  const watching = setInterval(() => void look(), 100);
  // Not `child`: that is the task's shell. Peers end with who started them.
  const late = setTimeout(async () => {
    for (const { pid } of await processesOf("src/demo/main.ts", dir)) Deno.kill(pid, "SIGKILL");
  }, patience);
  try {
    const { code, stdout, stderr } = await child.output();
    const [said, complaints] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, lines: said!.trimEnd().split("\n"), complaints: complaints!, peers, most };
  } finally {
    clearInterval(watching);
    clearTimeout(late);
    await Deno.remove(dir, { recursive: true });
  }
}

/** Whether the signature in a line is good, for the key that the line has as an npub. */
function signedByNpub(line: string): boolean {
  const [, npub, signature] = /(npub1\w+), signature (\w{128})/.exec(line)!;
  const { data } = decode(npub as `npub1${string}`);
  const hash = sha256(new TextEncoder().encode("hello threshold"));
  return libsecp256k1.verifySchnorr(hash, Uint8Array.fromHex(data), Uint8Array.fromHex(signature!));
}

async function tellsTheStory(
  { code, lines, complaints, peers, most }: Told,
  { count, newcomer }: { count: number; newcomer: string },
): Promise<void> {
  const end = lines.indexOf("");
  assert.ok(end > 0, `events, an empty line, a summary: ${lines.slice(-3).join("\n")}\n${complaints}`);
  const summary = lines.slice(end + 1);
  for (const line of lines.slice(0, end)) {
    const event = JSON.parse(line);
    assert.ok("type" in event && "peer" in event && "seq" in event, line);
  }
  const expected = scenes(newcomer);
  assert.equal(summary.length, expected.length, summary.join("\n"));
  for (const [i, scene] of expected.entries()) {
    assert.ok(summary[i]!.startsWith(`✓ ${scene}`), `${summary.join("\n")}\n${complaints}`);
  }
  assert.equal(code, 0, complaints);
  const bip340 = summary.find((line) => line.includes("a BIP-340 key is made"))!;
  assert.ok(signedByNpub(bip340), `libsecp256k1 accepts the signature under the npub: ${bip340}`);
  const [, addresses] = /: (bc1\w+, tb1\w+, 0x\w+)$/.exec(
    summary.find((line) => line.includes("an ECDSA key is made"))!,
  )!;
  const handedOver = summary.find((line) => line.includes("laptop is lost"))!;
  assert.ok(handedOver.includes(`${addresses} stay, and ${newcomer} has signed`), handedOver);

  assert.equal(peers.size, count, "each has a folder of its own");
  assert.equal(most, count, "all of them run at the same time");
  const pids = [...peers.values()].flatMap((own) => [...own]);
  assert.equal(new Set(pids).size, pids.length, "no two share a process");
  for (const name of ["bob", "carol"]) {
    const pids = [...peers].find(([folder]) => folder.endsWith(`/${name}`))![1];
    assert.equal(pids.size, 2, `${name} was gone, and came back as another process`);
  }
  const left = await processesOf("src/demo/peer.ts", [...peers.keys()][0]!);
  assert.deepEqual(left, [], "it leaves no process behind");
}

const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });

test("deno task demo --once tells its story over four processes, says ✓ to each scene, and ends", async () => {
  await tellsTheStory(await demoOnce(), { count: 4, newcomer: "Dave" });
});

test("deno task demo --once tells it of five peers too, three of whom sign", async () => {
  await tellsTheStory(await demoOnce("--peers", "5", "--threshold", "3"), { count: 5, newcomer: "Erin" });
});
