/**
 * What must hold after a peer was killed: a wallet is active at all members or gone at all, and nobody is blamed.
 * @module
 */
import assert from "node:assert/strict";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { KeyName } from "../src/cluster/records/key_name.ts";
import type { NodeEvent } from "../src/events.ts";
import { SessionError } from "../src/errors.ts";
import type { KilledCluster } from "./killed_cluster.ts";
import type { KilledPeer } from "./killed_peer.ts";
import { poll } from "./killed_process.ts";
import type { Point } from "./programs/stopping_points.ts";

const message = new TextEncoder().encode("still here");

/** Whether somebody has not answered an invite in time, as a machine with much to do has it; nothing came of it. */
const isSlow = (error: unknown): boolean =>
  error instanceof Error && error.message.endsWith(": not-enough-peers");

/** A key that was made, as whoever asked for it was told. */
export interface MadeKey extends KeyName {
  readonly publicKey: string;
}

/** Whether a signature of the message is the key's, by code that is not this product's. */
async function verifies({ scheme, publicKey }: MadeKey, signature: Uint8Array): Promise<boolean> {
  const raw = Uint8Array.fromHex(publicKey);
  if (scheme === "ecdsa") return secp256k1.verify(signature, message, raw);
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  return await crypto.subtle.verify("Ed25519", key, signature.slice(), message);
}

/** Kills peers of a cluster while something is written, and looks at what is left. */
export class Kills {
  /** What an initiator was told to be active: wallet and public key. */
  readonly #told = new Map<string, string>();
  readonly #wrong: NodeEvent[] = [];

  constructor(readonly cluster: KilledCluster) {
    void (async () => {
      for await (const event of cluster.node.events({ replay: 1024 })) this.#wrong.push(event);
    })();
  }

  /** Asks for a key. Whatever comes of it, the promise is kept. @returns What went wrong, if anything did. */
  async generate(wallet: string): Promise<SessionError | null> {
    const session = this.cluster.node.generateKey({ wallet, scheme: "ed25519", threshold: 2 });
    try {
      this.#told.set(wallet, (await session.result).publicKey.toHex());
      return null;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return error;
    }
  }

  /** Asks two for a signature. Whatever comes of it. */
  async sign(wallet: string, signers: readonly KilledPeer[]): Promise<void> {
    const asked = { wallet, scheme: "ed25519" as const, message, signers: signers.map(({ peer }) => peer) };
    await this.cluster.node.sign(asked).result.catch((error) => {
      if (!(error instanceof SessionError)) throw error;
    });
  }

  /** Has `victim` killed at `point` of what `act` begins. It is not started again. @returns What came of `act`. */
  async during<T>(victim: KilledPeer, point: Point, act: () => Promise<T>): Promise<T> {
    await this.cluster.met();
    await victim.arm(point);
    const acting = act();
    await victim.killAt(point);
    return await acting;
  }

  /** Everyone is up: the wallet is active at all, and any two of them sign; or it is gone at all, and can be made. */
  async survives(wallet: string, as: "active" | "gone"): Promise<void> {
    await this.cluster.met();
    const rows = async () =>
      (await this.cluster.states()).map(({ keys }) => keys.find((key) => key.wallet === wallet));
    const told = () => this.#told.get(wallet);
    await poll(`“${wallet}” to be ${as} at all`, async () => {
      const all = await rows();
      return all.every((row) => as === "gone" ? row === undefined : row?.state === "active");
    });
    if (as === "gone") {
      assert.equal(told(), undefined, "nobody was told of it");
      assert.equal(await this.generate(wallet), null, `“${wallet}” can be made again`);
    }
    const publicKeys = new Set((await rows()).map((row) => row!.publicKey));
    assert.equal(publicKeys.size, 1);
    const [publicKey] = publicKeys as unknown as [string];
    if (told()) assert.equal(publicKey, told());
    const [a, b, c] = this.cluster.peers;
    const key = { wallet, scheme: "ed25519", publicKey } as const;
    for (const pair of [[a, b], [b, c], [c, a]] as const) await this.signs(key, pair);
  }

  async signs(key: MadeKey, [a, b]: readonly [KilledPeer, KilledPeer]): Promise<void> {
    let signature = "";
    await poll(`${a.name} and ${b.name} to sign with “${key.wallet}”, ${key.scheme}`, async () => {
      try {
        signature = await a.sign(key, [a.peer, b.peer], message.toHex());
      } catch (error) {
        if (!isSlow(error)) throw error;
      }
      return signature !== "";
    });
    assert.ok(await verifies(key, Uint8Array.fromHex(signature)));
  }

  /** The roster of this process is everyone's. */
  async sameRoster(): Promise<void> {
    await this.cluster.met();
    const { version } = this.cluster.node.roster;
    const same = async () => (await this.cluster.states()).every((state) => state.version === version);
    await poll("everyone's roster to be the newest", same);
  }

  /** All are killed at once; every key that anyone was told of signs. */
  async all(): Promise<void> {
    const [a, b] = this.cluster.peers;
    await Promise.all(this.cluster.peers.map((peer) => peer.kill()));
    for (const peer of this.cluster.peers) peer.start();
    await this.cluster.met();
    const states = await this.cluster.states();
    for (const [wallet, publicKey] of this.#told) {
      for (const { keys } of states) {
        const key = keys.find((key) => key.wallet === wallet);
        assert.equal(key?.state, "active", wallet);
        assert.equal(key.publicKey, publicKey, wallet);
      }
      await this.signs({ wallet, scheme: "ed25519", publicKey }, [a, b]);
    }
  }

  nobodyIsBlamed(): void {
    for (const event of [...this.#wrong, ...this.cluster.peers.flatMap(({ wrong }) => wrong)]) {
      assert.notEqual(event.type, "ban", JSON.stringify(event));
      if (event.type === "failed") assert.deepEqual(event.culprits, [], JSON.stringify(event));
    }
  }
}
