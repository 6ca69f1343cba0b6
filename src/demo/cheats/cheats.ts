/**
 * The cheats that the demonstration offers, each with the outcome that it must have at every honest peer. In
 * three of them the session must succeed.
 * @module
 */
import type { WireFacts } from "../../cluster/context.ts";
import type { FrostSuite } from "../../crypto/frost.ts";
import { type Group, groups } from "../../crypto/group.ts";
import type { Scheme } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { generating } from "../../protocol/deal_messages.ts";
import { signingEcdsa } from "../../protocol/sign_ecdsa_messages.ts";
import { frostSuites } from "../../protocol/sign_frost_messages.ts";
import { abortRecord, abortRound } from "../../session/control.ts";
import { type Cheat, isProtocolRound, type Outgoing, sending, withPayload } from "./cheat_wire.ts";

const always = () => true;
/** Whether two peers can receive different broadcasts: a session of two has only one recipient. */
const threeOrMore = ({ party }: Pick<WireFacts, "party">) => party.length > 2;

/** The delay of a slow peer, ms: well within a round of 5 s. */
const slowMs = 2_000;

/** The suite of a scheme that signs by FROST; null for any other. */
function frostOf(scheme: Scheme | null): FrostSuite | null {
  const suites: Partial<Record<Scheme, FrostSuite>> = frostSuites;
  return scheme === null ? null : suites[scheme] ?? null;
}

/** A scalar plus one: another value with a valid encoding. */
function plusOne({ decodeScalar, encodeScalar, reduce }: Group, scalar: Uint8Array): Uint8Array {
  return encodeScalar(reduce(decodeScalar(scalar) + 1n));
}

/** A share of the signature in its last round, of any scheme, as valid an encoding. */
function forged(sent: Outgoing, { scheme, itemCount }: WireFacts): Outgoing {
  const frost = frostOf(scheme);
  switch (sent.round) {
    case "share":
      return frost === null ? sent : withPayload(sent, frost.signatureShares(itemCount), (shares) => [
        ...shares.slice(0, -1),
        plusOne(frost.group, shares.at(-1)!),
      ]);
    case "finish":
      return withPayload(sent, signingEcdsa(itemCount).finish.codec, ({ items, view }) => ({
        items: items.map(({ u, w }) => ({ u, w: groups.secp256k1.reduce(w + 1n) })),
        view,
      }));
    default:
      return sent;
  }
}

const forgedShare: Cheat = {
  name: "forged-share",
  label: "send a forged share",
  kinds: ["sign"],
  expects: { outcome: "failed", code: "invalid-signature-share", names: "culprit" },
  withholdsMs: Infinity,
  // Among more than two signers of ECDSA nobody can tell whose share is wrong.
  applies: ({ scheme, party }) => frostOf(scheme) !== null || party.length === 2,
  wrap: (wire, about) => sending(wire, (sent) => [forged(sent, about)]),
};

/** Flips a bit in the OT extension of an ECDSA signature: only its recipient's secrets can reveal that. */
const tamperedMultiplication: Cheat = {
  name: "tampered-multiplication",
  label: "tamper with the multiplication",
  kinds: ["sign"],
  expects: { outcome: "failed", code: "invalid-multiplication", names: "culprit" },
  applies: ({ scheme }) => scheme === "ecdsa",
  wrap: (wire, { itemCount }) =>
    sending(
      wire,
      (sent) =>
        sent.round === "extend"
          ? [withPayload(sent, signingEcdsa(itemCount).extend.codec, (extend) => ({
            ...extend,
            choiceCheck: extend.choiceCheck.with(0, extend.choiceCheck[0]! ^ 1),
          }))]
          : [sent],
    ),
};

/** Sends one peer another proof than the others: to that peer alone the proof is wrong. */
const equivocation: Cheat = {
  name: "two-stories",
  label: "tell two stories",
  kinds: ["generate"],
  expects: { outcome: "failed", code: "equivocation", names: "culprit", fooled: "invalid-proof" },
  applies: threeOrMore,
  wrap(wire, { scheme, party }) {
    const fooled = party.find((peer) => peer !== wire.self);
    const { rounds: { reveal }, group } = generating[scheme!];
    const another = (sent: Outgoing) =>
      withPayload(sent, reveal.codec, (message) => ({
        ...message,
        proof: { ...message.proof, response: group.reduce(message.proof.response + 1n) },
      }));
    return sending(wire, (sent) => [sent.round === "reveal" && sent.to === fooled ? another(sent) : sent]);
  },
};

