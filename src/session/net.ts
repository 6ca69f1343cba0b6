/**
 * The rounds of one run: puts what comes in into its place, passes echoes on, waits, and names who broke the rules.
 * Knows no sockets: messages come authentic from {@linkcode RunIo.listen}, and go out through its wire.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { equal } from "../crypto/codec.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Clock, Envelope, Incoming, RunIo } from "../ports.ts";
import {
  type Check,
  commonName,
  echoedIn,
  type MessageOf,
  type Net,
  readerOf,
  type Rounds,
} from "../protocol/rounds.ts";
import { echoOf, messageRecord, statementEvidence, statementsIn } from "./echo.ts";
import { encodeEnvelope } from "./envelope.ts";

export interface NetOptions {
  /** 32 bytes. */
  session: Uint8Array;
  self: PeerId;
  party: readonly PeerId[];
  /** How long each round may take, ms. */
  roundMs: number;
  clock: Clock;
  /** Whether what one peer sent to this one alone may be shown to all when it is wrong: only where the run, and the
   * secret in the message, dies with it. */
  openDirect: boolean;
}

/** A net, and what it can show of it. */
export interface OpenNet<P extends Rounds> extends Net<P> {
  /** The broadcasts of `culprits` in the round under way, and everyone's of the rounds before it, encoded. */
  evidence(culprits: readonly PeerId[]): Uint8Array[];
}

/** Streams of a whole neighbourhood break one after the other: this long they are gathered, ms. */
const leavingTogether = 25;

interface Heard {
  envelope: Envelope;
  message: unknown;
  echo: readonly Uint8Array[];
}

