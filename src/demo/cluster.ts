/**
 * The demonstration's cluster: peers as processes, each with a folder of its own.
 * @module
 */
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { Admit } from "../cluster/roster/admission/join_request.ts";
import { answering } from "./admission.ts";
import { TextLineStream } from "./lines.ts";
import { formatRoster, parseRoster, type RosterPeer, signRoster } from "../cluster/roster/roster.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { createKeyFile, keyFile } from "../identity/key_file.ts";
import { platformRandom } from "../platform/platform.ts";

const names = [
  "Alice",
  "Bob",
  "Carol",
  "Dave",
  "Erin",
  "Frank",
  "Grace",
  "Heidi",
  "Ivan",
  "Judy",
  "Kim",
  "Leo",
  "Mallory",
  "Nina",
  "Oscar",
  "Peggy",
];

/** Time until a peer that crashed is started again, ms: long enough to see that it is gone. */
const restartAfter = 5_000;

export interface DemoPeer {
  readonly name: string;
  readonly peer: PeerId;
  /** The folder of its keys. */
  readonly folder: string;
  /** Ends the process at once, by SIGKILL. It is started again after a while. */
  kill(): void;
}

export interface DemoCluster extends AsyncDisposable {
  readonly peers: readonly DemoPeer[];
  /** For the fragment of a console's link. */
  readonly invitation: string;
  /** For a peer that wants to hold shares; the person at the terminal must agree. */
  readonly holderInvitation: string;
  /** Resolves when a peer that was killed is up again. */
  back(name: string): Promise<void>;
  /** Ends a peer's process at once. It stays away until it is found. */
  lose(name: string): Promise<void>;
  /** Starts a lost peer's process again. */
  find(name: string): Promise<void>;
}

export interface DemoOptions {
  /** 2 to 16. */
  peers: number;
  /** The folder of the peers' folders, which is made and kept. */
  dir: string;
  /** Called with each line that a peer writes to its standard error. */
  log(name: string, line: string): void;
  /** Decides who may hold shares; by default nobody may. */
  admit?: Admit;
}

