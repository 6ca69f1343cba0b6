/**
 * The API of a node.
 * @module
 */
import type { BackupState } from "./backups.ts";
import type { PastOutcome } from "./assembly/past_outcome.ts";
import type { ReadyOptions } from "./assembly/ready.ts";
import type { JoinRequest } from "../cluster/roster/admission/join_request.ts";
import type { Ban } from "../cluster/records/ban_record.ts";
import type {
  BatchRequest,
  KeyChoice,
  KeyName,
  KeyRequest,
  ReshareRequest,
  SignRequest,
} from "../cluster/records/key_name.ts";
import type { Quarantine } from "../cluster/keys/frozen.ts";
import type { Session } from "../cluster/commands/handle.ts";
import type { RequestOptions } from "../cluster/commands/initiator.ts";
import type { InviteOptions, OpenInvite } from "../cluster/roster/admission/invites.ts";
import type { Invitation } from "../cluster/roster/admission/invitation_link.ts";
import type { GroupKey, UnfinishedKey } from "../cluster/keys/group_key.ts";
import type { Readiness } from "../cluster/commands/party.ts";
import type { RolledBack } from "../cluster/rollback/restoration.ts";
import type { Roster } from "../cluster/roster/roster.ts";
import type { Right } from "../cluster/records/rights.ts";
import type { Signature } from "../schemes/schemes.ts";
import type {
  Carrier,
  CommandId,
  Failure,
  Fault,
  Lagged,
  NodeEvent,
  Reservation,
  Scheme,
  SessionId,
} from "../events.ts";
import type { PeerId } from "../failure.ts";
import type { IdentitySecrets } from "../ports.ts";

/** A peer as this node sees it now. */
export interface PeerStatus {
  /** Its name in the roster. */
  name: string;
  /** Its rights in the roster. */
  rights: readonly Right[];
  /** Its addresses in the roster. */
  addresses: readonly string[];
  /** Whether there is a connection. */
  connected: boolean;
  /** The protected link, between holders. */
  link: "up" | "retrying" | "none";
  /** The carrier of the connection; null while there is none. */
  carrier: Carrier | null;
  /** Round trip, or null while unknown. */
  latencyMs: number | null;
  /** The peers to which it has links, by its own report. */
  links: readonly PeerId[];
  /**
   * Whether its shares are locked, by its own report: it takes part in no session until its person unlocks
   * them.
   */
  locked: boolean;
  /**
   * Whether its store was set back to an earlier state, as far as this node knows: then no session takes
   * place with it.
   */
  rolledBack: boolean;
}

/** The options of whatever waits, apart from sessions. */
export interface Waiting {
  /**
   * Ends the waiting: the call rejects with the signal's reason. If it has aborted already, nothing is begun; otherwise
   * what was begun may still be done.
   */
  signal?: AbortSignal;
}

/**
 * A running peer. A call that waits for peers, for a person or for a passphrase takes an `AbortSignal`, by one rule: if the signal has aborted already, the call
 * throws or rejects with its reason, and does nothing; if it aborts later, a session ends for everyone with
 * `cancelled`, whose `cause` is the reason, and every other call rejects with the reason.
 */
