/**
 * A peer: everything put together and started.
 * @module
 */
import { type Approve, Member } from "./cluster/member.ts";
import {
  checkKeyName,
  checkPeers,
  checkThreshold,
  type KeyName,
  type KeyRequest,
  type SignRequest,
} from "./cluster/command.ts";
import { CommandsSeen } from "./cluster/commands_seen.ts";
import type { Context, WireFacts } from "./cluster/context.ts";
import { has } from "./cluster/context.ts";
import { Coordinator } from "./cluster/coordinator.ts";
import { Dialler } from "./cluster/dial.ts";
import { Gossip } from "./cluster/gossip.ts";
import { type Ban, Bans } from "./cluster/bans.ts";
import { Frozen } from "./cluster/frozen.ts";
import { asKey, asSignature, handle, Initiator, type Session } from "./cluster/initiator.ts";
import { askedOf, type Signature, signingKey } from "./cluster/signing.ts";
import { Admission, type Admit, type JoinRequest } from "./cluster/admission.ts";
import type { InviteOptions, OpenInvite } from "./cluster/invites.ts";
import type { Invitation } from "./cluster/join.ts";
import { type GroupKey, Keys } from "./cluster/keys.ts";
import { Lines } from "./cluster/lines.ts";
import { Links } from "./cluster/link.ts";
import { type Readiness, readiness } from "./cluster/party.ts";
import { type Right, type Roster, verifyRoster } from "./cluster/roster.ts";
import { RosterBook } from "./cluster/roster_book.ts";
import { RosterPen } from "./cluster/roster_pen.ts";
import { Sessions } from "./cluster/sessions.ts";
import { Sync } from "./cluster/sync.ts";
import { Teller } from "./cluster/telling.ts";
import { verifySignature } from "./crypto/verify.ts";
import type { Carrier, Fault, Lagged, NodeEvent, Reservation } from "./events.ts";
import { InputError, type PeerId, SessionError } from "./failure.ts";
import { fingerprint } from "./identity/fingerprint.ts";
import { defaultLimits, drainMs, type Limits } from "./limits.ts";
import type {
  Clock,
  Identity,
  IdentitySecrets,
  Network,
  Random,
  Store,
  Transport,
  Vault,
  Wire,
} from "./ports.ts";
import type { Rows } from "./session/commit.ts";
import { type BackupState, backupState, confirmBackup, makeBackup } from "./backups.ts";
import { heldIdentity } from "./identity/held_identity.ts";
import { keptCertificate } from "./kept_certificate.ts";
import { platformClock, platformRandom } from "./platform.ts";
import { openDataKey, sealedRecords } from "./store/sealed.ts";
import { lockableVault, lockOf } from "./vault/lockable.ts";
import { workerVault } from "./vault/worker_vault.ts";

/** What a peer is made of. */
export interface NodeOptions {
  /** Two keys, one object: who I am, and what opens my records. Keep no reference to it, if the node is to be locked. */
  identity: Identity;
  /** Signed by the cluster's admin key; older than the one on disk is refused. */
  roster: Roster;
  /** Where its records are. */
  store: Store;
  /** How it reaches the others. */
  transport: Transport;
  /** Asked before this node signs for someone else. Default: what the roster allows. */
  approve?: Approve;
  /** Times in ms, counts. */
  limits?: Partial<Limits>;
  /** Keeps a newer roster where `roster` was read from, before it takes force: an older one is refused at the next start. */
  keepRoster?: (roster: Roster) => Promise<void>;
  /** Starts the worker in which shares are opened; default: out of the file of this package. A bundle has its own. */
  startWorker?: () => Worker;
  /** The cluster's admin key, at the one peer that holds it: it can invite and remove. */
  admin?: Pick<Identity, "peer" | "sign">;
  /** Asks a person about whoever wants to join. Default: they wait for {@linkcode QuorateNode.admit}. */
  admit?: Admit;
}

/** What only tests, simulations and the demonstration decide. */
export interface AssembleOptions extends NodeOptions {
  clock: Clock;
  random: Random;
  vault: Vault;
  /** Stands between a session and its peers, above signing and sealing. */
  wrapWire?(wire: Wire, about: WireFacts): Wire;
}

