/**
 * Recorded sequences of actions about resharings. Used by unit tests and by the pages of browser tests.
 * @module
 */
import type { PeerId } from "../../src/failure.ts";
import type { GroupKey } from "../../web/node/node_port.ts";
import type { OwnRequest } from "../../web/state/sessions.ts";
import type { Action } from "../../web/state/reduce.ts";
import { alice, bob, carol, hex, key, peers, reshared, script, status, through } from "./events.ts";

export const dave = "12D3KooWDaveDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDd4";
const rounds = ["promise", "reveal", "deal", "confirm"] as const;
const party = [alice, bob, dave];

/** Dave has joined; Carol's laptop is lost. */
export const daveIsHere: readonly Action[] = [{
  type: "peers",
  peers: new Map([
    ...peers,
    [alice, status("Alice", { links: [bob, dave] })],
    [bob, status("Bob", { links: [alice, dave] })],
    [dave, status("Dave", { links: [alice, bob] })],
    [carol, status("Carol", { connected: false, link: "none", carrier: null, latencyMs: null })],
  ]),
}];

/** Carol was removed from the roster, and her share counts still. */
export const carolIsRemoved: readonly Action[] = daveIsHere.flatMap((action) =>
  action.type === "peers"
    ? [{ ...action, peers: new Map([...action.peers].filter(([peer]) => peer !== carol)) }]
    : []
);

/** The key after Dave has got a share in the place of Carol. */
export const secondEpoch: GroupKey = reshared(
  key,
  { members: party, session: hex("e90c") },
  { erased: [alice, bob], banned: [] },
);

const shown = (...keys: readonly GroupKey[]): Action[] => [
  { type: "keys", keys },
  ...keys.map(({ session, members }): Action => ({
    type: "readiness",
    key: session,
    readiness: { quorate: true, ready: [...members], missing: [], banned: [], quarantined: [] },
  })),
];

const replacing: OwnRequest = {
  keyId: key.session,
  threshold: 2,
  members: party,
  gone: [carol],
  note: "Carol's laptop is lost",
};

function asked(id = "e90c", request: OwnRequest = replacing): Action {
  const about = { kind: "reshare", wallet: "treasury", scheme: "ed25519" } as const;
  return { type: "requested", id: hex(id, 32), ...about, request };
}

function opened(t: ReturnType<typeof script>, members: readonly PeerId[]): Action[] {
  return [
    t.began(alice),
    t.proposed(alice, members),
    ...members.map((peer) => t.opened(peer, members, rounds)),
  ];
}

/** Carol's laptop is lost, and Dave gets a share. */
export function replaced(): Action[] {
  const t = script({ id: "e90c", kind: "reshare" });
  return [
    ...daveIsHere,
    asked(),
    ...opened(t, party),
    ...through(t, party, rounds),
    ...party.map((peer) => t.committing(peer)),
    ...party.map((peer) => t.done(peer)),
    { type: "result", id: hex("e90c", 32), outcome: { signatures: [], verified: null } },
    ...shown(secondEpoch),
  ];
}

/** Dave's person is being asked. */
export function reshareAsking(): Action[] {
  const t = script({ id: "e90d", kind: "reshare" });
  return [
    ...daveIsHere,
    asked("e90d"),
    t.began(alice),
    t.proposed(alice, party),
    t.by(alice, { type: "asking", other: dave }),
  ];
}

/** Bob deals Dave a wrong share. */
export function reshareFailed(): Action[] {
  const t = script({ id: "e90e", kind: "reshare" });
  return [
    ...daveIsHere,
    asked("e90e"),
    ...opened(t, party),
    ...through(t, party, rounds.slice(0, 2)),
    ...party.map((peer) => t.begun(peer, "deal")),
    t.failed(dave, "invalid-dealt-share", { round: "deal", culprits: [bob] }),
  ];
}

/** Dave does not confirm that its share is on disk: the resharing is not finished, and the key goes on as it was. */
export function resharePending(): Action[] {
  const t = script({ id: "e90f", kind: "reshare" });
  const next = reshared(key, { members: party, session: hex("e90f"), state: "pending" });
  return [
    ...daveIsHere,
    asked("e90f"),
    ...opened(t, party),
    ...through(t, party, rounds),
    ...party.map((peer) => t.committing(peer)),
    ...[alice, bob].map((peer) =>
      t.failed(peer, "wallet-pending", { phase: "committing", missing: [dave], key: "pending" })
    ),
    ...shown(key, next),
    { type: "select", key: next.session },
  ];
}

/** The same epoch was reshared twice. */
export function forked(): Action[] {
  const kept = { erased: [], banned: [] };
  const one = reshared(key, { members: party, session: secondEpoch.session }, kept);
  const other = reshared(key, { members: [alice, carol, dave], session: hex("f02c") }, kept);
  return [...replaced(), ...shown(one, other)];
}
