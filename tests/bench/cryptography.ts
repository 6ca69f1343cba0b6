/**
 * The same operations without a network: what the mathematics alone costs each party, in one thread, in processor time,
 * which other programs of the machine lengthen less than they do a clock's.
 * @module
 */
import process from "node:process";
import { drawFrostSignatures } from "../../src/protocol/sign_frost.ts";
import { frostSuites, signingFrost } from "../../src/protocol/sign_frost_messages.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { verifySignature } from "../../src/schemes/schemes.ts";
import { attempt, generateAll, makeKey, session, type TestKey } from "../protocol/keys.ts";
import { results, runDrawn } from "../protocol/local_net.ts";
import { type Figure, figure, schemeStarts } from "./figures.ts";

/** A scheme that signs by FROST. */
type FrostScheme = keyof typeof frostSuites;

export interface Shape {
  scheme: FrostScheme;
  threshold: number;
  members: readonly string[];
}

export const shape = (threshold: number, size: number, scheme: FrostScheme = "ed25519"): Shape => ({
  scheme,
  threshold,
  members: Array.from({ length: size }, (_, i) => `peer ${String(i + 1).padStart(2, "0")}`),
});

/** A key generation's share of the work of one member: all members run in this thread, one after the other's turn. */
export async function generating({ scheme, threshold, members }: Shape, count: number): Promise<Figure> {
  const values: number[] = [];
  for (let i = 0; i < count + 2; i++) {
    const begun = processor();
    results(await generateAll({ scheme, threshold, members, seed: `run ${i}` }));
    if (i >= 2) values.push((processor() - begun) / members.length);
  }
  return figure(
    `cryptography of key generation ${schemeStarts[scheme]}${threshold}-of-${members.length}, per member`,
    "ms",
    values,
  );
}

/** The same of a signature, with the check of the result that each node makes once more; of a batch for each item. */
export async function signing(
  { scheme, threshold, members }: Shape,
  count: number,
  items = 1,
): Promise<Figure> {
  const made = await makeKey({ scheme, threshold, members });
  const values: number[] = [];
  for (let i = 0; i < count + 10; i++) {
    const begun = processor();
    await signOnce(scheme, made, { threshold, items });
    if (i >= 10) values.push((processor() - begun) / threshold / items);
  }
  return figure(
    `cryptography of signing ${schemeStarts[scheme]}${threshold}-of-${members.length}, per signer${
      ofBatch(items)
    }`,
    "ms",
    values,
  );
}

function processor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const ofBatch = (items: number): string => items === 1 ? "" : ` and item of a batch of ${items}`;

async function signOnce(
  scheme: FrostScheme,
  { key, shares }: TestKey,
  { threshold, items }: { threshold: number; items: number },
): Promise<void> {
  const messages = Array.from({ length: items }, () => platformRandom(32));
  const { members } = key;
  const party = key.members.slice(0, threshold);
  const ran = await runDrawn(signingFrost(frostSuites[scheme], items).rounds, party, {
    draw: (self) =>
      drawFrostSignatures({
        suite: frostSuites[scheme],
        attempt,
        self,
        party,
        members,
        items: messages.map((message) => ({ key, share: shares.get(self)!, message })),
        random: platformRandom,
      }),
    inputOf: () => ({ session }),
  });
  const signatures = results(ran);
  for (const [i, signature] of signatures.flatMap((all) => [...all.entries()])) {
    if (!verifySignature({ scheme, publicKey: key.publicKey }, messages[i]!, signature)) {
      throw new Error("a bad signature");
    }
  }
}
