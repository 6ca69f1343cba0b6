/**
 * `deno task node run` as a process, started by a test. Not a test by itself.
 * @module
 */
import { fileURLToPath } from "node:url";
import type { NodeConfig } from "../src/cli/config.ts";
import { formatRoster, type Roster } from "../src/cluster/roster/roster.ts";
import { TextLineStream } from "../src/demo/lines.ts";
import type { Folder } from "./folders.ts";

const program = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

/** A peer that runs by itself; ends with its scope. */
export interface Headless extends AsyncDisposable {
  /** What it said when it was up. */
  addresses: readonly string[];
  /** Tells it to stop, and waits until it has. @returns Its exit code. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<number>;
  /** SIGKILL: it is gone without a word. */
  kill(): Promise<void>;
}

export interface HeadlessOptions {
  /** `--relay`, `--webrtc`. */
  flags: readonly string[];
  /** Multiaddrs. */
  listen: readonly string[];
  /** As in `node.json`; default "roster". */
  approve?: NodeConfig["approve"];
}

/** Starts the peer of a folder. @throws {Error} If it ends instead, with its words. */
export async function startHeadless(
  { path }: Folder,
  roster: Roster,
  { flags, listen, approve = "roster" }: HeadlessOptions,
): Promise<Headless> {
  await Deno.writeTextFile(`${path}/roster.json`, formatRoster(roster));
  const files = {
    approve,
    identity: `${path}/identity.age`,
    roster: `${path}/roster.json`,
    store: `${path}/shares.db`,
  };
  await Deno.writeTextFile(`${path}/node.json`, JSON.stringify({ ...files, listen }));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, "run", `${path}/node.json`, ...flags],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const up = Promise.withResolvers<readonly string[]>();
  const said: string[] = [];
  async function follow(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const line of stream.pipeThrough(new TextLineStream())) {
      said.push(line);
      const { message, properties } = line.startsWith("{") ? JSON.parse(line) : {};
      if (message === "up") up.resolve(properties.addresses);
    }
  }
  const followed = Promise.all([follow(child.stdout), follow(child.stderr)]);
  void child.status.then(() => up.reject(new Error(`It ended: ${said.join("\n")}`)));
  let stopping: Promise<number> | null = null;
  const end = (signal: "SIGTERM" | "SIGINT" | "SIGKILL") =>
    stopping ??= (async () => {
      child.kill(signal);
      const { code } = await child.status;
      await followed;
      return code;
    })();
  return {
    addresses: await up.promise,
    stop: (signal = "SIGTERM") => end(signal),
    kill: async () => void await end("SIGKILL"),
    [Symbol.asyncDispose]: async () => void await end("SIGTERM"),
  };
}
