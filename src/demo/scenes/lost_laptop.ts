/**
 * The scenes of a lost laptop: another peer gets a share instead, all addresses stay, and the share on the laptop is
 * worth nothing to whoever finds it.
 * @module
 */
import type { GroupKey } from "../../cluster/keys/group_key.ts";
import { SessionError } from "../../errors.ts";
import type { Scheme } from "../../events.ts";
import { schemes } from "../../schemes/schemes.ts";
import type { DemoCluster, DemoPeer } from "../cluster.ts";
import { startLaptop } from "./laptop.ts";
import type { NodeHere } from "./node_here.ts";

/** Time for a peer that was away to learn of a new epoch, and to erase its share of the one before, ms. */
const erasingMs = 30_000;

/** The means of the scenes. */
export interface Stage {
  readonly node: NodeHere;
  readonly cluster: DemoCluster;
  readonly wallet: string;
  readonly threshold: number;
  /** Plays a scene; a good signature of the scheme must follow it. */
  scene(name: string, scheme: Scheme, act: () => Promise<string>): Promise<void>;
  /** Signs with these peers first, and checks the signature. */
  signs(scheme: Scheme, signers: readonly DemoPeer[]): Promise<unknown>;
  /** Takes these peers for the holders of the keys from now on. */
  heldBy(holders: readonly DemoPeer[]): void;
}

/** The peers of the scenes. */
export interface Cast {
  readonly alice: DemoPeer;
  readonly bob: DemoPeer;
  readonly carol: DemoPeer;
  /** A peer without a share so far. */
  readonly newcomer: DemoPeer;
  /** All peers with shares so far. */
  readonly holders: readonly DemoPeer[];
}

/** The keys that get another holder. */
const dealtAnew = ["ed25519", "ecdsa"] as const satisfies Scheme[];

/** Plays the scenes, one after the other. */
export async function lostLaptop(
  stage: Stage,
  { alice, bob, carol, newcomer, holders }: Cast,
): Promise<void> {
  const staying = holders.filter((peer) => peer !== carol);
  await stage.scene(`Carol's laptop is lost, and ${newcomer.name} gets a share`, "ecdsa", async () => {
    await stage.cluster.lose(carol.name);
    const next = [...staying, newcomer];
    const stay: string[] = [];
    for (const scheme of dealtAnew) stay.push(await handOver(stage, scheme, { gone: carol, next }));
    stage.heldBy(next);
    for (const scheme of dealtAnew) await stage.signs(scheme, [newcomer, alice]);
    return `${stay.join(", ")} stay, and ${newcomer.name} has signed`;
  });
  await stage.scene("the ban of Alice and Bob has ended", "ecdsa", async () => {
    await stage.signs("ecdsa", [alice, bob]);
    return "the new epoch began without it";
  });
  await stage.scene("a finder of the laptop tries Carol's old share", "ed25519", async () => {
    // Carol may have banned Bob, who has cheated: her laptop asks others.
    const others = staying.filter((peer) => peer !== bob).slice(0, stage.threshold - 1);
    await triesOldShare(stage, { carol, others });
    return "refused with epoch-mismatch: the others have erased theirs, and one alone is worth nothing";
  });
  await stage.scene("Carol has her laptop back", "ed25519", async () => {
    await stage.cluster.find(carol.name);
    await untilErased(stage);
    return `she learns of epoch 2 and erases her share: epoch 1 is erased by ${holders.length} of ${holders.length}`;
  });
}

/** Deals a key anew. @returns The addresses, or the public key where there are none, which have stayed. */
async function handOver(
  stage: Stage,
  scheme: Scheme,
  { gone, next }: { gone: DemoPeer; next: readonly DemoPeer[] },
): Promise<string> {
  const { node, wallet, threshold } = stage;
  const before = await keyOf(stage, scheme);
  const members = next.map(({ peer }) => peer);
  const key = await node.reshare({ wallet, scheme, threshold, members, gone: [gone.peer] }).result;
  if (key.epoch !== before.epoch + 1) throw new Error(`epoch ${key.epoch} follows ${before.epoch}`);
  if (shown(key) !== shown(before)) throw new Error(`${shown(before)} has become ${shown(key)}`);
  return shown(key);
}

const shown = ({ scheme, publicKey }: GroupKey): string =>
  Object.values(schemes[scheme].addressesOf(publicKey)).join(", ");

/** Starts the laptop by itself: it knows nothing of the new epoch, and its share is still there. */
async function triesOldShare(
  { wallet }: Stage,
  { carol, others }: { carol: DemoPeer; others: readonly DemoPeer[] },
): Promise<void> {
  await using laptop = await startLaptop(carol.folder, others.map(({ peer }) => peer));
  for (const scheme of dealtAnew) {
    const [key] = (await laptop.keys()).filter((one) => one.wallet === wallet && one.scheme === scheme);
    if (key?.epoch !== 1 || !key.held) throw new Error("the laptop has no share of the first epoch");
    const signers = [carol, ...others].map(({ peer }) => peer);
    const session = laptop.sign({ wallet, scheme, message: new TextEncoder().encode("all to me"), signers });
    const thrown = await session.result.then(() => null, (error) => error);
    const claims = thrown instanceof SessionError ? thrown.claims : [];
    if (!claims.some(({ code }) => code === "epoch-mismatch")) {
      throw new Error(`expected epoch-mismatch, found ${thrown ?? "a signature"}`);
    }
  }
}

/** Resolves when all members of each past epoch have said that they hold no share of it. @throws {Error} */
async function untilErased(stage: Stage): Promise<void> {
  const isErased = async (scheme: Scheme) =>
    (await keyOf(stage, scheme)).past.every(({ members, erased }) => erased.length === members.length);
  for (const end = performance.now() + erasingMs;;) {
    const all = await Promise.all(dealtAnew.map(isErased));
    if (all.every(Boolean)) return;
    if (performance.now() > end) {
      throw new Error(`waited ${erasingMs / 1000} s for Carol's share to be erased`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function keyOf({ node, wallet }: Stage, scheme: Scheme): Promise<GroupKey> {
  const key = (await node.keys()).find((one) => one.wallet === wallet && one.scheme === scheme);
  if (!key) throw new Error(`the key for ${scheme} is not known here`);
  return key;
}
