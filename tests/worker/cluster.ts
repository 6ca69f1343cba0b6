/**
 * A few vaults that make keys and sign together. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { generateX25519Identity } from "age-encryption";
import type { Scheme } from "../../src/events.ts";
import { SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import type { Agreed, DrawnTask, Outcome, RunIo, Task, Vault } from "../../src/ports.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { workerVault } from "../../src/worker/client.ts";
import { diffieHellman } from "../crypto/diffie_hellman.ts";
import { type LocalIo, localIos, type OnWire } from "./local_io.ts";

export const party = ["alice", "bob", "carol"];
export const session = new Uint8Array(32).fill(7);
const attempt = new Uint8Array(32).fill(6);

export type OpenVault = (storageKey: string, peer: PeerId) => Vault;
export const inThisThread: OpenVault = (storageKey, peer) =>
  shareVault({ secrets: { storageKey }, peer, random: platformRandom, clock: platformClock, diffieHellman });

export const inAWorker: OpenVault = (storageKey, peer) => workerVault({ storageKey }, peer);
/** Both kinds of vault by their names: what one does, the other does too. */
export const kinds = [["shareVault()", inThisThread], ["workerVault()", inAWorker]] as const;

export async function storageKeys(): Promise<Map<PeerId, string>> {
  return new Map(
    await Promise.all(party.map(async (peer) => [peer, await generateX25519Identity()] as const)),
  );
}

/** What a member has of a key that was made. */
export type Generated = Outcome & { kind: "generate"; share: Uint8Array };

/** What a party does together. */
export interface Work {
  readonly tasks: ReadonlyMap<PeerId, Task>;
  /** The sealed pairs of each with each other; default none. */
  readonly pairs?: ReadonlyMap<PeerId, ReadonlyMap<PeerId, Uint8Array>>;
}

/** All vaults draw, and run with everybody's first round; rejections stay promises' business. */
export function runAll(
  vaults: ReadonlyMap<PeerId, Vault>,
  { tasks, pairs }: Work,
  onWire?: OnWire,
): {
  runs: ReadonlyMap<PeerId, Promise<Outcome>>;
  endings: Promise<PromiseSettledResult<Outcome>[]>;
  ios: ReturnType<typeof localIos>;
} {
  const { party } = [...tasks.values()][0]!;
  const ios = localIos(party, session, onWire);
  const drawing = new Map(party.map((peer) => [peer, vaults.get(peer)!.draw(tasks.get(peer)!)]));
  const firstRounds = Promise.all(
    party.map(async (peer) => [peer, (await drawing.get(peer)!).firstRound] as const),
  );
  const run = async (peer: PeerId) => {
    const firstRound = new Map(await firstRounds);
    const drawn = await drawing.get(peer)!;
    return await drawn.run({ session, firstRound, pairs: pairs?.get(peer) ?? new Map() }, ios.get(peer)!);
  };
  const runs = new Map(party.map((peer) => [peer, run(peer)]));
  return { runs, endings: Promise.allSettled(runs.values()), ios };
}

/** Draws and runs one task alone, as if nobody else had drawn. */
export async function runAlone(
  vault: Vault,
  task: Task,
  io: RunIo,
  pairs?: Agreed["pairs"],
): Promise<Outcome> {
  const drawn = await vault.draw(task);
  return await drawn.run(agreedAlone(drawn, task, pairs), io);
}

/** What is agreed on where everybody has drawn what this one has. */
export const agreedAlone = (
  { firstRound }: Pick<DrawnTask, "firstRound">,
  { party }: Task,
  pairs: Agreed["pairs"] = new Map(),
): Agreed => ({ session, firstRound: new Map(party.map((peer) => [peer, firstRound])), pairs });

export function generateTask(
  self: PeerId,
  scheme: Scheme = "ed25519",
  threshold = 2,
): Task & { kind: "generate" } {
  return {
    kind: "generate",
    attempt,
    self,
    party,
    scheme,
    wallet: "treasury",
    roundMs: 30_000,
    threshold,
    epoch: 0,
  };
}

export function generateWork(scheme?: Scheme, threshold?: number): Work {
  return { tasks: new Map(party.map((self) => [self, generateTask(self, scheme, threshold)])) };
}

export function signWork(
  signers: readonly PeerId[],
  made: ReadonlyMap<PeerId, Generated>,
  message: Uint8Array,
  { path = [], options = new Uint8Array(), times = 1 }: {
    path?: readonly number[];
    options?: Uint8Array;
    /** The number of items, all the same. */
    times?: number;
  } = {},
): Required<Work> {
  const tasks = new Map(signers.map((self): [PeerId, Task] => {
    const { share, key } = made.get(self)!;
    const common = { self, party: signers, scheme: key.scheme, wallet: key.wallet, roundMs: 30_000 };
    const items = Array.from({ length: times }, () => ({ path, options, payload: message }));
    const what = { keyId: session, share, key, items };
    return [self, { kind: "sign", attempt: new Uint8Array(32).fill(8), ...common, ...what }];
  }));
  const pairs = new Map(signers.map((self) => {
    const others = [...made.get(self)!.pairs].filter(([peer]) => signers.includes(peer));
    return [self, new Map(others)];
  }));
  return { tasks, pairs };
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

/** The parts of a run's work that were reported, in order. */
export const workReported = ({ progressed }: Pick<LocalIo, "progressed">): number[] =>
  progressed.flatMap((progress) => progress.type === "work" ? [progress.done] : []);

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
  return await failed(vault.draw(generateTask("alice")));
}

/** A finished key in fresh vaults. */
export async function withKey(open: OpenVault, scheme: Scheme = "ed25519", threshold?: number) {
  const keys = await storageKeys();
  const vaults = new Map(party.map((peer) => [peer, open(keys.get(peer)!, peer)]));
  const made = await outcomes(runAll(vaults, generateWork(scheme, threshold))) as Map<PeerId, Generated>;
  return { keys, vaults, made };
}
