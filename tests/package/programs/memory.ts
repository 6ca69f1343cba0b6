/**
 * Three nodes on the network in memory that `./testing` has. A program of its own, copied into an empty folder.
 * @module
 */
import { testCluster } from "@quorate/quorate/testing";

const cluster = await testCluster(3);
const { node } = cluster.peers[0]!;
const key = await node.generateKey({ wallet: "ours", scheme: "ed25519", threshold: 2 }).result;
const { bytes } = await node.sign({ wallet: "ours", scheme: "ed25519", message: key.publicKey }).result;
await cluster[Symbol.asyncDispose]();
console.log(bytes.length);
