/**
 * Two nodes in memory that hold shares together. Not a test by itself.
 * @module
 */
import { createNode, memoryStore, type QuorateNode, signRoster, type Transport } from "../../mod.ts";
import type { Approval } from "../../src/cluster/commands/consent/approval.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import type { IdentitySecrets } from "../../src/ports.ts";
import { pause } from "../../src/session/deadline.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";

/** Alice, who has the admin key, and Bob. */
export class Pair implements AsyncDisposable {
  private constructor(
    readonly alice: QuorateNode,
    readonly bob: QuorateNode,
    /** Bob's secrets, which unlock his node. */
    readonly secrets: () => IdentitySecrets,
    /** A transport of the same network, for another peer. */
    readonly transport: () => Transport,
  ) {}

  /** @param approve Who decides at Bob. */
  static async start(approve: Approval = "roster"): Promise<Pair> {
    const admin = await newIdentity(platformRandom);
    const identities = await Promise.all(["Alice", "Bob"].map(() => newIdentity(platformRandom)));
    const peers = identities.map(({ peer }, i) => ({
      peer,
      name: ["Alice", "Bob"][i]!,
      addresses: [`/memory/${i}`],
      rights: ["holder", "initiator", "manager"] as const,
    }));
    const roster = await signRoster(admin, peers, null);
    const network = memoryNetwork({ clock: platformClock });
    const [alice, bob] = await Promise.all(identities.map((identity, i) =>
      createNode({
        approve: i === 0 ? "roster" : approve,
        ...(i === 0 && { admin }),
        identity,
        roster,
        store: memoryStore(),
        transport: network.transport(),
      })
    ));
    return new Pair(alice!, bob!, () => identities[1]!.secrets(), () => network.transport());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.alice.stop(), this.bob.stop()]);
    await pause(platformClock, 200); // a terminated worker's own operations end a little later
  }
}
