/**
 * Tries the seeded bugs whose names have a text in them, and says how long each took:
 * `deno run -A tests/sim/mutate.ts "consent"`.
 * @module
 */
import { allMutants } from "./all_mutants.ts";
import { survivorsOf } from "./mutation.ts";

const [part = ""] = Deno.args;
const chosen = allMutants.filter(({ name }) => name.includes(part));
const survivors = await survivorsOf(
  chosen,
  ({ name }, seconds) => console.log(`${seconds.toFixed(1).padStart(6)} s  ${name}`),
);
for (const survivor of survivors) console.error(survivor);
console.log(`${chosen.length - survivors.length} of ${chosen.length} caught`);
Deno.exit(survivors.length === 0 && chosen.length > 0 ? 0 : 1);
