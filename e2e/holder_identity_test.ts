/**
 * A holder's identity in a real browser: locked with a passphrase and with a passkey, kept, held by one tab, restored.
 * @module
 */
import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import { formatRoster, signRoster } from "../src/cluster/roster/roster.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { sealBackup } from "../src/keystore/backup/backup.ts";
import { authenticator } from "./authenticator.ts";
import { openBrowser } from "./chromium.ts";
import type { Calls } from "./programs/holder_page.ts";
import { serveBundle } from "./static.ts";

const root = new URL("./programs/", import.meta.url);
const passphrase = "correct horse battery";
const named = { name: "Ada's laptop" };

type Called<K extends keyof Calls> = Awaited<ReturnType<Calls[K]>>;
interface Refused {
  name: string;
  message: string;
  field?: string;
}

async function ask<K extends keyof Calls>(page: Page, name: K, ...args: Parameters<Calls[K]>) {
  await page.waitForFunction("globalThis.call");
  return await page.evaluate(
    ([name, args]) => (globalThis as unknown as { call(...all: unknown[]): unknown }).call(name, ...args),
    [name, args] as [string, unknown[]],
  ) as { value?: Called<K>; error?: Refused };
}

async function call<K extends keyof Calls>(
  page: Page,
  name: K,
  ...args: Parameters<Calls[K]>
): Promise<Called<K>> {
  const { value, error } = await ask(page, name, ...args);
  assert.ok(error === undefined, `${name}: ${JSON.stringify(error)}`);
  return value!;
}

async function refused<K extends keyof Calls>(
  page: Page,
  name: K,
  ...args: Parameters<Calls[K]>
): Promise<Refused> {
  const { value, error } = await ask(page, name, ...args);
  assert.ok(error, `${name} gave ${JSON.stringify(value)}`);
  assert.ok(!error.message.includes(passphrase) && !/SECRET-KEY-1[0-9A-Z]/.test(error.message));
  return error;
}

/** A page of a fresh browser profile, on a domain that passkeys take: an IP address is none. */
async function inBrowser(
  use: (page: Page, devtools: CDPSession, url: string) => Promise<void>,
): Promise<void> {
  await using site = await serveBundle(new URL("holder_page.ts", root), new URL("holder.html", root));
  const url = site.url.replace("127.0.0.1", "localhost");
  const browser = await openBrowser();
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    await use(page, await context.newCDPSession(page), url);
  } finally {
    await browser.close();
  }
}

Deno.test("A browser keeps an identity under a passphrase, over a reload, and opens it within seconds", async () => {
  await inBrowser(async (page) => {
    assert.equal(await call(page, "look"), null);
    const peer = await call(page, "create", { ...named, lock: { passphrase } });
    await page.reload();
    assert.deepEqual(await call(page, "look"), { peer, ...named, lock: "passphrase" });
    const wrong = await refused(page, "unlock", { passphrase: "incorrect horse" });
    assert.deepEqual([wrong.name, wrong.field], ["InputError", "passphrase"]);
    const opened = await call(page, "unlock", { passphrase });
    assert.equal(opened.peer, peer);
    assert.ok(opened.ms > 100 && opened.ms < 10_000, "work, and not too much of it");
    await call(page, "forget");
    await page.reload();
    assert.equal(await call(page, "look"), null);
  });
});

Deno.test("A browser keeps an identity under a passkey, and says when it is refused", async () => {
  await inBrowser(async (page, devtools) => {
    const authenticatorId = await authenticator(devtools, { hasPrf: true });
    const lock = { passkey: { name: "Quorate: Ada" } };
    const peer = await call(page, "create", { ...named, lock });
    await page.reload();
    assert.deepEqual(await call(page, "look"), { peer, ...named, lock: "passkey" });
    assert.equal((await call(page, "unlock", { passkey: true })).peer, peer);
    await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    const said = await refused(page, "unlock", { passkey: true });
    assert.deepEqual([said.name, said.field], ["InputError", "passkey"]);
    assert.match(said.message, /refused/);
    await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
    assert.equal((await refused(page, "unlock", { passkey: true })).field, "passkey", "the passkey is gone");
    assert.deepEqual(await call(page, "look"), { peer, ...named, lock: "passkey" }, "what it locks is not");
  });
});

