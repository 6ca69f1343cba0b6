/**
 * Gossip topics over gossipsub. Strangers take no part: the fence resets their streams before gossipsub sees
 * them.
 * @module
 */
import {
  type GossipSub,
  gossipsub,
  type GossipSubComponents,
  StrictNoSign,
  TopicValidatorResult,
} from "@libp2p/gossipsub";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { maxParties } from "../../limits.ts";
import type { Host, Topic, Verdict } from "../../ports.ts";

const results = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const satisfies Record<Verdict, TopicValidatorResult>;

/** The limits of one packet. A peer sends some 200 messages in a second of full traffic. */
const packet = {
  maxSubscriptions: 64,
  maxMessages: 1024,
  maxIhaveMessageIDs: 1024,
  maxIwantMessageIDs: 1024,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 64,
  maxPeerInfos: maxParties,
};

/** The bytes that gossipsub may keep of a peer's subscriptions: about 1 KiB each, so sixteen. */
const topicBytes = 16 * 1024;

/** The gossip of one node. */
export class Gossip {
  readonly #host: Host;
  /** The topics that this node uses. Messages of other topics are dropped. */
  readonly #topics = new Set<string>();
  readonly #handlers = new Map<string, Topic>();
  #pubsub: GossipSub | null = null;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The service for libp2p's options. */
  readonly service = (components: GossipSubComponents): GossipSub => {
    const pubsub = gossipsub({
      // The content is signed by its author already. A second signature would cost a check at every hop, and
      // would make two messages of one content.
      globalSignaturePolicy: StrictNoSign,
      // The id is a hash of the content. A message of an unknown topic gets no id, so that nothing of it is
      // kept. Gossipsub's own `allowedTopics` is fixed at construction, and drops subscriptions that come
      // before ours.
      msgIdFn: ({ topic, data }) => {
        if (!this.#topics.has(topic)) throw new Error("Not a topic of this node");
        return sha256(concatBytes(sha256(utf8ToBytes(topic)), data));
      },
      allowPublishToZeroTopicPeers: true,
      ignoreDuplicatePublishError: true,
      fallbackToFloodsub: false,
      emitSelf: false,
      tagMeshPeers: false, // gossip is no reason to keep a connection
      scoreParams: { IPColocationFactorWeight: 0 }, // many peers on one host are normal
      decodeRpcLimits: packet,
      maxTopicBytesPerPeer: topicBytes,
    })(components);
    pubsub.addEventListener(
      "message",
      ({ detail }) => this.#handlers.get(detail.topic)?.deliver(detail.data),
    );
    return this.#pubsub = pubsub;
  };

  subscribe(topic: string, handler: Topic): void {
    const host = this.#host;
    this.#topics.add(topic);
    this.#handlers.set(topic, handler);
    this.#pubsub?.topicValidators.set(topic, async (source, { data }) => {
      const from = source.toString();
      if (!host.admits(from)) {
        host.dropped("unauthentic-frame", from);
        return results.ignore;
      }
      try {
        return results[await handler.validate(data, from)];
      } catch {
        return results.ignore; // an error of this node is not the sender's fault
      }
    });
    this.#pubsub?.subscribe(topic);
  }

  async publish(topic: string, message: Uint8Array): Promise<void> {
    this.#topics.add(topic);
    try {
      // A copy: gossipsub keeps what it publishes, to repeat it.
      await this.#pubsub?.publish(topic, message.slice());
    } catch {
      // A neighbour's stream broke, or the node has stopped. Gossip may get lost.
    }
  }
}
