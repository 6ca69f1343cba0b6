import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { CertificateChange } from "../../src/events.ts";
import { StoreError } from "../../src/errors.ts";
import { keptCertificate } from "../../src/node/tls_certificate.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { sealedRecords } from "../../src/store/sealed.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const made = {
  certificate: new Uint8Array(400).fill(7),
  privateKey: new TextEncoder().encode("a private key"),
};
const change: CertificateChange = { state: "made", until: 1 };

/** A node's store, and its keeper as each start makes it. */
function scene(store = memoryStore()) {
  const key = random(32);
  const told: CertificateChange[] = [];
  const start = () => keptCertificate(sealedRecords(store, key, random), (change) => told.push(change));
  return { store, told, start };
}

Deno.test("keptCertificate() gives at the next start what was kept, and nothing of it is in the open", async () => {
  const { store, told, start } = scene();
  const keeper = start();
  equal(await keeper.load(), null);
  await keeper.replace(made, change);
  deepEqual(told, [change]);
  deepEqual(await start().load(), made);
  const [name] = await store.names("");
  const { sealed } = (await store.get(name!))!;
  ok(!new TextDecoder().decode(sealed).includes("private key"));
});

Deno.test("keptCertificate() puts a new one in the place of the old", async () => {
  const { start } = scene();
  const first = start();
  await first.load();
  await first.replace(made, change);
  const second = start();
  await second.load();
  const next = { ...made, certificate: new Uint8Array(300).fill(9) };
  await second.replace(next, { state: "renewed", until: 2 });
  deepEqual(await start().load(), next);
});

Deno.test("keptCertificate() says that the row is damaged, and another can take its place", async () => {
  const { store, start } = scene();
  const first = start();
  await first.load();
  await first.replace(made, change);
  const [name] = await store.names("");
  const { version, sealed } = (await store.get(name!))!;
  ok(await store.swap(name!, version, sealed.map((byte, at) => at === 30 ? byte ^ 1 : byte)));
  const second = start();
  equal(await second.load(), "damaged");
  await second.replace(made, { state: "replaced", until: 2 });
  deepEqual(await start().load(), made);
});

Deno.test("keptCertificate() does not take a store in trouble for one without a certificate", async () => {
  const { store, start } = scene();
  const first = start();
  await first.load();
  await first.replace(made, change);
  const get = store.get;
  store.get = () => Promise.reject(new StoreError("Cannot read: the disk"));
  await rejects(start().load(), StoreError);
  store.get = get;
  deepEqual(await start().load(), made);
});

Deno.test("keptCertificate() tells of none that was not written", async () => {
  const { told, start } = scene();
  const [one, two] = [start(), start()];
  await one.load();
  await two.load();
  await one.replace(made, change);
  await rejects(two.replace(made, change), StoreError);
  deepEqual(told, [change]);
});
