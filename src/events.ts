/**
 * What the outside may know, as flat items that survive `structuredClone` and JSON.
 * @module
 */
import type {
  Claim,
  ClockDifference,
  FailureCode,
  KeySafety,
  Kind,
  PeerId,
  Phase,
  Remedy,
  WarningCode,
} from "./failure.ts";

/** Id of a command: 32 lower-case hex digits, chosen by its initiator, equal at every peer. */
export type CommandId = string;
/** Id of an opened session: 64 lower-case hex digits, the hash of everything its party agreed on. */
export type SessionId = string;
/** ed25519: EdDSA (RFC 8032); secp256k1: ECDSA. */
export type Curve = "ed25519" | "secp256k1";

/** Whose view an item is, and its place in that view. A console orders by (peer, boot, seq), never by `at`. */
export interface View {
  /** Whose view it is. */
  peer: PeerId;
  /** 16 hex digits, drawn when the node started. */
  boot: string;
  /** Counts that node's items since it started. */
  seq: number;
  /** That peer's wall clock, ms since 1970: for showing, never for ordering. */
  at: number;
}

/** Fields every event of a session carries. */
export interface Common extends View {
  /** The command: its initiator has chosen it, so that another's command of the same id is another command. */
  id: CommandId;
  /** Who asked; of a link the first of its two. */
  initiator: PeerId;
  /** Hash of the signed invite, 64 hex digits; null until there is one. */
  attempt: string | null;
  /** Null until opened. */
  session: SessionId | null;
  /** What the session is about. */
  kind: Kind;
  /** Null for a link. */
  wallet: string | null;
  /** Null for a link. */
  curve: Curve | null;
}

/** The command was taken; `deadline`: when it expires, ms, on that peer's clock. */
export type Began = Common & { type: "began"; deadline: number };
/** The session has come to its next station. */
export type PhaseEntered = Common & { type: "phase"; phase: Phase };
/** The coordinator asks these peers. */
export type Proposed = Common & { type: "proposed"; party: readonly PeerId[] };
/** A person at `other` is being asked. */
export type Asking = Common & { type: "asking"; other: PeerId };
/** All agree on everything: from here on there is a session. */
export type Opened = Common & {
  type: "opened";
  session: SessionId;
  party: readonly PeerId[];
  rounds: readonly string[];
};
/** A round of the protocol; `deadline`: when it ends, ms, on that peer's clock. */
export type RoundEvent = Common & { type: "round"; round: string; state: "begun" | "done"; deadline: number };
/** The message of `from` in this round is here. */
export type Heard = Common & { type: "heard"; round: string; from: PeerId };
/** Between two rounds a long computation is under way, and this part of it is done: 0 to 1. */
export type Work = Common & { type: "work"; done: number };
/** The result itself goes to the initiator alone. `resultHash`: SHA-256, 64 hex digits. */
export type Done = Common & { type: "done"; resultHash: string };

/** The one terminal event of a session that did not succeed. */
export type Failure = Common & {
  type: "failed";
  code: FailureCode;
  remedy: Remedy;
  key: KeySafety;
  phase: Phase;
  round: string | null;
  culprits: readonly PeerId[];
  missing: readonly PeerId[];
  claims: readonly Claim[];
  /**
   * SHA-256 of the evidence, 64 hex digits, where there is some that convinces a third party too. `peer` has it, and
   * gives it to who may see it.
   */
  evidence?: string;
  /** Where it is about clocks: those that this peer knows to be off, by more than two minutes. */
  clocks?: readonly ClockDifference[];
};

/** Something wrong that ends nothing. Outside of any session, what it would say of that is null. */
export type Warning = View & {
  type: "warning";
  id: CommandId | null;
  initiator: PeerId | null;
  attempt: string | null;
  session: SessionId | null;
  kind: Kind | null;
  wallet: string | null;
  curve: Curve | null;
  code: WarningCode;
  /** The connection it came over: no accusation. */
  via: PeerId | null;
  /** How many, since the last such item. */
  count: number;
  /** `clock-difference`: how many seconds the clock of `via` is ahead of this peer's; negative: behind. */
  seconds?: number;
};

/** Something is wrong. */
export type Fault = Failure | Warning;

/** What happens in a session, in one peer's view. */
export type SessionEvent =
  | Began
  | PhaseEntered
  | Proposed
  | Asking
  | Opened
  | RoundEvent
  | Heard
  | Work
  | Done
  | Failure
  | Warning;

/**
 * A peer came or went, as `peer` sees it. `refused`: it answers, and does not let `peer` in: its roster is without it.
 * `another`: at one of its addresses somebody else answers: by its own word, which nothing proves, `found`.
 */
export type PeerEvent = View & {
  type: "peer";
  other: PeerId;
  state: "here" | "gone" | "refused" | "another";
  found?: PeerId;
};
/** The protected link between `peer` and `other`. `inMs`: until it is tried again. */
export type LinkEvent = View & {
  type: "link";
  other: PeerId;
  state: "up" | "lost" | "retrying";
  inMs?: number;
};
/**
 * `given-up`: its name is free again; the share is kept, for it may become active all the same. `gone`: the share was
 * erased, by the operator's word.
 */
export type KeyState = "pending" | "active" | "frozen" | "given-up" | "gone";
/** A key changed its state at `peer`, outside of its session: a pending key healed, or was given up. */
export type KeyEvent = View & {
  type: "key";
  wallet: string;
  curve: Curve;
  epoch: number;
  session: SessionId;
  state: KeyState;
  /** Only where it is so: `peer` is a member, and holds no share. */
  held?: false;
};
/**
 * `culprit` has signed that its share of this key is on disk for ever, and that it has none and never will: one of the
 * two is a lie, or its disk went back to an earlier copy.
 */
