/**
 * A question of one peer to another about the cluster's state, and its answers. Each kind has a budget: what is over it
 * is not read.
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
  maxToldQuarantines,
} from "../../limits.ts";
import type { Network } from "../../ports.ts";
import { orAborted } from "../../session/deadline.ts";
import { protocols } from "../context.ts";

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
   * For `roster`: what the asker has, for the asked to take if it is newer. For `keys`: the id of the last one that the
   * asker has from this peer since it started, 32 bytes, or nothing; only those that changed after it are told. For `vote`: the asked peer's own
   * open. For `evidence` and `past-roster`: its hash, 32 bytes. For `history`: the asked peer's own presences, of
   * each of its last boots the latest that the asker has seen; the answer is the same of the asker.
   */
  shown: bytesUpTo(maxCommandFrame),
});
export const answerRecord = record("quorate/1/sync-answer", { item: bytesUpTo(maxCommandFrame) });

/** A piece of evidence travels in parts, which fit into frames. */
export const evidencePart = 64 * 1024;

/** What is read of the answers to one question: so many items, and so many bytes in all of them. */
const budgets: Readonly<Record<About, { items: number; bytes: number }>> = {
  roster: { items: 1, bytes: maxCommandFrame },
  presence: { items: 1, bytes: maxPresence },
  history: { items: bootsShown, bytes: bootsShown * maxPresence },
  keys: { items: keysPerQuestion, bytes: keysPerQuestion * 24 * 1024 },
  bans: { items: 4096, bytes: 2 * 1024 * 1024 }, // one for each key and pair
  quarantines: { items: maxToldQuarantines, bytes: maxToldQuarantines * 512 },
  evidence: { items: maxEvidence / evidencePart, bytes: maxEvidence + 1024 },
  "past-roster": { items: 1, bytes: maxCommandFrame },
  vote: { items: 1, bytes: 24 * 1024 }, // a signature and a certificate
};

/** The question, and what is done once it is answered as a whole, or at greater length than it may be. */
export interface Asked {
  about: About;
  shown: Uint8Array;
  answered?(): void;
  excess?(): void;
}

/**
 * Asks a peer, and yields each item as it comes. Whoever stops reading ends the question. No answer, or none in time, is
 * no item.
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

/** What a peer's channel gives, or null if it broke. */
async function unlessBroken<T>(outcome: Promise<T>): Promise<T | null> {
  try {
    return await outcome;
  } catch (error) {
    if (error instanceof ChannelError) return null;
    throw error;
  }
}

/** What a peer sent, or null if it is not what it should be: there is no session to fail, and nothing is taken. */
export function read<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch {
    return null;
  }
}
