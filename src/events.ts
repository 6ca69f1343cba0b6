/**
 * The events of a node: flat items that survive `structuredClone` and JSON.
 * @module
 */
import type {
  Claim,
  ClockDifference,
  FailureCode,
  Id,
  KeySafety,
  Kind,
  PeerId,
  Phase,
  Remedy,
  WarningCode,
} from "./failure.ts";

/** Id of a command: 32 lower-case hex digits, chosen by its initiator, equal at every peer. */
export type CommandId = Id<"command">;
/** Id of a session that all have accepted: 64 lower-case hex digits, the hash of everything its party agreed on. */
export type SessionId = Id<"session">;
/**
 * The signature schemes. ed25519: EdDSA (RFC 8032); ecdsa: ECDSA (SEC 1) on secp256k1; bip340: Schnorr signatures on
 * secp256k1, as Taproot and Nostr have them.
 */
export type Scheme = "ed25519" | "ecdsa" | "bip340";

/**
 * The view that an event belongs to, and its place there. A console orders by (peer, boot, seq), never by
 * `at`.
 */
export interface View {
  /** The peer whose view it is. */
  peer: PeerId;
  /** The start of that node: 16 random hex digits. */
  boot: string;
  /** The number of the event since that start. */
  seq: number;
  /** That peer's wall clock, ms since 1970: to be shown, never to order by. */
  at: number;
}

/** Fields every event of a session carries. */
export interface Common extends View {
  /**
   * The command's id. Its initiator has chosen it, so the same id of another initiator is another command.
   */
  id: CommandId;
  /** The peer that asked; for a link, the first of its two. */
  initiator: PeerId;
  /** Hash of the signed invite, 64 hex digits; null until there is an invite. */
  attempt: string | null;
  /** Null until all have accepted. */
  session: SessionId | null;
  /** The purpose of the session. */
  kind: Kind;
  /** Null for a link. */
  wallet: string | null;
  /** Null for a link. */
  scheme: Scheme | null;
}

/** The command was accepted. */
export type Began = Common & {
  type: "began";
  /** The command's expiry on that peer's clock, ms. */
  deadline: number;
  /** The note in the command, if there is one: only at the initiator and where the command arrives. Never gossiped. */
  note?: string;
  /** The reference in the command, likewise. */
  reference?: string;
  /** The number of items of a batch. */
  items?: number;
};
/** The session has entered its next phase. */
export type PhaseEntered = Common & { type: "phase"; phase: Phase };
/** The coordinator asks these peers. */
export type Proposed = Common & { type: "proposed"; party: readonly PeerId[] };
/** A person at `other` is being asked. */
export type Asking = Common & { type: "asking"; other: PeerId };
/** All peers agree on everything: the session is open. */
export type Opened = Common & {
  type: "opened";
  session: SessionId;
  party: readonly PeerId[];
  rounds: readonly string[];
};
/** A round of the protocol. `deadline`: its end on that peer's clock, ms. */
export type RoundEvent = Common & { type: "round"; round: string; state: "begun" | "done"; deadline: number };
/** The message of `from` in this round has arrived. */
export type Heard = Common & { type: "heard"; round: string; from: PeerId };
/** The progress of a long computation between two rounds, 0 to 1. */
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
   * SHA-256 of the evidence, 64 hex digits, if there is some that convinces a third party too. `peer` has it,
   * and gives it to peers that may see it.
   */
  evidence?: string;
  /**
   * `recipient` where only what `peer` keeps secret can tell, though others of this code can be checked by
   * anyone.
   */
  checkableBy?: "recipient";
  /** If the failure is about clocks: those that this peer knows to differ by more than two minutes. */
  clocks?: readonly ClockDifference[];
  /** The number of items, if it was a batch that failed. */
  items?: number;
  /** The items of it that the culprits have spoilt, from 0, where that is known and may be told. */
  spoilt?: readonly number[];
};

/** Something is wrong that ends nothing. Outside of any session, the fields about a session are null. */
export type Warning = View & {
  type: "warning";
  id: CommandId | null;
  initiator: PeerId | null;
  attempt: string | null;
  session: SessionId | null;
  kind: Kind | null;
  wallet: string | null;
  scheme: Scheme | null;
  code: WarningCode;
  /** The peer whose connection it came over. That is no accusation. */
  via: PeerId | null;
  /** The number of occurrences since the last such event. */
  count: number;
  /** For `clock-difference`: seconds that the clock of `via` is ahead of this peer's; negative: behind. */
  seconds?: number;
};

/** Something is wrong. */
export type Fault = Failure | Warning;

/** An event of a session, in one peer's view. */
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
 * `other` has connected or disconnected. `refused`: it answers and refuses `peer`, which is not in its
 * roster. `another`: a different peer answers at one of its addresses: `found`, by its own unproven claim.
 */
export type PeerEvent = View & {
  type: "peer";
  other: PeerId;
  state: "here" | "gone" | "refused" | "another";
  found?: PeerId;
};
/** The protected link between `peer` and `other`. `inMs`: time until it is tried again. */
export type LinkEvent = View & {
  type: "link";
  other: PeerId;
  state: "up" | "lost" | "retrying";
  inMs?: number;
};
/**
 * `given-up`: its name is free; the share is kept, since the key may still become active. `gone`: the
 * operator erased it. `retired`: a later epoch of the key is known, and no session uses this one any more; `erased`:
 * `peer` has no share of that epoch any more.
 */
