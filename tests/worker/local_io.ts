/**
 * A party's ends of the wire, joined in memory: what a session gives a vault, without signatures. Not a test by itself.
 * @module
 */
import type { Codec } from "../../src/crypto/codec.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Envelope, Incoming, Progress, RunIo } from "../../src/ports.ts";
import { messageRecord } from "../../src/session/echo.ts";

export interface LocalIo extends RunIo {
  readonly progressed: Progress[];
  readonly sent: Envelope[];
  readonly banned: PeerId[];
  readonly aborting: AbortController;
  /** What a session would hand in beside the messages of the others. */
  put(incoming: Incoming): void;
}

/** May change an envelope on its way, or drop it. */
export type OnWire = (envelope: Envelope, to: PeerId) => Envelope | null;

/** One peer's messages of one round, changed; what they echo stays. `to`: only those to this one. */
export function altered<T>(
  of: { from: PeerId; round: string; to?: PeerId },
  codec: Codec<T>,
  change: (message: T) => T,
): OnWire {
  return (envelope, to) => {
    if (envelope.from !== of.from || envelope.round !== of.round || (of.to ?? to) !== to) return envelope;
    const { payload, echo } = messageRecord.decode(envelope.body);
    const body = messageRecord.encode({ payload: codec.encode(change(codec.decode(payload))), echo });
    return { ...envelope, body };
  };
}

/** Signatures are 64 zeros here; `verify` says yes to exactly these, and says so late, as a real one does. */
export function localIos(
  party: readonly PeerId[],
  session: Uint8Array,
  onWire: OnWire = (envelope) => envelope,
): ReadonlyMap<PeerId, LocalIo> {
  const inboxes = new Map(party.map((peer) => [peer, inbox()]));
  return new Map(party.map((self) => {
    const progressed: Progress[] = [],
      sent: Envelope[] = [],
      banned: PeerId[] = [],
      aborting = new AbortController();
    const io: LocalIo = {
      wire: {
        self,
        party,
        send(to, round, body, audience) {
          const envelope: Envelope = {
            session,
            round,
            from: self,
            to: audience === "all" ? "*" : to,
            body,
            signature: new Uint8Array(64),
          };
          sent.push(envelope);
          const arriving = onWire(envelope, to);
          if (arriving) inboxes.get(to)!.put({ type: "envelope", envelope: arriving, evidence: false });
        },
        verify: async ({ signature }) => {
          await Promise.resolve();
          return signature.every((byte) => byte === 0);
        },
      },
      listen: inboxes.get(self)!.listen,
      progress: (progress) => void progressed.push(progress),
      ban: (peers) => Promise.resolve(void banned.push(...peers)),
      signal: aborting.signal,
      progressed,
      sent,
      banned,
      aborting,
      put: inboxes.get(self)!.put,
    };
    return [self, io];
  }));
}

function inbox() {
  const early: Incoming[] = [];
  let listener: ((incoming: Incoming) => void) | null = null;
  return {
    put: (incoming: Incoming) => void (listener ? listener(incoming) : early.push(incoming)),
    listen(heard: (incoming: Incoming) => void) {
      listener = heard;
      early.splice(0).forEach(heard);
    },
  };
}
