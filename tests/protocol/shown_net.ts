/**
 * Runs of a protocol over the session's own net, with its echoes and its evidence: whoever fails shows what it has
 * to show to the others, as a session does. Not a test by itself.
 * @module
 */
import { SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { platformClock } from "../../src/platform/platform.ts";
import type { Envelope } from "../../src/ports.ts";
import type { Rounds } from "../../src/protocol/rounds.ts";
import { decodeEnvelope } from "../../src/session/envelope.ts";
import { type OpenNet, openNet } from "../../src/session/net.ts";
import { localIos, type OnWire, signedByAuthor } from "../worker/local_io.ts";
import { session } from "./keys.ts";

/** How a run ended at one peer. */
export type ShownEnding<T> = { result: T; error?: never } | { result?: never; error: SessionError };

export interface ShownRun<P extends Rounds, T> {
  rounds: P;
  party: readonly PeerId[];
  protocol(net: OpenNet<P>): Promise<T>;
  /**
   * Changes a message on its way, or drops it. Whatever it changes, the message's author has signed.
   *
   * @param show Shows a message to everyone but its author and its recipient, as evidence.
   * @param put Delivers a message of its author's once more.
   */
  onWire?: (
    envelope: Envelope,
    to: PeerId,
    also: { show(envelope: Envelope): void; put(envelope: Envelope, to: PeerId): void },
  ) => Envelope | null;
}

/** Time for the others to look at what is shown, ms: then the peer that failed leaves them. */
const lookMs = 60;

export async function runShown<P extends Rounds, T>(
  { rounds, party, protocol, onWire = (envelope) => envelope }: ShownRun<P, T>,
): Promise<ReadonlyMap<PeerId, ShownEnding<T>>> {
  const show = (envelope: Envelope) => {
    for (const [peer, io] of ios) {
      if (peer !== envelope.from && peer !== envelope.to) {
        io.put({ type: "envelope", envelope, evidence: true });
      }
    }
  };
  const put = (envelope: Envelope, to: PeerId) =>
    ios.get(to)!.put({ type: "envelope", envelope, evidence: false });
  const passing: OnWire = (envelope, to) =>
    onWire(envelope, to, {
      show: (envelope) => show(signedByAuthor(envelope)),
      put: (envelope, to) => put(signedByAuthor(envelope), to),
    });
  const ios = localIos(party, session, passing);
  const run = async (self: PeerId): Promise<[PeerId, ShownEnding<T>]> => {
    const options = { session, self, party, roundMs: 20_000, clock: platformClock };
    try {
      return [self, { result: await protocol(openNet(rounds, ios.get(self)!, options)) }];
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      for (const encoded of error.evidence) {
        try {
          show(decodeEnvelope(encoded));
        } catch {
          // A statement out of an echo: it is no envelope, and says nothing of a direct round.
        }
      }
      await new Promise<void>((resolve) => platformClock.timer(lookMs, resolve));
      for (const io of ios.values()) io.put({ type: "left", peer: self });
      return [self, { error }];
    }
  };
  return new Map(await Promise.all(party.map(run)));
}

/** The messages that failures show and that were for one peer. */
export function directShown<T>(endings: ReadonlyMap<PeerId, ShownEnding<T>>): Envelope[] {
  const shown = [...endings.values()].flatMap(({ error }) => error?.evidence ?? []);
  return shown.flatMap((encoded) => {
    try {
      const envelope = decodeEnvelope(encoded);
      return envelope.to === "*" ? [] : [envelope];
    } catch {
      return [];
    }
  });
}
