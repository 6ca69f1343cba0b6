/**
 * Cheats in an ECDSA signature, each against one check. The demonstration offers one of them; the tests of the checks,
 * and of the bans that follow, all.
 * @module
 */
import type { Codec } from "../../crypto/codec.ts";
import { type Element, groups } from "../../crypto/group.ts";
import type { FailureCode } from "../../failure.ts";
import { type Correct, type Extend, type Finish, signingEcdsa } from "../../protocol/sign_ecdsa_messages.ts";
import { type Cheat, type Expected, saying, withPayload } from "./cheat_wire.ts";

const group = groups.secp256k1;

/** A cheat, and the round at whose end its check finds it. */
export interface EcdsaCheat extends Cheat {
  readonly round: "extend" | "correct" | "finish";
}

function cheatIn<T>(round: EcdsaCheat["round"], codec: Codec<T>) {
  return (name: string, label: string, expects: Expected, change: (message: T) => T): EcdsaCheat => ({
    name,
    label,
    round,
    kinds: ["sign"],
    expects,
    applies: ({ curve }) => curve === "secp256k1",
    wrap: (wire) =>
      saying(wire, (said) => said.round === round ? [withPayload(said, codec, change)] : [said]),
  });
}
const inExtend = cheatIn<Extend>("extend", signingEcdsa.extend.codec);
const inCorrect = cheatIn<Correct>("correct", signingEcdsa.correct.codec);
const inFinish = cheatIn<Finish>("finish", signingEcdsa.finish.codec);

const named = (code: FailureCode): Expected => ({ outcome: "failed", code, names: "culprit" });
const nobody = (code: FailureCode): Expected => ({ outcome: "failed", code, names: "nobody" });
const multiplied = named("invalid-multiplication");

/** Flips the lowest bit of byte `at`. Of a scalar's last byte: it stays below the order. */
const flip = (bytes: Uint8Array, at = 0) => bytes.with(at, bytes.at(at)! ^ 1);
const plusG = (element: Element) => element.add(group.multiplyBase(1n));
const plusOne = (scalar: bigint) => group.reduce(scalar + 1n);

/** Check 1, of the OT extension: whether it passes depends on the Δ of whoever makes it. */
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

/** Check 2, of the multiplication: it depends on β. */
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

/** Check 3, that it multiplied what it shows: it depends on χ. */
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

/** After each of these the pair must never multiply again. */
export const banning: readonly EcdsaCheat[] = [
  ...ofTheExtension,
  ...ofTheMultiplication,
  ...ofWhatIsShown,
];

/** Speaks of another signature. */
export const otherRequest = inExtend(
  "request",
  "speak of another signature",
  nobody("session-mismatch"),
  (m) => ({ ...m, request: flip(m.request) }),
);

/** Says that it heard other promises. */
export const otherView = inCorrect(
  "view",
  "have heard other promises",
  named("invalid-confirmation"),
  (m) => ({ ...m, view: flip(m.view) }),
);

/** Opens its promise with another salt. */
export const otherSalt = inCorrect(
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

/** Ends with another share of the denominator, of the numerator, or with the words of nobody. */
export const badEndings: readonly EcdsaCheat[] = [
  inFinish("u", "forge u", named("invalid-signature-share"), (m) => ({ ...m, u: plusOne(m.u) })),
  inFinish("w", "forge w", named("invalid-signature-share"), (m) => ({ ...m, w: plusOne(m.w) })),
  inFinish(
    "last-view",
    "have heard other nonces",
    named("invalid-signature-share"),
    (m) => ({ ...m, view: flip(m.view) }),
  ),
];

/** Ends with a zero for each of its shares. */
export const nothingInTheEnd = inFinish(
  "zeros",
  "end with zeros",
  named("invalid-signature-share"),
  (m) => ({ ...m, u: 0n, w: 0n }),
);
