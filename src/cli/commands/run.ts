/**
 * `run`: one headless peer, until it is told to stop. It logs JSON lines.
 * @module
 */
import { configure, dispose, getConsoleSink, getLogger, jsonLinesFormatter } from "@logtape/logtape";
import { defineCommand } from "citty";
import { formatInvitation } from "../../cluster/roster/admission/invitation_link.ts";
import { formatRoster, parseRoster } from "../../cluster/roster/roster.ts";
import type { Right } from "../../cluster/records/rights.ts";
import { InputError } from "../../errors.ts";
import { checkRoster } from "../../node/check_roster.ts";
import { createNode } from "../../node/create.ts";
import type { NodeOptions } from "../../node/options.ts";
import type { QuorateNode } from "../../node/api.ts";
import { sqliteStore } from "../../store/sqlite.ts";
import { webSockets } from "../../transport/websocket.deno.ts";
import { askingPerson, howToAdmit, linesFromTerminal } from "../admit.ts";
import { configShape, type NodeConfig } from "../config.ts";
import { readJson, readText, replaceFile } from "../files.ts";
import { openKeyFile, passphraseFrom } from "./identity.ts";
import { badAddresses, patienceMs, unreached } from "../reach.ts";
import { report } from "../report.ts";
import { visibleJson } from "../../text/visible.ts";
import { printNote } from "../print.ts";

export const runNode = defineCommand({
  meta: { name: "run", description: "Run a peer; SIGTERM ends it after the sessions under way" },
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
      type: "string",
      description:
        "ask (a person decides who may join) or always (everybody may); default at a terminal: ask",
    },
  },
  async run({ args }) {
    const config = await readJson("config", args.config, configShape);
    const how = howToAdmit(args.admit, Deno.stdin.isTerminal());
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
    const { relay, webrtc } = args;
    const announce = args.announce?.split(",") ?? config.announce;
    const node = await startNode(config, {
      transport: webSockets({ listen: config.listen, announce, relay, webrtc }),
      ...(how === null ? {} : {
        admit: how === "always"
          ? () => Promise.resolve("accept")
          : askingPerson({ lines: linesFromTerminal(), print: printNote }),
      }),
    });
    const log = getLogger("quorate");
    log.info("up", { peer: node.self, addresses: node.addresses });
    for (const bad of badAddresses(node.roster.peers)) {
      log.warn("address", { ...bad, what: `Nobody can dial it: ${bad.why}.` });
    }
    const waited = setTimeout(() => {
      for (const one of unreached(node)) log.warn("not reached", { ...one, seconds: patienceMs / 1000 });
    }, patienceMs);
    const removed = Promise.withResolvers<void>();
    const faults = report(node, { removed: () => removed.resolve(), showsWords: how !== "ask" });
    if (args.invite !== undefined) {
      await invite(node, args.invite, args.rights).catch(async (error) => {
        await node.stop();
        throw error;
      });
    }
    await Promise.race([ended, removed.promise]);
    clearTimeout(waited);
    log.info("draining");
    await node.drain();
    await faults;
    log.info("down");
    await dispose();
    Deno.exit(0); // the signal listeners would keep it
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

/** Starts the node that the configuration describes. @throws {InputError} */
async function startNode(
  config: NodeConfig,
  options: Pick<NodeOptions, "admit" | "transport">,
): Promise<QuorateNode> {
  const identity = await openKeyFile(config.identity, await passphraseFrom(config.passphrase));
  const roster = parseRoster(await readText("roster", config.roster));
  const admin = config.admin === undefined ? {} : { admin: await openKeyFile(config.admin) };
  await checkRoster(identity, roster);
  const holds = roster.peers.some(({ peer, rights }) => peer === identity.peer && rights.includes("holder"));
  if (holds && config.approve === undefined) {
    throw new InputError(
      "config.approve",
      "expected “roster” (yes to whatever the roster allows) or { initiators: { wallet: [peer, …] } }, found none",
    );
  }
  const approve = config.approve ?? "roster";
  if (holds) {
    getLogger("quorate").info("approve", {
      what: approve === "roster"
        ? "This node says yes to whatever the roster allows: every initiator in it can use the shares here."
        : "This node says yes to the initiators that its configuration names for a wallet, and no to all others.",
    });
  }
  return await createNode({
    identity,
    approve,
    roster,
    store: sqliteStore(config.store),
    keepRoster: (next) => replaceFile("roster", config.roster, formatRoster(next)),
    ...admin,
    ...options,
  });
}

/** Resolves with the first SIGTERM or SIGINT. */
function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, () => resolve());
  });
}
