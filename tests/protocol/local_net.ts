/**
 * A test double of the session's net: n parties in one process, every message through its codec, a hook that may
 * change or drop any of them. Not a test by itself. It reports what went wrong as a {@linkcode Verdict}, not as a
 * `SessionError`: those, tests leave to the code under test. It has no echo; that is the session's, and tested there.
 * @module
 */
import type { FailureCode, PeerId } from "../../src/failure.ts";
import { SessionError } from "../../src/errors.ts";
import type { Agreed, Drawn } from "../../src/protocol/drawn.ts";
import type { Check, Net, Rounds } from "../../src/protocol/rounds.ts";

/** What a message becomes on its way; null: it never arrives. */
export type Tamper = (m: { from: PeerId; to: PeerId; round: string; bytes: Uint8Array }) => Uint8Array | null;

/** What the net says went wrong. */
export class Verdict extends Error {
  constructor(
    readonly code: FailureCode,
    readonly culprits: readonly PeerId[],
    readonly missing: readonly PeerId[] = [],
    cause?: unknown,
  ) {
    super(`${code}: ${[...culprits, ...missing].join(", ")}`, { cause });
  }
}

/** How one party's run ended. */
export type Ending<T> =
  | { result: T; failed?: never }
  | {
    result?: never;
    failed: {
      code: FailureCode;
      culprits: readonly PeerId[];
      missing: readonly PeerId[];
      /** Only of a batch. */
      items?: readonly number[];
    };
  };

export interface Ran<T> {
  endings: ReadonlyMap<PeerId, Ending<T>>;
  /** Every message as it was sent, before the hook. */
  sent: ReadonlyMap<string, Uint8Array>;
  /** What a party's check said of a direct message between two others. */
  witnessed: readonly { by: PeerId; from: PeerId; to: PeerId; code: FailureCode; passes: boolean }[];
}

/** The name of a message in {@linkcode Ran.sent}. */
export const slot = (round: string, from: PeerId, to: PeerId) => `${round}: ${from} → ${to}`;

/**
 * Runs `protocol` for everyone in `party`.
 *
 * @param of The rounds, or those of each party.
 */
export async function runAll<P extends Rounds, T>(
  of: P | ((self: PeerId) => P),
  party: readonly PeerId[],
  protocol: (net: Net<P>) => Promise<T>,
  tamper: Tamper = ({ bytes }) => bytes,
): Promise<Ran<T>> {
  const arrived = new Map<string, Uint8Array | null>();
  const sent = new Map<string, Uint8Array>();
  const witnessed: Ran<T>["witnessed"][number][] = [];
  const gone = new Set<PeerId>();
  let changed = Promise.withResolvers<void>();
  const tell = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };

  const roundsOf = (self: PeerId) => typeof of === "function" ? of(self) : of;

  function netOf(self: PeerId): Net<P> {
    const rounds = roundsOf(self);
    const others = party.filter((peer) => peer !== self);
    return {
      self,
      party,
      async exchange(round, message, ...checks) {
        const { codec, delivery } = rounds[round]!;
        const messageFor = (to: PeerId) =>
          typeof message === "function" ? (message as (to: PeerId) => unknown)(to) : message;
        for (const to of others) {
          const bytes = codec.encode(messageFor(to));
          sent.set(slot(round, self, to), bytes);
          arrived.set(slot(round, self, to), tamper({ from: self, to, round, bytes }));
        }
        tell();
        while (!others.every((from) => arrived.has(slot(round, from, self)))) {
          const left = others.filter((from) => gone.has(from) && !arrived.has(slot(round, from, self)));
          if (left.length > 0) throw new Verdict("peer-left", [], left);
          await changed.promise;
        }
        const missing = others.filter((from) => arrived.get(slot(round, from, self)) === null);
        if (missing.length > 0) throw new Verdict("round-timeout", [], missing);
        const decode = (from: PeerId, to: PeerId) => {
          try {
            return codec.decode(arrived.get(slot(round, from, to))!);
          } catch (cause) {
            throw new Verdict("malformed-message", [from], [], cause);
          }
        };
        const all = new Map(
          party.map((from) => [from, from === self ? messageFor(self) : decode(from, self)]),
        );
        for (const check of checks) {
          judge(round, self, check as Check<unknown>, all, delivery === "direct" ? decode : null);
        }
        return all as never;
      },
    };
  }

  function judge(
    round: string,
    self: PeerId,
    { code, passes }: Check<unknown>,
    all: ReadonlyMap<PeerId, unknown>,
    decode: ((from: PeerId, to: PeerId) => unknown) | null,
  ): void {
    const others = party.filter((peer) => peer !== self);
    for (const from of decode ? others : []) {
      for (const to of others) {
        if (to === from || !arrived.get(slot(round, from, to))) continue;
        witnessed.push({ by: self, from, to, code, passes: passes(decode!(from, to), from, to) });
      }
    }
    const culprits = others.filter((from) => !passes(all.get(from), from, self));
    if (culprits.length > 0) throw new Verdict(code, culprits);
  }

  const endings = await Promise.all(party.map(async (self): Promise<[PeerId, Ending<T>]> => {
    try {
      return [self, { result: await protocol(netOf(self)) }];
    } catch (error) {
      if (!(error instanceof Verdict || error instanceof SessionError)) throw error;
      const { code, culprits, missing } = error;
      const items = error instanceof SessionError && error.items.length > 0 && { items: error.items };
      return [self, { failed: { code, culprits, missing, ...items } }];
    } finally {
      gone.add(self);
      tell();
    }
  }));
  return { endings: new Map(endings), sent, witnessed };
}