export type ContradictionEvent = View & {
  type: "contradiction";
  wallet: string;
  curve: Curve;
  session: SessionId;
  culprit: PeerId;
  /** The two signed envelopes in hex: the yes and the no. */
  evidence: readonly string[];
};
/**
 * A newer roster is in force. `removed`: this node is no longer in it, and that is its end in this cluster: it hangs up
 * on everyone, and nobody lets it in.
 */
export type RosterEvent = View & { type: "roster"; version: number; removed?: true };
/**
 * Whether the roster in force is written where `peer` reads it from at its next start. `unwritten` stands, and is told
 * again at each start, until one is written: the roster is in force all the same, and kept in the store. Told by `peer`
 * to its own readers.
 */
export type RosterFileEvent = View & {
  type: "roster-file";
  state: "unwritten" | "written";
  version: number;
  /** For `unwritten`: the reason, in the words of whoever could not write. */
  why?: string;
};
/**
 * The admin key has signed two rosters of one version, or one that follows another than `peer` has: `hashes`, 64 hex
 * digits each, that of `peer`'s own first. Whoever has the admin key has made a mistake, or is not alone in having it.
 */
export type RosterConflictEvent = View & {
  type: "roster-conflict";
  version: number;
  hashes: readonly [string, string];
};
/** `refused`: by a person, or because the invitation ended first. */
export type JoinState = "asking" | "admitted" | "refused" | "left";
/** A stranger with an invitation is at the door of this node, which holds the admin key. Told to nobody else. */
export type JoinEvent = View & { type: "join"; other: PeerId; name: string; state: JoinState };
/** The shares of `peer` were locked, or unlocked. */
export type LockEvent = View & { type: "locked"; locked: boolean };
/** Two peers must not use a key together any more. */
export type BanEvent = View & {
  type: "ban";
  wallet: string;
  curve: Curve;
  pair: readonly [PeerId, PeerId];
};
/** `peer` does not use a key together with another for now, until its operator says so; `released`: it does again. */
export type QuarantineEvent = View & {
  type: "quarantine";
  wallet: string;
  curve: Curve;
  /** The session that made the key. */
  key: SessionId;
  pair: readonly [PeerId, PeerId];
  state: "quarantined" | "released";
};
/**
 * The store of `other` is a former state of itself: `restored` from a backup, which it says of itself, or `rolled-back`,
 * as `peer` has found by what `other` once said of it. No session with it until that is `over`.
 */
export type RollbackEvent = View & {
  type: "rollback";
  other: PeerId;
  state: "restored" | "rolled-back" | "over";
};
/** What a connection runs over. */
export interface Carrier {
  /** What is between the two; for a relayed connection, between this node and the relay. */
  kind: "websocket" | "webrtc" | "webrtc-direct" | "memory";
  /** Whether a third peer passes it on: it is limited in time and bytes, and lasts until there is something better. */
  relayed: boolean;
  /** What splits it into streams: `/webrtc`, `/yamux/1.0.0`; null in memory. */
  multiplexer: string | null;
}

/** A relay that lets others reach this node, or is asked again to. */
export interface Reservation {
  /** Who passes others on. */
  relay: PeerId;
  /** Whether it does now. */
  state: "reserved" | "retrying";
}

/** What carries new streams between `peer` and `other` is another now; null: nothing. Told by `peer` to its own readers. */
export type CarrierEvent = View & { type: "carrier"; other: PeerId; carrier: Carrier | null };
/** Whether `relay` lets others reach `peer`. Told by `peer` to its own readers. */
export type ReservationEvent = View & { type: "reservation" } & Reservation;
/** What became of the certificate that `peer` is reached under by WebRTC-direct. */
export interface CertificateChange {
  /** `made`: it had none; `renewed`: the old one was in its last year; `replaced`: the old one could not be read. */
  state: "made" | "renewed" | "replaced";
  /** How long the new one is good, ms since 1970. */
  until: number;
}
/**
 * `peer` has a new certificate, and so its WebRTC-direct addresses are other ones: those that others know lead nowhere.
 * Told by `peer` to its own readers.
 */
export type CertificateEvent = View & { type: "certificate" } & CertificateChange;
/** This reader was too slow, and so many items are not in its stream. */
export interface Lagged {
  /** Says what it is. */
  type: "lagged";
  /** Items lost since the last such item. */
  dropped: number;
}

/** Everything a node tells, of its own and of what its peers gossip. `peer` says whose view it is. */
export type NodeEvent =
  | SessionEvent
  | PeerEvent
  | CarrierEvent
  | ReservationEvent
  | CertificateEvent
  | LinkEvent
  | KeyEvent
  | ContradictionEvent
  | RosterEvent
  | RosterFileEvent
  | RosterConflictEvent
  | JoinEvent
  | LockEvent
  | BanEvent
  | QuarantineEvent
  | RollbackEvent
  | Lagged;

/** Whether nothing comes after this item in its session at its peer. */
export function isTerminal(event: { type: string }): event is Done | Failure {
  return event.type === "done" || event.type === "failed";
}

/** Whether something is wrong. */
export function isFault(event: { type: string }): event is Fault {
  return event.type === "failed" || event.type === "warning";
}
