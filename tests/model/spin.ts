/**
 * Runs the model of docs/model through spin: makes the checker of one configuration, compiles it, lets it look at every
 * state, and says what it found.
 * @module
 */
import { fileURLToPath } from "node:url";

export const model = fileURLToPath(new URL("../../docs/model/commit.pml", import.meta.url));

export interface Verdict {
  /** Assertions that were violated: 0, or 1, since the search ends at the first. */
  errors: number;
  states: number;
  /** Steps of the longest run. */
  depth: number;
  /** Megabytes. */
  memory: number;
  /** Seconds of the search alone. */
  seconds: number;
  /** What happened in the run that breaks it, in order; its last line is the property, as the model has it. */
  story: string[];
}

/** @throws {Error} One sentence that says what to install. */
export async function needSpin(): Promise<void> {
  if (await has("spin") && await has("gcc")) return;
  if (Deno.build.os === "linux" && Deno.uid() === 0) {
    console.error("No spin or gcc on PATH: installing Debian's packages.");
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    for (
      const args of [["update"], ["install", "--yes", "--no-install-recommends", "spin", "gcc", "libc6-dev"]]
    ) {
      const apt = new Deno.Command("apt-get", {
        args,
        env,
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      });
      await apt.output().catch(() => null);
    }
    if (await has("spin") && await has("gcc")) return;
  }
  throw new Error(
    "No spin or no gcc was found: install them (Debian: `apt-get install spin gcc libc6-dev`).",
  );
}

async function has(program: string): Promise<boolean> {
  try {
    const args = [program === "spin" ? "-V" : "--version"];
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Looks at every state of one configuration, or goes on to the first violation; the shortest one if `shortest`. */
export async function look(
  switches: readonly string[],
  { shortest }: { shortest: boolean },
): Promise<Verdict> {
  const cwd = await Deno.makeTempDir({ prefix: "quorate-model-" });
  try {
    const defines = switches.map((name) => `-D${name}`);
    await must("spin", [...defines, "-a", model], cwd);
    const search = shortest ? ["-DBFS"] : ["-DCOLLAPSE"];
    const gcc = ["-O2", "-w", "-DSAFETY", "-DMEMLIM=4096", ...search, "-o", "pan", "pan.c"];
    await must("gcc", gcc, cwd);
    // It leaves with another code, too, when it has found something.
    const { said } = await run(`${cwd}/pan`, ["-m100000"], cwd);
    if (/max search depth too small|out of memory|aborting/.test(said)) {
      throw new Error(`Cannot look at all states: ${said}`);
    }
    const errors = Number(said.match(/errors: (\d+)/)?.[1] ?? NaN);
    if (Number.isNaN(errors)) throw new Error(`Cannot read what the checker said: ${said}`);
    return {
      errors,
      states: Number(said.match(/(\d+) states, stored/)?.[1] ?? NaN),
      depth: Number(said.match(/depth reached (\d+)/)?.[1] ?? NaN),
      memory: Number(said.match(/([\d.]+)\s+total actual memory/)?.[1] ?? NaN),
      seconds: Number(said.match(/elapsed time ([\d.e+-]+) seconds/)?.[1] ?? 0),
      story: errors > 0 ? await story(defines, cwd) : [],
    };
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

async function story(defines: readonly string[], cwd: string): Promise<string[]> {
  const { said } = await run("spin", [...defines, "-T", "-k", `${cwd}/commit.pml.trail`, model], cwd);
  const lines = said.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const end = lines.findIndex((line) => line.startsWith("spin:"));
  const at = said.match(/commit\.pml:(\d+), Error: assertion violated/)?.[1];
  const source = (await Deno.readTextFile(model)).split("\n");
  const property = at === undefined ? [] : [`violated: ${source[Number(at) - 1]?.trim()}`];
  return [...lines.slice(0, end < 0 ? lines.length : end), ...property];
}

/** A program that has to succeed. */
async function must(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, said } = await run(program, args, cwd);
  if (code !== 0) throw new Error(`Cannot make the checker: ${program} says ${said}`);
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; said: string }> {
  const command = new Deno.Command(program, { args: [...args], cwd, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
