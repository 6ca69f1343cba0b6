import assert from "node:assert/strict";
import { SessionError } from "../../src/errors.ts";
import { proven } from "../../src/schemes/run/proven.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import type { ShowingNet } from "../../src/schemes/secret_scheme.ts";

const shown = [Uint8Array.of(1, 2)];
const net = { evidence: () => shown } as unknown as ShowingNet<Record<never, never>>;

/** The failure of a signature that does not verify. */
function failed(): SessionError {
  try {
    schemes.ecdsa.signatureOf(new Uint8Array(33), new Uint8Array(32), new Uint8Array(64));
  } catch (error) {
    if (error instanceof SessionError) return error;
  }
  assert.fail("expected a failure");
}

Deno.test("proven() adds evidence to a failure that names culprits, and changes nothing else of it", async () => {
  const cause = new Error("underneath");
  for (const checkableBy of [null, "recipient"] as const) {
    const failure = Object.assign(failed(), { culprits: ["bob"], checkableBy, cause });
    const { code, culprits, missing, claims } = failure;
    const kept = { code, culprits, missing, claims, checkableBy, cause };
    await assert.rejects(proven(net, Promise.reject(failure)), { ...kept, evidence: shown });
  }
});

Deno.test("proven() leaves an error alone that names nobody, or that has evidence", async () => {
  const own = Object.assign(failed(), { culprits: ["bob"], evidence: [Uint8Array.of(3)] });
  for (const error of [failed(), own, new Error("other")]) {
    await assert.rejects(proven(net, Promise.reject(error)), (thrown) => thrown === error);
  }
});
