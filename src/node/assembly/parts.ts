/**
 * The parts of a node, and which part is made of which.
 * @module
 */
import { CommandServer } from "../../cluster/commands/command_server.ts";
import { Consents } from "../../cluster/commands/consent.ts";
import { Coordinator } from "../../cluster/commands/coordinator.ts";
import { Initiator, type InitiatorOptions } from "../../cluster/commands/initiator.ts";
import { Invitation } from "../../cluster/commands/invitation.ts";
import { Member } from "../../cluster/commands/member.ts";
import { OutcomeServer } from "../../cluster/commands/outcome/outcome_server.ts";
import type { SessionsOptions } from "../../cluster/commands/session/opening.ts";
import { Sessions } from "../../cluster/commands/session_runner.ts";
import type { Context } from "../../cluster/events/event_context.ts";
import { Sync } from "../../cluster/keys/sync/sync.ts";
import { ReportedQuarantines } from "../../cluster/keys/reported_quarantines.ts";
import { Dialler } from "../../cluster/links/dialler.ts";
import { Eraser } from "../../cluster/keys/epochs/eraser.ts";
import { EvidenceStore } from "../../cluster/links/evidence_store.ts";
import { Gossip } from "../../cluster/links/gossip.ts";
import { LinkKeys } from "../../cluster/links/link_keys.ts";
import { SessionStreams } from "../../cluster/links/session_streams.ts";
import { Admission } from "../../cluster/roster/admission/admission.ts";
import { fourWords } from "../../identity/four_words.ts";
import type { AssembleOptions } from "../options.ts";
import { Requests } from "../requests.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { type NodeRecords, ownQuarantines } from "./records.ts";

/** The parts that reach other peers, and keep the reports of other peers. */
interface LinkParts {
  readonly links: LinkKeys;
  readonly streams: SessionStreams;
  readonly gossip: Gossip;
  readonly sync: Sync;
  readonly sessions: Sessions;
  /** The evidence of failures that this node has reported. */
  readonly evidence: EvidenceStore;
  readonly reportedQuarantines: ReportedQuarantines;
}

/** The parts of a running node. */
export interface NodeParts extends LinkParts {
  readonly coordinator: Coordinator;
  readonly initiator: Initiator;
  readonly requests: Requests;
  /** Null on a node without the admin key. */
  readonly admission: Admission | null;
  readonly dialler: Dialler;
}

/** The options of {@linkcode makeParts}. */
export type PartsOptions = Pick<AssembleOptions, "approve" | "admit"> & { readonly lifecycle: Lifecycle };

/** Makes the parts of a node that is on the network. */
export function makeParts(context: Context, records: NodeRecords, options: PartsOptions): NodeParts {
  const { keys, bans, frozen, storeHistory, rosterStore, rosterSigner } = records;
  const { identity: { peer: self }, clock, stopping } = context;
  const { lifecycle, approve: approval } = options;
  const linkParts = makeLinkParts(context, records, {
    confirmed: (...key) => initiator.confirmed(...key),
    ended: () => coordinator.sessionEnded(),
  });
  const { links, streams, sync, sessions } = linkParts;
  const consents = new Consents({ clock, self, approval, stopping });
  const common = {
    context,
    keys,
    bans,
    frozen,
    failedResharings: records.failedResharings,
    links,
    streams,
    replayGuard: records.replayGuard,
    outcomes: records.outcomes,
    storeHistory,
    sessions,
    draining: () => lifecycle.draining,
  };
  const invitation = new Invitation({
    ...common,
    sync,
    consents,
    boot: records.boot,
    quarantines: () => [...ownQuarantines(records, self), ...linkParts.reportedQuarantines.all()],
  });
  new Member({ context, streams, sessions, invitation });
  const coordinator: Coordinator = new Coordinator({ ...common, invitation });
  const outcomeServer = new OutcomeServer({ ...common, coordinator, turns: invitation.turns });
  const own: InitiatorOptions["own"] = (id, turn) => outcomeServer.answer(self, id, turn);
  const initiator: Initiator = new Initiator({ context, coordinator, keys, consents, own });
  new CommandServer({ context, coordinator });
  const admit = options.admit ?? null;
  const admission = rosterSigner &&
    new Admission({ context, rosterStore, rosterSigner, admit, fourWords });
  return {
    ...linkParts,
    coordinator,
    initiator,
    requests: new Requests({ context, keys, bans, frozen, initiator }),
    admission,
    dialler: new Dialler(context),
  };
}

function makeLinkParts(
  context: Context,
  records: NodeRecords,
  { confirmed, ended }: Pick<SessionsOptions, "confirmed" | "ended">,
): LinkParts {
  const { keys, bans, frozen, storeHistory, replayGuard, rosterStore, archive, boot } = records;
  const links = new LinkKeys(context, boot, storeHistory);
  const streams = new SessionStreams(context, links);
  const evidence = new EvidenceStore();
  const reportedQuarantines = new ReportedQuarantines();
  const sessions = new Sessions({
    context,
    keys,
    bans,
    frozen,
    failedResharings: records.failedResharings,
    streams,
    replayGuard,
    outcomes: records.outcomes,
    evidence,
    broken: (peers) => peers.forEach((peer) => links.renew(peer)),
    ended: () => {
      eraser.sweep();
      ended();
    },
    confirmed,
  });
  const eraser = new Eraser({ keys, self: context.identity.peer, inUse: (row) => sessions.using(row) });
  eraser.sweep(); // a crash may have come between the certificate and the erasing
  const gossip = new Gossip({
    context,
    links,
    storeHistory,
    otherRoster: (peer) => void sync.roster(peer),
    newKeys: (peer, sessions) => {
      if (!sessions.every((session) => keys.certain(session))) void sync.keys(peer);
    },
    withoutShare: (peer) => void sync.keys(peer),
    newBan: (peer) => void sync.bans(peer),
    quarantine(event) {
      reportedQuarantines.takeEvent(event);
      void sync.quarantines(event.peer); // anybody can repeat an old event, so its author is asked
    },
  });
  const sync: Sync = new Sync({
    context,
    rosterStore,
    archive,
    keys,
    bans,
    quarantines: {
      own: () => ownQuarantines(records, context.identity.peer),
      take: (by, all) => reportedQuarantines.take(by, all),
    },
    evidence,
    storeHistory,
    presence: gossip,
    running: (session) => sessions.running(session),
  });
  return { links, streams, gossip, sync, sessions, evidence, reportedQuarantines: reportedQuarantines };
}