/** For what can be called off. */
export interface AbortOptions {
  /** Calls it off. */
  signal?: AbortSignal;
}

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
  /** The keys this node holds a share of or has seen the certificate of. */
  keys(): Promise<GroupKey[]>;
  /** Whether enough holders are ready, before anyone is asked. @throws {InputError} `wallet` */
  readiness(key: KeyName): Promise<Readiness>;
  /** One curve: one command, one session, one outcome. @throws {InputError} */
  generateKey(request: KeyRequest, options?: AbortOptions): Session<GroupKey>;
  /** The signal cancels the session. @throws {InputError} */
  sign(request: SignRequest, options?: AbortOptions): Session<Signature>;
  /** The pairs that must not use a key together any more: this node's own, and those of others as they tell. */
  bans(): readonly Ban[];
  /**
   * Lets a key that is frozen after failed signatures be used again at this node.
   *
   * @throws {InputError} `wallet`, if it is not frozen.
   * @throws {StoreError} If that could not be written.
   */
  thaw(key: KeyName): Promise<void>;
  /** A session that is known here, also one that others began. */
  session(id: string): Session | undefined;
  /** Everything this node tells and hears. Any number of readers; ends when the node stops. */
  events(options?: { replay?: number }): ReadableStream<NodeEvent>;
  /** Only what is wrong, links included. */
  errors(options?: { replay?: number }): ReadableStream<Fault | Lagged>;
  /** Opens an invitation. It ends with this process. @throws {InputError} `admin`, where the admin key is not. */
  invite(options: InviteOptions): Invitation;
  /** The invitations that are open, without their tokens. */
  invites(): readonly OpenInvite[];
  /** Closes an invitation, and turns away who waits with it. @throws {InputError} `id`, `admin` */
  revoke(id: string): void;
  /** Who waits at the door for a person's word, in the order in which they came. */
  joining(): readonly JoinRequest[];
  /** Lets in one of them. Resolves when it is in the roster. @throws {InputError} `peer`, `peers`, `admin` */
  admit(peer: PeerId): Promise<void>;
  /** Refuses one of them; its use of the invitation is free again. @throws {InputError} `peer`, `admin` */
  turnAway(peer: PeerId): void;
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
   * a second. Not a backup before {@linkcode confirmBackup} has read it back.
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

