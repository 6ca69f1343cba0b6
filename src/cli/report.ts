/**
 * The log of a node that the command line runs: one line for each fault, and for everything that begins or
 * ends.
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { NodeEvent } from "../events.ts";
import { explain } from "../explain.ts";
import type { PeerId } from "../failure.ts";
import type { QuorateNode } from "../node/api.ts";
import { leaversOf, untilDealtAnew } from "./leavers.ts";
import { elsewhere } from "./reach.ts";
import { reshareCommand, sharedKeys } from "./reshare_command.ts";

const fromBackup = (name: string) =>
  `The store of ${name} is from a backup: it takes no sessions until it has been compared with enough others.`;

const setBack = (name: string) =>
  `The store of ${name} was set back to an earlier state. Find out why; then confirm it with ` +
  "`quorate restored node.json --confirm` on that machine. Until then no session takes place with it.";

const newAddress =
  "This node's WebRTC-direct addresses have changed. Wherever others have the old ones, in a roster " +
  "or in the relays of a tab, replace them.";

const unwritten =
  "The roster in force cannot be written to the file that this node reads it from. It is kept in the store, which " +
  "is used at the next start too. Make the file writable, or put the roster there yourself.";

const twoRosters =
  "The admin key has signed two rosters of this version, and other nodes may use the other one. Find out who has " +
  "that key; when its owner signs a roster of a higher version, all nodes use that one.";

const removedHere =
  "This node is no longer in the roster of its cluster. Its key file and its store are unchanged.";

/** Events that are logged although they happened before the log was read, such as a new certificate. */
const toldBefore = 100;

/** Everything that the log needs beside the events. */
export interface ReportOptions {
  /** Called when this node is no longer in the roster. */
  removed(): void;
  /** Whether a request to join is logged with its words; not where a person must type one of them to let it in. */
  showsWords: boolean;
}

/** Logs this node's own events until it stops, faults in the same sentences as the console's. */
export async function report(node: QuorateNode, { removed, showsWords }: ReportOptions): Promise<void> {
  for await (const event of node.events({ replay: toldBefore })) {
    if (event.type === "lagged" || event.peer !== node.self) continue;
    logEvent(event, node, showsWords);
    if (event.type !== "roster") continue;
    if (event.removed) removed();
    else await logLeavers(node);
  }
}

/** Logs the keys of which peers that the roster has as holders no longer are members still. */
async function logLeavers(node: QuorateNode): Promise<void> {
  const { roster } = node;
  const keys = await node.keys();
  const shared = sharedKeys(keys);
  for (const [i, key] of keys.entries()) {
    const { wallet, scheme, epoch, session } = key;
    for (const peer of leaversOf(key, roster)) {
      const reshare = reshareCommand(shared[i]!, roster, "manager.json");
      const what = untilDealtAnew(peer, key);
      getLogger("quorate").warn("member removed", {
        wallet,
        scheme,
        epoch,
        session,
        member: peer,
        what,
        reshare,
      });
    }
  }
}

function logEvent(
  event: Exclude<NodeEvent, { type: "lagged" }>,
  node: QuorateNode,
  showsWords: boolean,
): void {
  const log = getLogger("quorate");
  const nameOf = (peer: PeerId) => node.peers.get(peer)?.name ?? (peer === node.self ? "this node" : peer);
  switch (event.type) {
    case "failed": {
      const { kind, wallet, code, round, culprits, missing, key: keySafety, id } = event;
      const { what, who, next } = explain(event, nameOf);
      const batch = event.items !== undefined && { items: event.items, spoilt: event.spoilt ?? [] };
      const about = { kind, wallet, code, round, culprits, missing, keySafety, id, ...batch };
      return log.error("session failed", { ...about, what, who, next });
    }
    case "warning": {
      const { code, via, count, seconds } = event;
      if (seconds === undefined) return log.warn("dropped", { code, via, count });
      const { what, next } = explain(event, nameOf);
      return log.warn("clock", { code, via, seconds, what, next });
    }
    case "began": {
      if (event.kind === "ecdh") return;
      const { kind, wallet, id, initiator, note, reference, items } = event;
      const more = { ...(note && { note }), ...(reference && { reference }), ...(items && { items }) };
      return log.info("session began", { kind, wallet, id, initiator, ...more });
    }
    case "done":
      if (event.kind === "ecdh") return;
      return log.info("session done", { kind: event.kind, wallet: event.wallet, id: event.id });
    case "peer": {
      const { other, found, state } = event;
      if (found === undefined) return log.info("peer", own(event));
      return log.warn("peer", { other, state, found, what: elsewhere(node, other, found) });
    }
    case "roster":
      log.info("roster", own(event));
      if (event.removed) log.error("removed", { what: removedHere });
      return;
    case "carrier":
    case "reservation":
    case "link":
    case "key":
      return log.info(event.type, own(event));
    case "roster-file": {
      const { state, version, why } = event;
      if (state === "written") return log.info("roster file", { state, version });
      return log.error("roster file", { state, version, why, what: unwritten });
    }
    case "roster-conflict": {
      const { version, hashes } = event;
      return log.error("roster conflict", { version, hashes, what: twoRosters });
    }
    case "rollback": {
      const { other, state } = event;
      if (state === "over") return log.info("rollback", { other, state });
      const what = state === "restored" ? fromBackup(nameOf(other)) : setBack(nameOf(other));
      return log.error("rollback", { other, state, what });
    }
    case "certificate": {
      const { state, until } = event;
      const certificate = { state, until: new Date(until).toISOString(), addresses: node.addresses };
      if (state === "made") return log.info("certificate", certificate);
      return log.warn("certificate", { ...certificate, what: newAddress });
    }
    case "join": {
      const { other, name, state } = event;
      const words = showsWords
        ? node.joining().find(({ peer }) => peer === other)?.words.join(" ")
        : undefined;
      return log.info("join", { peer: other, name, state, ...(words === undefined ? {} : { words }) });
    }
  }
}

/** An event's fields without its type and its place in this node's view. */
function own(event: Exclude<NodeEvent, { type: "lagged" }>): Record<string, unknown> {
  const { type: _type, peer: _peer, boot: _boot, seq: _seq, at: _at, ...rest } = event;
  return rest;
}
