/**
 * Recorded sequences: what a page is told, in the order in which it comes. Used by unit tests and by the browser.
 * @module
 */
import type { Curve } from "../../src/events.ts";
import type { FailureCode, PeerId } from "../../src/failure.ts";
import type { Signature, SignInput } from "../../web/node/node_port.ts";
import type { SessionKey } from "../../web/state/sessions.ts";
import type { Action } from "../../web/state/state.ts";
import { alice, bob, carol, ecdsaKey, hex, key, links, mallory, me, peers, told, warning } from "./events.ts";
import { status, through } from "./events.ts";

export const signRounds = ["commit", "share"] as const;
export const generateRounds = ["commit", "reveal", "deal", "confirm"] as const;
const evidence = hex("a5c0de");
const message = new TextEncoder().encode("hello threshold");
const signature = {
  curve: "ed25519",
  bytes: Uint8Array.fromHex(hex("a90c17f4".repeat(16), 128)),
  publicKey: key.publicKey,
} as const;
const all = [alice, bob, carol];

const present: readonly Action[] = [
  ...links,
  { type: "keys", keys: [] },
  { type: "speakers", peers: all },
];
const keyed: readonly Action[] = [
  { type: "keys", keys: [key] },
  {
    type: "readiness",
    key: "ed25519 treasury",
    readiness: { quorate: true, ready: all, missing: [], banned: [], quarantined: [] },
  },
];

function asked(
  id: string,
  more: { kind?: "generate"; curve?: Curve; signers?: readonly PeerId[]; after?: string } = {},
): Action {
  const { kind = "sign", curve = "ed25519", signers, after } = more;
  const base = { type: "asked", id: hex(id, 32), kind, wallet: "treasury", curve } as const;
  const link = after ? { after: { session: told({ id: after }).key, without: [bob] } } : {};
  if (kind === "generate") return { ...base, asked: { threshold: 2, ...link } };
  const input: SignInput = curve === "ed25519" ? { message } : { message, hash: "keccak256" };
  return { ...base, asked: { input, ...(signers && { signers }), ...link } };
}

/** A peer has gone. */
const away = (peer: PeerId): Action => ({
  type: "peers",
  peers: new Map(peers).set(
    peer,
    status(peers.get(peer)!.name, { connected: false, link: "lost", carrier: null, latencyMs: null }),
  ),
});

/** The page has checked what somebody accuses another by. */
const proven = (session: SessionKey, by: PeerId): Action => ({ type: "proof", session, by, proof: "proven" });

function opened(t: ReturnType<typeof told>, party: readonly PeerId[], rounds: readonly string[]): Action[] {
  return [
    t.began(party[0]!),
    t.proposed(party[0]!, party),
    ...party.map((peer) => t.opened(peer, party, rounds)),
  ];
}

function created(): Action[] {
  const t = told({ id: "51ee", kind: "generate" });
  return [
    asked("51ee", { kind: "generate" }),
    ...opened(t, all, generateRounds),
    ...through(t, all, generateRounds),
    ...all.map((peer) => t.committing(peer)),
    ...all.map((peer) => t.done(peer)),
    { type: "came", id: hex("51ee", 32), outcome: { signature: null, verified: null } },
    ...keyed,
  ];
}

function signed(id = "a90c", after?: string): Action[] {
  const t = told({ id });
  const party = [alice, carol];
  return [
    asked(id, { ...(after && { after, signers: party }) }),
    ...opened(t, party, signRounds),
    ...through(t, party, signRounds),
    ...party.map((peer) => t.done(peer, hex("77aa"))),
    { type: "came", id: hex(id, 32), outcome: { signature, verified: "verified" } },
  ];
}

