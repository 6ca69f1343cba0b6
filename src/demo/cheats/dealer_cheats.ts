/**
 * Cheats in a key generation: each breaks one check of one round. The demonstration does not offer them; the tests of
 * those checks do.
 * @module
 */
import { type DlogProof, proveDlog } from "../../crypto/dlog_proof.ts";
import { type Element, groups } from "../../crypto/group.ts";
import type { FailureCode, PeerId } from "../../failure.ts";
import type { Random } from "../../ports.ts";
import { generating, promiseOf, type Reveal } from "../../protocol/generate_messages.ts";
import { type Cheat, type Said, saying, withPayload } from "./cheat_wire.ts";

const group = groups.ed25519;
const { commit, reveal, deal, confirm } = generating.ed25519;

function cheat(name: string, label: string, code: FailureCode, wrap: Cheat["wrap"]): Cheat {
  const expects = { outcome: "failed", code, names: "culprit" } as const;
  return { name, label, kinds: ["generate"], expects, applies: () => true, wrap };
}
const inRound = (round: string, change: (said: Said) => Said): Cheat["wrap"] => (wire) =>
  saying(wire, (said) => [said.round === round ? change(said) : said]);
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

/** Opens something else than it promised. */
export const wrongOpening = cheat(
  "wrong-opening",
  "open another commitment than promised",
  "invalid-commitment",
  inRound("reveal", (said) => withPayload(said, reveal.codec, (r) => ({ ...r, salt: flip(r.salt) }))),
);

/** Shows a proof whose response is another. */
export const wrongProof = cheat(
  "wrong-proof",
  "prove nothing",
  "invalid-proof",
  inRound("reveal", (said) =>
    withPayload(said, reveal.codec, (r) => ({
      ...r,
      proof: { ...r.proof, response: group.reduce(r.proof.response + 1n) },
    }))),
);

/** Deals one share that does not match, to one victim; the others get good ones. */
export const badDealtShare = (victim: PeerId): Cheat =>
  cheat(
    "bad-dealt-share",
    "deal one bad share",
    "invalid-dealt-share",
    (wire) =>
      saying(wire, (said) =>
        said.round === "deal" && said.to === victim
          ? [withPayload(said, deal.codec, ({ share }) => ({ share: group.reduce(share + 1n) }))]
          : [said]),
  );

export const wrongConfirmation = cheat(
  "wrong-confirmation",
  "confirm another key",
  "invalid-confirmation",
  inRound(
    "confirm",
    (said) => withPayload(said, confirm.codec, ({ outcome }) => ({ outcome: flip(outcome) })),
  ),
);

export interface Rogue {
  name: string;
  code: FailureCode;
  /** a_0, a_1, …: as many as it likes. */
  coefficients: readonly bigint[];
  /** What it shows instead of its coefficients times G. */
  polynomial?: readonly Element[];
  /** What it shows instead of an honest proof. */
  proof?: DlogProof;
  random: Random;
}

/** A dealer of its own making: consistent from its promise to its shares, but for what it is told to be otherwise. */
export const rogueDealer = ({ name, code, coefficients, random, ...shown }: Rogue): Cheat =>
  cheat(name, `deal as it likes: ${name}`, code, (wire, { session, party }) => {
    const identifier = party.indexOf(wire.self) + 1;
    const polynomial = shown.polynomial ?? coefficients.map(group.multiplyBase);
    const opening = { polynomial, chainCode: random(32), salt: random(32) };
    const statement = polynomial[0] ?? group.multiplyBase(1n);
    const context = { session, identifier };
    const proof = shown.proof ??
      proveDlog(group, { secret: coefficients[0] ?? 1n, statement, context, random });
    return saying(wire, (said) => {
      switch (said.round) {
        case "commit":
          return [
            withPayload(
              said,
              commit.codec,
              () => ({ promise: promiseOf(group, session, identifier, opening) }),
            ),
          ];
        case "reveal":
          return [withPayload(said, reveal.codec, (): Reveal => ({ ...opening, proof }))];
        case "deal": {
          const x = BigInt(party.indexOf(said.to) + 1);
          const share = coefficients.reduceRight((sum, a) => group.reduce(sum * x + a), 0n);
          return [withPayload(said, deal.codec, () => ({ share }))];
        }
        default:
          return [said];
      }
    });
  });
