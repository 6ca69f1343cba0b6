/**
 * A host that remembers what it is told, for tests of anything that is a Network.
 * @module
 */
import process from "node:process";
import { ed25519 } from "@noble/curves/ed25519.js";
import { base58 } from "@scure/base";
import type { Reservation } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Host, Identity } from "../../src/ports.ts";

/** Peer id of an Ed25519 key: the identity multihash of its protobuf, in base58btc. */
function peerOf(publicKey: Uint8Array): PeerId {
  return base58.encode(new Uint8Array([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, ...publicKey]));
}

/** An identity whose key is a byte 32 times: the same in every run. */
export function testIdentity(seed: number): Identity {
  const peerSeed = new Uint8Array(32).fill(seed);
  const publicKey = ed25519.getPublicKey(peerSeed);
  return {
    peer: peerOf(publicKey),
    sign: (message) => Promise.resolve(ed25519.sign(message, peerSeed)),
    verify(peer, message, signature) {
      const key = base58.decode(peer).subarray(6);
      return Promise.resolve(signature.length === 64 && ed25519.verify(signature, message, key));
    },
    secrets: () => ({ peerSeed: peerSeed.slice(), storageKey: "none" }),
  };
}

/** Admits whom it is told to, and writes down everything. */
export class TestHost implements Host {
  readonly identity: Identity;
  readonly admitted = new Set<PeerId>();
  /** Strangers that wait for an answer. */
  readonly waiting = new Set<PeerId>();
  /** How many strangers there is room for. */
  room = 0;
  /** `+` and `-` with the peer, as they came. */
  readonly peers: string[] = [];
  /** Whose connections changed, as they did. */
  readonly changes: PeerId[] = [];
  /** What relays did, and which. */
  readonly relays: string[] = [];
  readonly drops: { code: string; via: PeerId | null }[] = [];

  constructor(seed: number) {
    this.identity = testIdentity(seed);
  }
  get peer(): PeerId {
    return this.identity.peer;
  }
  admits(peer: PeerId): boolean {
    return this.admitted.has(peer);
  }
  waits(peer: PeerId): boolean {
    return this.waiting.has(peer);
  }
  strangers(): number {
    return this.room;
  }
  connected(peer: PeerId): void {
    this.peers.push(`+${peer}`);
  }
  disconnected(peer: PeerId): void {
    this.peers.push(`-${peer}`);
  }
  changed(peer: PeerId): void {
    this.changes.push(peer);
  }
  reservation({ relay, state }: Reservation): void {
    this.relays.push(`${state} ${relay}`);
  }
  dropped(code: "unauthentic-frame" | "oversized-frame" | "foreign-frame", via: PeerId | null): void {
    this.drops.push({ code, via });
  }
  /** Drops of a code that came over a peer. */
  count(code: string, via: PeerId): number {
    return this.drops.filter((drop) => drop.code === code && drop.via === via).length;
  }
}

/** Hosts that admit each other. */
export function testHosts(count: number, firstSeed = 1): TestHost[] {
  const hosts = Array.from({ length: count }, (_, n) => new TestHost(firstSeed + n));
  for (const host of hosts) for (const other of hosts) if (other !== host) host.admitted.add(other.peer);
  return hosts;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until it is so. @throws {Error} If it is not so in time. */
export async function until(what: string, isSo: () => boolean, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`Waited ${ms} ms for: ${what}`);
    await sleep(5);
  }
}

/** libp2p leaves timers of up to a second when it has stopped; the leak sanitizer would show them. */
export async function settle(): Promise<void> {
  const end = performance.now() + 3_000;
  while (performance.now() < end && process.getActiveResourcesInfo().includes("Timeout")) await sleep(25);
  await sleep(0);
}
