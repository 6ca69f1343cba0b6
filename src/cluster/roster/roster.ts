/**
 * Who belongs to a cluster, and what each may do: signed by the cluster's admin key, versioned, and only ever replaced
 * by a higher version.
 * @module
 */
import { base64urlnopad } from "@scure/base";
import * as v from "valibot";
import { bytesUpTo, hash, list, peerId, record, text, uint } from "../../crypto/codec.ts";
import { alikeTo } from "../../text/alike.ts";
import { withoutMark } from "../../text/byte_order_mark.ts";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import { longestName, wrongPeerName } from "./peer_name.ts";

/**
 * `holder` may hold shares, `initiator` may ask for signatures, `manager` may ask for keys to be made and changed,
 * `observer` may watch. None of them includes another.
 */
export type Right = "holder" | "initiator" | "manager" | "observer";
export const rights = ["holder", "initiator", "manager", "observer"] as const satisfies readonly Right[];

/** Peers of a roster: sixteen holders and their consoles. */
export const maxPeers = 64;

/** One peer of a roster. */
export interface RosterPeer {
  /** Its peer id. */
  readonly peer: PeerId;
  /** 1 to 32 visible characters; shown to people. */
  readonly name: string;
  /** Multiaddrs; empty for who cannot be dialled. */
  readonly addresses: readonly string[];
  /** What it may do. */
  readonly rights: readonly Right[];
}

/** A signed roster. */
export interface Roster {
  /** The peer id of the admin key: the cluster's id. */
  readonly cluster: PeerId;
  /** From 1 on. */
  readonly version: number;
  /** SHA-256 of the version before; empty for the first. */
  readonly previous: Uint8Array;
  /** Everyone in it, each once. */
  readonly peers: readonly RosterPeer[];
  /** 64 bytes, by the admin key. */
  readonly signature: Uint8Array;
}

const peerFields = v.strictTuple([
  peerId,
  v.pipe(text(longestName), v.minLength(1)),
  list(text(256), 8),
  list(v.picklist(rights), rights.length),
]);
const rosterRecord = record("quorate/1/roster", {
  cluster: peerId,
  version: v.pipe(uint, v.minValue(1)),
  previous: bytesUpTo(32),
  peers: list(peerFields, maxPeers),
});

function signedBytes({ cluster, version, previous, peers }: Omit<Roster, "signature">): Uint8Array {
  const rows = peers.map(({ peer, name, addresses, rights }) =>
    [peer, name, [...addresses], [...rights]] as [string, string, string[], Right[]]
  );
  return rosterRecord.encode({ cluster, version, previous, peers: rows });
}

/** 32 bytes: what sessions bind. */
export function rosterHash(roster: Omit<Roster, "signature">): Uint8Array {
  return hash("quorate/1/roster-hash", signedBytes(roster));
}

/**
 * Signs a roster with the admin key.
 *
 * @param previous The roster it replaces, or null for the first of a cluster.
 * @throws {InputError} For a peer that is listed twice, a name that is none or taken, or too many peers.
 */
export async function signRoster(
  admin: Pick<Identity, "peer" | "sign">,
  peers: readonly RosterPeer[],
  previous: Roster | null,
): Promise<Roster> {
  checkPeers(peers);
  checkAlike(peers);
  const unsigned = {
    cluster: admin.peer,
    version: (previous?.version ?? 0) + 1,
    previous: previous === null ? new Uint8Array() : rosterHash(previous),
    peers,
  };
  return { ...unsigned, signature: await admin.sign(signedBytes(unsigned)) };
}

/** Whether the admin key of `roster.cluster` signed it. */
export function verifyRoster(identity: Pick<Identity, "verify">, roster: Roster): Promise<boolean> {
  return identity.verify(roster.cluster, signedBytes(roster), roster.signature);
}

function checkPeers(peers: readonly RosterPeer[]): void {
  const [ids, names] = [new Set<string>(), new Set<string>()];
  if (peers.length > maxPeers) {
    throw new InputError("peers", `expected at most ${maxPeers}, found ${peers.length}`);
  }
  for (const [i, { peer, name }] of peers.entries()) {
    if (ids.has(peer)) throw new InputError(`peers[${i}].peer`, `expected a peer once, found ${peer} again`);
    const wrong = wrongPeerName(name);
    if (wrong !== null) throw new InputError(`peers[${i}].name`, wrong);
    if (names.has(name)) {
      throw new InputError(`peers[${i}].name`, `expected a name once, found “${name}” again`);
    }
    ids.add(peer);
    names.add(name);
  }
}

/** No two names that a person would take for one another. @throws {InputError} */
function checkAlike(peers: readonly RosterPeer[]): void {
  for (const [i, { name }] of peers.entries()) {
    const isAlike = alikeTo(name);
    const alike = peers.slice(0, i).find((other) => isAlike(other.name));
    if (alike === undefined) continue;
    const problem = `expected a name that no other's looks like, found “${name}” beside “${alike.name}”`;
    throw new InputError(`peers[${i}].name`, problem);
  }
}

const fileShape = v.strictObject({
  cluster: peerId,
  version: v.pipe(uint, v.minValue(1)),
  previous: v.string(),
  peers: v.array(v.strictObject({
    name: v.string(),
    peer: peerId,
    addresses: v.array(v.string()),
    rights: v.array(v.picklist(rights)),
  })),
  signature: v.string(),
});

/** A roster as a file: JSON that a person can read; the signature is over the canonical form. */
export function formatRoster(roster: Roster): string {
  const { cluster, version, previous, peers, signature } = roster;
  const encode = base64urlnopad.encode;
  return JSON.stringify(
    { cluster, version, previous: encode(previous), peers, signature: encode(signature) },
    null,
    2,
  );
}

/**
 * Reads a roster file, with or without a byte order mark. The signature is checked when a node takes it.
 *
 * @throws {InputError} Naming the field that is wrong, missing or unknown.
 */
export function parseRoster(file: string): Roster {
  let json: unknown;
  try {
    json = JSON.parse(withoutMark(file));
  } catch (cause) {
    throw new InputError("roster", "expected JSON, found something else", { cause });
  }
  const read = v.safeParse(fileShape, json);
  if (!read.success) {
    const [issue] = read.issues;
    const field = ["roster", ...(issue.path ?? []).map((step) => String(step.key))].join(".");
    throw new InputError(field, `expected ${issue.expected ?? "another value"}, found ${issue.received}`);
  }
  const { previous, signature, ...rest } = read.output;
  checkPeers(rest.peers);
  const decode = (field: string, value: string) => {
    try {
      return base64urlnopad.decode(value);
    } catch (cause) {
      throw new InputError(`roster.${field}`, "expected base64url, found something else", { cause });
    }
  };
  const roster = {
    ...rest,
    previous: decode("previous", previous),
    signature: decode("signature", signature),
  };
  if (roster.signature.length !== 64) {
    throw new InputError("roster.signature", `expected 64 bytes, found ${roster.signature.length}`);
  }
  return roster;
}
