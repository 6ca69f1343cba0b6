/**
 * `run`: one headless peer until it is told to stop. Logs one JSON line for every fault, and for whatever starts or
 * ends.
 * @module
 */
import { configure, dispose, getConsoleSink, getLogger, jsonLinesFormatter } from "@logtape/logtape";
import { defineCommand } from "citty";
import * as v from "valibot";
import { formatInvitation } from "../cluster/roster/join.ts";
import { formatRoster, parseRoster, type Right, verifyRoster } from "../cluster/roster/roster.ts";
import { explain } from "../explain.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { createNode } from "../node/create.ts";
import type { NodeOptions } from "../node/options.ts";
import type { QuorateNode } from "../node/api.ts";
import { sqliteStore } from "../store/sqlite.ts";
import { webSockets } from "../transport/websocket.deno.ts";
import { askingPerson, howToAdmit, linesFromTerminal } from "./admit.ts";
import { readJson, readText, replaceFile } from "./files.ts";
import { openKeyFile, passphraseFrom } from "./identity.ts";
import { badAddresses, elsewhere, patienceMs, unreached } from "./reach.ts";
import { visibleJson } from "../text/visible.ts";
import { tell } from "./print.ts";

/** `node.json`. */
export const configShape = v.strictObject({
  identity: v.string(),
  roster: v.string(),
  store: v.string(),
  listen: v.array(v.string()),
  announce: v.optional(v.array(v.string()), []),
  /** The rule that decides before a share is used for others; required where the node may hold shares. */
  approve: v.optional(v.union([
    v.literal("roster"),
    v.strictObject({ initiators: v.record(v.string(), v.array(v.string())) }),
  ])),
  passphrase: v.optional(v.string()),
  admin: v.optional(v.string()),
});
type Config = v.InferOutput<typeof configShape>;

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
      description: "a file for an invitation that one peer may use within an hour; needs the admin key",
    },
    rights: { type: "string", default: "holder", description: "what whoever uses it may do" },
    relay: {
      type: "boolean",
      default: false,
      description: "let peers of the roster that cannot be dialled, such as tabs, be reached over this one",
    },
    webrtc: {
      type: "boolean",
      default: false,
      description: "be reached by WebRTC too, where no WebSocket can get through",
    },
    announce: {
      type: "string",
      description: "multiaddrs, by commas, that others are told instead of those listened on",
    },
    admit: {
      type: "string",
      description: "ask or always: who decides about those who join; default: ask, at a terminal",
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
    const ended = asked();
    const { relay, webrtc } = args;
    const announce = args.announce?.split(",") ?? config.announce;
    const node = await started(config, {
      transport: webSockets({ listen: config.listen, announce, relay, webrtc }),
      ...(how === null ? {} : {
        admit: how === "always"
          ? () => Promise.resolve("accept")
          : askingPerson({ lines: linesFromTerminal(), print: tell }),
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
    const faults = report(node, () => removed.resolve());
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

/** The token goes into a file for its owner's eyes, never into the log. */
async function invite(node: QuorateNode, file: string, rights: string): Promise<void> {
  const wanted = rights.split(",").map((right) => right.trim()) as Right[]; // the node looks at them
  const invitation = node.invite({ rights: wanted });
  await replaceFile("invite", file, `${formatInvitation(invitation)}\n`, 0o600);
  const [{ id, uses, expires, approval }] = node.invites() as [ReturnType<typeof node.invites>[number]];
  getLogger("quorate").info("invitation", { file, id, rights: wanted, uses, expires, approval });
}

async function started(
  config: Config,
  options: Pick<NodeOptions, "admit" | "transport">,
): Promise<QuorateNode> {
  const identity = await openKeyFile(config.identity, await passphraseFrom(config.passphrase));
  const roster = parseRoster(await readText("roster", config.roster));
  const admin = config.admin === undefined ? {} : { admin: await openKeyFile(config.admin) };
  if (!roster.peers.some(({ peer }) => peer === identity.peer)) {
    throw new InputError("roster.peers", `expected this node, ${identity.peer}, to be one of them`);
  }
  if (!await verifyRoster(identity, roster)) {
    throw new InputError(
      "roster.signature",
      "expected the cluster's admin key to have signed it, found another signature",
    );
  }
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
        ? "This node says yes to whatever the roster allows: every initiator in it can have a share here used."
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

const former = (name: string, state: "restored" | "rolled-back") =>
  state === "restored"
    ? `The store of ${name} is from a backup: it takes no sessions before it was compared with enough others.`
    : `The store of ${name} has gone back to a former state. Find out why; then confirm it with ` +
      "`quorate restored node.json --confirm` on that machine. Until then there is no session with it.";

const newAddress =
  "This node's WebRTC-direct addresses are other ones than before. Where others have the old ones, in a " +
  "roster or a tab's relays, they need the new ones.";

const unwritten =
  "The roster in force cannot be written where this node reads it from. It is kept in the store, which " +
  "counts at the next start too. Make the file one that can be replaced, or put the roster there yourself.";

const twoRosters =
  "The admin key has signed two rosters of this version, and other nodes may go by the other one. Find out who " +
  "has that key; a roster of a higher version, signed by whoever should have it, puts all nodes on one again.";

/** Events from before anyone could read them, such as that there is a new certificate. */
const toldBefore = 100;

/** One line for each fault, in the words of the console. @param removed Told when this node is out of the roster. */
async function report(node: QuorateNode, removed: () => void): Promise<void> {
  const log = getLogger("quorate");
  const nameOf = (peer: PeerId) => node.peers.get(peer)?.name ?? (peer === node.self ? "this node" : peer);
  for await (const event of node.events({ replay: toldBefore })) {
    if (!("peer" in event) || event.peer !== node.self) continue;
    if (event.type === "failed") {
      const { kind, wallet, code, round, culprits, missing, key: keySafety, id } = event;
      const { what, who, next } = explain(event, nameOf);
      log.error("session failed", {
        kind,
        wallet,
        code,
        round,
        culprits,
        missing,
        keySafety,
        id,
        what,
        who,
        next,
      });
    } else if (event.type === "warning") {
      const { code, via, count, seconds } = event;
      if (seconds === undefined) log.warn("dropped", { code, via, count });
      else {
        const { what, next } = explain(event, nameOf);
        log.warn("clock", { code, via, seconds, what, next });
      }
    } else if (event.type === "peer" && event.found !== undefined) {
      const { other, found } = event;
      log.warn("peer", { other, state: event.state, found, what: elsewhere(node, other, found) });
    } else if (event.type === "done" && event.kind !== "ecdh") {
      log.info("session done", { kind: event.kind, wallet: event.wallet, id: event.id });
    } else if (
      event.type === "carrier" || event.type === "reservation" ||
      event.type === "link" || event.type === "peer" || event.type === "key" || event.type === "roster"
    ) {
      const { type, peer: _peer, boot: _boot, seq: _seq, at: _at, ...rest } = event;
      log.info(type, rest);
      if (event.type === "roster" && event.removed) {
        log.error("removed", {
          what:
            "This node is no longer in the roster of its cluster. Its key file and store are as they were.",
        });
        removed();
      }
    } else if (event.type === "roster-file") {
      const { state, version, why } = event;
      if (state === "written") log.info("roster file", { state, version });
      else log.error("roster file", { state, version, why, what: unwritten });
    } else if (event.type === "roster-conflict") {
      const { version, hashes } = event;
      log.error("roster conflict", { version, hashes, what: twoRosters });
    } else if (event.type === "rollback") {
      const { other, state } = event;
      if (state === "over") log.info("rollback", { other, state });
      else log.error("rollback", { other, state, what: former(nameOf(other), state) });
    } else if (event.type === "certificate") {
      const { state, until } = event;
      const told = { state, until: new Date(until).toISOString(), addresses: node.addresses };
      if (state === "made") log.info("certificate", told);
      else log.warn("certificate", { ...told, what: newAddress });
    } else if (event.type === "join") {
      const { other, name, state } = event;
      const words = node.joining().find(({ peer }) => peer === other)?.words.join(" ");
      log.info("join", { peer: other, name, state, ...(words === undefined ? {} : { words }) });
    }
  }
}

/** Resolves with the first SIGTERM or SIGINT. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, () => resolve());
  });
}