export interface QuorateNode extends AsyncDisposable {
  /** Its own id. */
  readonly self: PeerId;
  /** The addresses at which it can be dialled. */
  readonly addresses: readonly string[];
  /**
   * The relays through which this node can be reached, or that it asks for that; none if it can be dialled.
   */
  readonly reservations: readonly Reservation[];
  /** The other peers of the roster, as they are now: the same map as before if nothing has changed, otherwise a new one. */
  readonly peers: ReadonlyMap<PeerId, PeerStatus>;
  /** The roster in force. */
  readonly roster: Roster;
  /**
   * The keys of which this node holds a share, and those that it knows to be this cluster's: all members have
   * signed them, and a manager has asked for exactly them. If two have one name, commands name them by their
   * ids (`session`).
   */
  keys(): Promise<GroupKey[]>;
  /** Whether enough holders are ready; nobody is asked. @throws {InputError} `wallet` */
  readiness(key: KeyChoice): Promise<Readiness>;
  /** One scheme: one command, one session, one outcome. @throws {InputError} */
  generateKey(request: KeyRequest, options?: RequestOptions): Session<GroupKey>;
  /**
   * Deals a key anew, for other holders, another threshold, or a holder that has lost its share: the key, its chain
   * code and with them all addresses stay. Until it is done everything goes on with the epoch before; then that one
   * is retired, and its shares are erased wherever they are no longer needed. What was copied before, such as a
   * backup, stays: enough old shares are the whole key.
   *
   * @throws {InputError}
   */
  reshare(request: ReshareRequest, options?: RequestOptions): Session<GroupKey>;
  /**
   * Gives a signature of the scheme that the request names. The signal cancels the session.
   *
   * @throws {InputError}
   */
  sign<S extends Scheme>(request: SignRequest<S>, options?: RequestOptions): Session<Signature<S>>;
  /**
   * Gives the signatures of a batch, in the order of its items: one command, one consent that sees all items,
   * one session. If it fails, no signature is given, and each item counts as possibly signed.
   *
   * @throws {InputError}
   */
  sign<S extends Scheme>(request: BatchRequest<S>, options?: RequestOptions): Session<Signature<S>[]>;
  /**
   * The outcome of a command that this peer has asked for, by its id: also after a restart, from any peer that took
   * part and is connected. Outcomes are kept for 7 days after the command has expired, unless `limits.outcomesMs` of
   * those peers says otherwise, and told to nobody but who asked; sooner the oldest go of the initiator that has most, where
   * a peer has 100,000 ids or `limits.outcomesBytes`. An id that is itself forgotten is `unknown`.
   *
   * Rejects with the command's failure, a {@linkcode SessionError}; with `outcome-forgotten` once its time is over;
   * with `replayed-command` if it was carried out and nobody that is connected has its outcome; with `peer-left` if it
   * failed at those that are connected and its coordinator, which may know more, is not.
   *
   * @throws {InputError} `id`
   */
  outcome(id: CommandId, options?: Waiting): Promise<PastOutcome>;
  /**
   * Resolves when the peers are connected, and the keys known here with enough holders ready; without either, at once.
   * Rejects with the reason of the signal, or with `shutdown`.
   *
   * @throws {InputError} `peers`, `wallet`, `scheme`
   */
  ready(options: ReadyOptions): Promise<void>;
  /** The pairs that must never use a key together again: this node's own, and those that others report. */
  bans(): readonly Ban[];
  /**
   * The pairs that are quarantined after failed signatures: this node's own, and those that others report.
   */
  quarantines(): readonly Quarantine[];
  /**
   * Whether this node's store is an earlier copy, so that it takes no sessions: `restored` from a backup,
   * until it has been compared with enough others; `rolled-back`, as others can prove, until
   * {@linkcode confirmRestored}; otherwise null.
   */
  readonly rolledBack: RolledBack | null;
  /**
   * Confirms, as the operator, that the store may be used as it is.
   *
   * @throws {InputError} `node`, if it was neither restored nor rolled back.
   * @throws {StoreError} If that could not be written.
   */
  confirmRestored(): Promise<void>;
  /**
   * Unfreezes a key that was frozen at this node after failed signatures, or whose resharing was paused here after
   * failed ones; with `peer`, only releases the pair with that peer.
   *
   * @throws {InputError} `wallet`, if it is neither frozen nor paused; `peer`, if that pair is not quarantined.
   * @throws {StoreError} If that could not be written.
   */
  unfreeze(key: KeyChoice, options?: { peer?: PeerId }): Promise<void>;
  /**
   * The keys whose names are free although this node keeps a share: given up, or restored from a backup that
   * was too old.
   */
  givenUp(): Promise<UnfinishedKey[]>;
  /**
   * Gives up a pending key, for example when a member is gone for good: its name is free again. The share is
   * kept, and if all members have confirmed the key after all, it becomes active.
   *
   * @param key Its name, or the session that failed to finish it.
   * @throws {InputError} `wallet` or `session`, if it is not pending.
   * @throws {StoreError} If that could not be written.
   */
  giveUp(key: KeyName | Pick<UnfinishedKey, "session">): Promise<void>;
  /**
   * Erases, for good, the share of a key that was given up.
   *
   * @param session The session that failed to finish the key.
   * @throws {InputError} `session`, if no key of that session was given up.
   * @throws {StoreError} If that could not be written.
   */
  eraseGivenUp(session: SessionId): Promise<void>;
  /**
   * A session that this node knows, of this node or of another initiator. Initiators choose the ids: of
   * several sessions with one id, this node's own is returned, otherwise the one that began first. The result of another
   * initiator's is not known here: it resolves with null at the session's end, or rejects with its failure.
   */
  session(id: CommandId): Session | undefined;
  /** All events of this node and of its peers. Any number of readers; the stream ends when the node stops. */
  events(options?: { replay?: number }): ReadableStream<NodeEvent>;
  /** Only failures and warnings, those of links included. */
  errors(options?: { replay?: number }): ReadableStream<Fault | Lagged>;
  /**
   * The evidence of a failure against its culprits, for {@linkcode checkEvidence}: from this node's memory,
   * or fetched from the peer that reported the failure. Null if there is none, if it cannot be fetched now,
   * or if this node may not see it: holders, observers and the failed command's initiator may.
   */
  evidence(failure: Pick<Failure, "peer" | "evidence">, options?: Waiting): Promise<Uint8Array | null>;
  /** Opens an invitation. It ends with this process. @throws {InputError} `admin`, without the admin key. */
  invite(options?: InviteOptions): Invitation;
  /** The open invitations, without their tokens. */
  invites(): readonly OpenInvite[];
  /** Closes an invitation, and refuses the peers that wait with it. @throws {InputError} `id`, `admin` */
  revoke(id: string): void;
  /** The requests to join that wait for a person's decision, in the order in which they came. */
  joining(): readonly JoinRequest[];
  /** Admits one of them. Resolves when it is in the roster. @throws {InputError} `peer`, `peers`, `admin` */
  admit(peer: PeerId, options?: Waiting): Promise<void>;
  /** Refuses one of them; its use of the invitation becomes free. @throws {InputError} `peer`, `admin` */
  reject(peer: PeerId): void;
  /**
   * Removes a peer from the roster; all peers that learn of it disconnect from that peer.
   *
   * @throws {InputError} `peer`, `admin`
   */
  remove(peer: PeerId, options?: Waiting): Promise<void>;
  /**
   * Ends every session under way here with `suspended`, for a node whose machine has slept. Later sessions
   * run as usual.
   */
  interrupt(): void;
  /** True if its shares are locked. */
  readonly locked: boolean;
  /**
   * Locks the shares: their storage key is forgotten, and sessions under way end with `store-locked`, as does
   * every session that needs a share until {@linkcode unlock}. Connections, events and bookkeeping go on.
   */
  lock(): Promise<void>;
  /**
   * Unlocks the shares.
   *
   * @throws {InputError} `identity`, if the secrets are another peer's; `node`, if it has stopped.
   */
  unlock(secrets: IdentitySecrets): void;
  /**
   * Everything that is needed to restore this peer elsewhere, as one age file that `passphrase` opens. It
   * takes about a second, in a worker if shares are opened in one. It counts as a backup once
   * {@linkcode confirmBackup} has read it back.
   *
   * @throws {InputError} `passphrase`, if it is too short.
   * @throws {SessionError} `store-locked`.
   * @throws {StoreError} If a record cannot be read.
   */
  backup(passphrase: string, options?: Waiting): Promise<Uint8Array>;
  /**
   * Checks every share in a backup that was read back from its place, and records that there is a backup. An aborted
   * signal has nothing recorded.
   *
   * @throws {InputError} `passphrase` or `backup`.
   * @throws {StoreError}
   */
  confirmBackup(backup: Uint8Array, passphrase: string, options?: Waiting): Promise<void>;
  /** The keys that are in a backup that was read back, and those that are in none. @throws {StoreError} */
  backupState(): Promise<BackupState>;
  /**
   * Accepts no new sessions, waits at most 15 s for those under way, and stops. If its signal aborts meanwhile, the node
   * takes no new sessions, and is still to be stopped.
   */
  drain(options?: Waiting): Promise<void>;
  /** Ends every session with `shutdown`, closes everything, and resolves when everything is closed. */
  stop(): Promise<void>;
}
