/**
 * A node as its program sees it.
 * @module
 */
import type { BackupState } from "./backups.ts";
import type { JoinRequest } from "../cluster/roster/admission.ts";
import type { Ban } from "../cluster/records/ban_record.ts";
import type { KeyChoice, KeyName, KeyRequest, SignRequest } from "../cluster/records/command.ts";
import type { Quarantine } from "../cluster/keys/frozen.ts";
import type { Session } from "../cluster/commands/handle.ts";
import type { RequestOptions } from "../cluster/commands/initiator.ts";
import type { InviteOptions, OpenInvite } from "../cluster/roster/invites.ts";
import type { Invitation } from "../cluster/roster/join.ts";
import type { GroupKey, UnfinishedKey } from "../cluster/keys/keys.ts";
import type { Readiness } from "../cluster/commands/party.ts";
import type { RolledBack } from "../cluster/rollback/restoration.ts";
import type { Right, Roster } from "../cluster/roster/roster.ts";
import type { Signature } from "../cluster/records/signing.ts";
import type { Carrier, Failure, Fault, Lagged, NodeEvent, Reservation, SessionId } from "../events.ts";
import type { PeerId } from "../failure.ts";
import type { IdentitySecrets } from "../ports.ts";

/** A peer as this node sees it now. */
export interface PeerStatus {
  /** As the roster has it. */
  name: string;
  /** As the roster has them. */
  rights: readonly Right[];
  /** As the roster has them. */
  addresses: readonly string[];
  /** Whether there is a connection. */
  connected: boolean;
  /** The protected link, between holders. */
  link: "up" | "retrying" | "none";
  /** What carries the connection; null while there is none. */
  carrier: Carrier | null;
  /** Round trip, or null while unknown. */
  latencyMs: number | null;
  /** To whom it says that it has links. */
  links: readonly PeerId[];
  /** Whether its shares are locked, by its own word: it takes part in nothing until its person unlocks them. */
  locked: boolean;
  /** Whether its store has gone back to a former state, as far as this node knows: then there is no session with it. */
  rolledBack: boolean;
}

