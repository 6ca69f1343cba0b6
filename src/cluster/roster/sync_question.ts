/**
 * A question of one peer to another about the cluster's state, and the items of its answer. Each kind of
 * question has a budget for the answer; items beyond it are not read.
 * @module
 */
import * as v from "valibot";
import { bytesUpTo, record } from "../../crypto/codec.ts";
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import {
  bootsShown,
  keysPerQuestion,
  maxCommandFrame,
  maxEvidence,
  maxPresence,
  maxReportedQuarantines,
} from "../../limits.ts";
import type { Network } from "../../ports.ts";
import { orAborted } from "../../session/deadline.ts";
import { protocols } from "../records/protocols.ts";

export const questions = [
  "roster",
  "presence",
  "keys",
  "bans",
  "quarantines",
  "vote",
  "evidence",
  "past-roster",
  "history",
] as const;
export type About = typeof questions[number];

export const questionRecord = record("quorate/1/sync-question", {
  about: v.picklist(questions),
  /**
   * For `roster`: the asker's roster, which the other takes if it is newer. For `keys`: the number of the
   * last change that the asker has been told of by this peer since that started, 8 bytes, or nothing; the answer
   * has the keys that changed after it. For `vote`: the asked peer's own signed open. For `evidence` and
   * `past-roster`: a hash, 32 bytes. For `history`: the asked peer's own presences, for each of its last
   * boots the latest that the asker has seen; the answer has those of the asker.
   */
  shown: bytesUpTo(maxCommandFrame),
});
export const answerRecord = record("quorate/1/sync-answer", { item: bytesUpTo(maxCommandFrame) });

/** Bytes of a part of evidence: evidence is sent in parts that fit into frames. */
export const evidencePart = 64 * 1024;

/** The most items, and bytes of all items together, that are read in answer to one question. */
const budgets: Readonly<Record<About, { items: number; bytes: number }>> = {
  roster: { items: 1, bytes: maxCommandFrame },
  presence: { items: 1, bytes: maxPresence },
  history: { items: bootsShown, bytes: bootsShown * maxPresence },
  keys: { items: keysPerQuestion, bytes: keysPerQuestion * 24 * 1024 },
  bans: { items: 4096, bytes: 2 * 1024 * 1024 }, // one for each key and pair
  quarantines: { items: maxReportedQuarantines, bytes: maxReportedQuarantines * 512 },
  evidence: { items: maxEvidence / evidencePart, bytes: maxEvidence + 1024 },
  "past-roster": { items: 1, bytes: maxCommandFrame },
  vote: { items: 1, bytes: 24 * 1024 }, // a signature and a certificate
};

/** A question. */
export interface Asked {
  about: About;
  /** See {@linkcode questionRecord}. */
  shown: Uint8Array;
  /** Called when the answer is complete. */
  answered?(): void;
  /** Called when the answer is over its budget. */
  excess?(): void;
}

/**
 * Asks a peer, and yields each item of the answer as it comes. To stop reading ends the question. If there is
 * no answer in time, there are no items.
 */
export async function* ask(
  network: Network,
  peer: PeerId,
  { about, shown, answered, excess }: Asked,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let { items, bytes } = budgets[about];
  const maxFrame = Math.min(bytes, maxCommandFrame);
  const channel = await unlessBroken(network.open(peer, protocols.sync, { maxFrame, signal }));
  if (channel === null) return;
  let whole = false;
  try {
    await unlessBroken(channel.send(questionRecord.encode({ about, shown })));
    for (;;) {
      const reply = await unlessBroken(orAborted(channel.receive(), signal).then((frame) => ({ frame })));
      const frame = reply?.frame ?? null;
      whole = reply !== null && frame === null && !signal.aborted;
      if (frame === null) break;
      bytes -= frame.length;
      if (items-- === 0 || bytes < 0) return excess?.();
      const item = read(() => answerRecord.decode(frame).item);
      if (item === null) return;
      yield item;
    }
  } finally {
    if (whole) await channel.end();
    else channel.abort();
  }
  if (whole) answered?.();
}

/** The outcome of an operation on a channel, or null if the channel broke. */
async function unlessBroken<T>(outcome: Promise<T>): Promise<T | null> {
  try {
    return await outcome;
  } catch (error) {
    if (error instanceof ChannelError) return null;
    throw error;
  }
}

/**
 * A decoded message, or null if it does not decode. There is no session that could fail: the message is
 * dropped.
 */
export function read<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch {
    return null;
  }
}
