/**
 * What a peer can do beside its node, with its own valid keys: name another as coordinator of its command, ask for a name
 * that is taken, and say an invite twice.
 * @module
 */
import { commandRecord } from "../../src/cluster/records/command.ts";
import type { KeyName } from "../../src/cluster/records/key_name.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { itemFacts } from "../../src/cluster/records/items.ts";
import { encodeOrder } from "../../src/cluster/records/order.ts";
import type { PeerId } from "../../src/failure.ts";
import { maxCommandFrame } from "../../src/limits.ts";
import { sign } from "../../src/session/signed.ts";
import type { ClusterNode } from "./cluster.ts";
import { item } from "./item.ts";

/** A signature that is asked for with a coordinator of the asker's choice. */
export interface ForeignCommand {
  /** 16 bytes. */
  id: Uint8Array;
  wallet: string;
  signers: readonly PeerId[];
  coordinator: PeerId;
  message: Uint8Array;
}

/** Signs a command as `by` and gives it to its coordinator. What comes of it nobody here waits for. */
export async function askForeign(by: ClusterNode, now: number, asked: ForeignCommand): Promise<void> {
  const { id, wallet, signers, coordinator, message } = asked;
  const key = (await by.node.keys()).find((known) => known.wallet === wallet && known.scheme === "ed25519")!;
  const items = [item({ message })];
  const command = await sign(by.identity, commandRecord, {
    id,
    cluster: by.node.roster.cluster,
    kind: "sign",
    wallet,
    scheme: "ed25519",
    keyId: Uint8Array.fromHex(key.session),
    epoch: key.epoch,
    threshold: 0,
    members: [],
    dealers: [],
    gone: [],
    signers: [...signers].sort(),
    ...itemFacts(items),
    note: "",
    reference: "",
    coordinators: [coordinator],
    created: now,
    expires: now + 60_000,
  });
  await say(by, coordinator, protocols.command, encodeOrder({ signed: command.encoded, items }));
}

/** A key that is asked for with any name. */
export interface NameCommand extends KeyName {
  /** 16 bytes. */
  id: Uint8Array;
  threshold: number;
  members: readonly PeerId[];
  coordinator: PeerId;
}

/** A manager that does not care whether a name is taken asks for a key of it. What comes of it nobody here waits for. */
export async function askForName(by: ClusterNode, now: number, asked: NameCommand): Promise<void> {
  const { coordinator, members, ...named } = asked;
  const command = await sign(by.identity, commandRecord, {
    ...named,
    members: [...members].sort(),
    cluster: by.node.roster.cluster,
    kind: "generate",
    keyId: new Uint8Array(),
    epoch: 0,
    dealers: [],
    gone: [],
    signers: [],
    ...itemFacts([]),
    note: "",
    reference: "",
    coordinators: [coordinator],
    created: now,
    expires: now + 60_000,
  });
  await say(by, coordinator, protocols.command, encodeOrder({ signed: command.encoded, items: [] }));
}

/** Says one frame on a stream of its own, and listens until the other has nothing more to say. */
export async function say(by: ClusterNode, to: PeerId, protocol: string, frame: Uint8Array): Promise<void> {
  try {
    const channel = await by.node.network.open(to, protocol, { maxFrame: maxCommandFrame });
    await channel.send(frame);
    while (await channel.receive() !== null);
    await channel.end();
  } catch {
    // The other has dropped it: that is its right.
  }
}
