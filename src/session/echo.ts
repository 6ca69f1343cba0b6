/**
 * The echo of a reliable round: for each author, the hash of the message that was received and the author's
 * signature over it. An entry proves itself: a peer that echoes a false one is caught, and so is an author
 * who signed two.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytes, bytesUpTo, equal, list, record } from "../crypto/codec.ts";
import * as v from "valibot";
import type { FailureCode, PeerId } from "../failure.ts";
import { maxItems, maxSessionMessage, maxSessionParty } from "../limits.ts";
import type { Envelope, Statement } from "../ports.ts";
import { encodeEnvelope } from "./envelope.ts";
import type { Received } from "./received.ts";

/** 32 bytes of SHA-256(body), then 64 of signature. */
const entry = bytes(96);

/**
 * The body of every protocol message: the protocol's payload, and the echo of the reliable round before it.
 */
export const messageRecord = record("quorate/1/message", {
  payload: bytesUpTo(maxSessionMessage(maxItems)),
  /** In the order of the party, without the sender; empty where nothing is echoed. */
  echo: list(entry, maxSessionParty),
});

export type Echo = readonly Uint8Array[];

/** The echo by the peer `by` of the messages that it received. */
export function echoOf(party: readonly PeerId[], by: PeerId, received: ReadonlyMap<PeerId, Envelope>): Echo {
  return party.filter((peer) => peer !== by).map((author) => {
    const { body, signature } = received.get(author)!;
    const out = new Uint8Array(96);
    out.set(sha256(body));
    out.set(signature, 32);
    return out;
  });
}

/** The statements of each author in `round`, according to the echo by the peer `by`. */
export function statementsIn(
  echo: Echo,
  { party, by, session, round }: {
    party: readonly PeerId[];
    by: PeerId;
    session: Uint8Array;
    round: string;
  },
): Statement[] {
  return party.filter((peer) => peer !== by).map((from, i) => ({
    session,
    round,
    from,
    to: "*",
    bodyHash: echo[i]!.slice(0, 32),
    signature: echo[i]!.slice(32),
  }));
}

/** A signed statement as evidence: it stands for a message whose body is not at hand. */
export const statementEvidence = record("quorate/1/statement-evidence", {
  session: bytes(32),
  round: v.string(),
  from: v.string(),
  bodyHash: bytes(32),
  signature: bytes(64),
});

export interface EchoCheckOptions {
  self: PeerId;
  party: readonly PeerId[];
  /** 32 bytes. */
  session: Uint8Array;
  verify(statement: Statement): Promise<boolean>;
  /** Ends the run with an accusation. */
  accuse(code: FailureCode, culprit: PeerId, evidence: readonly Uint8Array[]): void;
  /** The evidence of one message, where it may be shown. */
  evidenceOf(received: Received): Uint8Array[];
  /** Whether the run has ended. */
  ended(): boolean;
}

/** One round, and the messages that echo it. */
export interface EchoedRound {
  readonly round: string;
  readonly messages: ReadonlyMap<PeerId, Received>;
  /** The body of this node's own message, once it is sent. */
  readonly own: Uint8Array | undefined;
  readonly echoing: ReadonlyMap<PeerId, Received>;
}

/**
 * The comparison of echoes with the messages that this node has received: a false echo accuses its author, and two
 * messages that one author has signed accuse that author.
 */
export class EchoCheck {
  readonly #options: EchoCheckOptions;
  /** The entries that have been compared: round, echoing peer, its recipient, author. */
  readonly #compared = new Set<string>();

  constructor(options: EchoCheckOptions) {
    this.#options = options;
  }

  async compare({ round, messages, own, echoing }: EchoedRound): Promise<void> {
    const { self, party, session, verify, accuse, evidenceOf, ended } = this.#options;
    for (const [by, received] of echoing) {
      for (const statement of statementsIn(received.echo, { party, by, session, round })) {
        const { from } = statement;
        const known = messages.get(from)?.envelope;
        const body = from === self ? own : known?.body;
        const key = `${round} ${by} ${received.envelope.to} ${from}`;
        if (body === undefined || this.#compared.has(key)) continue;
        this.#compared.add(key);
        if (equal(sha256(body), statement.bodyHash)) continue;
        if (!await verify(statement)) accuse("malformed-message", by, evidenceOf(received));
        else if (known) {
          accuse("equivocation", from, [encodeEnvelope(known), statementEvidence.encode(statement)]);
        }
        if (ended()) return;
      }
    }
  }
}
