/**
 * I23: whoever asked gets a signature of each item, in their order, each of which verifies under the key that the item
 * says; or none. And whoever names items of a batch names those that were spoilt.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import type { GroupKey } from "../../src/cluster/keys/group_key.ts";
import { verify } from "../../src/node/verify.ts";
import type { Signature } from "../../src/schemes/schemes.ts";
import { inputsOf } from "./asks.ts";
import { violated, type Violation } from "./invariants.ts";
import type { Ran } from "./ran.ts";
import { type Schedule, walletOf } from "./schedule.ts";
import { toyVerify } from "./toy_signing.ts";
import type { View } from "./views.ts";
import type { World } from "./world.ts";

const wrong = (what: string) => violated("I23 batches", what);

export async function everyItem(ran: Ran, views: readonly View[], world: World): Promise<Violation[]> {
  const { schedule: s, settled } = ran;
  if (s.kind !== "sign") return [];
  const told = views.flatMap((view) => spoiltToldBy(view, s));
  if (settled === null || !("gave" in settled)) return told;
  const signatures = [settled.gave].flat() as Signature[];
  const inputs = inputsOf(s);
  if (signatures.length !== inputs.length) {
    return [...told, ...wrong(`${signatures.length} signatures of ${inputs.length} items`)];
  }
  const key = await keyOf(s, world);
  const bad = inputs.flatMap((input, i) => {
    const signature = signatures[i]!;
    const good = !world.real && s.scheme === "ed25519"
      ? toyVerify(key.publicKey, input.message!, signature.bytes)
      : verify(key, input, signature);
    return good ? [] : wrong(`the signature of item ${i} is none`);
  });
  const hash = sha256(concatBytes(...signatures.map(({ bytes }) => bytes.subarray(0, 64)))).toHex();
  const others = views.filter(({ end }) => end?.type === "done" && end.resultHash !== hash);
  return [...told, ...bad, ...others.flatMap(({ name }) => wrong(`${name} has other signatures`))];
}

async function keyOf(s: Schedule, world: World): Promise<GroupKey> {
  const wallet = walletOf(s.scheme, s.party.length);
  for (const { node } of world.cluster.nodes.values()) {
    const key = (await node.keys()).find((one) => one.wallet === wallet && one.scheme === s.scheme);
    if (key) return key;
  }
  throw new Error(`Cannot verify: nobody knows “${wallet}”`);
}

/** Items are named where a share of a batch was wrong, and nowhere else: here always the last one. */
function spoiltToldBy({ name, end }: View, s: Schedule): Violation[] {
  if (end?.type !== "failed" || name === s.faulty) return [];
  const batch = s.items > 1;
  const found = end.items !== undefined === batch && (end.items ?? 1) === s.items
    ? []
    : wrong(`${name} speaks of ${end.items} items of ${s.items}`);
  // Of ECDSA nobody may be told: it would tell of a check whose outcome depends on secrets.
  const told = batch && s.scheme !== "ecdsa" && end.code === "invalid-signature-share" ? [s.items - 1] : [];
  return (end.spoilt ?? []).join() === told.join()
    ? found
    : [...found, ...wrong(`${name} says that items ${end.spoilt} were spoilt, expected ${told}`)];
}