const garbage: Cheat = {
  name: "garbage",
  label: "send garbage",
  kinds: ["sign", "generate", "ecdh"],
  expects: { outcome: "failed", code: "malformed-message", names: "culprit" },
  withholdsMs: Infinity,
  applies: always,
  wrap: (wire) =>
    sending(
      wire,
      (sent) => [isProtocolRound(sent.round) ? { ...sent, body: new Uint8Array(64).fill(255) } : sent],
    ),
};

/** Sends nothing from its first round on, not even an end; its streams stay open. */
const silent: Cheat = {
  name: "silence",
  label: "go silent",
  kinds: ["sign", "generate", "ecdh"],
  expects: { outcome: "failed", code: "round-timeout", names: "missing" },
  withholdsMs: Infinity,
  applies: always,
  wrap: (wire) => sending(wire, () => []),
};

/** Delays its first message, and all later ones until then; its node does not end before. */
const slow: Cheat = {
  name: "slow",
  label: "be slow, but in time",
  kinds: ["sign", "generate"],
  expects: { outcome: "success", names: "nobody" },
  withholdsMs: slowMs + 100,
  applies: always,
  wrap(wire, _about, { clock }) {
    let held: Outgoing[] | null = [];
    let waiting = false;
    const release = () => {
      const all = held ?? [];
      held = null;
      for (const { to, round, body, audience } of all) wire.send(to, round, body, audience);
    };
    return sending(wire, (sent) => {
      if (held === null) return [sent];
      held.push(sent);
      if (!waiting) clock.timer(slowMs, release);
      waiting = true;
      return [];
    });
  },
};

/** Ends its process in the middle: it has accepted, and sends nothing more. */
const crash: Cheat = {
  name: "crash",
  label: "crash",
  kinds: ["sign", "generate"],
  expects: { outcome: "failed", code: "peer-left", names: "missing" },
  applies: always,
  wrap(wire, _about, { exit }) {
    let gone = false;
    return sending(wire, () => {
      if (!gone) exit();
      gone = true;
      return [];
    });
  },
};

/** Sends, instead of its first message, an abort that accuses an honest peer; then nothing. */
const falseAccusation: Cheat = {
  name: "false-accusation",
  label: "accuse another falsely",
  kinds: ["sign", "generate"],
  expects: { outcome: "failed", code: "aborted-by-peer", names: "nobody" },
  withholdsMs: Infinity,
  applies: always,
  wrap(wire, { kind, party }) {
    const code = kind === "sign" ? "invalid-signature-share" : "invalid-dealt-share";
    const accused = party.filter((peer) => peer !== wire.self).slice(0, 1);
    const told = new Set<PeerId>();
    return sending(wire, (sent) => {
      if (told.has(sent.to)) return [];
      told.add(sent.to);
      const body = abortRecord.encode({ code, round: sent.round, peers: accused, evidence: [] });
      return [{ ...sent, round: abortRound, body, audience: "all" }];
    });
  },
};

/** Repeats its message of the previous round. */
const oldMessage: Cheat = {
  name: "old-message",
  label: "copy an old message",
  kinds: ["sign", "generate"],
  expects: { outcome: "success", names: "nobody" },
  applies: always,
  wrap(wire) {
    const earlier = new Map<PeerId, Outgoing>();
    return sending(wire, (sent) => {
      const old = earlier.get(sent.to);
      earlier.set(sent.to, sent);
      return old ? [old, sent] : [sent];
    });
  },
};

/** The cheats that the demonstration's panel offers, by name. */
export const cheats: ReadonlyMap<string, Cheat> = new Map(
  [
    forgedShare,
    tamperedMultiplication,
    equivocation,
    garbage,
    silent,
    slow,
    crash,
    falseAccusation,
    oldMessage,
  ]
    .map((cheat) => [cheat.name, cheat]),
);

export type { Cheat, CheatTools, Expected } from "./cheat_wire.ts";
