/**
 * The outcome of a command that this peer has asked for, by the command's id.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { CommandId } from "../../../events.ts";
import type { FailureCode } from "../../../failure.ts";
import type { QuorateNode } from "../../../node/api.ts";
import type { PastOutcome } from "../../../node/assembly/past_outcome.ts";
import { nameIn } from "../peer_names.ts";
import type { Performing } from "../performing.ts";
import { explained } from "../replies.ts";
import type { RequestOf } from "../requests.ts";
import { until } from "../wait.ts";
import { type KnownKey, knownKey } from "./known_keys.ts";
import { signatureInHex } from "./sign.ts";

/** The interval at which the same peers are asked again, ms. */
const askedAgainAfter = 1_000;

/** The outcome of a command. */
export type Outcome =
  & { id: CommandId }
  & (
    | { state: "signed"; signatures: Record<string, unknown>[] }
    | { state: "made"; key: KnownKey }
    | { state: "running" | "unknown" }
  );

/** Failures that only say that whoever has the outcome is not connected. */
const isOpenStill = new Set<FailureCode>(["replayed-command", "peer-left"]);

/**
 * The outcome, once there is one, or after the time to wait: peers that know it may connect later.
 *
 * @throws {InputError} `id`
 * @throws {ExplainedFailure} The command's failure.
 */
export async function outcome(
  { id, waitMs }: RequestOf<"outcome">,
  { node, signal, progress }: Performing,
): Promise<Outcome> {
  let last = await tried(node, id);
  let asked = { of: connectedTo(node), at: Date.now() };
  await until(
    async () => {
      if (!isOpen(last)) return true;
      progress(isRunning(last) ? "it is under way …" : "waiting for peers that know of it …");
      const of = connectedTo(node);
      if (of === asked.of && Date.now() < asked.at + askedAgainAfter) return false;
      last = await tried(node, id);
      asked = { of, at: Date.now() };
      return !isOpen(last);
    },
    waitMs,
    signal,
  );
  if (last instanceof SessionError) throw explained(last, node.self, nameIn(node));
  switch (last.state) {
    case "signed":
      return { id, state: "signed", signatures: last.signatures.map(signatureInHex) };
    case "made":
      return { id, state: "made", key: await knownKey(last.key, node) };
    case "running":
    case "unknown":
      return { id, state: last.state };
  }
}

async function tried(node: QuorateNode, id: CommandId): Promise<PastOutcome | SessionError> {
  try {
    return await node.outcome(id);
  } catch (error) {
    if (error instanceof SessionError) return error;
    throw error;
  }
}

const isRunning = (tried: PastOutcome | SessionError): boolean =>
  !(tried instanceof SessionError) && tried.state === "running";

const isOpen = (tried: PastOutcome | SessionError): boolean =>
  tried instanceof SessionError
    ? isOpenStill.has(tried.code)
    : tried.state === "running" || tried.state === "unknown";

/** The connected peers, as one text to compare. */
const connectedTo = ({ peers }: QuorateNode): string =>
  [...peers].filter(([, { connected }]) => connected).map(([peer]) => peer).sort().join();
