/**
 * Recorded sequences of actions that a page receives, in order. Used by unit tests and by the pages of browser tests.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import type { Signature, SignInput } from "../../web/node/node_port.ts";
import type { SessionKey } from "../../web/state/sessions.ts";
import type { Action } from "../../web/state/reduce.ts";
import { batchDone, batchFailed, batchRunning } from "./batch_stories.ts";
import {
  carolIsRemoved,
  daveIsHere,
  forked,
  replaced,
  reshareAsking,
  reshareFailed,
  resharePending,
} from "./reshare_stories.ts";
import { refusingHere } from "./refusing_stories.ts";
import { alice, bob, carol, ecdsaKey, hex, key, links, mallory, peers, script, warning } from "./events.ts";
import { status, through } from "./events.ts";

export const signRounds = ["share"] as const;
export const generateRounds = ["reveal", "deal", "confirm"] as const;
const evidence = hex("a5c0de");
const message = new TextEncoder().encode("hello threshold");
export const signature = {
  scheme: "ed25519",
  bytes: Uint8Array.fromHex(hex("a90c17f4".repeat(16), 128)),
  publicKey: key.publicKey,
} as const;
/** The verdict on signatures that are all right. */
export const verified = { is: "verified", wrong: [] } as const;
const all = [alice, bob, carol];

const present: readonly Action[] = [
  ...links,
  { type: "keys", keys: [] },
  { type: "cheating-peers", peers: all },
];
const keyed: readonly Action[] = [
  { type: "keys", keys: [key] },
  {
    type: "readiness",
    key: key.session,
    readiness: { quorate: true, ready: all, missing: [], banned: [], quarantined: [] },
  },
];

function requested(
  id: string,
  more: { kind?: "generate"; scheme?: Scheme; signers?: readonly PeerId[]; after?: string; note?: string } =
    {},
): Action {
  const { kind = "sign", scheme = "ed25519", signers, after, note } = more;
  const base = { type: "requested", id: hex(id, 32), kind, wallet: "treasury", scheme } as const;
  const link = after ? { after: { session: script({ id: after }).key, without: [bob] } } : {};
  if (kind === "generate") return { ...base, request: { threshold: 2, ...link } };
  const input: SignInput = scheme === "ed25519" ? { message } : { message, hash: "keccak256" };
  return {
    ...base,
    request: { items: [input], ...(signers && { signers }), ...(note && { note }), ...link },
  };
}

/** A peer goes away. */
const away = (peer: PeerId): Action => ({
  type: "peers",
  peers: new Map(peers).set(
    peer,
    status(peers.get(peer)!.name, { connected: false, link: "none", carrier: null, latencyMs: null }),
  ),
});

/** The page has checked the evidence of an accusation. */
const proven = (session: SessionKey, by: PeerId): Action => ({ type: "proof", session, by, proof: "proven" });

export function opened(
  t: ReturnType<typeof script>,
  party: readonly PeerId[],
  rounds: readonly string[],
): Action[] {
  return [
    t.began(party[0]!),
    t.proposed(party[0]!, party),
    ...party.map((peer) => t.opened(peer, party, rounds)),
  ];
}

function created(): Action[] {
  const t = script({ id: "51ee", kind: "generate" });
  return [
    requested("51ee", { kind: "generate" }),
    ...opened(t, all, generateRounds),
    ...through(t, all, generateRounds),
    ...all.map((peer) => t.committing(peer)),
    ...all.map((peer) => t.done(peer)),
    { type: "result", id: hex("51ee", 32), outcome: { signatures: [], verified: null } },
    ...keyed,
  ];
}

function signed(id = "a90c", after?: string): Action[] {
  const t = script({ id });
  const party = [alice, carol];
  return [
    requested(id, { note: "Payroll of November", ...(after && { after, signers: party }) }),
    ...opened(t, party, signRounds),
    ...through(t, party, signRounds),
    ...party.map((peer) => t.done(peer, hex("77aa"))),
    { type: "result", id: hex(id, 32), outcome: { signatures: [signature], verified } },
  ];
}

