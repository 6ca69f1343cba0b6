/**
 * A party's ends of the wire, joined in memory: what a session gives a vault. A hash stands for each signature, so that
 * runs are fast and repeat. Not a test by itself.
 * @module
 */
import { sha512 } from "@noble/hashes/sha2.js";
import assert from "node:assert/strict";
import { type Codec, equal } from "../../src/crypto/codec.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Envelope, Incoming, Progress, RunIo, Statement } from "../../src/ports.ts";
import { messageRecord } from "../../src/session/echo.ts";
import { statementOf } from "../../src/session/envelope.ts";

export interface LocalIo extends RunIo {
  readonly progressed: Progress[];
  readonly sent: Envelope[];
  readonly banned: PeerId[];
  readonly aborting: AbortController;
  /** What a session would hand in beside the messages of the others: an envelope is one that its author has signed. */
  put(incoming: Incoming): void;
}

/** May change an envelope on its way, or drop it. */
export type OnWire = (envelope: Envelope, to: PeerId) => Envelope | null;

/** Stands for an author's signature, 64 bytes: no code under test makes one, so a changed statement has none. */
function signatureOf({ session, round, from, to, bodyHash }: Omit<Statement, "signature">): Uint8Array {
  const content = JSON.stringify([`key of ${from}`, session.toHex(), round, from, to, bodyHash.toHex()]);
  return sha512(new TextEncoder().encode(content));
}

const isSigned = (statement: Statement) => equal(statement.signature, signatureOf(statement));

/** An envelope as its author signs it. */
export const signedByAuthor = (envelope: Envelope): Envelope => ({
  ...envelope,
  signature: signatureOf(statementOf(envelope)),
});

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

/**
 * The ends of everyone in the party. What a message becomes on its way, its author has signed: a cheat changes its own
 * messages, not the entries of others that it echoes.
 */
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
          const envelope = signedByAuthor({
            session,
            round,
            from: self,
            to: audience === "all" ? "*" : to,
            body,
            signature: new Uint8Array(),
          });
          sent.push(envelope);
          const arriving = onWire(envelope, to);
          if (arriving === null) return;
          assert.equal(arriving.from, self, "nobody signs for another");
          inboxes.get(to)!.put({ type: "envelope", envelope: signedByAuthor(arriving), evidence: false });
        },
        // Answers late, as a real one does.
        verify: async (statement) => {
          await Promise.resolve();
          return isSigned(statement);
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
    put(incoming: Incoming) {
      if (incoming.type === "envelope") {
        assert.ok(isSigned(statementOf(incoming.envelope)), "it is authentic");
      }
      if (listener) listener(incoming);
      else early.push(incoming);
    },
    listen(heard: (incoming: Incoming) => void) {
      listener = heard;
      early.splice(0).forEach(heard);
    },
  };
}
