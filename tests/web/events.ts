/**
 * Hand-written events: short to say, complete when folded.
 * @module
 */
import type { Common, Curve, NodeEvent, SessionEvent, View, Warning } from "../../src/events.ts";
import { type FailureCode, failures, keySafety, type Kind, type PeerId } from "../../src/failure.ts";
import type { GroupKey, PeerStatus } from "../../web/node/node_port.ts";
import { sessionKey } from "../../web/state/sessions.ts";
import { type Action, initial, reduce, type State } from "../../web/state/state.ts";

export const alice = "12D3KooWAliceAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaQ1";
export const bob = "12D3KooWBobBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBbQm";
export const carol = "12D3KooWCarolCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCcT7";
export const me = "12D3KooWMeMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMmMe4";
export const mallory = "12D3KooWMalloryMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMx9q";

export function status(name: string, more: Partial<PeerStatus> = {}): PeerStatus {
  return {
    name,
    rights: ["holder"],
    connected: true,
    link: "up",
    carrier: { kind: "websocket", relayed: false, multiplexer: "/yamux/1.0.0" },
    latencyMs: 1.2,
    addresses: [],
    ...more,
  };
}

export const peers: ReadonlyMap<PeerId, PeerStatus> = new Map([
  [alice, status("Alice", { latencyMs: 1.2 })],
  [bob, status("Bob", { latencyMs: 1.4 })],
  [carol, status("Carol", { latencyMs: 1.3 })],
  [me, status("Console", { rights: ["initiator", "manager", "observer"], latencyMs: null, carrier: null })],
]);

export const key: GroupKey = {
  wallet: "treasury",
  curve: "ed25519",
  publicKey: Uint8Array.fromHex("6f3a5b8d0c1e2f4a9b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e91c0"),
  chainCode: new Uint8Array(32).fill(7),
  threshold: 2,
  members: [alice, bob, carol],
  epoch: 0,
  state: "active",
  session: "51ee".padEnd(64, "0"),
};

/** The generator of secp256k1: the key whose secret is 1, and whose addresses anyone can look up. */
export const ecdsaKey: GroupKey = {
  ...key,
  curve: "secp256k1",
  publicKey: Uint8Array.fromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
  session: "ec05".padEnd(64, "0"),
};

export const hex = (start: string, length = 64) => start.padEnd(length, "0");

/** What follows when only the type and what matters is said. */
type Body = SessionEvent extends infer E ? E extends SessionEvent ? Omit<E, keyof Common> : never : never;
const noon = Date.parse("2026-03-04T12:04:31.000Z");

/** One session, told by many. Each peer counts for itself and its clock moves 10 ms with each item. */
export function told(
  about: {
    id: string;
    kind?: Kind;
    wallet?: string;
    curve?: Curve;
    attempt?: string;
    session?: string;
    initiator?: PeerId;
  },
) {
  const counts = new Map<PeerId, number>();
  const { kind = "sign", wallet = "treasury", curve = "ed25519", initiator = me } = about;
  const id = hex(about.id, 32);
  const attempt = hex(about.attempt ?? `a${about.id}`);
  const session = hex(about.session ?? about.id);
  let opened = false;
  const by = (peer: PeerId, body: Body, more: Partial<Common> = {}): SessionEvent => {
    const seq = (counts.get(peer) ?? 0) + 1;
    counts.set(peer, seq);
    opened ||= body.type === "opened";
    const view: View = { peer, boot: "b".repeat(16), seq, at: noon + seq * 10 };
    const common = { ...view, id, initiator, attempt, session: opened ? session : null, kind, wallet, curve };
    return { ...common, ...body, ...more } as SessionEvent;
  };
  return {
    id,
    /** What a page knows the session by. */
    key: sessionKey({ initiator, id }),
    by,
    began: (peer: PeerId) => by(peer, { type: "began", deadline: noon + 60_000 }, { attempt: null }),
    proposed: (peer: PeerId, party: readonly PeerId[]) => by(peer, { type: "proposed", party }),
    opened: (peer: PeerId, party: readonly PeerId[], rounds: readonly string[]) =>
      by(peer, { type: "opened", party, rounds }),
    begun: (peer: PeerId, round: string, ms = 5_000) =>
      by(peer, {
        type: "round",
        round,
        state: "begun",
        deadline: noon + (counts.get(peer) ?? 0) * 10 + 10 + ms,
      }),
    over: (peer: PeerId, round: string) => by(peer, { type: "round", round, state: "done", deadline: noon }),
    work: (peer: PeerId, done: number) => by(peer, { type: "work", done }),
    heard: (peer: PeerId, round: string, from: PeerId) => by(peer, { type: "heard", round, from }),
    committing: (peer: PeerId) => by(peer, { type: "phase", phase: "committing" }),
    done: (peer: PeerId, resultHash = hex("9c1f")) => by(peer, { type: "done", resultHash }),
    failed: (peer: PeerId, code: FailureCode, more: Partial<Extract<Body, { type: "failed" }>> = {}) =>
      by(peer, {
        type: "failed",
        code,
        remedy: failures[code].remedy,
        key: keySafety(code, kind),
        phase: "exchanging",
        round: null,
        culprits: [],
        missing: [],
        claims: [],
        ...more,
      }),
  };
}

export function warning(peer: PeerId, seq: number, more: Partial<Warning> = {}): Warning {
  return {
    type: "warning",
    peer,
    boot: "b".repeat(16),
    seq,
    at: noon,
    id: null,
    initiator: null,
    attempt: null,
    session: null,
    kind: null,
    wallet: null,
    curve: null,
    code: "unauthentic-frame",
    via: null,
    count: 1,
    ...more,
  };
}

/** A party that went through `rounds` without a hitch, as each of them tells it. */
export function through(
  t: ReturnType<typeof told>,
  party: readonly PeerId[],
  rounds: readonly string[],
): SessionEvent[] {
  return rounds.flatMap((round) => [
    ...party.map((peer) => t.begun(peer, round)),
    ...party.flatMap((peer) =>
      party.filter((from) => from !== peer).map((from) => t.heard(peer, round, from))
    ),
    ...party.map((peer) => t.over(peer, round)),
  ]);
}

/** The page after these actions; it is here, and knows its peers. */
export function page(actions: readonly Action[], from: State = here): State {
  return actions.reduce((state, action) => reduce(state, action, 1_000), from);
}

export const here: State = ([
  { type: "here", self: me, rights: ["initiator", "manager", "observer"] },
  { type: "peers", peers },
] as const).reduce<State>((state, action) => reduce(state, action, 0), initial);

export const links: readonly NodeEvent[] = [[alice, bob], [alice, carol], [bob, carol]].flatMap((
  [a, b],
  i,
) => [
  { type: "link", peer: a!, other: b!, state: "up", boot: "b".repeat(16), seq: 1000 + i, at: noon },
  { type: "link", peer: b!, other: a!, state: "up", boot: "b".repeat(16), seq: 1100 + i, at: noon },
]);
