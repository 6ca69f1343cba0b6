/**
 * The cheats that the demonstration offers: each in one named place, with the node's own valid keys, and what every
 * honest peer must make of it. Three of them must end well.
 * @module
 */
import type { WireFacts } from "../../cluster/context.ts";
import { groups } from "../../crypto/group.ts";
import type { PeerId } from "../../failure.ts";
import { generating } from "../../protocol/generate_messages.ts";
import { signingEcdsa } from "../../protocol/sign_ecdsa_messages.ts";
import { signingFrost } from "../../protocol/sign_frost.ts";
import { abortRecord, abortRound } from "../../session/control.ts";
import { type Cheat, isProtocolRound, type Said, saying, withPayload } from "./cheat_wire.ts";

const always = () => true;
/**
 * A key generation is always of all; of a signing only more than two can hear two stories. What ECDSA's signers say
 * first, each says to each.
 */
const threeOrMore = ({ party, kind, curve }: Pick<WireFacts, "kind" | "curve" | "party">) =>
  party.length > 2 && !(kind === "sign" && curve === "secp256k1");

/** How long a slow peer takes: well within a round of 5 s. */
const slowMs = 2_000;

/** A scalar plus one: as valid an encoding, another value. */
function plusOne(scalar: Uint8Array): Uint8Array {
  const { decodeScalar, encodeScalar, reduce } = groups.ed25519;
  return encodeScalar(reduce(decodeScalar(scalar) + 1n));
}

/** A share of the signature in its last round, of either curve, as valid an encoding. */
function forged(said: Said): Said {
  switch (said.round) {
    case "share":
      return withPayload(said, signingFrost.share.codec, ({ share }) => ({ share: plusOne(share) }));
    case "finish":
      return withPayload(said, signingEcdsa.finish.codec, (finish) => ({
        ...finish,
        w: groups.secp256k1.reduce(finish.w + 1n),
      }));
    default:
      return said;
  }
}

const forgedShare: Cheat = {
  name: "forged-share",
  label: "send a forged share",
  kinds: ["sign"],
  expects: { outcome: "failed", code: "invalid-signature-share", names: "culprit" },
  withholds: true,
  // Among more than two signers of ECDSA nobody can tell whose share is wrong.
  applies: ({ curve, party }) => curve === "ed25519" || party.length === 2,
  wrap: (wire) => saying(wire, (said) => [forged(said)]),
};

/** Flips a bit in what the OT extension of an ECDSA signature rests on: only its recipient's secrets can tell. */
const tamperedMultiplication: Cheat = {
  name: "tampered-multiplication",
  label: "tamper with the multiplication",
  kinds: ["sign"],
  expects: { outcome: "failed", code: "invalid-multiplication", names: "culprit" },
  applies: ({ curve }) => curve === "secp256k1",
  wrap: (wire) =>
    saying(
      wire,
      (said) =>
        said.round === "extend"
          ? [withPayload(said, signingEcdsa.extend.codec, (extend) => ({
            ...extend,
            choiceCheck: extend.choiceCheck.with(0, extend.choiceCheck[0]! ^ 1),
          }))]
          : [said],
    ),
};

/** Another commitment, as valid as the first: to nonces or to a polynomial that nobody has. */
function otherStory(said: Said, kind: "sign" | "generate"): Said {
  if (kind === "generate") {
    return withPayload(said, generating.ed25519.commit.codec, ({ promise }) => ({
      promise: promise.with(0, promise[0]! ^ 1),
    }));
  }
  return withPayload(said, signingFrost.commit.codec, ({ hiding, binding }) => ({
    hiding: binding,
    binding: hiding,
  }));
}

const twoStories: Cheat = {
  name: "two-stories",
  label: "tell two stories",
  kinds: ["sign", "generate"],
  expects: { outcome: "failed", code: "equivocation", names: "culprit" },
  applies: threeOrMore,
  wrap(wire, { kind, party }) {
    const fooled = party.find((peer) => peer !== wire.self);
    return saying(
      wire,
      (said) =>
        said.round === "commit" && said.to === fooled
          ? [otherStory(said, kind === "sign" ? "sign" : "generate")]
          : [said],
    );
  },
};

