/**
 * The running node: the API of a program, answered by the node's parts.
 * @module
 */
import { handle, type Session } from "../../cluster/commands/handle.ts";
import type { Readiness } from "../../cluster/commands/party.ts";
import type { Context } from "../../cluster/events/event_context.ts";
import type { SessionHistory } from "../../cluster/events/event_log.ts";
import { eraseGivenUp, giveUp } from "../../cluster/keys/give_up.ts";
import { unfreeze } from "../../cluster/keys/unfreeze.ts";
import type { Quarantine } from "../../cluster/keys/frozen.ts";
import { evidenceFetcher } from "../../cluster/links/evidence_fetch.ts";
import { EvidenceStore } from "../../cluster/links/evidence_store.ts";
import type { Ban } from "../../cluster/records/ban_record.ts";
import type {
  BatchRequest,
  KeyChoice,
  KeyName,
  KeyRequest,
  ReshareRequest,
  SignRequest,
} from "../../cluster/records/key_name.ts";
import type { Signature } from "../../schemes/schemes.ts";
import type { RolledBack } from "../../cluster/rollback/restoration.ts";
import type { Admission } from "../../cluster/roster/admission/admission.ts";
import type { JoinRequest } from "../../cluster/roster/admission/join_request.ts";
import type { InviteOptions, OpenInvite } from "../../cluster/roster/admission/invites.ts";
import type { Invitation } from "../../cluster/roster/admission/invitation_link.ts";
import type { Roster } from "../../cluster/roster/roster.ts";
import type { RequestOptions } from "../../cluster/commands/initiator.ts";
import type { GroupKey, UnfinishedKey } from "../../cluster/keys/group_key.ts";
import { InputError, SessionError } from "../../errors.ts";
import {
  type CommandId,
  type Done,
  type Failure,
  type Fault,
  isTerminal,
  type Lagged,
  type NodeEvent,
  type Reservation,
  type Scheme,
  type SessionId,
} from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import type { HeldIdentity } from "../../identity/held_identity.ts";
import { drainMs } from "../../limits.ts";
import type { IdentitySecrets, Network, Passphrases, Store, Vault } from "../../ports.ts";
import { type LockableVault, lockOf } from "../../worker/client.ts";
import { unlessAborted } from "../../platform/signals.ts";
import { itemsOf } from "../../platform/stream.ts";
import type { PeerStatus, QuorateNode, Waiting } from "../api.ts";
import { type BackupOf, type BackupState, backupState, confirmBackup, makeBackup } from "../backups.ts";
import type { PastOutcome } from "./past_outcome.ts";
import { type ReadyOptions, untilReady } from "./ready.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { NodeParts } from "./parts.ts";
import { isSame, keyReadiness, peerStatuses } from "./peers.ts";
import { type NodeRecords, ownQuarantines } from "./records.ts";

/** Everything that a running node answers with. */
export interface RunningNodeOptions {
  readonly identity: HeldIdentity;
  readonly store: Store;
  readonly vault: Vault;
  readonly passphrases: Passphrases | undefined;
  readonly context: Context;
  readonly records: NodeRecords;
  readonly parts: NodeParts;
  readonly lifecycle: Lifecycle;
}

export class RunningNode implements QuorateNode {
  readonly self: PeerId;
  readonly network: Network;
  readonly evidence: QuorateNode["evidence"];
  readonly #options: RunningNodeOptions;
  readonly #records: NodeRecords;
  readonly #parts: NodeParts;
  readonly #lock: LockableVault | null;
  #stopped: Promise<void> | null = null;
  #peers: ReadonlyMap<PeerId, PeerStatus> = new Map();

  constructor(options: RunningNodeOptions) {
    const { context, identity, vault, records, parts } = options;
    this.#options = options;
    this.#records = records;
    this.#parts = parts;
    this.#lock = lockOf(vault);
    this.self = identity.peer;
    this.network = context.network;
    const find = evidenceFetcher({
      own: parts.evidence,
      fetched: new EvidenceStore(),
      ask: (peer, hash) => peer === this.self ? Promise.resolve(null) : parts.sync.evidence(peer, hash),
    });
    this.evidence = (failure, { signal } = {}) => unlessAborted(signal, () => find(failure));
  }

  get addresses(): readonly string[] {
    return this.network.addresses();
  }