export type KeyState = "pending" | "active" | "frozen" | "given-up" | "gone" | "retired" | "erased";
/**
 * A key has changed its state at `peer` outside of its session: a pending key has healed, or was given up.
 */
export type KeyEvent = View & {
  type: "key";
  wallet: string;
  scheme: Scheme;
  epoch: number;
  session: SessionId;
  state: KeyState;
  /** Present only if `peer` is a member and holds no share. */
  held?: false;
};
/**
 * `culprit` has signed both that its share of this key is on disk for good, and that it has none and never
 * will: one of the two is a lie, or its disk went back to an earlier copy.
 */
export type ContradictionEvent = View & {
  type: "contradiction";
  wallet: string;
  scheme: Scheme;
  session: SessionId;
  culprit: PeerId;
  /** The two signed envelopes in hex: the yes and the no. */
  evidence: readonly string[];
};
/**
 * A newer roster is in force. `removed`: this node is no longer in it; it disconnects, and nobody accepts it
 * any more.
 */
export type RosterEvent = View & { type: "roster"; version: number; removed?: true };
/**
 * Whether the roster in force could be written to the place that `peer` reads it from at its next start.
 * `unwritten` is repeated at each start until it succeeds; the roster is in force and in the store in any
 * case. Local: never gossiped.
 */
export type RosterFileEvent = View & {
  type: "roster-file";
  state: "unwritten" | "written";
  version: number;
  /** For `unwritten`: the reason, as the writer's error states it. */
  why?: string;
};
/**
 * The admin key has signed two rosters of one version, or one that follows another roster than `peer`'s.
 * `hashes`: 64 hex digits each, `peer`'s own first. The admin key's owner has made a mistake, or somebody
 * else has the key too.
 */
export type RosterConflictEvent = View & {
  type: "roster-conflict";
  version: number;
  hashes: readonly [string, string];
};
/** `refused`: by a person, or because the invitation has ended. */
export type JoinState = "asking" | "admitted" | "refused" | "left";
/**
 * A stranger with an invitation asks this node, which holds the admin key, to join. Local: never gossiped.
 */
export type JoinEvent = View & { type: "join"; other: PeerId; name: string; state: JoinState };
/** The shares of `peer` were locked or unlocked. */
export type LockEvent = View & { type: "locked"; locked: boolean };
/** These two peers must never use a key together again. */
export type BanEvent = View & {
  type: "ban";
  wallet: string;
  scheme: Scheme;
  pair: readonly [PeerId, PeerId];
};
/**
 * `peer` does not use a key together with another until its operator releases the pair; `released`: it does
 * again.
 */
export type QuarantineEvent = View & {
  type: "quarantine";
  wallet: string;
  scheme: Scheme;
  /** The id of the key: the session that made it. */
  keyId: SessionId;
  pair: readonly [PeerId, PeerId];
  state: "quarantined" | "released";
};
/**
 * The store of `other` is an earlier copy: `restored` from a backup, as `other` itself reports, or
 * `rolled-back`, as an earlier signed message of `other` has shown. No session takes place with it until that
 * is `over`.
 */
export type RollbackEvent = View & {
  type: "rollback";
  other: PeerId;
  state: "restored" | "rolled-back" | "over";
};
/** The carrier of a connection. */
export interface Carrier {
  /** The transport between the two; for a relayed connection, between this node and the relay. */
  kind: "websocket" | "webrtc" | "webrtc-direct" | "memory";
  /**
   * Whether a third peer relays it: then it is limited in time and bytes, and replaced when something better
   * works.
   */
  relayed: boolean;
  /** The multiplexer: `/webrtc`, `/yamux/1.0.0`; null in memory. */
  multiplexer: string | null;
}

/** A relay through which others can reach this node, or that is asked again for it. */
export interface Reservation {
  /** The relaying peer. */
  relay: PeerId;
  /** Whether it relays now. */
  state: "reserved" | "retrying";
}

/** The carrier of new streams to `other` has changed (null: disconnected). Local: never gossiped. */
export type CarrierEvent = View & { type: "carrier"; other: PeerId; carrier: Carrier | null };
/** Whether others can reach `peer` through `relay`. Local: never gossiped. */
export type ReservationEvent = View & { type: "reservation" } & Reservation;
/** A change of the certificate that identifies this node in WebRTC-direct addresses. */
export interface CertificateChange {
  /**
   * `made`: there was none; `renewed`: the old one was in its last year; `replaced`: the old one could not be
   * read.
   */
  state: "made" | "renewed" | "replaced";
  /** The end of the new one's validity, ms since 1970. */
  until: number;
}
/**
 * `peer` has a new certificate, so its WebRTC-direct addresses have changed: the old ones fail. Local: never
 * gossiped.
 */
export type CertificateEvent = View & { type: "certificate" } & CertificateChange;
/**
 * This reader was too slow: `dropped` events are missing from its stream. The view is this node's, and `seq` the number of
 * its latest event: this one has none of its own, since no other reader gets it.
 */
export interface Lagged extends View {
  /** The type of the event. */
  type: "lagged";
  /** Events lost since the last such event. */
  dropped: number;
}

/** An event of a node: its own, or one that a peer gossiped. `peer` is the peer whose view it is. */
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

/** Whether this event is the last of its session at its peer. */
export function isTerminal(event: { type: string }): event is Done | Failure {
  return event.type === "done" || event.type === "failed";
}

/** Whether something is wrong. */
export function isFault(event: { type: string }): event is Fault {
  return event.type === "failed" || event.type === "warning";
}