/** A forged share by Bob, who reports honestly that Alice told him. */
function forged(id = "7f21"): Action[] {
  const t = script({ id });
  const party = [alice, bob];
  return [
    requested(id),
    ...opened(t, party, signRounds),
    ...through(t, party, []),
    ...party.map((peer) => t.begun(peer, "share")),
    t.heard(alice, "share", bob),
    t.failed(alice, "invalid-signature-share", { round: "share", culprits: [bob], evidence }),
    t.failed(bob, "aborted-by-peer", {
      round: "share",
      claims: [{ by: alice, code: "invalid-signature-share", peers: [bob] }],
    }),
    proven(t.key, alice),
  ];
}

/** Bob sent Alice a forged share, but made the signature with hers, and returned it. */
function caught(id = "ca06"): Action[] {
  const t = script({ id });
  const party = [alice, bob];
  return [
    requested(id),
    ...opened(t, party, signRounds),
    ...through(t, party, []),
    ...party.map((peer) => t.begun(peer, "share")),
    t.failed(alice, "invalid-signature-share", { round: "share", culprits: [bob], evidence }),
    proven(t.key, alice),
    t.over(bob, "share"),
    t.done(bob),
    { type: "result", id: hex(id, 32), outcome: { signatures: [signature], verified } },
  ];
}

function silence(): Action[] {
  const t = script({ id: "3c02" });
  const party = [alice, carol];
  return [
    requested("3c02"),
    ...opened(t, party, signRounds),
    t.begun(alice, "share"),
    t.failed(alice, "round-timeout", { round: "share", missing: [carol] }),
  ];
}

/** Carol's node asked its person, who did not answer. */
function unanswered(): Action[] {
  const t = script({ id: "3c04" });
  return [
    requested("3c04", { signers: [alice, carol] }),
    t.began(alice),
    t.failed(alice, "unanswered", { phase: "inviting", missing: [carol] }),
  ];
}

/** Carol's person is being asked. */
function asking(): Action[] {
  const t = script({ id: "3c05" });
  return [
    requested("3c05", { signers: [alice, carol] }),
    t.began(alice),
    t.proposed(alice, [alice, carol]),
    t.by(alice, { type: "asking", other: carol }),
  ];
}

/** Alice coordinates, and her person did not answer either. */
function bothUnanswered(): Action[] {
  const t = script({ id: "3c06" });
  return [
    requested("3c06", { signers: [alice, carol] }),
    t.began(alice),
    t.failed(alice, "unanswered", { phase: "inviting", missing: [alice, carol] }),
  ];
}

/** The request was declined by Carol's person, or by her tab itself, with this code. */
function refused(id: string, code: FailureCode): Action[] {
  const t = script({ id });
  return [
    requested(id, { signers: [alice, carol] }),
    t.began(alice),
    t.failed(alice, "declined", { phase: "inviting", claims: [{ by: carol, code, peers: [] }] }),
  ];
}

function twoStories(): Action[] {
  const t = script({ id: "d00d", kind: "generate" });
  return [
    requested("d00d", { kind: "generate" }),
    ...opened(t, all, generateRounds),
    ...through(t, all, ["reveal"]),
    ...all.map((peer) => t.begun(peer, "reveal")),
    t.failed(alice, "equivocation", { round: "reveal", culprits: [bob], evidence }),
    t.failed(carol, "equivocation", { round: "reveal", culprits: [bob], evidence }),
  ];
}

export const setupRounds = [...generateRounds, "offer", "choose"] as const;
export const ecdsaRounds = ["extend", "correct", "finish"] as const;
const both: readonly Action[] = [
  { type: "keys", keys: [key, ecdsaKey] },
  { type: "select", key: ecdsaKey.session },
  {
    type: "readiness",
    key: ecdsaKey.session,
    readiness: { quorate: true, ready: all, missing: [], banned: [], quarantined: [] },
  },
];

