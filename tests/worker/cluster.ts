/**
 * A few vaults that make keys and sign together. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { generateX25519Identity } from "age-encryption";
import type { Curve } from "../../src/events.ts";
import { SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import type { Outcome, Task, Vault } from "../../src/ports.ts";
import { openNet } from "../../src/session/net.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { workerVault } from "../../src/worker/client.ts";
import { localIos, type OnWire } from "./local_io.ts";

export const party = ["alice", "bob", "carol"];
export const session = new Uint8Array(32).fill(7);

export type OpenVault = (storageKey: string, peer: PeerId) => Vault;
export const inThisThread: OpenVault = (storageKey, peer) =>
  shareVault({ secrets: { storageKey }, peer, random: platformRandom, clock: platformClock, openNet });

export const inAWorker: OpenVault = (storageKey, peer) => workerVault({ storageKey }, peer);
/** Both kinds of vault by their names: what one does, the other does too. */
export const kinds = [["shareVault()", inThisThread], ["workerVault()", inAWorker]] as const;

export async function storageKeys(): Promise<Map<PeerId, string>> {
  return new Map(
    await Promise.all(party.map(async (peer) => [peer, await generateX25519Identity()] as const)),
  );
}

export type Generated = Outcome & { kind: "generate" };

/** All vaults run their task; rejections stay promises' business. */
export function runAll(
  vaults: ReadonlyMap<PeerId, Vault>,
  tasks: ReadonlyMap<PeerId, Task>,
  onWire?: OnWire,
): {
  runs: ReadonlyMap<PeerId, Promise<Outcome>>;
  endings: Promise<PromiseSettledResult<Outcome>[]>;
  ios: ReturnType<typeof localIos>;
} {
  const { session, party } = [...tasks.values()][0]!;
  const ios = localIos(party, session, onWire);
  const runs = new Map(party.map((peer) => [peer, vaults.get(peer)!.run(tasks.get(peer)!, ios.get(peer)!)]));
  return { runs, endings: Promise.allSettled(runs.values()), ios };
}

export function generateTasks(curve: Curve = "ed25519"): Map<PeerId, Task & { kind: "generate" }> {
  return new Map(party.map((self) => [self, {
    kind: "generate",
    session,
    self,
    party,
    curve,
    wallet: "treasury",
    roundMs: 30_000,
    threshold: 2,
    epoch: 0,
  }]));
}

export function signTasks(
  signers: readonly PeerId[],
  made: ReadonlyMap<PeerId, Generated>,
  message: Uint8Array,
  path: readonly number[] = [],
): Map<PeerId, Task> {
  return new Map(signers.map((self) => {
    const { share, key, pairs } = made.get(self)!;
    const others = new Map([...pairs].filter(([peer]) => signers.includes(peer)));
    const common = { self, party: signers, curve: key.curve, wallet: key.wallet, roundMs: 30_000 };
    const what = { keyId: new Uint8Array(32), share, key, pairs: others, path, message };
    return [self, { kind: "sign", session: new Uint8Array(32).fill(8), ...common, ...what }];
  }));
}

/** What succeeded, by peer. @throws Whatever a run threw. */
export async function outcomes(
  running: ReturnType<typeof runAll>,
): Promise<Map<PeerId, Outcome>> {
  const { endings, ios } = running;
  const all = await endings;
  return new Map([...ios.keys()].map((peer, i) => {
    const ending = all[i]!;
    if (ending.status === "rejected") throw ending.reason;
    return [peer, ending.value];
  }));
}

/** What a run failed with. */
export async function failed(run: Promise<unknown>): Promise<SessionError> {
  const error = await run.then(() => null, (error) => error);
  assert.ok(error instanceof SessionError, String(error));
  return error;
}

/** What ends a run from outside: as good as any. */
export async function anyReason(): Promise<SessionError> {
  const vault = inThisThread("AGE-SECRET-KEY-1", "alice");
  await vault.close();
  const task = generateTasks().get("alice")!;
  return await failed(vault.run(task, localIos(party, task.session).get("alice")!));
}

/** A finished key in fresh vaults. */
export async function withKey(open: OpenVault, curve: Curve = "ed25519") {
  const keys = await storageKeys();
  const vaults = new Map(party.map((peer) => [peer, open(keys.get(peer)!, peer)]));
  const made = await outcomes(runAll(vaults, generateTasks(curve))) as Map<PeerId, Generated>;
  return { keys, vaults, made };
}
