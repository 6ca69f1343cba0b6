/**
 * The examples of `docs/examples/`, as programs in folders of their own, with the packed package in Node 22. Not a test
 * by itself.
 * @module
 */
import {
  type Approve,
  createNode,
  formatRoster,
  type GroupKey,
  memoryStore,
  type QuorateNode,
  type RosterPeer,
  type Scheme,
  signRoster,
} from "../mod.ts";
import { createKeyFile, keyFile, webSockets } from "../src/server.ts";
import manifest from "../deno.json" with { type: "json" };
import { installed, nodeIn, nodePackage, packed } from "../tests/package/project.ts";
import { freePort } from "./folders.ts";
import { poll } from "./killed_process.ts";

const root = new URL("../", import.meta.url);
const decoder = new TextDecoder();

/** The packages that examples use beside our own. */
const beside = ["@scure/btc-signer", "@solana/kit", "nostr-tools/", "standardwebhooks", "viem"] as const;

/** A folder in which examples run. */
export interface ExampleFolder extends AsyncDisposable {
  readonly path: string;
  /** Puts a program of `docs/examples/` there, and starts it. */
  start(example: string, env?: Readonly<Record<string, string>>): Promise<Program>;
}

/** A program that runs. */
export interface Program extends AsyncDisposable {
  /** The next line that it prints. @throws {Error} With what it wrote, if it ends before. */
  line(): Promise<string>;
  /** Asks it to end. @returns Its exit code. */
  end(): Promise<number>;
}

/** Makes a folder for examples. */
export async function exampleFolder(): Promise<ExampleFolder> {
  await using tarball = await packed();
  const versions = beside.map((name) => manifest.imports[name].replace(/^npm:\/?/, "").replace(/\/$/, ""));
  const project = await installed(tarball.tarball, `${nodePackage}@22`, ...versions);
  const path = project.folder;
  return {
    path,
    start: (example, env = {}) => started({ path, example, env, program: nodeIn(project) }),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

/** An example with a `package.json`, installed by npm and built by Vite, as its user would. */
export interface BuiltExample extends AsyncDisposable {
  /** The folder of the files for a static host. */
  readonly path: string;
}

/** Installs and builds an example. @throws {Error} With what npm or Vite wrote. */
export async function builtExample(example: string): Promise<BuiltExample> {
  const path = await Deno.makeTempDir({ prefix: "quorate-example-" });
  const from = new URL(`docs/examples/${example}/`, root);
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(new URL(name, from), `${path}/${name}`);
  }
  const wanted = JSON.parse(await Deno.readTextFile(`${path}/package.json`));
  await using tarball = await packed();
  wanted.dependencies["@quorate/quorate"] = `file:${tarball.tarball}`;
  await Deno.writeTextFile(`${path}/package.json`, JSON.stringify(wanted));
  const quiet = ["--no-audit", "--no-fund", "--no-progress", "--prefer-offline", "--loglevel=error"];
  for (const args of [["install", ...quiet], ["run", "build"]]) {
    const { success, stdout, stderr } = await new Deno.Command("npm", { args, cwd: path }).output();
    if (!success) throw new Error(`npm ${args[0]}: ${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  }
  return {
    path: `${path}/dist`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

interface Starting {
  path: string;
  example: string;
  program: string;
  env: Readonly<Record<string, string>>;
}

async function started({ path, example, program, env }: Starting): Promise<Program> {
  const file = example.slice(example.lastIndexOf("/") + 1);
  await Deno.copyFile(new URL(`docs/examples/${example}`, root), `${path}/${file}`);
  const piped = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(program, { args: [file], cwd: path, env, ...piped }).spawn();
  const complaints = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  let rest = "";
  let over = false;
  const end = async () => {
    if (!over) child.kill("SIGTERM");
    const { code } = await child.status;
    over = true;
    return code;
  };
  child.status.then(() => over = true);
  return {
    end,
    async line() {
      while (!rest.includes("\n")) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`${example} has ended: ${rest}${await complaints}`);
        rest += decoder.decode(value, { stream: true });
      }
      const [line] = rest.split("\n", 1);
      rest = rest.slice(line!.length + 1);
      return line!;
    },
    async [Symbol.asyncDispose]() {
      await end();
      await reader.cancel();
      await complaints;
    },
  };
}

/** Three holders in this process, with keys of the wallet “treasury”, for a client whose files are in a folder. */
export class Holders implements AsyncDisposable {
  private constructor(readonly nodes: readonly QuorateNode[], readonly keys: ReadonlyMap<Scheme, GroupKey>) {}

  /** @param folder Receives `identity.age` and `roster.json` of a client with this name. */
  static async start(
    folder: string,
    { client, schemes, approve = () => Promise.resolve("accept") }: {
      client: string;
      schemes: readonly Scheme[];
      approve?: Approve;
    },
  ): Promise<Holders> {
    const holders: RosterPeer[] = [];
    const dir = await Deno.makeTempDir();
    for (const name of ["Alice", "Bob", "Carol"]) {
      const { peer } = await createKeyFile(`${dir}/${name}.age`);
      const addresses = [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`];
      holders.push({ peer, name, addresses, rights: ["holder", "manager"] });
    }
    const { peer } = await createKeyFile(`${folder}/identity.age`);
    const admin = await createKeyFile(`${dir}/admin.age`);
    const asking: RosterPeer = { peer, name: client, addresses: [], rights: ["initiator"] };
    const roster = await signRoster(admin, [...holders, asking], null);
    await Deno.writeTextFile(`${folder}/roster.json`, formatRoster(roster));
    const nodes = await Promise.all(holders.map(async ({ name, addresses }) =>
      await createNode({
        identity: await keyFile(`${dir}/${name}.age`),
        roster,
        approve,
        store: memoryStore(),
        transport: webSockets({ listen: [...addresses] }),
      })
    ));
    await Deno.remove(dir, { recursive: true });
    const linked = ({ peers }: QuorateNode) => [...peers.values()].filter(({ link }) => link === "up").length;
    await poll("the holders' links", () => nodes.every((node) => linked(node) === 2));
    const keys = new Map<Scheme, GroupKey>();
    for (const scheme of schemes) {
      const request = { wallet: "treasury", scheme, threshold: 2 };
      keys.set(scheme, await nodes[0]!.generateKey(request).result);
    }
    return new Holders(nodes, keys);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