Deno.test("A browser whose passkeys cannot encrypt, or that has none, says to use a passphrase, and keeps nothing", async () => {
  await inBrowser(async (page, devtools, url) => {
    const lock = { passkey: { name: "Quorate: Ada" } };
    await authenticator(devtools, { hasPrf: false });
    const without = await refused(page, "create", { ...named, lock });
    assert.deepEqual([without.name, without.field], ["InputError", "passkey"]);
    assert.match(without.message, /PRF.*use a passphrase/);
    assert.equal(await call(page, "look"), null);
    await page.goto(url.replace("localhost", "127.0.0.1"));
    const nowhere = await refused(page, "create", { ...named, lock });
    assert.match(nowhere.message, /https or localhost.*use a passphrase/);
    assert.equal(await call(page, "look"), null);
  });
});

Deno.test("A browser says whether it keeps what is stored", async () => {
  await inBrowser(async (page, devtools, url) => {
    const before = await call(page, "state");
    assert.equal(before.persisted, false);
    assert.ok(before.quota! > 0 && before.usage! >= 0);
    assert.equal(
      (await call(page, "persist")).persisted,
      false,
      "Chromium decides by itself, and does not know us",
    );
    const origin = new URL(url).origin;
    const { targetInfo: { browserContextId } } = await devtools.send("Target.getTargetInfo");
    await devtools.send("Browser.grantPermissions", {
      origin,
      ...(browserContextId ? { browserContextId } : {}),
      permissions: ["durableStorage"],
    });
    assert.equal((await call(page, "persist")).persisted, true);
    assert.equal((await call(page, "state")).persisted, true);
  });
});

Deno.test("A browser whose storage is full says what to do, keeps nothing, and goes on when there is room", async () => {
  await inBrowser(async (page, devtools, url) => {
    const origin = new URL(url).origin;
    await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 2_000_000 });
    const full = await refused(page, "fill", 8_000_000);
    assert.equal(full.name, "StoreError");
    assert.match(full.message, /free disk space, or let this site store more/);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin });
    await page.reload();
    assert.equal(await call(page, "fill", 8_000_000), true);
  });
});

Deno.test("One tab of an identity is active; the next has its turn when that one is gone, however it went", async () => {
  await inBrowser(async (first, _devtools, url) => {
    const open = async () => {
      const page = await first.context().newPage();
      await page.goto(url);
      return page;
    };
    const [second, third, other] = [await open(), await open(), await open()];
    assert.equal(await call(first, "tab", "ada"), true);
    assert.equal(await call(second, "tab", "ada"), false);
    assert.equal(await call(third, "tab", "ada"), false);
    assert.equal(await call(other, "tab", "bob"), true, "another identity is another matter");
    let came = false;
    const turn = call(second, "turn").then((active) => came = active);
    await call(third, "leave"); // gives up waiting
    assert.equal(came, false);
    await first.close();
    assert.equal(await turn, true);
    await call(third, "tab", "ada");
    await call(second, "leave");
    assert.equal(await call(third, "turn"), true);
  });
});

Deno.test("A browser becomes the peer of a backup, under a passkey of its own", async () => {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const [identity, admin] = [await newIdentity(random), await newIdentity(random)];
  const { peer } = identity;
  const roster = await signRoster(admin, [{ peer, name: "Ada", addresses: [], rights: ["holder"] }], null);
  const backup = {
    peer,
    secrets: identity.secrets(),
    cluster: admin.peer,
    roster: formatRoster(roster),
    created: Date.now(),
    rows: new Map([["ban/x", Uint8Array.of(1)]]),
  };
  const file = (await sealBackup(backup, passphrase)).toHex();
  await inBrowser(async (page, devtools) => {
    await authenticator(devtools, { hasPrf: true });
    const how = { ...named, lock: { passkey: { name: "Quorate: Ada" } }, file };
    const wrong = await refused(page, "restore", { ...how, passphrase: "incorrect horse" });
    assert.equal(wrong.field, "passphrase");
    assert.equal(await call(page, "look"), null);
    const back = await call(page, "restore", { ...how, passphrase });
    assert.deepEqual(back, {
      peer,
      version: 1,
      keys: [],
      rows: ["backup/state", "ban/x", "data-key", "restored"],
    });
    await page.reload();
    assert.equal((await call(page, "unlock", { passkey: true })).peer, peer);
    assert.deepEqual(await call(page, "restore", { ...how, passphrase }), back, "twice is once");
  });
});
