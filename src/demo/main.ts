/**
 * `deno task demo`: peers as processes, and a page that watches them; with `--once`, the scenes without
 * a page.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { defineCommand, runCommand } from "citty";
import { InputError } from "../errors.ts";
import { startCluster } from "./cluster.ts";
import { atTerminal } from "./admission.ts";
import { playOnce } from "./once.ts";
import { servePage } from "./page_server.ts";

const demo = defineCommand({
  meta: {
    name: "demo",
    description: "Peers that sign together, and a page on which they can be made to fail",
  },
  args: {
    once: { type: "boolean", description: "play the scenes in the terminal, without a browser, and end" },
    port: { type: "string", description: "the port of the page", default: "8420" },
    peers: { type: "string", description: "the number of peers, 2 to 16", default: "4" },
    threshold: { type: "string", description: "the number of peers that sign", default: "2" },
    dir: { type: "string", description: "the folder of the peers' keys; it is kept after the run" },
  },
  async run({ args }) {
    const peers = whole("peers", args.peers, 2, 16);
    const threshold = whole("threshold", args.threshold, 2, peers);
    const port = whole("port", args.port, 0, 65_535);
    if (args.once && (peers < 4 || threshold > peers - 1)) {
      const least = Math.max(4, threshold + 1); // the last one holds no share at first
      throw new InputError("peers", `expected at least ${least} for the scenes, found ${peers}`);
    }
    const dir = args.dir ?? await mkdtemp(`${tmpdir()}/quorate-demo-`);
    const log = (name: string, line: string) => console.error(`${name}: ${line}`);
    console.error(`${peers} peers, each a process of its own, with their keys in ${dir}`);
    // A folder that nobody named is removed at the end, after everything else.
    await using _folder = {
      async [Symbol.asyncDispose]() {
        if (args.dir === undefined) await rm(dir, { recursive: true });
      },
    };
    await using cluster = await startCluster({
      peers,
      dir,
      log,
      admit: atTerminal((text) => console.error(text)),
    });
    if (args.once) {
      if (!await playOnce(cluster, { threshold })) Deno.exitCode = 1;
      return;
    }
    await using page = await servePage({ port });
    console.log(`\n  http://127.0.0.1:${page.port}/#${cluster.invitation}\n`);
    console.error("Open it as often as you like: each tab is a peer of its own. Ctrl+C ends everything.");
    console.error("\nHold a share in a tab; you will be asked here whether to let it in:");
    // A browser keeps one identity for each host name, so two names are two peers.
    for (const host of ["localhost", "127.0.0.1"]) {
      console.error(`\n  http://${host}:${page.port}/hold/#hold=${cluster.holderInvitation}`);
    }
    console.error("\nOr in a process of your own:");
    console.error(`\n  deno task node join ${cluster.holderInvitation} --name You --identity … --roster …\n`);
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => resolve());
    });
  },
});

/** @throws {InputError} */
function whole(field: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new InputError(field, `expected ${least} to ${most}, found “${text}”`);
  }
  return value;
}

if (import.meta.main) {
  try {
    await runCommand(demo, { rawArgs: Deno.args });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(error.message);
    Deno.exitCode = 2;
  }
}
