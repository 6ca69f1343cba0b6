/**
 * The recorded actions of batches: done, under way, and failed. Not a test by itself.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { ItemInput, Signature } from "../../web/node/node_port.ts";
import type { Action } from "../../web/state/reduce.ts";
import { alice, bob, carol, ecdsaKey, hex, key, script, through } from "./events.ts";

export const batchRounds = ["commit", "share"] as const;
const party = [alice, carol];
const forgers = [alice, bob];

/** The message of an item, from 0. */
const payment = (i: number) =>
  new TextEncoder().encode(`Pay ${5 + (37 * i) % 900} EUR to account ${7_000 + i}.`);

const items = (count: number, scheme: Scheme): ItemInput[] =>
  Array.from(
    { length: count },
    (_, i) => scheme === "ed25519" ? { message: payment(i) } : { message: payment(i), hash: "sha256" },
  );

function signatureOf(i: number, scheme: Scheme): Signature {
  const bytes = Uint8Array.fromHex(hex((i + 0xa90c17f4).toString(16).repeat(16), 128));
  if (scheme !== "ecdsa") return { scheme: "ed25519", bytes, publicKey: key.publicKey };
  return {
    scheme,
    bytes,
    recovery: 1,
    der: Uint8Array.fromHex(hex("3044022055".repeat(14), 140)),
    ethereum: null,
    digest: Uint8Array.fromHex(hex("d16e57", 64)),
    publicKey: ecdsaKey.publicKey,
  };
}

function requested(
  id: string,
  inputs: readonly ItemInput[],
  scheme: Scheme,
  signers: readonly PeerId[],
): Action {
  const request = { items: inputs, signers, note: "Payroll of November" };
  return { type: "requested", id: hex(id, 32), kind: "sign", wallet: "treasury", scheme, request };
}

function openedBatch(
  t: ReturnType<typeof script>,
  { count, signers, rounds = batchRounds }: {
    count: number;
    signers: readonly PeerId[];
    rounds?: readonly string[];
  },
): Action[] {
  return [
    t.by(signers[0]!, { type: "began", deadline: t.deadline, items: count }, { attempt: null }),
    t.proposed(signers[0]!, signers),
    ...signers.map((peer) => t.opened(peer, signers, rounds)),
  ];
}

/** @param options.wrong The items with a wrong signature, from 0. @param options.own Whether this page asked. */
export function batchDone(
  count: number,
  { scheme = "ed25519", wrong = [], own = true }: {
    scheme?: Scheme;
    wrong?: readonly number[];
    own?: boolean;
  } = {},
): Action[] {
  const t = script({ id: "ba7c", scheme });
  const inputs = items(count, scheme);
  const outcome = {
    signatures: inputs.map((_, i) => signatureOf(i, scheme)),
    verified: { is: wrong.length > 0 ? "wrong" : "verified", wrong },
  } as const;
  return [
    ...(own ? [requested("ba7c", inputs, scheme, party)] : []),
    ...openedBatch(t, { count, signers: party }),
    ...through(t, party, batchRounds),
    ...party.map((peer) => t.done(peer, hex("77aa"))),
    ...(own ? [{ type: "result", id: hex("ba7c", 32), outcome } as const] : []),
  ];
}

/** The signers compute their shares of many signatures. */
export function batchRunning(count: number): Action[] {
  const t = script({ id: "ba7d" });
  return [
    requested("ba7d", items(count, "ed25519"), "ed25519", party),
    ...openedBatch(t, { count, signers: party }),
    ...through(t, party, ["commit"]),
    t.work(alice, 0.4),
    t.work(carol, 0.25),
  ];
}

/** Bob's shares of these items do not verify. */
export function batchFailed(count: number, spoilt: readonly number[]): Action[] {
  const t = script({ id: "ba7e" });
  return [
    requested("ba7e", items(count, "ed25519"), "ed25519", forgers),
    ...openedBatch(t, { count, signers: forgers }),
    ...through(t, forgers, ["commit"]),
    ...forgers.map((peer) => t.begun(peer, "share")),
    t.heard(alice, "share", bob),
    t.failed(alice, "invalid-signature-share", {
      round: "share",
      culprits: [bob],
      evidence: hex("a5c0de"),
      items: count,
      spoilt,
    }),
    t.failed(bob, "aborted-by-peer", {
      round: "share",
      items: count,
      claims: [{ by: alice, code: "invalid-signature-share", peers: [bob] }],
    }),
    { type: "proof", session: t.key, by: alice, proof: "proven" },
  ];
}
