/**
 * Cheats in a key generation, each against one check of one round. The tests of those checks use them; the
 * demonstration does not offer them.
 * @module
 */
import { type DlogProof, proveDlog } from "../../crypto/dlog_proof.ts";
import type { Element } from "../../crypto/group.ts";
import type { FailureCode, PeerId } from "../../failure.ts";
import type { Random } from "../../ports.ts";
import { generating, promiseOf, type Reveal } from "../../protocol/deal_messages.ts";
import { type Cheat, type Outgoing, sending, withPayload } from "./cheat_wire.ts";

const suite = generating.ed25519;
const { scheme, group, rounds: { reveal, deal, confirm } } = suite;

function cheat(name: string, label: string, code: FailureCode, wrap: Cheat["wrap"]): Cheat {
  const expects = { outcome: "failed", code, names: "culprit" } as const;
  return { name, label, kinds: ["generate"], expects, applies: () => true, wrap };
}
const inRound = (round: string, change: (sent: Outgoing) => Outgoing): Cheat["wrap"] => (wire) =>
  sending(wire, (sent) => [sent.round === round ? change(sent) : sent]);
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

/** Opens another commitment than it promised. */
export const wrongOpening = cheat(
  "wrong-opening",
  "open another commitment than promised",
  "invalid-commitment",
  inRound("reveal", (sent) => withPayload(sent, reveal.codec, (r) => ({ ...r, salt: flip(r.salt) }))),
);

/** Sends a proof with a wrong response. */
export const wrongProof = cheat(
  "wrong-proof",
  "prove nothing",
  "invalid-proof",
  inRound("reveal", (sent) =>
    withPayload(sent, reveal.codec, (r) => ({
      ...r,
      proof: { ...r.proof, response: group.reduce(r.proof.response + 1n) },
    }))),
);

/** Deals one victim a share that does not match; the others get good ones. */
export const badDealtShare = (victim: PeerId): Cheat =>
  cheat(
    "bad-dealt-share",
    "deal one bad share",
    "invalid-dealt-share",
    (wire) =>
      sending(wire, (sent) =>
        sent.round === "deal" && sent.to === victim
          ? [withPayload(sent, deal.codec, ({ share }) => ({ share: group.reduce(share + 1n) }))]
          : [sent]),
  );

export const wrongConfirmation = cheat(
  "wrong-confirmation",
  "confirm another key",
  "invalid-confirmation",
  inRound(
    "confirm",
    (sent) => withPayload(sent, confirm.codec, ({ outcome }) => ({ outcome: flip(outcome) })),
  ),
);

export interface Rogue {
  name: string;
  code: FailureCode;
  /** a_0, a_1, …: any number. */
  coefficients: readonly bigint[];
  /** Sent instead of its coefficients times G. */
  polynomial?: readonly Element[];
  /** Sent instead of an honest proof. */
  proof?: DlogProof;
  random: Random;
}

/** A dealer that is consistent from its promise to its shares, except for the fields that are given. */
export function rogueDealer({ name, code, coefficients, random, ...shown }: Rogue): Cheat {
  const polynomial = shown.polynomial ?? coefficients.map(group.multiplyBase);
  const opening = { polynomial, chainCode: random(32), salt: random(32) };
  const statement = polynomial[0] ?? group.multiplyBase(1n);
  const dealing = cheat(name, `deal as it likes: ${name}`, code, (wire, { session, party }) => {
    const context = { scheme, session, identifier: party.indexOf(wire.self) + 1 };
    const proof = shown.proof ??
      proveDlog(group, { secret: coefficients[0] ?? 1n, statement, context, random });
    return sending(wire, (sent) => {
      switch (sent.round) {
        case "reveal":
          return [withPayload(sent, reveal.codec, (): Reveal => ({ ...opening, proof }))];
        case "deal": {
          const x = BigInt(party.indexOf(sent.to) + 1);
          const share = coefficients.reduceRight((sum, a) => group.reduce(sum * x + a), 0n);
          return [withPayload(sent, deal.codec, () => ({ share }))];
        }
        default:
          return [sent];
      }
    });
  });
  return {
    ...dealing,
    firstRound: ({ attempt, self, party }) =>
      suite.firstRound.encode({ promise: promiseOf(suite, attempt, party.indexOf(self) + 1, opening) }),
  };
}
