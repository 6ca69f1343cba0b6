import { deepEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import type { CertificateChange } from "../../src/events.ts";
import { StoreError } from "../../src/errors.ts";
import type { Certificate, CertificateKeeper } from "../../src/ports.ts";
import { certificateOf } from "../../src/transport/webrtc/certificate.ts";

const year = 365 * 86_400_000;
const now = Date.UTC(2026, 0, 1);

/** Keeps it in memory, and what it was told. */
class Keeper implements CertificateKeeper {
  kept: Certificate | "damaged" | null = null;
  readonly changes: CertificateChange[] = [];
  load(): Promise<Certificate | "damaged" | null> {
    return Promise.resolve(this.kept);
  }
  replace(next: Certificate, change: CertificateChange): Promise<void> {
    this.kept = next;
    this.changes.push(change);
    return Promise.resolve();
  }
}

Deno.test("certificateOf() makes one, and gives the same at every later start", async () => {
  const keeper = new Keeper();
  const first = await certificateOf(keeper, now);
  match(first.pem, /^-----BEGIN CERTIFICATE-----\n/);
  match(first.privateKey, /^-----BEGIN PRIVATE KEY-----\n/);
  match(first.certhash, /^uEi[\w-]{44}$/); // base64url of 0x12 0x20 and 32 bytes
  deepEqual(await certificateOf(keeper, now + 8 * year), first);
  deepEqual(keeper.changes, [{ state: "made", until: now + 10 * year }]);
});

Deno.test("certificateOf() renews it in its last year, and says so", async () => {
  const keeper = new Keeper();
  const first = await certificateOf(keeper, now);
  const almost = now + 9 * year;
  deepEqual(await certificateOf(keeper, almost - 1), first);
  const second = await certificateOf(keeper, almost);
  notEqual(second.certhash, first.certhash);
  notEqual(second.privateKey, first.privateKey);
  deepEqual(keeper.changes.at(-1), { state: "renewed", until: almost + 10 * year });
});

Deno.test("certificateOf() replaces one that cannot be read, and says so", async () => {
  const keeper = new Keeper();
  keeper.kept = "damaged";
  const { certhash } = await certificateOf(keeper, now);
  deepEqual(keeper.changes, [{ state: "replaced", until: now + 10 * year }]);
  equal((await certificateOf(keeper, now)).certhash, certhash);
});

Deno.test("certificateOf() gives none that could not be kept", async () => {
  const keeper = new Keeper();
  keeper.replace = () => Promise.reject(new StoreError("no"));
  await rejects(certificateOf(keeper, now), StoreError);
});
