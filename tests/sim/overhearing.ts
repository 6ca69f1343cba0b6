/**
 * A peer that asks for the outcome of a command which another has asked for, by its id. Not a test by itself.
 * @module
 */
import { outcomeAnswer, outcomeQuestion } from "../../src/cluster/commands/outcome/outcome_server.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { ChannelError } from "../../src/errors.ts";
import { maxOutcomeFrame } from "../../src/limits.ts";
import type { ClusterNode } from "./cluster.ts";

/** Asks other nodes. @returns What each of them says, unless it is that it knows nothing. */
export async function overheard(
  by: ClusterNode,
  others: ReadonlyMap<string, ClusterNode>,
  id: string,
): Promise<string[]> {
  const heard: string[] = [];
  const question = outcomeQuestion.encode({ id: Uint8Array.fromHex(id), order: new Uint8Array(), place: 0 });
  for (const [name, { node: { self } }] of others) {
    if (self === by.node.self) continue;
    try {
      const channel = await by.node.network.open(self, protocols.outcome, { maxFrame: maxOutcomeFrame });
      await channel.send(question);
      const frame = await channel.receive();
      await channel.end();
      const answer = frame && outcomeAnswer.decode(frame);
      if (answer && (answer.state !== "unknown" || answer.outcome.length > 0)) {
        heard.push(`${name}: ${answer.state}`);
      }
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error; // it is not there, and says nothing
    }
  }
  return heard;
}