const garbage: Cheat = {
  name: "garbage",
  label: "send garbage",
  kinds: ["sign", "generate", "ecdh"],
  expects: { outcome: "failed", code: "malformed-message", names: "culprit" },
  applies: always,
  wrap: (wire) =>
    saying(
      wire,
      (said) => [isProtocolRound(said.round) ? { ...said, body: new Uint8Array(64).fill(255) } : said],
    ),
};

/** Says nothing from its first round on, not even good-bye; its streams stay open. */
const silent: Cheat = {
  name: "silence",
  label: "go silent",
  kinds: ["sign", "generate", "ecdh"],
  expects: { outcome: "failed", code: "round-timeout", names: "missing" },
  applies: always,
  wrap: (wire) => saying(wire, () => []),
};

/**
 * Holds back its first message, and all that would overtake it. Not its last: a node that has heard all others ends,
 * and takes with it what it has not sent.
 */
const slow: Cheat = {
  name: "slow",
  label: "be slow, but in time",
  kinds: ["sign", "generate"],
  expects: { outcome: "success", names: "nobody" },
  applies: always,
  wrap(wire, _about, { clock }) {
    let held: Said[] | null = [];
    let waiting = false;
    const release = () => {
      const all = held ?? [];
      held = null;
      for (const { to, round, body, audience } of all) wire.send(to, round, body, audience);
    };
    return saying(wire, (said) => {
      if (held === null) return [said];
      held.push(said);
      if (!waiting) clock.timer(slowMs, release);
      waiting = true;
      return [];
    });
  },
};

/** Whether something is said in the first round that is heard of. */
function firstRounds(): (said: Said) => boolean {
  let first: string | null = null;
  return ({ round }) => round === (first ??= round);
}

/** Is gone in the middle: after its first message, before its second. */
const crash: Cheat = {
  name: "crash",
  label: "crash",
  kinds: ["sign", "generate"],
  expects: { outcome: "failed", code: "peer-left", names: "missing" },
  applies: always,
  wrap(wire, _about, { exit }) {
    let gone = false;
    const first = firstRounds();
    return saying(wire, (said) => {
      if (first(said) && !gone) return [said];
      if (!gone) exit();
      gone = true;
      return [];
    });
  },
};

/** Instead of its second message: an abort that names someone who did nothing. Then silence. */
const falseAccusation: Cheat = {
  name: "false-accusation",
  label: "accuse another falsely",
  kinds: ["sign", "generate"],
  expects: { outcome: "failed", code: "aborted-by-peer", names: "nobody" },
  withholds: true,
  applies: always,
  wrap(wire, { kind, curve, party }) {
    const code = kind === "sign" ? "invalid-signature-share" : "invalid-dealt-share";
    const accused = party.filter((peer) => peer !== wire.self).slice(0, 1);
    const round = kind === "sign" && curve === "secp256k1" ? "extend" : "commit";
    const lie = abortRecord.encode({ code, round, peers: accused, evidence: [] });
    const told = new Set<PeerId>();
    const first = firstRounds();
    return saying(wire, (said) => {
      if (first(said)) return [said];
      if (told.has(said.to)) return [];
      told.add(said.to);
      return [{ ...said, round: abortRound, body: lie, audience: "all" }];
    });
  },
};

/** Says what it said in the round before, once more. */
const oldMessage: Cheat = {
  name: "old-message",
  label: "copy an old message",
  kinds: ["sign", "generate"],
  expects: { outcome: "success", names: "nobody" },
  applies: always,
  wrap(wire) {
    const earlier = new Map<PeerId, Said>();
    return saying(wire, (said) => {
      const old = earlier.get(said.to);
      earlier.set(said.to, said);
      return old ? [old, said] : [said];
    });
  },
};

/** What the demonstration's panel offers, by name. */
export const cheats: ReadonlyMap<string, Cheat> = new Map(
  [forgedShare, tamperedMultiplication, twoStories, garbage, silent, slow, crash, falseAccusation, oldMessage]
    .map((cheat) => [cheat.name, cheat]),
);

export type { Cheat, CheatTools, Expected } from "./cheat_wire.ts";
