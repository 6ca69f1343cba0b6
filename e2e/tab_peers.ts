/**
 * Tabs that are full parties, as a test drives them. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import * as secp256k1 from "tiny-secp256k1";
import type { RosterPeer } from "../src/cluster/roster/roster.ts";
import type { NodeEvent, Scheme, SessionEvent } from "../src/events.ts";
import { poll } from "./killed_process.ts";
import type { Outcome, Starting, TabPeerPage } from "./programs/tab_peer.ts";
import { serveBundle, type Site } from "./static.ts";

const programs = new URL("./programs/", import.meta.url);
const worker = new URL("../src/worker.ts", import.meta.url);

/** The page and its worker. */
export function serveTabPeer(): Promise<Site> {
  return serveBundle(new URL("tab_peer.ts", programs), new URL("tab_peer.html", programs), {
    "vault.js": worker,
  });
}

/** A person's browser with one tab: its storage outlives the tab. */
export class TabPeer implements AsyncDisposable {
  page!: Page;
  devtools!: CDPSession;
  peer = "";
  /** Errors that nobody caught. */
  readonly complaints: string[] = [];
  private constructor(readonly name: string, readonly context: BrowserContext, readonly url: string) {}

  /** Opens a tab in a fresh profile, with an identity of its own. Its node is started apart. */
  static async open(browser: Browser, url: string, name: string): Promise<TabPeer> {
    return await TabPeer.openIn(await browser.newContext(), url, name);
  }

  /** Opens a tab in a profile. */
  static async openIn(context: BrowserContext, url: string, name: string): Promise<TabPeer> {
    const tab = new TabPeer(name, context, url);
    await tab.reopen();
    return tab;
  }

  /**
   * Another tab of the same profile, or the first; opens the identity that is there.
   *
   * @param prepare What is done to the page before it loads anything.
   */
  async reopen(prepare = (_devtools: CDPSession): Promise<unknown> => Promise.resolve()): Promise<void> {
    this.page = await this.context.newPage();
    this.page.on("pageerror", (error) => this.complaints.push(String(error)));
    this.devtools = await this.context.newCDPSession(this.page);
    await prepare(this.devtools);
    await this.page.goto(this.url);
    await this.#become();
  }

  /** As with the browser's button. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.#become();
  }

  async #become(): Promise<void> {
    await this.page.waitForFunction(() => document.documentElement.dataset.ready !== undefined);
    const peer = await this.ask("become", this.name);
    assert.ok(this.peer === "" || this.peer === peer, `${this.name} is another after it was opened again`);
    this.peer = peer;
  }

  get entry(): RosterPeer {
    return { peer: this.peer, name: this.name, addresses: [], rights: ["holder", "initiator", "manager"] };
  }

  /** Calls a function of the page. */
  async ask<K extends keyof TabPeerPage>(
    name: K,
    ...args: Parameters<TabPeerPage[K]>
  ): Promise<Awaited<ReturnType<TabPeerPage[K]>>> {
    return await this.page.evaluate(
      ([name, args]) => {
        const { peer } = globalThis as unknown as { peer: Record<string, (...args: unknown[]) => unknown> };
        return peer[name as string]!(...args as unknown[]);
      },
      [name, args] as const,
    ) as Awaited<ReturnType<TabPeerPage[K]>>;
  }

  start = (starting: Starting) => this.ask("start", starting);

  /** Waits until this tab's links to all of `peers` are up. */
  async linked(peers: readonly string[]): Promise<void> {
    const up = async (peer: string) => (await this.ask("peer", peer))?.link === "up";
    await poll(`links of ${this.name}`, async () => (await Promise.all(peers.map(up))).every(Boolean));
  }

  /** Waits until nothing stands between this tab and another. */
  async direct(peer: string): Promise<void> {
    const direct = async () => (await this.ask("peer", peer))?.carrier?.relayed === false;
    await poll(`a direct connection of ${this.name}`, direct);
  }

  /** Makes a key. @returns Its public half, in hex. */
  async generate(wallet: string, scheme: Scheme, threshold: number, members: readonly string[]) {
    const id = await this.ask("generate", wallet, scheme, threshold, members);
    const outcome = await this.ask("outcome", id);
    assert.ok("publicKey" in outcome, `${this.name}: ${JSON.stringify(outcome)}`);
    return outcome.publicKey;
  }

  /** Signs, and has the signature looked at by a library that the product does not use. @returns ms it took. */
  async sign(key: SignedWith, text: string, signers?: readonly string[]): Promise<number> {
    const began = performance.now();
    const id = await this.ask("sign", key.wallet, key.scheme, text, signers);
    const outcome = await this.ask("outcome", id);
    const ms = performance.now() - began;
    assertSigned(key, text, outcome);
    return ms;
  }

  /** What this tab has told of a command, once `isSo` holds of it. */
  async story(id: string, isSo: (story: readonly NodeEvent[]) => boolean, ms?: number) {
    let story: NodeEvent[] = [];
    await poll(`${this.name} to tell more of ${id}`, async () => {
      story = await this.ask("story", id);
      return isSo(story);
    }, ms).catch((error) => {
      throw new Error(`${error.message}; it told ${JSON.stringify(story)}`);
    });
    return story as SessionEvent[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }
}

/** A key as a verifier sees it; `publicKey` in hex. */
export interface SignedWith {
  wallet: string;
  scheme: Scheme;
  publicKey: string;
}

/** The signature verifies under the key: with OpenSSL, or with libsecp256k1. */
export function assertSigned({ scheme, publicKey }: SignedWith, text: string, outcome: Outcome): void {
  assert.ok("bytes" in outcome, JSON.stringify(outcome));
  assert.equal(outcome.publicKey, publicKey);
  const message = new TextEncoder().encode(text);
  const bytes = Uint8Array.fromHex(outcome.bytes);
  const key = Uint8Array.fromHex(publicKey);
  if (scheme === "ed25519") {
    const spki = Buffer.from([...Uint8Array.fromHex("302a300506032b6570032100"), ...key]);
    assert.ok(verify(null, message, createPublicKey({ key: spki, format: "der", type: "spki" }), bytes));
  } else {
    const digest = createHash("sha256").update(message).digest();
    assert.equal(outcome.digest, digest.toString("hex"));
    assert.ok(secp256k1.verify(digest, key, bytes, true));
  }
}
