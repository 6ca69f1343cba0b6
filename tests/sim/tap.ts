/**
 * Says of every frame on the memory network what it is: sealed frames too, for each of them is a message that a
 * session's wire was given, or a piece of one, in the same order.
 * @module
 */
import { commandRecord } from "../../src/cluster/records/command.ts";
import { decodeOrder } from "../../src/cluster/records/order.ts";
import type { WireFacts } from "../../src/cluster/context.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { resultRecord } from "../../src/cluster/commands/results.ts";
import type { Kind, PeerId } from "../../src/failure.ts";
import type { Wire } from "../../src/ports.ts";
import { openingRecord, openRecord, releaseRound, voteRound } from "../../src/session/control.ts";
import { encodeEnvelope } from "../../src/session/envelope.ts";
import { acceptRecord, attemptOf, inviteRecord } from "../../src/session/invite.ts";
import { piecesOf } from "../../src/session/messages/pieces.ts";
import { unverified } from "../../src/session/signed.ts";
import type { Carried } from "../../src/transport/memory/memory.ts";

/** Stations of a session at which something can go wrong, in their order. */
export const phases = [
  "link hello",
  "link confirm",
  "command",
  "invite",
  "key accept",
  "sign accept",
  "go",
  "open",
  "key reveal",
  "key deal",
  "key confirm",
  "key offer",
  "key choose",
  "vote",
  "sign commit",
  "sign share",
  "sign extend",
  "sign correct",
  "sign finish",
  "result",
] as const;
/** And of a resharing alone: the release of the epoch before. */
export type Phase = typeof phases[number] | "release";

export interface Frame {
  from: PeerId;
  to: PeerId;
  /** `other`: gossip, sync, what a coordinator tells, aborts. */
  phase: Phase | "other";
  /** The command it belongs to, in hex, where that is known. */
  id: string | null;
  bytes: Uint8Array;
}

interface Stream {
  id: string | null;
  /** What an invite is about. */
  kind: Exclude<Kind, "ecdh"> | null;
  opener: PeerId;
  sent: Map<PeerId, number>;
}

/** How the phases of a kind begin. A resharing runs the rounds of a generation. */
const starts: Readonly<Record<Kind, string>> = {
  ecdh: "link",
  generate: "key",
  reshare: "key",
  sign: "sign",
};

/** The phase in which a message of a session's wire travels. */
export function phaseOf(kind: Kind, round: string): Phase | "other" {
  if (round === voteRound) return "vote";
  if (round === releaseRound) return "release";
  const name = `${starts[kind]} ${round}`;
  return phases.find((phase) => phase === name) ?? "other";
}

export class Tap {
  readonly #streams = new Map<number, Stream>();
  readonly #ids = new Map<string, string>();
  readonly #queued = new Map<string, (Phase | "other")[]>();

  /** Stands right above the session's own wire, below any adversary. */
  wrap(wire: Wire, { id, kind, session }: WireFacts): Wire {
    return {
      self: wire.self,
      party: wire.party,
      verify: (statement) => wire.verify(statement),
      send: (to, round, body, audience) => {
        const line = `${id} ${wire.self} ${to}`;
        const queue = this.#queued.get(line) ?? [];
        const [from, signature] = [wire.self, new Uint8Array(64)];
        const sent = { session, round, from, to: audience === "one" ? to : "*", body, signature };
        for (const _piece of piecesOf(encodeEnvelope(sent))) queue.push(phaseOf(kind, round));
        this.#queued.set(line, queue);
        wire.send(to, round, body, audience);
      },
    };
  }

  /** The command that an attempt carries out, in hex, once its invite is on its way. */
  idOf(attempt: Uint8Array): string | null {
    return this.#ids.get(attempt.toHex()) ?? null;
  }

  see({ from, to, protocol, bytes, stream: number }: Carried): Frame {
    const frame: Frame = { from, to, phase: "other", id: null, bytes };
    if (number === null) return frame;
    const stream = this.#streams.get(number) ?? { id: null, kind: null, opener: from, sent: new Map() };
    this.#streams.set(number, stream);
    const nth = stream.sent.get(from) ?? 0;
    stream.sent.set(from, nth + 1);
    frame.phase = this.#phase(protocol, stream, { nth, from, to, bytes });
    frame.id = stream.id;
    return frame;
  }

  #phase(
    protocol: string,
    stream: Stream,
    { nth, from, to, bytes }: { nth: number; from: PeerId; to: PeerId; bytes: Uint8Array },
  ): Frame["phase"] {
    const mine = from === stream.opener;
    switch (protocol) {
      case protocols.command:
        if (mine && nth === 0) {
          stream.id = unverified(commandRecord, signedIn(bytes))?.value.id.toHex() ?? null;
        } else if (!mine) return unverified(resultRecord, bytes) ? "result" : "other";
        return nth === 0 ? "command" : "other";
      case protocols.result:
        stream.id = unverified(resultRecord, bytes)?.value.id.toHex() ?? null;
        return "result";
      case protocols.invite:
        if (mine && nth === 0) this.#invited(stream, bytes);
        if (!mine && unverified(acceptRecord, bytes)) {
          return stream.kind === "sign" ? "sign accept" : "key accept";
        }
        return mine && nth > 0 ? "go" : "invite";
      case protocols.session: {
        const open = nth === 0 ? openIn(bytes) : null;
        if (open) stream.id ??= this.#ids.get(open.value.attempt.toHex()) ?? null;
        return nth === 0 ? "open" : this.#queued.get(`${stream.id} ${from} ${to}`)?.shift() ?? "other";
      }
      case protocols.link:
        return nth === 0 ? "link hello" : nth === 1 ? "link confirm" : "other";
      default:
        return "other";
    }
  }

  #invited(stream: Stream, bytes: Uint8Array): void {
    const invite = unverified(inviteRecord, signedIn(bytes));
    const command = invite && unverified(commandRecord, invite.value.command);
    if (!invite || !command) return;
    stream.id = command.value.id.toHex();
    stream.kind = command.value.kind;
    this.#ids.set(attemptOf(invite.encoded).toHex(), stream.id);
  }
}

/** The first frame of a session's stream, as far as it names its session. */
function openIn(frame: Uint8Array): ReturnType<typeof unverified<ReturnType<typeof openRecord.decode>>> {
  try {
    return unverified(openRecord, openingRecord.decode(frame).open);
  } catch {
    return null; // bent on its way
  }
}

/** What is signed in a frame that carries a message beside it. */
const signedIn = (frame: Uint8Array): Uint8Array => decodeOrder(frame)?.signed ?? frame;