export function openNet<P extends Rounds>(rounds: P, io: RunIo, options: NetOptions): OpenNet<P> {
  const { session, self, party, roundMs, clock, openDirect } = options;
  const names = Object.keys(rounds);
  const others = party.filter((peer) => peer !== self);
  /** What a direct round has for all travels under a name of its own, and is in a box of its own. */
  const commonOf = (round: string) => commonName(rounds, round);
  const commonNames = new Map(names.flatMap((name) => {
    const common = commonOf(name);
    return common === null ? [] : [[common, name] as const];
  }));
  const echoed = (index: number) => echoedIn(rounds, index);
  const boxes = new Map([...names, ...commonNames.keys()].map((name) => [name, new Map<PeerId, Heard>()]));
  const indexOf = (name: string) => names.indexOf(commonNames.get(name) ?? name);
  const sentBroadcast = new Map<string, Uint8Array>();
  const checks = new Map<string, Check<unknown>>();
  const shown: Envelope[] = []; // evidence about rounds whose check is not known yet
  const left = new Set<PeerId>();
  const excused = new Set<PeerId>();
  let current = -1;
  let fault: SessionError | null = null;
  let comparing: Promise<void> = Promise.resolve();
  let leaving: Disposable | null = null;
  let wake = () => {};

  if (echoed(names.length) !== null) throw new Error("Cannot echo the last round: none follows it");
  function fail(error: SessionError): void {
    fault ??= error;
    wake();
  }
  io.signal.addEventListener("abort", () => {
    leaving?.[Symbol.dispose]();
    fail(io.signal.reason as SessionError);
  }, { once: true });
  if (io.signal.aborted) fail(io.signal.reason as SessionError);

  function accuse(
    code: SessionError["code"],
    culprit: PeerId,
    evidence: readonly Uint8Array[],
    cause?: unknown,
  ): void {
    if (culprit !== self) fail(new SessionError(code, { culprits: [culprit], evidence, cause }));
  }
  const mayShow = (envelope: Envelope) => envelope.to === "*" || openDirect;
  const asEvidence = (envelope: Envelope) => mayShow(envelope) ? [encodeEnvelope(envelope)] : [];

  /** Reads a message as its round wants it; accuses its author if it is wrong. */
  function read(envelope: Envelope, index: number): Heard | null {
    const { round, body } = envelope;
    try {
      const { payload, echo } = messageRecord.decode(body);
      if (echo.length !== (echoed(index) && !commonNames.has(round) ? others.length : 0)) {
        throw new TypeError("Cannot read echo: wrong length");
      }
      return { envelope, message: readerOf(rounds, round)!(payload), echo };
    } catch (cause) {
      accuse("malformed-message", envelope.from, asEvidence(envelope), cause);
      return null;
    }
  }

  function hear(envelope: Envelope): void {
    const { round, from, to } = envelope;
    const index = indexOf(round);
    if (index < 0 || index > current + 1) return accuse("unexpected-round", from, asEvidence(envelope));
    const broadcast = commonNames.has(round) || rounds[round]!.delivery !== "direct";
    if (broadcast !== (to === "*")) return accuse("malformed-message", from, asEvidence(envelope));
    const box = boxes.get(round)!;
    const earlier = box.get(from)?.envelope;
    if (earlier) {
      if (equal(earlier.body, envelope.body)) return;
      return accuse("equivocation", from, mayShow(envelope) ? [earlier, envelope].map(encodeEnvelope) : []);
    }
    const heard = read(envelope, index);
    if (heard === null) return;
    box.set(from, heard);
    const name = names[index]!;
    if (!whole(name, from)) return;
    if (!fits(name, from)) return accuse("malformed-message", from, []);
    io.progress({ type: "heard", round: name, from });
    comparing = comparing.then(() => compare(index)).then(() => compare(index + 1))
      .catch((cause) => fail(new SessionError("internal", { cause })));
    wake();
  }

  /** Whether all that a peer has to say in a round has come. */
  function whole(round: string, peer: PeerId): boolean {
    const common = commonOf(round);
    return boxes.get(round)!.has(peer) && (common === null || boxes.get(common)!.has(peer));
  }

  /** Whether what a peer told this node is what it told all. */
  function fits(round: string, peer: PeerId): boolean {
    const common = commonOf(round);
    if (common === null) return true;
    const { payload } = messageRecord.decode(boxes.get(common)!.get(peer)!.envelope.body);
    return equal(payload, rounds[round]!.common!.of(boxes.get(round)!.get(peer)!.message));
  }

  /** Someone shows what an author said: to all, or to another member. */
  function examine(envelope: Envelope): void {
    const { round, from, to } = envelope;
    const index = indexOf(round);
    if (from === self || index < 0) return;
    if (to === "*" || to === self) return hear(envelope);
    if (!openDirect || !party.includes(to)) return;
    const check = checks.get(round);
    const heard = read(envelope, index);
    if (heard === null) return;
    if (!check) shown.push(envelope);
    else if (!check.passes(heard.message, from, to)) accuse(check.code, from, asEvidence(envelope));
  }

  const compared = new Set<string>();
  /** Holds the echoes that ride with round `index` against what was heard in the round before. */
  async function compare(index: number): Promise<void> {
    const round = echoed(index);
    if (round === null || fault) return;
    const heard = boxes.get(round)!;
    for (const [teller, { echo }] of boxes.get(names[index]!)!) {
      for (const told of statementsIn(echo, { party, teller, session, round })) {
        const mine = told.from === self ? sentBroadcast.get(round) : heard.get(told.from)?.envelope.body;
        const key = `${round} ${teller} ${told.from}`;
        if (mine === undefined || compared.has(key)) continue;
        compared.add(key);
        if (equal(sha256(mine), told.bodyHash)) continue;
        const known = heard.get(told.from);
        if (!await io.wire.verify(told)) {
          accuse("malformed-message", teller, asEvidence(heardFrom(index, teller)));
        } else if (known) {
          accuse("equivocation", told.from, [encodeEnvelope(known.envelope), statementEvidence.encode(told)]);
        }
        if (fault) return;
      }
    }
  }
  const heardFrom = (index: number, peer: PeerId) => boxes.get(names[index]!)!.get(peer)!.envelope;

  function leave(peer: PeerId): void {
    left.add(peer);
    const owes = (who: PeerId) => !boxes.get(names.at(-1)!)!.has(who) && !excused.has(who);
    if (!owes(peer)) return;
    leaving?.[Symbol.dispose]();
    leaving = clock.timer(leavingTogether, () => {
      const missing = others.filter((who) => left.has(who) && owes(who));
      if (missing.length > 0) fail(new SessionError("peer-left", { missing }));
    });
  }

  io.listen((incoming: Incoming) => {
    if (fault) return;
    switch (incoming.type) {
      case "envelope":
        return incoming.evidence ? examine(incoming.envelope) : hear(incoming.envelope);
      case "left":
        return leave(incoming.peer);
      case "excused":
        excused.add(incoming.peer);
        return wake();
      default:
        return incoming satisfies never;
    }
  });

  /** Until all others have spoken in `round`, and all that they passed on has been compared. */
  async function everyone(round: string): Promise<void> {
    let late = false;
    using _timer = clock.timer(roundMs, () => {
      late = true;
      wake();
    });
    for (;;) {
      const silent = others.filter((peer) => !whole(round, peer));
      if (silent.length === 0) await comparing;
      if (fault) throw fault;
      if (silent.length === 0) return;
      const missing = silent.filter((peer) => !excused.has(peer));
      if (late && missing.length > 0) throw fault = new SessionError("round-timeout", { missing });
      await new Promise<void>((resolve) => wake = resolve);
    }
  }

  return {
    self,
    party,
    evidence(culprits) {
      if (rounds[names[current]!]!.delivery === "direct") return []; // what was wrong there, others have not heard
      return names.slice(0, current + 1).flatMap((name, i) =>
        [...boxes.get(name)!.values()].map(({ envelope }) => envelope)
          .filter(({ from, to }) => to === "*" && (i < current || culprits.includes(from)))
          .map(encodeEnvelope)
      );
    },
    async exchange(round, mine, check) {
      type Message = MessageOf<P[typeof round]>;
      if (names[current + 1] !== round) throw new Error(`Cannot run round ${round}: it is not the next`);
      current++;
      const { codec, delivery, common } = rounds[round]!;
      const messageFor = (to: PeerId) =>
        typeof mine === "function" ? (mine as (to: PeerId) => Message)(to) : mine as Message;
      const previous = echoed(current);
      const heardBefore = previous === null
        ? new Map()
        : new Map([...boxes.get(previous)!].map(([peer, { envelope }]) => [peer, envelope]));
      const echo = previous === null ? [] : [...echoOf(party, self, heardBefore)];
      io.progress({ type: "round", round, state: "begun", deadlineMs: roundMs });
      for (const to of others) {
        if (fault) throw fault;
        const message = messageFor(to);
        if (common) {
          const name = commonOf(round)!;
          const body = messageRecord.encode({ payload: common.of(message), echo: [] });
          sentBroadcast.set(name, body);
          io.wire.send(to, name, body, "all");
        }
        const body = messageRecord.encode({ payload: codec.encode(message), echo });
        if (delivery !== "direct") sentBroadcast.set(round, body);
        io.wire.send(to, round, body, delivery === "direct" ? "one" : "all");
      }
      if (check) checks.set(round, check as Check<unknown>);
      for (const envelope of shown.splice(0)) examine(envelope);
      await everyone(round);
      const box = boxes.get(round)!;
      const all = new Map(
        party.map((peer) => [peer, peer === self ? messageFor(self) : box.get(peer)!.message as Message]),
      );
      const culprits = check ? others.filter((peer) => !check.passes(all.get(peer)!, peer, self)) : [];
      if (check && culprits.length > 0) {
        const evidence = culprits.flatMap((peer) => asEvidence(box.get(peer)!.envelope));
        throw fault = new SessionError(check.code, { culprits, evidence });
      }
      io.progress({ type: "round", round, state: "done", deadlineMs: roundMs });
      return all;
    },
  };
}
