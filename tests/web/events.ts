/**
 * Hand-written events for tests: short to write, complete when folded.
 * @module
 */
import type { Common, NodeEvent, Scheme, SessionEvent, View, Warning } from "../../src/events.ts";
import { type FailureCode, failures, keySafety, type Kind, type PeerId } from "../../src/failure.ts";
import type { GroupKey, PastEpoch, PeerStatus } from "../../web/node/node_port.ts";
import { sessionKey } from "../../web/state/sessions.ts";
import { initial, type State } from "../../web/state/model.ts";
import { type Action, reduce } from "../../web/state/reduce.ts";

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
    links: [],
    locked: false,
    ...more,
  };
}

export const peers: ReadonlyMap<PeerId, PeerStatus> = new Map([
  [alice, status("Alice", { latencyMs: 1.2, links: [bob, carol] })],
  [bob, status("Bob", { latencyMs: 1.4, links: [alice, carol] })],
  [carol, status("Carol", { latencyMs: 1.3, links: [alice, bob] })],
  [me, status("Console", { rights: ["initiator", "manager", "observer"], latencyMs: null, carrier: null })],
]);

export const key: GroupKey = {
  wallet: "treasury",
  scheme: "ed25519",
  publicKey: Uint8Array.fromHex("6f3a5b8d0c1e2f4a9b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e91c0"),
  chainCode: new Uint8Array(32).fill(7),
  threshold: 2,
  members: [alice, bob, carol],
  state: "active",
  session: "51ee".padEnd(64, "0"),
  epoch: 1,
  past: [],
  held: false,
  paused: false,
};

/** The next epoch of a key. */
export function reshared(
  before: GroupKey,
  next: Partial<GroupKey> & Pick<GroupKey, "session">,
  past: Partial<PastEpoch> = {},
): GroupKey {
  const { epoch, session, threshold, members, held } = before;
  const last = { epoch, session, threshold, members, held, erased: [], banned: [], ...past };
  return { ...before, epoch: epoch + 1, past: [...before.past, last], ...next };
}

/** The generator of secp256k1: the key whose secret is 1, and whose addresses anyone can look up. */
export const ecdsaKey: GroupKey = {
  ...key,
  scheme: "ecdsa",
  publicKey: Uint8Array.fromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
  session: "ec05".padEnd(64, "0"),
};

/** The same point as a key for BIP-340. */
export const bip340Key: GroupKey = { ...ecdsaKey, scheme: "bip340", session: "b340".padEnd(64, "0") };

export const hex = (start: string, length = 64) => start.padEnd(length, "0");

/** An event without its common fields. */
type Body = SessionEvent extends infer E ? E extends SessionEvent ? Omit<E, keyof Common> : never : never;
const noon = Date.parse("2026-03-04T12:04:31.000Z");

/** Scripts the events of one session, as its peers report them. Each peer numbers its own events, 10 ms apart. */
export function script(
  about: {
    id: string;
    kind?: Kind;
    wallet?: string;
    scheme?: Scheme;
    attempt?: string;
    session?: string;
    initiator?: PeerId;
  },
) {
  const counts = new Map<PeerId, number>();
  const { kind = "sign", wallet = "treasury", scheme = "ed25519", initiator = me } = about;
  const id = hex(about.id, 32);
  const attempt = hex(about.attempt ?? `a${about.id}`);
  const session = hex(about.session ?? about.id);
  let opened = false;
  const by = (peer: PeerId, body: Body, more: Partial<Common> = {}): SessionEvent => {
    const seq = (counts.get(peer) ?? 0) + 1;
    counts.set(peer, seq);
    opened ||= body.type === "opened";
    const view: View = { peer, boot: "b".repeat(16), seq, at: noon + seq * 10 };
    const common = {
      ...view,
      id,
      initiator,
      attempt,
      session: opened ? session : null,
      kind,
      wallet,
      scheme,
    };
    return { ...common, ...body, ...more } as SessionEvent;
  };
  return {
    id,
    /** The deadline of its command. */
    deadline: noon + 60_000,
    /** The page's key of the session. */
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
    scheme: null,
    code: "unauthentic-frame",
    via: null,
    count: 1,
    ...more,
  };
}

/** The events of a party that completes `rounds`, as each member reports them. */
export function through(
  t: ReturnType<typeof script>,
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

/** The state of a page after these actions; it begins with its own id and its peers. */
export function page(actions: readonly Action[], from: State = here): State {
  return actions.reduce((state, action) => reduce(state, action, 1_000), from);
}

export const here: State = ([
  { type: "self", self: me, rights: ["initiator", "manager", "observer"] },
  { type: "peers", peers },
] as const).reduce<State>((state, action) => reduce(state, action, 0), initial);

export const links: readonly NodeEvent[] = [[alice, bob], [alice, carol], [bob, carol]].flatMap((
  [a, b],
  i,
) => [
  { type: "link", peer: a!, other: b!, state: "up", boot: "b".repeat(16), seq: 1000 + i, at: noon },
  { type: "link", peer: b!, other: a!, state: "up", boot: "b".repeat(16), seq: 1100 + i, at: noon },
]);