/** The rounds of a set-up are complete, and the members are at different points of their work. */
function preparing(): Action[] {
  const t = script({ id: "ec05", kind: "generate", scheme: "ecdsa" });
  return [
    requested("ec05", { kind: "generate", scheme: "ecdsa" }),
    ...opened(t, all, setupRounds),
    ...through(t, all, setupRounds.slice(0, 5)),
    t.work(alice, 0.4),
    t.work(bob, 0.25),
  ];
}

function createdBoth(): Action[] {
  const t = script({ id: "ec05", kind: "generate", scheme: "ecdsa" });
  return [
    ...created(),
    requested("ec05", { kind: "generate", scheme: "ecdsa" }),
    ...opened(t, all, setupRounds),
    ...through(t, all, setupRounds),
    ...all.flatMap((peer) => [t.work(peer, 1), t.committing(peer)]),
    ...all.map((peer) => t.done(peer)),
    { type: "result", id: hex("ec05", 32), outcome: { signatures: [], verified: null } },
    ...both,
  ];
}

const ecdsaSignature: Signature = {
  scheme: "ecdsa",
  bytes: Uint8Array.fromHex(hex("5ec9a901".repeat(16), 128)),
  recovery: 1,
  der: Uint8Array.fromHex(hex("3044022055".repeat(14), 140)),
  ethereum: Uint8Array.fromHex(hex("5ec9a901".repeat(16), 128) + "1c"),
  digest: Uint8Array.fromHex(hex("d16e57", 64)),
  publicKey: ecdsaKey.publicKey,
};

function signedEcdsa(): Action[] {
  const t = script({ id: "ec51", scheme: "ecdsa" });
  const party = [alice, carol];
  return [
    requested("ec51", { scheme: "ecdsa" }),
    ...opened(t, party, ecdsaRounds),
    ...through(t, party, ecdsaRounds),
    ...party.map((peer) => t.done(peer, hex("77ec"))),
    { type: "result", id: hex("ec51", 32), outcome: { signatures: [ecdsaSignature], verified } },
  ];
}

/** A failed check of Bob's multiplication, and the ban that follows. */
function banned(): Action[] {
  const t = script({ id: "0bad", scheme: "ecdsa" });
  const party = [alice, bob];
  return [
    requested("0bad", { scheme: "ecdsa" }),
    ...opened(t, party, ecdsaRounds),
    ...party.map((peer) => t.begun(peer, "extend")),
    t.failed(alice, "invalid-multiplication", { round: "extend", culprits: [bob] }),
    t.failed(bob, "aborted-by-peer", {
      round: "extend",
      claims: [{ by: alice, code: "invalid-multiplication", peers: [bob] }],
    }),
    { ...news(alice, 900), type: "ban", ...treasury, pair: [alice, bob] },
  ];
}
const treasury = { wallet: "treasury", scheme: "ecdsa" } as const;
const news = (peer: PeerId, seq: number) => ({ peer, boot: "b".repeat(16), seq, at: evening });
const evening = Date.parse("2026-03-04T20:04:00.000Z");

/** The last pair that could still sign together is banned too. */
function stuck(): Action[] {
  const pairs = [[alice, carol], [bob, carol]] as const; // the refusing peer first
  const t = script({ id: "0bae", scheme: "ecdsa" });
  const party = [bob, carol];
  return [
    ...banned(),
    ...pairs.map((pair, i): Action => ({ ...news(pair[0], 910 + i), type: "ban", ...treasury, pair })),
    requested("0bae", { scheme: "ecdsa" }),
    ...opened(t, party, ecdsaRounds),
    ...party.map((peer) => t.begun(peer, "extend")),
    t.failed(bob, "invalid-multiplication", { round: "extend", culprits: [carol] }),
  ];
}

