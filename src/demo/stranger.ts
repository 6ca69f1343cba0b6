/**
 * A stranger: a real peer outside the roster, with a key that nobody knows, which connects wherever it is let
 * in and sends frames that claim to belong to a session.
 * @module
 */
import { ChannelError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { newIdentity } from "../identity/identity.ts";
import { platformRandom } from "../platform/platform.ts";
import type { Network, Transport } from "../ports.ts";
import { protocols } from "../cluster/records/protocols.ts";
import { openRecord } from "../session/control.ts";
import { sign } from "../session/signed.ts";
import { askingHost } from "../transport/asking_host.ts";

/** Streams that are open at the same time. */
const streamsAtOnce = 32;

/** Refusals in a row after which it gives up: two for each stream. */
const mostRefusals = 2 * streamsAtOnce;

/**
 * Sends `count` forged frames to each of `victims`.
 *
 * @returns How many were handed to a stream; a peer that does not let strangers in gets none.
 */
export async function forgeFrames(
  transport: Transport,
  victims: readonly { peer: PeerId; addresses: readonly string[] }[],
  count: number,
): Promise<number> {
  const identity = await newIdentity(platformRandom);
  const isVictim = (peer: PeerId) => victims.some((victim) => victim.peer === peer);
  const network = await transport.start(askingHost(identity, isVictim));
  const draw = () => platformRandom(32);
  const frame = async () =>
    (await sign(identity, openRecord, { kind: "sign", attempt: draw(), session: draw(), link: draw() }))
      .encoded;
  try {
    const sent = await Promise.all(victims.map((victim) => flood(network, victim, count, frame)));
    return sent.reduce((a, b) => a + b, 0);
  } finally {
    await network.stop();
  }
}

async function flood(
  network: Network,
  { peer, addresses }: { peer: PeerId; addresses: readonly string[] },
  count: number,
  frame: () => Promise<Uint8Array>,
): Promise<number> {
  let sent = 0;
  let left = count;
  let refused = 0;
  // A stranger is disconnected after a while and comes back; one that is never let in gives up.
  const one = async () => {
    while (left > 0 && refused < mostRefusals) {
      try {
        await network.connect(peer, addresses, AbortSignal.timeout(5_000));
        const channel = await network.open(peer, protocols.session, {});
        if (left-- <= 0) return channel.abort();
        const sending = channel.send(await frame());
        sent++;
        refused = 0;
        await sending;
        await channel.receive().catch(() => null); // until the peer has hung up: an aborted frame may never be read
        channel.abort();
      } catch (error) {
        if (!(error instanceof ChannelError)) throw error;
        refused++;
      }
    }
  };
  await Promise.all(Array.from({ length: streamsAtOnce }, one));
  return sent;
}
