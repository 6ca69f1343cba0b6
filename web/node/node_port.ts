/**
 * The page's port to its node: the part of `QuorateNode` that the page uses, and what else `connect()` provides. Types
 * only, apart from one error.
 * @module
 */
import type { Failure, NodeEvent, Scheme } from "../../src/events.ts";
import type * as library from "../../mod.ts";
import type { PeerId } from "../../src/failure.ts";

export type {
  Ban,
  BatchRequest,
  ClaimedHash,
  DigestHash,
  ItemInput,
  KeyName,
  KeyRequest,
  PastEpoch,
  Quarantine,
  Readiness,
  RequestLabels,
  ReshareRequest,
  Right,
  Signature,
  SignInput,
  SignRequest,
} from "../../mod.ts";

/** A peer as this tab's own node sees it. */
export type PeerStatus = Pick<
  library.PeerStatus,
  "name" | "rights" | "connected" | "link" | "carrier" | "latencyMs" | "links" | "locked"
>;

export type GroupKey = Pick<
  library.GroupKey,
  | "wallet"
  | "scheme"
  | "publicKey"
  | "chainCode"
  | "threshold"
  | "members"
  | "state"
  | "session"
  | "epoch"
  | "past"
  | "held"
  | "paused"
>;

export type SessionHandle<T> = Pick<library.Session<T>, "id" | "result" | "cancel">;

export interface NodePort
  extends Pick<library.QuorateNode, "self" | "readiness" | "bans" | "quarantines" | "unfreeze" | "stop"> {
  readonly peers: ReadonlyMap<PeerId, PeerStatus>;
  /** The rights of each peer, this node among them. */
  readonly roster: { readonly peers: readonly Pick<library.RosterPeer, "peer" | "rights">[] };
  keys(): Promise<readonly GroupKey[]>;
  /** @throws {InputError} At once, before there is a session. */
  generateKey(request: library.KeyRequest): SessionHandle<GroupKey>;
  /** @throws {InputError} At once, before there is a session. */
  reshare(request: library.ReshareRequest): SessionHandle<GroupKey>;
  /** @throws {InputError} At once, before there is a session. */
  sign(request: library.SignRequest): SessionHandle<library.Signature>;
  /** @throws {InputError} At once, before there is a session. */
  sign(request: library.BatchRequest): SessionHandle<library.Signature[]>;
  /** This node's own events and those that its peers gossip. Ends when the node stops. */
  events(options?: { replay?: number }): ReadableStream<NodeEvent>;
}

/** Orders for the peers of a demo. Only they serve `/quorate-demo/misbehave/1`; a real node never does. */
export interface DemoPort {
  /** Whether this peer can be told to misbehave. */
  canMisbehave(peer: PeerId): Promise<boolean>;
  /** Makes the peer cheat in its next session, once. */
  misbehave(peer: PeerId, order: { cheat: string }): Promise<void>;
  /** Has a stranger, outside the roster, send `count` forged frames. */
  stranger(count: number): Promise<void>;
}

/** The result of a check of evidence. `not-fetched`: the signed messages are not here, so nothing was checked. */
export type Proof = library.Proof | "not-fetched";

/** All that a page has once its node runs. */
export interface Console {
  readonly node: NodePort;
  /** The schemes that this node can make keys for, the default first. */
  readonly schemes: readonly Scheme[];
  readonly demo: DemoPort | null;
  /** @param items The items to sign, or null if this page did not request the signature. */
  verifyEvidence(failure: Failure, items: readonly library.ItemInput[] | null): Promise<Proof>;
}

/** The progress of joining. `names`: the peers of this step, if they are known. */
export interface JoinStep {
  step: "key" | "connecting" | "joining" | "starting";
  names?: readonly string[];
}

/** The reason why there is no console. `mistake`: an unexpected error. */
export type JoinProblem = library.InvitationProblem | "no-invitation" | "mistake";

/** `connect()` rejects with it if the page's address contains no invitation. */
export class NoInvitationError extends Error {
  override readonly name = "NoInvitationError";
}

/** Joins with the invitation in the page's address, and starts a node. */
export type Connect = (onStep: (step: JoinStep) => void) => Promise<Console>;
