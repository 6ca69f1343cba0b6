/**
 * A process that claims a SQLite store, says so on its output, and keeps it until it is killed: `claim_and_wait.ts PATH`.
 * @module
 */
import { sqliteStore } from "../../src/store/sqlite.ts";

await sqliteStore(Deno.args[0]!).claim!();
Deno.stdout.writeSync(new TextEncoder().encode("claimed\n"));
setInterval(() => {}, 60_000);