/** Carol has frozen the key after too many failed signatures, and reports that. */
function frozen(): Action[] {
  const t = script({ id: "f0e2", scheme: "ecdsa" });
  return [
    requested("f0e2", { scheme: "ecdsa", signers: [alice, carol] }),
    { ...news(carol, 901), type: "key", ...treasury, epoch: 0, session: ecdsaKey.session, state: "frozen" },
    t.began(carol),
    t.failed(carol, "key-frozen", { phase: "inviting" }),
  ];
}

/** Alice has quarantined her pair with Bob after failed signatures; a request for both is declined. */
function quarantined(): Action[] {
  const t = script({ id: "9a4e", scheme: "ecdsa" });
  const pair = [alice, bob] as const;
  const claims = [{ by: alice, code: "pair-quarantined", peers: [bob] }] as const;
  return [
    requested("9a4e", { scheme: "ecdsa", signers: pair }),
    {
      ...news(alice, 902),
      type: "quarantine",
      ...treasury,
      keyId: ecdsaKey.session,
      pair,
      state: "quarantined",
    },
    t.began(bob),
    t.failed(bob, "declined", { phase: "inviting", claims }),
  ];
}

function pending(): Action[] {
  const t = script({ id: "9e4d", kind: "generate" });
  return [
    requested("9e4d", { kind: "generate" }),
    ...opened(t, all, generateRounds),
    ...through(t, all, generateRounds),
    ...all.map((peer) => t.committing(peer)),
    ...[alice, bob].map((peer) =>
      t.failed(peer, "wallet-pending", { phase: "committing", missing: [carol], key: "pending" })
    ),
    { type: "keys", keys: [{ ...key, state: "pending" }] },
    away(carol),
  ];
}

function hearsay(): Action[] {
  const t = script({ id: "ab07" });
  const party = [alice, bob, carol];
  return [
    requested("ab07"),
    ...opened(t, party, signRounds),
    ...through(t, party, []),
    t.begun(alice, "share"),
    t.failed(alice, "aborted-by-peer", {
      round: "share",
      claims: [{ by: carol, code: "invalid-signature-share", peers: [bob] }],
    }),
  ];
}

/**
 * Bob accuses Carol falsely. She receives the accusation and ends the session; his own node, which is honest, reports only
 * that she ended it.
 *
 * @param first The peer whose report arrives first.
 */
function accused(first: PeerId): Action[] {
  const t = script({ id: "fa15" });
  const party = [bob, carol];
  const lie = { by: bob, code: "invalid-signature-share", peers: [carol] } as const;
  const hers = () => t.failed(carol, "aborted-by-peer", { round: "share", claims: [lie] });
  const his = () =>
    t.failed(bob, "aborted-by-peer", {
      round: "share",
      claims: [{ by: carol, code: "aborted-by-peer", peers: [] }],
    });
  return [
    requested("fa15"),
    ...opened(t, party, signRounds),
    ...through(t, party, []),
    ...(first === carol ? [hers(), his()] : [his(), hers()]),
  ];
}

/** Alice and Bob accuse each other, both with evidence. */
function differing(): Action[] {
  const t = script({ id: "d1ff", kind: "generate" });
  return [
    requested("d1ff", { kind: "generate" }),
    ...opened(t, all, generateRounds),
    ...through(t, all, ["reveal"]),
    ...all.map((peer) => t.begun(peer, "deal")),
    t.failed(alice, "invalid-dealt-share", { round: "deal", culprits: [bob], evidence }),
    t.failed(bob, "invalid-dealt-share", { round: "deal", culprits: [alice], evidence }),
  ];
}

/** @param crashed Whether the process of Alice, the coordinator, has died, so that nothing more arrives from her. */
function running(crashed = false): Action[] {
  const t = script({ id: "4e11" });
  const party = [alice, bob];
  return [
    requested("4e11"),
    ...opened(t, party, signRounds),
    ...through(t, party, []),
    t.begun(alice, "share", 5_000),
    t.begun(bob, "share", 5_000),
    ...(crashed
      ? [t.failed(bob, "peer-left", { round: "share", missing: [alice] }), away(alice)]
      : [t.heard(bob, "share", alice)]),
  ];
}

