/**
 * From nothing to a signature by the README, from the sources. `package_test.ts` does the same with the package.
 * @module
 */
import { fromSources } from "../tests/cli/running.ts";
import { firstSignature } from "./first_signature.ts";

Deno.test({
  name: "README: six commands on three terminals lead from nothing to a signature",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const cwd = await Deno.makeTempDir({ prefix: "quorate-first-" });
    try {
      const seconds = await firstSignature({ ...fromSources, cwd });
      console.log(`the first signature after ${seconds.toFixed(1)} s`);
    } finally {
      await Deno.remove(cwd, { recursive: true });
    }
  },
});
