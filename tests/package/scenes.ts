/**
 * The scenes of an installed package: each signs with what the package has, and nothing else. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { emptyFolder, esbuild, nodeIn, type Project } from "./project.ts";

/** All that `programs/cluster.ts` has to print. */
const outcome = { signed: ["ed25519", "ed25519", "ecdsa", "ecdsa"], hex: false };

/** Reads the last line of `programs/cluster.ts`. */
const outcomeOf = (output: string): unknown => JSON.parse(output.trim().split("\n").at(-1)!);

/** The differences between versions of Node. */
export interface NodeVersion {
  /** Whether its `Uint8Array` has hex. */
  hex?: boolean;
  /** Whether it is confined to files of the project. From 24 on a confined Node may not sync a file, as a store does. */
  confines?: boolean;
}

const addCluster = async ({ add }: Project) => {
  await add("cluster.ts");
  await add("peers.ts");
};

/** Holders and a client sign in Node. */
export async function signInNode(
  project: Project,
  { hex = false, confines = true }: NodeVersion = {},
): Promise<void> {
  await addCluster(project);
  const run = confines ? confined : ({ run }: Project, node: string, program: string) => run(node, [program]);
  assert.deepEqual(outcomeOf(await run(project, nodeIn(project), "cluster.ts")), { ...outcome, hex });
}

/** The oldest Node signs, and its SQLite undoes what has failed, waits for another process, and empties its log. */
export async function signInOldest(project: Project): Promise<string> {
  await addCluster(project);
  await project.add("store.ts");
  const run = (program: string) => project.run(nodeIn(project), ["--experimental-strip-types", program]);
  assert.deepEqual(outcomeOf(await run("cluster.ts")), outcome);
  return await run("store.ts");
}

/** The same, of a bundle of esbuild's, in a folder without packages. */
export async function signInBundle(project: Project): Promise<void> {
  await addCluster(project);
  await using bare = await emptyFolder();
  // The worker is started out of the folder above the bundle, where the package has it too.
  const entries = ["app/cluster=cluster.ts", "worker=@quorate/quorate/worker"];
  // CommonJS packages call `require`, which a module has not.
  const require =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  const how = ["--bundle", "--platform=node", "--format=esm", "--target=node22", "--log-level=warning"];
  await esbuild(project, [...entries, ...how, `--outdir=${bare.folder}`, `--banner:js=${require}`]);
  const output = await confined(bare, nodeIn(project), "app/cluster.js");
  assert.deepEqual(outcomeOf(output), outcome);
}

/** The same in Bun, which has no such confinement. */
export async function signInBun(project: Project): Promise<string> {
  await addCluster(project);
  const bun = `${project.folder}/node_modules/.bin/bun`;
  assert.deepEqual(outcomeOf(await project.run(bun, ["cluster.ts"])), { ...outcome, hex: true });
  await project.add("memory.ts");
  assert.equal((await project.run(bun, ["memory.ts"])).trim(), "64");
  return await project.run(bun, ["--version"]);
}

/** A client in Node is killed at ten points of a request, and has one outcome after its restart. */
export async function killClientInNode(project: Project): Promise<string> {
  await project.add("peers.ts");
  await project.add("killed_client.ts");
  const output = await project.run(nodeIn(project), ["killed_client.ts"]);
  const { killedAt } = outcomeOf(output) as { killedAt: readonly string[] };
  assert.equal(killedAt.length, 10);
  return `killed ${killedAt.length} times`;
}

/** A cluster in memory signs in Node, as in a test of somebody else's program. */
export async function signInMemory(project: Project): Promise<void> {
  await project.add("memory.ts");
  assert.equal((await project.run(nodeIn(project), ["memory.ts"])).trim(), "64");
}

/** Runs a program by a Node that can read nothing outside the folder, and so nothing of the repository. */
async function confined({ folder, run, add }: Project, node: string, program: string): Promise<string> {
  await add("tmp/empty", "");
  const here = await Deno.realPath(folder);
  const files = [`--allow-fs-read=${here}/`, `--allow-fs-write=${here}/tmp/`];
  return await run(node, ["--permission", ...files, "--allow-worker", program], { TMPDIR: `${here}/tmp` });
}