  get reservations(): readonly Reservation[] {
    return this.network.reservations();
  }

  get roster(): Roster {
    return this.#records.rosterStore.current;
  }

  get peers(): ReadonlyMap<PeerId, PeerStatus> {
    const now = peerStatuses(this.#options);
    if (!isSame(this.#peers, now)) this.#peers = now;
    return this.#peers;
  }

  keys(): Promise<GroupKey[]> {
    return Promise.resolve(this.#records.keys.all());
  }

  readiness(key: KeyChoice): Promise<Readiness> {
    return Promise.resolve(keyReadiness(this.#parts.requests.known(key), this.#options));
  }

  generateKey(request: KeyRequest, options?: RequestOptions): Session<GroupKey> {
    return this.#parts.requests.generateKey(request, options);
  }

  reshare(request: ReshareRequest, options?: RequestOptions): Session<GroupKey> {
    return this.#parts.requests.reshare(request, options);
  }

  sign<S extends Scheme>(request: SignRequest<S>, options?: RequestOptions): Session<Signature<S>>;
  sign<S extends Scheme>(request: BatchRequest<S>, options?: RequestOptions): Session<Signature<S>[]>;
  sign<S extends Scheme>(
    request: SignRequest<S> | BatchRequest<S>,
    options?: RequestOptions,
  ): Session<Signature<S>> | Session<Signature<S>[]> {
    const { requests } = this.#parts;
    return request.items === undefined
      ? requests.sign(request, options)
      : requests.signBatch(request, options);
  }

  outcome(id: CommandId, { signal }: Waiting = {}): Promise<PastOutcome> {
    return this.#parts.requests.outcome(id, signal);
  }

  ready(options: ReadyOptions): Promise<void> {
    return untilReady(this.#options, options);
  }

  bans(): readonly Ban[] {
    return this.#records.bans.all();
  }

  quarantines(): readonly Quarantine[] {
    return [...ownQuarantines(this.#records, this.self), ...this.#parts.reportedQuarantines.all()];
  }

  get rolledBack(): RolledBack | null {
    return this.#records.storeHistory.restoration.state;
  }

  confirmRestored(): Promise<void> {
    return this.#records.storeHistory.restoration.confirm();
  }

  async unfreeze(choice: KeyChoice, { peer }: { peer?: PeerId } = {}): Promise<void> {
    const { frozen, eventLog } = this.#records;
    const key = this.#parts.requests.known(choice);
    if (peer !== undefined) {
      if (!frozen.has(key.session, peer)) {
        throw new InputError("peer", `expected a quarantined one, found ${peer}`, { code: "wrong-state" });
      }
      await frozen.unfreeze(key.session, peer);
      return eventLog.emitQuarantine(key, key.session, peer, "released");
    }
    if (!await unfreeze(this.#records, key.session, this.#options.context.clock.now())) {
      throw new InputError("wallet", `expected a frozen key, found it ${key.state}`, { code: "wrong-state" });
    }
    if (key.state === "frozen") eventLog.emitKey(key, key.session, "active");
  }

  givenUp(): Promise<UnfinishedKey[]> {
    return Promise.resolve(this.#records.keys.rows.givenUp());
  }

  giveUp(key: KeyName | Pick<UnfinishedKey, "session">): Promise<void> {
    return giveUp(this.#records.keys, key);
  }

  eraseGivenUp(session: SessionId): Promise<void> {
    return eraseGivenUp(this.#records.keys, session);
  }

  session(id: string): Session | undefined {
    const own = this.#parts.initiator.handle(id);
    if (own) return own;
    const history = this.#records.eventLog.historyWithId(id);
    return history && handle(id, history, outcomeOf(history), () => {});
  }

  events({ replay = 0 }: { replay?: number } = {}): ReadableStream<NodeEvent> {
    return this.#records.eventLog.events(replay);
  }

  errors({ replay = 0 }: { replay?: number } = {}): ReadableStream<Fault | Lagged> {
    return this.#records.eventLog.faults(replay) as ReadableStream<Fault | Lagged>;
  }

  /** @throws {InputError} `admin` */
  #requireAdmission(): Admission {
    if (this.#parts.admission) return this.#parts.admission;
    throw new InputError("admin", "expected the cluster's admin key at this node, found none", {
      code: "not-permitted",
    });
  }

  invite(options?: InviteOptions): Invitation {
    return this.#requireAdmission().invite(options);
  }

  invites(): readonly OpenInvite[] {
    return this.#parts.admission?.invites() ?? [];
  }

  revoke(id: string): void {
    this.#requireAdmission().revoke(id);
  }

  joining(): readonly JoinRequest[] {
    return this.#parts.admission?.joining() ?? [];
  }

  async admit(peer: PeerId, { signal }: Waiting = {}): Promise<void> {
    await unlessAborted(signal, async () => await this.#requireAdmission().admit(peer));
  }

  reject(peer: PeerId): void {
    this.#requireAdmission().reject(peer);
  }

  async remove(peer: PeerId, { signal }: Waiting = {}): Promise<void> {
    const change = () =>
      this.#records.rosterSigner!.change((peers) => {
        const rest = peers.filter((known) => known.peer !== peer);
        if (rest.length === peers.length) {
          throw new InputError("peer", `expected a peer of the roster, found ${peer}`, { code: "unknown" });
        }
        return rest;
      });
    this.#requireAdmission();
    await unlessAborted(signal, change);
  }

  interrupt(): void {
    this.#endSessions(new SessionError("suspended"));
  }

  #endSessions(reason: SessionError): void {
    this.#parts.coordinator.interrupt(reason);
    this.#parts.sessions.interrupt(reason);
  }

  get locked(): boolean {
    return this.#options.vault.locked ?? false;
  }

  async lock(): Promise<void> {
    if (!this.#lock) throw new InputError("vault", "expected one that can be locked, found another");
    if (this.#lock.locked) return;
    const closing = this.#lock.lock();
    this.#options.identity.forget();
    this.#endSessions(new SessionError("store-locked"));
    this.#records.eventLog.emit({ type: "locked", locked: true });
    await closing;
  }

  unlock(secrets: IdentitySecrets): void {
    const { lifecycle, identity } = this.#options;
    if (lifecycle.stopping.aborted || lifecycle.draining) {
      throw new InputError("node", "expected a running node, found a stopped one", { code: "wrong-state" });
    }
    identity.remember(secrets);
    if (!this.#lock?.locked) return;
    this.#lock.unlock(secrets);
    this.#records.eventLog.emit({ type: "locked", locked: false });
  }

  get #backedUp(): BackupOf {
    const { identity, context: { clock }, passphrases } = this.#options;
    return { identity, rows: this.#records.rows, clock, passphrases };
  }

  backup(passphrase: string, { signal }: Waiting = {}): Promise<Uint8Array> {
    return unlessAborted(signal, () => makeBackup({ ...this.#backedUp, roster: this.roster }, passphrase));
  }

  confirmBackup(backup: Uint8Array, passphrase: string, { signal }: Waiting = {}): Promise<void> {
    return unlessAborted(signal, () => confirmBackup({ ...this.#backedUp, signal }, backup, passphrase));
  }

  backupState(): Promise<BackupState> {
    return backupState(this.#records.rows);
  }

  async drain({ signal }: Waiting = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#options.lifecycle.drain();
    await unlessAborted(signal, () => this.#parts.sessions.idle(drainMs));
    await this.stop();
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    const { lifecycle, vault, store, identity } = this.#options;
    const { coordinator, sessions, gossip, dialler, links, streams } = this.#parts;
    lifecycle.drain();
    coordinator.interrupt(new SessionError("shutdown"));
    await sessions.stop();
    await this.#records.outcomes.close();
    lifecycle.stop();
    gossip.stop();
    dialler.stop();
    links.stop();
    streams.stop();
    await this.network.stop();
    this.#records.eventLog.close();
    await vault.close();
    await store.close();
    this.#records.dataKey.fill(0);
    identity.forget();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** The outcome of a session that others began, at its end: its failure, or null, since its result is not known here. */
async function outcomeOf({ feed }: SessionHistory): Promise<null> {
  for await (const end of itemsOf(feed.stream((event): event is Done | Failure => isTerminal(event)))) {
    if (end.type === "done") return null;
    if (end.type !== "failed") continue;
    const { code, culprits, missing, claims } = end;
    throw new SessionError(code, { culprits, missing, claims });
  }
  throw new SessionError("shutdown");
}
