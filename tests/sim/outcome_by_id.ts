/**
 * I24: whoever asks for the outcome of its command, by its id alone and when all are back, learns what it was told
 * before, and nobody else learns anything; and nothing is under way any more.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import type { SessionError } from "../../src/errors.ts";
import type { QuorateNode } from "../../src/node/api.ts";
import { violated, type Violation } from "./invariants.ts";
import type { Ran } from "./ran.ts";
import type { View } from "./views.ts";

/** Asks a node for an outcome. */
export async function learns(node: QuorateNode, id: string): Promise<NonNullable<Ran["outcome"]>> {
  try {
    const outcome = await node.outcome(id);
    const hash = outcome.state === "signed"
      ? sha256(concatBytes(...outcome.signatures.map(({ bytes }) => bytes.subarray(0, 64)))).toHex()
      : null;
    return { said: outcome.state, hash };
  } catch (error) {
    return { said: (error as SessionError).code, hash: null };
  }
}

/** Disks that went back, or were full, may have lost what they had. */
const forgetful: readonly string[] = ["rollback", "store"];

export function outcomeById(
  { schedule: s, outcome, overheard, toldAgain, settled }: Ran,
  views: readonly View[],
): Violation[] {
  const wrong = (what: string) => violated("I24 outcome", what);
  const told = overheard.flatMap((what) => wrong(`who has not asked for it is told by ${what}`));
  if (outcome === null) return told;
  const { said, hash } = outcome;
  const done = views.filter(({ end, name }) => end?.type === "done" && name !== s.faulty);
  const others = hash === null
    ? []
    : done.filter(({ end }) => end?.type === "done" && end.resultHash !== hash);
  const gave = settled !== null && "gave" in settled && !forgetful.includes(s.fault);
  const wanted = s.kind === "sign" ? "signed" : "made";
  // A peer answers whoever asked for the command from what it keeps, and not from what its own program has been given.
  const isAsked = gave && s.initiator !== s.faulty;
  const forgotten = !isAsked ? [] : done.map(({ name }) => name)
    .filter((name) => name !== s.initiator && !toldAgain.includes(`${name}: kept`));
  return [
    ...told,
    ...(said === "running" ? wrong("it is still under way") : []),
    ...others.flatMap(({ name }) => wrong(`${name} has another signature`)),
    ...forgotten.flatMap((name) => wrong(`${name} has carried it out, and keeps nothing of it`)),
    ...(gave && said !== wanted ? wrong(`it gave a result, and then ${said}`) : []),
  ];
}
