/**
 * The records of a node, opened: its roster, keys and bans, and what it remembers of its own starts and of
 * other stores.
 * @module
 */
import { Outcomes } from "../../cluster/commands/outcome/outcomes.ts";
import { ReplayGuard } from "../../cluster/commands/replay_guard.ts";
import { EventLog } from "../../cluster/events/event_log.ts";
import { Bans } from "../../cluster/keys/bans.ts";
import { FailedResharings } from "../../cluster/keys/epochs/failed_resharings.ts";
import { Frozen, type Quarantine } from "../../cluster/keys/frozen.ts";
import { Keys } from "../../cluster/keys/keys.ts";
import { StoreHistory } from "../../cluster/rollback/store_history.ts";
import { RosterArchive } from "../../cluster/roster/roster_archive.ts";
import { RosterSigner } from "../../cluster/roster/roster_signer.ts";
import { RosterStore } from "../../cluster/roster/roster_store.ts";
import type { PeerId } from "../../failure.ts";
import type { HeldIdentity } from "../../identity/held_identity.ts";
import { defaultLimits, idsKeptTimes } from "../../limits.ts";
import { openDataKey, type SealedRecords, sealedRecords } from "../../store/sealed.ts";
import type { AssembleOptions } from "../options.ts";

/** Everything that a node has before it is on the network. */
export interface NodeRecords {
  readonly rows: SealedRecords;
  /** The key that seals the rows, 32 bytes. */
  readonly dataKey: Uint8Array;
  /** The number of this start, 8 random bytes. */
  readonly boot: Uint8Array;
  readonly eventLog: EventLog;
  readonly rosterStore: RosterStore;
  /** Null where the admin key is not. */
  readonly rosterSigner: RosterSigner | null;
  readonly archive: RosterArchive;
  readonly keys: Keys;
  readonly bans: Bans;
  readonly frozen: Frozen;
  readonly failedResharings: FailedResharings;
  readonly storeHistory: StoreHistory;
  readonly replayGuard: ReplayGuard;
  readonly outcomes: Outcomes;
}

/** The options of opening the records. */
export interface RecordsOptions {
  /** Aborted when the node stops. */
  readonly stopping: AbortSignal;
  /**
   * Called with a peer whose store has gone back: that peer should learn of it. Never called before the node
   * runs.
   */
  rolledBack(peer: PeerId): void;
}

/**
 * Claims the store and opens everything in it.
 *
 * @throws {InputError} For a store that another node uses or that is another peer's; for a roster that does
 * not fit it.
 * @throws {StoreError} If the store cannot be read.
 */
export async function openRecords(
  identity: HeldIdentity,
  options: Omit<AssembleOptions, "identity">,
  { stopping, rolledBack: wentBack }: RecordsOptions,
): Promise<NodeRecords> {
  const { store, clock, random } = options;
  await store.claim?.();
  const dataKey = await openDataKey(store, identity.secrets(), random);
  const rows = sealedRecords(store, dataKey, random);
  const rosterStore = await RosterStore.open(rows, identity, options.roster, options.keepRoster);
  const rosterSigner = options.admin ? new RosterSigner(rosterStore, options.admin) : null;
  const boot = random(8);
  const eventLog = new EventLog({ peer: identity.peer, boot: boot.toHex(), clock });
  const bans = await Bans.open({ rows, clock, self: identity.peer, stopping });
  const frozen = await Frozen.open(rows);
  const failedResharings = await FailedResharings.open(rows);
  const archive: RosterArchive = await RosterArchive.open({
    rows,
    identity,
    needed: (hash) => keys.needsRoster(hash),
  });
  const pastRoster = (hash: Uint8Array) => archive.find(hash);
  const { cluster } = rosterStore.current;
  const keys: Keys = await Keys.open({
    eventLog,
    identity,
    clock,
    rows,
    frozen,
    cluster,
    pastRoster,
    bannedFor: (keyId) => bans.of(keyId),
    isPaused: (keyId) => failedResharings.isPaused(keyId, clock.now()),
  });
  await archive.add(rosterStore.current);
  const storeHistory = await StoreHistory.open(
    { rows, clock, identity, boot, rosterStore, keys: keys.rows, eventLog, stopping },
    wentBack,
  );
  const { outcomesMs, outcomesBytes } = { ...defaultLimits, ...options.limits };
  const outcomes = await Outcomes.open(rows, { clock, keptMs: outcomesMs, maxBytes: outcomesBytes });
  const replayGuard = await ReplayGuard.open(rows, {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    outcomesMs,
    idsMs: idsKeptTimes * outcomesMs,
    forgotten: (buckets) => outcomes.forget(buckets),
  });
  return {
    rows,
    dataKey,
    boot,
    eventLog,
    rosterStore,
    rosterSigner,
    archive,
    keys,
    bans,
    frozen,
    failedResharings,
    storeHistory,
    replayGuard,
    outcomes,
  };
}

/** The quarantined pairs of this node itself, each with the name of its key. */
export function ownQuarantines({ frozen, keys }: NodeRecords, self: PeerId): Quarantine[] {
  return frozen.quarantines().flatMap((one) => {
    const key = keys.withId(one.keyId);
    return key ? [{ wallet: key.wallet, scheme: key.scheme, by: self, ...one }] : [];
  });
}
