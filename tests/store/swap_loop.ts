/**
 * A process that adds to a record in a SQLite store, says each version on its output once it is acknowledged, and
 * ends when it has won `count` times, if nothing kills it: `swap_loop.ts PATH COUNT`.
 * @module
 */
import { sqliteStore } from "../../src/store/sqlite.ts";

const [path = "", count = "0"] = Deno.args;
const store = sqliteStore(path);
for (let won = 0; won < Number(count);) {
  const version = (await store.get("loop"))?.version ?? null;
  const next = (version ?? 0) + 1;
  if (!await store.swap("loop", version, new TextEncoder().encode(`${next}`))) continue;
  Deno.stdout.writeSync(new TextEncoder().encode(`${next}\n`));
  won++;
}
await store.close();
