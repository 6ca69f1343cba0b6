/**
 * I7: no key is lost, and none is half made.
 * @module
 */
import { violated, type Violation } from "./invariants.ts";
import { nothingLeaked } from "./secrets.ts";
import type { World } from "./world.ts";

/** What is left to check when a world ends: every key that is active anywhere is active at all, and signs. */
export async function checkKeys(world: World): Promise<Violation[]> {
  const { cluster } = world;
  const found = world.twice.flatMap((use) => violated("I13 nonces", `used again by ${use}`));
  found.push(...await nothingLeaked(world));
  const states = new Map<string, Map<string, string>>();
  const holders = new Map<string, { wallet: string; threshold: number; held: number }>();
  for (const { name, node } of cluster.nodes.values()) {
    for (const key of await node.keys()) {
      const mine = states.get(key.wallet) ?? new Map<string, string>();
      states.set(key.wallet, mine);
      const known = holders.get(key.session) ?? { ...key, held: 0 };
      holders.set(key.session, known);
      if (key.held) known.held++;
      if (key.members.includes(cluster.peer(name))) mine.set(name, `${key.state} ${key.publicKey.toHex()}`);
      else mine.set(`${name}, who holds none`, `${key.state} ${key.publicKey.toHex()}`);
    }
  }
  // What anybody was told to be active, enough members can sign with: their sealed shares are on disk.
  for (const { wallet, threshold, held } of holders.values()) {
    if (held < threshold) {
      found.push(...violated("I7 no quorum destroyed", `${held} members hold ${wallet}, ${threshold} sign`));
    }
  }
  for (const [wallet, held] of states) {
    if (new Set(held.values()).size > 1) {
      found.push(...violated("I2 agreement", `${wallet}: ${[...held].join("; ")}`));
      continue;
    }
    const [name] = [...held.keys()].filter((name) => !name.includes(",")); // a holder
    const key = name && (await cluster.at(name).node.keys()).find((key) => key.wallet === wallet);
    if (!key || key.state !== "active") {
      found.push(...violated("I7 no key lost", `${wallet} is ${key ? key.state : "held by nobody"}`));
      continue;
    }
    const members = key.members.map((peer) => cluster.nameOf(peer));
    const without = members.filter((member) => !held.has(member));
    if (without.length > 0) found.push(...violated("I7 no key lost", `${without} hold nothing of ${wallet}`));
    const signers = world.some(key.members, key.threshold);
    const asker = cluster.at(cluster.nameOf(signers[0]!)).node;
    const message = new TextEncoder().encode(wallet);
    const signing = asker.sign({ wallet, curve: key.curve, message, signers }).result;
    await cluster.clock.until(signing).catch((error) =>
      found.push(...violated("I7 no key lost", `${signers} cannot sign with ${wallet}: ${error}`))
    );
  }
  return found;
}
