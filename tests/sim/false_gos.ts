/**
 * The gos of a coordinator that cheats, and transports that send them. Not a test by itself.
 * @module
 */
import type { Channel, Identity, Transport } from "../../src/ports.ts";
import type { PeerId } from "../../src/failure.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { acceptRecord, goRecord } from "../../src/session/invite.ts";
import { sign, unverified } from "../../src/session/signed.ts";

const valueOf = (go: Uint8Array) => unverified(goRecord, go)!.value;

/** The go of another session of the same attempt: the coordinator has accepted twice. */
export async function anotherGo(identity: Identity, go: Uint8Array): Promise<Uint8Array> {
  const { attempt, accepts } = valueOf(go);
  const changed = await Promise.all(accepts.map(async (encoded) => {
    const accept = unverified(acceptRecord, encoded)!;
    if (accept.by !== identity.peer) return encoded;
    const nonce = accept.value.nonce.map((byte) => byte ^ 1);
    return (await sign(identity, acceptRecord, { ...accept.value, nonce })).encoded;
  }));
  return (await sign(identity, goRecord, { attempt, accepts: changed })).encoded;
}

/** A go with an accept of the coordinator that is of another attempt. */
export async function mixedGo(identity: Identity, go: Uint8Array): Promise<Uint8Array> {
  const { attempt, accepts } = valueOf(go);
  const changed = await Promise.all(accepts.map(async (encoded) => {
    const accept = unverified(acceptRecord, encoded)!;
    if (accept.by !== identity.peer) return encoded;
    const other = attempt.map((byte) => byte ^ 1);
    return (await sign(identity, acceptRecord, { ...accept.value, attempt: other })).encoded;
  }));
  return (await sign(identity, goRecord, { attempt, accepts: changed })).encoded;
}

/** What is sent in the place of one frame. */
type Instead = (frame: Uint8Array, to: PeerId) => Promise<readonly Uint8Array[]>;

/** A transport whose node sends, for each go of its own, the gos that `instead` returns. */
export const sendingGos = (transport: Transport, instead: Instead): Transport =>
  sendingInstead(
    transport,
    protocols.invite,
    (frame, to) => unverified(goRecord, frame) ? instead(frame, to) : Promise.resolve([frame]),
  );

/** A transport whose node sends, on the streams of a protocol that it opens, what `instead` returns for a frame. */
export function sendingInstead(transport: Transport, of: string, instead: Instead): Transport {
  return {
    ...transport,
    async start(host) {
      const network = await transport.start(host);
      const honest = network.open.bind(network);
      const open: typeof honest = async (peer, protocol, options) => {
        const channel = await honest(peer, protocol, options);
        return protocol === of ? replacing(channel, instead) : channel;
      };
      return Object.assign(network, { open });
    },
  };
}

function replacing(channel: Channel, instead: Instead): Channel {
  let sent = Promise.resolve();
  return {
    peer: channel.peer,
    protocol: channel.protocol,
    receive: () => channel.receive(),
    end: () => sent.then(() => channel.end(), () => channel.end()),
    abort: () => channel.abort(),
    async send(frame) {
      const sending = instead(frame, channel.peer).then(async (frames) => {
        for (const one of frames) await channel.send(one);
      });
      return await (sent = sending);
    },
  };
}