const armed: readonly Action[] = [
  { type: "cheating-peers", peers: all },
  {
    type: "scenario-arming",
    scenario: {
      id: 1,
      peer: bob,
      will: "send a forged share",
      see: "Bob named by whoever checked the share, within a tenth of a second.",
      expect: {
        kind: "sign",
        outcome: ["invalid-signature-share"],
        culprits: [bob],
        missing: [],
      },
    },
  },
  { type: "scenario-armed", id: 1 },
];

/** The stories by name, for a page that knows its own id and its peers. */
export const stories = {
  empty: present,
  running: [...present, ...created(), ...running()],
  created: [...present, ...created()],
  done: [...present, ...created(), ...signed()],
  forged: [...present, ...created(), ...signed(), ...forged()],
  caught: [...present, ...created(), ...caught()],
  recovered: [...present, ...created(), ...forged(), ...signed("b2b2", "7f21")],
  silence: [...present, ...created(), ...silence()],
  unanswered: [...present, ...created(), ...unanswered()],
  asking: [...present, ...created(), ...asking()],
  "both unanswered": [...present, ...created(), ...bothUnanswered()],
  declined: [...present, ...created(), ...refused("3c07", "declined")],
  locked: [...present, ...created(), ...refused("3c08", "store-locked")],
  equivocation: [...present, ...twoStories()],
  preparing: [...present, ...created(), ...preparing()],
  wallet: [...present, ...createdBoth()],
  ecdsa: [...present, ...createdBoth(), ...signedEcdsa()],
  ban: [...present, ...createdBoth(), ...banned()],
  stuck: [...present, ...createdBoth(), ...stuck()],
  quarantined: [...present, ...createdBoth(), ...quarantined()],
  frozen: [...present, ...createdBoth(), ...frozen()],
  refusing: [...present, ...createdBoth(), ...banned(), ...frozen(), ...signedEcdsa()],
  "refusing here": [...present, ...createdBoth(), ...refusingHere],
  pending: [...present, ...pending()],
  hearsay: [...present, ...created(), ...hearsay()],
  accused: [...present, ...created(), ...accused(carol)],
  accuser: [...present, ...created(), ...accused(bob)],
  differing: [...present, ...differing()],
  armed: [...present, ...created(), ...signed(), ...armed],
  misbehaved: [
    ...present,
    ...created(),
    ...signed(),
    ...armed,
    ...forged(),
    warning(alice, 500, { via: mallory, count: 47 }),
  ],
  crash: [...present, ...created(), ...running(true)],
  "batch of 3": [...present, ...created(), ...batchDone(3)],
  "batch of 256": [...present, ...created(), ...batchDone(256)],
  "batch under way": [...present, ...created(), ...batchRunning(50)],
  "batch spoilt": [...present, ...created(), ...batchFailed(50, [3, 16])],
  "batch with wrong signatures": [...present, ...created(), ...batchDone(3, { wrong: [1] })],
  "batch of ECDSA": [...present, ...createdBoth(), ...batchDone(3, { scheme: "ecdsa" })],
  "batch of another": [...present, ...created(), ...batchDone(50, { own: false })],
  "new holder": [...present, ...created(), ...daveIsHere],
  "removed holder": [...present, ...created(), ...carolIsRemoved],
  reshared: [...present, ...created(), ...replaced()],
  "reshare asking": [...present, ...created(), ...reshareAsking()],
  "reshare failed": [...present, ...created(), ...reshareFailed()],
  "reshare pending": [...present, ...created(), ...resharePending()],
  forked: [...present, ...created(), ...forked()],
} satisfies Record<string, readonly Action[]>;

export type Story = keyof typeof stories;
