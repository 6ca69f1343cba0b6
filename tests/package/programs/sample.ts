/**
 * A program that the type checker of another project reads, in its strictest form.
 * @module
 */
import {
  createNode,
  type EcdsaSignature,
  explain,
  type Explainable,
  type FailureCode,
  failures,
  type GroupKey,
  InputError,
  memoryStore,
  newIdentity,
  type QuorateNode,
  type Roster,
  SessionError,
  verify,
  warnings,
} from "@quorate/quorate";
import { browserTransport, storedIdentity } from "@quorate/quorate/browser";
import { createKeyFile, keyFile, sqliteStore, webSockets } from "@quorate/quorate/server";
import { testCluster, VirtualClock } from "@quorate/quorate/testing";

/** Two nodes that nobody starts. */
export async function nodes(roster: Roster): Promise<readonly QuorateNode[]> {
  const { peer } = await createKeyFile("a.age");
  const server = await createNode({
    identity: await keyFile("a.age"),
    roster,
    store: sqliteStore("shares.db"),
    transport: webSockets({ listen: ["/ip4/127.0.0.1/tcp/0/ws"] }),
    approve: { initiators: { treasury: [peer] } },
  });
  await using tab = await createNode({
    identity: await newIdentity(),
    roster,
    store: memoryStore(),
    transport: browserTransport(),
    approve: (ask) => Promise.resolve(ask.kind === "sign" ? "accept" : "decline"),
    startWorker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  });
  return [server, tab];
}

/** Each signature has its scheme's type. */
export async function sign(node: QuorateNode, key: GroupKey, message: Uint8Array): Promise<boolean> {
  const one: EcdsaSignature = await node.sign({ wallet: "treasury", scheme: "ecdsa", message }).result;
  try {
    const other = await node.sign({ wallet: key.wallet, scheme: "ed25519", message }).result;
    return verify(key, message, other) && one.der.length > 0;
  } catch (error) {
    if (error instanceof SessionError && error.failure) return said(error.failure).length > 0;
    if (error instanceof InputError) return error.field === "wallet";
    throw error;
  }
}

/** The tables have all their rows: a type of them that is lost in a package fails here. */
export function said(failure: Explainable & { type: "failed" }): string {
  const code: FailureCode = failure.code;
  const { what, next } = explain(failure, (peer) => peer);
  return `${what} ${next} ${failures[code].remedy} ${failures.expired.what} ${warnings["late-message"].what}`;
}

/** A cluster in memory. */
export async function tested(): Promise<number> {
  const clock = new VirtualClock();
  await using cluster = await testCluster(3, { clock });
  return cluster.peers.length + (storedIdentity() ? 1 : 0);
}
