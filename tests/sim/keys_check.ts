/**
 * I7: no key is lost, and none is half made.
 * @module
 */
import type { GroupKey } from "../../src/cluster/keys/keys.ts";
import { violated, type Violation } from "./invariants.ts";
import { nothingLeaked } from "./secrets.ts";
import type { World } from "./world.ts";

/** What is left to check when a world ends: every key that is active anywhere is active at all, and signs. */
export async function checkKeys(world: World): Promise<Violation[]> {
  const { cluster } = world;
  const found = world.twice.flatMap((use) => violated("I13 nonces", `used again by ${use}`));
  found.push(...await nothingLeaked(world));
  /** What each says of a wallet's keys: there may be two, with a proof. */
  const states = new Map<string, Map<string, string[]>>();
  const known = new Map<string, { key: GroupKey; held: Set<string> }>();
  for (const { name, node } of cluster.nodes.values()) {
    for (const key of await node.keys()) {
      const wallet = states.get(key.wallet) ?? new Map<string, string[]>();
      states.set(key.wallet, wallet);
      wallet.set(name, [...wallet.get(name) ?? [], `${key.state} ${key.publicKey.toHex()}`].sort());
      const { held } = known.get(key.session) ?? { held: new Set() };
      known.set(key.session, { key, held: key.held ? held.add(name) : held });
    }
  }
  // What anybody was told to be active, enough members can sign with: their sealed shares are on disk.
  // A share that was written after the copy to which its disk went back is lost with that disk, and none beside it.
  const lostOf = (wallet: string) => world.rollbacks.lost.get(wallet);
  for (const { key: { wallet, threshold }, held } of known.values()) {
    if (held.size + (lostOf(wallet) === undefined ? 0 : 1) < threshold) {
      found.push(
        ...violated("I7 no quorum destroyed", `${held.size} members hold ${wallet}, ${threshold} sign`),
      );
    }
  }
  for (const [wallet, said] of states) {
    if (new Set([...said.values()].map((keys) => keys.join())).size > 1) {
      found.push(...violated("I2 agreement", `${wallet}: ${[...said].join("; ")}`));
    }
  }
  for (const { key, held } of known.values()) {
    const { wallet, curve, session, threshold } = key;
    if (key.state !== "active") {
      found.push(...violated("I7 no key lost", `${wallet} is ${key.state}`));
      continue;
    }
    const members = key.members.map((peer) => cluster.nameOf(peer));
    const without = members.filter((member) => !held.has(member) && member !== lostOf(wallet));
    if (without.length > 0) found.push(...violated("I7 no key lost", `${without} hold nothing of ${wallet}`));
    if (held.size < threshold) continue;
    const signers = world.some(key.members.filter((peer) => held.has(cluster.nameOf(peer))), threshold);
    const asker = cluster.at(cluster.nameOf(signers[0]!)).node;
    const message = new TextEncoder().encode(wallet);
    // A key that cannot be signed with may be refused at once.
    const signing = async () => await asker.sign({ wallet, curve, key: session, message, signers }).result;
    await cluster.clock.until(signing()).catch((error) =>
      found.push(...violated("I7 no key lost", `${signers} cannot sign with ${wallet}: ${error}`))
    );
  }
  return found;
}