/** Puts a node together and starts it: opens the store, reconciles, listens. @throws {InputError} */
export async function assembleNode(
  { identity: given, ...options }: AssembleOptions,
): Promise<QuorateNode & { readonly network: Network }> {
  const identity = heldIdentity(given);
  const { store, clock, random } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  if (!options.roster.peers.some(({ peer }) => peer === identity.peer)) {
    throw new InputError("roster.peers", `expected this node, ${identity.peer}, to be one of them`);
  }
  if (!await verifyRoster(identity, options.roster)) {
    throw new InputError(
      "roster.signature",
      "expected the cluster's admin key to have signed it, found another signature",
    );
  }
  const dataKey = await openDataKey(store, identity.secrets(), random);
  const rows: Rows = sealedRecords(store, dataKey, random);
  const book = await RosterBook.open(rows, identity, options.roster, options.keepRoster);
  const pen = options.admin ? new RosterPen(book, options.admin) : null;
  const boot = random(8);
  const teller = new Teller({ peer: identity.peer, boot: boot.toHex(), clock });
  const stopping = new AbortController();
  const bans = await Bans.open({ rows, clock, self: identity.peer, stopping: stopping.signal });
  const frozen = await Frozen.open(rows);
  const keys = await Keys.open({ teller, identity, rows, frozen, member: (peer) => book.peer(peer) });
  const seen = await CommandsSeen.open(rows, () => clock.now());

  // The transport calls back before the parts that answer exist: until then it has nothing to tell, and
  // whoever is connected by then is met afterwards.
  const here = new Set<PeerId>();
  let parts: { dialler: Dialler; links: Links; sync: Sync; admission: Admission | null } | null = null;
  const isIn = () => book.peer(identity.peer) !== undefined;
  function came(peer: PeerId): void {
    if (!parts || here.has(peer) || !book.peer(peer)) return;
    here.add(peer);
    teller.tell({ type: "peer", other: peer, state: "here" });
    parts.dialler.connected(peer);
    parts.links.connected(peer);
    void parts.sync.meet(peer);
  }
  function went(peer: PeerId): void {
    if (here.delete(peer)) teller.tell({ type: "peer", other: peer, state: "gone" });
    parts?.links.disconnected(peer);
    parts?.dialler.disconnected(peer);
  }
  const carriers = new Map<PeerId, string>();
  function changed(peer: PeerId): void {
    if (!parts) return;
    const carrier = network.carrier(peer);
    const now = JSON.stringify(carrier);
    if (now !== (carriers.get(peer) ?? "null")) {
      if (carrier) carriers.set(peer, now);
      else carriers.delete(peer);
      if (book.peer(peer)) teller.tell({ type: "carrier", other: peer, carrier });
    }
    parts.dialler.changed(peer);
  }
  const network = await options.transport.start({
    identity,
    admits: (peer) => isIn() && book.peer(peer) !== undefined,
    strangers: () => parts?.admission?.strangers() ?? 0,
    waits: (peer) => parts?.admission?.waits(peer) ?? false,
    certificate: keptCertificate(rows, (change) => teller.tell({ type: "certificate", ...change })),
    connected: came,
    disconnected: went,
    changed,
    reservation: (reservation) => {
      teller.tell({ type: "reservation", ...reservation });
      parts?.dialler.look();
    },
    dropped: (code, via) => teller.warn(code, via),
  });
  const context: Context = {
    identity,
    clock,
    random,
    limits,
    network,
    rows,
    vault: options.vault,
    teller,
    roster: () => book.current,
    member: (peer) => book.peer(peer),
    stopping: stopping.signal,
    ...(options.wrapWire ? { wrapWire: options.wrapWire } : {}),
  };
  let draining = false;
  const links = new Links(context, boot);
  const lines = new Lines(context, links);
  const broken = (peers: readonly PeerId[]) => peers.forEach((peer) => links.renew(peer));
  const sessions = new Sessions({ context, keys, bans, frozen, lines, seen, broken });
  const gossip = new Gossip({
    context,
    links,
    otherRoster: (peer) => void parts?.sync.roster(peer),
    newKey: (peer) => void parts?.sync.keys(peer),
    newBan: (peer) => void parts?.sync.bans(peer),
  });
  const sync = new Sync({
    context,
    book,
    keys,
    bans,
    presence: gossip,
    running: (session) => sessions.running(session),
  });
  const common = { context, keys, bans, frozen, links, lines, seen, sessions, draining: () => draining };
  const member = new Member({ ...common, sync, approve: options.approve ?? null });
  const coordinator = new Coordinator({ ...common, member });
  const initiator = new Initiator({ context, coordinator, keys });
  const admission = pen && new Admission({ context, book, pen, admit: options.admit ?? null, fingerprint });
  const dialler = new Dialler(context);
  parts = { dialler, links, sync, admission };
  book.onChange(({ version }, before) => {
    teller.tell({ type: "roster", version, ...(isIn() ? {} : { removed: true as const }) });
    dialler.look();
    for (const peer of network.connected()) {
      if (book.peer(peer) && isIn()) {
        came(peer);
        changed(peer);
        void sync.roster(peer);
      } else if (before.peers.some((known) => known.peer === peer)) void part(peer);
    }
  });
  for (const peer of network.connected()) {
    came(peer);
    changed(peer);
  }

  /** Hangs up on a peer: this node or that one is no longer in the roster. */
  async function part(peer: PeerId): Promise<void> {
    if (isIn()) await sync.farewell(peer);
    if (!isIn() || !book.peer(peer)) await network.disconnect(peer);
  }

  /** Who is to coordinate a command for `peers`: this node, if it is one of them. @throws {InputError} */
  function coordinatorOf(peers: readonly PeerId[], field: string): PeerId {
    if (peers.includes(identity.peer)) return identity.peer;
    const connected = new Set(network.connected());
    const first = peers.find((peer) => connected.has(peer)) ?? peers[0];
    if (first === undefined) throw new InputError(field, "expected at least two, found none");
    return first;
  }

  /** The members of a key, without this node if it has banned too many of them to sign. */
  function mayCoordinate({ members, session, threshold }: GroupKey): readonly PeerId[] {
    const { length: banned } = bans.of(session);
    if (members.length - banned >= threshold) return members;
    return members.filter((peer) => peer !== identity.peer);
  }

  /** @throws {InputError} `admin` */
  function atTheDoor(): Admission {
    if (admission) return admission;
    throw new InputError("admin", "expected the cluster's admin key at this node, found none");
  }

  function mayAsk(): void {
    if (!isIn()) {
      const { version } = book.current;
      throw new InputError(
        "identity",
        `expected a peer of the roster, found that version ${version} is without it`,
      );
    }
    if (!has(context, identity.peer, "initiator")) {
      throw new InputError("identity", "expected the right “initiator” in the roster, found none");
    }
    if (stopping.signal.aborted) throw new InputError("node", "expected a running node, found a stopped one");
  }

  function known(name: KeyName): GroupKey {
    checkKeyName(name);
    const key = keys.find(name);
    if (!key) {
      throw new InputError("wallet", `expected one with a key on ${name.curve}, found “${name.wallet}”`);
    }
    return key;
  }

  const lockable = lockOf(options.vault);
  const kept = { identity, rows, clock };
  let stopped: Promise<void> | null = null;
  async function stop(): Promise<void> {
    draining = true;
    coordinator.interrupt(new SessionError("shutdown"));
    await sessions.stop();
    stopping.abort();
    gossip.stop();
    dialler.stop();
    links.stop();
    lines.stop();
    await network.stop();
    teller.close();
    await options.vault.close();
    await store.close();
    dataKey.fill(0);
    identity.forget();
  }

  const node: QuorateNode & { readonly network: Network } = {
    self: identity.peer,
    network,
    get addresses() {
      return network.addresses();
    },
    get reservations() {
      return network.reservations();
    },
    get roster() {
      return book.current;
    },
    get peers() {
      const connected = new Set(network.connected());
      return new Map(
        book.current.peers.filter(({ peer }) => peer !== identity.peer).map((entry) => [entry.peer, {
          name: entry.name,
          rights: entry.rights,
          addresses: entry.addresses,
          connected: connected.has(entry.peer),
          link: links.state(entry.peer),
          carrier: network.carrier(entry.peer),
          latencyMs: network.latency(entry.peer),
          links: gossip.presence(entry.peer)?.links ?? [],
        }]),
      );
    },
    keys: () => Promise.resolve(keys.all()),
    readiness(name) {
      const { members, threshold, session } = known(name);
      const connected = new Set(network.connected());
      // A node that holds no share has no links: for it, whoever is connected is ready.
      const holder = has(context, identity.peer, "holder");
      const linked = (peer: PeerId) => holder ? links.current(peer) !== null : connected.has(peer);
      const banned = bans.of(session);
      return Promise.resolve(readiness({ self: identity.peer, linked, members, threshold, banned }));
    },
    generateKey(request, { signal } = {}) {
      mayAsk();
      checkKeyName(request);
      const holders = book.current.peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) =>
        peer
      );
      const members = checkPeers("members", request.members ?? holders, book.current);
      checkThreshold(request.threshold, members.length);
      if (keys.find(request)) {
        throw new InputError(
          "wallet",
          `expected a new name, found “${request.wallet}”, which has a key on ${request.curve}`,
        );
      }
      const { wallet, curve, threshold } = request;
      const coordinator = coordinatorOf(members, "members");
      const nothing = { signers: [], message: new Uint8Array(), digest: new Uint8Array(), path: [] };
      const wanted = { wallet, curve, threshold, members, coordinator, ...nothing };
      return initiator.begin({ kind: "generate", hash: "none", ...wanted }, asKey, signal);
    },
    sign(request, { signal } = {}) {
      mayAsk();
      const { wallet, curve } = request;
      const key = known(request);
      if (key.state === "pending") {
        throw new InputError("wallet", "expected an active key, found a pending one");
      }
      const asked = askedOf(curve, request);
      signingKey(key, asked.path); // a path without a child is refused here
      const signers = request.signers ? checkPeers("signers", request.signers, book.current) : [];
      if (request.signers && signers.length !== key.threshold) {
        throw new InputError("signers", `expected ${key.threshold}, found ${signers.length}`);
      }
      const strange = signers.find((peer) => !key.members.includes(peer));
      if (strange) throw new InputError("signers", `expected members of “${wallet}”, found ${strange}`);
      const coordinator = coordinatorOf(request.signers ? signers : mayCoordinate(key), "signers");
      const wanted = { wallet, curve, threshold: 0, members: [], signers, coordinator, ...asked };
      return initiator.begin({ kind: "sign", ...wanted }, asSignature(key, wanted), signal);
    },
    bans: () => bans.all(),
    interrupt() {
      const reason = new SessionError("suspended");
      coordinator.interrupt(reason);
      sessions.interrupt(reason);
    },
    async thaw(name) {
      const key = known(name);
      if (key.state !== "frozen") {
        throw new InputError("wallet", `expected a frozen key, found it ${key.state}`);
      }
      await frozen.thaw(key.session);
      teller.key(key, key.session, "active");
    },
    session(id) {
      const mine = initiator.handle(id);
      if (mine) return mine;
      const story = teller.storyOf(id);
      return story && handle(id, story, outcomeOf(story.feed.past()), () => {});
    },
    events: ({ replay = 0 } = {}) => teller.events(replay),
    errors: ({ replay = 0 } = {}) => teller.faults(replay) as ReadableStream<Fault | Lagged>,
    invite: (invitation) => atTheDoor().invite(invitation),
    invites: () => admission?.invites() ?? [],
    revoke: (id) => atTheDoor().revoke(id),
    joining: () => admission?.joining() ?? [],
    // deno-lint-ignore require-await -- so that whatever goes wrong in here is a rejection
    admit: async (peer) => atTheDoor().admit(peer),
    turnAway: (peer) => atTheDoor().turnAway(peer),
    async remove(peer) {
      atTheDoor();
      await pen!.change((peers) => {
        const rest = peers.filter((known) => known.peer !== peer);
        if (rest.length === peers.length) {
          throw new InputError("peer", `expected a peer of the roster, found ${peer}`);
        }
        return rest;
      });
    },
    get locked() {
      return options.vault.locked ?? false;
    },
    async lock() {
      if (!lockable) throw new InputError("vault", "expected one that can be locked, found another");
      if (lockable.locked) return;
      const closing = lockable.lock();
      identity.forget();
      const reason = new SessionError("store-locked");
      coordinator.interrupt(reason);
      sessions.interrupt(reason);
      teller.tell({ type: "locked", locked: true });
      await closing;
    },
    unlock(secrets) {
      if (stopping.signal.aborted || draining) {
        throw new InputError("node", "expected a running node, found a stopped one");
      }
      identity.remember(secrets);
      if (!lockable?.locked) return;
      lockable.unlock(secrets);
      teller.tell({ type: "locked", locked: false });
    },
    backup: (passphrase) => makeBackup({ ...kept, roster: book.current }, passphrase),
    confirmBackup: (backup, passphrase) => confirmBackup(kept, backup, passphrase),
    backupState: () => backupState(rows),
    async drain() {
      draining = true;
      await sessions.idle(drainMs);
      await node.stop();
    },
    stop: () => stopped ??= stop(),
    [Symbol.asyncDispose]: () => node.stop(),
  };
  return node;
}

