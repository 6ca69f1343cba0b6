/**
 * A node of libp2p's own, which speaks to ours without our code. Not a test by itself.
 * @module
 */
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { gossipsub, StrictNoSign } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";

export type RawNode = Awaited<ReturnType<typeof rawNode>>;

/** Starts one whose key is a byte 32 times. @param encrypter The encryption of its connections. */
export async function rawNode(seed: number, encrypter: ReturnType<typeof noise> = noise()) {
  return await createLibp2p({
    privateKey: await generateKeyPairFromSeed("Ed25519", new Uint8Array(32).fill(seed)),
    transports: [webSockets()],
    connectionEncrypters: [encrypter],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: gossipsub({ globalSignaturePolicy: StrictNoSign, allowPublishToZeroTopicPeers: true }),
    },
  });
}
