/**
 * Puts seeded bugs into copies of the product, one after the other, and runs what is to catch each.
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutants.ts";

/**
 * What a mutant needs to live: the product, and the tests that are to catch it. Mutants live in copies; the product
 * itself knows nothing of them.
 */
const needed = ["mod.ts", "src", "web", "tests", "deno.json", "deno.lock", "package.json"];
const root = fileURLToPath(new URL("../../", import.meta.url));
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function copy(): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "quorate-mutant-" });
  for (const path of needed) await copyInto(`${root}${path}`, `${dir}/${path}`);
  await Deno.symlink(`${root}node_modules`, `${dir}/node_modules`);
  return dir;
}

async function copyInto(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) {
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    return await Deno.copyFile(from, to);
  }
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copyInto(`${from}/${name}`, `${to}/${name}`);
}

/** Puts the bug in. @returns Takes it out again. */
async function apply(dir: string, { name, patches }: Mutant): Promise<() => Promise<void>> {
  const before = new Map<string, string>();
  for (const { file, find, replace } of patches) {
    const text = await Deno.readTextFile(`${dir}/${file}`);
    if (!before.has(file)) before.set(file, text);
    const times = text.split(find).length - 1;
    assert.equal(times, 1, `“${name}”: its patch of ${file} matches ${times} times`);
    await Deno.writeTextFile(`${dir}/${file}`, text.replace(find, () => replace));
  }
  return async () => {
    for (const [file, text] of before) await Deno.writeTextFile(`${dir}/${file}`, text);
  };
}

/** A bug may be one that never ends and keeps everything. */
const heap = "--v8-flags=--max-old-space-size=1024";
const mostMs = 300_000;

function command({ caughtBy }: Mutant): string[] {
  if ("test" in caughtBy) {
    return ["test", "-A", "--no-check", heap, "--filter", caughtBy.test, caughtBy.file];
  }
  const hunt = ["run", "-A", "--no-check", heap, "tests/sim/hunt.ts"];
  if ("lines" in caughtBy) {
    return [...hunt, "--lines", caughtBy.lines.join(", "), "--invariant", caughtBy.invariant];
  }
  const { cells, most = 40 } = caughtBy;
  return [...hunt, "--cells", cells.join(", "), "--most", String(most)];
}

/** What a child said that found the bug: not one that did not compile. */
const found = /caught after|AssertionError/;

async function caught(dir: string, mutant: Mutant): Promise<string | null> {
  const restore = await apply(dir, mutant);
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: command(mutant),
      cwd: dir,
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    });
    const running = child.spawn();
    const timer = setTimeout(() => running.kill("SIGKILL"), mostMs);
    const { code, stdout, stderr } = await running.output();
    clearTimeout(timer);
    const said = `${decode(stdout)}${decode(stderr)}`;
    return code !== 0 && found.test(said) ? null : `“${mutant.name}” survived: ${said.slice(-600)}`;
  } finally {
    await restore();
  }
}

/**
 * Tries each of `mutants`, on every core.
 *
 * @param onTried Told of each, with the seconds that it took.
 * @returns What is to be said of those that no test caught.
 */
export async function survivorsOf(
  mutants: readonly Mutant[],
  onTried: (mutant: Mutant, seconds: number) => void = () => {},
): Promise<string[]> {
  const waiting = [...mutants];
  const survivors: string[] = [];
  const thread = async () => {
    const dir = await copy();
    try {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const began = performance.now();
        const survived = await caught(dir, mutant);
        onTried(mutant, (performance.now() - began) / 1000);
        if (survived !== null) survivors.push(survived);
      }
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: Math.min(mutants.length, navigator.hardwareConcurrency) }, thread));
  return survivors;
}
