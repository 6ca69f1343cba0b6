import assert from "node:assert/strict";
import { SessionError } from "../../src/errors.ts";
import { proven } from "../../src/schemes/proven.ts";
import type { ShowingNet } from "../../src/schemes/secret_scheme.ts";

const shown = [Uint8Array.of(1, 2)];
const net = { evidence: () => shown } as unknown as ShowingNet<Record<never, never>>;

Deno.test("proven() adds evidence to a failure that names culprits, and changes nothing else of it", async () => {
  const cause = new Error("underneath");
  for (const checkableBy of [null, "recipient"] as const) {
    const failure = new SessionError("invalid-signature-share", { culprits: ["bob"], checkableBy, cause });
    const { code, culprits, missing, claims } = failure;
    const kept = { code, culprits, missing, claims, checkableBy, cause };
    await assert.rejects(proven(net, Promise.reject(failure)), { ...kept, evidence: shown });
  }
});

Deno.test("proven() leaves an error alone that names nobody, or that has evidence", async () => {
  const own = new SessionError("equivocation", { culprits: ["bob"], evidence: [Uint8Array.of(3)] });
  for (const error of [new SessionError("share-corrupt"), own, new Error("other")]) {
    await assert.rejects(proven(net, Promise.reject(error)), (thrown) => thrown === error);
  }
});