/** Makes the folders, unless they exist, and starts every peer. @throws {InputError} `dir`, `peers` */
export async function startCluster(options: DemoOptions): Promise<DemoCluster> {
  const { peers: count, dir } = options;
  if (!Number.isInteger(count) || count < 2 || count > names.length) {
    throw new InputError("peers", `expected 2 to ${names.length}, found ${count}`);
  }
  const folders = names.slice(0, count).map((name) => `${dir}/${name.toLowerCase()}`);
  await prepare(dir, folders);
  const tokens = ["--token", platformRandom(16).toHex(), "--holder", platformRandom(16).toHex()];
  const processes = folders.map((folder, i) =>
    new PeerProcess(names[i]!, folder, i === 0 ? tokens : [], options)
  );
  const stop = async () => {
    await Promise.all(processes.map((process) => process.stop()));
  };
  try {
    const ready = await Promise.all(processes.map((process) => process.start()));
    const named = (name: string) => processes.find((process) => process.name === name)!;
    return {
      peers: processes.map((process, i) => ({
        name: process.name,
        peer: ready[i]!.peer,
        folder: process.folder,
        kill: () => process.kill(),
      })),
      invitation: ready[0]!.invitation!,
      holderInvitation: ready[0]!.holderInvitation!,
      back: (name) => named(name).up(),
      lose: (name) => named(name).lose(),
      find: async (name) => void await named(name).find(),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes keys, roster and folders, unless they exist from an earlier run. */
async function prepare(dir: string, folders: readonly string[]): Promise<void> {
  const first = `${folders[0]}/roster.json`;
  if (await exists(first)) {
    // Holders that joined later have no address, and are not started here.
    const known = parseRoster(await Deno.readTextFile(first)).peers.filter(({ rights, addresses }) =>
      rights.includes("holder") && addresses.length > 0
    );
    if (known.length !== folders.length) {
      throw new InputError(
        "peers",
        `expected ${known.length}, as many as in ${dir}, found ${folders.length}`,
      );
    }
    return;
  }
  const random = platformRandom;
  const peers: RosterPeer[] = [];
  for (const [i, folder] of folders.entries()) {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const { peer } = await createKeyFile(`${folder}/identity.age`, { random });
    const addresses = [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`];
    peers.push({ peer, name: names[i]!, addresses, rights: ["holder", "initiator", "manager"] });
  }
  await createKeyFile(`${folders[0]}/admin.age`, { random });
  const roster = await signRoster(await keyFile(`${folders[0]}/admin.age`), peers, null);
  // The first peer's roster is written last: a folder without it is made anew.
  for (const folder of [...folders].reverse()) {
    await Deno.writeTextFile(`${folder}/roster.json`, formatRoster(roster));
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}

/** A port that is free now: the roster must name it before any peer listens on it. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

interface Ready {
  peer: PeerId;
  invitation: string | null;
  holderInvitation: string | null;
}

class PeerProcess {
  readonly name: string;
  readonly folder: string;
  readonly #tokens: readonly string[];
  readonly #log: DemoOptions["log"];
  readonly #admit: Admit;
  #child: Deno.ChildProcess | null = null;
  #input: WritableStreamDefaultWriter<Uint8Array> | null = null;
  #ready = Promise.withResolvers<Ready>();
  #stopping = false;
  #lost = false;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #over: Promise<void> = Promise.resolve();

  constructor(name: string, folder: string, tokens: readonly string[], { log, admit }: DemoOptions) {
    this.name = name;
    this.folder = folder;
    this.#tokens = tokens;
    this.#log = log;
    this.#admit = admit ?? (() => Promise.resolve("decline"));
  }

  async start(): Promise<Ready> {
    const program = fileURLToPath(new URL("./peer.ts", import.meta.url));
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--allow-net",
        "--allow-env",
        "--allow-sys",
        "--allow-read",
        `--allow-write=${this.folder}`,
        program,
        "--dir",
        this.folder,
        ...this.#tokens,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#over = this.#follow(child);
    return await this.#ready.promise;
  }

  async up(): Promise<void> {
    await this.#ready.promise;
  }

  async #follow(child: Deno.ChildProcess): Promise<void> {
    const errors = (async () => {
      for await (const line of child.stderr.pipeThrough(new TextLineStream())) this.#log(this.name, line);
    })();
    const input = this.#input = child.stdin.getWriter();
    const decide = answering(this.#admit, (line) => {
      input.write(new TextEncoder().encode(`${line}\n`)).catch(() => {}); // the peer is gone, and nobody waits for the answer
    });
    for await (const line of child.stdout.pipeThrough(new TextLineStream())) {
      const said = JSON.parse(line);
      if (said.type === "ready") this.#ready.resolve(said);
      else if (said.type === "asks") decide(said);
    }
    await errors;
    const { code } = await child.status;
    await input.close().catch(() => {}); // the process is gone, and so is its end of the pipe
    this.#ready.reject(new Error(`${this.name} ended with exit code ${code}`));
    this.#ready.promise.catch(() => {}); // whoever waits for it sees the rejection
    if (this.#stopping || this.#lost) return;
    this.#ready = Promise.withResolvers();
    this.#log(this.name, `gone with exit code ${code}; back in ${restartAfter / 1000} s`);
    this.#restart = setTimeout(() => void this.start(), restartAfter);
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  async lose(): Promise<void> {
    this.#lost = true;
    this.kill();
    await this.#over;
  }

  async find(): Promise<void> {
    this.#lost = false;
    this.#ready = Promise.withResolvers();
    await this.start();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    await this.#input?.close().catch(() => {}); // the peer stops when its input ends, unless it is gone already
    await this.#over;
  }
}
