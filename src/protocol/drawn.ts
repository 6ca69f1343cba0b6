/**
 * The secrets that a member draws for one run of a protocol, before its session has an id, and the first
 * round of the protocol, which the member's accept carries.
 *
 * The session's id is the hash of the signed invite and all signed accepts, and nothing of a run is sent
 * before every member knows it. So whatever a first round promises was chosen before anything was opened, and
 * all members have received the same first rounds: no echo is needed.
 * @module
 */
import type { PeerId } from "../failure.ts";

/** Everything that every member knows once all have accepted. */
export interface Agreed {
  /** The hash of the signed invite and all signed accepts, 32 bytes. */
  session: Uint8Array;
  /** The first round of every member, this one included, as it is in the accepts. */
  firstRound: ReadonlyMap<PeerId, Uint8Array>;
}

/**
 * The secrets of one run, and what the accept says of them. Disposing wipes them. The first call of `run`
 * uses them up, whatever comes of it.
 *
 * @typeParam Run What the protocol runs on.
 */
export interface Drawn<Run, Result, Input = Agreed> extends Disposable {
  /** Encoded; public; at most 128 bytes. */
  readonly firstRound: Uint8Array;
  /** @throws {Error} If it was called before, or the secrets were wiped; nothing was sent. */
  run(run: Run, agreed: Input): Promise<Result>;
}

/**
 * Hands out secrets for one run.
 *
 * @param secrets Wiped at the end of the run, or when the result is disposed of: even in a run, which then
 * fails.
 */
export function drawnOnce<Secrets extends Disposable, Run, Result, Input>(
  secrets: Secrets,
  firstRound: Uint8Array,
  protocol: (secrets: Secrets, run: Run, agreed: Input) => Promise<Result>,
): Drawn<Run, Result, Input> {
  let used = false;
  return {
    firstRound,
    async run(run, agreed) {
      if (used) throw new Error("Cannot run: its secrets were used before, or wiped");
      used = true;
      using _wiped = secrets;
      return await protocol(secrets, run, agreed);
    },
    [Symbol.dispose]() {
      used = true;
      secrets[Symbol.dispose]();
    },
  };
}
