/**
 * `run`: one headless peer, until it is told to stop. It logs JSON lines.
 * @module
 */
import process from "node:process";
import { configure, dispose, getConsoleSink, getLogger, jsonLinesFormatter } from "@logtape/logtape";
import { formatInvitation } from "../../cluster/roster/admission/invitation_link.ts";
import type { Right } from "../../cluster/records/rights.ts";
import { InputError } from "../../errors.ts";
import type { QuorateNode } from "../../node/api.ts";
import { webSockets } from "../../transport/websocket.deno.ts";
import { platformRandom } from "../../platform/platform.ts";
import { Approvers } from "../approval/approvers.ts";
import { terminalApprover } from "../approval/terminal_approver.ts";
import { askingPerson, howToAdmit } from "../terminal/admit.ts";
import { linesFromTerminal, TerminalQuestions } from "../terminal/questions.ts";
import { readConfig } from "../config.ts";
import { ControlApprover } from "../control/control_approver.ts";
import { ControlServer } from "../control/server.ts";
import { replaceFile } from "../files.ts";
import { badAddresses, patienceMs, unreached } from "../reach.ts";
import { report } from "../report.ts";
import { startNode } from "../start.ts";
import { optionalWebRtc } from "../webrtc.ts";
import { visibleJson } from "../../text/visible.ts";
import { defineCommand } from "../arguments/command.ts";
import { printNote } from "../print.ts";

export const runNode = defineCommand({
  meta: {
    name: "run",
    description: "Run a peer; SIGTERM ends it after the sessions under way",
    examples: [
      "run alice/node.json",
      "run alice/node.json --relay --invite bob.link --rights holder,initiator",
    ],
  },
  args: {
    config: {
      type: "positional",
      required: true,
      description: "JSON: { identity, roster, store, listen, approve, announce?, passphrase?, admin? }",
    },
    invite: {
      type: "string",
      description: "a file to write an invitation into, for one peer within an hour; needs the admin key",
    },
    rights: {
      type: "string",
      default: "holder",
      description: "the rights of the peer that uses the invitation",
    },
    relay: {
      type: "boolean",
      default: false,
      description: "relay for peers of the roster that cannot be dialled, such as tabs",
    },
    webrtc: {
      type: "boolean",
      default: false,
      description: "accept WebRTC too, for peers that no WebSocket gets through to",
    },
    announce: {
      type: "string",
      description: "multiaddrs to announce instead of those listened on, separated by commas",
    },
    admit: {
      type: "enum",
      options: ["ask", "always"],
      description: "a person decides who may join, or everybody may; default at a terminal: ask",
    },
  },
  async run({ args }) {
    const config = await readConfig(args.config);
    const how = howToAdmit(args.admit, process.stdin.isTTY === true);
    if (args.invite !== undefined && config.admin === undefined) {
      throw new InputError("config.admin", "expected the admin key's file to invite with, found none");
    }
    await configure({
      sinks: { lines: getConsoleSink({ formatter: (record) => visibleJson(jsonLinesFormatter(record)) }) },
      loggers: [
        { category: "quorate", lowestLevel: "info", sinks: ["lines"] },
        { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["lines"] },
      ],
    });
    const ended = untilSignalled();
    const { relay } = args;
    const announce = args.announce?.split(",") ?? config.announce;
    const terminal = new TerminalQuestions({ lines: linesFromTerminal(), print: printNote });
    const approvers = new Approvers();
    const approver = new ControlApprover(platformRandom);
    approvers.add(approver);
    if (process.stdin.isTTY) approvers.add(terminalApprover(terminal, platformRandom));
    const node = await startNode(config, {
      approvers,
      transport: webSockets({
        listen: config.listen,
        announce,
        relay,
        ...args.webrtc && { webrtc: await optionalWebRtc() },
      }),
      ...(how === null ? {} : {
        admit: how === "always" ? () => Promise.resolve("accept") : askingPerson(terminal),
      }),
    });
    const log = getLogger("quorate");
    const control = await ControlServer.start({
      node,
      approver,
      store: config.store,
      failed: (method, cause) => log.error("control failed", { method, cause: String(cause) }),
    }).catch(async (error) => {
      await node.stop();
      throw error;
    });
    log.info("up", { peer: node.self, addresses: node.addresses });
    for (const bad of badAddresses(node.roster.peers)) {
      log.warn("address", { ...bad, what: `Nobody can dial it: ${bad.why}.` });
    }
    const waited = setTimeout(() => {
      for (const one of unreached(node)) log.warn("not reached", { ...one, seconds: patienceMs / 1000 });
    }, patienceMs);
    const removed = Promise.withResolvers<void>();
    const faults = report(node, { removed: () => removed.resolve(), showsWords: how === "always" });
    if (args.invite !== undefined) {
      await invite(node, args.invite, args.rights).catch(async (error) => {
        await control.stopListening();
        await node.stop();
        throw error;
      });
    }
    await Promise.race([ended, removed.promise]);
    clearTimeout(waited);
    log.info("draining");
    await control.stopListening();
    await node.drain();
    await control.close();
    await faults;
    log.info("down");
    await dispose();
    process.exit(0); // the signal listeners would keep it
  },
});

/** Writes an invitation into a file that only its owner can read. The token never enters the log. */
async function invite(node: QuorateNode, file: string, rights: string): Promise<void> {
  const wanted = rights.split(",").map((right) => right.trim()) as Right[]; // the node checks them
  const invitation = node.invite({ rights: wanted });
  await replaceFile("invite", file, `${formatInvitation(invitation)}\n`, 0o600);
  const [{ id, uses, expires, approval }] = node.invites() as [ReturnType<typeof node.invites>[number]];
  getLogger("quorate").info("invitation", { file, id, rights: wanted, uses, expires, approval });
}

/** Resolves with the first SIGTERM or SIGINT. */
function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  });
}
