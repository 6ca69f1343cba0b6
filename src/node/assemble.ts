/**
 * A peer: everything put together and started.
 * @module
 */
import { backupState, confirmBackup, makeBackup } from "./backups.ts";
import { Admission } from "../cluster/roster/admission.ts";
import { Bans } from "../cluster/keys/bans.ts";
import { CommandServer } from "../cluster/commands/command_server.ts";
import { ReplayGuard } from "../cluster/commands/replay_guard.ts";
import { checkApproval, Consents } from "../cluster/commands/consent.ts";
import { type Context, has } from "../cluster/context.ts";
import { Coordinator } from "../cluster/commands/coordinator.ts";
import { Dialler } from "../cluster/links/dialler.ts";
import { evidenceFetcher } from "../cluster/links/evidence_fetch.ts";
import { EvidenceStore } from "../cluster/links/evidence_store.ts";
import { Frozen, type Quarantine } from "../cluster/keys/frozen.ts";
import { eraseGivenUp, giveUp } from "../cluster/keys/give_up.ts";
import { Gossip } from "../cluster/links/gossip.ts";
import { handle } from "../cluster/commands/handle.ts";
import { History } from "../cluster/rollback/history.ts";
import { Initiator } from "../cluster/commands/initiator.ts";
import { Keys } from "../cluster/keys/keys.ts";
import { SessionStreams } from "../cluster/links/session_streams.ts";
import { LinkKeys } from "../cluster/links/link_keys.ts";
import { Invitation } from "../cluster/commands/invitation.ts";
import { Member } from "../cluster/commands/member.ts";
import type { OfMembers } from "../cluster/records/of_members.ts";
import { readiness } from "../cluster/commands/party.ts";
import { verifyRoster } from "../cluster/roster/roster.ts";
import { RosterArchive } from "../cluster/roster/roster_archive.ts";
import { RosterStore } from "../cluster/roster/roster_store.ts";
import { RosterSigner } from "../cluster/roster/roster_signer.ts";
import { Sessions } from "../cluster/commands/session_runner.ts";
import { Sync } from "../cluster/keys/sync.ts";
import { EventLog } from "../cluster/events/event_log.ts";
import { ToldQuarantines } from "../cluster/keys/told_quarantines.ts";
import type { Fault, Lagged, NodeEvent } from "../events.ts";
import { InputError, SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { fourWords } from "../identity/four_words.ts";
import { heldIdentity } from "../identity/held_identity.ts";
import { keptCertificate } from "./tls_certificate.ts";
import { defaultLimits, drainMs, type Limits } from "../limits.ts";
import type { AssembleOptions } from "./options.ts";
import type { Network } from "../ports.ts";
import type { QuorateNode } from "./api.ts";
import { requests } from "./requests.ts";
import type { Rows } from "../keystore/key_rows.ts";
import { openDataKey, sealedRecords } from "../store/sealed.ts";
import { guardedVault } from "../worker/guarded.ts";
import { lockOf } from "../worker/lockable.ts";

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
  const holds = options.roster.peers.some(({ peer, rights }) =>
    peer === identity.peer && rights.includes("holder")
  );
  const approval = checkApproval(holds ? options.approve : options.approve ?? "roster");
  await store.claim?.();
  const dataKey = await openDataKey(store, identity.secrets(), random);
  const rows: Rows = sealedRecords(store, dataKey, random);
  const book = await RosterStore.open(rows, identity, options.roster, options.keepRoster);
  const pen = options.admin ? new RosterSigner(book, options.admin) : null;
  const boot = random(8);
  const teller = new EventLog({ peer: identity.peer, boot: boot.toHex(), clock });
  const stopping = new AbortController();
  const bans = await Bans.open({ rows, clock, self: identity.peer, stopping: stopping.signal });
  const frozen = await Frozen.open(rows);
  const archive: RosterArchive = await RosterArchive.open({
    rows,
    identity,
    needed: (hash) => keys.needsRoster(hash),
  });
  const pastRoster = (hash: Uint8Array) => archive.find(hash);
  const { cluster } = book.current;
  const keys: Keys = await Keys.open({ teller, identity, clock, rows, frozen, cluster, pastRoster });
  await archive.add(book.current);
  const history = await History.open(
    { rows, clock, identity, boot, book, keys, teller, stopping: stopping.signal },
    (peer) => void parts?.sync.history(peer),
  );
  const seen = await ReplayGuard.open(rows, () => clock.now(), () => clock.monotonic());

  // The transport calls back before the parts that answer exist: until then it has nothing to tell, and
  // whoever is connected by then is met afterwards.
  const here = new Set<PeerId>();
  let parts:
    | { dialler: Dialler; links: LinkKeys; lines: SessionStreams; sync: Sync; admission: Admission | null }
    | null = null;
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
    parts?.lines.disconnected(peer);
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
    vault: guardedVault(options.vault),
    teller,
    roster: () => book.current,
    member: (peer) => book.peer(peer),
    stopping: stopping.signal,
    ...(options.wrapWire ? { wrapWire: options.wrapWire } : {}),
  };
  let draining = false;
  const ownQuarantines = (): Quarantine[] =>
    frozen.quarantines().flatMap((one) => {
      const of = keys.withId(one.key);
      return of ? [{ wallet: of.wallet, curve: of.curve, by: identity.peer, ...one }] : [];
    });
  const toldQuarantines = new ToldQuarantines();
  const links = new LinkKeys(context, boot, history);
  const lines = new SessionStreams(context, links);
  const broken = (peers: readonly PeerId[]) => peers.forEach((peer) => links.renew(peer));
  const evidence = new EvidenceStore();
  const confirmed: Initiator["confirmed"] = (...key) => initiator.confirmed(...key);
  const sessions = new Sessions({ context, keys, bans, frozen, lines, seen, evidence, broken, confirmed });
  const gossip = new Gossip({
    context,
    links,
    history,
    otherRoster: (peer) => void parts?.sync.roster(peer),
    newKeys: (peer, sessions) => {
      if (!sessions.every((session) => keys.certain(session))) void parts?.sync.keys(peer);
    },
    withoutShare: (peer) => void parts?.sync.keys(peer),
    newBan: (peer) => void parts?.sync.bans(peer),
    quarantine(event) {
      toldQuarantines.heard(event);
      void parts?.sync.quarantines(event.peer); // what was told before may be said again by anybody
    },
  });
  const sync = new Sync({
    context,
    book,
    archive,
    keys,
    bans,
    quarantines: { own: ownQuarantines, take: (by, all) => toldQuarantines.take(by, all) },
    evidence,
    history,
    presence: gossip,
    running: (session) => sessions.running(session),
  });
  const consents = new Consents({ clock, self: identity.peer, approval, stopping: stopping.signal });
  const common = {
    context,
    keys,
    bans,
    frozen,
    links,
    lines,
    seen,
    history,
    sessions,
    draining: () => draining,
  };
  const invitation = new Invitation({ ...common, sync, consents });
  new Member({ context, lines, sessions, invitation });
  const coordinator = new Coordinator({ ...common, invitation });
  const initiator = new Initiator({ context, coordinator, keys, consents });
  new CommandServer({ context, coordinator });
  const { known, generateKey, sign } = requests({ context, keys, bans, frozen, initiator });
  const admission = pen && new Admission({ context, book, pen, admit: options.admit ?? null, fourWords });
  const dialler = new Dialler(context);
  parts = { dialler, links, lines, sync, admission };
  book.onChange((roster) => void archive.add(roster));
  const ofMembers: readonly OfMembers[] = [bans, toldQuarantines, gossip, links];
  const keepMembers = () =>
    ofMembers.forEach((part) => part.keepOnly((peer) => book.peer(peer) !== undefined));
  keepMembers();
  book.onChange(keepMembers);
  book.onWritten(({ version, why }) =>
    teller.tell({
      type: "roster-file",
      version,
      ...(why === null ? { state: "written" } : { state: "unwritten", why }),
    })
  );
  book.onConflict((conflict) => teller.tell({ type: "roster-conflict", ...conflict }));
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

  /** @throws {InputError} `admin` */
  function atTheDoor(): Admission {
    if (admission) return admission;
    throw new InputError("admin", "expected the cluster's admin key at this node, found none");
  }

  const lockable = lockOf(options.vault);
  const kept = { identity, rows, clock, passphrases: options.passphrases };
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
          locked: gossip.presence(entry.peer)?.locked ?? false,
          rolledBack: history.rollbacks.back(entry.peer),
        }]),
      );
    },
    keys: () => Promise.resolve(keys.all()),
    readiness(name) {
      const { members, threshold, session, held } = known(name);
      const connected = new Set(network.connected());
      // A node that holds no share has no links: for it, whoever is connected is ready.
      const holder = has(context, identity.peer, "holder");
      const linked = (peer: PeerId) => holder ? links.has(peer) : connected.has(peer);
      const locked = (peer: PeerId) =>
        (peer === identity.peer ? options.vault.locked : gossip.presence(peer)?.locked) ?? false;
      const banned = bans.of(session);
      const quarantined = frozen.quarantined(session);
      const lacking = new Set(keys.lacking(session));
      if (!held) lacking.add(identity.peer);
      const apart = { banned, quarantined };
      return Promise.resolve(
        readiness({ self: identity.peer, lacking, linked, locked, members, threshold, ...apart }),
      );
    },
    generateKey,
    sign,
    bans: () => bans.all(),
    get rolledBack() {
      return history.restoration.state;
    },
    confirmRestored: () => history.restoration.confirm(),
    quarantines: () => [...ownQuarantines(), ...toldQuarantines.all()],
    interrupt() {
      const reason = new SessionError("suspended");
      coordinator.interrupt(reason);
      sessions.interrupt(reason);
    },
    async unfreeze(name, { peer } = {}) {
      const key = known(name);
      if (peer !== undefined) {
        if (!frozen.has(key.session, peer)) {
          throw new InputError("peer", `expected a quarantined one, found ${peer}`);
        }
        await frozen.unfreeze(key.session, peer);
        return teller.quarantine(key, key.session, peer, "released");
      }
      if (key.state !== "frozen") {
        throw new InputError("wallet", `expected a frozen key, found it ${key.state}`);
      }
      await frozen.unfreeze(key.session);
      teller.key(key, key.session, "active");
    },
    givenUp: () => Promise.resolve(keys.givenUp()),
    giveUp: (key) => giveUp(keys, key),
    eraseGivenUp: (session) => eraseGivenUp(keys, session),
    session(id) {
      const mine = initiator.handle(id);
      if (mine) return mine;
      const story = teller.storyWithId(id);
      return story && handle(id, story, outcomeOf(story.feed.past()), () => {});
    },
    events: ({ replay = 0 } = {}) => teller.events(replay),
    evidence: evidenceFetcher({
      own: evidence,
      fetched: new EvidenceStore(),
      ask: (peer, hash) => peer === identity.peer ? Promise.resolve(null) : sync.evidence(peer, hash),
    }),
    errors: ({ replay = 0 } = {}) => teller.faults(replay) as ReadableStream<Fault | Lagged>,
    invite: (invitation) => atTheDoor().invite(invitation),
    invites: () => admission?.invites() ?? [],
    revoke: (id) => atTheDoor().revoke(id),
    joining: () => admission?.joining() ?? [],
    // deno-lint-ignore require-await -- so that whatever goes wrong in here is a rejection
    admit: async (peer) => atTheDoor().admit(peer),
    reject: (peer) => atTheDoor().reject(peer),
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