/** A running peer. */
export interface QuorateNode extends AsyncDisposable {
  /** Its own id. */
  readonly self: PeerId;
  /** Where it can be dialled. */
  readonly addresses: readonly string[];
  /** The relays over which this node can be reached, and those that it asks for it; none if it can be dialled. */
  readonly reservations: readonly Reservation[];
  /** The others of the roster, as they are now. */
  readonly peers: ReadonlyMap<PeerId, PeerStatus>;
  /** The one in force. */
  readonly roster: Roster;
  /**
   * The keys this node holds a share of, or knows to be this cluster's: all members have signed them, and a manager has
   * asked for exactly them. Two may have one name; then their ids (`session`) are what commands name.
   */
  keys(): Promise<GroupKey[]>;
  /** Whether enough holders are ready, before anyone is asked. @throws {InputError} `wallet` */
  readiness(key: KeyChoice): Promise<Readiness>;
  /** One curve: one command, one session, one outcome. @throws {InputError} */
  generateKey(request: KeyRequest, options?: RequestOptions): Session<GroupKey>;
  /** The signal cancels the session. @throws {InputError} */
  sign(request: SignRequest, options?: RequestOptions): Session<Signature>;
  /** The pairs that must not use a key together any more: this node's own, and those of others as they tell. */
  bans(): readonly Ban[];
  /** The pairs that are quarantined after failed signatures: this node's own, and those of others as they tell. */
  quarantines(): readonly Quarantine[];
  /**
   * Whether this node's store is a former state of itself, so that it takes no sessions: `restored` from a backup, until
   * enough others were compared with; `rolled-back`, as others can prove, until {@linkcode confirmRestored}. Else null.
   */
  readonly rolledBack: RolledBack | null;
  /**
   * The operator's word that the store may be used as it is.
   *
   * @throws {InputError} `node`, if it was neither restored nor rolled back.
   * @throws {StoreError} If that could not be written.
   */
  confirmRestored(): Promise<void>;
  /**
   * Lets a key that is frozen after failed signatures be used again at this node; with `peer`, releases the pair with
   * that peer, and nothing else.
   *
   * @throws {InputError} `wallet`, if it is not frozen; `peer`, if that pair is not quarantined.
   * @throws {StoreError} If that could not be written.
   */
  unfreeze(key: KeyChoice, options?: { peer?: PeerId }): Promise<void>;
  /** The keys of which this node keeps a share though their names are free: given up, or back from a backup too early. */
  givenUp(): Promise<UnfinishedKey[]>;
  /**
   * The operator's word that a pending key is not waited for any more, such as when a member is gone for good. Its name
   * is free again. The share is kept: should all members have confirmed it after all, it becomes active.
   *
   * @param key Its name, or the session that was to make it.
   * @throws {InputError} `wallet` or `session`, if it is not pending.
   * @throws {StoreError} If that could not be written.
   */
  giveUp(key: KeyName | Pick<UnfinishedKey, "session">): Promise<void>;
  /**
   * The operator's word that a share that was given up is of no more use to anybody: it is erased, for good.
   *
   * @param session The one that was to make the key.
   * @throws {InputError} `session`, if none of that session was given up.
   * @throws {StoreError} If that could not be written.
   */
  eraseGivenUp(session: SessionId): Promise<void>;
  /**
   * A session that is known here, also one that others began. Its id is its initiator's to choose: of several with one
   * id it is the one that was asked for here, or else the one that began first.
   */
  session(id: string): Session | undefined;
  /** Everything this node tells and hears. Any number of readers; ends when the node stops. */
  events(options?: { replay?: number }): ReadableStream<NodeEvent>;
  /** Only what is wrong, links included. */
  errors(options?: { replay?: number }): ReadableStream<Fault | Lagged>;
  /**
   * What a failure shows of its culprits, for {@linkcode checkEvidence}: from this node's memory, or fetched from the
   * peer that tells of the failure. Null if there is none, if it cannot be had now, or not by this node: holders and
   * observers get it, and who asked for what failed.
   */
  evidence(failure: Pick<Failure, "peer" | "evidence">): Promise<Uint8Array | null>;
  /** Opens an invitation. It ends with this process. @throws {InputError} `admin`, where the admin key is not. */
  invite(options?: InviteOptions): Invitation;
  /** The invitations that are open, without their tokens. */
  invites(): readonly OpenInvite[];
  /** Closes an invitation, and turns away who waits with it. @throws {InputError} `id`, `admin` */
  revoke(id: string): void;
  /** Who waits at the door for a person's word, in the order in which they came. */
  joining(): readonly JoinRequest[];
  /** Lets in one of them. Resolves when it is in the roster. @throws {InputError} `peer`, `peers`, `admin` */
  admit(peer: PeerId): Promise<void>;
  /** Refuses one of them; its use of the invitation is free again. @throws {InputError} `peer`, `admin` */
  reject(peer: PeerId): void;
  /** Takes a peer out of the roster; every peer that hears of it hangs up on it. @throws {InputError} `peer`, `admin` */
  remove(peer: PeerId): Promise<void>;
  /** Ends every session under way here with `suspended`, for a node that has slept; it goes on with the next. */
  interrupt(): void;
  /** Whether its shares are locked. */
  readonly locked: boolean;
  /**
   * Locks the shares: their storage key is let go of, sessions under way end with `store-locked`, and so does whatever
   * would need a share until {@linkcode unlock}. Connections, events and bookkeeping go on.
   */
  lock(): Promise<void>;
  /** Unlocks the shares. @throws {InputError} `identity`, if the secrets are another's; `node`, if it has stopped. */
  unlock(secrets: IdentitySecrets): void;
  /**
   * Everything that this peer needs to be itself again elsewhere, as one age file that `passphrase` opens. Takes about
   * a second, of a worker where shares are opened in one. Not a backup before {@linkcode confirmBackup} has read it back.
   *
   * @throws {InputError} `passphrase`, if it is too short.
   * @throws {SessionError} `store-locked`.
   * @throws {StoreError} If a record cannot be read.
   */
  backup(passphrase: string): Promise<Uint8Array>;
  /**
   * Reads a backup back from where it was put, checks every share in it, and notes that there is one.
   *
   * @throws {InputError} `passphrase` or `backup`.
   * @throws {StoreError}
   */
  confirmBackup(backup: Uint8Array, passphrase: string): Promise<void>;
  /** Which keys are in a backup that was read back, and which are in none. @throws {StoreError} */
  backupState(): Promise<BackupState>;
  /** Takes no new sessions, waits at most 15 s for those under way, and stops. */
  drain(): Promise<void>;
  /** Ends every session with `shutdown`, closes everything, and resolves when nothing is left. */
  stop(): Promise<void>;
}
