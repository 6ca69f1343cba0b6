/**
 * `run`: one headless peer until it is told to stop. Logs one JSON line for every fault, and for whatever starts or
 * ends.
 * @module
 */
import { rename } from "node:fs/promises";
import { configure, dispose, getConsoleSink, getLogger, jsonLinesFormatter } from "@logtape/logtape";
import { defineCommand } from "citty";
import * as v from "valibot";
import { formatRoster, parseRoster, verifyRoster } from "../cluster/roster.ts";
import { explain } from "../explain.ts";
import { InputError, type PeerId } from "../failure.ts";
import { keyFile } from "../identity/key_file.ts";
import { createNode, type QuorateNode } from "../node.ts";
import { sqliteStore } from "../store/sqlite.ts";
import { webSockets } from "../transport/websocket.deno.ts";
import { readJson, readText } from "./files.ts";
import { passphraseFrom } from "./identity.ts";

const configShape = v.strictObject({
  identity: v.string(),
  roster: v.string(),
  store: v.string(),
  listen: v.array(v.string()),
  announce: v.optional(v.array(v.string()), []),
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
      description: "JSON: { identity, roster, store, listen, announce?, passphrase?, admin? }",
    },
  },
  async run({ args }) {
    const config = await readJson("config", args.config, configShape);
    await configure({
      sinks: { lines: getConsoleSink({ formatter: jsonLinesFormatter }) },
      loggers: [
        { category: "quorate", lowestLevel: "info", sinks: ["lines"] },
        { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["lines"] },
      ],
    });
    const over = asked();
    const node = await started(config);
    const log = getLogger("quorate");
    log.info("up", { peer: node.self, addresses: node.addresses });
    const faults = report(node);
    await over;
    log.info("draining");
    await node.drain();
    await faults;
    log.info("down");
    await dispose();
    Deno.exit(0); // the signal listeners would keep it
  },
});

async function started(config: Config): Promise<QuorateNode> {
  const identity = await keyFile(config.identity, await passphraseFrom(config.passphrase));
  const roster = parseRoster(await readText("roster", config.roster));
  const admin = config.admin === undefined ? {} : { admin: await keyFile(config.admin) };
  if (!roster.peers.some(({ peer }) => peer === identity.peer)) {
    throw new InputError("roster.peers", `expected this node, ${identity.peer}, to be one of them`);
  }
  if (!await verifyRoster(identity, roster)) {
    throw new InputError(
      "roster.signature",
      "expected the cluster's admin key to have signed it, found another signature",
    );
  }
  return await createNode({
    identity,
    roster,
    store: sqliteStore(config.store),
    transport: webSockets({ listen: config.listen, announce: config.announce }),
    async keepRoster(next) {
      await Deno.writeTextFile(`${config.roster}.new`, formatRoster(next));
      await rename(`${config.roster}.new`, config.roster);
    },
    ...admin,
  });
}

/** One line for each fault, in the words of the console. */
async function report(node: QuorateNode): Promise<void> {
  const log = getLogger("quorate");
  const nameOf = (peer: PeerId) => node.peers.get(peer)?.name ?? (peer === node.self ? "this node" : peer);
  for await (const event of node.events()) {
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
      log.warn("dropped", { code: event.code, via: event.via, count: event.count });
    } else if (event.type === "done" && event.kind !== "ecdh") {
      log.info("session done", { kind: event.kind, wallet: event.wallet, id: event.id });
    } else if (
      event.type === "link" || event.type === "peer" || event.type === "key" || event.type === "roster"
    ) {
      const { type, peer: _peer, boot: _boot, seq: _seq, at: _at, ...rest } = event;
      log.info(type, rest);
    }
  }
}

/** Resolves with the first SIGTERM or SIGINT. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, () => resolve());
  });
}
