/**
 * What the page needs of a node, and nothing else: types only. `connect()` hands over a {@linkcode Console}.
 * @module
 */
import type {
  Carrier,
  CommandId,
  Curve,
  Failure,
  Fault,
  NodeEvent,
  SessionEvent,
  SessionId,
} from "../../src/events.ts";
import type {
  Ban,
  DigestHash,
  InvitationProblem,
  Quarantine,
  Right,
  Signature,
  SignInput,
} from "../../mod.ts";
import type { PeerId } from "../../src/failure.ts";

export type { Ban, DigestHash, Quarantine, Right, Signature, SignInput };

/** A peer as this tab's own node sees it. */
export interface PeerStatus {
  name: string;
  rights: readonly Right[];
  connected: boolean;
  link: "up" | "lost" | "retrying" | "none";
  /** What carries the connection; null while not connected. */
  carrier: Carrier | null;
  latencyMs: number | null;
  addresses: readonly string[];
  /** To whom it says that it has links. */
  links?: readonly PeerId[];
  /** Whether its shares are locked, by its own word. */
  locked?: boolean;
}

export interface KeyName {
  wallet: string;
  curve: Curve;
}

export interface GroupKey extends KeyName {
  publicKey: Uint8Array;
  /** What the keys of children are made with. */
  chainCode: Uint8Array;
  threshold: number;
  members: readonly PeerId[];
  epoch: number;
  state: "pending" | "active" | "frozen";
  session: SessionId;
}

export interface Readiness {
  quorate: boolean;
  ready: readonly PeerId[];
  missing: readonly PeerId[];
  banned: readonly PeerId[];
  quarantined: readonly PeerId[];
}

export interface KeyRequest extends KeyName {
  threshold: number;
  members?: readonly PeerId[];
}

export type SignRequest = KeyName & SignInput & {
  /** Of a child: non-hardened indices. */
  path?: readonly number[];
  signers?: readonly PeerId[];
};

export interface SessionHandle<T> {
  readonly id: CommandId;
  /** Rejects with a `SessionError`. */
  readonly result: Promise<T>;
  events(): ReadableStream<SessionEvent>;
  errors(): ReadableStream<Fault>;
  cancel(): void;
}

export interface NodePort {
  readonly self: PeerId;
  readonly peers: ReadonlyMap<PeerId, PeerStatus>;
  /** What each may do, this node among them. */
  readonly roster: {
    readonly peers: readonly { readonly peer: PeerId; readonly rights: readonly Right[] }[];
  };
  keys(): Promise<readonly GroupKey[]>;
  /** Where two keys have one name, of the one with that id. */
  readiness(key: KeyName & { key?: SessionId }): Promise<Readiness>;
  /** The pairs that must not use a key together any more, as far as they are told. */
  bans(): readonly Ban[];
  /** The pairs that are quarantined: this node's own, and those of others as they tell. */
  quarantines(): readonly Quarantine[];
  /** @throws {InputError} At once, before there is a session. */
  generateKey(request: KeyRequest): SessionHandle<GroupKey>;
  /** @throws {InputError} At once, before there is a session. */
  sign(request: SignRequest): SessionHandle<Signature>;
  /** This node's own view and those that its peers gossip. Ends when the node stops. */
  events(options?: { replay?: number }): ReadableStream<NodeEvent>;
  stop(): Promise<void>;
}

/** Only a demo's peers speak `/quorate-demo/misbehave/1`; a real node never does. */
export interface DemoPort {
  speaks(peer: PeerId): Promise<boolean>;
  /** One shot: the peer cheats in its next session, then behaves. */
  misbehave(peer: PeerId, order: { cheat: string }): Promise<void>;
  /** Has someone outside the roster send `count` forged frames. */
  stranger(count: number): Promise<void>;
}

/**
 * Whether signed messages show what a failure says. `unknown`: this page has not what it takes to tell; `not-fetched`:
 * the messages are not here, so nothing has been checked.
 */
export type Proof = "proven" | "not-proven" | "unknown" | "not-fetched";

/** All that a page has once it is in. */
export interface Console {
  readonly node: NodePort;
  /** What this node can make keys of, the default first. */
  readonly curves: readonly Curve[];
  readonly demo: DemoPort | null;
  /** `message`: what was to be signed, or null if this page did not ask for it. */
  verifyEvidence(failure: Failure, message: Uint8Array | null): Promise<Proof>;
}

/** Where joining has got to. `names`: whom it is about, where that is known. */
export interface JoinStep {
  step: "key" | "connecting" | "joining" | "starting";
  names?: readonly string[];
}

/** Why there is no console. `mistake`: for a reason that nobody expected. */
export type JoinProblem = InvitationProblem | "no-invitation" | "mistake";

/** What `connect()` rejects with when there is nothing to join with. */
export class NoInvitationError extends Error {
  override readonly name = "NoInvitationError";
}

/** Reads the one-time token from the page's fragment, joins, and starts a node. */
export type Connect = (tell: (step: JoinStep) => void) => Promise<Console>;
