/**
 * The figures of a run as a table in a Markdown file, between two marks; what is written around them stays.
 * @module
 */
import { type Figure, machine } from "./figures.ts";

const begin = "<!-- figures: written by deno task bench -->";
const end = "<!-- end of figures -->";

/** Puts the figures in their place. @throws {Error} If the file has no place for them. */
export async function writeReport(path: string, figures: readonly Figure[], quick: boolean): Promise<void> {
  const text = await Deno.readTextFile(path);
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`Cannot write figures: expected ${begin} … ${end} in ${path}`);
  const command = `deno task bench${quick ? " --quick" : ""} --write ${path}`;
  const day = new Date().toISOString().slice(0, 10);
  const about =
    `\`${command}\`, ${day}, on ${await machine()}. Load is of the last minute: the machine is shared.`;
  const table = [
    "| what | median | p95 | p99 | max | unit | n | load |",
    "| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |",
    ...figures.map(({ name, hearsay, ownMax, median, p95, p99 = "", max = "", unit, n, load }) =>
      `| ${name}${hearsay ? ` (${hearsay} more heard of it from another first)` : ""}${
        ownMax === undefined ? "" : ` (at most ${ownMax} of its own work)`
      } | ${median} | ${unit === "1/s" ? "" : p95} | ${p99} | ${max} | ${unit} | ${n} | ${load} |`
    ),
  ].join("\n");
  await Deno.writeTextFile(
    path,
    `${text.slice(0, from)}${begin}\n\n${about}\n\n${table}\n\n${text.slice(to)}`,
  );
}
