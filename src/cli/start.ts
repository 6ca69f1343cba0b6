/**
 * The start of the node that a configuration describes.
 * @module
 */
import { getLogger } from "@logtape/logtape";
import process from "node:process";
import type { Approval } from "../cluster/commands/consent/approval.ts";
import { parseRoster } from "../cluster/roster/roster.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { QuorateNode } from "../node/api.ts";
import { checkRoster } from "../node/check_roster.ts";
import { createNode } from "../node/create.ts";
import type { NodeOptions } from "../node/options.ts";
import { platformClock } from "../platform/platform.ts";
import type { Identity } from "../ports.ts";
import { sqliteStore } from "../store/sqlite.ts";
import { Approvers } from "./approval/approvers.ts";
import { webhookApproval, webhookUrl } from "./approval/webhook.ts";
import { webhookSecret } from "./approval/webhook_signature.ts";
import { openKeyFile } from "./commands/identity.ts";
import type { NodeConfig, WebhookConfig } from "./config.ts";
import { readText } from "./files.ts";
import { passphraseFrom, secretAt } from "./secrets.ts";
import { rosterFile } from "./setup/roster_file.ts";

/** The options of a start that no configuration has. */
export interface StartOptions extends Pick<NodeOptions, "admit" | "transport"> {
  /** The people who are asked where the configuration says `"approve": "ask"`; default: nobody. */
  approvers?: Approvers;
  /** Takes a line before what takes a second; default: it is logged. */
  note?: (line: string) => void;
}

/** Starts the node that the configuration describes. @throws {InputError} */
export async function startNode(
  config: NodeConfig,
  { approvers = new Approvers(), note = logged, ...options }: StartOptions,
): Promise<QuorateNode> {
  const locked = await passphraseFrom(config.passphrase);
  const identity = await openKeyFile(config.identity, locked, note);
  const roster = parseRoster(await readText("roster", config.roster));
  const admin = config.admin === undefined
    ? {}
    : { admin: await adminOf(config.admin, config, { locked, note }) };
  await checkRoster(identity, roster);
  const holds = roster.peers.some(({ peer, rights }) => peer === identity.peer && rights.includes("holder"));
  if (holds && config.approve === undefined) {
    throw new InputError(
      "config.approve",
      "expected “roster” (yes to whatever the roster allows), “ask”, { initiators: { wallet: [peer, …] }, managers?: … } " +
        "or { webhook: { url, secret } }, found none",
    );
  }
  let started: QuorateNode | undefined;
  const nameOf = (peer: PeerId) =>
    (started?.roster ?? roster).peers.find((known) => known.peer === peer)?.name ?? peer;
  const approve = config.approve === "ask"
    ? approvers.approval(nameOf)
    : await approvalOf(config.approve, { nameOf, self: identity.peer });
  if (holds) getLogger("quorate").info("approve", { what: whoDecides(config.approve) });
  return started = await createNode({
    identity,
    approve,
    roster,
    store: sqliteStore(config.store),
    keepRoster: rosterFile(config.roster, {
      isReadOnly: (version) =>
        getLogger("quorate").info("roster file", { version, state: "read-only", what: inStoreAlone }),
    }),
    ...admin,
    ...options,
  });
}

const logged = (line: string) => getLogger("quorate").info("start", { what: line });

/** The admin key. A passphrase that is in the same place as the node's own is not read again: it may be a pipe. */
async function adminOf(
  path: string,
  { passphrase, adminPassphrase }: NodeConfig,
  { locked, note }: { locked: { passphrase?: string }; note(line: string): void },
): Promise<Identity> {
  return await openKeyFile(
    path,
    adminPassphrase === passphrase ? locked : await passphraseFrom(adminPassphrase),
    note,
  );
}

const inStoreAlone =
  "The roster file is on a read-only disk: this newer roster is kept in the store, and counts more at the next start.";

type Approving = NodeConfig["approve"];

/** @throws {InputError} `config.approve.webhook…` */
async function approvalOf(
  approve: Exclude<Approving, "ask">,
  about: { nameOf(peer: PeerId): string; self: PeerId },
): Promise<Approval> {
  if (approve === undefined) return "roster"; // of a node without shares, which nobody asks
  return typeof approve === "object" && "webhook" in approve
    ? await webhookOf(approve.webhook, about)
    : approve;
}

async function webhookOf(
  { url, secret, timeoutMs }: WebhookConfig,
  about: { nameOf(peer: PeerId): string; self: PeerId },
): Promise<Approval> {
  const field = "config.approve.webhook";
  return webhookApproval({
    url: webhookUrl(`${field}.url`, url, process.env),
    secret: await webhookSecret(`${field}.secret`, await secretAt(`${field}.secret`, secret)),
    timeoutMs,
    clock: platformClock,
    ...about,
    decided({ decision, ...more }) {
      const log = getLogger("quorate");
      if (decision === "accept") log.info("webhook", { decision, ...more });
      else log.warn("webhook", { decision, ...more });
    },
  });
}

/** The sentence about who decides, for the log at each start. */
function whoDecides(approve: Approving): string {
  if (approve === "roster") {
    return "This node says yes to whatever the roster allows: every initiator in it can use the shares here, and every " +
      "manager can have them dealt anew.";
  }
  if (approve === "ask") {
    return "A person is asked at the terminal of this node, and over its control socket. Without an answer, a command " +
      "ends as unanswered once it expires.";
  }
  if (typeof approve === "object" && "webhook" in approve) {
    return "A program is asked over HTTP. Without a yes in time, this node declines.";
  }
  return "This node says yes to the initiators that its configuration names for a wallet, and to the managers that it " +
    "names for dealing a wallet's keys anew, and no to all others.";
}