/** A run that signs one item, with its one signature as the result. */
export function onlyItem<T>({ endings, ...ran }: Ran<readonly T[]>): Ran<T> {
  const only = (ending: Ending<readonly T[]>): Ending<T> =>
    ending.failed ? ending : { result: ending.result[0]! };
  return { ...ran, endings: new Map([...endings].map(([peer, ending]) => [peer, only(ending)])) };
}

/** The name under which a first round passes the hook, and stands in {@linkcode Ran.sent}: once, to `*`. */
export const accept = "accept";

/**
 * Draws for everyone in `party`, puts the first rounds into the accepts, and runs what was drawn. The hook may change a
 * first round: everybody then has the same, but for its author, who goes on with what it drew.
 *
 * @param inputOf What a party's run takes beside the first rounds.
 */
export async function runDrawn<P extends Rounds, T, Input extends Agreed>(
  rounds: P | ((self: PeerId) => P),
  party: readonly PeerId[],
  { draw, inputOf }: {
    draw: (self: PeerId) => Drawn<Net<P>, T, Input>;
    inputOf: (self: PeerId) => Omit<Input, "firstRound">;
  },
  tamper: Tamper = ({ bytes }) => bytes,
): Promise<Ran<T>> {
  const drawn = new Map(party.map((self) => [self, draw(self)]));
  const sent = new Map([...drawn].map(([from, { firstRound }]) => [slot(accept, from, "*"), firstRound]));
  const firstRound = new Map(
    [...drawn].map(([from, { firstRound: bytes }]) => [
      from,
      tamper({ from, to: "*", round: accept, bytes })!,
    ]),
  );
  const ran = await runAll(rounds, party, (net) => {
    const mine = drawn.get(net.self)!;
    const seen = new Map(firstRound).set(net.self, mine.firstRound);
    return mine.run(net, { ...inputOf(net.self), firstRound: seen } as unknown as Input);
  }, tamper);
  return { ...ran, sent: new Map([...sent, ...ran.sent]) };
}

/** Everybody's result. @throws {Error} If anyone has none. */
export function results<T>({ endings }: Ran<T>): T[] {
  return [...endings].map(([peer, { result, failed }]) => {
    if (failed) throw new Error(`${peer} failed: ${failed.code} ${[...failed.culprits, ...failed.missing]}`);
    return result as T;
  });
}
