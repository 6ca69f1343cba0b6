/**
 * A cheater that answers each question about its vote with a signed no, and all others with nothing. Not a test by
 * itself.
 * @module
 */
import { protocols } from "../../src/cluster/context.ts";
import { standing } from "../../src/cluster/keys/sync.ts";
import { answerRecord, questionRecord } from "../../src/cluster/keys/sync_question.ts";
import { ChannelError } from "../../src/errors.ts";
import type { Channel, Network } from "../../src/ports.ts";
import { noOf } from "../../src/keystore/key_rows.ts";
import { openRecord } from "../../src/session/control.ts";
import { readSigned } from "../../src/session/signed.ts";
import type { ClusterNode } from "./cluster.ts";

/** From now on, until it starts again. */
export function saysNo({ node, identity }: Pick<ClusterNode, "node" | "identity">): void {
  const { network } = node as unknown as { readonly network: Network };
  network.handle(protocols.sync, (channel) =>
    void answer(channel).catch((error) => {
      if (!(error instanceof ChannelError)) throw error;
    }));

  async function answer(channel: Channel): Promise<void> {
    const asked = await channel.receive();
    if (asked === null) return channel.abort();
    const { about, shown } = questionRecord.decode(asked);
    const open = about === "vote" ? await readSigned(identity, openRecord, shown) : null;
    if (open?.value.kind === "generate") {
      const signature = await noOf(identity, open.value.session);
      const item = standing.encode({ says: "no", signature, certificate: new Uint8Array() });
      await channel.send(answerRecord.encode({ item }));
    }
    await channel.end();
  }
}