/** Card 1. Bob is honest about hearing it from Alice. */
function forged(id = "7f21"): Action[] {
  const t = told({ id });
  const party = [alice, bob];
  return [
    asked(id),
    ...opened(t, party, signRounds),
    ...through(t, party, ["commit"]),
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

/** Bob sent Alice a forged share, made the signature from hers, and gave it to whoever asked. */
function caught(id = "ca06"): Action[] {
  const t = told({ id });
  const party = [alice, bob];
  return [
    asked(id),
    ...opened(t, party, signRounds),
    ...through(t, party, ["commit"]),
    ...party.map((peer) => t.begun(peer, "share")),
    t.failed(alice, "invalid-signature-share", { round: "share", culprits: [bob], evidence }),
    proven(t.key, alice),
    t.over(bob, "share"),
    t.done(bob),
    { type: "came", id: hex(id, 32), outcome: { signature, verified: "verified" } },
  ];
}

function silence(): Action[] {
  const t = told({ id: "3c02" });
  const party = [alice, carol];
  return [
    asked("3c02"),
    ...opened(t, party, signRounds),
    t.begun(alice, "commit"),
    t.failed(alice, "round-timeout", { round: "commit", missing: [carol] }),
  ];
}

/** Carol's node asked its person, who said nothing. */
function unanswered(): Action[] {
  const t = told({ id: "3c04" });
  return [
    asked("3c04", { signers: [alice, carol] }),
    t.began(alice),
    t.failed(alice, "unanswered", { phase: "inviting", missing: [carol] }),
  ];
}

/** Carol's person is being asked. */
function asking(): Action[] {
  const t = told({ id: "3c05" });
  return [
    asked("3c05", { signers: [alice, carol] }),
    t.began(alice),
    t.proposed(alice, [alice, carol]),
    t.by(alice, { type: "asking", other: carol }),
  ];
}

/** Alice coordinates, and her person did not answer either. */
function bothUnanswered(): Action[] {
  const t = told({ id: "3c06" });
  return [
    asked("3c06", { signers: [alice, carol] }),
    t.began(alice),
    t.failed(alice, "unanswered", { phase: "inviting", missing: [alice, carol] }),
  ];
}

/** The person at Carol said no; `code`: or her tab said so by itself. */
function refused(id: string, code: FailureCode): Action[] {
  const t = told({ id });
  return [
    asked(id, { signers: [alice, carol] }),
    t.began(alice),
    t.failed(alice, "declined", { phase: "inviting", claims: [{ by: carol, code, peers: [] }] }),
  ];
}

function twoStories(): Action[] {
  const t = told({ id: "d00d", kind: "generate" });
  return [
    asked("d00d", { kind: "generate" }),
    ...opened(t, all, generateRounds),
    ...through(t, all, ["commit"]),
    ...all.map((peer) => t.begun(peer, "reveal")),
    t.failed(alice, "equivocation", { round: "commit", culprits: [bob], evidence }),
    t.failed(carol, "equivocation", { round: "commit", culprits: [bob], evidence }),
  ];
}

export const setupRounds = [...generateRounds, "offer", "choose"] as const;
export const ecdsaRounds = ["extend", "correct", "finish"] as const;
const both: readonly Action[] = [
  { type: "keys", keys: [key, ecdsaKey] },
  { type: "select", key: "secp256k1 treasury" },
  {
    type: "readiness",
    key: "secp256k1 treasury",
    readiness: { quorate: true, ready: all, missing: [], banned: [], quarantined: [] },
  },
];

/** The rounds of set-up are through, and each is at another point of its work. */
function preparing(): Action[] {
  const t = told({ id: "ec05", kind: "generate", curve: "secp256k1" });
  return [
    asked("ec05", { kind: "generate", curve: "secp256k1" }),
    ...opened(t, all, setupRounds),
    ...through(t, all, setupRounds.slice(0, 5)),
    t.work(alice, 0.4),
    t.work(bob, 0.25),
  ];
}

function createdBoth(): Action[] {
  const t = told({ id: "ec05", kind: "generate", curve: "secp256k1" });
  return [
    ...created(),
    asked("ec05", { kind: "generate", curve: "secp256k1" }),
    ...opened(t, all, setupRounds),
    ...through(t, all, setupRounds),
    ...all.flatMap((peer) => [t.work(peer, 1), t.committing(peer)]),
    ...all.map((peer) => t.done(peer)),
    { type: "came", id: hex("ec05", 32), outcome: { signature: null, verified: null } },
    ...both,
  ];
}

const ecdsaSignature: Signature = {
  curve: "secp256k1",
  bytes: Uint8Array.fromHex(hex("5ec9a901".repeat(16), 128)),
  recovery: 1,
  der: Uint8Array.fromHex(hex("3044022055".repeat(14), 140)),
  ethereum: Uint8Array.fromHex(hex("5ec9a901".repeat(16), 128) + "1c"),
  digest: Uint8Array.fromHex(hex("d16e57", 64)),
  publicKey: ecdsaKey.publicKey,
};

function signedEcdsa(): Action[] {
  const t = told({ id: "ec51", curve: "secp256k1" });
  const party = [alice, carol];
  return [
    asked("ec51", { curve: "secp256k1" }),
    ...opened(t, party, ecdsaRounds),
    ...through(t, party, ecdsaRounds),
    ...party.map((peer) => t.done(peer, hex("77ec"))),
    { type: "came", id: hex("ec51", 32), outcome: { signature: ecdsaSignature, verified: "verified" } },
  ];
}

/** Card 4. */
function banned(): Action[] {
  const t = told({ id: "0bad", curve: "secp256k1" });
  const party = [alice, bob];
  return [
    asked("0bad", { curve: "secp256k1" }),
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
const treasury = { wallet: "treasury", curve: "secp256k1" } as const;
const news = (peer: PeerId, seq: number) => ({ peer, boot: "b".repeat(16), seq, at: evening });
const evening = Date.parse("2026-03-04T20:04:00.000Z");

/** The last two that could still sign together are parted too. */
function stuck(): Action[] {
  const pairs = [[alice, carol], [bob, carol]] as const; // whoever refuses is named first
  const t = told({ id: "0bae", curve: "secp256k1" });
  const party = [bob, carol];
  return [
    ...banned(),
    ...pairs.map((pair, i): Action => ({ ...news(pair[0], 910 + i), type: "ban", ...treasury, pair })),
    asked("0bae", { curve: "secp256k1" }),
    ...opened(t, party, ecdsaRounds),
    ...party.map((peer) => t.begun(peer, "extend")),
    t.failed(bob, "invalid-multiplication", { round: "extend", culprits: [carol] }),
  ];
}

/** Carol has seen too many signatures come to nothing; whoever asked was told so. */
function frozen(): Action[] {
  const t = told({ id: "f0e2", curve: "secp256k1" });
  return [
    asked("f0e2", { curve: "secp256k1", signers: [alice, carol] }),
    { ...news(carol, 901), type: "key", ...treasury, epoch: 0, session: ecdsaKey.session, state: "frozen" },
    t.began(carol),
    t.failed(carol, "key-frozen", { phase: "inviting" }),
  ];
}

/** Signatures of Alice and Bob came to nothing too often; a console that asked for both was told so. */
function quarantined(): Action[] {
  const t = told({ id: "9a4e", curve: "secp256k1" });
  const pair = [alice, bob] as const;
  const claims = [{ by: alice, code: "pair-quarantined", peers: [bob] }] as const;
  return [
    asked("9a4e", { curve: "secp256k1", signers: pair }),
    {
      ...news(alice, 902),
      type: "quarantine",
      ...treasury,
      key: "0a".repeat(32),
      pair,
      state: "quarantined",
    },
    t.began(bob),
    t.failed(bob, "declined", { phase: "inviting", claims }),
  ];
}

function pending(): Action[] {
  const t = told({ id: "9e4d", kind: "generate" });
  return [
    asked("9e4d", { kind: "generate" }),
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
  const t = told({ id: "ab07" });
  const party = [alice, bob, carol];
  return [
    asked("ab07"),
    ...opened(t, party, signRounds),
    ...through(t, party, ["commit"]),
    t.begun(alice, "share"),
    t.failed(alice, "aborted-by-peer", {
      round: "share",
      claims: [{ by: carol, code: "invalid-signature-share", peers: [bob] }],
    }),
  ];
}

/**
 * Bob accuses Carol of what she did not do. She is told so, and ends it; his own node, which is honest, knows only that
 * she did. `first`: whose account comes first.
 */
function accused(first: PeerId): Action[] {
  const t = told({ id: "fa15" });
  const party = [bob, carol];
  const lie = { by: bob, code: "invalid-signature-share", peers: [carol] } as const;
  const hers = () => t.failed(carol, "aborted-by-peer", { round: "share", claims: [lie] });
  const his = () =>
    t.failed(bob, "aborted-by-peer", {
      round: "share",
      claims: [{ by: carol, code: "aborted-by-peer", peers: [] }],
    });
  return [
    asked("fa15"),
    ...opened(t, party, signRounds),
    ...through(t, party, ["commit"]),
    ...(first === carol ? [hers(), his()] : [his(), hers()]),
  ];
}

/** Alice and Carol each bring something to show, and name different peers. */
function differing(): Action[] {
  const t = told({ id: "d1ff", kind: "generate" });
  return [
    asked("d1ff", { kind: "generate" }),
    ...opened(t, all, generateRounds),
    ...through(t, all, ["commit", "reveal"]),
    ...all.map((peer) => t.begun(peer, "deal")),
    t.failed(alice, "invalid-dealt-share", { round: "deal", culprits: [bob], evidence }),
    t.failed(bob, "invalid-dealt-share", { round: "deal", culprits: [alice], evidence }),
  ];
}

/** `crashed`: Alice was the coordinator, and her process is gone; nothing of hers ever comes. */
function running(crashed = false): Action[] {
  const t = told({ id: "4e11" });
  const party = [alice, bob];
  return [
    asked("4e11"),
    ...opened(t, party, signRounds),
    ...through(t, party, ["commit"]),
    t.begun(alice, "share", 5_000),
    t.begun(bob, "share", 5_000),
    ...(crashed
      ? [t.failed(bob, "peer-left", { round: "share", missing: [alice] }), away(alice)]
      : [t.heard(bob, "share", alice)]),
  ];
}

const armed: readonly Action[] = [
  { type: "speakers", peers: all },
  {
    type: "show-arming",
    show: {
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
  { type: "show-armed", id: 1 },
];

/** By name; each is told to a page that is here and knows its peers. */
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
} satisfies Record<string, readonly Action[]>;

export type Story = keyof typeof stories;

const rtl = "\u202E";
/** Fifty things that someone may call a peer, a wallet or a message. */
export const hostile: readonly string[] = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<iframe srcdoc='<script>alert(1)</script>'>",
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  "</title><script>alert(1)</script>",
  "</textarea><script>alert(1)</script>",
  "</style><script>alert(1)</script>",
  "<style>*{display:none}</style>",
  "<base href=//evil.example>",
  "<meta http-equiv=refresh content='0;url=//evil.example'>",
  "<link rel=stylesheet href=//evil.example/x.css>",
  "<form action=//evil.example><input>",
  "<a href=javascript:alert(1)>click</a>",
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "<details open ontoggle=alert(1)>",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  "<object data=javascript:alert(1)>",
  "<embed src=//evil.example>",
  "<template><script>alert(1)</script></template>",
  "{{constructor.constructor('alert(1)')()}}",
  "${alert(1)}",
  "`-alert(1)-`",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "\u0000\u0001\u0002",
  "\u001b[31mred\u001b[0m",
  "a\r\nSet-Cookie: x=1",
  `${rtl}gnp.exe`,
  `Alice${rtl}boB`,
  "\u2066Alice\u2069",
  "\u200b\u200c\u200d\ufeff",
  "\u061cAlice",
  "A\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308",
  "\ud800",
  "\udfff\ud800",
  "\u{e0041}\u{e0042}",
  "שלום",
  "مرحبا",
  "👩‍👩‍👧‍👦".repeat(5),
  "W".repeat(64),
  "i".repeat(64),
  "漢".repeat(64),
  "",
  " ",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
];

/** A whole page in which everything that can be named is named `text`. */
export function hostileStory(text: string): readonly Action[] {
  const wallet = text || "empty";
  const named = new Map(
    [...peers].map(([peer, one], i) => [peer, { ...one, name: i < 3 ? text : one.name }]),
  );
  named.set(mallory, status(text, { rights: ["observer"] }));
  const t = told({ id: "bad0", wallet });
  const party = [alice, bob];
  return [
    { type: "here", self: me, rights: ["initiator", "manager", "observer"] },
    { type: "peers", peers: named },
    ...links,
    { type: "keys", keys: [{ ...key, wallet }] },
    {
      type: "asked",
      id: t.id,
      kind: "sign",
      wallet,
      curve: "ed25519",
      asked: { input: { message: new TextEncoder().encode(text) } },
    },
    { type: "speakers", peers: all },
    ...opened(t, party, [text.slice(0, 24), "share"]),
    t.begun(alice, text.slice(0, 24)),
    t.failed(alice, "invalid-signature-share", {
      round: text.slice(0, 24),
      culprits: [bob],
      evidence: text,
    }),
    warning(alice, 900, { via: text, count: 3 }),
    { type: "linked", session: t.key },
    ...signedAs(text, wallet),
  ];
}

function signedAs(text: string, wallet: string): Action[] {
  const t = told({ id: "bad1", wallet });
  return [
    {
      type: "asked",
      id: t.id,
      kind: "sign",
      wallet,
      curve: "ed25519",
      asked: { input: { message: new TextEncoder().encode(text) } },
    },
    ...opened(t, [alice, carol], signRounds),
    t.done(alice),
    { type: "came", id: t.id, outcome: { signature, verified: "verified" } },
    { type: "unfold", session: t.key, open: true },
  ];
}
