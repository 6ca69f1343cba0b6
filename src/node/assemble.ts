/**
 * The start of a node: its records are opened, its parts made, and its connections met.
 * @module
 */
import { checkApproval } from "../cluster/commands/consent/approval.ts";
import type { Context } from "../cluster/events/event_context.ts";
import type { OfMembers } from "../cluster/records/of_members.ts";
import { type HeldIdentity, heldIdentity } from "../identity/held_identity.ts";
import { defaultLimits } from "../limits.ts";
import type { Network } from "../ports.ts";
import { consentGate } from "../worker/consent_gate.ts";
import type { QuorateNode } from "./api.ts";
import { checkRoster } from "./check_roster.ts";
import { Connections, startNetwork } from "./assembly/connections.ts";
import { Lifecycle } from "./assembly/lifecycle.ts";
import { makeParts, type NodeParts } from "./assembly/parts.ts";
import { type NodeRecords, openRecords } from "./assembly/records.ts";
import { RunningNode } from "./assembly/running_node.ts";
import type { AssembleOptions } from "./options.ts";

/** Puts a node together and starts it: opens the store, reconciles, listens. @throws {InputError} */
export async function assembleNode(
  { identity: given, ...options }: AssembleOptions,
): Promise<QuorateNode & { readonly network: Network }> {
  const identity = heldIdentity(given);
  const { store, vault, passphrases, admit, signal } = options;
  await checkRoster(identity, options.roster);
  const holds = options.roster.peers.some(({ peer, rights }) =>
    peer === identity.peer && rights.includes("holder")
  );
  const approve = checkApproval(holds ? options.approve : options.approve ?? "roster");
  const lifecycle = new Lifecycle();
  const { stopping } = lifecycle;
  const records = await openRecords(identity, options, {
    stopping,
    rolledBack: (peer) => void parts.sync.history(peer),
  });
  // A node that can be reached can take part at once: an invite waits for two seconds only.
  await vault.ready?.();
  signal?.throwIfAborted();
  const { network, serve } = await startNetwork(options.transport, identity, records);
  if (signal?.aborted) {
    lifecycle.stop();
    await network.stop();
    throw signal.reason;
  }
  const context = contextOf(identity, options, { records, network, stopping });
  const parts: NodeParts = makeParts(context, records, { approve, ...(admit && { admit }), lifecycle });
  const { links, sync, dialler, admission } = parts;
  const self = identity.peer;
  const connections = new Connections({ self, network, records, links, sync, dialler, admission });
  serve(connections);
  followRoster(self, records, parts, connections);
  connections.meetAll();
  return new RunningNode({ identity, store, vault, passphrases, context, records, parts, lifecycle });
}

function contextOf(
  identity: HeldIdentity,
  { clock, random, limits, vault, wrapWire }: Omit<AssembleOptions, "identity">,
  { records, network, stopping }: { records: NodeRecords; network: Network; stopping: AbortSignal },
): Context {
  const { rows, eventLog, rosterStore } = records;
  return {
    identity,
    clock,
    random,
    limits: { ...defaultLimits, ...limits },
    network,
    rows,
    vault: consentGate(vault),
    eventLog,
    roster: () => rosterStore.current,
    member: (peer) => rosterStore.peer(peer),
    stopping,
    ...(wrapWire ? { wrapWire } : {}),
  };
}

/** Has every part follow the roster, and reports what becomes of the roster itself. */
function followRoster(
  self: string,
  { rosterStore, archive, bans, eventLog }: NodeRecords,
  { reportedQuarantines: toldQuarantines, gossip, links }: NodeParts,
  connections: Connections,
): void {
  const ofMembers: readonly OfMembers[] = [bans, toldQuarantines, gossip, links];
  const keepMembers = () =>
    ofMembers.forEach((part) => part.keepOnly((peer) => rosterStore.peer(peer) !== undefined));
  keepMembers();
  rosterStore.onChange((roster) => void archive.add(roster));
  rosterStore.onChange(keepMembers);
  rosterStore.onChange(({ version }, before) => {
    const removed = rosterStore.peer(self) === undefined;
    eventLog.emit({ type: "roster", version, ...(removed ? { removed: true as const } : {}) });
    connections.rosterChanged(before);
  });
  rosterStore.onWritten(({ version, why }) =>
    eventLog.emit({
      type: "roster-file",
      version,
      ...(why === null ? { state: "written" } : { state: "unwritten", why }),
    })
  );
  rosterStore.onConflict((conflict) => eventLog.emit({ type: "roster-conflict", ...conflict }));
}