/** What is known here of a session that others began: whether it ended well, not what it gave. */
function outcomeOf(past: readonly { type: string }[]): Promise<unknown> {
  const end = past.at(-1);
  if (end?.type !== "failed") return Promise.resolve(null);
  const { code, culprits, missing, claims } = end as NodeEvent & { type: "failed" };
  return Promise.reject(new SessionError(code, { culprits, missing, claims }));
}

/**
 * Starts a peer: opens its store, takes the newer of the two rosters, reconciles what was pending, connects.
 *
 * Shares are opened in a worker, and stay there.
 *
 * @throws {InputError} For a roster with a wrong signature, of another cluster, older than the one on disk, or without
 * this peer; for a store of another identity; for an address that cannot be listened on.
 * @throws {StoreError} If the store cannot be read.
 */
export function createNode(options: NodeOptions): Promise<QuorateNode> {
  const { identity: { peer, secrets }, roster } = options;
  const holds = roster.peers.some((entry) => entry.peer === peer && entry.rights.includes("holder"));
  const vault = lockableVault(secrets(), holds ? opensWorker(peer, options.startWorker) : noVault);
  return assembleNode({ ...options, clock: platformClock, random: platformRandom, vault }).catch(
    async (error) => {
      await vault.close();
      throw error;
    },
  );
}

/** Apart, so that what it keeps is the name of the peer and nothing else of its caller. */
const opensWorker = (peer: PeerId, spawn?: () => Worker) => (secrets: Pick<IdentitySecrets, "storageKey">) =>
  workerVault(secrets, peer, spawn ? { spawn } : {});

/** Where a peer keeps shares that is never given any. */
export function noVault(): Vault {
  return {
    rounds: () => [],
    run: () => Promise.reject(new SessionError("unknown-wallet")),
    verify: ({ curve, publicKey }, message, signature) =>
      verifySignature(curve, publicKey, message, signature),
    close: () => Promise.resolve(),
  };
}
