/**
 * Cheats in an ECDSA signature, each against one check. The tests of the checks, and of the bans that follow,
 * use all of them; the demonstration offers one.
 * @module
 */
import type { Codec } from "../../crypto/codec.ts";
import { type Element, groups } from "../../crypto/group.ts";
import type { FailureCode } from "../../failure.ts";
import {
  type Correct,
  type CorrectItem,
  type Extend,
  type Finish,
  signingEcdsa,
} from "../../protocol/sign_ecdsa_messages.ts";
import { type Cheat, type Expected, sending, withPayload } from "./cheat_wire.ts";

const group = groups.secp256k1;

/** A cheat, and the round at whose end its check finds it. */
export interface EcdsaCheat extends Cheat {
  readonly round: "extend" | "correct" | "finish";
}

function cheatIn<T>(
  round: EcdsaCheat["round"],
  codecOf: (rounds: ReturnType<typeof signingEcdsa>) => Codec<T>,
) {
  return (name: string, label: string, expects: Expected, change: (message: T) => T): EcdsaCheat => ({
    name,
    label,
    round,
    kinds: ["sign"],
    expects,
    applies: ({ scheme }) => scheme === "ecdsa",
    wrap: (wire, { itemCount }) => {
      const codec = codecOf(signingEcdsa(itemCount));
      return sending(wire, (sent) => sent.round === round ? [withPayload(sent, codec, change)] : [sent]);
    },
  });
}
const inExtend = cheatIn<Extend>("extend", ({ extend }) => extend.codec);
const inSalt = cheatIn<Correct>("correct", ({ correct }) => correct.codec);
const inFinish = cheatIn<Finish>("finish", ({ finish }) => finish.codec);

/** Changes the last entry: a check that looks at the first alone does not see it. */
const inLast = <T>(entries: readonly T[], change: (entry: T) => T): T[] => [
  ...entries.slice(0, -1),
  change(entries.at(-1)!),
];

/** Changes the correction of the last item. */
const inCorrect = (
  name: string,
  label: string,
  expects: Expected,
  change: (item: CorrectItem) => CorrectItem,
): EcdsaCheat => inSalt(name, label, expects, (m) => ({ ...m, items: inLast(m.items, change) }));
/** Changes the shares of the last item in the last round. */
const inShares = (
  name: string,
  label: string,
  expects: Expected,
  change: (item: Finish["items"][number]) => Finish["items"][number],
): EcdsaCheat => inFinish(name, label, expects, (m) => ({ ...m, items: inLast(m.items, change) }));

const named = (code: FailureCode): Expected => ({ outcome: "failed", code, names: "culprit" });
const nobody = (code: FailureCode): Expected => ({ outcome: "failed", code, names: "nobody" });
const multiplied = named("invalid-multiplication");

/** Flips the lowest bit of byte `at`. A scalar changed in its last byte stays below the order. */
const flip = (bytes: Uint8Array, at = 0) => bytes.with(at, bytes.at(at)! ^ 1);
const plusG = (element: Element) => element.add(group.multiplyBase(1n));
const plusOne = (scalar: bigint) => group.reduce(scalar + 1n);

/** Against check 1, of the OT extension, whose outcome depends on the checker's Δ. */
const ofTheExtension = [
  inExtend(
    "columns",
    "tamper with u",
    multiplied,
    (m) => ({ ...m, columns: flip(m.columns) }),
  ),
  inExtend(
    "choice-check",
    "tamper with x~",
    multiplied,
    (m) => ({ ...m, choiceCheck: flip(m.choiceCheck) }),
  ),
  inExtend(
    "column-checks",
    "tamper with t~",
    multiplied,
    (m) => ({ ...m, columnChecks: flip(m.columnChecks) }),
  ),
];

/** Against check 2, of the multiplication, whose outcome depends on β. */
const ofTheMultiplication = [
  inCorrect(
    "corrections",
    "tamper with a~",
    multiplied,
    (m) => ({ ...m, corrections: flip(m.corrections, 31) }),
  ),
  inCorrect("responses", "tamper with η", multiplied, (m) => ({ ...m, responses: flip(m.responses, 31) })),
  inCorrect("digest", "tamper with μ", multiplied, (m) => ({ ...m, digest: flip(m.digest) })),
];

/** Against check 3, that the shown points were multiplied, whose outcome depends on χ. */
const ofWhatIsShown = [
  inCorrect(
    "gamma-u",
    "show another Γ^u",
    multiplied,
    (m) => ({ ...m, gammas: [plusG(m.gammas[0]), m.gammas[1]] }),
  ),
  inCorrect(
    "gamma-v",
    "show another Γ^v",
    multiplied,
    (m) => ({ ...m, gammas: [m.gammas[0], plusG(m.gammas[1])] }),
  ),
  inCorrect(
    "key",
    "multiply another share of the key",
    multiplied,
    (m) => ({ ...m, key: plusG(m.key) }),
  ),
];

/** The cheats after each of which the pair must never multiply again. */
export const banning: readonly EcdsaCheat[] = [
  ...ofTheExtension,
  ...ofTheMultiplication,
  ...ofWhatIsShown,
];

/** Names another signature request. */
export const otherRequest = inExtend(
  "request",
  "speak of another signature",
  nobody("session-mismatch"),
  (m) => ({ ...m, request: flip(m.request) }),
);

/** Opens its promise with another salt. */
export const otherSalt = inSalt(
  "salt",
  "open another promise",
  named("invalid-commitment"),
  (m) => ({ ...m, salt: flip(m.salt) }),
);

/** Blinds its nonce with another mask than the one that it multiplies. */
export const otherMask = inCorrect(
  "psi",
  "use two masks",
  named("invalid-signature-share"),
  (m) => ({ ...m, psi: plusOne(m.psi) }),
);

/** Ends with a wrong share of the denominator or the numerator, or with an echo that nobody else has. */
export const badEndings: readonly EcdsaCheat[] = [
  inShares("u", "forge u", named("invalid-signature-share"), (m) => ({ ...m, u: plusOne(m.u) })),
  inShares("w", "forge w", named("invalid-signature-share"), (m) => ({ ...m, w: plusOne(m.w) })),
  inFinish(
    "last-view",
    "have heard other nonces",
    named("invalid-signature-share"),
    (m) => ({ ...m, view: flip(m.view) }),
  ),
];

/** Ends with zero for each of its shares. */
export const nothingInTheEnd = inShares(
  "zeros",
  "end with zeros",
  named("invalid-signature-share"),
  () => ({ u: 0n, w: 0n }),
);
